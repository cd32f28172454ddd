// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <ostream>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/error.h"
#include "array_fixture.h"

namespace aimc::cim {
namespace {

TEST(ArrayKinds, UnknownKindListsTheKnownOnes) {
  TileConfig config;
  config.kind = "flux";
  try {
    make_array(config, RandomStream(1, "tile"));
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("flux"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("ideal, pcm"));
  }
}

TEST(ArrayKinds, ParametersOfEachKindStandInItsGroupAndWrongKindIsRefused) {
  TileConfig config;
  ParamTable params;
  describe(params, config);
  params.set("kind", ConfigNode::scalar("pcm", {}), "tile0");
  params.set("age", ConfigNode::scalar("1 d", {}), "tile0");
  params.set("energy.mac_phase", ConfigNode::scalar("0.3 pJ", {}), "tile0");
  EXPECT_EQ(config.kind, "pcm");
  EXPECT_DOUBLE_EQ(config.age_s, 86400.0);
  EXPECT_DOUBLE_EQ(config.energy.mac_phase, 0.3e-12);
  EXPECT_THROW(params.set("kind", ConfigNode::scalar("flux", {}), "tile0"), UserError);
  EXPECT_THROW(params.set("dac.bits", ConfigNode::scalar("9", {}), "tile0"), UserError);
  EXPECT_TRUE(params.has("ideal.row_write"));
}

struct Shape {
  unsigned rows, columns;
  Block block;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  const Block& block = shape.block;
  *out << block.rows << "x" << block.columns << " at " << block.first_row << ","
       << block.first_column << " of " << shape.rows << "x" << shape.columns;
}

class IdealArrayExact : public ::testing::TestWithParam<Shape> {};

TEST_P(IdealArrayExact, ProductEqualsTheIntegerReference) {
  const auto [rows, columns, block] = GetParam();
  const auto array = make_array(array_config("ideal", rows, columns), RandomStream(1, "tile"));
  const auto weights = random_bytes(1, block.cells());
  array->program(block, weights.data(), block.columns, 1, 0);  // full scale has no effect
  for (const std::size_t count : {std::size_t{1}, std::size_t{9}, std::size_t{70}}) {
    const auto inputs = random_bytes(2, count * block.rows);
    std::vector<std::int32_t> sums(count * block.columns, -1);
    array->multiply(block, inputs.data(), block.rows, count, 0, sums.data());
    EXPECT_EQ(sums, reference_product(block, weights, inputs, count)) << count << " vectors";
  }
}

INSTANTIATE_TEST_SUITE_P(Blocks, IdealArrayExact,
                         ::testing::Values(Shape{256, 256, {0, 256, 0, 256}},
                                           Shape{1024, 48, {0, 1024, 0, 48}},
                                           Shape{1024, 96, {3, 1001, 31, 33}},
                                           Shape{16, 16, {15, 1, 15, 1}}, Shape{7, 5, {0, 7, 0, 5}},
                                           Shape{4096, 32, {1, 4095, 7, 20}}));

TEST(IdealArray, ExtremesOf1024RowsAreExact) {
  const Block block{0, 1024, 0, 2};
  const auto array = make_array(array_config("ideal", 1024, 2), RandomStream(1, "tile"));
  array->program(block, std::vector<std::int8_t>(2048, -128).data(), 2, 127, 0);
  std::vector<std::int32_t> sums(2);
  array->multiply(block, std::vector<std::int8_t>(1024, -128).data(), 1024, 1, 0, sums.data());
  EXPECT_EQ(sums[0], 128 * 128 * 1024);
  array->multiply(block, std::vector<std::int8_t>(1024, 127).data(), 1024, 1, 0, sums.data());
  EXPECT_EQ(sums[1], -128 * 127 * 1024);
}

TEST(IdealArray, InputStrideZeroRepeatsTheVector) {
  const Block block{0, 4, 0, 3};
  const auto array = make_array(array_config("ideal", 4, 3), RandomStream(1, "tile"));
  const auto weights = random_bytes(1, 12);
  const auto inputs = random_bytes(2, 4);
  array->program(block, weights.data(), 3, 127, 0);
  std::vector<std::int32_t> sums(9);
  array->multiply(block, inputs.data(), 0, 3, 0, sums.data());
  const auto once = reference_product(block, weights, inputs, 1);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(sums[i], once[i % 3]);
}

std::vector<std::string> writable_kinds() {
  std::vector<std::string> names;
  for (const ArrayKind& kind : array_kinds())
    if (kind.writable) names.emplace_back(kind.name);
  return names;
}

class EveryArray : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryArray, KnowsWhichCellsHoldWeights) {
  const auto array = make_array(array_config(GetParam(), 32, 40), RandomStream(1, "tile"));
  EXPECT_EQ(array->state({0, 1, 0, 1}), CellState::unprogrammed);
  const auto weights = random_bytes(1, 10 * 20);
  EXPECT_EQ(array->program({5, 10, 7, 20}, weights.data(), 20, 127, 0).cells, 200u);
  EXPECT_EQ(array->programmed_cells(), 200u);
  EXPECT_EQ(array->state({5, 10, 7, 20}), CellState::ready);
  EXPECT_EQ(array->state({6, 9, 8, 19}), CellState::ready);
  EXPECT_EQ(array->state({4, 10, 7, 20}), CellState::unprogrammed);
  EXPECT_EQ(array->state({5, 11, 7, 20}), CellState::unprogrammed);
  EXPECT_EQ(array->state({5, 10, 6, 20}), CellState::unprogrammed);
  EXPECT_EQ(array->state({5, 10, 7, 21}), CellState::unprogrammed);
  array->erase({14, 1, 26, 1});
  EXPECT_EQ(array->programmed_cells(), 199u);
  EXPECT_EQ(array->state({5, 10, 7, 20}), CellState::unprogrammed);
  EXPECT_EQ(array->state({5, 9, 7, 20}), CellState::ready);
}

TEST_P(EveryArray, RefusesBlocksBeyondItself) {
  const auto array = make_array(array_config(GetParam(), 8, 8), RandomStream(1, "tile"));
  const auto weights = random_bytes(1, 100);
  EXPECT_THROW(array->program({1, 8, 0, 8}, weights.data(), 8, 127, 0), std::logic_error);
  EXPECT_THROW(array->program({0, 0, 0, 8}, weights.data(), 8, 127, 0), std::logic_error);
  EXPECT_THROW(array->program({0, 8, 0, 8}, weights.data(), 8, 0, 0), std::logic_error);
  EXPECT_THROW(array->program({0, 8, 0, 8}, weights.data(), 8, 128, 0), std::logic_error);
  EXPECT_THROW(array->state({0, 1, 0xffffffff, 2}), std::logic_error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryArray, ::testing::ValuesIn(writable_kinds()));

TEST(IdealArray, ReadbackReturnsTheWeights) {
  const Block block{2, 5, 3, 7};
  const auto array = make_array(array_config("ideal", 16, 16), RandomStream(1, "tile"));
  const auto weights = random_bytes(4, block.cells());
  array->program(block, weights.data(), 7, 50, 0);
  std::vector<std::int8_t> back(block.cells());
  array->readback(block, back.data(), 7);
  EXPECT_EQ(back, weights);
}

}  // namespace
}  // namespace aimc::cim
