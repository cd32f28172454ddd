// SPDX-License-Identifier: Apache-2.0
// LR and SC on one hart: what takes a reservation, and what leaves it alone.
#include <gtest/gtest.h>

#include <initializer_list>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kWord = kRam + 0x1000;

/// Executes `between` between an LR and an SC of a2 to kWord (in a1); a3 holds kWord, too.
/// @return did the SC succeed, and was the word then written?
bool pair_succeeds(TestMachine& m, std::initializer_list<std::uint32_t> between) {
  const std::uint32_t at = m.put(kRam, {lr(a0, a1)});
  const std::uint32_t after = m.put(at, between);
  m.put(after, {sc(a4, a2, a1), wfi()});
  m.core.invalidate(kRam, 0x100);
  m.core.set_pc(kRam);
  m.core.set_x(a1, kWord);
  m.core.set_x(a3, kWord);
  m.core.set_x(a2, 0xcafe);
  m.core.set_x(a4, 77);
  m.write(kWord, 1);
  EXPECT_EQ(m.core.run(1000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.pc(), after + 8);
  const bool success = m.core.x(a4) == 0;
  EXPECT_EQ(m.core.x(a4), success ? 0u : 1u);
  EXPECT_EQ(m.read(kWord) == 0xcafe, success);
  EXPECT_FALSE(m.core.reservation()) << "an SC gives the reservation up, whatever it does";
  return success;
}

TEST(Reservation, PairWithNothingOrHarmlessCodeBetween) {
  TestMachine m;
  EXPECT_TRUE(pair_succeeds(m, {}));
  EXPECT_TRUE(pair_succeeds(m, {addi(a5, a0, 1), lw(a5, 0, a3), lw(a5, 4, a3), fence()}));
  EXPECT_TRUE(pair_succeeds(m, {sw(a0, 4, a3), sw(a0, -4, a3), sb(a0, 0x40, a3)}))
      << "own stores elsewhere";
  EXPECT_TRUE(pair_succeeds(m, {beq(zero, zero, 8), nop(), csrr(a5, kCsrMscratch)}));
}

TEST(Reservation, OwnStoreThatChangesTheWordTakesIt) {
  TestMachine m;
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, 2), sw(a5, 0, a3)}));
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, 2), sb(a5, 3, a3)})) << "a part of it";
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, -1), sw(a5, -2, a3)})) << "misaligned, half of it";
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, 2), amo(0, a6, a5, a1)}));
}

/// Memory without host pointer (a watchpoint lies there): the same over the bus.
TEST(Reservation, MemoryThatIsReachedOverTheBus) {
  struct OverTheBus : TestMachine {
    bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override {
      return kind == AccessKind::kFetch && TestMachine::direct(address, kind, region);
    }
  };
  OverTheBus m;
  EXPECT_TRUE(pair_succeeds(m, {}));
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, 2), sw(a5, 0, a3)}));
  EXPECT_FALSE(pair_succeeds(m, {addi(a5, zero, 2), amo(0, a6, a5, a1)}));
  EXPECT_GT(m.bus_loads, 3u);
  m.on_access = [&m](std::uint32_t) { m.core.break_reservation(kWord, 4); };  // by each access
  EXPECT_FALSE(pair_succeeds(m, {lw(a5, 4, a3)}));
}

TEST(Reservation, ScWithoutLr) {
  TestMachine m;
  m.write(kWord, 5);
  m.put(kRam, {sc(a0, a2, a1), wfi()});
  m.core.set_x(a1, kWord);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a0), 1u);
  EXPECT_EQ(m.read(kWord), 5u);
}

TEST(Reservation, ScTwice) {
  TestMachine m;
  m.put(kRam, {lr(a0, a1), sc(a3, a2, a1), sc(a4, zero, a1), wfi()});
  m.core.set_x(a1, kWord);
  m.core.set_x(a2, 6);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a3), 0u);
  EXPECT_EQ(m.core.x(a4), 1u);
  EXPECT_EQ(m.read(kWord), 6u);
}

TEST(Reservation, ScToAnotherAddressFailsAndGivesUpTheReservation) {
  for (const std::int32_t distance : {4, -4, 64, 0x800}) {
    TestMachine m;
    m.put(kRam, {lr(a0, a1), addi(a5, a1, distance == 0x800 ? 0x7fc : distance), sc(a3, a2, a5),
                 sc(a4, a2, a1), wfi()});
    m.core.set_x(a1, kWord);
    m.core.set_x(a2, 6);
    EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(a3), 1u);
    EXPECT_EQ(m.core.x(a4), 1u);
    EXPECT_EQ(m.read(kWord), 0u);
    EXPECT_EQ(m.read(m.core.x(a5)), 0u);
  }
}

TEST(Reservation, SecondLrMovesIt) {
  TestMachine m;
  m.put(kRam,
        {lr(a0, a1), lr(a0, a3), sc(a4, a2, a1), lr(a0, a1), lr(a0, a3), sc(a5, a2, a3), wfi()});
  m.core.set_x(a1, kWord);
  m.core.set_x(a3, kWord + 8);
  m.core.set_x(a2, 6);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a4), 1u) << "only the latest counts";
  EXPECT_EQ(m.core.x(a5), 0u);
  EXPECT_EQ(m.read(kWord), 0u);
  EXPECT_EQ(m.read(kWord + 8), 6u);
}

TEST(Reservation, TrapsAndMretGiveItUp) {
  TestMachine trap;  // the handler returns by a jump, so that the trap alone is tested
  trap.core.write_csr(kCsrMtvec, kHandler);
  trap.put(kHandler, {csrr(t0, kCsrMepc), jalr(zero, t0, 4)});
  EXPECT_FALSE(pair_succeeds(trap, {ecall()}));
  EXPECT_TRUE(pair_succeeds(trap, {}));
  TestMachine interrupt;
  interrupt.core.write_csr(kCsrMtvec, kHandler);
  interrupt.put(kHandler, {csrrwi(zero, kCsrMie, 0), csrr(t0, kCsrMepc), jalr(zero, t0, 0)});
  interrupt.core.write_csr(kCsrMie, 8);
  interrupt.core.set_interrupt(kInterruptSoftware, true);
  EXPECT_TRUE(pair_succeeds(interrupt, {csrrwi(zero, kCsrMie, 0)})) << "not taken";
  interrupt.core.write_csr(kCsrMie, 8);
  EXPECT_FALSE(pair_succeeds(interrupt, {csrrsi(zero, kCsrMstatus, 8)}));
  TestMachine back;
  back.core.write_csr(kCsrMstatus, kMstatusMpp);
  back.core.write_csr(kCsrMepc, kRam + 8);
  EXPECT_FALSE(pair_succeeds(back, {mret()}));
}

TEST(Reservation, DmaTakesItWhateverValueItWrites) {
  TestMachine m;
  const auto dma = [&m](std::uint32_t address, std::uint64_t length) {
    m.put(kRam, {lr(a0, a1), lw(a5, 0, a6), sc(a4, a2, a1), wfi()});  // the device looks like DMA
    m.core.invalidate(kRam, 16);
    m.core.set_pc(kRam);
    m.core.set_x(a1, kWord);
    m.core.set_x(a6, kDevice);
    m.on_access = [&m, address, length](std::uint32_t at) {
      if (at == kDevice) m.core.invalidate(address, length);  // the value stays as it is
    };
    EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
    return m.core.x(a4) == 0;
  };
  EXPECT_FALSE(dma(kWord, 4));
  EXPECT_FALSE(dma(kWord + 3, 1));
  EXPECT_FALSE(dma(kWord, 1));
  EXPECT_FALSE(dma(kWord - 100, 101));
  EXPECT_FALSE(dma(0, std::uint64_t{1} << 32));
  EXPECT_TRUE(dma(kWord - 1, 1));
  EXPECT_TRUE(dma(kWord + 4, 100));
  EXPECT_TRUE(dma(kWord, 0));
}

TEST(Reservation, LastsForEverWithOneHartAndEndsWithAReset) {
  TestMachine m;
  m.put(kRam,
        {lr(a0, a1), lui(a5, 16), addi(a5, a5, -1), bne(a5, zero, -4), sc(a4, a2, a1), wfi()});
  m.core.set_x(a1, kWord);
  EXPECT_EQ(m.core.run(1000000).exit, Exit::kWfi);
  EXPECT_EQ(m.core.x(a4), 0u);
  m.put(kRam, {lr(a0, a1), wfi()});
  m.core.invalidate(kRam, 8);
  m.core.set_pc(kRam);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.reservation(), kWord);
  m.core.reset();
  EXPECT_FALSE(m.core.reservation());
}

TEST(Reservation, FaultsDoNotMakeOrKeepOne) {
  for (const std::uint32_t address : {0x90000000u, kDevice, kWord + 2}) {
    TrapMachine m;
    m.put(kRam, {lr(a0, a1)});
    m.core.set_x(a1, address);
    m.core.run(100);
    EXPECT_FALSE(m.core.reservation());
  }
}

}  // namespace
}  // namespace aimc::riscv
