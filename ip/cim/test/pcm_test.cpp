// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <ostream>
#include <thread>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/crossbar.h"
#include "aimc/cim/pcm/pcm_device.h"
#include "array_fixture.h"

namespace aimc::cim {
namespace {

PcmDevice device(unsigned devices) {
  PcmConfig config;
  config.devices = devices;
  return PcmDevice(config, 1024, 1024);
}

/// Mean and standard deviation of many cells programmed to one relative conductance.
struct Statistics {
  double mean, sigma, mean_error, sigma_error;
};

Statistics statistics(const Plane& values) {
  const Eigen::ArrayXXd wide = values.cast<double>();
  const double n = static_cast<double>(wide.size());
  const double mean = wide.mean();
  const Eigen::ArrayXXd deviation = wide - mean;
  const double variance = deviation.square().sum() / n;
  const double fourth = deviation.square().square().sum() / n;
  const double sigma = std::sqrt(variance);
  // Standard error of a sample's sigma from its fourth moment: sound for skewed samples as well.
  return {mean, sigma, sigma / std::sqrt(n),
          std::sqrt(std::max(0.0, fourth - variance * variance) / n) / (2 * sigma)};
}

constexpr unsigned kSide = 1024;  // 1,048,576 samples
const Block kSquare{0, kSide, 0, kSide};

Programmed sample(const PcmDevice& pcm, float x, const RandomStream& random) {
  const CellDraws draws{random, kSquare, kSide, 0, 0};
  return pcm.program(Plane::Constant(kSide, kSide, x * pcm.g_max()), draws);
}

TEST(PcmDevice, ProgrammingSigmaHasThePublishedCheckValues) {
  const float x[] = {0.0f, 0.25f, 0.5f, 1.0f};
  const double two[] = {0.80, 4.29, 4.79, 5.28};  // % of g_max
  const double one[] = {1.52, 5.94, 8.36, 9.73};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(100 * device(2).programming_sigma(x[i]) / 20.7, two[i], 0.006) << x[i];
    EXPECT_NEAR(100 * device(1).programming_sigma(x[i]) / 10.35, one[i], 0.006) << x[i];
  }
}

TEST(PcmDevice, DriftExponentHasThePublishedMeans) {
  EXPECT_NEAR(device(2).drift_mean(0.25f), 0.0677, 5e-5);
  EXPECT_NEAR(device(2).drift_mean(0.5f), 0.0564, 5e-5);
  EXPECT_NEAR(device(2).drift_mean(1.0f), 0.0174, 5e-5);
  EXPECT_FLOAT_EQ(device(2).drift_mean(0.0f), 0.13f) << "clamped, not infinite";
  EXPECT_FLOAT_EQ(device(2).drift_sigma(0.0f), 0.04f);
  EXPECT_FLOAT_EQ(device(1).long_term_noise(0.0f), 0.04f);
}

// Statistics that other simulators sampled 400,000 times; values are given to 3 or 4 digits. We
// draw 1,048,576. Each comparison allows three standard errors of both samples together and the
// rounding of the printed figure: 20 comparisons alarm falsely in at most 5 % of seeds, and the
// seed is fixed.
struct Published {
  unsigned devices;
  float x;
  double programmed_sigma;
  double hour_mean;  // 0 = not published
  double hour_sigma;
};
void PrintTo(const Published& row, std::ostream* out) {
  *out << row.devices << " devices at " << row.x << " of g_max";
}

class PcmStatistics : public ::testing::TestWithParam<Published> {};

void expect_close(double value, double published, double error, double rounding) {
  const double both = error * std::sqrt(1.0 + 1048576.0 / 400000.0);
  EXPECT_NEAR(value, published, 3 * both + rounding);
}

TEST_P(PcmStatistics, MatchEstablishedSimulators) {
  const Published& row = GetParam();
  const PcmDevice pcm = device(row.devices);
  const RandomStream random(11, "pcm.statistics");
  const Programmed cells = sample(pcm, row.x, random);
  const Statistics programmed = statistics(cells.reached);
  expect_close(programmed.mean, row.x * pcm.g_max(), programmed.mean_error, 0.0);
  expect_close(programmed.sigma, row.programmed_sigma, programmed.sigma_error, 5e-4);
  if (row.hour_mean == 0.0) return;
  const Statistics hour = statistics(pcm.age(cells, 3600.0, {random, kSquare, kSide, 0, 0}));
  expect_close(hour.mean, row.hour_mean, hour.mean_error, row.hour_mean > 10 ? 5e-3 : 5e-4);
  expect_close(hour.sigma, row.hour_sigma, hour.sigma_error, row.hour_mean > 10 ? 5e-3 : 5e-4);
}

INSTANTIATE_TEST_SUITE_P(Hermes, PcmStatistics,
                         ::testing::Values(Published{2, 0.25f, 0.888, 4.349, 0.825},
                                           Published{2, 0.5f, 0.988, 8.959, 1.127},
                                           Published{2, 1.0f, 1.092, 19.80, 1.57},
                                           Published{1, 0.5f, 0.867, 4.384, 0.872},
                                           Published{1, 1.0f, 1.010, 9.834, 1.269}));

TEST(PcmDevice, AgeZeroIsTheFirstReadAndConductanceFallsWithTime) {
  const PcmDevice pcm = device(2);
  const RandomStream random(3, "age");
  const CellDraws draws{random, kSquare, kSide, 0, 0};
  const Programmed cells = sample(pcm, 0.5f, random);
  EXPECT_TRUE((pcm.age(cells, 0.0, draws) == cells.reached).all());
  double last = cells.reached.mean();
  for (const double seconds : {1e3, 1e5, 1e7}) {
    const double now = pcm.age(cells, seconds, draws).mean();
    EXPECT_LT(now, last) << seconds << " s";
    last = now;
  }
}

TEST(PcmDevice, NoConductanceIsNegative) {
  const PcmDevice pcm = device(1);
  const RandomStream random(3, "pcm.clamp");
  const Programmed cells = sample(pcm, 0.0f, random);
  EXPECT_GE(cells.reached.minCoeff(), 0.0f);
  EXPECT_GE(pcm.age(cells, 1e6, {random, kSquare, kSide, 0, 0}).minCoeff(), 0.0f);
  EXPECT_NEAR((cells.reached == 0.0f).cast<double>().mean(), 0.5, 0.005) << "half are clamped";
}

// 2 * 65,536 devices with p = 0.01: a cell fails with 1.99 %; 1,304 expected, sigma 35.8. Four
// sigma are exceeded by chance once in 16,000 seeds.
TEST(PcmArray, ReportsCellsThatDoNotConvergeAndPaysForTheirIterations) {
  TileConfig config = array_config("pcm", 256, 256);
  const auto weights = random_bytes(1, 65536, -127, 127);
  const Block all{0, 256, 0, 256};
  const auto good =
      make_array(config, RandomStream(1, "t"))->program(all, weights.data(), 256, 127, 0);
  config.pcm.failed_fraction = 0.01;
  const auto bad =
      make_array(config, RandomStream(1, "t"))->program(all, weights.data(), 256, 127, 0);
  EXPECT_EQ(good.failed, 0u);
  EXPECT_NEAR(static_cast<double>(bad.failed), 0.0199 * 65536, 4 * 35.8);
  EXPECT_GT(bad.seconds, good.seconds);
  EXPECT_GT(bad.joules, good.joules);
  EXPECT_EQ(good.cells, 65536u);
  EXPECT_EQ(good.pulses, 65536u * 2 * (10 + 1)) << "two devices: one tuned, one parked";
}

struct PcmArrayTest : ::testing::Test {
  static constexpr unsigned kRows = 100, kColumns = 70;
  const Block block{3, 90, 5, 61};
  const std::vector<std::int8_t> weights = random_bytes(1, 90 * 61, -127, 127);
  const std::vector<std::int8_t> inputs = random_bytes(2, 200 * 90, -127, 127);

  TileConfig config = array_config("pcm", kRows, kColumns);

  std::vector<std::int32_t> run(std::uint64_t seed, const std::vector<std::size_t>& batches) const {
    const auto array = make_array(config, RandomStream(seed, "tile"));
    array->program(block, weights.data(), 61, 127, 0);
    std::vector<std::int32_t> sums(200 * 61);
    std::size_t done = 0;
    for (const std::size_t batch : batches) {
      array->multiply(block, &inputs[done * 90], 90, batch, done, &sums[done * 61]);
      done += batch;
    }
    return sums;
  }
};

TEST_F(PcmArrayTest, BatchingDoesNotChangeABit) {
  config.age_s = 3600.0;
  const auto whole = run(1, {200});
  EXPECT_EQ(run(1, std::vector<std::size_t>(200, 1)), whole);
  EXPECT_EQ(run(1, {64, 64, 72}), whole);
  EXPECT_EQ(run(1, {3, 130, 7, 60}), whole);
  EXPECT_NE(run(2, {200}), whole) << "another seed";
}

// Pins the bits: whatever vector units the kernels are compiled for, and on any machine with IEEE
// arithmetic, this is the result.
TEST_F(PcmArrayTest, BitsAreTheSameOnEveryMachine) {
  std::string text;
  for (const std::int32_t sum : run(1, {200})) text += std::to_string(sum) + ",";
  EXPECT_EQ(hash64(text), 4545394388342807584ull);
}

TEST_F(PcmArrayTest, ThreadsDoNotChangeABit) {
  const auto whole = run(1, {200});
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program(block, weights.data(), 61, 127, 0);
  std::vector<std::int32_t> sums(200 * 61);
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < 4; ++part)
    threads.emplace_back([&, part] {
      array->multiply(block, &inputs[part * 50 * 90], 90, 50, part * 50, &sums[part * 50 * 61]);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sums, whole);
}

TEST_F(PcmArrayTest, ColumnsAndRepeatsDrawTheirOwnNoise) {
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program(block, weights.data(), 61, 127, 0);
  std::vector<std::int32_t> first(61), again(61), other(61);
  array->multiply(block, inputs.data(), 90, 1, 7, first.data());
  array->multiply(block, inputs.data(), 90, 1, 7, again.data());
  array->multiply(block, inputs.data(), 90, 1, 8, other.data());
  EXPECT_EQ(first, again) << "one operation number, one result";
  EXPECT_NE(first, other);
}

TEST_F(PcmArrayTest, CloseToTheExactProductAndExactWithoutNoiseAndConverters) {
  config.adc.kind = "ideal";
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  const auto exact = reference_product(block, weights, inputs, 200);
  const auto sums = run(1, {200});
  for (std::size_t i = 0; i < sums.size(); ++i)
    // Conductances in steps of 2^-14: at most 90 * 2^-15 * 127^2 off, 0.3 % of one full product.
    ASSERT_NEAR(sums[i], exact[i], 90.0 / 32768 * 127 * 127 + 1);
}

TEST_F(PcmArrayTest, SmallFullScaleAmplifiesAndSaturatesLargeWeights) {
  config.adc.kind = "ideal";
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  const Block one{0, 1, 0, 3};
  const auto array = make_array(config, RandomStream(1, "tile"));
  const std::int8_t w[] = {16, 64, -128};
  array->program(one, w, 3, 32, 0);
  const std::int8_t x[] = {127};
  std::vector<std::int32_t> sums(3);
  array->multiply(one, x, 1, 1, 0, sums.data());
  EXPECT_THAT(sums, ::testing::ElementsAre(16 * 127, 32 * 127, -32 * 127));
  std::int8_t back[3];
  array->readback(one, back, 3);
  EXPECT_THAT(back, ::testing::ElementsAre(16, 32, -32));
}

TEST_F(PcmArrayTest, MixedFullScalesOfAColumnAreSeen) {
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program({0, 4, 0, 4}, weights.data(), 4, 127, 0);
  array->program({4, 4, 0, 4}, weights.data(), 4, 64, 1);
  EXPECT_EQ(array->state({0, 4, 0, 4}), CellState::ready);
  EXPECT_EQ(array->state({4, 4, 0, 4}), CellState::ready);
  EXPECT_EQ(array->state({0, 8, 0, 4}), CellState::mixed_full_scale);
}

TEST_F(PcmArrayTest, ClippedConversionsAreCounted) {
  config.adc.gain_spread = 0.0;
  const auto array = make_array(config, RandomStream(1, "tile"));
  const std::vector<std::int8_t> full(60 * 2, 127);
  array->program({0, 60, 0, 2}, full.data(), 2, 127, 0);
  std::vector<std::int32_t> sums(4);
  const std::vector<std::int8_t> x(120, 127);  // 60 cells at full input: beyond 24.15
  EXPECT_EQ(array->multiply({0, 60, 0, 2}, x.data(), 60, 2, 0, sums.data()).clipped, 4u);
  EXPECT_NEAR(sums[0], 24.15 * 127 * 127, 1.0);
}

// Sigma of n = 20,000 reads has a relative standard error of 0.5 %; three of them, 1.5 %, plus the
// 8-bit steps of the variances: 0.3 % false alarms, and the seed is fixed.
TEST(PcmArray, ReadNoiseHasTheSigmaOfTheFormula) {
  TileConfig config = array_config("pcm", 64, 8);
  config.adc.kind = "ideal";
  config.pcm.programming_noise = 0.0;
  const Block block{0, 64, 0, 8};
  const auto weights = random_bytes(3, 64 * 8, -127, 127);
  const auto inputs = random_bytes(4, 64, -127, 127);
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program(block, weights.data(), 8, 127, 0);
  constexpr std::size_t kReads = 20000;
  std::vector<std::int32_t> sums(kReads * 8);
  array->multiply(block, inputs.data(), 0, kReads, 0, sums.data());
  for (unsigned c = 0; c < 8; ++c) {
    double variance = 0.0;
    for (unsigned r = 0; r < 64; ++r)
      variance += std::abs(weights[r * 8 + c] / 127.0) * std::pow(inputs[r] / 127.0, 2);
    const double expected = 0.0175 * std::sqrt(variance) * 127 * 127;
    double sum = 0.0, squares = 0.0;
    for (std::size_t n = 0; n < kReads; ++n) {
      sum += sums[n * 8 + c];
      squares += std::pow(sums[n * 8 + c], 2);
    }
    const double mean = sum / kReads;
    EXPECT_NEAR(std::sqrt(squares / kReads - mean * mean), expected, 0.02 * expected) << c;
  }
}

TEST(PcmArray, SumsOfManyRowsDoNotOverflow) {
  TileConfig config = array_config("pcm", 2048, 2);
  config.adc.kind = "ideal";
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  const auto array = make_array(config, RandomStream(1, "tile"));
  const std::vector<std::int8_t> weights(4096, 127);
  array->program({0, 2048, 0, 2}, weights.data(), 2, 127, 0);
  const std::vector<std::int8_t> inputs(2048, 127);
  std::vector<std::int32_t> sums(2);
  array->multiply({0, 2048, 0, 2}, inputs.data(), 2048, 1, 0, sums.data());
  EXPECT_NEAR(sums[0], 2048 * 127 * 127, 8);
}

/// Relative L2 error of the product of V6: uniform weights and inputs, 30 % zeros.
double product_error(TileConfig config) {
  config.rows = config.columns = 256;
  config.adc.kind = "ideal";
  constexpr std::size_t kVectors = 256;
  auto weights = random_bytes(21, 65536, -127, 127);
  auto inputs = random_bytes(22, kVectors * 256, -127, 127);
  const RandomStream random(4, "v6");
  for (std::uint32_t i = 0; i < 65536; ++i) {
    if (random.at(1).uniform(i) < 0.3f) weights[i] = 0;
    if (random.at(2).uniform(i) < 0.3f) inputs[i] = 0;
  }
  const Block block{0, 256, 0, 256};
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program(block, weights.data(), 256, 127, 0);
  std::vector<std::int32_t> sums(kVectors * 256);
  array->multiply(block, inputs.data(), 256, kVectors, 0, sums.data());
  const auto exact = reference_product(block, weights, inputs, kVectors);
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error += std::pow(sums[i] - exact[i], 2);
    norm += std::pow(exact[i], 2);
  }
  return std::sqrt(error / norm);
}

TEST(Validation, V6ProductErrorLiesBetweenTheDigitalPrecisionsOfTheChip) {
  TileConfig config = array_config("pcm", 256, 256);
  const double two = product_error(config);
  config.pcm.devices = 1;
  const double one = product_error(config);
  RecordProperty("two_devices_percent", std::to_string(100 * two));
  RecordProperty("one_device_percent", std::to_string(100 * one));
  EXPECT_GT(two, 0.06);
  EXPECT_LT(two, 0.11);
  EXPECT_GT(one, 0.12);
  EXPECT_LT(one, 0.18);
}

TEST(Validation, V7ErrorGrowsWithAgeAndCompensationRemovesPartOfIt) {
  TileConfig config = array_config("pcm", 256, 256);
  double last = product_error(config);
  for (const double seconds : {1e3, 86400.0, 3.15e7}) {
    config.age_s = seconds;
    config.pcm.drift_compensation = "global";
    const double with = product_error(config);
    config.pcm.drift_compensation = "none";
    const double without = product_error(config);
    EXPECT_GT(with, last) << seconds << " s";
    EXPECT_GT(without, with) << seconds << " s";
    last = with;
  }
}

}  // namespace
}  // namespace aimc::cim
