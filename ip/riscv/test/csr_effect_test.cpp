// SPDX-License-Identifier: Apache-2.0
// What a CSR write changes holds for the next instruction, also where the block behind it is
// already translated and linked. Each program passes the same write twice, with another operand.
#include <gtest/gtest.h>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kFsInitial = 1u << 13;

TEST(CsrEffect, FloatingPointTurnedOffOrOn) {
  UserMachine off;  // from the same state: on in the first pass, off in the second
  off.put(kRam, {csrw(kCsrMstatus, s0), fp(0, 0, 5, 4, 4), csrw(kCsrMstatus, zero),
                 addi(s0, zero, 0), jal(zero, -16)});
  off.core.set_x(s0, kFsInitial);
  off.expect_trap(kCauseIllegalInstruction, kRam + 4, fp(0, 0, 5, 4, 4));
  UserMachine on;
  on.put(kRam, {csrw(kCsrMstatus, s0), addi(s1, s1, 1), csrw(kCsrMstatus, zero), mv(s0, s2),
                beq(s1, s3, 8), jal(zero, -20), wfi()});
  on.put(kRam + 4, {fp(0x70, 0, s1, 4)});  // traps in the first pass, goes on behind it
  on.put(kHandler, {addi(s4, s4, 1), csrr(t0, kCsrMepc), addi(t0, t0, 4), jalr(zero, t0, 0)});
  on.core.set_f(4, 77);
  on.core.set_x(s2, kFsInitial);
  on.core.set_x(s3, 77);
  EXPECT_EQ(on.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(on.core.x(s4), 1u);
  EXPECT_EQ(on.core.x(s1), 77u);
}

TEST(CsrEffect, RoundingModeThatTheHostHasNotGot) {
  for (const bool reverse : {false, true}) {
    UserMachine m;  // 1 + 2^-24 lies between 1 and the next number
    m.put(kRam, {csrw(kCsrFrm, s0), fp(0, 7, 5, 1, 2), fp(0x70, 0, a0, 5), csrw(kCsrFrm, zero),
                 mv(s0, s1), mv(s2, a1), mv(a1, a0), bne(s2, zero, 8), jal(zero, -32), wfi()});
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.core.set_f(1, 0x3f800000);
    m.core.set_f(2, 0x33800000);
    m.core.set_x(s0, reverse ? kRoundNearestMaxMagnitude : kRoundNearestEven);
    m.core.set_x(s1, reverse ? kRoundNearestEven : kRoundNearestMaxMagnitude);
    EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(s2), reverse ? 0x3f800001u : 0x3f800000u) << "first pass";
    EXPECT_EQ(m.core.x(a1), reverse ? 0x3f800000u : 0x3f800001u) << "second pass";
  }
}

TEST(CsrEffect, InterruptEnables) {
  for (const std::uint32_t csr : {kCsrMstatus, kCsrMie}) {
    UserMachine m;
    m.core.set_interrupt(kInterruptSoftware, true);
    if (csr == kCsrMstatus) m.core.write_csr(kCsrMie, 8);
    if (csr == kCsrMie) m.core.write_csr(kCsrMstatus, kMstatusMie);
    m.put(kRam, {csrw(csr, s0), addi(s1, s1, 1), addi(s0, zero, 8), jal(zero, -12)});
    m.core.set_x(s0, 0);
    m.expect_trap(kCauseInterrupt | kInterruptSoftware, kRam + 4, 0);
    EXPECT_EQ(m.core.x(s1), 1u);
  }
}

/// The same for the way out of a handler.
TEST(CsrEffect, MretToALevelThatMayBeInterrupted) {
  UserMachine m;
  m.put(kRam, {csrw(kCsrMepc, s0), csrw(kCsrMstatus, s1), csrw(kCsrMie, s2), mret()});
  m.put(kRam + 0x100, {addi(s3, s3, 1), addi(s2, zero, 8), jal(zero, -0x108)});
  m.core.set_interrupt(kInterruptSoftware, true);
  m.core.set_x(s0, kRam + 0x100);
  m.core.set_x(s1, kMstatusMpp | kMstatusMpie);
  m.core.set_x(s2, 0);  // not enabled in the first pass
  m.core.write_csr(kCsrMstatus, 0);
  m.expect_trap(kCauseInterrupt | kInterruptSoftware, kRam + 0x100, 0);
  EXPECT_EQ(m.core.x(s3), 1u);
}

}  // namespace
}  // namespace aimc::riscv
