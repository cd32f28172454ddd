// SPDX-License-Identifier: Apache-2.0
// What restores weights and corrections: refresh and recalibration.
#include <gmock/gmock.h>

#include <cmath>

#include "aimc/cim/crossbar.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

constexpr double kDay = 86400.0;
constexpr double kMonth = 30 * kDay;

const Crossbar& crossbar(const Array& array) { return dynamic_cast<const Crossbar&>(array); }

/// Mean of |net| over a block, in parts of g_max.
double mean_magnitude(const Array& array, const Block& block) {
  double sum = 0.0;
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      sum += std::abs(
          static_cast<double>(crossbar(array).net(block.first_row + r, block.first_column + c)));
  return sum / static_cast<double>(block.cells());
}

// --- Refresh ---------------------------------------------------------------------------------

class Refresh : public ::testing::TestWithParam<const char*> {};

TEST_P(Refresh, TouchesTheBlockAloneAndKeepsFullScalesAndGaps) {
  const auto weights = random_bytes(1, 40 * 30);
  const auto array = make_array(array_config(GetParam(), 40, 30), RandomStream(1, "t"));
  array->program({0, 20, 0, 30}, weights.data(), 30, 127, 0);
  array->program({20, 10, 0, 30}, weights.data(), 30, 63, 1);  // the last 10 rows stay empty
  array->advance(1000.0);
  EXPECT_EQ(array->refresh({10, 30, 5, 20}, 2).cells, 20u * 20u);
  EXPECT_EQ(array->programmed_cells(), 30u * 30u);
  EXPECT_EQ(array->state({30, 10, 0, 30}), CellState::unprogrammed);
  EXPECT_EQ(array->age_s({10, 20, 5, 20}), 0.0);
  EXPECT_EQ(array->age_s({0, 10, 0, 30}), 1000.0);
  EXPECT_EQ(array->age_s({10, 20, 0, 5}), 1000.0);
  EXPECT_EQ(array->age_s({10, 20, 25, 5}), 1000.0);
  EXPECT_EQ(array->writes({10, 20, 5, 20}), 2u);
  EXPECT_EQ(array->writes({0, 10, 0, 30}), 1u);
  for (const WeightLoad& load : array->loads())
    EXPECT_EQ(load.full_scale, load.block.first_row < 20 ? 127u : 63u);
  EXPECT_EQ(array->refresh({30, 10, 0, 30}, 3).cells, 0u) << "nothing to refresh";
}

TEST_P(Refresh, ReturnsWeightsToTheAgeThatWasSet) {
  const Block block{0, 32, 0, 16};
  TileConfig config = array_config(GetParam(), 32, 16);
  config.age_s = kDay;
  Programmed8 tile(config, block, random_bytes(1, block.cells()));
  EXPECT_EQ(tile.array->age_s(block), kDay);
  tile.array->advance(500.0);
  EXPECT_EQ(tile.array->age_s(block), kDay + 500.0);
  tile.array->refresh(block, 1);
  EXPECT_EQ(tile.array->age_s(block), kDay) << "a weight is never younger than 'age'";
}

INSTANTIATE_TEST_SUITE_P(Kinds, Refresh, ::testing::Values("ideal", "pcm", "reram", "nor", "dram"));

TEST(PcmRefresh, RestoresConductancesOnlyIfTheDriftFactorTellsHowMuchWasLost) {
  const Block block{0, 128, 0, 64};
  const auto weights = random_bytes(1, block.cells(), -127, 127);
  TileConfig config = array_config("pcm", 128, 64);
  for (const char* compensation : {"global", "column", "none"}) {
    config.pcm.drift_compensation = compensation;
    Programmed8 tile(config, block, weights);
    const double fresh = mean_magnitude(*tile.array, block);
    tile.array->advance(kMonth);
    const double aged = mean_magnitude(*tile.array, block);
    EXPECT_LT(aged, 0.75 * fresh);
    tile.array->refresh(block, 1);
    // Large conductances drift less than the mean, so that the common factor takes them beyond the
    // full scale, where they saturate: 4 % of the mean. The programming error of 8192 cells moves
    // it by 0.1 % at one standard error.
    const bool known = std::string(compensation) != "none";
    EXPECT_NEAR(mean_magnitude(*tile.array, block), known ? 0.96 * fresh : aged, 0.02 * fresh)
        << compensation;
    EXPECT_NEAR(crossbar(*tile.array).drift_factor(), 1.0, 1e-3);
  }
}

TEST(PcmRefresh, ReadbackDoesNotUndoDriftAndRefreshedWeightsAreTheOldOnes) {
  const Block block{0, 128, 0, 64};
  const auto weights = random_bytes(1, block.cells(), -127, 127);
  Programmed8 tile(array_config("pcm", 128, 64), block, weights);
  tile.array->advance(kMonth);
  std::vector<std::int8_t> back(block.cells());
  const auto slope = [&] {  // of what is read over what was written
    tile.array->readback(block, back.data(), 64);
    double product = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < back.size(); ++i) {
      product += back[i] * weights[i];
      squares += weights[i] * weights[i];
    }
    return product / squares;
  };
  EXPECT_LT(slope(), 0.75);
  tile.array->refresh(block, 1);
  EXPECT_NEAR(slope(), 1.0, 0.06);  // the global factor restores the mean, not each level
}

// --- Recalibration ---------------------------------------------------------------------------

struct Recalibration : ::testing::Test {
  const Block block{0, 96, 0, 48};
  const std::vector<std::int8_t> weights = random_bytes(1, block.cells(), -127, 127);
  TileConfig config = array_config("pcm", 96, 48);

  double factor(const Programmed8& tile) const { return crossbar(*tile.array).drift_factor(); }
};

TEST_F(Recalibration, AutomaticFactorsFollowTheCells) {
  Programmed8 tile(config, block, weights);
  EXPECT_NEAR(factor(tile), 1.0, 1e-4);
  double last = 1.0;
  for (const double seconds : {1e4, kDay, kMonth}) {
    const double fresh = [&] {
      Programmed8 twin(config, block, weights);
      return mean_magnitude(*twin.array, block);
    }();
    tile.array->advance(seconds);
    EXPECT_GT(factor(tile), last);
    EXPECT_NEAR(factor(tile), fresh / mean_magnitude(*tile.array, block), 1e-3);
    last = factor(tile);
  }
}

TEST_F(Recalibration, CommandedFactorsStandUntilTheyAreMeasured) {
  for (const char* compensation : {"global", "column"}) {
    config.pcm.drift_compensation = compensation;
    config.pcm.recalibration = "automatic";
    Programmed8 exact(config, block, weights);
    config.pcm.recalibration = "command";
    Programmed8 tile(config, block, weights);
    tile.array->advance(kMonth);
    exact.array->advance(kMonth);
    EXPECT_NEAR(factor(tile), 1.0, 1e-4) << "nobody measured";
    const CalibrationReport report = tile.array->recalibrate({}, 0, 0, 100);
    EXPECT_EQ(report.products, block.rows);
    EXPECT_DOUBLE_EQ(report.drift_factor, factor(tile));
    EXPECT_DOUBLE_EQ(report.adc_full_scale, config.adc.full_scale) << "no inputs, same range";
    // Single rows of 0..18 codes: the measured factor errs by some percent, not by the drift.
    EXPECT_GT(factor(exact), 1.3);
    EXPECT_NEAR(factor(tile) / factor(exact), 1.0, 0.05) << compensation;
    bool equal = true;
    for (unsigned c = 1; c < block.columns; ++c)
      equal =
          equal && crossbar(*tile.array).drift_factor(c) == crossbar(*tile.array).drift_factor(0);
    EXPECT_EQ(equal, std::string(compensation) == "global");
    const double measured = factor(tile);
    tile.array->recalibrate({}, 0, 0, 300);
    EXPECT_NEAR(factor(tile) / measured, 1.0, 0.02) << "measured through the factor in force";
    const double again = factor(tile);
    tile.array->advance(12 * kMonth);
    EXPECT_EQ(factor(tile), again) << "stands again";
  }
}

TEST_F(Recalibration, WithoutCompensationFactorsAreOne) {
  config.pcm.drift_compensation = "none";
  Programmed8 tile(config, block, weights);
  tile.array->advance(kMonth);
  EXPECT_EQ(tile.array->recalibrate({}, 0, 0, 0).products, 0u);
  EXPECT_EQ(factor(tile), 1.0);
}

class RangeCalibration : public ::testing::TestWithParam<const char*> {};

TEST_P(RangeCalibration, OpensAndClosesTheConvertersToTheSignal) {
  const Block block{0, 96, 0, 48};
  const auto weights = random_bytes(1, block.cells(), -127, 127);
  const auto inputs = random_bytes(2, 200 * block.rows, -127, 127);
  TileConfig config = array_config(GetParam(), 96, 48);
  config.adc.gain_spread = 0.0;
  const auto relative_error = [&](Programmed8& tile) {
    const auto sums = tile.multiply(inputs);
    const auto exact = tile.expected(inputs);
    double error = 0.0, norm = 0.0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      error += std::pow(sums[i] - exact[i], 2);
      norm += std::pow(exact[i], 2);
    }
    return std::sqrt(error / norm);
  };
  config.adc.full_scale = 1.0;  // clips
  Programmed8 narrow(config, block, weights);
  const double clipping = relative_error(narrow);
  EXPECT_GT(narrow.products.clipped, 2000u);
  const CalibrationReport report = narrow.array->recalibrate(inputs, block.rows, 200, 300);
  EXPECT_GE(report.products, 200u);
  EXPECT_GT(report.adc_full_scale, 1.0);
  EXPECT_DOUBLE_EQ(report.adc_full_scale, crossbar(*narrow.array).adcs().full_scale());
  EXPECT_LT(relative_error(narrow), 0.7 * clipping);
  // All but 0.1 % of the outputs fit; read noise pushes some over the edge.
  EXPECT_LT(narrow.products.clipped, 200u * 48u / 200u);

  config.adc.full_scale = 2000.0;  // one code is 4.5 cells
  Programmed8 wide(config, block, weights);
  const double coarse = relative_error(wide);
  const double range = wide.array->recalibrate(inputs, block.rows, 200, 300).adc_full_scale;
  EXPECT_LT(range, 100.0);
  EXPECT_NEAR(range / report.adc_full_scale, 1.0, 0.05);
  EXPECT_LT(relative_error(wide), 0.7 * coarse);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RangeCalibration, ::testing::Values("pcm", "reram", "nor"));

TEST(RangeCalibrationOfDigitalSums, HasNothingToDo) {
  const Block block{0, 16, 0, 16};
  const auto inputs = random_bytes(2, 16);
  for (const char* kind : {"ideal", "dram"}) {
    Programmed8 tile(array_config(kind, 16, 16), block, random_bytes(1, 256));
    const CalibrationReport report = tile.array->recalibrate(inputs, 16, 1, 0);
    EXPECT_EQ(report.products, 0u) << kind;
    EXPECT_EQ(report.drift_factor, 1.0);
    EXPECT_EQ(report.adc_full_scale, 0.0);
  }
}

}  // namespace
}  // namespace aimc::cim
