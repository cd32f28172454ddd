// SPDX-License-Identifier: Apache-2.0
// Slices, positions in time, code that changes, direct regions, observers, ISA strings,
// disassembly.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aimc/riscv/disassembler.h"
#include "aimc/riscv/instruction.h"
#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kRam = TestMachine::kRam;
constexpr std::uint32_t kDevice = TestMachine::kDevice;

TEST(Run, BudgetIsExactToAnInstruction) {
  for (std::int64_t budget = 1; budget < 40; ++budget) {
    TestMachine m;
    m.put(kRam, {addi(a0, a0, 1), addi(a1, a1, 1), nop(), jal(zero, -12)});  // blocks of 4
    const RunResult result = m.core.run(budget);
    EXPECT_EQ(result.exit, Exit::kBudget);
    EXPECT_EQ(result.cycles, static_cast<std::uint64_t>(budget));
    EXPECT_EQ(result.instructions, result.cycles);
    EXPECT_EQ(m.core.instructions(), result.instructions);
    EXPECT_EQ(m.core.x(a0), (result.instructions + 3) / 4);
    EXPECT_EQ(m.core.x(a1), (result.instructions + 2) / 4);
    EXPECT_EQ(m.core.pc(), kRam + 4 * (budget % 4));
  }
}

TEST(Run, SlicesOfAnySizeGiveTheSameResult) {
  std::vector<std::uint32_t> sums;
  std::vector<std::uint64_t> counts;
  for (const std::int64_t slice : {1, 3, 10, 1000, 1000000}) {
    TestMachine m;
    m.put(kRam,
          {addi(a1, zero, 500), addi(a0, a0, 3), slli(a2, a0, 3), alu(4, a0, a0, a2), jal(ra, 20),
           addi(a1, a1, -1), bne(a1, zero, -20), wfi(), nop(), add(a0, a0, a1), jalr(zero, ra, 0)});
    Exit exit = Exit::kBudget;
    while (exit == Exit::kBudget) exit = m.core.run(slice).exit;
    EXPECT_EQ(exit, Exit::kWfi);
    sums.push_back(m.core.x(a0));
    counts.push_back(m.core.instructions());
  }
  for (std::size_t n = 1; n < sums.size(); ++n) {
    EXPECT_EQ(sums[n], sums[0]);
    EXPECT_EQ(counts[n], counts[0]);
  }
}

TEST(Run, LongStraightCodeAndPageEndsSplitBlocks) {
  TestMachine m;
  for (unsigned n = 0; n < 3000; ++n) m.write(kRam + 4 * n, addi(a0, a0, 1));
  m.write(kRam + 12000, wfi());
  EXPECT_EQ(m.core.run(100000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 3000u);
  EXPECT_EQ(m.core.instructions(), 3001u);
}

TEST(Run, PositionOfADeviceAccessIsExact) {
  TestMachine m;
  m.put(kRam,
        {lui(a1, 0x10000), nop(), nop(), lw(a0, 0, a1), nop(), sw(a0, 4, a1), jal(zero, -16)});
  m.core.run(7);
  EXPECT_EQ(m.instructions_at_access, 5u);
  EXPECT_EQ(m.cycles_at_access, 5u);
  EXPECT_EQ(m.core.cycles(), 7u);
  m.core.add_stall_cycles(100);
  m.core.run(5);  // nop, lw, nop, sw, jal
  EXPECT_EQ(m.cycles_at_access, 107u + 3u);
  EXPECT_EQ(m.instructions_at_access, 7u + 3u);
}

TEST(Run, CycleTable) {
  CoreConfig config;
  config.cycles.mul = 3;
  config.cycles.div = 20;
  config.cycles.load = 2;
  config.cycles.branch_taken = 4;
  config.cycles.jump = 2;
  config.cycles.csr = 5;
  TestMachine m(config);
  m.put(kRam, {muldiv(0, a0, a0, a0), muldiv(4, a0, a0, a0), lw(a0, 0, a1), beq(zero, zero, 8),
               nop(), bne(zero, zero, 8), jal(zero, 8), nop(), csrr(a2, kCsrMcycle),
               csrr(a3, kCsrMcycle), wfi()});
  m.core.set_x(a1, kRam);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a2), 3u + 20 + 2 + 4 + 1 + 2);
  EXPECT_EQ(m.core.x(a3), m.core.x(a2) + 5);
  EXPECT_EQ(m.core.cycles(), m.core.x(a3) + 6u);
  EXPECT_EQ(m.core.instructions(), 9u);
}

TEST(Run, StopFromADeviceIsPrecise) {
  TestMachine m;
  m.on_access = [&](std::uint32_t address) {
    if (address >> 28 == 1) m.core.request_stop();
  };
  m.put(kRam, {lui(a1, 0x10000), sw(a0, 0, a1), addi(a0, zero, 1), wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kStop);
  EXPECT_EQ(m.core.pc(), kRam + 8);
  EXPECT_EQ(m.core.instructions(), 2u);
  m.on_access = nullptr;
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 1u);
}

TEST(Run, SelfModifyingCodeAfterFenceI) {
  TestMachine m;
  // A loop that rewrites its own addi with immediates 1, 2, 3.
  m.put(kRam, {addi(a0, a0, 0), addi(t0, t0, 1), slli(t1, t0, 20), alu(6, t1, t1, s0),
               sw(t1, 0, s1), fence_i(), bne(t0, s2, -24), addi(a0, a0, 0), wfi()});
  m.core.set_x(s0, addi(a0, a0, 0));
  m.core.set_x(s1, kRam);
  m.core.set_x(s2, 4);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 0u + 1 + 2 + 3);
}

TEST(Run, WritesFromOutsideNeedInvalidate) {
  TestMachine m;
  m.put(kRam, {addi(a0, a0, 1), wfi(), jal(zero, -8)});
  m.put(kRam + 0x1000, {addi(a0, a0, 100), wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 2u);
  m.write(kRam, addi(a0, a0, 10));
  m.core.invalidate(kRam + 0x2000, 0x1000);  // elsewhere
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 3u) << "still the decoded block";
  m.core.invalidate(kRam + 2, 1);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 13u);
}

TEST(Run, InvalidateDuringABlockThatLoops) {
  TestMachine m;
  unsigned count = 0;
  m.on_access = [&](std::uint32_t address) {
    if (address != kDevice) return;
    if (++count == 3) {
      m.write(kRam, addi(a0, a0, 100));
      m.core.invalidate(kRam, 4);
    }
  };
  m.put(kRam, {addi(a0, a0, 1), sw(a0, 0, a1), addi(a2, a2, -1), bne(a2, zero, -12), wfi()});
  m.core.set_x(a1, kDevice);
  m.core.set_x(a2, 5);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 3u + 200u);
}

TEST(Run, RevokedDirectRegionIsNotUsed) {
  TestMachine m;
  m.put(kRam, {lw(a0, 0x100, a1), wfi(), jal(zero, -8)});
  m.core.set_x(a1, kRam);
  m.core.run(100);
  const unsigned before = m.bus_loads;
  m.core.run(100);
  EXPECT_EQ(m.bus_loads, before);
  m.allow_direct = false;
  m.core.invalidate_direct(kRam, kRam + 0xfff);
  m.write(kRam + 0x100, 42);
  m.core.run(100);
  EXPECT_EQ(m.bus_loads, before + 1);
  EXPECT_EQ(m.core.x(a0), 42u);
}

TEST(Run, CodeOutsideDirectMemory) {
  TestMachine m;
  m.allow_direct = false;
  m.put(kRam, {addi(a0, zero, 10), addi(a1, a1, 2), addi(a0, a0, -1), bne(a0, zero, -8), wfi()});
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a1), 20u);
  TestMachine device;  // from registers: each fetch is an access
  const std::uint32_t program[] = {addi(a0, zero, 7), wfi()};
  std::memcpy(device.device, program, sizeof program);
  device.core.set_pc(kDevice);
  EXPECT_EQ(device.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(device.core.x(a0), 7u);
}

struct Counter : InstructionObserver {
  bool may_execute(std::uint32_t pc, std::uint32_t) override { return pc != stop_at; }
  void on_instruction(std::uint32_t pc, std::uint32_t word) override {
    pcs.push_back(pc);
    words.push_back(word);
  }
  std::vector<std::uint32_t> pcs, words;
  std::uint32_t stop_at = 1;
};

TEST(Run, ObservedLoopDoesTheSame) {
  const auto load = [](TestMachine& m) {
    m.put(kRam, {addi(a1, zero, 3), flw(1, 0x100, s0), addi(a0, a0, 3), addi(a1, a1, -1),
                 bne(a1, zero, -12), wfi()});
    m.core.set_x(s0, kRam);
    m.core.write_csr(kCsrMstatus, 0x2000);
  };
  TestMachine fast, observed;
  Counter counter;
  load(fast);
  load(observed);
  observed.core.add_instruction_observer(&counter);
  EXPECT_EQ(fast.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(observed.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(fast.core.instructions(), observed.core.instructions());
  EXPECT_EQ(fast.core.cycles(), observed.core.cycles());
  EXPECT_EQ(fast.core.x(a0), observed.core.x(a0));
  EXPECT_EQ(counter.pcs.size(), observed.core.instructions());
  EXPECT_EQ(counter.words[1], flw(1, 0x100, s0));
  EXPECT_EQ(counter.pcs[1], kRam + 4);
}

TEST(Run, ObserverStopsBeforeAnInstruction) {
  TestMachine m;
  Counter counter;
  counter.stop_at = kRam + 8;
  m.put(kRam, {addi(a0, a0, 1), addi(a0, a0, 1), addi(a0, a0, 1), wfi()});
  m.core.add_instruction_observer(&counter);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kStop);
  EXPECT_EQ(m.core.pc(), kRam + 8);
  EXPECT_EQ(m.core.x(a0), 2u);
  EXPECT_EQ(m.core.instructions(), 2u);
  m.core.remove_instruction_observer(&counter);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.instructions(), 4u);
}

TEST(Run, ResetBringsBackPowerOn) {
  TestMachine m;
  m.put(kRam,
        {addi(a0, zero, 1), csrw(kCsrMtvec, a0), lui(a1, 0x80001), csrw(kCsrMstatus, a1), wfi()});
  m.core.run(100);
  m.core.set_f(1, 5);
  m.core.reset();
  EXPECT_EQ(m.core.pc(), kRam);
  EXPECT_EQ(m.core.x(a0), 0u);
  EXPECT_EQ(m.core.f(1), 0u);
  EXPECT_EQ(m.core.cycles(), 0u);
  EXPECT_EQ(m.core.instructions(), 0u);
  EXPECT_EQ(m.core.read_csr(kCsrMtvec), 0u);
  EXPECT_EQ(m.core.read_csr(kCsrMstatus), 0u);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
}

TEST(Isa, Strings) {
  ExtensionSet isa = 0;
  std::string error;
  EXPECT_TRUE(parse_isa("rv32imafc_zicsr_zifencei", &isa, &error));
  EXPECT_EQ(isa, kAllExtensions & ~(kExtZba | kExtZbb | kExtZbs));
  EXPECT_TRUE(parse_isa("RV32IMAC", &isa, &error));
  EXPECT_EQ(isa & kExtF, 0u);
  EXPECT_TRUE(parse_isa("rv32i_m", &isa, &error));
  EXPECT_EQ(misa_value(isa), 0x40101100u);
  EXPECT_FALSE(parse_isa("rv64imac", &isa, &error));
  EXPECT_FALSE(parse_isa("rv32ix", &isa, &error));
  EXPECT_NE(error.find("unknown extension 'x'"), std::string::npos) << error;
  EXPECT_FALSE(parse_isa("rv32imac_zfoo", &isa, &error));
  EXPECT_NE(error.find("'zfoo'"), std::string::npos);
  EXPECT_FALSE(parse_isa("", &isa, &error));
}

TEST(Isa, GroupsThatAreOffAreIllegal) {
  CoreConfig config;
  std::string error;
  ASSERT_TRUE(parse_isa("rv32i", &config.isa, &error));
  for (const std::uint32_t word : {muldiv(0, a0, a0, a0), amo(0, a0, a0, a1), fp(0, 0, 0, 0)}) {
    TestMachine m(config);
    m.put(kRam, {word});
    m.put(kRam + 0x400, {wfi()});
    m.core.write_csr(kCsrMtvec, kRam + 0x400);
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(m.core.read_csr(kCsrMcause), 2u);
    EXPECT_EQ(m.core.read_csr(kCsrMtval), word);
  }
}

TEST(Table, EveryRowFindsItself) {
  for (const Instruction& row : instruction_table()) {
    EXPECT_EQ(row.match & ~row.mask, 0u) << row.name;
    EXPECT_EQ(find_instruction(row.match, kAllExtensions), &row) << row.name;
    EXPECT_EQ(find_instruction(row.match, kAllExtensions & ~ExtensionSet{row.group}), nullptr);
    EXPECT_EQ(disassemble(row.match, 0).compare(0, std::string(row.name).size(), row.name), 0);
  }
}

TEST(Table, Disassembly) {
  EXPECT_EQ(disassemble(addi(a0, a1, -1), 0), "addi a0,a1,-1");
  EXPECT_EQ(disassemble(lw(a0, -8, sp), 0), "lw a0,-8(sp)");
  EXPECT_EQ(disassemble(sw(a0, 12, sp), 0), "sw a0,12(sp)");
  EXPECT_EQ(disassemble(bne(a0, zero, -8), 0x80000010), "bne a0,zero,0x80000008");
  EXPECT_EQ(disassemble(jal(ra, 2048), 0x80000000), "jal ra,0x80000800");
  EXPECT_EQ(disassemble(jalr(ra, a5, 4), 0), "jalr ra,4(a5)");
  EXPECT_EQ(disassemble(lui(a0, 0x80000), 0), "lui a0,0x80000");
  EXPECT_EQ(disassemble(srai(a0, a1, 31), 0), "srai a0,a1,31");
  EXPECT_EQ(disassemble(csrrw(a0, kCsrMstatus, a1), 0), "csrrw a0,mstatus,a1");
  EXPECT_EQ(disassemble(csrrsi(a0, 0x7c0, 3), 0), "csrrsi a0,0x7c0,3");
  EXPECT_EQ(disassemble(amo(0, a0, a2, a1) | 3u << 25, 0), "amoadd.w.aqrl a0,a2,(a1)");
  EXPECT_EQ(disassemble(lr(a0, a1), 0), "lr.w a0,(a1)");
  EXPECT_EQ(disassemble(flw(10, 4, a0), 0), "flw fa0,4(a0)");
  EXPECT_EQ(disassemble(assembler::fma(0x43, 7, 10, 11, 12, 13), 0), "fmadd.s fa0,fa1,fa2,fa3");
  EXPECT_EQ(disassemble(fp(0, 1, 10, 11, 12), 0), "fadd.s fa0,fa1,fa2,rtz");
  EXPECT_EQ(disassemble(fp(0x60, 1, a0, 11, 0), 0), "fcvt.w.s a0,fa1,rtz");
  EXPECT_EQ(disassemble(fence(), 0), "fence iorw,iorw");
  EXPECT_EQ(disassemble(mret(), 0), "mret");
  EXPECT_EQ(disassemble(0x157d, 0), "addi a0,a0,-1") << "c.addi";
  EXPECT_EQ(disassemble(0xffffffff, 0), ".word 0xffffffff");
  EXPECT_EQ(disassemble(0x0000, 0), ".half 0x0000");
}

}  // namespace
}  // namespace aimc::riscv
