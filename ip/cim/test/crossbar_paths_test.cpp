// SPDX-License-Identifier: Apache-2.0
// The ways of a product beside the plain one: phases, coded inputs, more than one pair for a
// weight.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "aimc/common/error.h"
#include "crossbar_fixture.h"

namespace aimc::cim {
namespace {

// Rows x 2^-15 x 127 x full scale is what fixed-point conductances may err by: below half a unit
// with 8 rows and weights of -15..15, so that every product must come out whole.
struct Way {
  std::string name;
  std::function<void(TileConfig&)> set;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class ExactWays : public ::testing::TestWithParam<Way> {};

TEST_P(ExactWays, GiveTheIntegerProductWithoutNoise) {
  TileConfig config = quiet(8, 40);
  GetParam().set(config);
  const auto weights = random_bytes(1, 8 * 40, -15, 15);
  const auto inputs = random_bytes(2, 200 * 8, -127, 127);
  const Outcome result = run(config, weights, inputs, 15);
  EXPECT_EQ(result.sums, reference_product({0, 8, 0, 40}, weights, inputs, 200));
  EXPECT_EQ(result.report.clipped, 0u);
  EXPECT_EQ(result.report.extra_products, 0u);
}

void slices(TileConfig& config, unsigned pairs, double radix) {
  config.crossbar.arrangement = "bit_slices";
  config.crossbar.pairs = pairs;
  config.crossbar.pair_factor = radix;
}

INSTANTIATE_TEST_SUITE_P(
    All, ExactWays,
    ::testing::Values(Way{"four phases", [](TileConfig& c) { c.timing.phases = 4; }},
                      Way{"bit-serial", [](TileConfig& c) { c.timing.input = "bit_serial"; }},
                      Way{"bit-serial, four phases",
                          [](TileConfig& c) {
                            c.timing.input = "bit_serial";
                            c.timing.phases = 4;
                          }},
                      Way{"integrate, two segments",
                          [](TileConfig& c) {
                            c.timing.input = "integrate";
                            c.timing.segment_bits = 4;
                          }},
                      Way{"amplitude", [](TileConfig& c) { c.timing.input = "amplitude"; }},
                      Way{"weighted pairs",
                          [](TileConfig& c) {
                            c.crossbar.arrangement = "weighted_pairs";
                            c.crossbar.pairs = 3;
                            c.crossbar.pair_factor = 3.0;
                          }},
                      Way{"two digits of radix 4", [](TileConfig& c) { slices(c, 2, 4.0); }},
                      Way{"four digits of radix 2", [](TileConfig& c) { slices(c, 4, 2.0); }},
                      Way{"digits, bit-serial, four phases, minimum conductance",
                          [](TileConfig& c) {
                            slices(c, 2, 4.0);
                            c.timing.input = "bit_serial";
                            c.timing.phases = 4;
                            c.pcm.g_min = 0.02;
                          }}),
    [](const auto& way) {
      std::string name = way.param.name;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

TEST(CrossbarWays, FewerDigitsThanTheWeightRoundIt) {
  TileConfig config = quiet(1, 255);
  slices(config, 2, 4.0);  // 15 levels for 127
  std::vector<std::int8_t> weights(255);
  for (int w = -127; w <= 127; ++w)
    weights[static_cast<std::size_t>(w + 127)] = static_cast<std::int8_t>(w);
  const Outcome result = run(config, weights, {127});
  for (int w = -127; w <= 127; ++w)
    EXPECT_NEAR(result.sums[static_cast<std::size_t>(w + 127)],
                std::round(w * 15 / 127.0) * 127 / 15.0 * 127, 1.0)
        << w;
}

TEST(CrossbarWays, DigitsNeedAWholeRadix) {
  for (const double radix : {1.0, 2.5}) {
    TileConfig config = quiet(4, 4);
    slices(config, 2, radix);
    EXPECT_THROW(make_array(config, RandomStream(1, "tile")), UserError) << radix;
  }
  TileConfig config = quiet(4, 4);
  slices(config, 4, 128.0);
  EXPECT_THROW(make_array(config, RandomStream(1, "tile")), UserError) << "beyond 24 bits";
}

// Codes of both polarities are rounded by themselves: P - N of two roundings against one.
TEST(CrossbarWays, FourPhasesConvertBothPolaritiesByThemselves) {
  TileConfig config = quiet(2, 1);
  config.adc.kind = "counter";
  config.adc.levels = 4;
  config.adc.full_scale = 4.0;  // a code is a cell
  const std::vector<std::int8_t> weights{127, 127};
  const std::vector<std::int8_t> inputs{76, -76};  // +0.6 and -0.6 cells
  EXPECT_EQ(run(config, weights, inputs).sums[0], 0);
  config.timing.phases = 4;
  EXPECT_EQ(run(config, weights, inputs).sums[0], 0) << "one each";
  const std::vector<std::int8_t> uneven{76, -51};  // P = 0.6 -> 1, N = 0.4 -> 0; net 0.2 -> 0
  EXPECT_EQ(run(config, weights, uneven).sums[0], 127 * 127);
  config.timing.phases = 1;
  EXPECT_EQ(run(config, weights, uneven).sums[0], 0);
}

TEST(CrossbarWays, FourPhasesClipLargeCurrentsEvenIfTheyCancel) {
  TileConfig config = quiet(40, 1);
  config.adc.kind = "counter";
  config.adc.levels = 100;
  config.adc.full_scale = 5.0;
  config.timing.phases = 4;  // two windows: a counter holds 200 codes, 10 cells
  const std::vector<std::int8_t> weights(40, 127);
  std::vector<std::int8_t> inputs(40, 127);
  std::fill(inputs.begin() + 20, inputs.end(), std::int8_t{-127});
  const Outcome result = run(config, weights, inputs);
  EXPECT_EQ(result.report.clipped, 2u) << "20 cells on both counters";
  EXPECT_EQ(result.sums[0], 0);
  config.timing.phases = 1;
  EXPECT_EQ(run(config, weights, inputs).report.clipped, 0u);
}

TEST(CrossbarWays, OtherPolarityLosesConductanceInOnePhaseOnly) {
  TileConfig config = quiet(8, 20);
  config.crossbar.read_asymmetry = 0.2;
  const auto weights = random_bytes(1, 8 * 20, -127, 127);
  const auto inputs = random_bytes(2, 50 * 8, -127, 127);
  const Outcome one = run(config, weights, inputs);
  for (std::size_t n = 0; n < 50; ++n)
    for (unsigned c = 0; c < 20; ++c) {
      double expected = 0.0;
      for (unsigned r = 0; r < 8; ++r) {
        const double x = inputs[n * 8 + r];
        expected += weights[r * 20 + c] * (x < 0 ? 0.8 * x : x);
      }
      EXPECT_NEAR(one.sums[n * 20 + c], expected, 8 * 16129 / 32768.0 + 0.5);
    }
  config.timing.phases = 4;
  const Outcome four = run(config, weights, inputs);
  config.crossbar.read_asymmetry = 0.0;
  EXPECT_EQ(four.sums, run(config, weights, inputs).sums);
}

}  // namespace
}  // namespace aimc::cim
