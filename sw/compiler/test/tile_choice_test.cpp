// SPDX-License-Identifier: Apache-2.0
// Layers on tiles by technology: mapping files, pools of tiles, masks of ROM tiles.
#include "tile_choice.h"

#include <gmock/gmock.h>

#include <set>

#include "aimc/common/output_file.h"
#include "mapping.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::HasSubstr;

/// tile0..3 ROM, tile4..6 SRAM, tile7..11 ideal.
Chip mixed_chip(unsigned rows = 128, unsigned columns = 64) {
  Chip chip = toy_chip(12, rows, columns, 2);
  for (std::size_t i = 0; i < 7; ++i) chip.engines[i].cim.kind = i < 4 ? "rom" : "sram";
  return chip;
}

/// 8x8x3 -> n0 conv 20, n1 conv 20, n2 pool, n3 dense 30, n4 dense 10.
Network network() {
  NetworkBuilder b({8, 8, 3});
  const std::size_t a = b.conv(0, {8, 8, 20}, {3, 3, 1, 1, 1, 1, 1, 1});
  const std::size_t c = b.conv(a, {8, 8, 20}, {3, 3, 1, 1, 1, 1, 1, 1});
  const std::size_t d = b.pool(Op::max_pool, c, {4, 4, 20}, {2, 2, 2, 2});
  return b.finish(b.dense(b.dense(d, 30), 10, false));
}

Compilation compile_with(const Chip& chip, const std::vector<TileRule>& rules) {
  TileChoice choice;
  choice.rules = rules;
  return compile(network(), chip, noise_records(6, 8 * 8 * 3, 99), {}, choice);
}

std::set<std::string> kinds_of_layer(const Compilation& compilation, const Chip& chip,
                                     const std::string& layer) {
  std::set<std::string> kinds;
  for (const Block& block : compilation.mapping.blocks)
    if (compilation.quantised.layers[block.layer].name == layer)
      kinds.insert(chip.engines[block.engine].cim.kind);
  return kinds;
}

TEST(TileChoiceTest, LayersGoWhereTheRulesSendThemAndComputeTheSame) {
  const Chip chip = mixed_chip();
  const Compilation compilation =
      compile_with(chip, {{"n0", "rom"}, {"n1", "rom"}, {"n3", "sram"}});
  EXPECT_THAT(report(compilation, chip), HasSubstr("tile0     rom"));
  EXPECT_EQ(kinds_of_layer(compilation, chip, "n0"), std::set<std::string>{"rom"});
  EXPECT_EQ(kinds_of_layer(compilation, chip, "n1"), std::set<std::string>{"rom"});
  EXPECT_EQ(kinds_of_layer(compilation, chip, "n3"), std::set<std::string>{"sram"});
  EXPECT_EQ(kinds_of_layer(compilation, chip, "n4"), std::set<std::string>{"ideal"})
      << "no rule: what is left that firmware can program";
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    EXPECT_EQ(compare_with_interpreter(compilation, chip, 8, seed), "") << "seed " << seed;
}

TEST(TileChoiceTest, MasksHoldTheWeightsOfRomTilesAndNothingElse) {
  const Chip chip = mixed_chip();
  const Compilation compilation = compile_with(chip, {{"n0", "rom"}, {"n1", "rom"}});
  std::uint64_t cells = 0;
  for (const cim::RomSection& section : compilation.emission.masks.sections()) {
    EXPECT_THAT(section.name, ::testing::AnyOf("tile0", "tile1", "tile2", "tile3"));
    EXPECT_EQ(section.rows, 128u);
    for (const cim::RomBlock& block : section.blocks) cells += block.weights.size();
  }
  EXPECT_EQ(cells, 27u * 20 + 180u * 20);
  EXPECT_TRUE(compile_with(chip, {}).emission.masks.sections().empty());
}

/// A frozen trunk in ROM and a branch of rank r in SRAM beside it: y = W x + B (A x).
TEST(TileChoiceTest, AHybridLayerOfRomTrunkAndSramBranchComputesTheSame) {
  constexpr std::uint32_t kInputs = 64, kOutputs = 40, kRank = 4;
  const Chip chip = mixed_chip();
  NetworkBuilder b({1, 1, kInputs});
  const std::size_t trunk = b.dense(0, kOutputs, false);
  const std::size_t down = b.dense(0, kRank, false);
  const std::size_t up = b.dense(down, kOutputs, false);
  TileChoice choice;
  choice.rules = {{"n0", "rom"}, {"n*", "sram"}};
  const Compilation compilation =
      compile(b.finish(b.add(trunk, up)), chip, noise_records(6, kInputs, 99), {}, choice);
  std::uint64_t extra = 0;
  for (const Block& block : compilation.mapping.blocks)
    if (chip.engines[block.engine].cim.kind == "sram")
      extra += std::uint64_t{block.rows} * block.columns;
  EXPECT_EQ(extra, kRank * (kInputs + kOutputs)) << "multiplications of the branch";
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    EXPECT_EQ(compare_with_interpreter(compilation, chip, 8, seed), "") << "seed " << seed;
}

TEST(TileChoiceTest, WithoutRulesRomTilesStayEmpty) {
  const Chip chip = mixed_chip();
  const Compilation compilation = compile_with(chip, {});
  for (const Block& block : compilation.mapping.blocks)
    EXPECT_NE(chip.engines[block.engine].cim.kind, "rom");
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(TileChoiceTest, TheFirstRuleThatMatchesDecidesAndTilesMayBeNamed) {
  const Chip chip = mixed_chip();
  const Compilation compilation = compile_with(chip, {{"n0", "", "tile11"}, {"n*", "sram"}});
  for (const Block& block : compilation.mapping.blocks) {
    const bool first = compilation.quantised.layers[block.layer].name == "n0";
    EXPECT_EQ(chip.engines[block.engine].name == "tile11", first);
    EXPECT_EQ(chip.engines[block.engine].cim.kind, first ? "ideal" : "sram");
  }
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(TileChoiceTest, ArraysOfDifferentSizesAreEachUsedToTheirOwn) {
  Chip chip = mixed_chip(128, 16);
  for (std::size_t i = 0; i < 4; ++i) {
    chip.engines[i].cim.rows = 256;
    chip.engines[i].cim.columns = 32;
  }
  const Compilation compilation = compile_with(chip, {{"n1", "rom"}, {"n0", "rom"}});
  EXPECT_EQ(compilation.mapping.blocks_of_layer[2].size(), 1u) << "180 x 20 in one ROM array";
  EXPECT_EQ(compare_with_interpreter(compilation, chip), "");
}

TEST(TileChoiceTest, WrongRulesSayWhatIsWrong) {
  const Chip chip = mixed_chip();
  const auto message = [&](const std::vector<TileRule>& rules) {
    return message_of([&] { compile_with(chip, rules); });
  };
  EXPECT_THAT(message({{"fc*", "rom"}}),
              HasSubstr("no layer with weights matches 'fc*'. Layers: n0"));
  EXPECT_THAT(message({{"n0", "pcm"}}),
              HasSubstr("has no tiles of kind pcm; its tiles are of kind ideal, rom, sram"));
  EXPECT_THAT(message({{"n0", "rom"}, {"n1", "", "tile3"}}),
              HasSubstr("would share tile3 with the tiles of kind rom of another rule"));
  EXPECT_THAT(message({{"n*", "", "tile11"}}), HasSubstr("are too large"));
  Chip all_rom = chip;
  for (const std::size_t tile : all_rom.tiles) all_rom.engines[tile].cim.kind = "rom";
  EXPECT_THAT(message_of([&] {
                compile_with(all_rom, {{"n0", "rom", "tile0"}});
              }),
              HasSubstr("say with --mapping where its layers go"));
}

TEST(TileChoiceTest, MappingFilesAreChecked) {
  const std::string file = ::testing::TempDir() + "/aimc_mapping.yaml";
  const auto message = [&](const std::string& text) {
    write_file(file, text);
    return message_of([&] { read_tile_choice(file); });
  };
  write_file(file, "map:\n  - {layers: \"conv*\", kind: rom}\n  - {layers: fc1, tiles: tile4*}\n");
  const TileChoice choice = read_tile_choice(file);
  ASSERT_EQ(choice.rules.size(), 2u);
  EXPECT_EQ(choice.rules[0].kind, "rom");
  EXPECT_EQ(choice.rules[1].tiles, "tile4*");
  EXPECT_THAT(message("map: {}\n"), HasSubstr("'map' must be a list"));
  EXPECT_THAT(message("maps: []\n"), HasSubstr("maps"));
  EXPECT_THAT(message("map:\n  - {layers: a, kind: granite}\n"),
              HasSubstr("aimc_mapping.yaml:2:23: error: there is no kind 'granite'. Known: ideal"));
  EXPECT_THAT(message("map:\n  - {layers: a}\n"), HasSubstr("a rule needs 'kind' or 'tiles'"));
  EXPECT_THAT(message("map:\n  - {kind: rom}\n"), HasSubstr("layers"));
}

}  // namespace
}  // namespace aimc::compiler
