// SPDX-License-Identifier: Apache-2.0
// LR and SC of harts that share memory: another hart's write takes a reservation, whatever it
// writes and however it gets at the memory.
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <vector>

#include "aimc/riscv/hart_group.h"
#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kWord = kRam + 0x1000;

/// Two to eight cores on the memory of the first; each runs when it is told to.
struct Harts {
  explicit Harts(unsigned count) {
    for (unsigned n = 0; n < count; ++n) {
      CoreConfig config;
      config.hart_id = n;
      machines.push_back(std::make_unique<Shared>(config, machines.empty() ? nullptr : &ram()));
      machines.back()->core.join(&group);
    }
  }
  struct Shared : TestMachine {
    Shared(const CoreConfig& config, std::vector<std::uint8_t>* shared)
        : TestMachine(config), other(shared) {}
    bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override {
      if (!TestMachine::direct(address, kind, region)) return false;
      if (other != nullptr) region->host = other->data();
      return true;
    }
    // The first access of each kind still goes over the bus.
    BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
      const BusResult result = TestMachine::load(address, size, data);
      if (other != nullptr && address >= kRam && result.ok)
        std::memcpy(data, &(*other)[address - kRam], size);
      return result;
    }
    BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
      const BusResult result = TestMachine::fetch(address, data);
      if (other != nullptr && address >= kRam && result.ok)
        std::memcpy(data, &(*other)[address - kRam], 2);
      return result;
    }
    std::vector<std::uint8_t>* other;
  };
  std::vector<std::uint8_t>& ram() { return machines[0]->ram; }
  Core& core(unsigned n) { return machines[n]->core; }
  /// Runs a few instructions on one hart, which end with wfi.
  void run(unsigned n, std::initializer_list<std::uint32_t> words) {
    const std::uint32_t at = kRam + 0x100 * n;
    machines[0]->put(machines[0]->put(at, words), {wfi()});
    core(n).invalidate(at, 0x100);
    core(n).set_pc(at);
    EXPECT_EQ(core(n).run(100000).exit, Exit::kWfi);
  }
  HartGroup group;
  std::vector<std::unique_ptr<Shared>> machines;
};

/// Hart 0 reserves, hart 1 does something, hart 0 tries to store.
bool survives(Harts& h, std::initializer_list<std::uint32_t> by_the_other) {
  h.machines[0]->write(kWord, 1);
  h.core(0).set_x(a1, kWord);
  h.core(0).set_x(a2, 0xcafe);
  h.core(1).set_x(a1, kWord);
  h.core(1).set_x(a2, 1);
  h.run(0, {lr(a0, a1)});
  EXPECT_EQ(h.core(0).reservation(), kWord);
  h.run(1, by_the_other);
  h.run(0, {sc(a4, a2, a1)});
  EXPECT_EQ(h.core(0).x(a4) == 0, h.machines[0]->read(kWord) == 0xcafe);
  return h.core(0).x(a4) == 0;
}

/// Stores of the other hart go through its host pointer; it must have been moved away.
TEST(SharedReservation, StoresOfAnotherHartTakeItWhateverTheyWrite) {
  Harts h(2);
  h.run(1, {nop()});
  h.core(1).set_x(a1, kWord);
  h.run(1, {sw(zero, 64, a1), sw(zero, 68, a1)});  // its window covers all of the memory
  EXPECT_FALSE(survives(h, {sw(a2, 0, a1)})) << "the same value";
  EXPECT_FALSE(survives(h, {sb(a2, 0, a1)})) << "the same byte";
  EXPECT_FALSE(survives(h, {sb(zero, 3, a1)}));
  EXPECT_FALSE(survives(h, {sh(zero, 2, a1)}));
  EXPECT_FALSE(survives(h, {addi(a6, zero, 0x100), sh(a6, -1, a1)}))
      << "misaligned, one byte of it";
  EXPECT_FALSE(survives(h, {lui(a6, 0x1000), sw(a6, -3, a1)}));
  EXPECT_FALSE(survives(h, {sw(zero, 3, a1)}));
  EXPECT_FALSE(survives(h, {sw(zero, 4, a1), sw(a2, 0, a1)})) << "with a window from above";
  EXPECT_FALSE(survives(h, {sw(zero, -4, a1), sw(a2, 0, a1)})) << "with a window from below";
  EXPECT_FALSE(survives(h, {sw(zero, -4, a1), addi(a6, zero, 0x100), sh(a6, -1, a1)}));
  EXPECT_FALSE(survives(h, {lw(a3, 0, a1), sw(zero, 0, a1), sw(a3, 0, a1)})) << "A, B, A";
  EXPECT_FALSE(survives(h, {amo(0, a3, zero, a1)})) << "adds nothing";
  EXPECT_FALSE(survives(h, {lr(a3, a1), sc(a4, a2, a1)})) << "an SC that succeeds";
  h.core(1).write_csr(kCsrMstatus, kMstatusFs);
  EXPECT_FALSE(survives(h, {fsw(0, 0, a1)}));
}

TEST(SharedReservation, OtherThingsOfAnotherHartLeaveIt) {
  Harts h(2);
  EXPECT_TRUE(survives(h, {}));
  EXPECT_TRUE(survives(h, {lw(a3, 0, a1), lr(a3, a1)})) << "reads";
  EXPECT_TRUE(survives(h, {sw(zero, 4, a1), sw(zero, -4, a1), sb(zero, -1, a1), sh(zero, 4, a1)}))
      << "neighbours";
  EXPECT_TRUE(survives(h, {sc(a4, zero, a1)})) << "an SC that fails writes nothing";
  EXPECT_TRUE(survives(h, {addi(a5, a1, 64), lr(a3, a5), sc(a4, zero, a1)}))
      << "nor does one elsewhere";
}

TEST(SharedReservation, StoreThroughAWindowMadeBeforeTheReservation) {
  // Hart 1 stores in a loop around the word; the reservation is made between two of its slices.
  Harts h(2);
  h.core(1).set_x(a1, kWord);
  h.machines[0]->put(kRam + 0x100, {sw(a2, 0, a1), addi(a2, a2, 1), jal(zero, -8)});
  h.core(1).set_pc(kRam + 0x100);
  h.core(1).run(100);
  for (int n = 0; n < 20; ++n) {
    h.core(0).set_x(a1, kWord);
    h.run(0, {lr(a0, a1)});
    h.core(1).run(3);  // one round: one store
    h.run(0, {sc(a4, a2, a1)});
    EXPECT_EQ(h.core(0).x(a4), 1u) << n;
  }
}

TEST(SharedReservation, TwoHoldersOfOneWordOnlyOneStores) {
  Harts h(3);
  for (unsigned n = 0; n < 3; ++n) {
    h.core(n).set_x(a1, kWord);
    h.core(n).set_x(a2, 100 + n);
    h.run(n, {lr(a0, a1)});
  }
  h.run(1, {sc(a4, a2, a1)});
  h.run(0, {sc(a4, a2, a1)});
  h.run(2, {sc(a4, a2, a1)});
  EXPECT_EQ(h.core(1).x(a4), 0u);
  EXPECT_EQ(h.core(0).x(a4), 1u);
  EXPECT_EQ(h.core(2).x(a4), 1u);
  EXPECT_EQ(h.machines[0]->read(kWord), 101u);
}

/// What a hart's own stores do to its reservation does not depend on who else holds one.
TEST(SharedReservation, OwnStoreOfTheSameValueLeavesOnesOwn) {
  for (const bool other_holds : {false, true}) {
    Harts h(2);
    h.core(0).set_x(a1, kWord);
    h.core(1).set_x(a1, kWord);
    h.run(0, {sw(zero, 64, a1)});  // so that it has a host pointer
    h.run(1, {other_holds ? lr(a0, a1) : nop()});
    h.run(0, {lr(a0, a1), sw(a0, 0, a1), sc(a4, a2, a1)});
    EXPECT_EQ(h.core(0).x(a4), 0u) << other_holds;
    EXPECT_FALSE(h.core(1).reservation());
  }
}

TEST(SharedReservation, LastsAtMostItsCycles) {
  for (const unsigned spare : {0u, 1u}) {
    Harts h(2);
    h.core(0).set_x(a1, kWord);
    // lr; (limit - 1 + spare) cycles; sc
    const std::uint32_t rounds = (static_cast<std::uint32_t>(Core::kReservationCycles) - 2) / 2;
    h.core(0).set_x(a5, rounds);
    if (spare == 0) {
      h.run(0, {lr(a0, a1), nop(), addi(a5, a5, -1), bne(a5, zero, -4), sc(a4, a2, a1)});
    } else {
      h.run(0, {lr(a0, a1), nop(), nop(), addi(a5, a5, -1), bne(a5, zero, -4), sc(a4, a2, a1)});
    }
    EXPECT_EQ(h.core(0).x(a4), spare)
        << "the SC begins " << Core::kReservationCycles + spare << " cycles after the LR";
  }
}

}  // namespace
}  // namespace aimc::riscv
