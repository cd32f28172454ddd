// SPDX-License-Identifier: Apache-2.0
// mstatus.FS: who may use floating point, and who sees that its state has changed.
#include <gtest/gtest.h>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kOff = 0, kInitial = 1u << 13, kClean = 2u << 13, kDirty = 3u << 13;
constexpr std::uint32_t kQuietNan = 0x7fc00000, kSignalingNan = 0x7f800001, kHalf = 0x3f000000,
                        kOne = 0x3f800000;

struct Case {
  std::uint32_t word;
  bool changes;  ///< f registers or fcsr
};

/// f1 = 0.5, f2 = signaling NaN, f3 = quiet NaN, f4 = 1.
struct FloatMachine : UserMachine {
  FloatMachine(std::uint32_t fs, bool user) {
    core.write_csr(kCsrMstatus, fs);
    core.set_f(1, kHalf);
    core.set_f(2, kSignalingNan);
    core.set_f(3, kQuietNan);
    core.set_f(4, kOne);
    core.set_x(a1, kRam + 0x200);
    if (user) enter_user();
  }
};

const Case kCases[] = {
    {fp(0x00, 0, 5, 4, 4), true},          // fadd
    {fp(0x00, 4, 5, 4, 4), true},          // fadd, round to nearest, ties away
    {flw(5, 0, a1), true},                 //
    {fp(0x78, 0, 5, a1), true},            // fmv.w.x
    {fp(0x68, 0, 5, a1), true},            // fcvt.s.w
    {fp(0x10, 0, 5, 4, 4), true},          // fsgnj
    {fma(0x43, 0, 5, 4, 4, 4), true},      //
    {csrrw(zero, kCsrFcsr, a1), true},     //
    {csrrwi(zero, kCsrFflags, 3), true},   //
    {csrrwi(zero, kCsrFrm, 1), true},      //
    {csrrsi(zero, kCsrFflags, 1), true},   //
    {fsw(1, 0, a1), false},                //
    {fp(0x70, 0, a0, 1), false},           // fmv.x.w
    {fp(0x70, 1, a0, 2), false},           // fclass
    {csrr(a0, kCsrFcsr), false},           //
    {csrrs(a0, kCsrFflags, zero), false},  //
    {addi(a0, a0, 1), false},              //
};

TEST(UserFloat, EverythingIsIllegalWhileOff) {
  for (const bool user : {false, true}) {
    for (const Case& c : kCases) {
      if (c.word == addi(a0, a0, 1)) continue;
      FloatMachine m(kOff, user);
      m.put(kRam, {nop(), c.word});
      m.expect_trap(kCauseIllegalInstruction, kRam + 4, c.word);
      EXPECT_EQ(m.core.f(5), 0u);
      EXPECT_EQ(m.mstatus() & (kMstatusFs | kMstatusSd), 0u) << std::hex << c.word;
    }
  }
}

TEST(UserFloat, ChangesMakeItDirtyAndNothingElseDoes) {
  for (const bool user : {false, true}) {
    for (const std::uint32_t before : {kInitial, kClean, kDirty}) {
      for (const Case& c : kCases) {
        FloatMachine m(before, user);
        m.put(kRam, {nop(), c.word, wfi()});
        EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
        EXPECT_EQ(m.core.pc(), kRam + 12) << std::hex << c.word;
        const std::uint32_t expected = c.changes || before == kDirty ? kDirty | kMstatusSd : before;
        EXPECT_EQ(m.mstatus() & (kMstatusFs | kMstatusSd), expected)
            << std::hex << c.word << " from " << before << (user ? " in user mode" : "");
      }
    }
  }
}

/// What writes no f register may still raise a flag, and the flags are part of the state that FS
/// speaks of. FS may become dirty without need, but must not stay clean.
TEST(UserFloat, FlagsOfComparisonsAndConversionsMakeItDirty) {
  const struct {
    std::uint32_t word, flags;
  } cases[] = {
      {fp(0x50, 2, a0, 2, 4), kFlagInvalid},  // feq with a signaling NaN
      {fp(0x50, 1, a0, 3, 4), kFlagInvalid},  // flt with a quiet NaN
      {fp(0x50, 0, a0, 3, 4), kFlagInvalid},  // fle
      {fp(0x60, 0, a0, 1), kFlagInexact},     // fcvt.w.s of 0.5
      {fp(0x60, 1, a0, 1, 1), kFlagInexact},  // fcvt.wu.s
      {fp(0x60, 0, a0, 3), kFlagInvalid},     //
  };
  for (const bool user : {false, true}) {
    for (const std::uint32_t before : {kInitial, kClean}) {
      for (const auto& c : cases) {
        FloatMachine m(before, user);
        m.put(kRam, {nop(), c.word, wfi()});
        EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
        EXPECT_EQ(m.core.read_csr(kCsrFflags), c.flags);
        EXPECT_EQ(m.mstatus() & (kMstatusFs | kMstatusSd), kDirty | kMstatusSd)
            << std::hex << c.word << " from " << before;
      }
    }
  }
}

TEST(UserFloat, UserModeSharesFlagsAndRoundingWithMachineMode) {
  FloatMachine m(kInitial, false);
  m.core.write_csr(kCsrFcsr, 0);
  m.put(kRam, {csrrwi(zero, kCsrFrm, kRoundUp), csrw(kCsrMepc, a2), mret()});
  m.put(kRam + 0x100, {csrr(s0, kCsrFrm), fp(0x0c, 7, 6, 4, 5), csrr(s1, kCsrFflags), ecall()});
  m.core.set_f(5, 0x40400000);  // 1 / 3 is inexact
  m.core.set_x(a2, kRam + 0x100);
  m.core.write_csr(kCsrMstatus, kInitial);
  m.expect_trap(kCauseEcallU, kRam + 0x10c, 0);
  EXPECT_EQ(m.core.x(s0), kRoundUp);
  EXPECT_EQ(m.core.f(6), 0x3eaaaaabu) << "rounded up";
  EXPECT_EQ(m.core.x(s1), kFlagInexact);
  EXPECT_EQ(m.core.read_csr(kCsrFcsr), kRoundUp << 5 | kFlagInexact);
  EXPECT_EQ(m.mstatus() & (kMstatusFs | kMstatusSd), kDirty | kMstatusSd);
}

/// Blocks are translated for a state of FS; a handler that changes it must be believed.
TEST(UserFloat, HandlerTurnsItOnForTheInstructionThatTrapped) {
  FloatMachine m(kOff, false);
  m.put(kHandler, {addi(s0, s0, 1), lui(t0, 2), csrrs(zero, kCsrMstatus, t0), mret()});
  m.put(kRam, {fp(0x00, 0, 5, 4, 4), fp(0x00, 0, 6, 5, 5), wfi()});
  m.enter_user();
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.privilege(), Privilege::kUser);
  EXPECT_EQ(m.core.x(s0), 1u) << "one trap, then it is on";
  EXPECT_EQ(m.core.f(6), 0x40800000u);
  EXPECT_EQ(m.mstatus() & (kMstatusFs | kMstatusSd), kDirty | kMstatusSd);
}

TEST(UserFloat, SummaryBitFollowsFsAndCannotBeWritten) {
  UserMachine m;
  for (const std::uint32_t fs : {kOff, kInitial, kClean, kDirty}) {
    for (const std::uint32_t sd : {0u, kMstatusSd}) {
      m.core.write_csr(kCsrMstatus, fs | sd);
      EXPECT_EQ(m.mstatus(), fs == kDirty ? fs | kMstatusSd : fs);
    }
  }
  CoreConfig config;
  config.isa &= ~static_cast<ExtensionSet>(kExtF);
  UserMachine integer(config);
  integer.core.write_csr(kCsrMstatus, ~0u);
  EXPECT_EQ(integer.mstatus() & (kMstatusFs | kMstatusSd), 0u) << "without F there is no FS";
}

}  // namespace
}  // namespace aimc::riscv
