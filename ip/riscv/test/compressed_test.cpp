// SPDX-License-Identifier: Apache-2.0
// All 49,152 sixteen-bit encodings against the tables of RV32FC, written here as patterns.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "aimc/riscv/instruction.h"
#include "reference_bench.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

/// Fields of one encoding. d and s of three bits are x8 to x15 already.
struct Fields {
  U32 d, s, u;  ///< u is the immediate without a sign
  I32 i;        ///< with its sign
};

/// One line of the tables. In the pattern, from bit 15 to bit 0, `d` and `s` are registers and `i`
/// is the immediate, whose bits are listed from left to right: a digit, or a letter from a = 10.
struct Rule {
  const char* name;
  std::string_view pattern, immediate;
  bool (*allowed)(const Fields&);
  U32 (*expand)(const Fields&);
  Extension group = kExtI;
};

constexpr U32 kSp = 2;
bool always(const Fields&) { return true; }
bool some_immediate(const Fields& f) { return f.u != 0; }
bool some_d(const Fields& f) { return f.d != 0; }
bool some_s(const Fields& f) { return f.s != 0; }

const Rule kRules[] = {
    {"c.addi4spn", "000iiiiiiiiddd00", "54987623", some_immediate,
     [](const Fields& f) { return addi(f.d, kSp, f.i); }},
    {"c.lw", "010iiisssiiddd00", "54326", always,
     [](const Fields& f) { return lw(f.d, f.i, f.s); }},
    {"c.flw", "011iiisssiiddd00", "54326", always,
     [](const Fields& f) { return flw(f.d, f.i, f.s); }, kExtF},
    {"c.sw", "110iiisssiiddd00", "54326", always,
     [](const Fields& f) { return sw(f.d, f.i, f.s); }},
    {"c.fsw", "111iiisssiiddd00", "54326", always,
     [](const Fields& f) { return fsw(f.d, f.i, f.s); }, kExtF},
    {"c.addi", "000idddddiiiii01", "543210", always,
     [](const Fields& f) { return addi(f.d, f.d, f.i); }},
    {"c.jal", "001iiiiiiiiiii01", "b498a673215", always,
     [](const Fields& f) { return jal(1, f.i); }},
    {"c.li", "010idddddiiiii01", "543210", always,
     [](const Fields& f) { return addi(f.d, 0, f.i); }},
    {"c.addi16sp", "011i00010iiiii01", "946875", some_immediate,
     [](const Fields& f) { return addi(kSp, kSp, f.i); }},
    {"c.lui", "011idddddiiiii01", "hgfedc", [](const Fields& f) { return f.u != 0 && f.d != kSp; },
     [](const Fields& f) { return lui(f.d, static_cast<U32>(f.i) >> 12); }},
    {"c.srli", "100000dddiiiii01", "43210", always,
     [](const Fields& f) { return srli(f.d, f.d, f.u); }},
    {"c.srai", "100001dddiiiii01", "43210", always,
     [](const Fields& f) { return srai(f.d, f.d, f.u); }},
    {"c.andi", "100i10dddiiiii01", "543210", always,
     [](const Fields& f) { return andi(f.d, f.d, f.i); }},
    {"c.sub", "100011ddd00sss01", "", always, [](const Fields& f) { return sub(f.d, f.d, f.s); }},
    {"c.xor", "100011ddd01sss01", "", always,
     [](const Fields& f) { return alu(4, f.d, f.d, f.s); }},
    {"c.or", "100011ddd10sss01", "", always, [](const Fields& f) { return alu(6, f.d, f.d, f.s); }},
    {"c.and", "100011ddd11sss01", "", always,
     [](const Fields& f) { return alu(7, f.d, f.d, f.s); }},
    {"c.j", "101iiiiiiiiiii01", "b498a673215", always, [](const Fields& f) { return jal(0, f.i); }},
    {"c.beqz", "110iiisssiiiii01", "84376215", always,
     [](const Fields& f) { return beq(f.s, 0, f.i); }},
    {"c.bnez", "111iiisssiiiii01", "84376215", always,
     [](const Fields& f) { return bne(f.s, 0, f.i); }},
    {"c.slli", "0000dddddiiiii10", "43210", always,
     [](const Fields& f) { return slli(f.d, f.d, f.u); }},
    {"c.lwsp", "010idddddiiiii10", "543276", some_d,
     [](const Fields& f) { return lw(f.d, f.i, kSp); }},
    {"c.flwsp", "011idddddiiiii10", "543276", always,
     [](const Fields& f) { return flw(f.d, f.i, kSp); }, kExtF},
    {"c.jr", "1000ddddd0000010", "", some_d, [](const Fields& f) { return jalr(0, f.d, 0); }},
    {"c.mv", "1000dddddsssss10", "", some_s, [](const Fields& f) { return add(f.d, 0, f.s); }},
    {"c.ebreak", "1001000000000010", "", always, [](const Fields&) { return ebreak(); }},
    {"c.jalr", "1001ddddd0000010", "", some_d, [](const Fields& f) { return jalr(1, f.d, 0); }},
    {"c.add", "1001dddddsssss10", "", some_s, [](const Fields& f) { return add(f.d, f.d, f.s); }},
    {"c.swsp", "110iiiiiisssss10", "543276", always,
     [](const Fields& f) { return sw(f.s, f.i, kSp); }},
    {"c.fswsp", "111iiiiiisssss10", "543276", always,
     [](const Fields& f) { return fsw(f.s, f.i, kSp); }, kExtF},
};

/// Immediates of these are sign-extended from their highest bit.
bool has_sign(std::string_view name) {
  for (const char* one :
       {"c.addi", "c.li", "c.andi", "c.lui", "c.addi16sp", "c.j", "c.jal", "c.beqz", "c.bnez"}) {
    if (name == one) return true;
  }
  return false;
}

unsigned place(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// Reads the fields; false if a fixed bit differs.
bool match(const Rule& rule, U32 half, Fields* fields) {
  unsigned d_bits = 0, s_bits = 0, i_bits = 0, highest = 0;
  *fields = {};
  for (unsigned n = 0; n < 16; ++n) {
    const U32 value = half >> (15 - n) & 1u;
    switch (rule.pattern[n]) {
      case 'd':
        fields->d = fields->d << 1 | value;
        ++d_bits;
        break;
      case 's':
        fields->s = fields->s << 1 | value;
        ++s_bits;
        break;
      case 'i':
        highest = std::max(highest, place(rule.immediate[i_bits]));
        fields->u |= value << place(rule.immediate[i_bits++]);
        break;
      default:
        if (value != static_cast<U32>(rule.pattern[n] - '0')) return false;
    }
  }
  if (d_bits == 3) fields->d += 8;
  if (s_bits == 3) fields->s += 8;
  const U32 i = has_sign(rule.name) ? reference::extend(fields->u, highest + 1) : fields->u;
  fields->i = static_cast<I32>(i);
  return rule.allowed(*fields);
}

/// The word an encoding stands for, 0 if it is illegal. At most one rule applies.
U32 expected_word(U32 half, ExtensionSet isa) {
  U32 word = 0;
  for (const Rule& rule : kRules) {
    Fields fields;
    if (!match(rule, half, &fields)) continue;
    EXPECT_EQ(word, 0u) << "two rules for " << std::hex << half;
    word = (isa & rule.group) ? rule.expand(fields) : 0;
  }
  return isa & kExtC ? word : 0;
}

/// What the decoder makes of an encoding.
U32 decoded_word(U32 half, ExtensionSet isa) {
  const U32 word = expand_compressed(static_cast<std::uint16_t>(half), isa);
  return find_instruction(word, isa) == nullptr ? 0 : word;
}

TEST(CompressedTable, PatternsAreWellFormed) {
  for (const Rule& rule : kRules) {
    ASSERT_EQ(rule.pattern.size(), 16u) << rule.name;
    std::size_t immediate = 0;
    for (const char c : rule.pattern) immediate += c == 'i' ? 1 : 0;
    EXPECT_EQ(immediate, rule.immediate.size()) << rule.name;
  }
}

TEST(CompressedTable, EveryEncodingExpandsAsTheTablesSay) {
  constexpr ExtensionSet kNoFloat = kAllExtensions & ~U32{kExtF};
  constexpr ExtensionSet kNoCompressed = kAllExtensions & ~U32{kExtC};
  unsigned legal = 0, legal_without_float = 0;
  for (U32 half = 0; half < 0x10000; ++half) {
    if ((half & 3u) == 3) continue;
    const U32 expected = expected_word(half, kAllExtensions);
    ASSERT_EQ(decoded_word(half, kAllExtensions), expected) << std::hex << half;
    ASSERT_EQ(decoded_word(half, kNoFloat), expected_word(half, kNoFloat)) << std::hex << half;
    ASSERT_EQ(decoded_word(half, kNoCompressed), 0u) << std::hex << half;
    legal += expected != 0 ? 1 : 0;
    legal_without_float += expected_word(half, kNoFloat) != 0 ? 1 : 0;
  }
  EXPECT_EQ(legal - legal_without_float, 4u * 2048) << "c.flw, c.fsw, c.flwsp, c.fswsp";
}

TEST(CompressedTable, EveryEncodingDoesWhatTheTablesSay) {
  ReferenceBench bench;
  for (U32 half = 0; half < 0x10000; ++half) {
    if ((half & 3u) == 3) continue;
    const U32 word = expected_word(half, kAllExtensions);
    bench.randomise();
    bench.aim(word);
    ASSERT_TRUE(bench.step(half, 2, word)) << std::hex << half;
  }
}

TEST(CompressedTable, WithoutCEveryEncodingIsIllegal) {
  ReferenceBench bench({.isa = kAllExtensions & ~U32{kExtC}});
  for (U32 half = 0; half < 0x10000; half += 5) {
    if ((half & 3u) == 3) continue;
    bench.randomise();
    ASSERT_TRUE(bench.step(half, 2, 0)) << std::hex << half;
  }
}

}  // namespace
}  // namespace aimc::riscv
