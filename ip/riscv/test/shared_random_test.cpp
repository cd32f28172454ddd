// SPDX-License-Identifier: Apache-2.0
// Three harts do random loads, stores of all sizes, LR, SC and AMO on a few words that they share,
// while another master writes there; in slices of random length. Beside them a plain model of the
// rules, instruction by instruction.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <random>

#include "aimc/riscv/hart_group.h"
#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kRam = TestMachine::kRam, kShared = kRam + 0x8000, kSharedSize = 32;
constexpr unsigned kHarts = 3, kProgram = 400;

/// What a row of the program does; the words of the program are made from the same rows.
struct Row {
  enum Kind { kLoad, kStore, kLr, kSc, kAdd, kSwap, kAddi } kind;
  unsigned size;
  std::uint32_t offset;
  U32 rd, rs;
};

/// The rules, without any window or block.
struct Model {
  std::array<std::uint8_t, kSharedSize + 8> memory{};
  struct Hart {
    std::array<std::uint32_t, 32> x{};
    std::optional<std::uint32_t> reserved;  // offset
    std::uint32_t value = 0;
    std::uint64_t at = 0, cycles = 0;
    unsigned pc = 0;
  };
  std::array<Hart, kHarts> harts;
  std::array<std::vector<Row>, kHarts> programs;

  std::uint32_t get(std::uint32_t offset, unsigned size) const {
    std::uint32_t value = 0;
    std::memcpy(&value, &memory[offset], size);
    return value;
  }
  void put(const Hart* writer, std::uint32_t offset, unsigned size, std::uint32_t value) {
    std::memcpy(&memory[offset], &value, size);
    for (Hart& hart : harts)
      if (&hart != writer && hart.reserved && *hart.reserved < offset + size &&
          offset < *hart.reserved + 4)
        hart.reserved.reset();
  }
  void step(unsigned n) {
    Hart& h = harts[n];
    const Row& row = programs[n][h.pc];
    const std::uint32_t operand = h.x[row.rs];
    std::uint32_t result = 0;
    bool writes = row.kind != Row::kStore;
    switch (row.kind) {
      case Row::kLoad:
        result = get(row.offset, row.size);
        break;
      case Row::kStore:
        put(&h, row.offset, row.size, operand);
        break;
      case Row::kLr:
        result = get(row.offset, 4);
        h.reserved = row.offset;
        h.value = result;
        h.at = h.cycles;
        break;
      case Row::kSc: {
        const bool success = h.reserved == row.offset && get(row.offset, 4) == h.value &&
                             h.cycles - h.at <= Core::kReservationCycles;
        h.reserved.reset();
        if (success) put(&h, row.offset, 4, operand);
        result = success ? 0 : 1;
        break;
      }
      case Row::kAdd:
      case Row::kSwap:
        result = get(row.offset, 4);
        put(&h, row.offset, 4, row.kind == Row::kAdd ? result + operand : operand);
        break;
      case Row::kAddi:
        result = operand + 3;
        break;
    }
    if (writes) h.x[row.rd] = result;
    ++h.cycles;
    h.pc = (h.pc + 1) % (kProgram + 1);
  }
};

/// A hart on memory that it does not own; what goes over the bus is told to the others.
struct Machine : TestMachine {
  Machine(const CoreConfig& config, std::vector<std::uint8_t>& memory,
          std::vector<std::unique_ptr<Machine>>& all)
      : TestMachine(config), memory_(memory), all_(all) {}
  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    std::memcpy(data, &memory_[address - kRam], size);
    return {true, true};
  }
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    std::memcpy(&memory_[address - kRam], &data, size);
    for (const auto& machine : all_)
      if (machine.get() != this) machine->core.invalidate(address, size);
    return {true, true};
  }
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    std::memcpy(data, &memory_[address - kRam], 2);
    return {true, true};
  }
  bool direct(std::uint32_t address, AccessKind, DirectRegion* region) override {
    if (address - kRam >= kRamSize) return false;
    *region = {kRam, kRam + kRamSize - 1, memory_.data()};
    return true;
  }

 private:
  std::vector<std::uint8_t>& memory_;
  std::vector<std::unique_ptr<Machine>>& all_;
};

Row random_row(std::mt19937& random) {
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  Row row{};
  constexpr std::array<Row::Kind, 12> kKinds = {Row::kLoad, Row::kStore, Row::kLr,   Row::kLr,
                                                Row::kSc,   Row::kSc,    Row::kSc,   Row::kAdd,
                                                Row::kSwap, Row::kLoad,  Row::kAddi, Row::kAddi};
  row.kind = kKinds[below(kKinds.size())];
  row.size = 1u << below(3);
  row.rd = t3 + below(4);
  row.rs = t3 + below(4);
  const bool atomic = row.kind != Row::kLoad && row.kind != Row::kStore;
  // Few words, so that they meet: three, or any bytes around them.
  row.offset = atomic ? 8 + 4 * below(3) : 5 + below(18);
  return row;
}

U32 encode(const Row& row) {
  const auto offset = static_cast<I32>(row.offset);
  const U32 pointer = a0 + row.offset / 4;  // atomics find their word there
  switch (row.kind) {
    case Row::kLoad:
      return row.size == 1   ? lbu(row.rd, offset, s0)
             : row.size == 2 ? i_type(offset, s0, 5, row.rd, 3)
                             : lw(row.rd, offset, s0);
    case Row::kStore:
      return row.size == 1   ? sb(row.rs, offset, s0)
             : row.size == 2 ? sh(row.rs, offset, s0)
                             : sw(row.rs, offset, s0);
    case Row::kLr:
      return lr(row.rd, pointer);
    case Row::kSc:
      return sc(row.rd, row.rs, pointer);
    case Row::kAdd:
      return amo(0, row.rd, row.rs, pointer);
    case Row::kSwap:
      return amo(1, row.rd, row.rs, pointer);
    default:
      return addi(row.rd, row.rs, 3);
  }
}

void run(std::uint32_t seed, unsigned slices, unsigned* successes) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> memory(TestMachine::kRamSize);
  std::vector<std::unique_ptr<Machine>> machines;
  HartGroup group;
  Model model;
  for (unsigned n = 0; n < kHarts; ++n) {
    const std::uint32_t base = kRam + 0x1000 * n;
    for (unsigned k = 0; k <= kProgram; ++k) {
      model.programs[n].push_back(random_row(random));
      // The last one goes back to the first: for the model an addi of nothing.
      if (k == kProgram) model.programs[n][k] = {Row::kAddi, 0, 0, zero, zero};
      const U32 word =
          k < kProgram ? encode(model.programs[n][k]) : jal(zero, -static_cast<I32>(4 * kProgram));
      std::memcpy(&memory[base - kRam + 4 * k], &word, 4);
    }
    CoreConfig config;
    config.reset_pc = base;
    machines.push_back(std::make_unique<Machine>(config, memory, machines));
    Core& core = machines.back()->core;
    core.join(&group);
    core.set_x(s0, kShared);
    for (unsigned k = 2; k < 5; ++k) core.set_x(a0 + k, kShared + 4 * k);
  }
  for (unsigned slice = 0; slice < slices; ++slice) {
    const unsigned n = static_cast<unsigned>(random() % kHarts);
    // Now and then one hart is left alone for longer than a reservation lasts.
    const unsigned length = random() % 64 == 0 ? 5000 : 1 + static_cast<unsigned>(random() % 24);
    ASSERT_EQ(machines[n]->core.run(length).cycles, length);
    for (unsigned k = 0; k < length; ++k) {
      const Row& row = model.programs[n][model.harts[n].pc];
      model.step(n);
      model.harts[n].x[0] = 0;
      if (row.kind == Row::kSc && model.harts[n].x[row.rd] == 0) ++*successes;
    }
    for (unsigned x = t3; x <= t6; ++x)
      ASSERT_EQ(machines[n]->core.x(x), model.harts[n].x[x]) << "slice " << slice << ", x" << x;
    for (std::uint32_t at = 0; at < kSharedSize; at += 4)
      ASSERT_EQ(model.get(at, 4), *reinterpret_cast<std::uint32_t*>(&memory[kShared - kRam + at]))
          << "slice " << slice << ", offset " << at;
    for (unsigned hart = 0; hart < kHarts; ++hart) {
      std::optional<std::uint32_t> reserved = model.harts[hart].reserved;
      if (reserved) *reserved += kShared;
      ASSERT_EQ(machines[hart]->core.reservation(), reserved)
          << "slice " << slice << ", hart " << hart;
    }
    if (random() % 16 == 0) {  // another master
      const std::uint32_t at = 4 + static_cast<std::uint32_t>(random() % 18), size = 1 + at % 4;
      model.put(nullptr, at, size, slice);
      std::memcpy(&memory[kShared - kRam + at], &slice, size);
      for (const auto& machine : machines) machine->core.invalidate(kShared + at, size);
    }
  }
}

TEST(SharedRandom, HartsFollowTheRulesOfReservations) {
  unsigned successes = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    run(seed, 1500, &successes);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(successes, 5000u) << "stores that succeeded";
}

}  // namespace
}  // namespace aimc::riscv
