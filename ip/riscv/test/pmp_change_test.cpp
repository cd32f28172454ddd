// SPDX-License-Identifier: Apache-2.0
// Changes of memory protection while code is translated, blocks are linked and host pointers are
// in use: the next instruction must see them, in both instances of the loop.
#include <gtest/gtest.h>

#include <vector>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kPage = kRam + 0x1000, kNext = kRam + 0x2000;
constexpr std::uint32_t kAll = kPmpR | kPmpW | kPmpX;
constexpr std::uint32_t kUserCode = kRam + 0x100;

struct Silent : InstructionObserver {
  void on_instruction(std::uint32_t, std::uint32_t) override {}
};

/// The parameter: does an observer make the hart run in the second instance of its loop?
struct PmpChange : ::testing::TestWithParam<bool> {
  PmpChange() {
    if (GetParam()) m.core.add_instruction_observer(&silent);
  }
  /// Handler: puts x[a7] into a CSR and goes on behind an ecall; any other trap ends in wfi.
  void write_on_ecall(std::uint32_t csr) {
    m.put(kHandler,
          {csrr(t0, kCsrMcause), addi(t1, zero, kCauseEcallU), beq(t0, t1, 8), wfi(), csrw(csr, a7),
           csrr(t0, kCsrMepc), addi(t0, t0, 4), csrw(kCsrMepc, t0), mret()});
  }
  void expect_fault(std::uint32_t cause, std::uint32_t epc, std::uint32_t tval) {
    EXPECT_EQ(m.core.run(10000).exit, Exit::kWfi);
    EXPECT_EQ(m.core.pc(), kHandler + 16);
    EXPECT_EQ(m.core.read_csr(kCsrMcause), cause);
    EXPECT_EQ(m.core.read_csr(kCsrMepc), epc);
    EXPECT_EQ(m.core.read_csr(kCsrMtval), tval);
  }
  Silent silent;
  UserMachine m;
};

TEST_P(PmpChange, OfRightsReachesHostPointersInUse) {
  for (const bool store : {false, true}) {
    m.set_entry(0, kPmpNapot | kAll, napot(kPage, 0x1000));
    write_on_ecall(kCsrPmpcfg0);
    const std::uint32_t access = store ? sw(a0, 8, a1) : lw(a0, 8, a1);
    m.put(kUserCode, {access, access, ecall(), access, wfi()});
    m.core.invalidate(kUserCode, 20);
    m.core.set_x(a1, kPage);
    m.core.set_x(a7, kPmpNapot | (store ? kPmpR : 0u));
    m.enter_user(kUserCode);
    expect_fault(store ? kCauseStoreAccess : kCauseLoadAccess, kUserCode + 12, kPage + 8);
    // And back: what was refused works again.
    m.core.set_x(a7, kPmpNapot | kAll);
    m.enter_user(kUserCode + 8);
    EXPECT_EQ(m.core.run(10000).exit, Exit::kWfi);
    EXPECT_EQ(m.core.pc(), kUserCode + 20);
  }
}

TEST_P(PmpChange, OfAnAddressReachesHostPointersInUse) {
  m.set_entry(0, kPmpNapot, napot(kNext, 0x1000));
  write_on_ecall(kCsrPmpaddr0);
  m.put(kUserCode, {sw(a0, 8, a1), ecall(), sw(a0, 8, a1), wfi()});
  m.core.set_x(a1, kPage);
  m.core.set_x(a7, napot(kPage, 0x1000));
  m.enter_user(kUserCode);
  expect_fault(kCauseStoreAccess, kUserCode + 8, kPage + 8);
}

TEST_P(PmpChange, OfTheAddressBelowATorEntryActsAtOnce) {
  m.set_entry(0, 0, kNext >> 2);
  m.set_entry(1, kPmpTor, (kNext + 0x1000) >> 2);
  write_on_ecall(kCsrPmpaddr0);
  m.put(kUserCode, {lw(a0, 8, a1), ecall(), lw(a0, 8, a1), wfi()});
  m.core.set_x(a1, kPage);
  m.core.set_x(a7, kPage >> 2);
  m.enter_user(kUserCode);
  expect_fault(kCauseLoadAccess, kUserCode + 8, kPage + 8);
}

TEST_P(PmpChange, InMachineModeReachesTheNextInstruction) {
  m.put(kRam, {sw(a0, 0, a1), lw(a0, 0, a1), csrw(kCsrPmpcfg0, a7), sw(a0, 0, a1)});
  m.core.write_csr(kCsrPmpaddr0, napot(kPage, 0x1000));
  m.core.set_x(a1, kPage);
  m.core.set_x(a7, kPmpLock | kPmpNapot | kPmpR);
  m.expect_trap(kCauseStoreAccess, kRam + 12, kPage);
}

TEST_P(PmpChange, ForbidsTheInstructionRightBehindTheWrite) {
  for (const bool ran_before : {false, true}) {
    UserMachine machine;
    if (GetParam()) machine.core.add_instruction_observer(&silent);
    machine.put(kRam, {nop(), csrw(kCsrPmpcfg0, a7), addi(a0, a0, 1), wfi()});
    machine.core.write_csr(kCsrPmpaddr0, (kRam + 8) >> 2);
    if (ran_before) {  // translated and linked
      machine.core.set_x(a7, 0);
      EXPECT_EQ(machine.core.run(100).exit, Exit::kWfi);
      machine.restart();
    }
    machine.core.set_x(a7, kPmpLock | kPmpNa4 | kPmpR | kPmpW);
    machine.expect_trap(kCauseFetchAccess, kRam + 8, kRam + 8);
    EXPECT_EQ(machine.core.x(a0), ran_before ? 1u : 0u);
  }
}

TEST_P(PmpChange, ReachesBlocksThatAreLinked) {
  // User code calls a function in the page over and over; every link is in place when the
  // handler takes the right away, grants it again, and takes it away for good.
  m.set_entry(0, kPmpNapot | kAll, napot(kPage, 0x1000));
  write_on_ecall(kCsrPmpcfg0);
  m.put(kPage, {addi(a0, a0, 1), jalr(zero, ra, 0)});
  m.put(kUserCode,
        {jalr(ra, a1, 0), addi(s0, s0, -1), bne(s0, zero, -8), ecall(), jalr(ra, a1, 0), wfi()});
  for (const unsigned round : {1u, 2u}) {
    m.set_entry(0, kPmpNapot | kAll);
    m.core.set_x(s0, 100);
    m.core.set_x(a0, 0);
    m.core.set_x(a1, kPage);
    m.core.set_x(a7, kPmpNapot | kPmpR | kPmpW);
    m.enter_user(kUserCode);
    expect_fault(kCauseFetchAccess, kPage, kPage);
    EXPECT_EQ(m.core.x(a0), 100u) << round;
  }
}

TEST_P(PmpChange, ReachesDirectJumpsThatAreLinked) {
  m.set_entry(0, kPmpNapot | kAll, napot(kPage, 0x1000));
  write_on_ecall(kCsrPmpcfg0);
  constexpr std::int32_t kThere = kPage - (kUserCode + 4);
  m.put(kUserCode, {addi(a0, a0, 1), jal(zero, kThere)});
  m.put(kPage, {addi(s0, s0, -1), bne(s0, zero, -kThere - 8), jal(zero, kNext - kPage - 8)});
  m.put(kNext, {ecall(), addi(s0, zero, 1), jal(zero, kUserCode - kNext - 8)});
  m.core.set_x(s0, 50);
  m.core.set_x(a7, kPmpNapot | kPmpR);
  m.enter_user(kUserCode);
  expect_fault(kCauseFetchAccess, kPage, kPage);
  EXPECT_EQ(m.core.x(a0), 51u);
}

/// Blocks of the two instances of the loop are separate; both must go.
TEST_P(PmpChange, ReachesTheLoopThatDoesNotRunNow) {
  m.set_entry(0, kPmpNapot | kAll, napot(kPage, 0x1000));
  m.put(kPage, {addi(a0, a0, 1), wfi()});
  m.enter_user(kPage);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  if (GetParam()) {
    m.core.remove_instruction_observer(&silent);
  } else {
    m.core.add_instruction_observer(&silent);
  }
  m.put(kRam, {csrw(kCsrPmpcfg0, a7), wfi()});
  m.core.set_x(a7, kPmpNapot | kPmpR);
  m.restart();
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  if (GetParam()) {
    m.core.add_instruction_observer(&silent);
  } else {
    m.core.remove_instruction_observer(&silent);
  }
  m.enter_user(kPage);
  m.expect_trap(kCauseFetchAccess, kPage, kPage);
}

TEST_P(PmpChange, OfDataRightsLeavesCodeAlone) {
  m.set_entry(0, kPmpNapot | kAll, napot(kPage, 0x1000));
  write_on_ecall(kCsrPmpcfg0);
  m.put(kUserCode, {jalr(zero, a1, 0)});
  m.put(kPage, {addi(a0, a0, 1), ecall(), addi(a0, a0, 1), wfi()});
  m.core.set_x(a1, kPage);
  m.core.set_x(a7, kPmpNapot | kPmpX);
  m.enter_user(kUserCode);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.pc(), kPage + 16);
  EXPECT_EQ(m.core.x(a0), 2u);
}

INSTANTIATE_TEST_SUITE_P(Loops, PmpChange, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "observed" : "fast"; });

}  // namespace
}  // namespace aimc::riscv
