// SPDX-License-Identifier: Apache-2.0
// Interrupts: when they are taken, in which order, at which level.
#include <gtest/gtest.h>

#include <vector>

#include "trap_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

TEST(Interrupt, PriorityAndVectors) {
  for (const bool vectored : {false, true}) {
    TestMachine m;
    m.core.write_csr(kCsrMtvec, kHandler | (vectored ? 1 : 0));
    for (std::uint32_t n = 0; n < 16; ++n) m.put(kHandler + 4 * n, {wfi()});
    m.put(kRam, {nop(), jal(zero, -4)});
    m.core.write_csr(kCsrMie, 0x888);
    for (const Interrupt number : {kInterruptTimer, kInterruptSoftware, kInterruptExternal})
      m.core.set_interrupt(number, true);
    EXPECT_EQ(m.core.read_csr(kCsrMip), 0x888u);
    for (const Interrupt number : {kInterruptExternal, kInterruptSoftware, kInterruptTimer}) {
      m.core.set_pc(kRam + 4);
      m.core.write_csr(kCsrMstatus, kMstatusMie);
      m.core.run(1);
      EXPECT_EQ(m.core.read_csr(kCsrMcause), kCauseInterrupt | number);
      EXPECT_EQ(m.core.read_csr(kCsrMepc), kRam + 4);
      EXPECT_EQ(m.core.read_csr(kCsrMtval), 0u);
      EXPECT_EQ(m.core.pc(), kHandler + (vectored ? 4 * number : 0) + 4);
      EXPECT_EQ(m.core.read_csr(kCsrMstatus), kMstatusMpp | kMstatusMpie);
      m.core.set_interrupt(number, false);
    }
  }
}

TEST(Interrupt, ExceptionsUseTheBaseOfAVectoredTable) {
  TrapMachine m;
  m.core.write_csr(kCsrMtvec, kHandler | 1);
  m.put(kRam, {ecall()});
  m.expect_trap(kCauseEcallM, kRam, 0);
}

TEST(Interrupt, TakenRightAfterEnabling) {
  TrapMachine m;
  m.core.set_interrupt(kInterruptTimer, true);
  m.core.write_csr(kCsrMie, 1u << kInterruptTimer);
  m.put(kRam, {nop(), csrrsi(zero, kCsrMstatus, 8), addi(a0, zero, 1), wfi()});
  m.expect_trap(kCauseInterrupt | kInterruptTimer, kRam + 8, 0);
  EXPECT_EQ(m.core.x(a0), 0u);
}

TEST(Interrupt, TakenInUserModeWhateverMieSays) {
  for (const bool early : {true, false}) {
    TestMachine m;
    m.core.write_csr(kCsrPmpaddr0, ~0u);  // all of memory
    m.core.write_csr(kCsrPmpcfg0, 0x1f);
    m.core.write_csr(kCsrMtvec, kHandler);
    m.put(kHandler, {jal(zero, 0)});
    m.put(kRam, {mret()});
    m.put(kRam + 0x100, {nop(), jal(zero, -4)});
    m.core.write_csr(kCsrMie, 1u << kInterruptTimer);
    m.core.write_csr(kCsrMstatus, 0);  // MPP = user, MPIE = 0
    m.core.write_csr(kCsrMepc, kRam + 0x100);
    m.core.set_pc(kRam);
    m.core.set_interrupt(kInterruptTimer, early);
    if (!early) {
      m.core.run(10);
      EXPECT_EQ(m.core.privilege(), Privilege::kUser);
      m.core.set_interrupt(kInterruptTimer, true);
    }
    m.core.run(100);
    EXPECT_EQ(m.core.read_csr(kCsrMcause), kCauseInterrupt | kInterruptTimer) << early;
    EXPECT_EQ(m.core.privilege(), Privilege::kMachine);
    EXPECT_EQ(*m.core.read_csr(kCsrMstatus) & kMstatusMpp, 0u) << "came from user mode";
  }
}

TEST(Interrupt, TakenRightAfterMret) {
  TrapMachine m;
  m.core.set_interrupt(kInterruptTimer, true);
  m.core.write_csr(kCsrMie, 1u << kInterruptTimer);
  m.core.write_csr(kCsrMstatus, kMstatusMpie);
  m.core.write_csr(kCsrMepc, kRam + 0x100);
  m.put(kRam, {mret()});
  m.expect_trap(kCauseInterrupt | kInterruptTimer, kRam + 0x100, 0);
}

TEST(Interrupt, RaisedByADeviceAccessIsTakenAfterThatInstruction) {
  TrapMachine m;
  m.core.write_csr(kCsrMie, 0x888);
  m.core.write_csr(kCsrMstatus, kMstatusMie);
  m.on_access = [&](std::uint32_t address) {
    if (address == kDevice) m.core.set_interrupt(kInterruptSoftware, true);
  };
  m.put(kRam, {lui(a1, 0x10000), sw(a1, 0, a1), addi(a0, zero, 1), addi(a0, zero, 2), wfi()});
  m.expect_trap(kCauseInterrupt | kInterruptSoftware, kRam + 8, 0);
  EXPECT_EQ(m.core.x(a0), 0u);
  EXPECT_EQ(m.core.instructions(), 4u) << "lui, sw and the handler";
}

TEST(Interrupt, WfiWakesWithoutMie) {
  TestMachine m;
  m.put(kRam, {wfi(), addi(a0, zero, 1), wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  m.core.set_interrupt(kInterruptTimer, true);
  EXPECT_FALSE(m.core.wake_pending()) << "not enabled in mie";
  m.core.write_csr(kCsrMie, 0x80);
  EXPECT_TRUE(m.core.wake_pending());
  m.core.run(2);
  EXPECT_EQ(m.core.x(a0), 1u) << "goes on without a trap";
  TestMachine pending;  // does not sleep at all
  pending.core.write_csr(kCsrMie, 0x80);
  pending.core.set_interrupt(kInterruptTimer, true);
  pending.put(kRam, {wfi(), addi(a0, zero, 1), jal(zero, 0)});
  EXPECT_EQ(pending.core.run(100).exit, Exit::kBudget);
  EXPECT_EQ(pending.core.x(a0), 1u);
}

}  // namespace
}  // namespace aimc::riscv
