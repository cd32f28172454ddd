// SPDX-License-Identifier: Apache-2.0
// Program-verify pulse by pulse, targets outside the fits, and digital drift compensation.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/crossbar.h"
#include "aimc/cim/pcm/pcm_device.h"
#include "array_fixture.h"
#include "device_fixture.h"

namespace aimc::cim {
namespace {

constexpr unsigned kSide = 64;

PcmDevice device(const PcmConfig& config) { return PcmDevice(config, kSide, kSide); }

Programmed program(const PcmConfig& config, float target) {
  const RandomStream random(7, "verify");
  return device(config).program(Plane::Constant(kSide, kSide, target),
                                {random, {0, kSide, 0, kSide}, kSide, 0, 0});
}

PcmConfig followed() {
  PcmConfig config;
  config.program_verify = "pulses";
  return config;
}

// Pulses that correct a fixed share of the error and add none of their own: after n of them
// (1 - gain)^n of the target is left. 20 * 0.7^10 = 0.565 is the first below 0.65 uS.
TEST(ProgramVerify, CertainPulsesConvergeAfterTheNumberOfTheGeometricSeries) {
  PcmConfig config = followed();
  config.pulse_spread = 0.0;
  const Programmed cells = program(config, 20.0f);
  EXPECT_TRUE((cells.pulses == 10.0f).all());
  EXPECT_TRUE((cells.failed == 0.0f).all());
  config.max_iterations = 9;
  const Programmed stopped = program(config, 20.0f);
  EXPECT_TRUE((stopped.pulses == 9.0f).all());
  EXPECT_TRUE((stopped.failed == 1.0f).all());
  const float left = 20.0f * std::pow(0.7f, 9.0f);
  EXPECT_NEAR(stopped.reached.minCoeff(), 20.0f - left, 1e-4f) << "the error of the last pulse";
  EXPECT_NEAR(stopped.reached.maxCoeff(), 20.0f - left, 1e-4f);
}

TEST(ProgramVerify, CellsWithinTheBandTakeNoPulse) {
  const Programmed cells = program(followed(), 0.5f);
  EXPECT_TRUE((cells.pulses == 0.0f).all());
  EXPECT_TRUE((cells.failed == 0.0f).all());
}

// From far off every cell needs about as many pulses as the certain case; then each trial lands in
// the band with p = P(|N(0, s)| < 0.65) or more, s = 0.45 / sqrt(1 - 0.7^2) = 0.63 at rest:
// p >= 0.6. Within 30 pulses 4,096 cells fail with less than 4096 * 0.4^19 = 1e-4.
TEST(ProgramVerify, ConvergesWithinTheIterationsOfTheChip) {
  const Programmed cells = program(followed(), 18.0f);
  EXPECT_EQ(cells.failed.sum(), 0.0f);
  const float mean = cells.pulses.mean();
  EXPECT_GT(mean, 7.0f);
  EXPECT_LT(mean, 13.0f) << "the 10 that `expected` assumes";
  EXPECT_LE(cells.pulses.maxCoeff(), 30.0f);
  EXPECT_GT(cells.pulses.maxCoeff(), cells.pulses.minCoeff());
}

TEST(ProgramVerify, SpreadBeyondTheBandLeavesCellsThatFailAndAreReported) {
  TileConfig config = array_config("pcm", kSide, kSide);
  config.pcm.program_verify = "pulses";
  config.pcm.pulse_spread = 20.0;  // in the band by luck only
  config.pcm.max_iterations = 12;
  const auto weights = random_bytes(1, kSide * kSide, 64, 127);
  const Block all{0, kSide, 0, kSide};
  const auto array = make_array(config, RandomStream(1, "tile"));
  const ProgramReport bad = array->program(all, weights.data(), kSide, 127, 0);
  EXPECT_GT(bad.failed, kSide * kSide / 2u);
  EXPECT_EQ(array->failed_cells(all), bad.failed);
  config.pcm.pulse_spread = 0.45;
  const ProgramReport good =
      make_array(config, RandomStream(1, "tile"))->program(all, weights.data(), kSide, 127, 0);
  EXPECT_LT(good.failed, bad.failed);
  EXPECT_LT(good.pulses, bad.pulses);
  EXPECT_LT(good.seconds, bad.seconds);
  EXPECT_LT(good.joules, bad.joules);
  EXPECT_GE(bad.pulses, bad.failed * 12u) << "a failed cell takes all iterations";
}

TEST(ProgramVerify, FollowedPulsesAreThoseThatAreCharged) {
  TileConfig config = array_config("pcm", kSide, kSide);
  config.pcm.program_verify = "pulses";
  config.pcm.pulse_spread = 0.0;
  config.pcm.devices = 1;
  const std::vector<std::int8_t> weights(kSide * kSide, 127);
  const ProgramReport report = make_array(config, RandomStream(1, "tile"))
                                   ->program({0, kSide, 0, kSide}, weights.data(), kSide, 127, 0);
  // 10.35 * 0.7^n <= 0.65 from n = 8 on; the negative polarity is at its target.
  EXPECT_EQ(report.pulses, 8u * kSide * kSide);
  // A diagonal of 64 cells in two turns of the 32 current DACs; for the polarity at rest nothing.
  const PcmConfig& pcm = config.pcm;
  EXPECT_NEAR(report.joules, 8.0 * kSide * kSide * (pcm.pulse_joules + pcm.verify_joules), 1e-15);
  const double pass = 2 * pcm.pulse_s + pcm.verify_s;
  EXPECT_NEAR(report.seconds, kSide * 10 * pass, 1e-9)
      << "8 iterations and the first verify of each polarity";
}

TEST(PcmDevice, TargetsOutsideTheFitAreRefused) {
  const float g_max = device({}).g_max();
  for (const float target : {std::numeric_limits<float>::quiet_NaN(), -0.1f, g_max * 1.01f,
                             std::numeric_limits<float>::infinity()})
    EXPECT_THROW(program({}, target), std::invalid_argument) << target;
  EXPECT_NO_THROW(program({}, 0.0f));
  EXPECT_NO_THROW(program({}, g_max));
}

struct DriftCompensationTest : ::testing::Test {
  static constexpr unsigned kSize = 128;
  const Block all{0, kSize, 0, kSize};
  std::vector<std::int8_t> weights = random_bytes(1, kSize* kSize, -127, 127);

  DriftCompensationTest() {
    // Small weights drift faster, so that columns of them lose more than others.
    for (unsigned r = 0; r < kSize; ++r)
      for (unsigned c = 0; c < kSize / 2; ++c)
        weights[r * kSize + c] = static_cast<std::int8_t>(weights[r * kSize + c] / 16);
  }

  std::unique_ptr<Array> aged(const std::string& compensation) const {
    TileConfig config = array_config("pcm", kSize, kSize);
    config.pcm.drift_compensation = compensation;
    auto array = make_array(config, RandomStream(1, "tile"));
    array->program(all, weights.data(), kSize, 127, 0);
    array->advance(86400.0);
    return array;
  }
};

TEST_F(DriftCompensationTest, ColumnFactorsRestoreTheSumOfEachColumn) {
  const auto fresh = make_array(array_config("pcm", kSize, kSize), RandomStream(1, "tile"));
  fresh->program(all, weights.data(), kSize, 127, 0);
  const auto array = aged("column");
  const auto& before = dynamic_cast<const Crossbar&>(*fresh);
  const auto& after = dynamic_cast<const Crossbar&>(*array);
  for (unsigned c = 0; c < kSize; ++c) {
    double was = 0.0, is = 0.0;
    for (unsigned r = 0; r < kSize; ++r) {
      was += std::abs(static_cast<double>(before.net(r, c)));
      is += std::abs(static_cast<double>(after.net(r, c)));
    }
    EXPECT_GT(after.drift_factor(c), 1.1) << c;
    EXPECT_NEAR(is * after.drift_factor(c) / was, 1.0, 1e-3) << c;  // fixed point: 2^-15 a cell
  }
}

TEST_F(DriftCompensationTest, OneFactorServesAllColumnsAndColumnsDifferWithoutIt) {
  const auto global = aged("global");
  const auto column = aged("column");
  const auto none = aged("none");
  const auto& one = dynamic_cast<const Crossbar&>(*global);
  const auto& each = dynamic_cast<const Crossbar&>(*column);
  double small = 0.0, large = 0.0;
  for (unsigned c = 0; c < kSize; ++c) {
    EXPECT_EQ(one.drift_factor(c), one.drift_factor(0));
    EXPECT_EQ(dynamic_cast<const Crossbar&>(*none).drift_factor(c), 1.0);
    (c < kSize / 2 ? small : large) += each.drift_factor(c) / (kSize / 2.0);
  }
  EXPECT_GT(small, large + 0.02) << "columns of small weights have lost more";
  // Products of the faster columns gain by factors of their own.
  const auto inputs = random_bytes(2, 64 * kSize, -127, 127);
  const auto exact = reference_product(all, weights, inputs, 64);
  const auto error = [&](const Array& array) {
    std::vector<std::int32_t> sums(64 * kSize);
    array.multiply(all, inputs.data(), kSize, 64, 0, sums.data());
    double squares = 0.0;
    for (std::size_t i = 0; i < sums.size(); ++i) squares += std::pow(sums[i] - exact[i], 2);
    return std::sqrt(squares);
  };
  EXPECT_LT(error(*column), error(*none));
  EXPECT_LT(error(*global), error(*none));
}

}  // namespace
}  // namespace aimc::cim
