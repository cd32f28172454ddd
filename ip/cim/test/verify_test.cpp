// SPDX-License-Identifier: Apache-2.0
// What tells whether a weight load came out well: verify, failed cells; loads that were stopped.
#include <gmock/gmock.h>

#include <cmath>

#include "aimc/cim/crossbar.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

constexpr double kDay = 86400.0;

const Crossbar& crossbar(const Array& array) { return dynamic_cast<const Crossbar&>(array); }

/// A kind without its noise and errors, so that what a cell holds is known.
TileConfig quiet_config(const std::string& kind, unsigned rows, unsigned columns) {
  TileConfig config = array_config(kind, rows, columns);
  config.adc.kind = "ideal";
  config.pcm.programming_noise = config.pcm.read_noise = 0.0;
  config.nor.programming_noise = config.nor.read_noise = 0.0;
  config.reram.programming_noise = config.reram.read_noise = 0.0;
  config.reram.failed_fraction = 0.0;
  return config;
}

std::vector<float> nets(const Array& array, const Block& block) {
  std::vector<float> all;
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      all.push_back(crossbar(array).net(block.first_row + r, block.first_column + c));
  return all;
}

// --- Verify ----------------------------------------------------------------------------------

class Verify : public ::testing::TestWithParam<const char*> {};

TEST_P(Verify, FindsExactlyTheCellsThatHoldSomethingElse) {
  const Block block{3, 40, 5, 30};
  const auto weights = random_bytes(1, block.cells(), -100, 100);
  Programmed8 tile(quiet_config(GetParam(), 48, 40), block, weights);
  auto other = weights;
  for (std::size_t i = 0; i < 37; ++i) other[i * 31] = static_cast<std::int8_t>(other[i * 31] + 9);
  const VerifyReport same = tile.array->verify(block, weights.data(), 30, 1.0, 0);
  EXPECT_EQ(same.failed, 0u);
  EXPECT_LT(same.max_error, 0.05);
  const VerifyReport report = tile.array->verify(block, other.data(), 30, 1.0, 0);
  EXPECT_EQ(report.cells, block.cells());
  EXPECT_EQ(report.failed, 37u);
  EXPECT_NEAR(report.max_error, 9.0, 0.05);
  EXPECT_NEAR(report.rms_error, 9.0 * std::sqrt(37.0 / static_cast<double>(block.cells())), 0.02);
  EXPECT_THROW(tile.array->verify({3, 40, 11, 30}, weights.data(), 30, 1.0, 0), std::logic_error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Verify, ::testing::Values("ideal", "pcm", "reram", "nor", "dram"));

TEST(PcmVerify, ReadsEachCellWithTheNoiseOfOneRead) {
  // 65,536 cells at 64/127: sigma = read_noise sqrt(64/127) 127 steps, one in 3.15 beyond it.
  const Block block{0, 256, 0, 256};
  TileConfig config = quiet_config("pcm", 256, 256);
  config.pcm.read_noise = 0.02;
  const std::vector<std::int8_t> weights(block.cells(), 64);
  Programmed8 tile(config, block, weights);
  const double sigma = 0.02 * std::sqrt(64.0 / 127.0) * 127.0;
  const VerifyReport report = tile.array->verify(block, weights.data(), 256, sigma, 5);
  // 4.9 standard errors (false alarm 1e-6), and half a step of the 127 of the variance, 0.5 %.
  EXPECT_NEAR(report.rms_error / sigma, 1.0, 4.9 / std::sqrt(2.0 * 65536.0) + 0.005);
  const double beyond = static_cast<double>(report.failed) / 65536.0;
  EXPECT_NEAR(beyond, 0.3173, 4.9 * std::sqrt(0.3173 * 0.6827 / 65536.0) + 0.0025);
  EXPECT_EQ(tile.array->verify(block, weights.data(), 256, sigma, 5).failed, report.failed);
  EXPECT_NE(tile.array->verify(block, weights.data(), 256, sigma, 6).failed, report.failed);
}

TEST(PcmVerify, SeesDriftWhichTheProductsCompensate) {
  const Block block{0, 64, 0, 64};
  const auto weights = random_bytes(1, block.cells(), -127, 127);
  Programmed8 tile(quiet_config("pcm", 64, 64), block, weights);
  EXPECT_LT(tile.array->verify(block, weights.data(), 64, 1.0, 0).rms_error, 0.05);
  tile.array->advance(30 * kDay);
  EXPECT_GT(tile.array->verify(block, weights.data(), 64, 1.0, 0).rms_error, 15.0);
}

// --- Cells that fail -------------------------------------------------------------------------

struct Failing {
  const char* kind;
  double share;  ///< Of cells that fail.
};

class FailedCells : public ::testing::TestWithParam<Failing> {};

TEST_P(FailedCells, AreCountedMappedAndDrawnAnewByTheNextLoad) {
  const auto [kind, share] = GetParam();
  TileConfig config = array_config(kind, 128, 128);
  config.pcm.failed_fraction = 0.02;  // of devices of a polarity
  config.reram.failed_fraction = 0.05;
  const Block block{9, 119, 5, 100};
  Programmed8 tile(config, block, random_bytes(1, block.cells(), -100, 100));
  const auto map = [&] {
    std::vector<bool> bits;
    for (unsigned r = 0; r < block.rows; ++r)
      for (unsigned c = 0; c < block.columns; ++c)
        bits.push_back(tile.array->failed(block.first_row + r, block.first_column + c));
    return bits;
  };
  const auto first = map();
  const auto count = static_cast<std::uint64_t>(std::count(first.begin(), first.end(), true));
  EXPECT_EQ(tile.report.failed, count);
  EXPECT_EQ(tile.array->failed_cells(block), count);
  // Binomial, 11,900 cells, 4.9 sigma: false alarm 1e-6.
  const double cells = static_cast<double>(block.cells());
  EXPECT_NEAR(static_cast<double>(count) / cells, share,
              4.9 * std::sqrt(share * (1.0 - share) / cells));
  EXPECT_EQ(tile.array->failed_cells({0, 9, 0, 128}), 0u) << "cells without weights do not fail";

  tile.array->program(block, tile.weights.data(), 100, 127, 1);
  EXPECT_NE(map(), first);
  tile.array->erase({0, 64, 0, 128});
  EXPECT_EQ(tile.array->failed_cells({0, 64, 0, 128}), 0u);
  EXPECT_GT(tile.array->failed_cells({64, 64, 0, 128}), 0u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, FailedCells,
                         ::testing::Values(Failing{"pcm", 1.0 - 0.98 * 0.98},
                                           Failing{"reram", 1.0 - 0.95 * 0.95}),
                         [](const auto& failing) { return std::string(failing.param.kind); });

TEST(StuckCells, FailTheSameWayInEveryLoad) {
  const Block block{0, 64, 0, 64};
  for (const char* kind : {"pcm", "reram", "nor"}) {
    TileConfig config = array_config(kind, 64, 64);
    config.reram.failed_fraction = 0.0;
    config.nor.max_iterations = 1000;
    config.crossbar.stuck_high = 0.05;
    Programmed8 tile(config, block, std::vector<std::int8_t>(block.cells(), 0));
    std::vector<Block> stuck;
    for (unsigned r = 0; r < 64; ++r)
      for (unsigned c = 0; c < 64; ++c)
        if (tile.array->failed(r, c)) stuck.push_back({r, 1, c, 1});
    EXPECT_GT(stuck.size(), 200u) << kind;  // 400 of 4096 expected
    tile.array->program(block, tile.weights.data(), 64, 127, 9);
    for (const Block& cell : stuck) EXPECT_EQ(tile.array->failed_cells(cell), 1u) << kind;
  }
}

// --- Weight loads that were stopped ----------------------------------------------------------

class StoppedLoad : public ::testing::TestWithParam<const char*> {};

TEST_P(StoppedLoad, KeepsItsRowsAndTakesTheRestLater) {
  const Block block{4, 40, 3, 30};
  const Block kept{4, 25, 3, 30};
  const Block rest{29, 15, 3, 30};
  const auto weights = random_bytes(1, block.cells());
  const auto inputs = random_bytes(2, 20 * kept.rows);
  Programmed8 tile(array_config(GetParam(), 48, 40), block, weights);
  const auto multiply = [&] {
    std::vector<std::int32_t> sums(20 * kept.columns);
    tile.array->multiply(kept, inputs.data(), kept.rows, 20, 0, sums.data());
    return sums;
  };
  const auto before = multiply();
  tile.array->erase(rest);
  EXPECT_EQ(tile.array->state(kept), CellState::ready);
  EXPECT_EQ(tile.array->state(block), CellState::unprogrammed);
  EXPECT_EQ(tile.array->state(rest), CellState::unprogrammed);
  EXPECT_EQ(tile.array->programmed_cells(), kept.cells());
  EXPECT_EQ(tile.array->age_s(rest), 0.0);
  EXPECT_EQ(multiply(), before);

  tile.array->advance(60.0);
  tile.array->program(rest, &weights[kept.cells()], 30, 127, 1);
  EXPECT_EQ(tile.array->state(block), CellState::ready);
  EXPECT_EQ(tile.array->age_s(rest), 0.0);
  EXPECT_EQ(tile.array->age_s(kept), 60.0);
  EXPECT_EQ(tile.array->writes(kept), 1u);
  EXPECT_EQ(tile.array->writes(rest), 2u);
  std::vector<std::int8_t> back(block.cells());
  tile.array->readback(block, back.data(), 30);
  double squares = 0.0;
  for (std::size_t i = 0; i < back.size(); ++i) squares += std::pow(back[i] - weights[i], 2);
  EXPECT_LE(std::sqrt(squares / static_cast<double>(back.size())), 12.0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoppedLoad,
                         ::testing::Values("ideal", "pcm", "reram", "nor", "dram"));

TEST(PcmStoppedLoad, LoadingTheRestLeavesTheKeptCellsAsTheyAre) {
  const Block kept{0, 20, 0, 30};
  Programmed8 tile(array_config("pcm", 40, 30), {0, 40, 0, 30}, random_bytes(1, 40 * 30));
  const auto before = nets(*tile.array, kept);
  tile.array->erase({20, 20, 0, 30});
  tile.array->program({20, 20, 0, 30}, tile.weights.data(), 30, 127, 1);
  EXPECT_EQ(nets(*tile.array, kept), before);
}

}  // namespace
}  // namespace aimc::cim
