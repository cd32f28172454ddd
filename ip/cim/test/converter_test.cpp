// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/converter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <ostream>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/crossbar.h"
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
  const Dac dac(DacConfig{8});
  const std::int8_t inputs[] = {-128, -127, -1, 0, 1, 127};
  std::int16_t steps[6];
  dac.convert(inputs, 6, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(-127, -127, -1, 0, 1, 127));
}

TEST(Dac, FewerBitsRoundToTheNearestStepSymmetrically) {
  const Dac dac(DacConfig{4});
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

// Codes that two established accuracy simulators give for this tile with noise off (aihwkit's C++
// tile and CrossSim agree on all three).
struct Golden {
  unsigned dac_bits;
  unsigned levels;
  double full_scale;
  std::vector<int> codes;
};
void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.dac_bits << " bits in, +-" << golden.levels << " codes, range "
       << golden.full_scale;
}

class GoldenCodes : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenCodes, OfSixteenBySixteenAreReproduced) {
  const Golden& golden = GetParam();
  constexpr unsigned kSize = 16;
  TileConfig config = array_config("pcm", kSize, kSize);
  config.dac.bits = golden.dac_bits;
  config.adc = adc(golden.levels, golden.full_scale);
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  std::vector<std::int8_t> weights(kSize * kSize);  // [row j][column i]
  std::vector<std::int8_t> inputs(kSize);
  for (unsigned j = 0; j < kSize; ++j) {
    inputs[j] = static_cast<std::int8_t>(static_cast<int>((53 * j + 19) % 255) - 127);
    for (unsigned i = 0; i < kSize; ++i)
      weights[j * kSize + i] =
          static_cast<std::int8_t>(static_cast<int>((37 * i + 101 * j + 7) % 255) - 127);
  }
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program({0, kSize, 0, kSize}, weights.data(), kSize, 127, 0);
  std::vector<std::int32_t> sums(kSize);
  array->multiply({0, kSize, 0, kSize}, inputs.data(), kSize, 1, 0, sums.data());
  const double unit = golden.full_scale / golden.levels * 127.0 * 127.0;
  std::vector<int> codes;
  for (const std::int32_t sum : sums) codes.push_back(static_cast<int>(std::lround(sum / unit)));
  EXPECT_EQ(codes, golden.codes);
}

INSTANTIATE_TEST_SUITE_P(
    CimSims, GoldenCodes,
    ::testing::Values(
        Golden{
            8, 127, 4.0, {7, 94, 85, -84, -53, -10, -99, 52, 94, 85, -84, -30, -10, -99, 91, 94}},
        Golden{
            8,
            127,
            1.0,
            {29, 127, 127, -127, -127, -41, -127, 127, 127, 127, -127, -122, -39, -127, 127, 127}},
        Golden{6, 31, 4.0, {2, 23, 20, -20, -13, -2, -24, 13, 23, 21, -20, -8, -2, -24, 22, 23}}));

}  // namespace
}  // namespace aimc::cim
