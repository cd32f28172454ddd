// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/local_digital_unit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace aimc::cim {
namespace {

TEST(Half, EveryFiniteNumberSurvivesTheWayThroughDouble) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const Half half = Half::from_bits(static_cast<std::uint16_t>(bits));
    if (std::isnan(half.value())) continue;
    ASSERT_EQ(Half::of(half.value()).bits(), bits);
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(Half::of(2049.0).value(), 2048.0);
  EXPECT_EQ(Half::of(2051.0).value(), 2052.0);
  EXPECT_EQ(Half::of(65519.0).value(), 65504.0);
  EXPECT_TRUE(std::isinf(Half::of(65520.0).value()));
  EXPECT_EQ(Half::of(std::ldexp(1.0, -25)).bits(), 0) << "half of the smallest ties to 0";
  EXPECT_EQ(Half::of(std::ldexp(1.1, -25)).bits(), 1);
  EXPECT_EQ(Half::of(1.0).bits(), 0x3c00);
}

TEST(Half, FusedMultiplyAddRoundsOnce) {
  const Half one_and = Half::from_bits(0x3c01);  // 1 + 2^-10
  // (1 + 2^-10)^2 = 1 + 2^-9 + 2^-20: with c = 2^-11 - 2^-20 the exact sum is a tie, to even.
  EXPECT_EQ(
      Half::fused(one_and, one_and, Half::of(std::ldexp(1.0, -11) - std::ldexp(1.0, -20))).value(),
      1.0 + std::ldexp(1.0, -9));
  // A bit far below the tie decides; rounding to double first would lose it.
  const Half big = Half::of(2049.0 * 16);  // 32784 -> 32784 has 11 bits: 32768 + 16
  const Half tiny = Half::from_bits(0x0001);
  EXPECT_EQ(Half::fused(tiny, tiny, Half::of(2048.0)).value(), 2048.0);
  EXPECT_EQ(Half::fused(big, Half::of(1.0), Half()).value(), Half::of(32784.0).value());
}

TEST(LocalDigitalUnit, SubtractsCalibratedCountsAndScales) {
  DigitalChannel channel;
  channel.scale = Half::of(0.25);
  channel.bias = Half::of(-3.0);
  EXPECT_EQ(channel.result(400, 0), 97);
  EXPECT_EQ(channel.result(0, 400), -103);
  channel.gain_p = Half::of(1.0625);
  channel.offset = Half::of(-8.0);
  EXPECT_EQ(channel.result(400, 100), 76);  // (425 - 8 - 100) / 4 - 3 = 76.25
}

TEST(LocalDigitalUnit, AppliesTheTwoReluAroundTheIncomingValue) {
  DigitalChannel channel;
  channel.residual = true;
  channel.residual_scale = Half::of(0.5);
  EXPECT_EQ(channel.result(10, 30, -20), -30);
  channel.first_relu = true;
  EXPECT_EQ(channel.result(10, 30, -20), -10);
  channel.second_relu = true;
  EXPECT_EQ(channel.result(10, 30, -20), 0);
  EXPECT_EQ(channel.result(10, 30, 21), 10) << "10.5 ties to even";
}

TEST(LocalDigitalUnit, SaturatesAndIgnoresNotANumber) {
  DigitalChannel channel;
  EXPECT_EQ(channel.result(4095, 0), 127);
  EXPECT_EQ(channel.result(0, 4095), -128);
  EXPECT_EQ(channel.result(60000, 0), 127) << "counters hold 12 bits";
  EXPECT_EQ(channel.result(Half::from_bits(0x7e00)), 0);
  EXPECT_EQ(channel.result(Half::from_bits(0x7c00)), 127);
}

TEST(LocalDigitalUnit, CountsAbove2048LoseTheirLastBitAsFp16Does) {
  DigitalChannel channel;
  channel.scale = Half::of(1.0);
  EXPECT_EQ(channel.result(2049, 2000), 48);
  EXPECT_EQ(channel.result(2051, 2000), 52);
}

}  // namespace
}  // namespace aimc::cim
