// SPDX-License-Identifier: Apache-2.0
// Results that established accuracy simulators give for one 16 x 16 tile with noise off: aihwkit's
// C++ tile and CrossSim, which agree on the codes. Values are ours to compare with, measured there
// with w_ij = (((37 i + 101 j + 7) mod 255) - 127) / 127 and x_j = (((53 j + 19) mod 255) - 127) /
// 127 for output i and input j.
#include <gmock/gmock.h>

#include <cmath>
#include <ostream>

#include "aimc/cim/array_kinds.h"
#include "array_fixture.h"

namespace aimc::cim {
namespace {

constexpr unsigned kSize = 16;

TileConfig quiet_tile(unsigned dac_bits, unsigned levels, double full_scale) {
  TileConfig config = array_config("pcm", kSize, kSize);
  config.dac.bits = dac_bits;
  config.adc.levels = levels;
  config.adc.full_scale = full_scale;
  config.adc.gain_spread = 0.0;
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  return config;
}

/// Outputs y_i of the tile.
std::vector<double> outputs(const TileConfig& config, MultiplyReport* report = nullptr) {
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
  const MultiplyReport done =
      array->multiply({0, kSize, 0, kSize}, inputs.data(), kSize, 1, 0, sums.data());
  if (report != nullptr) *report = done;
  std::vector<double> values;
  for (const std::int32_t sum : sums) values.push_back(sum / (127.0 * 127.0));
  return values;
}

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

std::vector<int> codes_of(const TileConfig& config, double unit) {
  std::vector<int> codes;
  for (const double value : outputs(config))
    codes.push_back(static_cast<int>(std::lround(value / unit)));
  return codes;
}

class GoldenCodes : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenCodes, OfSixteenBySixteenAreReproduced) {
  const Golden& golden = GetParam();
  const TileConfig config = quiet_tile(golden.dac_bits, golden.levels, golden.full_scale);
  EXPECT_EQ(codes_of(config, golden.full_scale / golden.levels), golden.codes);
}

const std::vector<int> kWide{7, 94, 85, -84, -53, -10, -99, 52, 94, 85, -84, -30, -10, -99, 91, 94};

INSTANTIATE_TEST_SUITE_P(
    CimSims, GoldenCodes,
    ::testing::Values(
        Golden{8, 127, 4.0, kWide},
        Golden{
            8,
            127,
            1.0,
            {29, 127, 127, -127, -127, -41, -127, 127, 127, 127, -127, -122, -39, -127, 127, 127}},
        Golden{6, 31, 4.0, {2, 23, 20, -20, -13, -2, -24, 13, 23, 21, -20, -8, -2, -24, 22, 23}}));

// CrossSim with an on/off ratio of 100. Its ADC sees conductances: of the range from g_min to
// g_max, 0.99 of a full cell, so that code = round(0.99 y / step), and the digital side divides the
// code by 0.99 afterwards. Of the sixteen only output 4 (y = -53.354 steps: -52.82 in conductance,
// -53 as code, -53.54 decoded) leaves the code that it has without g_min.
TEST(GoldenTile, OnOffRatioOfAHundredGivesTheCodesOfCrossSim) {
  TileConfig config = quiet_tile(8, 127, 4.0);
  config.pcm.g_min = 0.01;
  std::vector<int> expected = kWide;
  expected[4] = -54;
  EXPECT_EQ(codes_of(config, 4.0 / 127), expected);
  // The codes themselves, in steps of the ADC: whole numbers that decode to the above.
  for (const double y : outputs(config)) {
    const double code = y * 0.99 * 127 / 4.0;
    EXPECT_NEAR(code, std::round(code), 1.5e-3);  // half an accumulator unit is 0.001 steps
  }
}

TEST(GoldenTile, CellsThatStoreZeroKeepTheSmallestConductance) {
  TileConfig config = quiet_tile(8, 127, 4.0);
  config.adc.kind = "ideal";
  const std::vector<double> without = outputs(config);
  config.pcm.g_min = 0.1;
  const std::vector<double> with = outputs(config);
  // The pair's difference and its decoding know nothing of g_min but fixed-point steps.
  for (std::size_t i = 0; i < kSize; ++i)
    EXPECT_NEAR(with[i], without[i], 16 * std::ldexp(1.0, -14) + 6.3e-5) << i;
}

TEST(GoldenTile, NoiseAndBoundManagementGiveTheOutputsOfAihwkit) {
  TileConfig config = quiet_tile(8, 127, 1.0);
  config.crossbar.noise_management = "abs_max";
  config.crossbar.bound_management = "iterative";
  MultiplyReport report;
  const std::vector<double> y = outputs(config, &report);
  const double expected[] = {0.2152644, 2.9521980, 2.6754293, -2.6754293};
  // Ours are rounded to accumulator units of 1/16129.
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(y[static_cast<std::size_t>(i)], expected[i], 5e-5) << i;
  EXPECT_EQ(report.extra_products, 2u) << "half, then a quarter of the input";
  EXPECT_EQ(report.clipped, 0u);
}

TEST(GoldenTile, IrDropGivesTheOutputsOfAihwkit) {
  TileConfig config = quiet_tile(8, 127, 4.0);
  config.adc.kind = "ideal";
  const double without[] = {0.2266105, 2.9474239, 2.6643313, -2.6463513};
  const double with[] = {0.2266638, 2.9473135, 2.6642268, -2.6462417};
  const std::vector<double> plain = outputs(config);
  config.crossbar.ir_drop = 1.0;
  config.crossbar.wire_ohms = 0.35 * 5.0 / 20.7;  // there a cell has 5 uS
  const std::vector<double> dropped = outputs(config);
  for (std::size_t i = 0; i < 4; ++i) {
    // Conductances in steps of 2^-14 err by 2^-15 each, accumulators by half a unit of 1/16129.
    EXPECT_NEAR(plain[i], without[i], 16 * std::ldexp(1.0, -15) / 4 + 3.2e-5) << i;
    EXPECT_NEAR(dropped[i] - plain[i], with[i] - without[i], 6.5e-5) << i;
  }
}

// With a hundredfold wire the drop is a hundred times what the fixed point and the rounding of the
// accumulators hide: sixteen rows in steps of 2^-14 and half a unit of 1/16129, 5e-4 at most.
TEST(GoldenTile, StrongIrDropFollowsTheClosedForm) {
  TileConfig config = quiet_tile(8, 127, 4.0);
  config.adc.kind = "ideal";
  config.crossbar.wire_ohms = 100 * 0.35 * 5.0 / 20.7;
  config.crossbar.ir_drop = 1.5;
  const std::vector<double> y = outputs(config);
  double largest_drop = 0.0;
  for (unsigned i = 0; i < kSize; ++i) {
    double plain = 0.0, weighted = 0.0, magnitude = 0.0;
    for (unsigned j = 0; j < kSize; ++j) {
      const double w = (static_cast<int>((37 * i + 101 * j + 7) % 255) - 127) / 127.0;
      const double x = (static_cast<int>((53 * j + 19) % 255) - 127) / 127.0;
      const double from_end = 1.0 - j / 16.0;
      plain += w * x;
      weighted += w * x * (1.0 - from_end * from_end);
      magnitude += std::abs(w) * std::abs(x);
    }
    const double a = 16 * 100 * 0.35 * 5e-6 * magnitude;
    const double drop = 1.5 * a * (a * (0.05 * a - 0.2) + 0.5) * weighted;
    EXPECT_NEAR(y[i], plain - drop, 5e-4) << i;
    largest_drop = std::max(largest_drop, std::abs(drop));
  }
  EXPECT_GT(largest_drop, 0.01) << "twenty tolerances: without the drop the test fails";
}

}  // namespace
}  // namespace aimc::cim
