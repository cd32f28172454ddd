// SPDX-License-Identifier: Apache-2.0
// mcycle, minstret and time: what they count, what a write means, where they stop.
#include <gtest/gtest.h>

#include <vector>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

/// A counter with its halves and the inhibit bit.
struct Counter {
  std::uint32_t low, high, shadow, shadow_high, inhibit;
};
const Counter kCounters[] = {{kCsrMcycle, kCsrMcycleh, kCsrCycle, kCsrCycleh, 1},
                             {kCsrMinstret, kCsrMinstreth, kCsrInstret, kCsrInstreth, 4}};

void run_to_wfi(TestMachine& m) { EXPECT_EQ(m.core.run(100000).exit, Exit::kWfi); }

TEST(Counters, NextInstructionReadsWhatWasWritten) {
  CoreConfig slow;
  slow.cycles.csr = 7;
  for (const CoreConfig& config : {CoreConfig{}, slow}) {
    for (const Counter& c : kCounters) {
      TestMachine m(config);
      m.put(kRam, {nop(), csrw(c.low, a1), csrr(a0, c.low),  //
                   csrw(c.high, a2), csrr(a3, c.high),       //
                   csrrwi(zero, c.low, 9), csrr(a4, c.low), wfi()});
      m.core.set_x(a1, 0x12345678);
      m.core.set_x(a2, 0xabcdef01);
      run_to_wfi(m);
      EXPECT_EQ(m.core.x(a0), 0x12345678u);
      EXPECT_EQ(m.core.x(a3), 0xabcdef01u);
      EXPECT_EQ(m.core.x(a4), 9u);
    }
  }
}

TEST(Counters, SetAndClearFormsWorkOnTheValueThatTheyRead) {
  for (const Counter& c : kCounters) {
    TestMachine m;
    m.put(kRam, {csrw(c.low, a1), csrrs(a0, c.low, a2), csrr(a3, c.low),  //
                 csrrc(a4, c.low, a2), csrr(a5, c.low), wfi()});
    m.core.set_x(a1, 0x1000);
    m.core.set_x(a2, 0xf0000000);
    run_to_wfi(m);
    EXPECT_EQ(m.core.x(a0), 0x1000u) << "the write is read by the next instruction";
    EXPECT_EQ(m.core.x(a3), 0xf0001000u);
    EXPECT_EQ(m.core.x(a4), 0xf0001001u) << "that read is counted";
    EXPECT_EQ(m.core.x(a5), 0x00001001u);
  }
}

TEST(Counters, HalvesAreWrittenOneByOne) {
  for (const Counter& c : kCounters) {
    TestMachine m;
    m.put(kRam, {csrw(c.high, a1), csrw(c.low, a2), csrr(a3, c.high),  //
                 csrw(c.high, zero), csrr(a4, c.low), csrr(a5, c.high), wfi()});
    m.core.set_x(a1, 0x77777777);
    m.core.set_x(a2, 0x80000000);
    run_to_wfi(m);
    EXPECT_EQ(m.core.x(a3), 0x77777777u);
    EXPECT_EQ(m.core.x(a4), 0x80000001u) << "the read is counted, the write of the half is not";
    EXPECT_EQ(m.core.x(a5), 0u);
  }
}

/// A write happens instead of the increment: that of one half must not carry into the other.
TEST(Counters, WriteOfOneHalfLeavesTheOther) {
  for (const Counter& c : kCounters) {
    TestMachine m;
    m.put(kRam,
          {csrw(c.high, a1), csrw(c.low, a2), csrrwi(zero, c.low, 5), csrr(s0, c.high),
           csrw(c.low, a2), csrrwi(zero, c.high, 9), csrr(s1, c.low), csrr(s2, c.high), wfi()});
    m.core.set_x(a1, 3);
    m.core.set_x(a2, ~0u);
    run_to_wfi(m);
    EXPECT_EQ(m.core.x(s0), 3u);
    EXPECT_EQ(m.core.x(s1), ~0u);
    EXPECT_EQ(m.core.x(s2), 10u) << "the read of the low half carries";
  }
}

TEST(Counters, CarryFromLowToHigh) {
  for (const Counter& c : kCounters) {
    for (const std::uint32_t high : {0u, 5u, ~0u}) {
      TestMachine m;
      m.put(kRam, {csrw(c.high, a1), csrw(c.low, a2),                   //
                   csrr(s0, c.low), csrr(s1, c.high), csrr(s2, c.low),  //
                   csrr(s3, c.low), csrr(s4, c.high), wfi()});
      m.core.set_x(a1, high);
      m.core.set_x(a2, 0xfffffffd);
      run_to_wfi(m);
      EXPECT_EQ(m.core.x(s0), 0xfffffffdu);
      EXPECT_EQ(m.core.x(s1), high);
      EXPECT_EQ(m.core.x(s2), 0xffffffffu);
      EXPECT_EQ(m.core.x(s3), 0u);
      EXPECT_EQ(m.core.x(s4), high + 1) << "the whole of 64 bits wraps, too";
    }
  }
}

TEST(Counters, InhibitStopsEachAlone) {
  for (const Counter& c : kCounters) {
    for (const bool other : {false, true}) {
      const Counter& seen = kCounters[(&c == &kCounters[0]) != other ? 0 : 1];
      TestMachine m;
      m.put(kRam,
            {csrw(kCsrMcountinhibit, a1), csrr(s0, seen.low), nop(), nop(), csrr(s1, seen.low),
             csrw(kCsrMcountinhibit, zero), csrr(s2, seen.low), nop(), csrr(s3, seen.low), wfi()});
      m.core.set_x(a1, c.inhibit);
      run_to_wfi(m);
      EXPECT_EQ(m.core.x(s1) - m.core.x(s0), other ? 3u : 0u);
      EXPECT_EQ(m.core.x(s2) - m.core.x(s1), other ? 2u : 0u) << "goes on from where it stood";
      EXPECT_EQ(m.core.x(s3) - m.core.x(s2), 2u);
    }
  }
}

/// Whether an instruction counts is decided when it begins.
TEST(Counters, InstructionThatStopsCountsTheOneThatStartsDoesNot) {
  TestMachine m;
  m.put(kRam, {csrw(kCsrMinstret, zero), csrrwi(zero, kCsrMcountinhibit, 4), csrr(s0, kCsrMinstret),
               csrrwi(zero, kCsrMcountinhibit, 0), csrr(s1, kCsrMinstret), csrr(s2, kCsrMinstret),
               wfi()});
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(s0), 1u);
  EXPECT_EQ(m.core.x(s1), 1u);
  EXPECT_EQ(m.core.x(s2), 2u);
}

TEST(Counters, StoppedOnesCanBeWritten) {
  for (const Counter& c : kCounters) {
    TestMachine m;
    m.put(kRam,
          {csrrwi(zero, kCsrMcountinhibit, 5), csrw(c.low, a1), csrw(c.high, a2), nop(),
           csrr(s0, c.low), csrr(s1, c.high), csrrsi(zero, c.low, 3), nop(), csrr(s2, c.low),
           csrrwi(zero, kCsrMcountinhibit, 0), csrr(s3, c.low), nop(), csrr(s4, c.low), wfi()});
    m.core.set_x(a1, 0x100);
    m.core.set_x(a2, 3);
    run_to_wfi(m);
    EXPECT_EQ(m.core.x(s0), 0x100u);
    EXPECT_EQ(m.core.x(s1), 3u);
    EXPECT_EQ(m.core.x(s2), 0x103u);
    EXPECT_EQ(m.core.x(s3), 0x103u);
    EXPECT_EQ(m.core.x(s4), 0x105u);
  }
}

TEST(Counters, InhibitHasNoBitForTimeNorForEventCounters) {
  TestMachine m;
  m.put(kRam, {csrw(kCsrMcountinhibit, a1), csrr(a0, kCsrMcountinhibit), csrr(s0, kCsrTime),
               csrr(s1, kCsrTime), wfi()});
  m.core.set_x(a1, ~0u);
  m.time_value = 41;
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(a0), 5u);
  EXPECT_EQ(m.core.x(s1), 41u);
}

TEST(Counters, UserShadowsAreTheSameRegisters) {
  for (const Counter& c : kCounters) {
    TestMachine m;
    m.put(kRam, {csrrwi(zero, kCsrMcountinhibit, 5), csrw(c.low, a1), csrw(c.high, a2),
                 csrr(s0, c.shadow), csrr(s1, c.shadow_high), wfi()});
    m.core.set_x(a1, 0x89abcdef);
    m.core.set_x(a2, 0x01234567);
    run_to_wfi(m);
    EXPECT_EQ(m.core.x(s0), 0x89abcdefu);
    EXPECT_EQ(m.core.x(s1), 0x01234567u);
  }
}

/// Instructions that trap are not retired; whatever completes is, mret and wfi among them.
TEST(Counters, TrapsAreNotRetiredButTakeTheirCycles) {
  const struct {
    std::uint32_t word;
    bool retires;
  } cases[] = {{ecall(), false},
               {ebreak(), false},
               {0xffffffffu, false},
               {lw(a0, 0, a1), false},
               {sw(a0, 0, a1), false},
               {lr(a0, a2), false},
               {csrr(a0, 0x7ff), false},
               {csrw(kCsrMhartid, zero), false},
               {nop(), true},
               {fence(), true},
               {fence_i(), true}};
  for (const auto& c : cases) {
    TestMachine m;
    m.put(kRam,
          {csrw(kCsrMtvec, a3), csrw(kCsrMinstret, zero), csrw(kCsrMcycle, zero), c.word, wfi()});
    m.put(kRam + 0x40, {csrr(s0, kCsrMinstret), csrr(s1, kCsrMcycle), wfi()});
    if (c.retires) m.put(kRam + 16, {jal(zero, 0x30)});
    m.core.set_x(a1, 0x90000000);
    m.core.set_x(a2, kRam + 2);
    m.core.set_x(a3, kRam + 0x40);
    run_to_wfi(m);
    EXPECT_EQ(m.core.pc(), kRam + 0x4c);
    const std::uint32_t others = 1 + (c.retires ? 1 : 0);  // csrw mcycle, and the jump
    EXPECT_EQ(m.core.x(s0), others + (c.retires ? 1 : 0)) << std::hex << c.word;
    EXPECT_EQ(m.core.x(s1), c.retires ? 3u : 2u)
        << std::hex << c.word << ": and the read of minstret";
  }
}

TEST(Counters, MretAndWfiAreRetiredInterruptsAreNot) {
  TestMachine m;
  m.core.write_csr(kCsrMtvec, kHandler);
  m.core.write_csr(kCsrMepc, kRam + 0x10);
  m.core.write_csr(kCsrMstatus, kMstatusMpp);
  m.put(kRam, {csrw(kCsrMinstret, zero), mret()});
  m.put(kRam + 0x10, {csrr(s0, kCsrMinstret), wfi(), csrr(s1, kCsrMinstret), jal(zero, 0)});
  m.core.write_csr(kCsrMie, 0x80);
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(s0), 1u) << "mret";
  m.core.set_interrupt(kInterruptTimer, true);
  m.core.run(2);
  EXPECT_EQ(m.core.x(s1), 3u) << "csrr and wfi";
  m.put(kHandler, {csrr(s2, kCsrMinstret), wfi()});
  m.core.run(100);  // spins
  const std::uint64_t before = m.core.instructions();
  const std::uint32_t counter = *m.core.read_csr(kCsrMinstret);
  m.core.write_csr(kCsrMstatus, kMstatusMie);
  m.core.run(1);  // the interrupt, and the first instruction of its handler
  EXPECT_EQ(m.core.pc(), kHandler + 4);
  EXPECT_EQ(m.core.instructions(), before + 1);
  EXPECT_EQ(m.core.x(s2), counter) << "entering the handler counts nothing";
}

TEST(Counters, CyclesOfTheTableAndOfStalls) {
  CoreConfig config;
  config.cycles.mul = 3;
  config.cycles.div = 20;
  config.cycles.csr = 2;
  config.cycles.branch_taken = 4;
  TestMachine m(config);
  m.put(kRam, {csrw(kCsrMcycle, zero), csrr(s0, kCsrMcycle), muldiv(0, a0, a1, a2),
               csrr(s1, kCsrMcycle), muldiv(4, a0, a1, a2), beq(zero, zero, 8), nop(),
               csrr(s2, kCsrMcycle), lw(a0, 0, a3), csrr(s3, kCsrMcycle), wfi()});
  m.core.set_x(a3, kDevice);
  m.on_access = [&](std::uint32_t) { m.core.add_stall_cycles(100); };
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(s0), 0u);
  EXPECT_EQ(m.core.x(s1) - m.core.x(s0), 2u + 3u);
  EXPECT_EQ(m.core.x(s2) - m.core.x(s1), 2u + 20u + 4u);
  EXPECT_EQ(m.core.x(s3) - m.core.x(s2), 2u + 1u + 100u);
}

/// A program that reads, writes and stops counters gives the same values however it is cut up.
TEST(Counters, DoNotDependOnSlices) {
  std::vector<std::uint32_t> expected;
  for (const std::int64_t budget : {1000000, 1, 2, 3, 5, 7, 64, 100}) {
    TestMachine m;
    const std::uint32_t loop = m.put(kRam, {addi(s0, zero, 50), lui(s1, kRam >> 12)});
    const std::uint32_t end =
        m.put(loop, {csrr(a0, kCsrMcycle), csrr(a1, kCsrMinstret), add(a2, a2, a0), add(a2, a2, a1),
                     csrw(kCsrMinstret, a0), muldiv(0, a3, a2, a1), csrr(a4, kCsrInstret),
                     csrrsi(zero, kCsrMcountinhibit, 4), add(a2, a2, a4), sw(a2, 0x700, s1),
                     csrrci(zero, kCsrMcountinhibit, 4), csrr(a5, kCsrCycle), add(a2, a2, a5),
                     csrrwi(zero, kCsrMcycle, 17), addi(s0, s0, -1)});
    m.put(end, {bne(s0, zero, -60), wfi()});
    RunResult result{};
    for (int n = 0; n < 10000; ++n) {
      result = m.core.run(budget);
      if (result.exit == Exit::kWfi) break;
    }
    ASSERT_EQ(result.exit, Exit::kWfi);
    const std::vector<std::uint32_t> got = {
        m.core.x(a2), m.core.x(a5), *m.core.read_csr(kCsrMcycle), *m.core.read_csr(kCsrMinstret)};
    if (expected.empty()) expected = got;
    EXPECT_EQ(got, expected) << "slices of " << budget;
  }
}

/// A debugger writes between two instructions.
TEST(Counters, DebuggersReadBackWhatTheyWrite) {
  CoreConfig config;
  config.cycles.csr = 3;
  TestMachine m(config);
  m.put(kRam, {nop(), csrr(a0, kCsrMinstret), csrr(a1, kCsrMcycle), wfi()});
  m.core.run(1);
  for (const Counter& c : kCounters) {
    EXPECT_TRUE(m.core.write_csr(c.low, 100));
    EXPECT_TRUE(m.core.write_csr(c.high, 2));
    EXPECT_EQ(m.core.read_csr(c.low), 100u);
    EXPECT_EQ(m.core.read_csr(c.high), 2u);
    EXPECT_EQ(m.core.read_csr(c.shadow), 100u);
  }
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(a0), 100u) << "as the next instruction does";
  EXPECT_EQ(m.core.x(a1), 103u);
}

TEST(Counters, ResetSetsThemToZeroAndRunning) {
  TestMachine m;
  m.put(kRam, {csrrwi(zero, kCsrMcountinhibit, 5), csrw(kCsrMcycleh, a1), csrw(kCsrMinstreth, a1),
               wfi()});
  m.core.set_x(a1, 9);
  run_to_wfi(m);
  m.core.reset();
  for (const Counter& c : kCounters) {
    EXPECT_EQ(m.core.read_csr(c.low), 0u);
    EXPECT_EQ(m.core.read_csr(c.high), 0u);
  }
  m.put(kRam, {nop(), csrr(a0, kCsrMinstret), wfi()});
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(a0), 1u);
}

TEST(Counters, TimeIsReadOnlyAndHas64Bits) {
  TestMachine m;
  m.time_value = 0xfedcba9876543210;
  m.put(kRam, {csrr(a0, kCsrTime), csrr(a1, kCsrTimeh), wfi()});
  run_to_wfi(m);
  EXPECT_EQ(m.core.x(a0), 0x76543210u);
  EXPECT_EQ(m.core.x(a1), 0xfedcba98u);
  EXPECT_FALSE(m.core.write_csr(kCsrTime, 1));
  EXPECT_FALSE(m.core.write_csr(kCsrTimeh, 1));
}

}  // namespace
}  // namespace aimc::riscv
