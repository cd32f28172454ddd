// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
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

}  // namespace
}  // namespace aimc::cim
