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
  EXPECT_EQ(tiny.rows, 256u);
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
  EXPECT_EQ(chip.rows, 64u);
  EXPECT_EQ(chip.columns, 32u) << "of the smallest array";
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

}  // namespace
}  // namespace aimc::compiler
