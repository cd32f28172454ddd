// SPDX-License-Identifier: Apache-2.0
// User mode: how a hart gets there and back, and what it may not do there.
#include <gtest/gtest.h>

#include <vector>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kUserCode = kRam + 0x100;
constexpr std::uint32_t kSret = 0x10200073, kSfence = 0x12000073;

TEST(UserMode, EcallTellsTheLevelItComesFrom) {
  UserMachine machine;
  machine.put(kRam, {nop(), ecall()});
  machine.expect_trap(kCauseEcallM, kRam + 4, 0);
  EXPECT_EQ(machine.mstatus() & kMstatusMpp, kMstatusMpp);
  UserMachine user;
  user.put(kRam, {nop(), ecall()});
  user.enter_user();
  user.expect_trap(kCauseEcallU, kRam + 4, 0);
  EXPECT_EQ(user.mstatus() & kMstatusMpp, 0u);
  EXPECT_EQ(user.core.privilege(), Privilege::kMachine);
}

TEST(UserMode, MretTakesTheLevelFromMppAndTheStackFromMpie) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const bool mpp = bits & 1, mpie = bits & 2, mie = bits & 4, mprv = bits & 8;
    UserMachine m;
    m.put(kRam, {mret()});
    m.put(kUserCode, {nop(), jal(zero, -4)});
    m.core.write_csr(kCsrMepc, kUserCode);
    m.core.write_csr(kCsrMstatus, (mpp ? kMstatusMpp : 0u) | (mpie ? kMstatusMpie : 0u) |
                                      (mie ? kMstatusMie : 0u) | (mprv ? kMstatusMprv : 0u));
    m.core.run(1);
    EXPECT_EQ(m.core.pc(), kUserCode) << bits;
    EXPECT_EQ(m.core.privilege(), mpp ? Privilege::kMachine : Privilege::kUser) << bits;
    EXPECT_EQ(m.mstatus(),
              kMstatusMpie | (mpie ? kMstatusMie : 0u) | (mprv && mpp ? kMstatusMprv : 0u))
        << bits << ": MPIE becomes 1, MPP user; MPRV stays only for machine mode";
  }
}

TEST(UserMode, NeedsAnEntryOfPmp) {
  TrapMachine m;
  m.put(kRam, {mret()});
  m.put(kUserCode, {nop(), wfi()});
  m.core.write_csr(kCsrMepc, kUserCode);
  m.expect_trap(kCauseFetchAccess, kUserCode, kUserCode);
  EXPECT_EQ(*m.core.read_csr(kCsrMstatus) & kMstatusMpp, 0u) << "mret itself was done";
  CoreConfig config;
  config.pmp_regions = 0;
  TrapMachine without(config);
  without.put(kRam, {mret()});
  without.put(kUserCode, {nop(), wfi()});
  without.core.write_csr(kCsrMepc, kUserCode);
  EXPECT_EQ(without.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(without.core.pc(), kUserCode + 8);
  EXPECT_EQ(without.core.privilege(), Privilege::kUser);
}

TEST(UserMode, TrapsPushTheLevelAndTheInterruptEnable) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const bool user = bits & 1, mie = bits & 2, mpie = bits & 4, tw = bits & 8;
    UserMachine m;
    m.put(kRam, {ecall()});
    m.core.write_csr(kCsrMstatus, (mie ? kMstatusMie : 0u) | (mpie ? kMstatusMpie : 0u) |
                                      (tw ? kMstatusTw : 0u) | (user ? kMstatusMpp : 0u));
    if (user) m.enter_user();
    m.expect_trap(user ? kCauseEcallU : kCauseEcallM, kRam, 0);
    EXPECT_EQ(m.mstatus(),
              (user ? 0u : kMstatusMpp) | (mie ? kMstatusMpie : 0u) | (tw ? kMstatusTw : 0u))
        << bits;
  }
}

TEST(UserMode, HandlersRoundTripGoesOnInUserMode) {
  UserMachine m;
  m.put(kUserCode, {addi(a0, a0, 1), ecall(), addi(a0, a0, 1), ecall(), addi(a0, a0, 1), wfi()});
  m.put(kHandler, {addi(a2, a2, 1), csrr(t0, kCsrMepc), addi(t0, t0, 4), csrw(kCsrMepc, t0),
                   csrr(a1, kCsrMcause), mret()});
  m.enter_user(kUserCode);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.privilege(), Privilege::kUser);
  EXPECT_EQ(m.core.x(a0), 3u);
  EXPECT_EQ(m.core.x(a1), kCauseEcallU);
  EXPECT_EQ(m.core.x(a2), 2u);
}

/// Every synchronous cause that user mode can have.
TEST(UserMode, ExceptionsOfEveryCause) {
  const struct {
    std::uint32_t word, cause, tval;
  } cases[] = {
      {ebreak(), kCauseBreakpoint, kRam + 4},
      {0xffffffffu, kCauseIllegalInstruction, 0xffffffffu},
      {lw(a0, 0, a1), kCauseLoadAccess, 0x90000000},
      {sw(a0, 4, a1), kCauseStoreAccess, 0x90000004},
      {lr(a0, a2), kCauseMisalignedLoad, kRam + 0x202},
      {amo(0, a0, a1, a2), kCauseMisalignedStore, kRam + 0x202},
      {ecall(), kCauseEcallU, 0},
  };
  for (const auto& c : cases) {
    UserMachine m;
    m.put(kRam, {nop(), c.word});
    m.core.set_x(a1, 0x90000000);
    m.core.set_x(a2, kRam + 0x202);
    m.enter_user();
    m.expect_trap(c.cause, kRam + 4, c.tval);
    EXPECT_EQ(m.mstatus() & kMstatusMpp, 0u);
  }
  UserMachine fetch;
  fetch.put(kRam, {jalr(zero, a1, 0)});
  fetch.core.set_x(a1, 0x90000000);
  fetch.enter_user();
  fetch.expect_trap(kCauseFetchAccess, 0x90000000, 0x90000000);
  EXPECT_EQ(fetch.mstatus() & kMstatusMpp, 0u);
}

TEST(UserMode, MachineRegistersAreIllegalInEveryForm) {
  for (const std::uint32_t csr :
       {kCsrMstatus, kCsrMisa, kCsrMie, kCsrMtvec, kCsrMcounteren, kCsrMscratch, kCsrMepc,
        kCsrMcause, kCsrMtval, kCsrMip, kCsrMcountinhibit, kCsrMcycle, kCsrMinstreth,
        kCsrMhpmcounter3, kCsrPmpcfg0, kCsrPmpaddr0, kCsrMenvcfg, kCsrTselect, kCsrMhartid}) {
    for (const std::uint32_t word :
         {csrr(a0, csr), csrw(csr, a1), csrrw(a0, csr, a1), csrrs(a0, csr, a1), csrrc(a0, csr, a1),
          csrrwi(a0, csr, 1), csrrsi(a0, csr, 0), csrrci(a0, csr, 1), csrrs(zero, csr, zero)}) {
      UserMachine m;
      m.put(kRam, {addi(a0, zero, 5), word});
      m.core.set_x(a1, ~0u);
      const auto before = m.core.read_csr(csr);
      m.enter_user();
      m.core.run(2);  // the trap itself, but not yet its handler
      EXPECT_EQ(m.core.pc(), kHandler) << std::hex << word;
      EXPECT_EQ(m.core.read_csr(kCsrMcause), kCauseIllegalInstruction) << std::hex << word;
      EXPECT_EQ(m.core.read_csr(kCsrMtval), word);
      EXPECT_EQ(m.core.read_csr(kCsrMepc), kRam + 4);
      EXPECT_EQ(m.core.x(a0), 5u);
      if (csr == kCsrMie || csr == kCsrMscratch || csr == kCsrPmpaddr0 || csr == kCsrPmpcfg0) {
        EXPECT_EQ(m.core.read_csr(csr), before) << std::hex << csr;
      }
    }
  }
}

/// Blocks that were translated in machine mode use short cuts for the storage registers.
TEST(UserMode, CodeThatRanInMachineModeIsCheckedAgain) {
  UserMachine m;
  m.put(kRam, {csrrw(a0, kCsrMscratch, a1), jalr(zero, ra, 0)});
  m.put(kUserCode, {wfi()});
  m.core.set_x(a1, 77);
  m.core.set_x(ra, kUserCode);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.read_csr(kCsrMscratch), 77u);
  m.core.set_x(a1, 88);
  m.enter_user();
  m.expect_trap(kCauseIllegalInstruction, kRam, csrrw(a0, kCsrMscratch, a1));
  EXPECT_EQ(m.core.read_csr(kCsrMscratch), 77u);
  m.restart();
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.read_csr(kCsrMscratch), 88u) << "and works in machine mode as before";
}

TEST(UserMode, PrivilegedInstructionsAreIllegal) {
  for (const std::uint32_t word : {mret(), kSret, kSfence}) {
    UserMachine m;
    m.put(kRam, {nop(), word});
    m.core.write_csr(kCsrMepc, kUserCode);
    m.enter_user();
    m.expect_trap(kCauseIllegalInstruction, kRam + 4, word);
  }
}

TEST(UserMode, WfiTrapsInUserModeOnlyAndOnlyWithTw) {
  for (const bool user : {false, true}) {
    for (const bool tw : {false, true}) {
      UserMachine m;
      m.put(kRam, {nop(), wfi()});
      m.core.write_csr(kCsrMstatus, tw ? kMstatusTw : 0u);
      if (user) m.enter_user();
      if (user && tw) {
        m.expect_trap(kCauseIllegalInstruction, kRam + 4, wfi());
      } else {
        EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
        EXPECT_EQ(m.core.pc(), kRam + 8);
      }
    }
  }
  UserMachine pending;  // with TW it traps even where it would not wait
  pending.put(kRam, {wfi()});
  pending.core.write_csr(kCsrMstatus, kMstatusTw);
  pending.enter_user();
  pending.expect_trap(kCauseIllegalInstruction, kRam, wfi());
}

TEST(UserMode, WfiInUserModeEndsWithTheInterrupt) {
  UserMachine m;
  m.put(kRam, {wfi(), addi(a0, zero, 1), wfi()});
  m.core.write_csr(kCsrMie, 1u << kInterruptExternal);
  m.enter_user();
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.privilege(), Privilege::kUser);
  m.core.set_interrupt(kInterruptExternal, true);
  m.expect_trap(kCauseInterrupt | kInterruptExternal, kRam + 4, 0);
  EXPECT_EQ(m.core.x(a0), 0u) << "user mode is interrupted before the next instruction";
}

TEST(UserMode, InterruptsWhateverMieSays) {
  for (const Interrupt number : {kInterruptSoftware, kInterruptTimer, kInterruptExternal}) {
    for (const bool mie : {false, true}) {
      UserMachine m;
      m.put(kRam, {nop(), jal(zero, -4)});
      m.core.write_csr(kCsrMie, 1u << number);
      m.core.write_csr(kCsrMstatus, mie ? kMstatusMie : 0u);
      m.enter_user();
      m.core.run(100);
      for (const Interrupt other : {kInterruptSoftware, kInterruptTimer, kInterruptExternal}) {
        if (other == number) continue;
        m.core.set_interrupt(other, true);
        m.core.run(100);
        EXPECT_EQ(m.core.privilege(), Privilege::kUser) << "not enabled in mie";
        m.core.set_interrupt(other, false);
      }
      m.core.set_interrupt(number, true);
      m.core.set_pc(kRam);
      m.expect_trap(kCauseInterrupt | number, kRam, 0);
      EXPECT_EQ(m.mstatus(), mie ? kMstatusMpie : 0u) << "MPP user, MPIE as MIE was";
    }
  }
}

TEST(UserMode, CountersAsMcounterenSaysBitByBit) {
  UserMachine m;
  m.time_value = 0x500000007;
  for (std::uint32_t enabled = 0; enabled < 8; ++enabled) {
    m.core.write_csr(kCsrMcounteren, enabled | 0xfffffff8u);
    EXPECT_EQ(m.core.read_csr(kCsrMcounteren), enabled) << "no other counter can be enabled";
    for (const std::uint32_t half : {0u, 0x80u}) {
      for (std::uint32_t counter = 0; counter < 32; ++counter) {
        const std::uint32_t csr = kCsrCycle + half + counter;
        m.put(kRam, {addi(a0, zero, -1), csrr(a0, csr), wfi()});
        m.core.invalidate(kRam, 12);
        for (const bool user : {false, true}) {
          m.restart();
          if (user) m.enter_user();
          if (user && !(enabled >> counter & 1u)) {
            m.expect_trap(kCauseIllegalInstruction, kRam + 4, csrr(a0, csr));
            EXPECT_EQ(m.core.x(a0), ~0u);
          } else {
            EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
            EXPECT_EQ(m.core.pc(), kRam + 12) << enabled << " " << std::hex << csr;
            EXPECT_NE(m.core.x(a0), ~0u);
          }
        }
      }
    }
  }
  m.core.write_csr(kCsrMcounteren, 7);
  for (const std::uint32_t csr : {kCsrCycle, kCsrTime, kCsrInstreth}) {
    m.put(kRam, {csrw(csr, zero)});
    m.core.invalidate(kRam, 4);
    m.enter_user();
    m.expect_trap(kCauseIllegalInstruction, kRam, csrw(csr, zero));
  }
}

}  // namespace
}  // namespace aimc::riscv
