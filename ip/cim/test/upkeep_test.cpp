// SPDX-License-Identifier: Apache-2.0
// Weights after they were written: loads and their ages, the grid of ages, expiry.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "aimc/cim/crossbar.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

constexpr double kDay = 86400.0;

const Crossbar& crossbar(const Array& array) { return dynamic_cast<const Crossbar&>(array); }

// --- Loads -----------------------------------------------------------------------------------

struct Owner {
  std::int64_t operation = -1;  // -1: no weights
  std::uint32_t writes = 0;
};

/// Each cell with weights lies in exactly one load, that of its owner; others in none.
void expect_loads_cover(const Array& array, const std::vector<Owner>& owners) {
  std::vector<int> covered(owners.size(), 0);
  for (const WeightLoad& load : array.loads()) {
    ASSERT_GT(load.block.cells(), 0u);
    for (unsigned r = 0; r < load.block.rows; ++r)
      for (unsigned c = 0; c < load.block.columns; ++c) {
        const std::size_t cell =
            std::size_t{load.block.first_row + r} * array.columns() + load.block.first_column + c;
        ++covered[cell];
        ASSERT_EQ(static_cast<std::int64_t>(load.operation), owners[cell].operation);
        ASSERT_EQ(load.programmed_s, static_cast<double>(load.operation) * 0.5);
        ASSERT_EQ(load.full_scale, 1u + load.operation % 127);
      }
  }
  std::uint64_t held = 0;
  for (std::size_t cell = 0; cell < owners.size(); ++cell) {
    const bool programmed = owners[cell].operation >= 0;
    held += programmed ? 1u : 0u;
    ASSERT_EQ(covered[cell], programmed ? 1 : 0) << "cell " << cell;
  }
  ASSERT_EQ(array.programmed_cells(), held);
}

class Loads : public ::testing::TestWithParam<const char*> {};

TEST_P(Loads, StayDisjointAndCoverExactlyTheCellsWithWeights) {
  constexpr unsigned kRows = 24, kColumns = 20, kSteps = 120;
  const auto array = make_array(array_config(GetParam(), kRows, kColumns), RandomStream(1, "t"));
  const auto weights = random_bytes(1, kRows * kColumns);
  std::vector<Owner> owners(kRows * kColumns);
  const RandomStream random = RandomStream(7, "rectangles").at(0);
  std::uint32_t drawn = 0;
  const auto draw = [&](unsigned bound) {
    return static_cast<unsigned>(random.uniform(drawn++) * static_cast<float>(bound));
  };
  for (unsigned step = 0; step < kSteps; ++step) {
    Block block{draw(kRows), 0, draw(kColumns), 0};
    block.rows = 1 + draw(kRows - block.first_row);
    block.columns = 1 + draw(kColumns - block.first_column);
    const bool erase = draw(4) == 0;
    array->advance(0.5 * step);
    if (erase) {
      array->erase(block);
    } else {
      array->program(block, weights.data(), kColumns, 1 + step % 127, step);
    }
    for (unsigned r = 0; r < block.rows; ++r)
      for (unsigned c = 0; c < block.columns; ++c) {
        Owner& owner = owners[(block.first_row + r) * kColumns + block.first_column + c];
        owner.operation = erase ? -1 : static_cast<std::int64_t>(step);
        owner.writes += erase ? 0 : 1;
      }
    expect_loads_cover(*array, owners);
    if (HasFatalFailure()) return;
  }
  std::uint32_t most = 0;
  for (unsigned r = 0; r < kRows; ++r)
    for (unsigned c = 0; c < kColumns; ++c) {
      const Owner& owner = owners[r * kColumns + c];
      EXPECT_EQ(array->writes({r, 1, c, 1}), owner.writes);
      const bool ready = array->state({r, 1, c, 1}) == CellState::ready;
      EXPECT_EQ(ready, owner.operation >= 0);
      most = std::max(most, owner.writes);
    }
  EXPECT_EQ(array->writes({0, kRows, 0, kColumns}), most);
}

TEST(Loads, AHoleInTheMiddleLeavesFourRectangles) {
  const auto array = make_array(array_config("ideal", 8, 8), RandomStream(1, "t"));
  const auto weights = random_bytes(1, 64);
  array->program({0, 8, 0, 8}, weights.data(), 8, 127, 0);
  array->erase({2, 3, 4, 2});
  std::vector<Block> blocks;
  for (const WeightLoad& load : array->loads()) blocks.push_back(load.block);
  EXPECT_THAT(blocks, ::testing::UnorderedElementsAre(Block{0, 2, 0, 8}, Block{5, 3, 0, 8},
                                                      Block{2, 3, 0, 4}, Block{2, 3, 6, 2}));
  array->erase({0, 8, 0, 8});
  EXPECT_TRUE(array->loads().empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, Loads, ::testing::Values("ideal", "pcm", "reram", "nor", "dram"));

// --- Ages ------------------------------------------------------------------------------------

class Ages : public ::testing::TestWithParam<const char*> {};

TEST_P(Ages, ResultsDoNotDependOnHowOftenTheClockMoved) {
  const Block top{0, 32, 0, 24};
  const Block low{32, 16, 0, 24};
  const Block all{0, 48, 0, 24};
  const TileConfig config = array_config(GetParam(), 48, 24);
  const auto weights = random_bytes(1, all.cells());
  const auto inputs = random_bytes(2, 20 * all.rows);
  const auto run = [&](unsigned steps) {
    const auto array = make_array(config, RandomStream(1, "t"));
    array->program(top, weights.data(), 24, 127, 0);
    for (unsigned i = 1; i <= steps; ++i) array->advance(1000.0 * i / steps);
    array->program(low, weights.data(), 24, 127, 1);
    for (unsigned i = 1; i <= steps; ++i) array->advance(1000.0 + kDay * i / steps);
    std::vector<std::int32_t> sums(20 * all.columns);
    array->multiply(all, inputs.data(), all.rows, 20, 0, sums.data());
    EXPECT_DOUBLE_EQ(array->age_s(top), 1000.0 + kDay);
    EXPECT_DOUBLE_EQ(array->age_s(low), kDay);
    EXPECT_DOUBLE_EQ(array->age_s(all), 1000.0 + kDay);
    return sums;
  };
  EXPECT_EQ(run(1), run(300));
}

TEST_P(Ages, TimeThatPassedAndAgeThatWasSetGiveTheSameCells) {
  const Block block{2, 40, 1, 22};
  TileConfig config = array_config(GetParam(), 48, 24);
  const auto weights = random_bytes(1, block.cells());
  const auto inputs = random_bytes(2, 20 * block.rows);
  Programmed8 waited(config, block, weights);
  const auto fresh = waited.multiply(inputs);
  waited.array->advance(30 * kDay);
  config.age_s = 30 * kDay;
  Programmed8 set(config, block, weights);
  EXPECT_EQ(waited.multiply(inputs), set.multiply(inputs));
  // Clocks do not run backwards, and what is no time moves nothing.
  const auto now = waited.multiply(inputs);
  waited.array->advance(kDay);
  waited.array->advance(std::nan(""));
  EXPECT_EQ(waited.array->now_s(), 30 * kDay);
  EXPECT_EQ(waited.multiply(inputs), now);
  EXPECT_NE(now, fresh);
}

// Not dram: refreshed by itself, its cells are the same at any age.
INSTANTIATE_TEST_SUITE_P(Kinds, Ages, ::testing::Values("pcm", "reram", "nor", "fefet"));

class AgeGrid : public ::testing::TestWithParam<const char*> {};

TEST_P(AgeGrid, HasPointsTwoPercentApartAndCellsMoveOnlyThere) {
  const Block block{0, 16, 0, 16};
  const auto weights = random_bytes(1, block.cells());
  Programmed8 tile(array_config(GetParam(), 16, 16), block, weights);
  const Crossbar& cells = crossbar(*tile.array);
  const DeviceModel& device = cells.device();
  // hermes counts from its first read, t0 = 300 s after programming; the others from 1 s.
  const double t0 = std::string(GetParam()) == "pcm" ? 300.0 : 1.0;
  double last = 0.0;
  std::set<double> points;
  for (double t = 2.0; t < 1e8; t *= 1.001) {
    const double point = device.grid_age(t);
    ASSERT_LE(point, t * (1.0 + 1e-12));
    ASSERT_GE(point, last);
    ASSERT_LE((t + t0) / (point + t0), std::exp(0.02) * (1.0 + 1e-9));
    last = point;
    points.insert(point);
  }
  // As many as the logarithm has steps, give or take the ends.
  EXPECT_NEAR(static_cast<double>(points.size()), std::log((1e8 + t0) / (2.0 + t0)) / 0.02, 2.0);

  const auto nets = [&] {
    std::vector<float> all;
    for (unsigned r = 0; r < 16; ++r)
      for (unsigned c = 0; c < 16; ++c) all.push_back(cells.net(r, c));
    return all;
  };
  const auto next = points.upper_bound(device.grid_age(1e5));
  ASSERT_NE(next, points.end());
  tile.array->advance(1e5);
  const auto before = nets();
  tile.array->advance(*next * (1.0 - 1e-6));
  EXPECT_EQ(nets(), before);
  tile.array->advance(*next * (1.0 + 1e-6));
  EXPECT_NE(nets(), before);
}

INSTANTIATE_TEST_SUITE_P(Kinds, AgeGrid, ::testing::Values("pcm", "reram", "nor"));

// --- Expiry ----------------------------------------------------------------------------------

struct DramExpiry : ::testing::Test {
  DramExpiry() {
    config.dram.refresh = false;
    config.dram.sharing.mismatch = config.dram.sharing.sense_offset_volts = 0.0;
  }
  const Block top{0, 16, 0, 12};
  const Block low{16, 16, 0, 12};
  const Block all{0, 32, 0, 12};
  const std::vector<std::int8_t> weights = random_bytes(1, 32 * 12);
  TileConfig config = array_config("dram", 32, 12);  // charge sharing, retention 2 s
};

TEST_F(DramExpiry, BelongsToTheBlockAndTheOldestCellDecides) {
  const auto array = make_array(config, RandomStream(1, "t"));
  array->program(top, weights.data(), 12, 127, 0);
  array->advance(1.5);
  array->program(low, weights.data(), 12, 127, 1);
  EXPECT_EQ(array->state(all), CellState::ready);
  array->advance(2.001);
  EXPECT_EQ(array->state(top), CellState::expired);
  EXPECT_EQ(array->state(all), CellState::expired);
  EXPECT_EQ(array->state(low), CellState::ready);
  // Writing a part leaves the rest expired.
  array->program({0, 8, 0, 12}, weights.data(), 12, 127, 2);
  EXPECT_EQ(array->state({0, 8, 0, 12}), CellState::ready);
  EXPECT_EQ(array->state(top), CellState::expired);
  array->program({8, 8, 0, 12}, weights.data(), 12, 127, 3);
  EXPECT_EQ(array->state(all), CellState::ready);
  array->advance(3.501);
  EXPECT_EQ(array->state(low), CellState::expired);
  EXPECT_EQ(array->state(top), CellState::ready);
}

TEST_F(DramExpiry, RefreshedInTimeWeightsLiveOn) {
  Programmed8 tile(config, all, weights);
  const auto inputs = random_bytes(2, 10 * all.rows);
  for (unsigned second = 1; second <= 10; ++second) {
    tile.array->advance(0.2 * second);
    ASSERT_EQ(tile.array->state(all), CellState::ready);
    EXPECT_EQ(tile.array->refresh(all, second).cells, all.cells());
    EXPECT_EQ(tile.array->age_s(all), 0.0);
  }
  tile.array->advance(3.0);
  EXPECT_EQ(tile.array->state(all), CellState::ready);
  tile.array->refresh(all, 11);
  EXPECT_EQ(mismatches(tile.multiply(inputs), tile.expected(inputs)), 0u);
  EXPECT_EQ(tile.array->writes(all), 12u);
}

TEST_F(DramExpiry, SetAgeCountsAndOtherKindsNeverExpire) {
  config.age_s = 1.9;
  Programmed8 tile(config, all, weights);
  EXPECT_EQ(tile.array->state(all), CellState::ready);
  tile.array->advance(0.2);
  EXPECT_EQ(tile.array->state(all), CellState::expired);
  for (const char* kind : {"pcm", "reram", "nor"}) {
    Programmed8 other(array_config(kind, 32, 12), all, weights);
    other.array->advance(3.15e9);
    EXPECT_EQ(other.array->state(all), CellState::ready) << kind;
  }
}

}  // namespace
}  // namespace aimc::cim
