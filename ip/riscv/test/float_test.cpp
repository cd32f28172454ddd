// SPDX-License-Identifier: Apache-2.0
// F: results and flags for every rounding mode. The host FPU path and the integer path are two
// independent implementations, so each is the oracle of the other; known values pin both.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "../src/soft_float.h"
#include "machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using U32 = std::uint32_t;

constexpr U32 kRam = TestMachine::kRam;
constexpr U32 kNan = 0x7fc00000u, kSignalingNan = 0x7f800001u, kInf = 0x7f800000u;
constexpr U32 kOne = 0x3f800000u, kMax = 0x7f7fffffu, kMinNormal = 0x00800000u, kTiny = 1u;
constexpr U32 kNegative = 0x80000000u;

U32 bits(float f) { return std::bit_cast<U32>(f); }

struct FloatResult {
  U32 f, x, flags;
  bool operator==(const FloatResult&) const = default;
};

/// A machine that executes one F instruction at a time: fa0 or a0 = op(fa1, fa2, fa3 / a1).
class FloatMachine {
 public:
  FloatMachine() { m_.core.write_csr(kCsrMstatus, kMstatusFs); }
  FloatResult run(U32 word, U32 a, U32 b = 0, U32 c = 0, U32 frm = 0) {
    m_.put(kRam, {word, wfi()});
    m_.core.invalidate(kRam, 8);
    m_.core.set_pc(kRam);
    m_.core.set_f(11, a);
    m_.core.set_f(12, b);
    m_.core.set_f(13, c);
    m_.core.set_f(10, 0xdeadbeef);
    m_.core.set_x(a0, 0xdeadbeef);
    m_.core.set_x(a1, a);
    m_.core.write_csr(kCsrFcsr, frm << 5);
    EXPECT_EQ(m_.core.run(10).exit, Exit::kWfi);
    EXPECT_EQ(m_.core.pc(), kRam + 8);
    return {m_.core.f(10), m_.core.x(a0), *m_.core.read_csr(kCsrFflags)};
  }
  TestMachine& machine() { return m_; }

 private:
  TestMachine m_;
};

// With rm = 7 (dynamic) the host computes, with a static rm the integer path.
U32 two(U32 f7, U32 rm) { return fp(f7, rm, 10, 11, 12); }
U32 three(U32 op, U32 rm) { return assembler::fma(op, rm, 10, 11, 12, 13); }

std::vector<U32> interesting() {
  std::vector<U32> values = {0,          kTiny,      2,          0x007fffff,    kMinNormal,
                             0x00800001, 0x00ffffff, 0x33800000, 0x33000000,    0x34000000,
                             0x3f000000, 0x3effffff, 0x3f7fffff, kOne,          0x3f800001,
                             0x3fc00000, 0x40000000, 0x4b000000, 0x4b7fffff,    0x4effffff,
                             0x4f000000, 0x4f7fffff, 0x4f800000, 0x7e800000,    0x7f000000,
                             kMax,       kInf,       kNan,       kSignalingNan, 0x7fffffff,
                             0x20000000, 0x1fffffff, 0x5f000000, 0x40490fdb};
  const std::size_t count = values.size();
  for (std::size_t n = 0; n < count; ++n) values.push_back(values[n] | kNegative);
  return values;
}

TEST(Float, HostAndIntegerPathAgreeOnSpecialOperands) {
  FloatMachine m;
  const std::vector<U32> values = interesting();
  for (U32 rm = 0; rm < 4; ++rm) {
    for (const U32 a : values) {
      for (const U32 f7 : {0x60u, 0x68u}) {
        for (const U32 is_unsigned : {0u, 1u}) {
          ASSERT_EQ(m.run(fp(f7, 7, f7 == 0x60 ? U32{a0} : 10u, 11, is_unsigned), a, 0, 0, rm),
                    m.run(fp(f7, rm, f7 == 0x60 ? U32{a0} : 10u, 11, is_unsigned), a))
              << std::hex << f7 << " " << is_unsigned << " " << a << " rm " << rm;
        }
      }
      ASSERT_EQ(m.run(fp(0x2c, 7, 10, 11), a, 0, 0, rm), m.run(fp(0x2c, rm, 10, 11), a));
      for (const U32 b : values) {
        for (const U32 f7 : {0x00u, 0x04u, 0x08u, 0x0cu}) {
          ASSERT_EQ(m.run(two(f7, 7), a, b, 0, rm), m.run(two(f7, rm), a, b))
              << std::hex << f7 << " " << a << " " << b << " rm " << rm;
        }
      }
    }
  }
}

TEST(Float, HostAndIntegerPathAgreeOnRandomOperands) {
  FloatMachine m;
  std::mt19937 engine(1);
  const auto random = [&] { return static_cast<U32>(engine()); };
  const std::vector<U32> special = interesting();
  const auto operand = [&]() -> U32 {
    const U32 kind = random() % 8;
    if (kind == 0) return special[random() % special.size()];
    if (kind == 1) return (random() & 0x807fffffu) | (100u + random() % 60) << 23;
    if (kind == 2) return (random() & 0x80ffffffu);  // around the subnormals
    return random();
  };
  for (int n = 0; n < 60000; ++n) {
    const U32 rm = random() % 4, a = operand(), b = operand();
    U32 c = operand();
    if (n % 4 == 0) {  // near cancellation
      c = bits(std::bit_cast<float>(a) * std::bit_cast<float>(b)) ^ kNegative;
      c += random() % 3 - 1;
    }
    const U32 op = 0x43 + 4 * (random() % 4);
    ASSERT_EQ(m.run(three(op, 7), a, b, c, rm), m.run(three(op, rm), a, b, c))
        << std::hex << op << " " << a << " " << b << " " << c << " rm " << rm;
    const U32 f7 = 4 * (random() % 4);
    ASSERT_EQ(m.run(two(f7, 7), a, b, 0, rm), m.run(two(f7, rm), a, b))
        << std::hex << f7 << " " << a << " " << b << " rm " << rm;
  }
}

TEST(Float, KnownValuesAndFlags) {
  FloatMachine m;
  const auto check = [&](U32 f7, U32 frm, U32 a, U32 b, U32 result, U32 flags) {
    const FloatResult got = m.run(two(f7, 7), a, b, 0, frm);
    EXPECT_EQ(got.f, result) << std::hex << f7 << " " << a << " " << b;
    EXPECT_EQ(got.flags, flags) << std::hex << f7 << " " << a << " " << b;
  };
  constexpr U32 kAdd = 0, kSub = 4, kMul = 8, kDiv = 12;
  check(kAdd, 0, kOne, kOne, 0x40000000, 0);
  check(kAdd, 0, kOne, 0x33800000, kOne, kFlagInexact);  // 1 + 2^-24, tie to even
  check(kAdd, 3, kOne, kTiny, 0x3f800001, kFlagInexact);
  check(kAdd, 0, kMax, 0x73000000, kInf, kFlagOverflow | kFlagInexact);
  check(kAdd, 1, kMax, 0x73000000, kMax, kFlagInexact);
  check(kMul, 1, kMax, 0x40000000, kMax, kFlagOverflow | kFlagInexact);
  check(kMul, 2, kMax, 0xc0000000, 0xff800000, kFlagOverflow | kFlagInexact);
  check(kAdd, 0, kInf, 0xff800000, kNan, kFlagInvalid);
  check(kAdd, 0, kSignalingNan, kOne, kNan, kFlagInvalid);
  check(kAdd, 0, 0xffc12345, kOne, kNan, 0);
  check(kSub, 0, kOne, kOne, 0, 0);
  check(kSub, 2, kOne, kOne, kNegative, 0);
  check(kMul, 0, kMinNormal, 0x3f000000, 0x00400000, 0);  // exact subnormal: no underflow
  check(kMul, 0, 0x00800001, 0x3f000000, 0x00400000, kFlagUnderflow | kFlagInexact);
  check(kMul, 0, 0x00ffffff, 0x3f000000, kMinNormal, kFlagInexact | kFlagUnderflow);
  check(kMul, 0, 0x3f7fffff, 0x00800001, 0x00800000, kFlagInexact);  // tiny before rounding only
  check(kMul, 0, kInf, 0, kNan, kFlagInvalid);
  check(kDiv, 0, kOne, 0, kInf, kFlagDivideByZero);
  check(kDiv, 0, 0, 0, kNan, kFlagInvalid);
  check(kDiv, 0, kOne, 0x40400000, 0x3eaaaaab, kFlagInexact);
  EXPECT_EQ(m.run(fp(0x2c, 7, 10, 11), bits(-1.0f)).flags, U32{kFlagInvalid});
  EXPECT_EQ(m.run(fp(0x2c, 7, 10, 11), kNegative).f, kNegative);
  EXPECT_EQ(m.run(fp(0x2c, 7, 10, 11), bits(2.0f)).f, 0x3fb504f3u);
}

TEST(Float, FusedMultiplyAddRoundsOnceAndSeesInfTimesZero) {
  FloatMachine m;
  // (1 + 2^-23)^2 - (1 + 2^-22) = 2^-46
  EXPECT_EQ(m.run(three(0x47, 7), 0x3f800001, 0x3f800001, 0x3f800002).f, 0x28800000u);
  EXPECT_EQ(m.run(three(0x43, 7), kInf, 0, kNan).flags, U32{kFlagInvalid});
  EXPECT_EQ(m.run(three(0x43, 7), kOne, kOne, kNan).flags, 0u);
  EXPECT_EQ(m.run(three(0x43, 7), kOne, kOne, kSignalingNan).flags, U32{kFlagInvalid});
  EXPECT_EQ(m.run(three(0x4f, 7), kOne, kOne, kOne).f, bits(-2.0f)) << "fnmadd";
  EXPECT_EQ(m.run(three(0x4b, 7), kOne, kOne, kOne).f, 0u) << "fnmsub";
}

TEST(Float, TiesAwayFromZero) {
  FloatMachine m;
  constexpr U32 kRmm = 4;
  EXPECT_EQ(m.run(two(0, 7), kOne, 0x33800000, 0, kRmm).f, 0x3f800001u);
  EXPECT_EQ(m.run(two(0, kRmm), kOne, 0x33800000).f, 0x3f800001u);
  EXPECT_EQ(m.run(two(0, kRmm), kOne | kNegative, 0xb3800000).f, 0xbf800001u);
  EXPECT_EQ(m.run(two(0, kRmm), kOne, 0x337fffff).f, kOne) << "below the tie";
  EXPECT_EQ(m.run(two(8, kRmm), kMax, 0x40000000).f, kInf);
  EXPECT_EQ(m.run(fp(0x60, kRmm, a0, 11), bits(2.5f)).x, 3u);
  EXPECT_EQ(m.run(fp(0x60, 0, a0, 11), bits(2.5f)).x, 2u);
  EXPECT_EQ(m.run(fp(0x60, kRmm, a0, 11), bits(-2.5f)).x, static_cast<U32>(-3));
  EXPECT_EQ(m.run(fp(0x68, kRmm, 10, a1), 0x01000001).f, 0x4b800001u);
  EXPECT_EQ(m.run(two(8, 7), 0x00000003, 0x3f000000, 0, kRmm).f, 2u) << "subnormal tie";
}

TEST(Float, ConversionsToInteger) {
  FloatMachine m;
  const auto check = [&](U32 is_unsigned, U32 rm, float value, U32 result, U32 flags) {
    const U32 word = fp(0x60, rm, a0, 11, is_unsigned);
    const FloatResult got = m.run(word, bits(value));
    EXPECT_EQ(got.x, result) << value;
    EXPECT_EQ(got.flags, flags) << value;
    if (rm > 3) return;
    const FloatResult dynamic = m.run(fp(0x60, 7, a0, 11, is_unsigned), bits(value), 0, 0, rm);
    EXPECT_EQ(dynamic, got) << value;
  };
  check(0, 1, 1.9f, 1, kFlagInexact);
  check(0, 1, -1.9f, static_cast<U32>(-1), kFlagInexact);
  check(0, 0, 0.5f, 0, kFlagInexact);
  check(0, 0, 1.5f, 2, kFlagInexact);
  check(0, 2, -0.1f, static_cast<U32>(-1), kFlagInexact);
  check(0, 3, 0.1f, 1, kFlagInexact);
  check(0, 1, 2147483648.0f, 0x7fffffff, kFlagInvalid);
  check(0, 1, -2147483648.0f, 0x80000000, 0);
  check(0, 1, -2147483904.0f, 0x80000000, kFlagInvalid);
  check(0, 1, NAN, 0x7fffffff, kFlagInvalid);
  check(0, 1, -NAN, 0x7fffffff, kFlagInvalid);
  check(0, 1, -INFINITY, 0x80000000, kFlagInvalid);
  check(1, 1, -0.9f, 0, kFlagInexact);
  check(1, 1, -1.0f, 0, kFlagInvalid);
  check(1, 2, -0.1f, 0, kFlagInvalid);
  check(1, 1, -0.0f, 0, 0);
  check(1, 1, 4294967040.0f, 0xffffff00, 0);
  check(1, 1, 4294967296.0f, 0xffffffff, kFlagInvalid);
  check(1, 1, NAN, 0xffffffff, kFlagInvalid);
  check(1, 1, 3000000000.0f, 3000000000u, 0);
}

TEST(Float, ConversionsFromInteger) {
  FloatMachine m;
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 0), 0xffffffff).f, bits(-1.0f));
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 1), 0xffffffff).f, 0x4f800000u);
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 1), 0xffffffff).flags, U32{kFlagInexact});
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 1), 0xffffffff, 0, 0, 1).f, 0x4f7fffffu);
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 0), 0x80000000).f, 0xcf000000u);
  EXPECT_EQ(m.run(fp(0x68, 7, 10, a1, 0), 0).f, 0u);
}

TEST(Float, MinMaxCompareClassifySign) {
  FloatMachine m;
  const auto pair = [&](U32 f7, U32 f3, U32 a, U32 b) {
    return m.run(fp(f7, f3, f7 == 0x50 ? U32{a0} : 10u, 11, 12), a, b);
  };
  EXPECT_EQ(pair(0x14, 0, 0, kNegative).f, kNegative) << "fmin(+0, -0)";
  EXPECT_EQ(pair(0x14, 1, kNegative, 0).f, 0u) << "fmax(-0, +0)";
  EXPECT_EQ(pair(0x14, 0, kNan, kOne).f, kOne);
  EXPECT_EQ(pair(0x14, 0, kNan, kOne).flags, 0u);
  EXPECT_EQ(pair(0x14, 1, kSignalingNan, kOne).f, kOne);
  EXPECT_EQ(pair(0x14, 1, kSignalingNan, kOne).flags, U32{kFlagInvalid});
  EXPECT_EQ(pair(0x14, 1, 0xffffffff, kNan).f, kNan);
  EXPECT_EQ(pair(0x14, 0, bits(-3.0f), bits(2.0f)).f, bits(-3.0f));
  EXPECT_EQ(pair(0x14, 1, bits(-3.0f), bits(-2.0f)).f, bits(-2.0f));
  EXPECT_EQ(pair(0x50, 2, 0, kNegative).x, 1u) << "feq(+0, -0)";
  EXPECT_EQ(pair(0x50, 2, kNan, kNan).x, 0u);
  EXPECT_EQ(pair(0x50, 2, kNan, kOne).flags, 0u) << "quiet";
  EXPECT_EQ(pair(0x50, 2, kSignalingNan, kOne).flags, U32{kFlagInvalid});
  EXPECT_EQ(pair(0x50, 1, kNan, kOne).flags, U32{kFlagInvalid}) << "flt signals";
  EXPECT_EQ(pair(0x50, 0, kOne, kNan).flags, U32{kFlagInvalid}) << "fle signals";
  EXPECT_EQ(pair(0x50, 1, bits(-1.0f), kOne).x, 1u);
  EXPECT_EQ(pair(0x50, 1, kOne, kOne).x, 0u);
  EXPECT_EQ(pair(0x50, 0, kOne, kOne).x, 1u);
  EXPECT_EQ(pair(0x10, 0, kOne, kNegative).f, kOne | kNegative);
  EXPECT_EQ(pair(0x10, 1, kOne, kNegative).f, kOne);
  EXPECT_EQ(pair(0x10, 2, kOne | kNegative, kNegative).f, kOne);
  EXPECT_EQ(pair(0x10, 2, kSignalingNan, kNegative).f, kSignalingNan | kNegative) << "bits only";
  const U32 classes[] = {0xff800000, 0xbf800000, 0x80000001, kNegative,     0,
                         kTiny,      kOne,       kInf,       kSignalingNan, kNan};
  for (unsigned n = 0; n < 10; ++n) {
    EXPECT_EQ(m.run(fp(0x70, 1, a0, 11), classes[n]).x, 1u << n);
  }
  EXPECT_EQ(m.run(fp(0x70, 0, a0, 11), kSignalingNan).x, kSignalingNan) << "fmv.x.w";
  EXPECT_EQ(m.run(fp(0x78, 0, 10, a1), kSignalingNan).f, kSignalingNan) << "fmv.w.x";
}

TEST(Float, ComparesOfIntegerPathMatch) {
  // The integer comparison of hosts without a usable FPU is not reachable here; its order is.
  U32 flags = 0;
  EXPECT_EQ(soft::min(bits(-0.0f), bits(0.0f), &flags), kNegative);
  EXPECT_EQ(soft::max(bits(1.0f), bits(-2.0f), &flags), kOne);
  EXPECT_EQ(flags, 0u);
}

TEST(Float, FlagsAccumulateOverBlocksAndSlices) {
  TestMachine m;
  m.core.write_csr(kCsrMstatus, kMstatusFs);
  m.put(kRam, {fp(12, 7, 1, 2, 3), jal(zero, 4), fp(0, 7, 4, 2, 5), jal(zero, 4),
               csrr(a0, kCsrFflags), csrrwi(a1, kCsrFflags, 0), csrr(a2, kCsrFflags), wfi()});
  m.core.set_f(2, kOne);
  m.core.set_f(3, 0);
  m.core.set_f(5, kTiny);
  Exit exit = Exit::kBudget;
  while (exit == Exit::kBudget) exit = m.core.run(1).exit;
  EXPECT_EQ(m.core.x(a0), U32{kFlagDivideByZero} | kFlagInexact);
  EXPECT_EQ(m.core.x(a1), U32{kFlagDivideByZero} | kFlagInexact);
  EXPECT_EQ(m.core.x(a2), 0u);
}

TEST(Float, HostStateIsUntouched) {
  TestMachine m;
  m.core.write_csr(kCsrMstatus, kMstatusFs);
  m.core.write_csr(kCsrFrm, 3);
  m.put(kRam,
        {fp(12, 7, 1, 2, 3), sw(zero, 0, a1), fp(0, 7, 4, 2, 5), csrr(a0, kCsrFflags), wfi()});
  m.core.set_x(a1, TestMachine::kDevice);
  m.core.set_f(2, kOne);
  m.core.set_f(5, kTiny);
  volatile float third = 0;
  m.on_access = [&](U32) {  // in the middle of a slice, the host rounds to nearest
    volatile float one = 1.0f, three = 3.0f;
    third = one / three;
  };
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(bits(third), 0x3eaaaaabu);
  EXPECT_EQ(m.core.f(4), 0x3f800001u) << "the guest rounds up";
  EXPECT_EQ(m.core.x(a0), U32{kFlagDivideByZero} | kFlagInexact);
  volatile float one = 1.0f, three = 3.0f;
  EXPECT_EQ(bits(one / three), 0x3eaaaaabu);
}

TEST(Float, OffIsIllegalAndWritesMakeDirty) {
  const auto trap_machine = [](U32 fs) {
    auto m = std::make_unique<TestMachine>();
    m->core.write_csr(kCsrMtvec, kRam + 0x400);
    m->put(kRam + 0x400, {wfi()});
    m->core.write_csr(kCsrMstatus, fs << 13);
    return m;
  };
  for (const U32 word : {fp(0, 7, 10, 11, 12), flw(0, 0, a1), fsw(0, 0, a1), fp(0x70, 0, a0, 11)}) {
    auto m = trap_machine(0);
    m->put(kRam, {word});
    EXPECT_EQ(m->core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(m->core.read_csr(kCsrMcause), 2u);
    EXPECT_EQ(m->core.read_csr(kCsrMtval), word);
  }
  for (const U32 fs : {1u, 2u}) {
    auto clean = trap_machine(fs);
    clean->core.set_x(a1, kRam + 0x200);
    clean->put(kRam, {fsw(1, 0, a1), fp(0x70, 0, a0, 1), csrr(a2, kCsrMstatus), nop(),
                      fp(0, 7, 1, 2, 3), nop(), csrr(a3, kCsrMstatus), wfi()});
    EXPECT_EQ(clean->core.run(100).exit, Exit::kWfi);
    EXPECT_EQ(clean->core.x(a2), fs << 13) << "reading leaves FS alone";
    EXPECT_EQ(clean->core.x(a3), kMstatusFs | kMstatusSd);
    EXPECT_EQ(clean->core.instructions(), 8u) << "the change of mode costs no instruction";
    EXPECT_EQ(clean->core.cycles(), 8u);
  }
}

TEST(Float, ReservedRoundingModesAreIllegal) {
  for (const U32 rm : {5u, 6u}) {
    TestMachine m;
    m.core.write_csr(kCsrMtvec, kRam + 0x400);
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.put(kRam + 0x400, {wfi()});
    m.put(kRam, {fp(0, rm, 1, 2, 3)});
    m.core.run(100);
    EXPECT_EQ(m.core.read_csr(kCsrMtval), fp(0, rm, 1, 2, 3));
  }
  for (const U32 frm : {5u, 6u, 7u}) {
    TestMachine m;
    m.core.write_csr(kCsrMtvec, kRam + 0x400);
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.put(kRam + 0x400, {wfi()});
    m.core.write_csr(kCsrFrm, frm);
    m.put(kRam, {fp(0, 0, 1, 2, 3), fp(0x14, 0, 1, 2, 3), fp(0, 7, 1, 2, 3)});
    m.core.run(100);
    EXPECT_EQ(m.core.read_csr(kCsrMcause), 2u);
    EXPECT_EQ(m.core.read_csr(kCsrMepc), kRam + 8) << "static modes and fmin do not look at frm";
  }
}

}  // namespace
}  // namespace aimc::riscv
