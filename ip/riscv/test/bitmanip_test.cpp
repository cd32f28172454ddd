// SPDX-License-Identifier: Apache-2.0
// Zba, Zbb and Zbs: each instruction on corner values, in each relation of its registers, and
// illegal where the hart has not got its group. Encodings are from the manual.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "reference/bits.h"
#include "trap_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

enum class Form { kTwo, kAmount, kOne };

struct BitCase {
  std::string_view name;
  Extension group;
  Form form;
  U32 opcode, f7, f3;
  U32 fixed_rs2;  ///< Of one-operand forms.
};

constexpr BitCase kCases[] = {
    {"sh1add", kExtZba, Form::kTwo, 0x33, 0x10, 2, 0},
    {"sh2add", kExtZba, Form::kTwo, 0x33, 0x10, 4, 0},
    {"sh3add", kExtZba, Form::kTwo, 0x33, 0x10, 6, 0},
    {"andn", kExtZbb, Form::kTwo, 0x33, 0x20, 7, 0},
    {"orn", kExtZbb, Form::kTwo, 0x33, 0x20, 6, 0},
    {"xnor", kExtZbb, Form::kTwo, 0x33, 0x20, 4, 0},
    {"min", kExtZbb, Form::kTwo, 0x33, 0x05, 4, 0},
    {"minu", kExtZbb, Form::kTwo, 0x33, 0x05, 5, 0},
    {"max", kExtZbb, Form::kTwo, 0x33, 0x05, 6, 0},
    {"maxu", kExtZbb, Form::kTwo, 0x33, 0x05, 7, 0},
    {"rol", kExtZbb, Form::kTwo, 0x33, 0x30, 1, 0},
    {"ror", kExtZbb, Form::kTwo, 0x33, 0x30, 5, 0},
    {"rori", kExtZbb, Form::kAmount, 0x13, 0x30, 5, 0},
    {"clz", kExtZbb, Form::kOne, 0x13, 0x30, 1, 0},
    {"ctz", kExtZbb, Form::kOne, 0x13, 0x30, 1, 1},
    {"cpop", kExtZbb, Form::kOne, 0x13, 0x30, 1, 2},
    {"sext.b", kExtZbb, Form::kOne, 0x13, 0x30, 1, 4},
    {"sext.h", kExtZbb, Form::kOne, 0x13, 0x30, 1, 5},
    {"zext.h", kExtZbb, Form::kOne, 0x33, 0x04, 4, 0},
    {"orc.b", kExtZbb, Form::kOne, 0x13, 0x14, 5, 7},
    {"rev8", kExtZbb, Form::kOne, 0x13, 0x34, 5, 24},
    {"bclr", kExtZbs, Form::kTwo, 0x33, 0x24, 1, 0},
    {"bclri", kExtZbs, Form::kAmount, 0x13, 0x24, 1, 0},
    {"bext", kExtZbs, Form::kTwo, 0x33, 0x24, 5, 0},
    {"bexti", kExtZbs, Form::kAmount, 0x13, 0x24, 5, 0},
    {"binv", kExtZbs, Form::kTwo, 0x33, 0x34, 1, 0},
    {"binvi", kExtZbs, Form::kAmount, 0x13, 0x34, 1, 0},
    {"bset", kExtZbs, Form::kTwo, 0x33, 0x14, 1, 0},
    {"bseti", kExtZbs, Form::kAmount, 0x13, 0x14, 1, 0},
};

/// The instruction, with `second` as register or amount where the form has one.
U32 encode(const BitCase& c, U32 rd, U32 rs1, U32 second) {
  return r_type(c.f7, c.form == Form::kOne ? c.fixed_rs2 : second, rs1, c.f3, rd, c.opcode);
}

/// 0, 1, -1, the ends of the ranges, each amount's neighbours, single bits, bytes, random words.
std::vector<U32> corner_values() {
  std::vector<U32> values = {0,          1,
                             2,          31,
                             32,         33,
                             63,         0xffffffff,
                             0x80000000, 0x80000001,
                             0x7fffffff, 0x7f,
                             0x80,       0xff,
                             0x7fff,     0x8000,
                             0xffff,     0x10000,
                             0xffffff80, 0xffff8000,
                             0x00ff00ff, 0x01000100,
                             0x80808080, 0x12345678,
                             0xffffffe0, 0xffffffff - 31 + 5};
  for (unsigned n = 0; n < 32; n += 3) values.push_back(U32{1} << n);
  std::mt19937 engine(3);
  for (int n = 0; n < 12; ++n) values.push_back(static_cast<U32>(engine()));
  return values;
}

/// One core for many instructions; every register is looked at after each.
class BitMachine {
 public:
  /// Executes `word` between a write and a read of its registers, so it runs in an ordinary block.
  ::testing::AssertionResult check(U32 word, U32 rd, U32 rs1, U32 first, U32 rs2, U32 second) {
    m_.put(kRam, {word, wfi()});
    m_.core.invalidate(kRam, 8);
    m_.core.set_pc(kRam);
    reference::Hart expected;
    for (unsigned n = 1; n < 32; ++n) expected.x[n] = 0x01010101u * n;
    expected.set_x(rs1, first);
    expected.set_x(rs2, second);
    for (unsigned n = 1; n < 32; ++n) m_.core.set_x(n, expected.x[n]);
    const std::string_view name = reference::mnemonic(word, kAllExtensions);
    if (name.empty()) return ::testing::AssertionFailure() << "the reference does not know it";
    reference::find(name)(expected, word);
    if (m_.core.run(100).exit != Exit::kWfi || m_.core.pc() != kRam + 8)
      return ::testing::AssertionFailure() << "did not reach wfi";
    for (unsigned n = 0; n < 32; ++n) {
      if (m_.core.x(n) == expected.x[n]) continue;
      return ::testing::AssertionFailure()
             << name << std::hex << " " << first << ", " << second << " into x" << std::dec << rd
             << ": x" << n << " is " << std::hex << m_.core.x(n) << ", not " << expected.x[n];
    }
    return ::testing::AssertionSuccess();
  }

 private:
  TestMachine m_;
};

TEST(BitManipulation, EncodingsAreThoseOfTheReference) {
  for (const BitCase& c : kCases)
    EXPECT_EQ(reference::mnemonic(encode(c, a0, a1, a2), kAllExtensions), c.name);
  EXPECT_EQ(std::size(kCases), reference::bit_rows().size());
}

TEST(BitManipulation, TwoOperandsOnCornerValues) {
  BitMachine m;
  const std::vector<U32> values = corner_values();
  for (const BitCase& c : kCases) {
    if (c.form != Form::kTwo) continue;
    for (const U32 first : values) {
      for (const U32 second : values)
        ASSERT_TRUE(m.check(encode(c, a0, a1, a2), a0, a1, first, a2, second));
    }
  }
}

TEST(BitManipulation, EveryAmountOnCornerValues) {
  BitMachine m;
  for (const BitCase& c : kCases) {
    if (c.form != Form::kAmount) continue;
    for (const U32 first : corner_values()) {
      for (U32 amount = 0; amount < 32; ++amount)
        ASSERT_TRUE(m.check(encode(c, a0, a1, amount), a0, a1, first, a2, 0));
    }
  }
}

TEST(BitManipulation, OneOperandOnCornerValuesAndEveryBit) {
  BitMachine m;
  std::vector<U32> values = corner_values();
  for (unsigned n = 0; n < 32; ++n) {
    values.push_back(U32{1} << n);
    values.push_back(~(U32{1} << n));
    values.push_back(~U32{0} << n);
    values.push_back(~U32{0} >> n);
  }
  for (const BitCase& c : kCases) {
    if (c.form != Form::kOne) continue;
    for (const U32 first : values) ASSERT_TRUE(m.check(encode(c, a0, a1, 0), a0, a1, first, a2, 0));
  }
}

TEST(BitManipulation, OnlyFiveBitsOfARegisterAreTheAmount) {
  // Written out as numbers: what the reference's loops must give, too.
  EXPECT_EQ(reference::rol(0x80000001, 1 + 0xffffffe0u), 3u);
  EXPECT_EQ(reference::ror(0x80000001, 1 + 32), 0xc0000000u);
  EXPECT_EQ(reference::bset(0, 0xffffffff), 0x80000000u);
  EXPECT_EQ(reference::bclr(0xffffffff, 32), 0xfffffffeu);
  EXPECT_EQ(reference::bext(2, 33), 1u);
  EXPECT_EQ(reference::binv(0, 63), 0x80000000u);
  EXPECT_EQ(reference::clz(0), 32u);
  EXPECT_EQ(reference::ctz(0), 32u);
  EXPECT_EQ(reference::clz(1), 31u);
  EXPECT_EQ(reference::cpop(0xf0f0f0f0), 16u);
  EXPECT_EQ(reference::orc_b(0x00800100), 0x00ffff00u);
  EXPECT_EQ(reference::rev8(0x12345678), 0x78563412u);
  EXPECT_EQ(reference::min(0x80000000, 0), 0x80000000u);
  EXPECT_EQ(reference::minu(0x80000000, 0), 0u);
  EXPECT_EQ(reference::shift_add(3, 0x20000001, 5), 13u);
  BitMachine m;
  for (const BitCase& c : kCases) {
    if (c.form != Form::kTwo) continue;
    for (U32 high = 1; high != 0; high <<= 1)
      ASSERT_TRUE(m.check(encode(c, a0, a1, a2), a0, a1, 0xc0000081, a2, high * 32 + 7));
  }
}

TEST(BitManipulation, EveryRelationOfTheRegisters) {
  BitMachine m;
  struct Use {
    U32 rd, rs1, rs2;
  };
  constexpr Use kUses[] = {{a0, a0, a2}, {a0, a1, a0}, {a0, a0, a0}, {a0, a1, a1},
                           {a0, 0, a2},  {a0, a1, 0},  {a0, 0, 0},   {0, a1, a2},
                           {0, 0, 0},    {t6, t5, t4}, {ra, t6, ra}, {0, a1, a1}};
  for (const BitCase& c : kCases) {
    for (const Use& use : kUses) {
      for (const U32 first : {0u, 0x80000000u, 0x00012345u, 0xffffffffu}) {
        ASSERT_TRUE(m.check(encode(c, use.rd, use.rs1, use.rs2), use.rd, use.rs1, first, use.rs2,
                            0x8000001fu));
      }
    }
  }
}

TEST(BitManipulation, IllegalWithoutItsGroup) {
  for (const Extension missing : {kExtZba, kExtZbb, kExtZbs}) {
    CoreConfig config;
    config.isa = kAllExtensions & ~static_cast<ExtensionSet>(missing);
    for (const BitCase& c : kCases) {
      const U32 word = encode(c, a0, a1, a2);
      TrapMachine m(config);
      m.put(kRam, {word, wfi()});
      m.core.set_x(a0, 77);
      if (c.group == missing) {
        m.expect_trap(kCauseIllegalInstruction, kRam, word);
        EXPECT_EQ(m.core.x(a0), 77u) << c.name;
      } else {
        EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
        EXPECT_EQ(m.core.pc(), kRam + 8) << c.name << " needs its own group only";
      }
    }
  }
}

TEST(BitManipulation, NeighbouringEncodingsAreIllegal) {
  const U32 words[] = {
      r_type(0x04, a2, a1, 4, a0, 0x33),  // pack: zext.h with a second register
      r_type(0x04, 0, a1, 4, a0, 0x3b),   // zext.h of RV64
      i_type(0x6b8, a1, 5, a0, 0x13),     // rev8 of RV64
      i_type(0x699, a1, 5, a0, 0x13),     // other byte swaps
      i_type(0x687, a1, 5, a0, 0x13),     // brev8
      i_type(0x286, a1, 5, a0, 0x13),     // orc of other groups of bits
      i_type(0x28f, a1, 5, a0, 0x13),    i_type(0x603, a1, 1, a0, 0x13),  // between cpop and sext.b
      i_type(0x606, a1, 1, a0, 0x13),    i_type(0x61f, a1, 1, a0, 0x13),
      i_type(0x620, a1, 1, a0, 0x13),  // amounts of 32 and more are for RV64
      i_type(0x620, a1, 5, a0, 0x13),    i_type(0x2a0, a1, 1, a0, 0x13),
      i_type(0x4a0, a1, 1, a0, 0x13),    i_type(0x4a0, a1, 5, a0, 0x13),
      i_type(0x6a0, a1, 1, a0, 0x13),    i_type(0x600, a1, 1, a0, 0x1b),  // clzw
      r_type(0x10, a2, a1, 0, a0, 0x33),                                  // sh0add
      r_type(0x10, a2, a1, 2, a0, 0x3b),                                  // sh1add.uw
      r_type(0x05, a2, a1, 1, a0, 0x33),                                  // clmul (Zbc)
      r_type(0x05, a2, a1, 2, a0, 0x33),                                  // clmulr
      r_type(0x05, a2, a1, 3, a0, 0x33),                                  // clmulh
      r_type(0x34, a2, a1, 5, a0, 0x33),                                  // grev
      r_type(0x14, a2, a1, 5, a0, 0x33),                                  // gorc
      r_type(0x20, a2, a1, 1, a0, 0x33),                                  // between sub and sra
      r_type(0x30, a2, a1, 4, a0, 0x33),
  };
  for (const U32 word : words) {
    TrapMachine m;
    m.put(kRam, {word});
    SCOPED_TRACE(::testing::Message() << std::hex << word);
    m.expect_trap(kCauseIllegalInstruction, kRam, word);
  }
}

}  // namespace
}  // namespace aimc::riscv
