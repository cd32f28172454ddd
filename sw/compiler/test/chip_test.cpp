// SPDX-License-Identifier: Apache-2.0
#include "chip.h"

#include <gmock/gmock.h>

#include <cstdio>

#include "aimc/common/output_file.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::HasSubstr;

constexpr const char* kConfigs = AIMC_SOURCE_DIR "/platform/configs/";

TEST(ChipTest, ShippedPlatformsAreRead) {
  const Chip tiny = read_chip(platform::load_description(std::string(kConfigs) + "tiny.yaml"));
  EXPECT_EQ(tiny.tiles.size(), 2u);
  EXPECT_EQ(tiny.activations.size(), 1u);
  EXPECT_EQ(tiny.engines[0].cim.rows, 256u);
  EXPECT_EQ(tiny.engines[0].base, 0x40000000u);
  EXPECT_EQ(tiny.engines[0].irq, 64u);
  EXPECT_EQ(tiny.engines[0].hops, 2u) << "from (0, 0) to the bridge at (1, 1)";
  EXPECT_EQ(tiny.sensor_window, 0x10180000u);
  EXPECT_EQ(tiny.results_base, 0x10200000u);
  const Chip large = read_chip(platform::load_description(std::string(kConfigs) + "hermes64.yaml"));
  EXPECT_EQ(large.tiles.size(), 64u);
  EXPECT_EQ(large.engines[0].cim.timing.phases, 4u);
}

TEST(ChipTest, OverridesReachTheTiles) {
  const Chip chip = read_chip(platform::load_description(std::string(kConfigs) + "tiny.yaml",
                                                         {"tile*.rows=64", "tile1.columns=32"}));
  EXPECT_EQ(chip.engines[0].cim.rows, 64u);
  EXPECT_EQ(chip.engines[1].cim.columns, 32u);
}

TEST(ChipTest, APlatformWithoutTilesIsRefused) {
  const std::string path = ::testing::TempDir() + "/no_tiles.yaml";
  write_file(path, std::string("platform: bare\nbrief: no tiles\nextends: ") + kConfigs +
                       "_virt_host.yaml\ninstances:\n  noc: {params: {columns: 1, rows: 1}}\n"
                       "  bridge0: {ip: noc_bridge, base: 0x40000000, at: {x: 0, y: 0}}\n");
  EXPECT_THAT(message_of([&] { read_chip(platform::load_description(path)); }),
              HasSubstr("platform 'bare' has no instance of 'cim'"));
  std::remove(path.c_str());
}

/// Throughput [TOPS] and efficiency [TOPS/W] of all tiles of a shipped platform at their peak.
std::pair<double, double> peak(const std::string& name, const std::vector<std::string>& overrides) {
  const Chip chip = read_chip(platform::load_description(name, overrides));
  double operations = 0.0, per_watt = 0.0;
  for (const std::size_t tile : chip.tiles) {
    operations += cim::peak_ops(chip.engines[tile].cim);
    per_watt = cim::peak_ops_per_joule(chip.engines[tile].cim);
  }
  return {operations * 1e-12, per_watt * 1e-12};
}

void expect_peak(const std::string& name, const std::vector<std::string>& overrides, double tops,
                 double tops_per_watt, double tolerance) {
  const auto [measured, efficiency] = peak(name, overrides);
  fmt::print("{}: expected {} TOPS, {} TOPS/W; measured {:.4g}, {:.4g}\n", name, tops,
             tops_per_watt, measured, efficiency);
  EXPECT_NEAR(measured, tops, tolerance * tops) << name;
  EXPECT_NEAR(efficiency, tops_per_watt, tolerance * tops_per_watt) << name;
}

TEST(ChipTest, ShippedPlatformsReachThePublishedThroughputAndEfficiency) {
  expect_peak("hermes64", {}, 16.1, 2.48, 0.02);
  expect_peak("hermes64_1phase", {}, 63.1, 9.76, 0.02);
  // Published with 4-bit weights and inputs: 64 columns of weights.
  expect_peak("sram16", {"tile*.columns=64", "tile*.sram.weight_bits=4", "tile*.sram.input_bits=4"},
              11.8, 121, 0.02);
  expect_peak("neurram48", {"tile*.dac.bits=6"}, 0.418, 8.26, 0.10);
}

}  // namespace
}  // namespace aimc::compiler
