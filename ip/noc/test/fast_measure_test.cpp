// SPDX-License-Identifier: Apache-2.0
// The level fast against the level flit: the same traffic, packet by packet, at 30 % and 60 % of
// the rate where the flit level saturates. Both runs are deterministic for their seed.
#include "aimc/noc/fast_measure.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <ostream>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

struct Case {
  const char* traffic;
  unsigned channels;
  unsigned buffer;
  unsigned packet;
  bool short_pipeline;
  double saturation;
};

std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.traffic << " at " << one.saturation;
}

std::string name_of(const ::testing::TestParamInfo<Case>& one) {
  const Case& c = one.param;
  return fmt::format("{}_{}x{}_{}flits{}", c.traffic, c.channels, c.buffer, c.packet,
                     c.short_pipeline ? "_p2" : "");
}

class FastMeasureTest : public ::testing::TestWithParam<Case> {};

TEST_P(FastMeasureTest, MeanLatencyIsWithinTenPercentOfFlit) {
  const Case& one = GetParam();
  flit::Config config;
  config.virtual_channels = one.channels;
  config.buffer_flits = one.buffer;
  if (one.short_pipeline) config.pipeline = flit::Pipeline::p2();
  const auto pattern = flit::make_pattern(one.traffic, config.columns, config.rows);
  flit::Load load;
  load.packet_flits = one.packet;
  load.runs = 4;
  for (const double share : {0.3, 0.6}) {
    load.rate = share * one.saturation;
    const flit::Measured flit = measure(config, *pattern, load);
    const flit::Measured fast = measure_fast(config, *pattern, load);
    const double error = fast.packet_latency / flit.packet_latency - 1.0;
    fmt::print("{} {}x{} {} flits, {:.0f} %: flit {:.2f}, fast {:.2f} cycles, error {:+.2f} %\n",
               one.traffic, one.channels, one.buffer, one.packet, 100 * share, flit.packet_latency,
               fast.packet_latency, 100 * error);
    EXPECT_LE(std::abs(error), 0.10);
    EXPECT_NEAR(fast.accepted, flit.accepted, 0.02 * flit.accepted);
    EXPECT_GT(fast.packets, 5000u);
  }
}

INSTANTIATE_TEST_SUITE_P(Loads, FastMeasureTest,
                         ::testing::Values(Case{"uniform", 2, 4, 4, false, 0.297},
                                           Case{"uniform", 1, 8, 1, false, 0.141},
                                           Case{"uniform", 4, 4, 1, false, 0.406},
                                           Case{"uniform", 1, 8, 4, false, 0.219},
                                           Case{"transpose", 2, 4, 4, false, 0.130},
                                           Case{"bitcomp", 4, 4, 1, false, 0.238},
                                           Case{"tornado", 1, 8, 1, false, 0.094},
                                           Case{"hotspot4", 2, 4, 4, false, 0.051},
                                           Case{"neighbor", 2, 4, 4, false, 0.875},
                                           Case{"uniform", 2, 4, 4, true, 0.328}),
                         name_of);

TEST(FastMeasureRulesTest, RefusesWhatTheLevelHasNot) {
  flit::Config config;
  config.torus = true;
  const auto pattern = flit::make_pattern("uniform", 8, 8);
  EXPECT_THROW(measure_fast(config, *pattern, {}), UserError);
  config.torus = false;
  flit::Load load;
  load.backlog = true;
  EXPECT_THROW(measure_fast(config, *pattern, load), UserError);
}

}  // namespace
}  // namespace aimc::noc
