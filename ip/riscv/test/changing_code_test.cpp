// SPDX-License-Identifier: Apache-2.0
// Code that changes all the time: by itself with fence.i, by others between and inside slices,
// while privilege, memory protection and the state of the floating-point unit change as well. A
// core that keeps its blocks must do the same as one that forgets everything before each
// instruction.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kRam = TestMachine::kRam, kDevice = TestMachine::kDevice;
/// The code that changes: a page and the ends of its neighbours.
constexpr std::uint32_t kArea = kRam + 0x1f00, kAreaSize = 0x1200;
constexpr std::uint32_t kHandler = kRam + 0x200;
/// Device words: next place to go to with mepc, mstatus and pmpcfg0 for it, whether a fence.i comes
/// first, two places more for jalr; and what the code writes.
constexpr std::uint32_t kNext = 0, kStatus = 4, kPmp = 8, kFence = 12, kTarget = 16, kDone = 32,
                        kTraps = 36;

/// A few instructions that compute, branch and fault; others come from their halves put together
/// anew.
class Snippets {
 public:
  explicit Snippets(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::uint16_t half() {
    const std::uint32_t rd = 8 + below(8), low = below(8), other = below(8);
    switch (below(8)) {
      case 0:
        return static_cast<std::uint16_t>(0x0001 | rd << 7 | below(32) << 2);  // c.addi
      case 1:
        return static_cast<std::uint16_t>(0x4001 | rd << 7 | below(32) << 2);  // c.li
      case 2:
        return static_cast<std::uint16_t>(0x9002 | rd << 7 | (8 + other) << 2);  // c.add
      case 3:
        return static_cast<std::uint16_t>(0x8c01 | low << 7 | below(4) << 5 | other << 2);
      case 4:
        return static_cast<std::uint16_t>(0xc001 | low << 7 | below(64) << 2);  // c.beqz, nearby
      case 5:
        return static_cast<std::uint16_t>(0xe001 | low << 7 | below(64) << 2 | below(2) << 12);
      case 6:
        return static_cast<std::uint16_t>(0xa001 | below(32) << 2 | below(2) << 8);  // c.j
      default:
        return static_cast<std::uint16_t>(0x4000 | low << 7 | other << 2);  // c.lw
    }
  }
  std::uint32_t word() {
    const std::uint32_t rd = 8 + below(8), a = 8 + below(8), b = 8 + below(8);
    switch (below(8)) {
      case 0:
        return addi(rd, a, static_cast<I32>(below(4096)) - 2048);
      case 1:
        return muldiv(below(8), rd, a, b);
      case 2:
        return beq(a, b, static_cast<I32>(2 * below(128)) - 128);
      case 3:
        return jal(below(2) ? ra : zero, static_cast<I32>(2 * below(1024)) - 1024);
      case 4:
        return jalr(ra, a, 0);
      case 5:
        return 0x00000053u | below(32) << 20 | below(32) << 15 | 7u << 12 | below(32) << 7;  // fadd
      case 6:
        return auipc(rd, below(2));
      default:
        return half() | static_cast<std::uint32_t>(half()) << 16;
    }
  }

 private:
  std::mt19937 random_;
};

/// RAM that the hart cannot write, so that no store needs a fence.i but those that have one.
struct Changing : TestMachine {
  explicit Changing(std::uint32_t seed, const CoreConfig& config)
      : TestMachine(config), snippets(seed) {
    for (std::uint32_t at = kArea - 0x100; at < kArea + kAreaSize + 0x100; at += 4)
      write(at, snippets.word());
    // The next state comes from the device, which changes code as well.
    put(kRam, {lui(t0, kDevice >> 12), sw(zero, kDone, t0), lw(t1, kFence, t0), beq(t1, zero, 8),
               fence_i(), lw(s0, kTarget, t0), lw(s1, kTarget + 4, t0), lw(t1, kNext, t0),
               csrw(kCsrMepc, t1), lw(t1, kStatus, t0), csrw(kCsrMstatus, t1), lw(t1, kPmp, t0),
               csrw(kCsrPmpcfg0, t1), mret()});
    const std::uint32_t at =
        put(kHandler, {lui(t0, kDevice >> 12), csrr(t1, kCsrMcause), sw(t1, kTraps, t0)});
    put(at, {jal(zero, static_cast<I32>(kRam - at))});
    read_only = true;
    start();
  }
  void start() {
    core.reset();
    core.set_pc(kRam);
    core.write_csr(kCsrMtvec, kHandler);
    core.write_csr(kCsrMie, 8);
    core.write_csr(kCsrPmpaddr0, (kRam + 0x2000) >> 2 | 0x1f);  // 256 bytes
    core.write_csr(kCsrPmpaddr0 + 1, ~0u);
  }
  BusResult store(std::uint32_t address, unsigned, std::uint32_t) override {
    answer(address);
    return {address - kDevice < kDeviceSize, false};
  }
  void answer(std::uint32_t address) {
    if (address == kDevice + kTraps) ++traps;
    if (address != kDevice + kDone) return;
    core.set_interrupt(kInterruptSoftware, false);
    const bool fence = snippets.below(100) == 0;
    set(kFence, fence);
    if (fence) change(false);  // as a store of the hart's own would
    if (snippets.below(4) == 0) change(true);
    set(kNext, place());
    set(kTarget, place());
    set(kTarget + 4, place());
    if (snippets.below(16) == 0)
      set(kStatus, snippets.below(2) * 0x1800u | snippets.below(4) << 13 | 0x80u);
    constexpr std::array<std::uint32_t, 4> kRights = {0, 0x18, 0x19, 0x1c};
    if (snippets.below(8) == 0) set(kPmp, 0x1f00u | kRights[snippets.below(4)]);
  }
  void set(std::uint32_t offset, std::uint32_t value) { std::memcpy(&device[offset], &value, 4); }
  /// Often where a page begins, so that few blocks are used again and again.
  std::uint32_t place() {
    if (snippets.below(8) == 0) return kArea + 2 * snippets.below(kAreaSize / 2);
    return (snippets.below(2) ? kRam + 0x2000 : kRam + 0x3000) - 8 + 2 * snippets.below(8);
  }
  /// Somewhere a halfword or a word changes.
  void change(bool tell) {
    const std::uint32_t at = place(), size = 2u << snippets.below(2), value = snippets.word();
    std::memcpy(&ram[at - kRam], &value, size);
    if (tell) core.invalidate(at, size);
  }
  void run(std::int64_t budget) { last = core.run(budget); }
  /// Instruction by instruction, nothing known from before.
  void run_forgetting(std::uint64_t until) {
    do {
      core.invalidate(kRam, kRamSize);
      last = core.run(1);
    } while (core.cycles() < until && last.exit != Exit::kFatal);
  }

  Snippets snippets;
  unsigned traps = 0;
};

struct Watcher : InstructionObserver {
  bool may_execute(std::uint32_t, std::uint32_t) override { return true; }
  void on_instruction(std::uint32_t, std::uint32_t) override { ++instructions; }
  std::uint64_t instructions = 0;
};

struct Totals {
  std::uint64_t instructions = 0, traps = 0, fatal = 0;
};

void compare(std::uint32_t seed, const CoreConfig& config, unsigned slices, Totals* totals,
             InstructionObserver* observer = nullptr) {
  Changing keeps(seed, config), forgets(seed, config);
  if (observer != nullptr) keeps.core.add_instruction_observer(observer);
  std::mt19937 random(seed ^ 0x5555);
  for (unsigned slice = 0; slice < slices; ++slice) {
    keeps.run(1 + static_cast<std::int64_t>(random() % (slice % 4 == 0 ? 800 : 60)));
    forgets.run_forgetting(keeps.core.cycles());
    ASSERT_EQ(keeps.core.pc(), forgets.core.pc()) << "slice " << slice;
    ASSERT_EQ(keeps.core.cycles(), forgets.core.cycles()) << "slice " << slice;
    ASSERT_EQ(keeps.core.instructions(), forgets.core.instructions()) << "slice " << slice;
    for (unsigned n = 0; n < 32; ++n) {
      ASSERT_EQ(keeps.core.x(n), forgets.core.x(n)) << "slice " << slice << ", x" << n;
      ASSERT_EQ(keeps.core.f(n), forgets.core.f(n)) << "slice " << slice << ", f" << n;
    }
    for (const std::uint32_t csr : {kCsrMstatus, kCsrMcause, kCsrMepc, kCsrMtval})
      ASSERT_EQ(keeps.core.read_csr(csr), forgets.core.read_csr(csr)) << "slice " << slice;
    ASSERT_EQ(keeps.last.exit == Exit::kFatal, forgets.last.exit == Exit::kFatal);
    const bool fatal = keeps.last.exit == Exit::kFatal;
    if (fatal) {  // a jump of the changed code has hit the handler's registers
      ++totals->fatal;
      totals->instructions += keeps.core.instructions();
      keeps.start();
      forgets.start();
    }
    for (Changing* machine : {&keeps, &forgets}) {
      if (slice % 3 == 0) machine->core.set_interrupt(kInterruptSoftware, true);
      if (slice % 5 == 0) machine->change(true);
      if (slice % 7 == 0) machine->core.write_csr(kCsrFrm, slice / 7 % 2 * 4);
    }
  }
  totals->instructions += keeps.core.instructions();
  totals->traps += keeps.traps;
}

TEST(ChangingCode, BlocksThatAreKeptDoWhatTheCodeSays) {
  Totals totals;
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    compare(seed, {}, 1500, &totals);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(totals.instructions, 400000u);
  EXPECT_GT(totals.traps, 10000u);
  RecordProperty("instructions", std::to_string(totals.instructions));
}

TEST(ChangingCode, AlsoWithOtherCostsAndUnalignedTraps) {
  CoreConfig config;
  config.misaligned = Misaligned::kTrap;
  config.cycles.branch_taken = 4;
  config.cycles.load = 3;
  config.cycles.div = 20;
  config.cycles.fp = 5;
  Totals totals;
  for (std::uint32_t seed = 101; seed <= 102; ++seed) {
    SCOPED_TRACE(seed);
    compare(seed, config, 1500, &totals);
    if (HasFatalFailure()) return;
  }
}

TEST(ChangingCode, AlsoWhenObserved) {
  Totals totals;
  Watcher watcher;
  for (std::uint32_t seed = 201; seed <= 201; ++seed) {
    SCOPED_TRACE(seed);
    compare(seed, {}, 1500, &totals, &watcher);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(watcher.instructions, totals.instructions) << "those that trap are told, too";
}

TEST(ChangingCode, BlockThatEndsWithTheAddresses) {
  static constexpr std::uint32_t kTop = 0xffff0000u;
  struct Top : TestMachine {
    bool direct(std::uint32_t address, AccessKind, DirectRegion* region) override {
      if (address < kTop) return false;
      *region = {kTop, 0xffffffffu, ram.data()};
      return true;
    }
    BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
      if (address < kTop) return {};
      std::memcpy(data, &ram[address - kTop], 2);
      return {true, true};
    }
    void set(std::uint32_t address, std::uint32_t word) {
      std::memcpy(&ram[address - kTop], &word, 4);
    }
  } m;
  m.set(0xfffffff8, addi(a0, a0, 1));
  m.set(0xfffffffc, wfi());
  m.core.set_pc(0xfffffff8);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  m.set(0xfffffff8, addi(a0, a0, 100));
  m.core.invalidate(0xfffffff8, 4);
  m.core.set_pc(0xfffffff8);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 101u);
}

TEST(ChangingCode, FloatStateIsCleanUntilItsInstruction) {
  TestMachine m;
  m.put(kRam, {nop(), fp(0, 7, 0, 0, 0), nop()});
  m.core.write_csr(kCsrMstatus, 2u << 13);
  m.core.run(1);
  EXPECT_EQ(m.core.pc(), kRam + 4);
  EXPECT_EQ(*m.core.read_csr(kCsrMstatus) & kMstatusFs, 2u << 13);
  m.core.run(1);
  EXPECT_EQ(*m.core.read_csr(kCsrMstatus) & kMstatusFs, kMstatusFs);
}

}  // namespace
}  // namespace aimc::riscv
