// SPDX-License-Identifier: Apache-2.0
// Where one memory ends and another begins, or nothing; and that blocks do not fill the host's
// memory.
#include <gtest/gtest.h>

#include "aimc/riscv/hart_group.h"
#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kRam = TestMachine::kRam, kEdge = kRam + TestMachine::kRamSize;
constexpr std::uint32_t kHandler = kRam + 0x200;

/// A second memory right behind the first; behind that is nothing.
struct TwoMemories : TestMachine {
  static constexpr std::uint32_t kSize = 0x1000;
  explicit TwoMemories(const CoreConfig& config = {}) : TestMachine(config), second(kSize) {
    put(kHandler, {wfi()});
    core.write_csr(kCsrMtvec, kHandler);
  }
  bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override {
    if (address - kEdge >= kSize) return TestMachine::direct(address, kind, region);
    *region = {kEdge, kEdge + kSize - 1, second.data()};
    return true;
  }
  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    if (address - kEdge >= kSize || address + size > kEdge + kSize)
      return TestMachine::load(address, size, data);
    std::memcpy(data, &second[address - kEdge], size);
    return {true, true};
  }
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    if (address - kEdge >= kSize || address + size > kEdge + kSize)
      return TestMachine::store(address, size, data);
    std::memcpy(&second[address - kEdge], &data, size);
    return {true, true};
  }
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    if (address - kEdge >= kSize) return TestMachine::fetch(address, data);
    std::memcpy(data, &second[address - kEdge], 2);
    return {true, true};
  }
  std::uint8_t& at(std::uint32_t address) {
    return address < kEdge ? ram[address - kRam] : second[address - kEdge];
  }
  /// Runs one instruction with a0 = address, a1 = value. @return mcause, ~0 if it does not trap.
  std::uint32_t run(U32 word, std::uint32_t address, std::uint32_t value = 0) {
    put(kRam, {word, wfi()});
    core.invalidate(kRam, 8);
    core.set_pc(kRam);
    core.set_x(a0, address);
    core.set_x(a1, value);
    core.write_csr(kCsrMcause, ~0u);
    EXPECT_EQ(core.run(100).exit, Exit::kWfi);
    return *core.read_csr(kCsrMcause);
  }
  std::vector<std::uint8_t> second;
};

constexpr std::uint32_t kNoTrap = ~0u;

TEST(MemoryEdge, UnalignedAccessesOverItAreDone) {
  TwoMemories m;
  for (std::uint32_t n = 0; n < 4; ++n) {
    m.at(kEdge - 4 + n) = static_cast<std::uint8_t>(0x11 * (n + 1));
    m.at(kEdge + n) = static_cast<std::uint8_t>(0x80 + n);
  }
  for (int round = 0; round < 2; ++round) {  // with and without windows
    EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 1), kNoTrap);
    EXPECT_EQ(m.core.x(a2), 0x82818044u);
    EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 3), kNoTrap);
    EXPECT_EQ(m.core.x(a2), 0x80443322u);
    EXPECT_EQ(m.run(lh(a2, 0, a0), kEdge - 1), kNoTrap);
    EXPECT_EQ(m.core.x(a2), 0xffff8044u);
    EXPECT_EQ(m.run(i_type(0, a0, 5, a2, 3), kEdge - 1), kNoTrap);
    EXPECT_EQ(m.core.x(a2), 0x8044u);
  }
  EXPECT_EQ(m.run(sw(a1, 0, a0), kEdge - 2, 0xddccbbaa), kNoTrap);
  EXPECT_EQ(m.run(sh(a1, 0, a0), kEdge + 3, 0x1234), kNoTrap);
  EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 2), kNoTrap);
  EXPECT_EQ(m.core.x(a2), 0xddccbbaau);
  EXPECT_EQ(m.run(sh(a1, 0, a0), kEdge - 1, 0xfffe7f7e), kNoTrap);
  EXPECT_EQ(m.at(kEdge - 2), 0xaa);
  EXPECT_EQ(m.at(kEdge - 1), 0x7e);
  EXPECT_EQ(m.at(kEdge), 0x7f);
  EXPECT_EQ(m.at(kEdge + 1), 0xdd);
}

TEST(MemoryEdge, WhereTheyTrapTheyTrapThere) {
  CoreConfig config;
  config.misaligned = Misaligned::kTrap;
  TwoMemories m(config);
  EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 2), kCauseMisalignedLoad);
  EXPECT_EQ(m.run(sw(a1, 0, a0), kEdge - 2), kCauseMisalignedStore);
  EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 4), kNoTrap);
}

TEST(MemoryEdge, NothingIsDoneInHalves) {
  TwoMemories m;
  const std::uint32_t end = kEdge + TwoMemories::kSize;
  m.at(end - 1) = 0x55;
  EXPECT_EQ(m.run(lw(a2, 0, a0), end - 2), kCauseLoadAccess);
  EXPECT_EQ(m.core.read_csr(kCsrMtval), end) << "the portion at fault";
  EXPECT_EQ(m.run(sw(a1, 0, a0), end - 1, 0x99), kCauseStoreAccess);
  EXPECT_EQ(m.core.read_csr(kCsrMtval), end);
  EXPECT_EQ(m.at(end - 1), 0x55);
  // Two entries of PMP, each of which allows all: an access that both match in part fails.
  m.core.write_csr(kCsrPmpaddr0, kEdge >> 2);
  m.core.write_csr(kCsrPmpaddr0 + 1, 0xffffffff);
  m.core.write_csr(kCsrPmpcfg0, 0x8f8f);
  m.at(kEdge - 1) = m.at(kEdge) = 0x33;
  EXPECT_EQ(m.run(sw(a1, 0, a0), kEdge - 1, 0), kCauseStoreAccess);
  EXPECT_EQ(m.run(lw(a2, 0, a0), kEdge - 1), kCauseLoadAccess);
  EXPECT_EQ(m.at(kEdge - 1), 0x33);
  EXPECT_EQ(m.at(kEdge), 0x33);
}

TEST(MemoryEdge, AStoreOverItTakesReservationsOnBothSides) {
  for (const std::uint32_t word : {kEdge - 4, kEdge}) {
    HartGroup group;
    TwoMemories holder, writer;
    holder.core.join(&group);
    writer.core.join(&group);
    // What goes over the bus the platform tells; these stores make the writer go past it.
    EXPECT_EQ(writer.run(sw(a1, 0, a0), kEdge - 16), kNoTrap);
    EXPECT_EQ(writer.run(sw(a1, 0, a0), kEdge + 16), kNoTrap);
    EXPECT_EQ(holder.run(lr(a2, a0), word), kNoTrap);
    EXPECT_EQ(writer.run(sh(a1, 0, a0), kEdge - 3), kNoTrap);
    EXPECT_EQ(holder.core.reservation().has_value(), word == kEdge);
    EXPECT_EQ(writer.run(sw(a1, 0, a0), kEdge - 1), kNoTrap);
    EXPECT_FALSE(holder.core.reservation().has_value());
  }
}

TEST(MemoryEdge, CodeGoesOverItAndChangesOnBothSides) {
  TwoMemories m;
  const auto put_half = [&](std::uint32_t address, std::uint32_t half) {
    m.at(address) = static_cast<std::uint8_t>(half);
    m.at(address + 1) = static_cast<std::uint8_t>(half >> 8);
  };
  const auto call = [&] {
    m.core.set_x(a0, 0);
    m.core.set_pc(kEdge - 4);
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    return m.core.x(a0);
  };
  put_half(kEdge - 4, 0x0505);  // c.addi a0, 1
  const U32 word = addi(a0, a0, 16);
  put_half(kEdge - 2, word & 0xffff);
  put_half(kEdge, word >> 16);
  put_half(kEdge + 2, wfi() & 0xffff);
  put_half(kEdge + 4, wfi() >> 16);
  EXPECT_EQ(call(), 17u);
  put_half(kEdge, addi(a0, a0, 32) >> 16);
  m.core.invalidate(kEdge, 1);
  EXPECT_EQ(call(), 33u);
  put_half(kEdge - 4, 0x0509);  // c.addi a0, 2
  m.core.invalidate(kEdge - 3, 1);
  EXPECT_EQ(call(), 34u);
}

TEST(MemoryEdge, FlushedBlocksEndTheSliceBeforeTheyFillTheHost) {
  TestMachine m;
  m.put(kRam, {fence_i(), addi(a0, a0, 1), jal(zero, -8)});
  for (int n = 0; n < 20; ++n) {
    const RunResult result = m.core.run(Core::kMaxBudget);
    EXPECT_EQ(result.exit, Exit::kBudget);
    ASSERT_LT(result.cycles, 100000u);
  }
  EXPECT_EQ(m.core.x(a0), m.core.instructions() / 3);
  EXPECT_GT(m.core.x(a0), 1000u);
}

}  // namespace
}  // namespace aimc::riscv
