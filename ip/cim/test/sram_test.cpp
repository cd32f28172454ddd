// SPDX-License-Identifier: Apache-2.0
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

TileConfig sram(const std::string& variant, unsigned rows, unsigned columns) {
  TileConfig config = array_config("sram", rows, columns);
  config.sram.variant = variant;
  return config;
}

class ExactSram : public ::testing::TestWithParam<std::string> {};

TEST_P(ExactSram, EqualsTheIntegersForEveryPairOfPrecisions) {
  const Block block{1, 30, 2, 11};
  for (unsigned weight_bits = 1; weight_bits <= 8; ++weight_bits)
    for (unsigned input_bits = 1; input_bits <= 8; ++input_bits) {
      TileConfig config = sram(GetParam(), 33, 16);
      config.sram.weight_bits = weight_bits;
      config.sram.input_bits = input_bits;
      Programmed8 tile(config, block, random_operands(1, block.cells(), weight_bits));
      EXPECT_EQ(tile.report.failed, 0u);
      const auto inputs = random_operands(2, 100 * block.rows, input_bits);
      EXPECT_EQ(mismatches(tile.multiply(inputs), tile.expected(inputs)), 0u)
          << weight_bits << " x " << input_bits << " bits";
      EXPECT_EQ(tile.products.clipped, 0u);
      std::vector<std::int8_t> back(block.cells());
      tile.array->readback(block, back.data(), block.columns);
      EXPECT_EQ(back, tile.weights);
    }
}

TEST_P(ExactSram, ValuesBeyondTheBitsSaturateAndAreCounted) {
  TileConfig config = sram(GetParam(), 4, 2);
  config.sram.weight_bits = 4;
  config.sram.input_bits = 3;
  Programmed8 tile(config, {0, 4, 0, 2}, {100, -100, 7, -8, 0, 1, 8, -9});
  EXPECT_EQ(tile.report.failed, 4u);
  EXPECT_EQ(tile.multiply({4, -5, 3, 1}),
            (std::vector<std::int32_t>{3 * 7 - 4 * 7 + 0 + 7, -3 * 8 + 4 * 8 + 3 - 8}));
  EXPECT_EQ(tile.products.clipped, 2u);
}

INSTANTIATE_TEST_SUITE_P(Variants, ExactSram,
                         ::testing::Values("adder_tree", "bit_serial", "xnor", "charge"));

TEST(SramXnor, OneBitIsTwiceTheEqualBitsLessTheRows) {
  const Block block{0, 64, 0, 8};
  TileConfig config = sram("xnor", 64, 8);
  config.sram.weight_bits = 1;
  config.sram.input_bits = 1;
  Programmed8 tile(config, block, random_operands(1, block.cells(), 1));
  const auto inputs = random_operands(2, block.rows, 1);
  const auto sums = tile.multiply(inputs);
  for (unsigned c = 0; c < block.columns; ++c) {
    int equal = 0;
    for (unsigned r = 0; r < block.rows; ++r) equal += tile.weights[r * 8 + c] == inputs[r];
    EXPECT_EQ(sums[c], 2 * equal - 64);
  }
}

}  // namespace
}  // namespace aimc::cim
