// SPDX-License-Identifier: Apache-2.0
// Instructions as they run in the fast loop: as neighbours in one block, where the translator
// folds, pairs and batches them. Each ordered pair of instructions is compared with the reference.
#include <gtest/gtest.h>

#include <vector>

#include "aimc/riscv/instruction.h"
#include "reference_bench.h"

namespace aimc::riscv {
namespace {

using U32 = std::uint32_t;

/// Base register of loads and stores; no instruction writes it.
constexpr U32 kBase = assembler::s1;

bool is_memory(const Instruction& row) {
  return row.format == Format::kLoad || row.format == Format::kStore ||
         row.format == Format::kFLoad || row.format == Format::kFStore;
}
bool jumps(const Instruction& row) {
  return row.cost == CostClass::kBranch || row.cost == CostClass::kJump;
}
/// What may stand anywhere in a block without ending the run.
bool goes_on(const Instruction& row) {
  const bool ends = row.cost == CostClass::kSystem || row.cost == CostClass::kCsr ||
                    row.cost == CostClass::kAtomic;
  return !jumps(row) && !ends && row.op != Op::kEcall && row.op != Op::kEbreak;
}

/// A word of this row. Few registers, so that neighbours depend on each other.
U32 random_word(const Instruction& row, ReferenceBench* bench) {
  static constexpr U32 kRegisters[] = {0, 10, 11, 12, 13};
  const auto pick = [&] { return kRegisters[bench->random() % std::size(kRegisters)]; };
  U32 fields = bench->random();
  fields = (fields & ~0x01ff8f80u) | pick() << 7 | pick() << 15 | pick() << 20;
  if (bench->random() % 4 == 0) fields &= 0x000fffffu;  // immediate 0
  U32 word = row.match | (fields & ~row.mask);
  if (!is_memory(row)) return word;
  const bool stores = row.format == Format::kStore || row.format == Format::kFStore;
  const U32 offset = (bench->random() % 64) * 4;
  word = (word & ~0x000f8000u) | kBase << 15;
  return stores ? (word & 0x01fff07fu) | (offset >> 5) << 25 | (offset & 31u) << 7
                : (word & 0x000fffffu) | offset << 20;
}

/// Random state with the base at the start of the data, or rarely where there is nothing.
void prepare(ReferenceBench* bench) {
  bench->randomise();
  bench->hart().frm = bench->random() % 16 == 0 ? 5 : bench->random() % 5;
  bench->hart().x[kBase] = reference::Hart::kData + (bench->random() % 8 == 0 ? 2 : 0);
  if (bench->random() % 32 == 0) bench->hart().x[kBase] = 0x90000000u;
}

TEST(Sequence, EveryPairOfNeighbours) {
  ReferenceBench bench;
  unsigned pairs = 0;
  for (const Instruction& first : instruction_table()) {
    if (!goes_on(first)) continue;
    for (const Instruction& second : instruction_table()) {
      if (!goes_on(second) && !jumps(second)) continue;
      ++pairs;
      for (int n = 0; n < 4; ++n) {
        prepare(&bench);
        ASSERT_TRUE(bench.block({random_word(first, &bench), random_word(second, &bench)}));
      }
    }
  }
  EXPECT_GT(pairs, 9000u);
}

TEST(Sequence, RunsOfLoadsAndStores) {
  ReferenceBench bench;
  const Instruction* const load = find_instruction(0x00002003, kAllExtensions);
  const Instruction* const store = find_instruction(0x00002023, kAllExtensions);
  for (U32 kinds = 0; kinds < 1024; ++kinds) {  // ten accesses, each a load or a store
    for (int n = 0; n < 4; ++n) {
      prepare(&bench);
      std::vector<U32> words;
      for (unsigned at = 0; at < 10; ++at)
        words.push_back(random_word(kinds >> at & 1u ? *store : *load, &bench));
      ASSERT_TRUE(bench.block(words));
    }
  }
}

void random_blocks(const BenchOptions& options) {
  ReferenceBench bench(options);
  const auto table = instruction_table();
  for (int n = 0; n < 20000; ++n) {
    prepare(&bench);
    std::vector<U32> words;
    while (words.size() < 12) {
      const Instruction& row = table[bench.random() % table.size()];
      if (goes_on(row)) words.push_back(random_word(row, &bench));
    }
    ASSERT_TRUE(bench.block(words));
  }
}

TEST(Sequence, RandomBlocks) { random_blocks({}); }

TEST(Sequence, RandomBlocksObserved) { random_blocks({.observed = true}); }

TEST(Sequence, RandomBlocksWhereUnalignedAccessesTrap) {
  random_blocks({.misaligned = Misaligned::kTrap});
}

}  // namespace
}  // namespace aimc::riscv
