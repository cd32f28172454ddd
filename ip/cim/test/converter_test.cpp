// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/converter.h"

#include <gmock/gmock.h>

#include <cmath>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/error.h"
#include "array_fixture.h"

namespace aimc::cim {
namespace {

AdcConfig adc(unsigned levels, double full_scale, double spread = 0.0) {
  AdcConfig config;
  config.levels = levels;
  config.full_scale = full_scale;
  config.gain_spread = spread;
  return config;
}

TEST(Dac, EightBitsPassThroughAndMinus128Saturates) {
  const Dac dac(DacConfig{.bits = 8});
  const std::int8_t inputs[] = {-128, -127, -1, 0, 1, 127};
  std::int16_t steps[6];
  dac.convert(inputs, 6, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(-127, -127, -1, 0, 1, 127));
}

TEST(Dac, FewerBitsRoundToTheNearestStepSymmetrically) {
  const Dac dac(DacConfig{.bits = 4});
  EXPECT_EQ(dac.levels(), 7);
  const std::int8_t inputs[] = {-128, -64, -9, 0, 9, 10, 63, 127};
  std::int16_t steps[8];
  dac.convert(inputs, 8, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(-7, -4, 0, 0, 0, 1, 3, 7));
}

TEST(AdcBank, RoundsHalfToEvenAndCountsSaturatedCodes) {
  const AdcBank bank(adc(4, 4.0), 8, RandomStream(1, "tile"));  // step 1
  std::vector<float> values{0.5f, 1.5f, -0.5f, -2.5f, 4.25f, 4.75f, -9.0f, 3.9f};
  EXPECT_EQ(bank.convert(values, 0), 2u);
  EXPECT_THAT(values, ::testing::ElementsAre(0.f, 2.f, 0.f, -2.f, 4.f, 4.f, -4.f, 4.f));
}

TEST(AdcBank, IdealConverterChangesNothing) {
  AdcConfig config = adc(4, 4.0, 0.07);
  config.kind = "ideal";
  const AdcBank bank(config, 3, RandomStream(1, "tile"));
  std::vector<float> values{0.123f, -55.5f, 4.1f};
  EXPECT_EQ(bank.convert(values, 0), 0u);
  EXPECT_THAT(values, ::testing::ElementsAre(0.123f, -55.5f, 4.1f));
}

// Sigma of 4,096 gains has a relative standard error of 1/sqrt(2 * 4096) = 1.1 %; three of them
// are exceeded by chance in 0.27 % of seeds, and the seed is fixed.
TEST(AdcBank, GainSpreadVariesTheStepAndIsCorrectedExactly) {
  constexpr unsigned kColumns = 4096;
  const AdcBank bank(adc(448, 24.15, 0.07), kColumns, RandomStream(5, "tile"));
  const double nominal = 24.15 / 448;
  double sum = 0.0;
  double squares = 0.0;
  for (unsigned c = 0; c < kColumns; ++c) {
    const double gain = nominal / bank.step(c);
    sum += gain;
    squares += gain * gain;
  }
  const double mean = sum / kColumns;
  EXPECT_NEAR(mean, 1.0, 3 * 0.07 / std::sqrt(kColumns));
  EXPECT_NEAR(std::sqrt(squares / kColumns - mean * mean), 0.07, 0.07 * 3 * 0.0111);
  std::vector<float> values(kColumns, 10.0f);
  EXPECT_EQ(bank.convert(values, 0), 0u);
  for (unsigned c = 0; c < kColumns; ++c)
    EXPECT_LE(std::abs(values[c] - 10.0f), 0.501f * bank.step(c)) << "column " << c;
}

TEST(Dac, ScaledInputsFillTheRange) {
  const Dac dac(DacConfig{.bits = 8});
  const std::int8_t inputs[] = {-64, 32, 0, 64};
  std::int16_t steps[4];
  dac.convert_scaled(inputs, 4, 64, 0, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(-127, 64, 0, 127));
  dac.convert_scaled(inputs, 4, 64, 1, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(-64, 32, 0, 64));
}

TEST(Dac, SquaresFitSevenBitsForEveryWidth) {
  for (unsigned bits = 2; bits <= 8; ++bits) {
    const Dac dac(DacConfig{.bits = bits});
    const int largest = dac.levels() * dac.levels();
    const int half = dac.square_shift() > 0 ? 1 << (dac.square_shift() - 1) : 0;
    EXPECT_LE((largest + half) >> dac.square_shift(), 126) << bits;
  }
}

TEST(Converters, ZeroBitsAreRefusedAndIdealIsAWord) {
  TileConfig config;
  ParamTable params;
  describe(params, config);
  const auto set = [&params](const char* name, const char* value) {
    params.set(name, ConfigNode::scalar(value, {}), "tile0");
  };
  EXPECT_THROW(set("dac.bits", "0"), UserError);
  EXPECT_THROW(set("adc.levels", "0"), UserError);
  set("dac.kind", "ideal");
  set("adc.kind", "ideal");
  EXPECT_EQ(Dac(config.dac).levels(), 127);
  EXPECT_TRUE(AdcBank(config.adc, 1, RandomStream(1, "t")).ideal());
}

class AdcKinds : public ::testing::TestWithParam<const char*> {};

// The sigma over 512 converters of the error at a code has a relative standard error of 3.1 %;
// four of them: a false alarm in 6e-5 of seeds per kind, and the seed is fixed.
TEST_P(AdcKinds, NonlinearityHasTheSigmaAskedForAndCodesRiseWithTheInput) {
  AdcConfig config = adc(127, 127.0);
  config.kind = GetParam();
  // A flash converter's thresholds are sorted; far below a code that leaves their spread alone.
  const double inl = config.kind == "flash" ? 0.15 : 0.8;
  config.inl = inl;
  constexpr unsigned kColumns = 512;
  const AdcBank bank(config, kColumns, RandomStream(9, "tile"));
  EXPECT_FALSE(bank.linear());
  // 73 / 127 = 0.577 is where the smooth curves of counters and ramps are largest; of SAR's
  // weights 1, 8 and 64 count there: sqrt(73 / 127) = 0.758.
  const double sigma = config.kind == "sar" ? inl * std::sqrt(73.0 / 127.0) : inl;
  double squares = 0.0;
  for (unsigned c = 0; c < kColumns; ++c) {
    bool clipped = false;
    double last = -1e9;
    double sum = 0.0;
    for (int step = -300; step <= 300; ++step) {  // finds the threshold between 72 and 73
      const double value = 72.5 + step / 64.0;
      const double code = bank.convert(c, value, 1.0, clipped);
      EXPECT_GE(code, last);
      last = code;
      sum += code >= 72.75 ? 1.0 : 0.0;
    }
    const double threshold = (300.0 - sum + 0.5) / 64.0;
    squares += threshold * threshold;
    EXPECT_FALSE(clipped);
  }
  EXPECT_NEAR(std::sqrt(squares / kColumns), sigma, 4 * 0.031 * sigma + 0.02);
}
INSTANTIATE_TEST_SUITE_P(All, AdcKinds, ::testing::Values("counter", "sar", "flash", "time"));

TEST(AdcBank, SoftSaturationCompressesAndFeedForwardRemovesItsShare) {
  AdcConfig config = adc(1000, 10.0);
  config.soft_saturation = 0.25;
  config.feed_forward = 0.0;
  bool clipped = false;
  EXPECT_NEAR(AdcBank(config, 1, RandomStream(1, "t")).convert(0, 10.0, 1.0, clipped), 8.0, 0.01);
  config.feed_forward = 0.6;
  EXPECT_NEAR(AdcBank(config, 1, RandomStream(1, "t")).convert(0, 10.0, 1.0, clipped), 10.0 / 1.1,
              0.01);
  config.feed_forward = 1.0;
  EXPECT_TRUE(AdcBank(config, 1, RandomStream(1, "t")).linear());
}

// As above: sigma over 4,096 columns, three standard errors of 1.1 %.
TEST(AdcBank, OffsetsAndResidualGainsAreWhatCalibrationLeaves) {
  constexpr unsigned kColumns = 4096;
  AdcConfig config = adc(1000, 1000.0, 0.05);
  config.offset = 3.0;
  config.residual_gain = 0.01;
  const AdcBank bank(config, kColumns, RandomStream(5, "tile"));
  double offsets = 0.0, gains = 0.0;
  for (unsigned c = 0; c < kColumns; ++c) {
    offsets += std::pow(bank.offset(c), 2);
    gains += std::pow(bank.step(c) * bank.rate(c) - 1.0, 2);
  }
  EXPECT_NEAR(std::sqrt(offsets / kColumns), 3.0, 3 * 0.011 * 3.0);
  EXPECT_NEAR(std::sqrt(gains / kColumns), 0.01, 3 * 0.011 * 0.01);
}

}  // namespace
}  // namespace aimc::cim
