// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "aimc/cim/cost.h"

namespace aimc::cim {
namespace {

TileConfig hermes(unsigned phases) {
  TileConfig config;
  config.kind = "pcm";
  config.timing.phases = phases;
  return config;
}

TEST(Timing, StreamRunsAtThePaceOfItsSlowestStage) {
  const TileConfig config = hermes(1);  // 400 MHz: 2.5 ns a cycle
  EXPECT_DOUBLE_EQ(input_seconds(config, 250), 16 * 2.5e-9);
  EXPECT_DOUBLE_EQ(digital_seconds(config, 256), 256 * 2.5e-9);
  EXPECT_DOUBLE_EQ(mvm_period_seconds(config, 250, 256), 640e-9) << "digital unit";
  EXPECT_NEAR(mvm_period_seconds(config, 250, 10), 133e-9, 1e-15) << "array";
  const double first = 40e-9 + 133e-9 + 640e-9 + 18 * 2.5e-9;
  EXPECT_NEAR(mvm_seconds(config, 250, 256, 1), first, 1e-15);
  EXPECT_NEAR(mvm_seconds(config, 250, 256, 11), first + 10 * 640e-9, 1e-15);
}

TEST(Timing, WithoutPipeliningEachProductTakesItsFullTime) {
  TileConfig config = hermes(4);
  config.timing.pipelined = false;
  const double one = mvm_seconds(config, 256, 256, 1);
  EXPECT_NEAR(mvm_seconds(config, 256, 256, 5), 5 * one, 1e-14);
}

TEST(Timing, FullTileOfOneDevicePerPolarityTakesTheBoundOfPublishedPulses) {
  TileConfig config = hermes(1);
  config.pcm.devices = 1;
  config.pcm.mean_iterations = 1.0;
  // 256 diagonals x (8 cycles x 125 ns + 768 ns), for each of two polarities.
  EXPECT_NEAR(program_seconds(config, 256, 256), 2 * 256 * 1768e-9, 1e-12);
  config.pcm.mean_iterations = 30.0;
  EXPECT_NEAR(program_seconds(config, 256, 256), 2 * 30 * 256 * 1768e-9, 1e-12);
}

TEST(Timing, PartialBlockPaysForItsDiagonalsOnly) {
  TileConfig config = hermes(1);
  config.pcm.devices = 1;
  config.pcm.mean_iterations = 1.0;
  // One row of 100 cells crosses 100 diagonals with one cell each.
  EXPECT_NEAR(program_seconds(config, 1, 100), 2 * 100 * (125e-9 + 768e-9), 1e-12);
}

TEST(Timing, IdealArrayIsWrittenRowByRow) {
  TileConfig config;
  EXPECT_DOUBLE_EQ(program_seconds(config, 100, 7), 100 * config.ideal.row_write_s);
}

}  // namespace
}  // namespace aimc::cim
