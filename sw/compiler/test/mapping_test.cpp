// SPDX-License-Identifier: Apache-2.0
// Mapping and emission: the task graphs of an image compute what its layers say.
#include "mapping.h"

#include <gmock/gmock.h>

#include <set>

#include "aimc/network/interpreter.h"
#include "executor.h"
#include "packing.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::HasSubstr;

Compilation compile_toy(const Network& network, const Chip& chip, bool planar = false) {
  CalibrationOptions options;
  options.planar = planar;
  return compile(network, chip, noise_records(6, network.tensors[0].shape.size(), 99), options);
}

/// A network with every kind of layer: 8x8x3 -> conv, pools, residual add, table, leaky, softmax.
Network everything() {
  NetworkBuilder b({8, 8, 3});
  const std::size_t a = b.conv(0, {8, 8, 20}, {3, 3, 1, 1, 1, 1, 1, 1});
  const std::size_t c = b.conv(a, {8, 8, 20}, {3, 3, 1, 1, 2, 2, 2, 2}, false);
  const std::size_t d = b.add(a, c);
  const std::size_t e = b.pool(Op::max_pool, d, {4, 4, 20}, {2, 2, 2, 2});
  const std::size_t f = b.pool(Op::average_pool, e, {3, 3, 20}, {2, 2, 1, 1});
  const std::size_t g = b.node(
      Op::unary, f, [](Node& node) { node.function = [](double x) { return std::tanh(x); }; });
  const std::size_t h = b.conv(g, {2, 2, 12}, {2, 2, 1, 1}, false);
  const std::size_t i = b.node(Op::leaky, h, [](Node& node) { node.slope = 0.1f; });
  const std::size_t j = b.dense(i, 30);
  const std::size_t k = b.dense(j, 10, false);
  return b.finish(b.node(Op::softmax, k));
}

TEST(MappingTest, EveryKindOfLayerGivesTheInterpretersLogits) {
  const Chip chip = toy_chip(12, 256, 256, 2);
  const Compilation compilation = compile_toy(everything(), chip);
  EXPECT_FALSE(compilation.mapping.shared_tiles);
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(MappingTest, LayersSplitByRowsAndColumnsGiveTheInterpretersLogits) {
  const Chip chip = toy_chip(64, 48, 9, 3);
  const Compilation compilation = compile_toy(everything(), chip);
  std::uint32_t row_blocks = 0, column_blocks = 0;
  for (const Block& block : compilation.mapping.blocks) {
    row_blocks = std::max(row_blocks, block.row_block + 1);
    column_blocks = std::max(column_blocks, block.column_block + 1);
    EXPECT_LE(block.rows, 48u);
    EXPECT_LE(block.columns, 9u);
  }
  EXPECT_EQ(row_blocks, 4u) << "3 * 3 * 20 rows over 48";
  EXPECT_EQ(column_blocks, 4u) << "30 columns over 9";
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    EXPECT_EQ(compare_with_interpreter(compilation, chip, 8, seed), "") << "seed " << seed;
}

TEST(MappingTest, BlocksThatShareTilesGiveTheInterpretersLogits) {
  for (const std::size_t tiles : {2u, 3u, 5u}) {
    const Chip chip = toy_chip(tiles, 128, 64, 1);
    const Compilation compilation = compile_toy(everything(), chip);
    EXPECT_TRUE(compilation.mapping.shared_tiles);
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      EXPECT_EQ(compare_with_interpreter(compilation, chip, 8, seed), "") << tiles << " tiles";
  }
}

TEST(MappingTest, ASharedTileHoldsNoCellTwice) {
  const Chip chip = toy_chip(2, 128, 64, 1);
  const Compilation compilation = compile_toy(everything(), chip);
  std::set<std::tuple<std::size_t, std::uint32_t, std::uint32_t>> cells;
  for (const Block& block : compilation.mapping.blocks) {
    EXPECT_LE(block.array_row + block.rows, 128u);
    EXPECT_LE(block.array_column + block.columns, 64u);
    for (std::uint32_t r = 0; r < block.rows; ++r)
      for (std::uint32_t c = 0; c < block.columns; ++c)
        EXPECT_TRUE(
            cells.insert({block.engine, block.array_row + r, block.array_column + c}).second);
  }
}

TEST(MappingTest, SeveralFramesAreInFlight) {
  const Chip chip = toy_chip(12, 256, 256, 2);
  const Compilation compilation = compile_toy(everything(), chip);
  const network::Image image = network::Image::parse(compilation.emission.image, "toy.aimc");
  ChipExecutor executor(image, chip, 3);
  executor.setup();
  std::vector<std::vector<std::uint8_t>> records;
  for (std::size_t i = 0; i < 20; ++i) records.push_back(noise_records(1, 8 * 8 * 3, i));
  executor.stream(records);
  EXPECT_GE(executor.most_in_flight(), 3u);
}

TEST(MappingTest, PlanarRecordsAreGathered) {
  const Chip chip = toy_chip(4, 256, 256, 1);
  NetworkBuilder b({4, 6, 3});
  const Compilation compilation = compile_toy(b.finish(b.dense(0, 7, false)), chip, true);
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(MappingTest, ChannelsWithMeansOfTheirOwnUseATable) {
  const Chip chip = toy_chip(4, 256, 256, 1);
  NetworkBuilder b({4, 6, 3});
  Network network = b.finish(b.dense(0, 7, false));
  network.input_mean = {10, 120, 200};
  network.input_std = {30, 50, 70};
  EXPECT_EQ(compare_with_interpreter(compile_toy(network, chip), chip), "");
}

TEST(MappingTest, ANetworkWhoseOutputIsAMapCommitsTheWholeMap) {
  const Chip chip = toy_chip(4, 256, 256, 1);
  NetworkBuilder b({6, 6, 1});
  const std::size_t y = b.conv(0, {4, 4, 5}, {3, 3});
  const Compilation compilation = compile_toy(b.finish(y), chip);
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(MappingTest, ATensorReadByManyEnginesReachesThemAll) {
  const Chip chip = toy_chip(16, 64, 16, 2);
  NetworkBuilder b({4, 4, 4});
  const std::size_t a = b.conv(0, {4, 4, 40}, {1, 1});  // three column blocks, four pixels a row
  const std::size_t c = b.conv(a, {4, 4, 40}, {1, 1});
  const std::size_t d = b.conv(a, {4, 4, 40}, {1, 1}, false);
  const std::size_t e = b.add(b.add(c, d), a);
  const std::size_t y = b.dense(b.pool(Op::average_pool, e, {1, 1, 40}, {4, 4}), 6, false);
  const Compilation compilation = compile_toy(b.finish(y), chip);
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    EXPECT_EQ(compare_with_interpreter(compilation, chip, 8, seed), "");
}

TEST(MappingTest, AFlattenedMapFromSeveralColumnBlocksIsCutAtPixels) {
  const Chip chip = toy_chip(24, 50, 16, 2);
  NetworkBuilder b({5, 5, 2});
  const std::size_t a = b.conv(0, {5, 5, 40}, {1, 1});
  const Compilation compilation =
      compile_toy(b.finish(b.dense(a, 9, false)), toy_chip(24, 50, 16, 2));
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(MappingTest, WeightsLargerThanTheSramAreStagedInPieces) {
  const Chip chip = toy_chip(2, 256, 256, 1, 8 * 1024);
  NetworkBuilder b({1, 1, 200});
  const std::size_t y = b.dense(b.dense(0, 150), 10, false);  // 30 000 B of weights in 8 KiB
  const Compilation compilation = compile_toy(b.finish(y), chip);
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(MappingTest, TheSameNetworkGivesTheSameImage) {
  const Chip chip = toy_chip(12, 128, 64, 2);
  EXPECT_EQ(compile_toy(everything(), chip).emission.image,
            compile_toy(everything(), chip).emission.image);
}

TEST(MappingTest, ANetworkTooLargeForTheChipSaysByHowMuch) {
  EXPECT_THAT(message_of([] { compile_toy(everything(), toy_chip(2, 48, 9)); }),
              HasSubstr("too large for platform 'toy': its weights are 25 blocks with 6840 cells"));
  EXPECT_THAT(message_of([] { compile_toy(everything(), toy_chip(2, 48, 9)); }),
              HasSubstr("the chip has 2 tiles of 48x9 with 864 cells"));
}

TEST(MappingTest, SramThatIsTooSmallNamesTheBuffers) {
  const std::string error =
      message_of([] { compile_toy(everything(), toy_chip(12, 256, 256, 1, 4096)); });
  EXPECT_THAT(error,
              HasSubstr("the local SRAM of act0 is too small: 1280 B for commands and tables"));
  EXPECT_THAT(error, HasSubstr("t1 1280 B"));
}

TEST(MappingTest, TheBusiestBlockStandsNearestToTheBridge) {
  const Chip chip = toy_chip(8, 256, 256, 1);
  NetworkBuilder b({16, 16, 1});
  const std::size_t a = b.dense(0, 20);
  const std::size_t c = b.dense(a, 5);
  const Compilation compilation = compile_toy(b.finish(c), chip);
  EXPECT_EQ(compilation.mapping.blocks[0].engine, 0u) << "256 bytes in";
  EXPECT_EQ(compilation.mapping.blocks[1].engine, 1u) << "20 bytes in";
}

TEST(MappingTest, TheReportNamesEachLayerAndTile) {
  const Chip chip = toy_chip(12, 256, 256, 2);
  const std::string text = report(compile_toy(everything(), chip), chip);
  for (const char* word : {"n0", "180 x 20", "max pool", "softmax", "tile0", "act1", "busiest"})
    EXPECT_THAT(text, HasSubstr(word));
}

TEST(PackingTest, RectanglesNeverOverlapAndTheSpaceIsUsedUp) {
  FreeSpace space(8, 8);
  std::set<std::pair<std::uint32_t, std::uint32_t>> cells;
  for (int i = 0; i < 16; ++i) {
    const auto place = space.take(2, 2);
    ASSERT_TRUE(place.has_value()) << i;
    for (std::uint32_t r = 0; r < 2; ++r)
      for (std::uint32_t c = 0; c < 2; ++c)
        EXPECT_TRUE(cells.insert({place->row + r, place->column + c}).second);
  }
  EXPECT_FALSE(space.fits(1, 1));
  EXPECT_FALSE(space.take(1, 1).has_value());
}

}  // namespace
}  // namespace aimc::compiler
