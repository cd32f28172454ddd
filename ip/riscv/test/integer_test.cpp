// SPDX-License-Identifier: Apache-2.0
// RV32IM, compressed forms, loads, stores and atomics, one instruction at a time.
#include <gtest/gtest.h>

#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

/// Executes one instruction followed by wfi, with a1 = first, a2 = second; gives back a0.
std::uint32_t run_alu(std::uint32_t word, std::uint32_t first, std::uint32_t second = 0) {
  TestMachine m;
  m.put(m.kRam, {word, wfi()});
  m.core.set_x(a0, 0xdeadbeef);
  m.core.set_x(a1, first);
  m.core.set_x(a2, second);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.instructions(), 2u);
  return m.core.x(a0);
}

TEST(Integer, RegisterImmediate) {
  EXPECT_EQ(run_alu(addi(a0, a1, -1), 0), 0xffffffffu);
  EXPECT_EQ(run_alu(addi(a0, a1, 2047), 1), 2048u);
  EXPECT_EQ(run_alu(slti(a0, a1, -1), 0xfffffffe), 1u);
  EXPECT_EQ(run_alu(slti(a0, a1, -1), 5), 0u);
  EXPECT_EQ(run_alu(sltiu(a0, a1, -1), 5), 1u);
  EXPECT_EQ(run_alu(sltiu(a0, a1, 1), 0), 1u);
  EXPECT_EQ(run_alu(xori(a0, a1, -1), 0x12345678), ~0x12345678u);
  EXPECT_EQ(run_alu(ori(a0, a1, 0x0f0), 0x100), 0x1f0u);
  EXPECT_EQ(run_alu(andi(a0, a1, -16), 0xff), 0xf0u);
  EXPECT_EQ(run_alu(slli(a0, a1, 31), 3), 0x80000000u);
  EXPECT_EQ(run_alu(srli(a0, a1, 31), 0x80000000), 1u);
  EXPECT_EQ(run_alu(srai(a0, a1, 31), 0x80000000), 0xffffffffu);
  EXPECT_EQ(run_alu(lui(a0, 0xfffff), 0), 0xfffff000u);
  EXPECT_EQ(run_alu(auipc(a0, 0x1), 0), 0x80001000u);
}

TEST(Integer, FoldedForms) {
  EXPECT_EQ(run_alu(addi(a0, zero, -5), 1), 0xfffffffbu);
  EXPECT_EQ(run_alu(xori(a0, zero, 7), 1), 7u);
  EXPECT_EQ(run_alu(ori(a0, a1, 0), 9), 9u);
  EXPECT_EQ(run_alu(add(a0, zero, a2), 1, 2), 2u);
  EXPECT_EQ(run_alu(add(a0, a1, zero), 1, 2), 1u);
  EXPECT_EQ(run_alu(alu(6, a0, a1, zero), 3, 2), 3u);
  EXPECT_EQ(run_alu(alu(6, a0, zero, zero), 3, 2), 0u);
  EXPECT_EQ(run_alu(add(a0, zero, zero), 3, 2), 0u);
}

TEST(Integer, RegisterRegister) {
  EXPECT_EQ(run_alu(add(a0, a1, a2), 0xffffffff, 2), 1u);
  EXPECT_EQ(run_alu(sub(a0, a1, a2), 1, 2), 0xffffffffu);
  EXPECT_EQ(run_alu(alu(1, a0, a1, a2), 1, 33), 2u) << "shift amounts are modulo 32";
  EXPECT_EQ(run_alu(alu(2, a0, a1, a2), 0x80000000, 1), 1u);
  EXPECT_EQ(run_alu(alu(3, a0, a1, a2), 0x80000000, 1), 0u);
  EXPECT_EQ(run_alu(alu(4, a0, a1, a2), 0xff00, 0x0ff0), 0xf0f0u);
  EXPECT_EQ(run_alu(alu(5, a0, a1, a2), 0x80000000, 63), 1u);
  EXPECT_EQ(run_alu(sra(a0, a1, a2), 0x80000000, 63), 0xffffffffu);
  EXPECT_EQ(run_alu(alu(6, a0, a1, a2), 0xff00, 0x0ff0), 0xfff0u);
  EXPECT_EQ(run_alu(alu(7, a0, a1, a2), 0xff00, 0x0ff0), 0x0f00u);
}

TEST(Integer, MultiplyAndDivide) {
  constexpr std::uint32_t kMin = 0x80000000u, kMinus1 = 0xffffffffu;
  EXPECT_EQ(run_alu(muldiv(0, a0, a1, a2), 0x12345678, 0x9abcdef0), 0x242d2080u);
  EXPECT_EQ(run_alu(muldiv(1, a0, a1, a2), kMin, kMin), 0x40000000u);
  EXPECT_EQ(run_alu(muldiv(1, a0, a1, a2), kMinus1, 1), kMinus1);
  EXPECT_EQ(run_alu(muldiv(2, a0, a1, a2), kMinus1, kMinus1), kMinus1);
  EXPECT_EQ(run_alu(muldiv(2, a0, a1, a2), 2, kMinus1), 1u);
  EXPECT_EQ(run_alu(muldiv(3, a0, a1, a2), kMinus1, kMinus1), 0xfffffffeu);
  EXPECT_EQ(run_alu(muldiv(4, a0, a1, a2), 7, static_cast<std::uint32_t>(-2)),
            static_cast<std::uint32_t>(-3));
  EXPECT_EQ(run_alu(muldiv(4, a0, a1, a2), 7, 0), kMinus1);
  EXPECT_EQ(run_alu(muldiv(4, a0, a1, a2), kMin, kMinus1), kMin);
  EXPECT_EQ(run_alu(muldiv(5, a0, a1, a2), kMinus1, 2), 0x7fffffffu);
  EXPECT_EQ(run_alu(muldiv(5, a0, a1, a2), 7, 0), kMinus1);
  EXPECT_EQ(run_alu(muldiv(6, a0, a1, a2), static_cast<std::uint32_t>(-7), 2), kMinus1);
  EXPECT_EQ(run_alu(muldiv(6, a0, a1, a2), 7, 0), 7u);
  EXPECT_EQ(run_alu(muldiv(6, a0, a1, a2), kMin, kMinus1), 0u);
  EXPECT_EQ(run_alu(muldiv(7, a0, a1, a2), kMinus1, 10), 5u);
  EXPECT_EQ(run_alu(muldiv(7, a0, a1, a2), 7, 0), 7u);
}

TEST(Integer, WritesToX0AreDropped) {
  TestMachine m;
  m.write(m.kRam + 0x100, 77);
  m.put(m.kRam, {addi(zero, a1, 5), lui(zero, 1), add(zero, a1, a1), muldiv(0, zero, a1, a1),
                 lw(zero, 0x100, a1), csrrs(zero, kCsrMisa, zero), amo(0, zero, a1, a1),
                 jal(zero, 8), wfi(), mv(a0, zero), wfi()});
  m.core.set_x(a1, m.kRam);  // amo on the program itself: adds to the first instruction, harmless
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(0), 0u);
  EXPECT_EQ(m.core.x(a0), 0u);
  EXPECT_EQ(m.core.pc(), m.kRam + 44);
}

struct BranchCase {
  std::uint32_t word;
  std::uint32_t first, second;
  bool taken;
};

TEST(Integer, Branches) {
  constexpr std::uint32_t kMinus1 = 0xffffffffu;
  const BranchCase cases[] = {
      {beq(a1, a2, 8), 1, 1, true},         {beq(a1, a2, 8), 1, 2, false},
      {bne(a1, a2, 8), 1, 1, false},        {bne(a1, a2, 8), 1, 2, true},
      {blt(a1, a2, 8), kMinus1, 0, true},   {blt(a1, a2, 8), 0, kMinus1, false},
      {bge(a1, a2, 8), kMinus1, 0, false},  {bge(a1, a2, 8), 0, 0, true},
      {bltu(a1, a2, 8), kMinus1, 0, false}, {bltu(a1, a2, 8), 0, kMinus1, true},
      {bgeu(a1, a2, 8), kMinus1, 0, true},  {bgeu(a1, a2, 8), 0, 1, false},
  };
  for (const BranchCase& c : cases) {
    for (const bool paired : {false, true}) {  // also as second half of a pair
      TestMachine m;
      m.put(m.kRam, {paired ? addi(t0, zero, 1) : fence(), c.word, wfi(), wfi()});
      m.core.set_x(a1, c.first);
      m.core.set_x(a2, c.second);
      EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
      EXPECT_EQ(m.core.pc(), m.kRam + (c.taken ? 16 : 12)) << std::hex << c.word;
    }
  }
}

TEST(Integer, JumpsLinkAndClearBitZero) {
  TestMachine m;
  m.put(m.kRam, {jal(ra, 8), wfi(), jalr(t0, ra, 13), wfi(), wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(ra), m.kRam + 4);
  EXPECT_EQ(m.core.x(t0), m.kRam + 12);
  EXPECT_EQ(m.core.pc(), m.kRam + 20) << "ra + 13 with bit 0 cleared, then wfi";
}

TEST(Integer, JalrWithSameSourceAndDestination) {
  TestMachine m;
  m.put(m.kRam, {jalr(ra, ra, 0), wfi(), wfi()});
  m.core.set_x(ra, m.kRam + 8);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(ra), m.kRam + 4);
  EXPECT_EQ(m.core.pc(), m.kRam + 12);
}

TEST(Integer, JalrToChangingTargets) {
  TestMachine m;  // calls one of two functions in turn, through the one-entry target cache
  m.put(m.kRam, {jalr(ra, a1, 0), mv(t0, a1), mv(a1, a2), mv(a2, t0), addi(a3, a3, -1),
                 bne(a3, zero, -20), wfi()});
  m.put(m.kRam + 0x100, {addi(a4, a4, 1), jalr(zero, ra, 0)});
  m.put(m.kRam + 0x200, {addi(a5, a5, 1), jalr(zero, ra, 0)});
  m.core.set_x(a1, m.kRam + 0x100);
  m.core.set_x(a2, m.kRam + 0x200);
  m.core.set_x(a3, 100);
  EXPECT_EQ(m.core.run(100000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a4), 50u);
  EXPECT_EQ(m.core.x(a5), 50u);
}

TEST(Memory, SizesAndSigns) {
  TestMachine m;
  m.write(m.kRam + 0x100, 0x80ff7f01);
  m.put(m.kRam, {lb(t0, 0x101, a1), lb(t1, 0x103, a1), lbu(t2, 0x103, a1), lh(a2, 0x102, a1),
                 lhu(a3, 0x102, a1), lw(a4, 0x100, a1), sb(a4, 0x200, a1), sh(a4, 0x204, a1),
                 sw(a4, 0x208, a1), wfi()});
  m.write(m.kRam + 0x200, 0xaaaaaaaa);
  m.write(m.kRam + 0x204, 0xaaaaaaaa);
  m.core.set_x(a1, m.kRam);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(t0), 0x7fu);
  EXPECT_EQ(m.core.x(t1), 0xffffff80u);
  EXPECT_EQ(m.core.x(t2), 0x80u);
  EXPECT_EQ(m.core.x(a2), 0xffff80ffu);
  EXPECT_EQ(m.core.x(a3), 0x80ffu);
  EXPECT_EQ(m.core.x(a4), 0x80ff7f01u);
  EXPECT_EQ(m.read(m.kRam + 0x200), 0xaaaaaa01u);
  EXPECT_EQ(m.read(m.kRam + 0x204), 0xaaaa7f01u);
  EXPECT_EQ(m.read(m.kRam + 0x208), 0x80ff7f01u);
}

TEST(Memory, SameResultsOverTheBusAndDirect) {
  for (const bool direct : {false, true}) {
    TestMachine m;
    m.allow_direct = direct;
    m.write(m.kRam + 0x100, 0x8899aabb);
    m.put(m.kRam, {lb(t0, 0x100, a1), lh(t1, 0x101, a1), lw(t2, 0x0fe, a1), sh(t1, 0x203, a1),
                   amo(0, a2, a3, a4), wfi()});
    m.core.set_x(a1, m.kRam);
    m.core.set_x(a3, 1);
    m.core.set_x(a4, m.kRam + 0x100);
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(t0), 0xffffffbbu);
    EXPECT_EQ(m.core.x(t1), 0xffff99aau);
    EXPECT_EQ(m.core.x(t2), 0xaabb0000u);
    EXPECT_EQ(m.core.x(a2), 0x8899aabbu);
    EXPECT_EQ(m.read(m.kRam + 0x100), 0x8899aabcu);
    EXPECT_EQ(m.read(m.kRam + 0x200), 0xaa000000u);
    EXPECT_EQ(m.read(m.kRam + 0x204), 0x99u);
  }
}

TEST(Memory, LastBytesOfARegion) {
  TestMachine m;
  const std::uint32_t end = m.kRam + m.kRamSize;
  m.write(end - 4, 0x11223344);
  m.put(m.kRam, {lbu(t0, -1, a1), lhu(t1, -2, a1), lw(t2, -4, a1), sb(t2, -1, a1), wfi()});
  m.core.set_x(a1, end);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(t0), 0x11u);
  EXPECT_EQ(m.core.x(t1), 0x1122u);
  EXPECT_EQ(m.core.x(t2), 0x11223344u);
  EXPECT_EQ(m.read(end - 4), 0x44223344u);
}

TEST(Memory, OneBusAccessIsEnoughToGoDirect) {
  TestMachine m;
  m.put(m.kRam, {lw(t0, 0, a1), lw(t1, 4, a1), sw(t0, 8, a1), sw(t0, 12, a1), wfi()});
  m.core.set_x(a1, m.kRam + 0x100);
  m.core.run(100);
  EXPECT_EQ(m.bus_fetches, 1u);
  EXPECT_EQ(m.bus_loads, 1u);
  EXPECT_EQ(m.bus_stores, 1u);
}

TEST(Atomic, EachOperation) {
  struct Case {
    std::uint32_t f5, memory, operand, result;
  };
  const Case cases[] = {
      {1, 5, 9, 9},
      {0, 5, 9, 14},
      {4, 0xff0, 0x0ff, 0xf0f},
      {12, 0xff0, 0x0ff, 0x0f0},
      {8, 0xff0, 0x0ff, 0xfff},
      {16, 0xffffffff, 1, 0xffffffff},
      {20, 0xffffffff, 1, 1},
      {24, 0xffffffff, 1, 1},
      {28, 0xffffffff, 1, 0xffffffff},
  };
  for (const Case& c : cases) {
    TestMachine m;
    m.put(m.kRam, {amo(c.f5, a0, a2, a1), wfi()});
    m.write(m.kRam + 0x100, c.memory);
    m.core.set_x(a1, m.kRam + 0x100);
    m.core.set_x(a2, c.operand);
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(a0), c.memory);
    EXPECT_EQ(m.read(m.kRam + 0x100), c.result) << c.f5;
  }
}

TEST(Atomic, StoreConditionalNeedsItsReservation) {
  TestMachine m;
  m.put(m.kRam, {sc(t0, a2, a1), lr(t1, a1), sc(t2, a2, a1), sc(a3, a2, a1), lr(t1, a1),
                 addi(a4, a1, 4), sc(a5, a2, a4), wfi()});
  m.write(m.kRam + 0x100, 5);
  m.core.set_x(a1, m.kRam + 0x100);
  m.core.set_x(a2, 6);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(t0), 1u) << "no reservation";
  EXPECT_EQ(m.core.x(t2), 0u) << "reserved";
  EXPECT_EQ(m.core.x(a3), 1u) << "used up";
  EXPECT_EQ(m.core.x(a5), 1u) << "other address";
  EXPECT_EQ(m.core.x(t1), 6u);
  EXPECT_EQ(m.read(m.kRam + 0x104), 0u);
}

TEST(Atomic, OtherMastersBreakTheReservation) {
  for (const bool reported : {true, false}) {
    TestMachine m;
    m.put(m.kRam, {lr(t1, a1), wfi(), sc(t0, a2, a1), wfi()});
    m.core.set_x(a1, m.kRam + 0x100);
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    if (reported) {
      m.core.invalidate(m.kRam + 0x102, 1);
    } else {
      m.write(m.kRam + 0x100, 99);  // through a host pointer: noticed by the value
    }
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(t0), 1u);
  }
}

TEST(Atomic, TrapsBreakTheReservation) {
  TestMachine m;
  m.put(m.kRam, {lr(t1, a1), ecall(), sc(t0, a2, a1), wfi()});
  m.put(m.kRam + 0x400, {csrr(t2, kCsrMepc), addi(t2, t2, 4), csrw(kCsrMepc, t2), mret()});
  m.core.write_csr(kCsrMtvec, m.kRam + 0x400);
  m.core.set_x(a1, m.kRam + 0x100);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(t0), 1u);
}

/// Executes one compressed instruction on given registers and returns the machine.
struct Compressed {
  TestMachine m;
  explicit Compressed(std::uint16_t half) {
    m.put16(m.kRam, {half, 0x9002});  // then c.ebreak
    m.put(m.kRam + 0x40, {wfi()});
    for (unsigned n = 1; n < 32; ++n) m.core.set_x(n, m.kRam + 0x100 + 4 * n);
    m.core.write_csr(kCsrMtvec, m.kRam + 0x40);
  }
  TestMachine& run() {
    m.core.run(100);
    return m;
  }
};

TEST(CompressedForms, Arithmetic) {
  EXPECT_EQ(Compressed(0x0048).run().core.x(a0), TestMachine::kRam + 0x108 + 4)
      << "c.addi4spn a0,4";
  EXPECT_EQ(Compressed(0x157d).run().core.x(a0), TestMachine::kRam + 0x128 - 1) << "c.addi a0,-1";
  EXPECT_EQ(Compressed(0x5575).run().core.x(a0), 0xfffffffdu) << "c.li a0,-3";
  EXPECT_EQ(Compressed(0x7139).run().core.x(sp), TestMachine::kRam + 0x108 - 64)
      << "c.addi16sp -64";
  EXPECT_EQ(Compressed(0x757d).run().core.x(a0), 0xfffff000u) << "c.lui a0,0xfffff";
  EXPECT_EQ(Compressed(0x8111).run().core.x(a0), (TestMachine::kRam + 0x128) >> 4) << "c.srli a0,4";
  EXPECT_EQ(Compressed(0x8511).run().core.x(a0), 0xf8000012u) << "c.srai a0,4";
  EXPECT_EQ(Compressed(0x8931).run().core.x(a0), 8u) << "c.andi a0,12";
  EXPECT_EQ(Compressed(0x8d0d).run().core.x(a0), 0xfffffffcu) << "c.sub a0,a1";
  EXPECT_EQ(Compressed(0x8d2d).run().core.x(a0), 4u) << "c.xor a0,a1";
  EXPECT_EQ(Compressed(0x8d4d).run().core.x(a0), TestMachine::kRam + 0x12c) << "c.or a0,a1";
  EXPECT_EQ(Compressed(0x8d6d).run().core.x(a0), TestMachine::kRam + 0x128) << "c.and a0,a1";
  EXPECT_EQ(Compressed(0x0512).run().core.x(a0), 0x00001280u) << "c.slli a0,4";
  EXPECT_EQ(Compressed(0x852e).run().core.x(a0), TestMachine::kRam + 0x12c) << "c.mv a0,a1";
  EXPECT_EQ(Compressed(0x952e).run().core.x(a0), 0x00000254u) << "c.add a0,a1";
  EXPECT_EQ(Compressed(0x0001).run().core.read_csr(kCsrMcause), 3u) << "c.nop, then c.ebreak";
}

TEST(CompressedForms, LoadsAndStores) {
  {
    Compressed c(0x4548);  // c.lw a0,12(a0)
    c.m.write(c.m.kRam + 0x134, 0xabcd0123);
    EXPECT_EQ(c.run().core.x(a0), 0xabcd0123u);
  }
  {
    Compressed c(0x4532);  // c.lwsp a0,12(sp)
    c.m.write(c.m.kRam + 0x114, 0xabcd0123);
    EXPECT_EQ(c.run().core.x(a0), 0xabcd0123u);
  }
  EXPECT_EQ(Compressed(0xc54c).run().read(TestMachine::kRam + 0x134), TestMachine::kRam + 0x12c)
      << "c.sw a1,12(a0)";
  EXPECT_EQ(Compressed(0xc62e).run().read(TestMachine::kRam + 0x114), TestMachine::kRam + 0x12c)
      << "c.swsp a1,12(sp)";
}

TEST(CompressedForms, ControlFlow) {
  TestMachine m;
  m.put16(m.kRam, {0x2021, 0x9002, 0x9002, 0x9002, 0xa019, 0x9002, 0x9002, 0xc111, 0x0001, 0xe111});
  // c.jal +8; at 8: c.j +6 -> 14: c.beqz a0,+4 -> 18: c.bnez a0,+4 (not taken) -> 20
  m.put(m.kRam + 20, {wfi()});
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(ra), m.kRam + 2);
  EXPECT_EQ(m.core.pc(), m.kRam + 24);

  TestMachine jumps;
  jumps.put16(jumps.kRam, {0x9582, 0x9002});  // c.jalr a1
  jumps.put16(jumps.kRam + 0x10, {0x8082});   // c.jr ra
  jumps.put(jumps.kRam + 0x80, {wfi()});
  jumps.core.set_x(a1, jumps.kRam + 0x10);
  jumps.core.write_csr(kCsrMtvec, jumps.kRam + 0x80);
  EXPECT_EQ(jumps.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(jumps.core.x(ra), jumps.kRam + 2);
  EXPECT_EQ(jumps.core.read_csr(kCsrMepc), jumps.kRam + 2);
}

TEST(CompressedForms, ReservedEncodingsAreIllegal) {
  // all zero, c.addi4spn 0, c.lui 0, c.srli with shamt 32, c.lwsp x0, c.jr x0, RV64 c.subw, c.fld
  constexpr std::uint16_t kReserved[] = {0x0000, 0x0008, 0x6501, 0x9101, 0x4002,
                                         0x8002, 0x9d0d, 0x2108, 0x1502, 0x6101};
  for (const std::uint16_t half : kReserved) {
    Compressed c(half);
    c.run();
    EXPECT_EQ(c.m.core.read_csr(kCsrMcause), 2u) << std::hex << half;
    EXPECT_EQ(c.m.core.read_csr(kCsrMtval), std::uint32_t{half});
    EXPECT_EQ(c.m.core.read_csr(kCsrMepc), c.m.kRam);
  }
}

TEST(CompressedForms, InstructionAcrossAPage) {
  TestMachine m;
  m.put16(m.kRam + 0xffc, {0x0001});
  m.put16(m.kRam + 0xffe, {static_cast<std::uint16_t>(addi(a0, a0, 5) & 0xffff),
                           static_cast<std::uint16_t>(addi(a0, a0, 5) >> 16)});
  m.put16(m.kRam + 0x1002,
          {static_cast<std::uint16_t>(wfi() & 0xffff), static_cast<std::uint16_t>(wfi() >> 16)});
  m.core.set_pc(m.kRam + 0xffc);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 5u);
  // The half in the second page changes: invalidating that page must drop the block.
  m.put16(m.kRam + 0x1000, {static_cast<std::uint16_t>(addi(a0, a0, 9) >> 16)});
  m.core.invalidate(m.kRam + 0x1000, 2);
  m.core.set_pc(m.kRam + 0xffc);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 14u);
}

}  // namespace
}  // namespace aimc::riscv
