// SPDX-License-Identifier: Apache-2.0
// Instructions that share one dispatch (pairs.h) do what they do alone: the observed loop, which
// has no groups, is the reference, for every group, every end of a slice in it and every fault in
// it.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using U32 = std::uint32_t;

constexpr U32 kRam = TestMachine::kRam, kData = kRam + 0x1000, kHandler = kRam + 0x800;
constexpr U32 kHole = 0x40000000u;
constexpr unsigned kGood = 8, kOther = 9;  // base registers: RAM, and what a test wants
constexpr U32 kMtvec = 0x305;

/// Lets every instruction through.
class Watcher : public InstructionObserver {
 public:
  void on_instruction(U32 /*pc*/, U32 /*word*/) override {}
};

struct State {
  std::vector<U32> words;
  std::vector<std::uint8_t> ram, device;
  bool operator==(const State&) const = default;
};

State state_of(TestMachine& m) {
  State s;
  for (unsigned n = 0; n < 32; ++n) s.words.push_back(m.core.x(n));
  for (const U32 csr : {0x341u, 0x342u, 0x343u}) s.words.push_back(*m.core.read_csr(csr));
  s.words.insert(s.words.end(), {m.core.pc(), static_cast<U32>(m.core.instructions()),
                                 static_cast<U32>(m.core.cycles()), m.bus_loads, m.bus_stores});
  s.ram = m.ram;
  s.device.assign(m.device, m.device + TestMachine::kDeviceSize);
  return s;
}

/// Runs `body` in an endless loop, sleeping in the trap handler if it faults, for `cycles`.
State run(const std::vector<U32>& body, U32 other, std::int64_t first_slice, std::int64_t cycles,
          bool observed) {
  TestMachine m;
  U32 at = m.put(kRam, {nop()});
  for (const U32 word : body) at = m.put(at, {word});
  m.put(at, {addi(10, 10, 1), jal(0, static_cast<std::int32_t>(kRam - at - 4))});
  m.put(kHandler, {wfi()});
  for (unsigned n = 0; n < 16; ++n) m.write(kData + 4 * n, 0x01010101u * n);
  for (unsigned n = 1; n < 32; ++n) m.core.set_x(n, 0x1000u * n);
  m.core.set_x(kGood, kData);
  m.core.set_x(kOther, other);
  m.core.write_csr(kMtvec, kHandler);
  Watcher watcher;
  if (observed) m.core.add_instruction_observer(&watcher);
  Exit exit = Exit::kBudget;
  std::int64_t slice = first_slice;
  while (exit == Exit::kBudget && cycles > 0) {
    const RunResult result = m.core.run(slice < cycles ? slice : cycles);
    exit = result.exit;
    cycles -= static_cast<std::int64_t>(result.cycles);
    slice = 1000;  // what the cut replaced must be whole again
  }
  return state_of(m);
}

/// The first pass fills the window of host pointers and so leaves each group; later ones do not.
void same(const std::vector<U32>& body, U32 other, const std::string& what) {
  const auto pass = static_cast<std::int64_t>(body.size()) + 3;
  const State whole = run(body, other, 4 * pass, 4 * pass, true);
  for (std::int64_t slice = 1; slice <= 3 * pass; ++slice) {
    EXPECT_EQ(run(body, other, slice, 4 * pass, false), whole) << what << ", first slice " << slice;
    EXPECT_EQ(run(body, other, slice, slice, false), run(body, other, slice, slice, true))
        << what << ", " << slice << " cycles";
  }
}

TEST(Groups, RunsOfLoadsAndStoresEndAndFaultAnywhere) {
  for (unsigned kind = 0; kind < 16; ++kind) {
    for (int bad = -1; bad < 4; ++bad) {
      std::vector<U32> body;
      for (int n = 0; n < 4; ++n) {
        const U32 base = n == bad ? kOther : kGood;
        // Each access touches what its neighbours load, store or use as address.
        body.push_back(kind >> (3 - n) & 1 ? sw(16 + static_cast<U32>(n), 4 * (n & 1), base)
                                           : lw(17 + static_cast<U32>(n), 4 * (n & 1), base));
      }
      for (const U32 other : {kHole, TestMachine::kDevice, kData + 0x41, kRam + 0xfffe})
        same(body, other, "kind " + std::to_string(kind) + ", other base " + std::to_string(bad));
    }
  }
}

TEST(Groups, ALoadMayReplaceTheBaseOfTheNext) {
  same({lw(20, 0, kGood), lw(kOther, 4, kGood), lw(21, 0, kOther), sw(20, 0, kOther)}, kData,
       "chain through the base register");
  same({lw(0, 0, kGood), lw(0, 0, kOther), sw(0, 4, kGood), lw(22, 4, kGood)}, kHole,
       "loads into x0");
}

TEST(Groups, LongRunsFallIntoRunsPairsAndSingles) {
  for (unsigned length = 1; length <= 14; ++length) {
    std::vector<U32> body;
    for (unsigned n = 0; n < length; ++n) {
      const auto offset = static_cast<std::int32_t>(4 * n);
      body.push_back(n % 3 == 2 ? lw(12 + n, offset, kGood) : sw(12 + n, offset, kGood));
    }
    same(body, kHole, "length " + std::to_string(length));
  }
}

TEST(Groups, EveryPair) {
  const auto simple = [](unsigned n, U32 rd, U32 a, U32 b) {
    const std::array<U32, 17> all{addi(rd, a, 5),     mv(rd, a),         addi(rd, 0, 77),
                                  add(rd, a, b),      sub(rd, a, b),     slli(rd, a, 3),
                                  srli(rd, a, 3),     andi(rd, a, 0x55), alu(4, rd, a, b),
                                  alu(7, rd, a, b),   alu(6, rd, a, b),  muldiv(0, rd, a, b),
                                  lw(rd, 0, kGood),   lh(rd, 2, kGood),  lhu(rd, 4, kOther),
                                  lbu(rd, 7, kOther), sw(a, 8, kOther)};
    return n < all.size() ? all[n] : sb(a, 13, kOther);
  };
  const auto branch = [](unsigned n, U32 a, U32 b) {
    const std::array<U32, 8> all{beq(a, b, 8),  bne(a, b, 8),  blt(a, b, 8), bge(a, b, 8),
                                 bltu(a, b, 8), bgeu(a, b, 8), jal(5, 8),    jalr(5, 6, 0)};
    return all[n];
  };
  for (const U32 other : {kData, kHole}) {
    for (unsigned first = 0; first < 18; ++first) {
      for (unsigned second = 0; second < 18; ++second)
        same({simple(first, 20, 21, 22), simple(second, 23, 20, 22)}, other,
             "pair " + std::to_string(first) + " " + std::to_string(second));
      for (unsigned second = 0; second < 7; ++second)
        same({simple(first, 20, 21, 22), branch(second, 20, 22), nop()}, other,
             "pair " + std::to_string(first) + " branch " + std::to_string(second));
      same({auipc(6, 0), addi(6, 6, 16), simple(first, 20, 21, 22), branch(7, 0, 0), nop()}, other,
           "pair " + std::to_string(first) + " jalr");
    }
  }
}

}  // namespace
}  // namespace aimc::riscv
