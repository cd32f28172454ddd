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

}  // namespace
}  // namespace aimc::cim
