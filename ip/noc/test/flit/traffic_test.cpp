// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "aimc/common/error.h"
#include "aimc/noc/flit/measure.h"

namespace aimc::noc::flit {
namespace {

using ::testing::HasSubstr;

unsigned fixed(const char* name, unsigned columns, unsigned rows, unsigned source) {
  return make_pattern(name, columns, rows)->fixed(source);
}

TEST(PatternTest, PermutationsAreThoseOfTheReference) {
  EXPECT_EQ(fixed("transpose", 8, 8, 8 * 2 + 5), 8u * 5 + 2);
  EXPECT_EQ(fixed("transpose", 8, 8, 9), 9u) << "the diagonal sends to itself";
  EXPECT_EQ(fixed("bitcomp", 8, 8, 3), 60u);
  EXPECT_EQ(fixed("shuffle", 8, 8, 0b100101), 0b001011u);
  EXPECT_EQ(fixed("bitrev", 8, 8, 0b100110), 0b011001u);
  EXPECT_EQ(fixed("tornado", 8, 8, 0), 8u * 3 + 3) << "ceil(k/2)-1 in both dimensions";
  EXPECT_EQ(fixed("tornado", 8, 8, 63), 8u * 2 + 2) << "modulo k";
  EXPECT_EQ(fixed("tornado", 5, 5, 0), 5u * 2 + 2);
  EXPECT_EQ(fixed("neighbor", 8, 8, 0), 9u) << "+1 in both dimensions";
  EXPECT_EQ(fixed("neighbor", 8, 8, 63), 0u);
  for (unsigned i = 0; i < 16; ++i)
    EXPECT_EQ(fixed("tornado", 4, 4, i), fixed("neighbor", 4, 4, i));
}

TEST(PatternTest, HotspotsAreInTheMiddleOrWhereAsked) {
  const auto sinks = [](const char* name, unsigned side) {
    std::vector<unsigned> result;
    const std::vector<double> shares = make_pattern(name, side, side)->shares(0);
    for (unsigned i = 0; i < shares.size(); ++i)
      if (shares[i] > 0) result.push_back(i);
    return result;
  };
  EXPECT_THAT(sinks("hotspot1", 8), ::testing::ElementsAre(27));
  EXPECT_THAT(sinks("hotspot4", 8), ::testing::ElementsAre(27, 28, 35, 36));
  EXPECT_THAT(sinks("hotspot", 4), ::testing::ElementsAre(5, 6, 9, 10));
  EXPECT_THAT(sinks("hotspot:3,12", 4), ::testing::ElementsAre(3, 12));
}

TEST(PatternTest, UniformIncludesTheSourceItself) {
  const auto pattern = make_pattern("uniform", 4, 4);
  Random random(7);
  // 16000 draws of 16: each count is binomial with mean 1000 and deviation 31; 6 deviations are
  // passed with probability 2e-9 each.
  std::vector<unsigned> counts(16);
  for (unsigned i = 0; i < 16000; ++i) ++counts[pattern->destination(5, random)];
  for (const unsigned count : counts) EXPECT_NEAR(count, 1000, 190);
}

TEST(PatternTest, RefusesWhatDoesNotExist) {
  const auto message = [](const char* name, unsigned columns, unsigned rows) -> std::string {
    try {
      make_pattern(name, columns, rows);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message("zebra", 8, 8), HasSubstr("unknown traffic 'zebra'. Known: uniform"));
  EXPECT_THAT(message("bitcomp", 6, 6), HasSubstr("power of two"));
  EXPECT_THAT(message("transpose", 8, 2), HasSubstr("square"));
  EXPECT_THAT(message("hotspot:3,99", 4, 4), HasSubstr("'99' is not a node"));
  EXPECT_THAT(message("hotspot:", 4, 4), HasSubstr("is not a node"));
}

TEST(GeneratorTest, MakesPacketsLikeCoinsInEveryCycle) {
  const auto pattern = make_pattern("uniform", 4, 4);
  Generator generator(*pattern, 16, 0.05, 3);
  std::vector<std::uint64_t> gaps(3);
  std::uint64_t packets = 0;
  std::vector<std::uint64_t> last(16, 0);
  constexpr std::uint64_t kCycles = 100000;
  for (std::uint64_t now = generator.next_wake(); now < kCycles; now = generator.next_wake()) {
    const unsigned source = generator.wake(now);
    Generator::Made made{};
    while (generator.take(source, now, made)) {
      ASSERT_EQ(made.created, now);
      if (now - last[source] <= 3 && now != last[source]) ++gaps[now - last[source] - 1];
      last[source] = now;
      ++packets;
    }
  }
  // Binomial with 1.6e6 trials: mean 80000, deviation 276. Six of them: 2e-9.
  EXPECT_NEAR(static_cast<double>(packets), 80000.0, 1660.0);
  for (unsigned gap = 0; gap < 3; ++gap) {
    const double mean = 80000.0 * 0.05 * std::pow(0.95, gap);
    EXPECT_NEAR(static_cast<double>(gaps[gap]), mean, 6.5 * std::sqrt(mean));
  }
}

TEST(GeneratorTest, ALaggingSourceGetsItsPacketsWithTheirTimes) {
  const auto pattern = make_pattern("neighbor", 2, 2);
  Generator generator(*pattern, 4, 1.0, 1);
  Generator::Made made{};
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(generator.take(2, 9, made));
    EXPECT_EQ(made.created, i);
  }
  EXPECT_FALSE(generator.take(2, 9, made));
  EXPECT_EQ(generator.next(2), 10u);
}

TEST(MeasureTest, BoundsAreThoseOfTheReference) {
  const auto bound = [](const char* name, unsigned side) {
    Config config;
    config.columns = config.rows = side;
    return ideal_bound(config, *make_pattern(name, side, side));
  };
  EXPECT_NEAR(bound("uniform", 8), 0.5, 1e-9);
  EXPECT_NEAR(bound("transpose", 8), 1.0 / 7, 1e-9);
  EXPECT_NEAR(bound("bitcomp", 8), 0.25, 1e-9);
  EXPECT_NEAR(bound("tornado", 8), 1.0 / 3, 1e-9);
  EXPECT_NEAR(bound("neighbor", 8), 1.0, 1e-9);
  EXPECT_NEAR(bound("hotspot4", 8), 0.0625, 1e-9);
  EXPECT_NEAR(bound("hotspot1", 8), 1.0 / 64, 1e-9);
  EXPECT_NEAR(bound("hotspot4", 4), 0.25, 1e-9);
}

TEST(MeasureTest, RepeatsToTheBitForASeedAndDiffersForAnother) {
  Config config;
  const auto pattern = make_pattern("uniform", 8, 8);
  Load load;
  load.packet_flits = 4;
  load.runs = 1;
  const Measured first = measure(config, *pattern, load);
  const Measured second = measure(config, *pattern, load);
  EXPECT_EQ(first.packet_latency, second.packet_latency);
  EXPECT_EQ(first.flit_moves, second.flit_moves);
  load.seed = 2;
  EXPECT_NE(measure(config, *pattern, load).flit_moves, first.flit_moves);
}

TEST(MeasureTest, AcceptsWhatIsOfferedBelowSaturationAndSaysSoAbove) {
  Config config;
  const auto pattern = make_pattern("uniform", 8, 8);
  Load load;
  load.rate = 0.2;
  load.packet_flits = 4;
  const Measured below = measure(config, *pattern, load);
  EXPECT_TRUE(below.stable);
  // About 80000 packets: a deviation of 0.35 %; 6 of them (2e-9).
  EXPECT_NEAR(below.accepted / 0.2, 1.0, 0.022);
  EXPECT_LE(below.p50, below.packet_latency * 1.1);
  EXPECT_LE(below.p50, below.p99);
  EXPECT_LE(below.p99, below.max_latency);
  EXPECT_LE(below.network_latency, below.packet_latency);
  load.rate = 0.6;
  const Measured above = measure(config, *pattern, load);
  EXPECT_FALSE(above.stable);
  EXPECT_LT(above.accepted, 0.33);
  EXPECT_GT(above.accepted, 0.27);
}

}  // namespace
}  // namespace aimc::noc::flit
