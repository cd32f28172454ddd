// SPDX-License-Identifier: Apache-2.0
// Charge-trap, resistive and ferroelectric cells against the fits. All tests of spread use 160,000
// cells: a standard deviation has a standard error of 0.18 %, limits are at 5 of them (p = 6e-7).
#include "aimc/cim/fefet/fefet_device.h"
#include "aimc/cim/nor/sonos_device.h"
#include "aimc/cim/pulse_law.h"
#include "aimc/cim/reram/reram_device.h"
#include "aimc/common/error.h"
#include "aimc/testing/fidelity.h"
#include "device_fixture.h"

namespace aimc::cim {
namespace {

constexpr double kDay = 86400.0;
constexpr double kSigmaLimit = 5.0;

/// Currents of cells [nA] from conductances at 0.1 V.
Moments nanoamperes(const Moments& us) { return {100.0 * us.mean, 100.0 * us.sigma}; }

TEST(Fidelity, V31SonosSpreadAtProgrammingAndAfterFiveDays) {
  const SonosDevice device{NorConfig{}};
  struct Point {
    double current, fresh, aged;
  };
  // A (1 - exp(-I / B)) worked out by hand from the published coefficients.
  for (const Point& point :
       {Point{500.0, 18.72, 31.48}, Point{1000.0, 19.82, 34.30}, Point{1500.0, 19.88, 34.55}}) {
    const DeviceSample sample(device, point.current / 100.0);
    const std::string at = fmt::format("sigma(I) at {} nA", point.current);
    aimc::testing::compare_near("V31", at + ", t = 0 [nA]", point.fresh,
                                nanoamperes(sample.fresh()).sigma, 0.03 * point.fresh, 3,
                                "n = 160000, false alarm below 1e-50");
    aimc::testing::compare_near("V31", at + ", 5 d [nA]", point.aged,
                                nanoamperes(sample.after(5 * kDay)).sigma, 0.03 * point.aged, 3,
                                "n = 160000, false alarm below 1e-50");
  }
}

TEST(SonosDevice, MeanCurrentShiftsAsThePolynomialsOfOneAndFiveDays) {
  const SonosDevice device{NorConfig{}};
  struct Point {
    double current, day1, day5;
  };
  // Values of the two polynomials, worked out with another program.
  for (const Point& point :
       {Point{100.0, 1.74, 4.12}, Point{500.0, -0.17, -4.35}, Point{1500.0, -10.25, -37.36}}) {
    const DeviceSample sample(device, point.current / 100.0);
    const double error = kSigmaLimit * 35.0 * DeviceSample::kMeanError + 0.006;
    const double start = nanoamperes(sample.fresh()).mean;
    EXPECT_NEAR(start, point.current, error);
    EXPECT_NEAR(nanoamperes(sample.after(kDay)).mean - point.current, point.day1, error);
    EXPECT_NEAR(nanoamperes(sample.after(5 * kDay)).mean - point.current, point.day5, error);
    EXPECT_NEAR(nanoamperes(sample.after(3 * kDay)).mean - point.current,
                (point.day1 + point.day5) / 2.0, error);
    EXPECT_EQ(sample.after(400 * kDay).mean, sample.after(5 * kDay).mean);
  }
}

TEST(SonosDevice, AgeAddsToTheErrorOfProgrammingInsteadOfDrawingItAnew) {
  const SonosDevice device{NorConfig{}};
  const DeviceSample sample(device, 5.0);
  const Eigen::ArrayXXd fresh = sample.cells().reached.cast<double>() - sample.fresh().mean;
  const Eigen::ArrayXXd aged = sample.aged(5 * kDay).cast<double>() - sample.after(5 * kDay).mean;
  const double correlation =
      (fresh * aged).mean() / (sample.fresh().sigma * sample.after(5 * kDay).sigma);
  EXPECT_NEAR(correlation, 18.72 / 31.48, kSigmaLimit * DeviceSample::kMeanError);
}

TEST(SonosDevice, LevelsOfFourBitCellsAreSevenths) {
  NorConfig config;
  config.programming_noise = 0.0;
  const SonosDevice device(config, 7);
  for (int level = 0; level <= 7; ++level) {
    const DeviceSample sample(device, 16.0 * (level + 0.3) / 7.0 * (level == 7 ? 7.0 / 7.3 : 1.0));
    EXPECT_NEAR(sample.fresh().mean, 16.0 * level / 7.0, 1e-5);
  }
}

TEST(SonosDevice, ReadVarianceIsTheSquareOfTheMeasuredNoise) {
  const SonosDevice device{NorConfig{}};
  const Plane variance = device.read_variance(Plane::Constant(1, 1, -0.5f));
  const double sigma = 12.58037 * (1.0 - std::exp(-800.0 / 215.36557)) / 1600.0;
  EXPECT_NEAR(std::sqrt(static_cast<double>(variance(0, 0))), sigma, 1e-6);
  EXPECT_LE(device.read_variance(Plane::Constant(1, 1, 1.0f))(0, 0), device.variance_scale());
}

ReramConfig family(const char* name) {
  ReramConfig config;
  config.variant = name;
  return config;
}

TEST(ReramDevice, NeurramSpreadAtOneSecondAndOneDay) {
  const ReramDevice device{family("neurram")};
  struct Point {
    double g, fresh, aged;
  };
  // 400,000 draws of the reference tool.
  for (const Point& point :
       {Point{10.0, 2.262, 3.706}, Point{20.0, 2.022, 3.912}, Point{40.0, 1.103, 2.651}}) {
    const DeviceSample sample(device, point.g);
    const double error = kSigmaLimit * DeviceSample::kSigmaError * 1.28;  // both samples
    EXPECT_NEAR(sample.fresh().sigma / point.fresh, 1.0, error + 0.001);
    EXPECT_NEAR(sample.after(kDay).sigma / point.aged, 1.0, error + 0.001);
  }
}

TEST(ReramDevice, CmoRelaxesByTheLogarithmOfTime) {
  ReramConfig config = family("cmo");
  for (const double acceptance : {0.2, 2.0}) {
    config.acceptance = acceptance;
    const ReramDevice device(config);
    const DeviceSample sample(device, 50.0);
    const double fresh = acceptance < 1.0 ? 0.00081 + 0.00107 * 50 : 0.01122 + 0.01129 * 50;
    EXPECT_NEAR(sample.fresh().sigma / fresh, 1.0, kSigmaLimit * DeviceSample::kSigmaError);
    const double log_time = std::log(kDay);
    const double relaxed = std::sqrt(fresh * fresh + std::pow(0.042 * log_time + 0.4118, 2));
    const double slow = 0.0277 * std::log10(50.0) * std::sqrt(std::log(kDay / 2e-6));
    const Moments aged = sample.after(kDay);
    const double sigma = std::hypot(relaxed, slow);
    EXPECT_NEAR(aged.mean, 50.0 - 0.089 * log_time, kSigmaLimit * sigma * DeviceSample::kMeanError);
    EXPECT_NEAR(aged.sigma / sigma, 1.0, kSigmaLimit * DeviceSample::kSigmaError + 0.001);
  }
}

TEST(ReramDevice, MiloSpreadAndCurrentAtTheReadVoltage) {
  ReramConfig config = family("milo");
  config.read_volts = 0.0;
  const ReramDevice ohmic(config);
  for (const double g : {50.0, 120.0, 225.0}) {
    const double expected = 4.782 - 0.00911 * g;
    EXPECT_NEAR(DeviceSample(ohmic, g).fresh().sigma / expected, 1.0,
                kSigmaLimit * DeviceSample::kSigmaError);
  }
  // I = G V + a2 V^2 + a3 V^3 at 0.2 V and 100 uS: L = -4.
  const double a2 = 7.063e-3 - 4 * 5.711e-3 + 16 * 1.541e-3 - 64 * 1.388e-4;
  const double a3 = 1.2968e-3 - 4 * 6.7919e-4 + 16 * 8.871e-5;
  EXPECT_NEAR(find_reram_family("milo").effective(100.0, 0.2), 100.0 + 1e6 * (a2 * 0.2 + a3 * 0.04),
              1e-9);
}

TEST(ReramDevice, PulsesAndFailuresOfWriteVerifyAreThoseOfTheChip) {
  const ReramDevice device{family("neurram")};
  const DeviceSample sample(device, 20.0);
  // Mean 8.52 (sigma of one cell below 8.52), 1 % of cells fail; 5 standard errors.
  EXPECT_NEAR(moments(sample.cells().pulses).mean, 8.52, 5.0 * 8.52 * DeviceSample::kMeanError);
  const double failed = static_cast<double>(sample.cells().failed.mean());
  EXPECT_NEAR(failed, 0.01, 5.0 * 0.0995 * DeviceSample::kMeanError);
  EXPECT_EQ(sample.cells().pulses.maxCoeff(), 38.0f);  // log(0.01) / log(1 - 0.99 / 8.52) = 37.3
  EXPECT_NEAR(sample.fresh().sigma / 2.022, 1.0, kSigmaLimit * DeviceSample::kSigmaError + 0.001);
}

TEST(PulseLaw, MeanFailuresAndSlowestOfManyFollowFromEachOther) {
  const PulseLaw limited = PulseLaw::with_limit(10.0, 64);
  const double miss = 1.0 - (1.0 - limited.failed()) / 10.0;
  EXPECT_NEAR(limited.failed(), std::pow(miss, 64), 1e-9);
  EXPECT_NEAR(limited.slowest(1), 10.0, 1e-6);
  EXPECT_GT(limited.slowest(256), 40.0);
  EXPECT_LE(limited.slowest(1'000'000), 64.0);
  EXPECT_EQ(limited.pulses(0.999999), 1u);
  EXPECT_EQ(limited.pulses(0.0), 64u);
  EXPECT_TRUE(limited.fails(0.0));
  const PulseLaw sure = PulseLaw::with_failures(1.0, 0.0);
  EXPECT_EQ(sure.pulses(0.5), 1u);
  EXPECT_FALSE(sure.fails(0.0));
}

TEST(PulseLaw, RunsOfNeighboursWaitForTheirSlowest) {
  Plane positive(1, 5);
  positive << 1, 4, 2, 2, 7;
  const PulseTotals totals = total_pulses(positive, Plane::Constant(1, 5, 1.0f), 2);
  EXPECT_DOUBLE_EQ(totals.pulses, 21.0);
  EXPECT_DOUBLE_EQ(totals.slowest, 4 + 2 + 7 + 3);
}

TEST(ReramDevice, ConductancesOutsideTheFitAndNanAreRefused) {
  const ReramDevice device{family("cmo")};
  for (const double g : {8.0, 89.0, std::nan("")}) {
    try {
      const DeviceSample sample(device, g);
      FAIL() << g;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("covers 9 .. 88.2 uS"), std::string::npos)
          << error.what();
    }
  }
  EXPECT_THROW(DeviceSample(SonosDevice{NorConfig{}}, 16.5), UserError);
  EXPECT_THROW(DeviceSample(FefetDevice(FefetConfig{}, 300.0), 1.1), UserError);
  EXPECT_THROW(find_reram_family("unobtainium"), UserError);
  ReramConfig window = family("cmo");
  window.acceptance = 1.0;
  EXPECT_THROW(ReramDevice{window}, UserError);
}

TEST(FefetDevice, ThresholdSpreadOverTheWindowAndResistorSpreadAdd) {
  FefetConfig config;
  const FefetDevice device(config, 300.0);
  const DeviceSample half(device, 0.5);
  const double threshold = std::hypot(45.0, 3.0) / 1200.0;
  // The product of two normal factors adds their variances and, negligibly, their product.
  const double sigma = std::sqrt(std::pow(0.03 * 0.5, 2) + threshold * threshold * (1 + 9e-4));
  EXPECT_NEAR(half.fresh().sigma / sigma, 1.0, kSigmaLimit * DeviceSample::kSigmaError);
  EXPECT_NEAR(device.relative_sigma(0.5) / sigma, 1.0, 1e-3);
  EXPECT_EQ(DeviceSample(device, 0.0).fresh().sigma, 0.0);
  // Device to device is the chip's: another weight load changes the cycle's part alone.
  const DeviceSample again(device, 0.5, 1);
  const double change = moments(half.cells().reached - again.cells().reached).sigma;
  EXPECT_NEAR(change / (std::sqrt(2.0) * 3.0 / 1200.0), 1.0, 0.01);
}

TEST(FefetDevice, SubthresholdSpreadAndTemperature) {
  FefetConfig config;
  config.variant = "subthreshold";
  config.levels = 0;
  const FefetDevice device(config, 300.0);
  const double relative = 3e-3 / (1.4 * 8.617333e-5 * 300.0);  // 8.3 %
  const DeviceSample sample(device, 0.5);
  // A log-normal factor: mean exp(s^2 / 2), sigma mean * sqrt(exp(s^2) - 1).
  const double mean = 0.5 * std::exp(relative * relative / 2.0);
  EXPECT_NEAR(sample.fresh().mean, mean, kSigmaLimit * 0.5 * relative * DeviceSample::kMeanError);
  EXPECT_NEAR(sample.fresh().sigma / (mean * std::sqrt(std::expm1(relative * relative))), 1.0,
              kSigmaLimit * DeviceSample::kSigmaError * 1.05);
  config.verify_volts = 0.0;
  const FefetDevice hot(config, 360.0);
  EXPECT_NEAR(DeviceSample(hot, 0.5).fresh().mean, std::pow(0.5, 300.0 / 360.0), 1e-6);
}

TEST(FefetDevice, PolarisationFallsWithTheLogarithmOfTime) {
  const FefetDevice device(FefetConfig{}, 300.0);
  EXPECT_DOUBLE_EQ(device.retained(0.0), 1.0);
  EXPECT_NEAR(device.retained(1e4 - 1.0), 0.96, 1e-12);
  const DeviceSample sample(device, 1.0);
  EXPECT_NEAR(sample.after(1e4 - 1.0).mean / sample.fresh().mean, 0.96, 1e-5);
}

}  // namespace
}  // namespace aimc::cim
