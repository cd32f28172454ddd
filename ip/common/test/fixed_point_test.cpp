// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "aimc/common/error.h"

namespace aimc {
namespace {

using Wide = __int128;

Wide floor_divide(Wide a, Wide b) {
  const Wide quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

/// round(n / d), halves towards +infinity, as the contract says.
Wide round_divide(Wide n, Wide d) { return floor_divide(2 * n + d, 2 * d); }

const std::vector<std::int32_t> kCorners = {INT32_MIN,   INT32_MIN + 1,
                                            -0x40000000, -65537,
                                            -256,        -129,
                                            -128,        -127,
                                            -3,          -2,
                                            -1,          0,
                                            1,           2,
                                            3,           126,
                                            127,         128,
                                            255,         256,
                                            65535,       0x3fffffff,
                                            0x40000000,  INT32_MAX - 1,
                                            INT32_MAX};

TEST(FixedPointTest, RescalesCornersAsWideArithmeticDoes) {
  for (const std::int32_t value : kCorners)
    for (const std::int32_t multiplier : kCorners) {
      if (multiplier < 0) continue;
      for (std::int32_t shift = 0; shift <= 62; ++shift) {
        const Wide exact = round_divide(static_cast<Wide>(value) * multiplier, Wide{1} << shift);
        ASSERT_EQ(static_cast<Wide>(rescale(value, {multiplier, shift})), exact)
            << value << " * " << multiplier << " >> " << shift;
      }
    }
}

TEST(FixedPointTest, RescalesRandomValuesAsWideArithmeticDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300000; ++i) {
    const auto value = static_cast<std::int32_t>(random());
    const auto multiplier = static_cast<std::int32_t>(random() & 0x7fffffff);
    const auto shift = static_cast<std::int32_t>(random() % 63);
    const Wide exact = round_divide(static_cast<Wide>(value) * multiplier, Wide{1} << shift);
    ASSERT_EQ(static_cast<Wide>(rescale(value, {multiplier, shift})), exact);
    const Wide clipped = exact < -128 ? -128 : exact > 127 ? 127 : exact;
    ASSERT_EQ(requantise(value, {multiplier, shift}, -128, 127), static_cast<int>(clipped));
  }
}

TEST(FixedPointTest, RoundsHalvesUp) {
  EXPECT_EQ(rescale(1, {1, 1}), 1);
  EXPECT_EQ(rescale(-1, {1, 1}), 0);
  EXPECT_EQ(rescale(3, {1, 1}), 2);
  EXPECT_EQ(rescale(-3, {1, 1}), -1);
  EXPECT_EQ(rescale(-5, {1, 0}), -5);
}

TEST(FixedPointTest, RequantisesIntoTheGivenRange) {
  EXPECT_EQ(requantise(1000, {1, 2}, -128, 127), 127);
  EXPECT_EQ(requantise(-1000, {1, 2}, -128, 127), -128);
  EXPECT_EQ(requantise(-1000, {1, 2}, 0, 127), 0) << "a ReLU is the lower limit";
  EXPECT_EQ(requantise(200, {1, 2}, 0, 24), 24);
  EXPECT_EQ(requantise(40, {1, 2}, 0, 24), 10);
}

TEST(FixedPointTest, AddsWithSaturation) {
  for (const std::int32_t a : kCorners)
    for (const std::int32_t b : kCorners) {
      const std::int64_t sum = std::int64_t{a} + b;
      const std::int64_t clipped = sum < INT32_MIN ? INT32_MIN : sum > INT32_MAX ? INT32_MAX : sum;
      ASSERT_EQ(add_saturating(a, b), clipped) << a << " + " << b;
    }
}

TEST(FixedPointTest, AveragesAsWideArithmeticDoes) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const auto sum = static_cast<std::int32_t>(random() & 0xffffff) - 0x800000;
    const auto count = static_cast<std::int32_t>(random() % 65535) + 1;
    const auto multiplier = static_cast<std::int32_t>(random() & 0x7fffffff);
    const auto shift = static_cast<std::int32_t>(random() % 63);
    const Wide exact =
        round_divide(static_cast<Wide>(sum) * multiplier, static_cast<Wide>(count) << shift);
    ASSERT_EQ(static_cast<Wide>(rescale_mean(sum, count, {multiplier, shift})), exact);
  }
  EXPECT_EQ(rescale_mean(-3, 2, {1, 0}), -1);
  EXPECT_EQ(rescale_mean(3, 2, {1, 0}), 2);
  EXPECT_EQ(rescale_mean(-10, 4, {1, 0}), -2);
}

TEST(FixedPointTest, FindsTheScaleToWithinHalfALowestBit) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100000; ++i) {
    const double exponent = static_cast<double>(random() % 61'000) / 1000.0 - 31.0;
    const double factor = std::min(std::exp2(exponent), 1073741823.0);
    const Rescale scale = make_rescale(factor);
    ASSERT_GE(scale.shift, 0);
    ASSERT_LE(scale.shift, 62);
    ASSERT_GE(scale.multiplier, 1 << 30) << "all 31 bits are used for " << factor;
    const double back = std::ldexp(static_cast<double>(scale.multiplier), -scale.shift);
    ASSERT_LE(std::abs(back / factor - 1.0), std::ldexp(1.0, -31)) << factor;
  }
}

TEST(FixedPointTest, KeepsExactPowersAndTinyFactors) {
  for (int power = -31; power < 30; ++power) {
    const Rescale scale = make_rescale(std::ldexp(1.0, power));
    EXPECT_EQ(std::ldexp(static_cast<double>(scale.multiplier), -scale.shift),
              std::ldexp(1.0, power));
  }
  const double almost_one = std::nextafter(1.0, 0.0);  // rounds up to the next power of two
  const Rescale scale = make_rescale(almost_one);
  EXPECT_EQ(std::ldexp(static_cast<double>(scale.multiplier), -scale.shift), 1.0);
  const Rescale tiny = make_rescale(std::ldexp(1.0, -40));
  EXPECT_EQ(tiny.shift, 62);
  EXPECT_EQ(tiny.multiplier, 1 << 22);
  EXPECT_EQ(make_rescale(1e-30).multiplier, 0);
}

TEST(FixedPointTest, RefusesFactorsItCannotWrite) {
  for (const double factor : {0.0, -1.0, 1073741824.0, 1e300, std::nan("")})
    EXPECT_THROW(make_rescale(factor), UserError) << factor;
}

}  // namespace
}  // namespace aimc
