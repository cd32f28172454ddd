// SPDX-License-Identifier: Apache-2.0
// Traps and CSRs.
#include <gtest/gtest.h>

#include <vector>

#include "trap_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

TEST(Trap, EcallAndEbreak) {
  TrapMachine call;
  call.put(kRam, {addi(a0, a0, 1), ecall()});
  call.expect_trap(kCauseEcallM, kRam + 4, 0);
  EXPECT_EQ(call.core.instructions(), 3u) << "ecall does not retire";
  EXPECT_EQ(call.core.cycles(), 4u);
  TrapMachine stop;
  stop.put(kRam, {addi(a0, a0, 1), ebreak()});
  stop.expect_trap(kCauseBreakpoint, kRam + 4, kRam + 4);
}

TEST(Trap, IllegalInstructionInTheMiddleIsPrecise) {
  for (const std::uint32_t word : {0xffffffffu, 0x0000700bu, 0x0000707bu, 0x10200073u /*sret*/,
                                   0x12000073u /*sfence.vma*/, 0x02000053u /*fadd.d*/}) {
    TrapMachine m;
    m.put(kRam, {addi(a0, a0, 1), addi(a1, a1, 1), word, addi(a0, a0, 1)});
    m.expect_trap(kCauseIllegalInstruction, kRam + 8, word);
    EXPECT_EQ(m.core.x(a0), 1u);
    EXPECT_EQ(m.core.instructions(), 4u);
  }
}

TEST(Trap, AccessFaultsLeaveRegistersAlone) {
  TrapMachine load;
  load.put(kRam, {lui(a1, 0x90000), addi(a0, zero, 7), lw(a0, 0x123, a1), addi(a0, zero, 9)});
  load.expect_trap(kCauseLoadAccess, kRam + 8, 0x90000123);
  EXPECT_EQ(load.core.x(a0), 7u);
  EXPECT_EQ(load.core.instructions(), 4u);
  TrapMachine store;
  store.put(kRam, {lui(a1, 0x90000), addi(a0, zero, 7), sb(a0, -1, a1)});
  store.expect_trap(kCauseStoreAccess, kRam + 8, 0x8fffffff);
  TrapMachine pair;  // the faulting load is the second half of a pair
  pair.put(kRam, {addi(a0, zero, 1), lui(a1, 0x90000), addi(a2, zero, 3), lw(a2, 0, a1), nop()});
  pair.expect_trap(kCauseLoadAccess, kRam + 12, 0x90000000);
  EXPECT_EQ(pair.core.x(a2), 3u);
}

TEST(Trap, FetchFaults) {
  TrapMachine jump;
  jump.put(kRam, {lui(a1, 0x90000), jalr(ra, a1, 0)});
  jump.expect_trap(kCauseFetchAccess, 0x90000000, 0x90000000);
  EXPECT_EQ(jump.core.x(ra), kRam + 8) << "the jump itself completed";
  TrapMachine branch;
  branch.put(kRam, {beq(zero, zero, -16)});
  branch.expect_trap(kCauseFetchAccess, kRam - 16, kRam - 16);
  TrapMachine end;  // runs off the end of RAM in the middle of an instruction
  end.put16(kRam + end.kRamSize - 4, {0x0001, 0x0003});
  end.core.set_pc(kRam + end.kRamSize - 4);
  end.expect_trap(kCauseFetchAccess, kRam + end.kRamSize - 2, kRam + end.kRamSize);
}

TEST(Trap, MisalignedAccessesAreDoneOrTrap) {
  TrapMachine hardware;
  hardware.write(kRam + 0x200, 0x44332211);
  hardware.write(kRam + 0x204, 0x88776655);
  hardware.put(kRam, {lw(a0, 0x201, a1), lhu(a2, 0x203, a1), sw(a0, 0x302, a1), wfi()});
  hardware.core.set_x(a1, kRam);
  EXPECT_EQ(hardware.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(hardware.core.x(a0), 0x55443322u);
  EXPECT_EQ(hardware.core.x(a2), 0x5544u);
  EXPECT_EQ(hardware.read(kRam + 0x300), 0x33220000u);

  CoreConfig strict;
  strict.misaligned = Misaligned::kTrap;
  const struct {
    std::uint32_t word, cause;
    unsigned offset;
  } cases[] = {{lw(a0, 2, a1), 4, 2}, {lh(a0, 1, a1), 4, 1}, {lhu(a0, 3, a1), 4, 3},
               {sw(a0, 1, a1), 6, 1}, {sh(a0, 1, a1), 6, 1}, {flw(0, 2, a1), 4, 2},
               {fsw(0, 3, a1), 6, 3}};
  for (const auto& c : cases) {
    TrapMachine m(strict);
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.put(kRam, {nop(), c.word, wfi()});
    m.core.set_x(a1, kRam + 0x200);
    m.expect_trap(c.cause, kRam + 4, kRam + 0x200 + c.offset);
    TrapMachine aligned(strict);
    aligned.core.write_csr(kCsrMstatus, kMstatusFs);
    aligned.put(kRam, {nop(), c.word, wfi()});
    aligned.core.set_x(a1, kRam + 0x200 - c.offset);
    EXPECT_EQ(aligned.core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(aligned.core.pc(), kRam + 12);
  }
}

TEST(Trap, MisalignedAtomicsAlwaysTrap) {
  for (const std::uint32_t word : {lr(a0, a1), sc(a0, a2, a1), amo(0, a0, a2, a1)}) {
    TrapMachine m;
    m.put(kRam, {word});
    m.core.set_x(a1, kRam + 0x202);
    m.expect_trap(word == lr(a0, a1) ? kCauseMisalignedLoad : kCauseMisalignedStore, kRam,
                  kRam + 0x202);
  }
}

TEST(Trap, DevicesRefuseAtomicsAndMisalignedAccesses) {
  TrapMachine amo_machine;
  amo_machine.put(kRam, {amo(0, a0, a2, a1)});
  amo_machine.core.set_x(a1, kDevice);
  amo_machine.expect_trap(kCauseStoreAccess, kRam, kDevice);
  TrapMachine lr_machine;
  lr_machine.put(kRam, {lr(a0, a1)});
  lr_machine.core.set_x(a1, kDevice);
  lr_machine.expect_trap(kCauseLoadAccess, kRam, kDevice);
  TrapMachine load;
  load.put(kRam, {lw(a0, 2, a1)});
  load.core.set_x(a1, kDevice);
  load.expect_trap(kCauseLoadAccess, kRam, kDevice + 2);
}

TEST(Trap, ReadOnlyMemory) {
  TrapMachine m;
  m.read_only = true;
  m.put(kRam, {lw(a0, 0, a1), sw(a0, 0, a1)});
  m.core.set_x(a1, kRam);
  m.expect_trap(kCauseStoreAccess, kRam + 4, kRam);
}

TEST(Trap, WithoutCJumpsMustBeAligned) {
  CoreConfig config;
  config.isa &= ~static_cast<ExtensionSet>(kExtC);
  TrapMachine direct(config);
  direct.put(kRam, {nop(), jal(ra, 6)});
  direct.expect_trap(kCauseMisalignedFetch, kRam + 4, kRam + 10);
  EXPECT_EQ(direct.core.x(ra), 0u);
  TrapMachine taken(config);
  taken.put(kRam, {nop(), beq(zero, zero, 6)});
  taken.expect_trap(kCauseMisalignedFetch, kRam + 4, kRam + 10);
  TrapMachine not_taken(config);
  not_taken.put(kRam, {nop(), bne(zero, zero, 6), wfi()});
  EXPECT_EQ(not_taken.core.run(100).exit, Exit::kWfi);
  TrapMachine indirect(config);
  indirect.put(kRam, {nop(), jalr(ra, a1, 2)});
  indirect.core.set_x(a1, kRam + 0x100);
  indirect.expect_trap(kCauseMisalignedFetch, kRam + 4, kRam + 0x102);
  EXPECT_EQ(indirect.core.x(ra), 0u);
}

TEST(Trap, StatusStackAndMret) {
  TrapMachine m;
  m.put(kRam, {csrrsi(zero, kCsrMstatus, 8), ecall(), wfi()});
  m.put(kHandler,
        {csrr(a0, kCsrMstatus), csrr(a1, kCsrMepc), addi(a1, a1, 4), csrw(kCsrMepc, a1), mret()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), kMstatusMpp | kMstatusMpie);
  EXPECT_EQ(m.core.read_csr(kCsrMstatus), kMstatusMpie | kMstatusMie) << "MPP becomes U";
  EXPECT_EQ(m.core.pc(), kRam + 12);
}

TEST(Trap, LoopOfTrapsIsFatalAndSaysWhy) {
  TestMachine unset;  // mtvec = 0 points into nothing
  unset.put(kRam, {ecall()});
  EXPECT_EQ(unset.core.run(1000).exit, Exit::kFatal);
  EXPECT_NE(unset.core.fatal_reason().find("instruction access fault at pc 0x00000000"),
            std::string::npos)
      << unset.core.fatal_reason();
  TrapMachine self;
  self.put(kRam, {ecall()});
  self.put(kHandler, {ebreak()});
  EXPECT_EQ(self.core.run(1000).exit, Exit::kFatal);
  EXPECT_NE(self.core.fatal_reason().find("breakpoint at pc 0x80000400"), std::string::npos);
  TrapMachine stack;  // a handler that pushes to a bad stack, deeper each time
  stack.put(kRam, {lui(sp, 0x90000), ecall()});
  stack.put(kHandler, {addi(sp, sp, -64), sw(ra, 0, sp), mret()});
  RunResult result{};
  for (int n = 0; n < 1000 && result.exit == Exit::kBudget; ++n) result = stack.core.run(10000);
  EXPECT_EQ(result.exit, Exit::kFatal);
  EXPECT_NE(stack.core.fatal_reason().find("store access fault at pc 0x80000404"),
            std::string::npos)
      << stack.core.fatal_reason();
}

TEST(Trap, ManyEcallsAreNotFatal) {
  TrapMachine m;
  m.put(kRam, {lui(a0, 100), ecall(), addi(a0, a0, -1), bne(a0, zero, -8), wfi()});
  m.put(kHandler, {csrr(a1, kCsrMepc), addi(a1, a1, 4), jalr(zero, a1, 0)});  // without mret
  EXPECT_EQ(m.core.run(100000000).exit, Exit::kWfi);
}

TEST(Trap, LoopOfTrapsMayChangeItsCauseAndItsPlace) {
  constexpr std::uint32_t kUnimplemented = 0;
  for (const std::uint32_t limit : {0u, 50u, CoreConfig{}.trap_limit}) {
    CoreConfig config;
    config.trap_limit = limit;
    TrapMachine m(config);
    m.put(kRam, {ecall()});
    m.put(kHandler, {xori(a0, a0, 1), beq(a0, zero, 8), ebreak(), kUnimplemented});
    const RunResult result = m.core.run(20000000);
    EXPECT_EQ(result.exit, limit == 0 ? Exit::kBudget : Exit::kFatal) << limit;
    const double expected = limit == 0 ? 20e6 : 3.0 * limit;
    EXPECT_NEAR(static_cast<double>(result.cycles), expected, 9.0) << limit;
  }
}

TEST(Trap, NestedTrapsWithWorkInBetweenAreNoLoop) {
  for (const std::uint32_t rounds : {400u, 600u}) {  // of two instructions each; 1000 are much
    CoreConfig config;
    config.trap_limit = 50;
    TrapMachine m(config);
    m.put(kRam, {ecall()});
    m.put(kHandler, {addi(a0, zero, static_cast<std::int32_t>(rounds)), addi(a0, a0, -1),
                     bne(a0, zero, -4), ebreak()});
    EXPECT_EQ(m.core.run(10000000).exit, rounds == 400 ? Exit::kFatal : Exit::kBudget);
  }
}

TEST(Csr, ResetValues) {
  CoreConfig config;
  config.hart_id = 3;
  TestMachine m(config);
  EXPECT_EQ(m.core.read_csr(kCsrMstatus), 0u) << "as on QEMU: images or their bits to it";
  EXPECT_EQ(m.core.read_csr(kCsrMisa), 0x40101125u) << "RV32 A C F I M U";
  EXPECT_EQ(m.core.read_csr(kCsrMhartid), 3u);
  for (const std::uint32_t csr :
       {kCsrMie, kCsrMip, kCsrMtvec, kCsrMscratch, kCsrMepc, kCsrMcause, kCsrMtval,
        kCsrMcountinhibit, kCsrMvendorid, kCsrMarchid, kCsrMimpid, kCsrMconfigptr, kCsrMstatush,
        kCsrMcycle, kCsrMcycleh, kCsrMinstret, kCsrMinstreth}) {
    EXPECT_EQ(m.core.read_csr(csr), 0u) << std::hex << csr;
  }
  for (std::uint32_t n = 0; n < 29; ++n) {
    EXPECT_EQ(m.core.read_csr(kCsrMhpmcounter3 + n), 0u);
    EXPECT_EQ(m.core.read_csr(kCsrMhpmcounter3h + n), 0u);
    EXPECT_EQ(m.core.read_csr(kCsrMhpmevent3 + n), 0u);
  }
}

TEST(Csr, WritableBits) {
  TestMachine m;
  const struct {
    std::uint32_t csr, written, read;
  } cases[] = {
      {kCsrMstatus, 0xffffffff, 0x80227888},
      {kCsrMstatus, 0x0800, 0x1800},  // there is no supervisor mode
      {kCsrMstatus, 0x1000, 0x1800},
      {kCsrMstatus, 0, 0},
      {kCsrMisa, 0, 0x40101125},
      {kCsrMcounteren, 0xffffffff, 7},
      {kCsrMenvcfg, 0xffffffff, 1},
      {kCsrMenvcfgh, 0xffffffff, 0},
      {kCsrTselect, 5, 0},
      {kCsrTdata1, 0xffffffff, 0},
      {kCsrTinfo, 0, 1},
      {kCsrMie, 0xffffffff, 0x888},
      {kCsrMip, 0xffffffff, 0},
      {kCsrMtvec, 0x80000001, 0x80000001},
      {kCsrMtvec, 0x12345678, 0x12345678},
      {kCsrMtvec, 0x80000002, 0x12345678},
      {kCsrMscratch, 0xa5a5a5a5, 0xa5a5a5a5},
      {kCsrMepc, 0xffffffff, 0xfffffffe},
      {kCsrMcause, 0x8000000b, 0x8000000b},
      {kCsrMtval, 0x12345, 0x12345},
      {kCsrMcountinhibit, 0xffffffff, 5},
      {kCsrMhpmcounter3, 5, 0},
      {kCsrMhpmevent31, 5, 0},
      {kCsrMstatush, 0xffffffff, 0},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(m.core.write_csr(c.csr, c.written));
    EXPECT_EQ(m.core.read_csr(c.csr), c.read) << std::hex << c.csr;
  }
}

TEST(Csr, ReadModifyWriteForms) {
  TestMachine m;
  m.put(kRam,
        {csrrw(a0, kCsrMscratch, a1), csrrs(a2, kCsrMscratch, a3), csrrc(a4, kCsrMscratch, a5),
         csrrwi(s0, kCsrMscratch, 21), csrrsi(s1, kCsrMscratch, 10), csrrci(s2, kCsrMscratch, 3),
         csrr(s3, kCsrMscratch), csrrw(a1, kCsrMscratch, a1), wfi()});
  m.core.set_x(a1, 0xf0);
  m.core.set_x(a3, 0x0f);
  m.core.set_x(a5, 0x81);
  m.core.write_csr(kCsrMscratch, 0x11);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 0x11u);
  EXPECT_EQ(m.core.x(a2), 0xf0u);
  EXPECT_EQ(m.core.x(a4), 0xffu);
  EXPECT_EQ(m.core.x(s0), 0x7eu);
  EXPECT_EQ(m.core.x(s1), 21u);
  EXPECT_EQ(m.core.x(s2), 31u);
  EXPECT_EQ(m.core.x(s3), 28u);
  EXPECT_EQ(m.core.x(a1), 28u) << "rd = rs1 exchanges";
  EXPECT_EQ(m.core.read_csr(kCsrMscratch), 0xf0u);
}

TEST(Csr, AbsentAndReadOnlyOnesAreIllegal) {
  const std::uint32_t words[] = {
      csrr(a0, 0x180),      csrr(a0, 0x302),      csrr(a0, 0x303), csrr(a0, 0x106),
      csrr(a0, 0x3a4),      csrr(a0, 0x3c0),      csrr(a0, 0x744), csrr(a0, 0x7a8),
      csrr(a0, 0x100),      csrr(a0, 0x321),      csrw(0xc00, a1), csrw(kCsrMhartid, a1),
      csrrs(a0, 0xf11, a1), csrrsi(a0, 0xc01, 1), csrw(0xc03, a1),
  };
  for (const std::uint32_t word : words) {
    TrapMachine m;
    m.put(kRam, {addi(a0, zero, 5), word});
    m.expect_trap(kCauseIllegalInstruction, kRam + 4, word);
    EXPECT_EQ(m.core.x(a0), 5u);
  }
  TrapMachine allowed;  // reading read-only registers through set and clear with x0
  allowed.put(kRam,
              {csrrs(a0, kCsrMhartid, zero), csrrc(a0, 0xc00, zero), csrrsi(a0, 0xf11, 0), wfi()});
  EXPECT_EQ(allowed.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(allowed.core.pc(), kRam + 16);
}

TEST(Csr, FloatRegistersNeedFs) {
  for (const std::uint32_t word : {csrr(a0, kCsrFflags), csrr(a0, kCsrFrm), csrw(kCsrFcsr, a1)}) {
    TrapMachine off;
    off.put(kRam, {word});
    off.expect_trap(kCauseIllegalInstruction, kRam, word);
  }
  TestMachine on;
  on.put(kRam, {csrw(kCsrFcsr, a1), csrr(a2, kCsrFflags), csrr(a3, kCsrFrm), csrrwi(a4, kCsrFrm, 1),
                csrrwi(a5, kCsrFflags, 0), csrr(s0, kCsrFcsr), wfi()});
  on.core.set_x(a1, 0xffffffff);
  on.core.write_csr(kCsrMstatus, 0x2000);
  EXPECT_EQ(on.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(on.core.x(a2), 31u);
  EXPECT_EQ(on.core.x(a3), 7u);
  EXPECT_EQ(on.core.x(a4), 7u);
  EXPECT_EQ(on.core.x(a5), 31u);
  EXPECT_EQ(on.core.x(s0), 0x20u);
  EXPECT_EQ(on.core.read_csr(kCsrMstatus), 0x80006000u) << "FS became Dirty";
}

TEST(Csr, CountersCountAndCanBeWrittenAndStopped) {
  TestMachine m;
  m.put(kRam, {nop(),
               nop(),
               csrr(a0, kCsrMinstret),
               csrr(a1, kCsrInstret),
               nop(),
               csrr(a2, kCsrMcycle),
               csrw(kCsrMinstret, zero),
               csrr(a3, kCsrMinstret),
               addi(t0, zero, -1),
               csrw(kCsrMinstret, t0),
               nop(),
               csrr(a4, kCsrMinstret),
               csrr(a5, kCsrMinstreth),
               csrrwi(zero, kCsrMcountinhibit, 5),
               csrr(s0, kCsrMcycle),
               nop(),
               csrr(s1, kCsrMcycle),
               csrr(s2, kCsrMinstret),
               nop(),
               csrr(s3, kCsrMinstret),
               csrrwi(zero, kCsrMcountinhibit, 0),
               csrr(s4, kCsrMcycle),
               wfi()});
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 2u);
  EXPECT_EQ(m.core.x(a1), 3u);
  EXPECT_EQ(m.core.x(a2), 5u);
  EXPECT_EQ(m.core.x(a3), 0u) << "the write itself is not counted";
  EXPECT_EQ(m.core.x(a4), 0u);
  EXPECT_EQ(m.core.x(a5), 1u);
  EXPECT_EQ(m.core.x(s0), m.core.x(s1));
  EXPECT_EQ(m.core.x(s2), m.core.x(s3));
  EXPECT_EQ(m.core.x(s4), m.core.x(s0));
}

TEST(Csr, TimeComesFromTheBus) {
  TestMachine m;
  m.time_value = 0x123456789;
  m.put(kRam, {csrr(a0, kCsrTime), csrr(a1, kCsrTimeh), wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 0x23456789u);
  EXPECT_EQ(m.core.x(a1), 1u);
}

struct Recorder : TrapObserver {
  void on_trap(std::uint32_t cause, std::uint32_t pc, std::uint32_t tval) override {
    events.push_back({cause, pc, tval});
  }
  void on_mret(std::uint32_t target) override { events.push_back({0xffff, target, 0}); }
  std::vector<std::array<std::uint32_t, 3>> events;
};

TEST(Trap, ObserverSeesEntryAndReturn) {
  TrapMachine m;
  Recorder recorder;
  m.core.add_trap_observer(&recorder);
  m.put(kRam, {ecall(), wfi()});
  m.put(kHandler, {csrr(a1, kCsrMepc), addi(a1, a1, 4), csrw(kCsrMepc, a1), mret()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  ASSERT_EQ(recorder.events.size(), 2u);
  EXPECT_EQ(recorder.events[0], (std::array<std::uint32_t, 3>{kCauseEcallM, kRam, 0}));
  EXPECT_EQ(recorder.events[1], (std::array<std::uint32_t, 3>{0xffff, kRam + 4, 0}));
}

}  // namespace
}  // namespace aimc::riscv
