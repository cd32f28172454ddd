// SPDX-License-Identifier: Apache-2.0
// Harts that fight for a lock: nobody is let in twice at once, nobody waits for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "aimc/riscv/hart_module.h"
#include "aimc/testing/services.h"
#include "assembler.h"
#include "bus_memory.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using namespace sc_core;

constexpr std::uint32_t kRam = BusMemory::kRam;
constexpr std::uint32_t kLock = 0x600, kShared = 0x640, kOwn = 0x680;  ///< Offsets; kOwn + 4 n.

/// Number of harts, loops inside the lock, loops outside, quantum [ns].
using Setting = std::tuple<unsigned, std::int32_t, std::int32_t, unsigned>;

struct Locks : ::testing::Test {
  void make(unsigned count) {
    memory = std::make_unique<BusMemory>("memory", count);
    for (std::uint32_t n = 0; n < count; ++n) {
      HartModule::Config config;
      config.hart_id = n;
      config.reset_pc = kRam;
      harts.push_back(std::make_unique<HartModule>(("hart" + std::to_string(n)).c_str(), config,
                                                   services.services));
      HartModule& hart = *harts.back();
      hart.bus_out.bind(memory->in[n]);
      hart.irq_software[0].bind(memory->low);
      hart.irq_timer[0].bind(memory->low);
      hart.irq_external[0].bind(memory->low);
      hart.join(group);
    }
  }
  testing::TestServices services;
  std::unique_ptr<BusMemory> memory;
  std::shared_ptr<HartGroup> group = std::make_shared<HartGroup>();
  std::vector<std::unique_ptr<HartModule>> harts;
};

/// Another master's write reaches the hart through `memory_written`, between two of its slices.
TEST_F(Locks, WriteOfAnotherMasterTakesTheReservation) {
  make(2);
  memory->put(0, {lui(s0, kRam >> 12), addi(s2, s0, kLock), csrr(t0, kCsrMhartid),
                  bne(t0, zero, 48),  // hart 1 sleeps
                  lr(a0, s2), addi(a1, zero, 1000), addi(a1, a1, -1), bne(a1, zero, -4),
                  sc(a2, s0, s2), addi(a3, a3, 1), slli(a4, a4, 1), add(a4, a4, a2),
                  addi(a5, zero, 4), bne(a3, a5, -36), wfi(), wfi()});
  tlm::tlm_global_quantum::instance().set(sc_time(100, SC_NS));
  const struct {
    std::uint64_t address, length;
    bool takes;
  } writes[] = {{kRam + kLock + 4, 64, false},
                {kRam + kLock - 8, 9, true},
                {0x100000000u + kRam + kLock, 4, false},  // beyond what the hart can reach
                {kRam, 0x1000, true}};
  std::uint32_t expected = 0;
  sc_start(sc_time(1, SC_US));
  for (const auto& write : writes) {
    for (const auto& hart : harts) hart->memory_written(write.address, write.length);
    expected = expected << 1 | (write.takes ? 1u : 0u);
    sc_start(sc_time(2006, SC_NS));
  }
  sc_start(sc_time(10, SC_US));
  EXPECT_EQ(harts[0]->core().x(a3), 4u);
  EXPECT_EQ(harts[0]->core().x(a4), expected);
}

/// Ends of turns are the same moments whoever asks, and half a quantum to one apart.
TEST(Turns, LastBetweenHalfAQuantumAndOne) {
  for (const std::uint64_t quantum : {1u, 2u, 3u, 4u, 7u, 1000u, 1000000u, 10000000u}) {
    std::uint64_t now = 0, shortest = quantum, longest = 0;
    for (int n = 0; n < 1000; ++n) {
      const std::uint64_t end = HartGroup::turn_end_ps(now, quantum);
      ASSERT_GT(end, now);
      ASSERT_EQ(HartGroup::turn_end_ps(now + (end - now) / 2, quantum), end);
      ASSERT_EQ(HartGroup::turn_end_ps(end - 1, quantum), end);
      if (n > 0) shortest = std::min(shortest, end - now);
      if (n > 0) longest = std::max(longest, end - now);
      now = end;
    }
    EXPECT_LE(longest, quantum);
    EXPECT_GE(2 * shortest, quantum);
    if (quantum >= 1000) {
      EXPECT_LT(shortest, longest - quantum / 4) << "of many lengths";
    }
  }
}

struct SpinLock : Locks, ::testing::WithParamInterface<Setting> {
  /// The lock is taken with LR and SC, held for `inside` loops that update a word which nobody else
  /// may touch meanwhile, released, and left alone for `outside` loops.
  void write_program(std::int32_t inside, std::int32_t outside) {
    std::uint32_t at = memory->put(0, {lui(s0, kRam >> 12), csrr(s1, kCsrMhartid), slli(s1, s1, 2),
                                       add(s1, s1, s0), addi(s2, s0, kLock), addi(s3, zero, 1)});
    const std::uint32_t again = at;
    at = memory->put(at, {lr(a0, s2), bne(a0, zero, -4), sc(a0, s3, s2), bne(a0, zero, -12),
                          lw(a1, kShared, s0), addi(a2, zero, inside)});
    at = memory->put(at, {addi(a2, a2, -1), blt(zero, a2, -4), addi(a1, a1, 1), sw(a1, kShared, s0),
                          lw(a3, kOwn, s1), addi(a3, a3, 1), sw(a3, kOwn, s1), fence(),
                          sw(zero, kLock, s0), addi(a2, zero, outside)});
    at = memory->put(at, {addi(a2, a2, -1), blt(zero, a2, -4)});
    memory->put(at, {jal(zero, static_cast<std::int32_t>(again) - static_cast<std::int32_t>(at))});
  }
};

TEST_P(SpinLock, NobodyStarvesAndNobodyIsInsideTwice) {
  const auto [count, inside, outside, quantum_ns] = GetParam();
  make(count);
  write_program(inside, outside);
  tlm::tlm_global_quantum::instance().set(sc_time(quantum_ns, SC_NS));
  sc_start(8000 * sc_time(quantum_ns, SC_NS));
  std::uint32_t sum = 0, least = ~0u, most = 0;
  for (unsigned n = 0; n < count; ++n) {
    const std::uint32_t own = memory->word(kOwn + 4 * n);
    sum += own;
    least = std::min(least, own);
    most = std::max(most, own);
  }
  // At most one hart is between its two updates when time is up.
  EXPECT_LE(memory->word(kShared) - sum, 1u) << "an update was lost: two harts were inside";
  EXPECT_GE(least, sum / count / 2) << "a fair share is " << sum / count << ", one got " << most;
}

INSTANTIATE_TEST_SUITE_P(Harts, SpinLock,
                         ::testing::Combine(::testing::Values(2u, 4u, 8u),
                                            ::testing::Values(1, 30, 240),
                                            ::testing::Values(1, 30, 240),
                                            ::testing::Values(1000u)));
INSTANTIATE_TEST_SUITE_P(ShortQuantum, SpinLock,
                         ::testing::Combine(::testing::Values(4u), ::testing::Values(3, 30),
                                            ::testing::Values(3, 30), ::testing::Values(100u)));
INSTANTIATE_TEST_SUITE_P(LongQuantum, SpinLock,
                         ::testing::Combine(::testing::Values(4u), ::testing::Values(30, 1000),
                                            ::testing::Values(30, 1000),
                                            ::testing::Values(10000u)));

}  // namespace
}  // namespace aimc::riscv
