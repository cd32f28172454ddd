// SPDX-License-Identifier: Apache-2.0
// Every row of the instruction table is executed with random operand fields and compared with the
// reference; every other encoding is an illegal instruction.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "aimc/riscv/disassembler.h"
#include "aimc/riscv/instruction.h"
#include "reference_bench.h"

namespace aimc::riscv {
namespace {

using U32 = std::uint32_t;

constexpr int kEncodingsOfARow = 400;

/// An instruction of this row with random operands.
U32 random_word(const Instruction& row, ReferenceBench* bench) {
  U32 word = row.match | (bench->random() & ~row.mask);
  if (row.format == Format::kCsrReg || row.format == Format::kCsrImm) {
    static constexpr U32 kNumbers[] = {0x001, 0x002, 0x003, 0x340, 0x341, 0xf14, 0x5c0, 0x7ff};
    word = (word & 0xfffffu) | kNumbers[bench->random() % std::size(kNumbers)] << 20;
  }
  switch (bench->random() % 8) {  // relations of the registers that random fields rarely have
    case 0:
      return (word & ~(0xf80u & ~row.mask)) | row.match;  // rd = x0
    case 1:
      return (word & ~(0xf8000u & ~row.mask)) | row.match;  // rs1 = x0
    case 2: {
      const U32 same = (word & ~0xf80u) | (word >> 15 & 31u) << 7;  // rd = rs1
      return (same & ~row.mask) | row.match;
    }
    default:
      return word;
  }
}

/// Executes one instruction of a row in a fresh state.
::testing::AssertionResult execute(ReferenceBench* bench, const Instruction& row, U32 word) {
  bench->randomise();
  if (row.op == Op::kMret) {
    const U32 random = bench->random();
    bench->hart().mstatus = kMstatusFs | kMstatusSd | (random & (1u << 3 | 1u << 7 | 1u << 17)) |
                            (random & 1u ? 3u << 11 : 0);
  }
  bench->aim(word);
  U32& base = bench->hart().x[reference::rs1(word)];
  if (row.op == Op::kSc && base % 4 == 0 && bench->random() % 4 != 0) {
    const auto reserved = bench->step(assembler::lr(0, reference::rs1(word)));
    if (!reserved || bench->hart().trap) return reserved;
    if (bench->random() % 2 == 0) base ^= 4;  // not the reserved word
  }
  return bench->step(word);
}

TEST(Decode, EveryRowHasAReferenceAndEveryReferenceARow) {
  std::set<std::string_view> rows, references;
  for (const Instruction& row : instruction_table()) {
    EXPECT_TRUE(rows.insert(row.name).second) << row.name << " is there twice";
    EXPECT_EQ(row.match & ~row.mask, 0u) << row.name;
  }
  for (const reference::Rows* some :
       {&reference::integer_rows(), &reference::float_rows(), &reference::bit_rows()}) {
    for (const auto& [name, execute] : *some) references.insert(name);
  }
  EXPECT_EQ(rows, references);
}

TEST(Decode, EveryRowDoesWhatTheReferenceSays) {
  ReferenceBench bench;
  for (const Instruction& row : instruction_table()) {
    for (int n = 0; n < kEncodingsOfARow; ++n) {
      const U32 word = random_word(row, &bench);
      ASSERT_EQ(reference::mnemonic(word, kAllExtensions), row.name) << std::hex << word;
      ASSERT_EQ(find_instruction(word, kAllExtensions), &row) << std::hex << word;
      ASSERT_EQ(disassemble(word, 0, kAllExtensions).find(row.name), 0u);
      ASSERT_TRUE(execute(&bench, row, word)) << row.name;
    }
  }
}

void execute_every_row(const BenchOptions& options) {
  ReferenceBench bench(options);
  for (const Instruction& row : instruction_table()) {
    for (int n = 0; n < kEncodingsOfARow; ++n)
      ASSERT_TRUE(execute(&bench, row, random_word(row, &bench))) << row.name;
  }
}

TEST(Decode, EveryRowDoesTheSameWhenObserved) { execute_every_row({.observed = true}); }

TEST(Decode, EveryRowDoesTheSameOverTheBus) { execute_every_row({.direct = false}); }

TEST(Decode, UnalignedAccessesTrapWhereTheyShall) {
  execute_every_row({.misaligned = Misaligned::kTrap});
  execute_every_row({.misaligned = Misaligned::kTrap, .direct = false});
}

TEST(Decode, WithoutCompressedInstructionsTargetsAreWords) {
  ReferenceBench bench({.isa = kAllExtensions & ~U32{kExtC}});
  for (const Instruction& row : instruction_table()) {
    if (row.cost != CostClass::kJump && row.cost != CostClass::kBranch && row.op != Op::kCsr &&
        row.op != Op::kMret)
      continue;
    for (int n = 0; n < kEncodingsOfARow; ++n)
      ASSERT_TRUE(execute(&bench, row, random_word(row, &bench))) << row.name;
  }
}

TEST(Decode, FloatingPointInEachRoundingMode) {
  ReferenceBench bench;
  for (const Instruction& row : instruction_table()) {
    if (!has_rounding_mode(row.format)) continue;
    for (U32 rm = 0; rm < 8; ++rm) {
      for (int n = 0; n < 2 * kEncodingsOfARow; ++n) {
        const U32 word = (random_word(row, &bench) & ~0x7000u) | rm << 12;
        ASSERT_TRUE(execute(&bench, row, word)) << row.name;
      }
    }
  }
}

TEST(Decode, ReservationsGoByAddressAndServeOnce) {
  using namespace assembler;
  ReferenceBench bench;
  const auto equal_words = [&] {  // so that only the address can tell the words apart
    bench.randomise();
    for (std::uint8_t& byte : bench.hart().data) byte = 0x55;
    bench.hart().x[a1] = reference::Hart::kData;
    bench.hart().x[a2] = reference::Hart::kData + 4;
    bench.hart().x[a3] = 0x55555555u;
  };
  const auto step = [&](U32 word, U32 status) {
    ASSERT_TRUE(bench.step(word));
    EXPECT_EQ(bench.hart().x[a0], status);
  };
  equal_words();
  step(lr(a0, a1), 0x55555555u);
  step(sc(a0, a3, a2), 1);  // another word
  step(sc(a0, a3, a1), 1);  // which has used the reservation up
  equal_words();
  step(lr(a0, a1), 0x55555555u);
  step(sc(a0, a3, a1), 0);  // stores what is there already
  step(sc(a0, a3, a1), 1);
  equal_words();
  step(lr(a0, a1), 0x55555555u);
  step(lr(a0, a2), 0x55555555u);  // moves the reservation
  step(sc(a0, a3, a1), 1);
}

TEST(Decode, RowsAreIllegalWithoutTheirGroup) {
  for (const Extension group : {kExtM, kExtA, kExtF, kExtZba, kExtZbb, kExtZbs}) {
    const ExtensionSet isa = kAllExtensions & ~U32{group};
    ReferenceBench bench({.isa = isa});
    for (const Instruction& row : instruction_table()) {
      const U32 word = random_word(row, &bench);
      EXPECT_EQ(find_instruction(word, isa) == nullptr, row.group == group) << row.name;
      if (isa & kExtF) {
        ASSERT_TRUE(execute(&bench, row, word)) << row.name;
      } else if (row.group == kExtF) {
        EXPECT_EQ(reference::mnemonic(word, isa), "");
      }
    }
  }
}

TEST(Decode, TheTableIsTheOpcodeMap) {
  // All opcodes, funct3, funct7 and rs2; rd and rs1 both 0 or random.
  std::mt19937 engine(5);
  for (U32 fields = 0; fields < 1u << 20; ++fields) {
    const U32 fixed = reference::bits(fields, 4, 0) << 2 | 3u |
                      reference::bits(fields, 7, 5) << 12 | reference::bits(fields, 19, 8) << 20;
    for (const U32 others : {0u, static_cast<U32>(engine()) & 0x000f8f80u}) {
      const U32 word = fixed | others;
      const Instruction* row = find_instruction(word, kAllExtensions);
      const std::string_view name = reference::mnemonic(word, kAllExtensions);
      ASSERT_EQ(row == nullptr ? "" : std::string_view(row->name), name) << std::hex << word;
    }
  }
}

TEST(Decode, ReservedEncodingsTrapWithTheWord) {
  ReferenceBench bench;
  unsigned reserved = 0;
  for (U32 fields = 0; fields < 1u << 15; ++fields) {
    // All opcodes, funct3 and funct7.
    const U32 word = reference::bits(fields, 4, 0) << 2 | 3u | reference::bits(fields, 7, 5) << 12 |
                     reference::bits(fields, 14, 8) << 25 | (bench.random() & 0x01ff8f80u);
    if (!reference::mnemonic(word, kAllExtensions).empty() && !reference::reserved_rounding(word))
      continue;
    ++reserved;
    ASSERT_TRUE(bench.step(word));
    ASSERT_EQ(bench.hart().trap->cause, U32{kCauseIllegalInstruction});
    ASSERT_EQ(bench.hart().trap->tval, word);
    bench.hart().pc = ReferenceBench::kProgram;
  }
  EXPECT_GT(reserved, 20000u);
}

TEST(Decode, ReservedSystemInstructionsTrapWithTheWord) {
  ReferenceBench bench;
  for (U32 function = 0; function < 4096; ++function) {
    for (const U32 registers : {0u, 1u << 7, 1u << 15, bench.random() & 0x000f8f80u}) {
      const U32 word = function << 20 | registers | 0x73u;
      if (!reference::mnemonic(word, kAllExtensions).empty()) continue;
      ASSERT_TRUE(bench.step(word));
      ASSERT_EQ(bench.hart().trap->tval, word);
      bench.hart().pc = ReferenceBench::kProgram;
    }
  }
}

}  // namespace
}  // namespace aimc::riscv
