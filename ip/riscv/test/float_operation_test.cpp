// SPDX-License-Identifier: Apache-2.0
// The pure function of an F instruction against the core, which computes on the host's FPU.
#include "aimc/riscv/float_operation.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;  // NOLINT: encoders
using U32 = std::uint32_t;

struct Case {
  Op op;
  U32 word;  ///< fa0 or a0 = op(fa1 or a1, fa2, fa3), rounding as frm says
  bool to_integer;
};

const Case kCases[] = {
    {Op::kFadd, fp(0x00, 7, 10, 11, 12), false},
    {Op::kFsub, fp(0x04, 7, 10, 11, 12), false},
    {Op::kFmul, fp(0x08, 7, 10, 11, 12), false},
    {Op::kFdiv, fp(0x0c, 7, 10, 11, 12), false},
    {Op::kFsqrt, fp(0x2c, 7, 10, 11, 0), false},
    {Op::kFmin, fp(0x14, 0, 10, 11, 12), false},
    {Op::kFmax, fp(0x14, 1, 10, 11, 12), false},
    {Op::kFle, fp(0x50, 0, 10, 11, 12), true},
    {Op::kFlt, fp(0x50, 1, 10, 11, 12), true},
    {Op::kFeq, fp(0x50, 2, 10, 11, 12), true},
    {Op::kFcvtWS, fp(0x60, 7, 10, 11, 0), true},
    {Op::kFcvtWuS, fp(0x60, 7, 10, 11, 1), true},
    {Op::kFcvtSW, fp(0x68, 7, 10, 11, 0), false},
    {Op::kFcvtSWu, fp(0x68, 7, 10, 11, 1), false},
    {Op::kFmadd, fma(0x43, 7, 10, 11, 12, 13), false},
    {Op::kFmsub, fma(0x47, 7, 10, 11, 12, 13), false},
    {Op::kFnmsub, fma(0x4b, 7, 10, 11, 12, 13), false},
    {Op::kFnmadd, fma(0x4f, 7, 10, 11, 12, 13), false},
};

/// Zeros, ones, NaNs, infinities, ends of the ranges; else any pattern, or one near 1.
U32 operand(std::mt19937& random) {
  static constexpr U32 kSpecial[] = {0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000,
                                     0xff800000, 0x7fc00000, 0x7f800001, 0x00000001, 0x80000001,
                                     0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x4f000000,
                                     0xcf000000, 0x4f800000, 0x3f000000, 0x3fc00000, 0xbf000000};
  switch (random() % 3) {
    case 0:
      return kSpecial[random() % std::size(kSpecial)];
    case 1:
      return static_cast<U32>(random());
    default:
      return 0x3f000000u + static_cast<U32>(random() % 0x01800000u);
  }
}

TEST(FloatOperation, HasTheValuesAndFlagsOfTheCore) {
  TestMachine machine;
  Core& core = machine.core;
  core.write_csr(kCsrMstatus, kMstatusFs);
  std::mt19937 random(20);
  // 18 instructions x 5 rounding modes x 400 sets of operands.
  for (const Case& c : kCases) {
    machine.put(TestMachine::kRam, {c.word, wfi()});
    core.invalidate(TestMachine::kRam, 8);
    for (U32 rm = 0; rm <= kRoundNearestMaxMagnitude; ++rm) {
      for (unsigned n = 0; n < 400; ++n) {
        const FloatOperands operands = {.a = operand(random),
                                        .b = operand(random),
                                        .c = operand(random),
                                        .integer = operand(random)};
        core.set_f(11, operands.a);
        core.set_f(12, operands.b);
        core.set_f(13, operands.c);
        core.set_x(11, operands.integer);
        core.write_csr(kCsrFcsr, rm << 5);
        core.set_pc(TestMachine::kRam);
        ASSERT_EQ(core.run(10).exit, Exit::kWfi);
        const auto result = float_operation(c.op, operands, static_cast<RoundingMode>(rm));
        ASSERT_TRUE(result);
        const std::string what = "op " + std::to_string(static_cast<unsigned>(c.op)) + " rm " +
                                 std::to_string(rm) + " set " + std::to_string(n);
        ASSERT_EQ(result->value, c.to_integer ? core.x(10) : core.f(10)) << what;
        ASSERT_EQ(result->flags, core.read_csr(kCsrFflags)) << what;
      }
    }
  }
}

TEST(FloatOperation, KnowsWhatRaisesNoFlag) {
  for (const Op op : {Op::kFsgnj, Op::kFsgnjn, Op::kFsgnjx, Op::kFclass, Op::kFmvXW, Op::kFmvWX,
                      Op::kFlw, Op::kFsw, Op::kAdd})
    EXPECT_FALSE(float_operation(op, {}, kRoundNearestEven));
}

}  // namespace
}  // namespace aimc::riscv
