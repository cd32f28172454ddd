// SPDX-License-Identifier: Apache-2.0
// Bit-plane arrays: converters, variation and noise against closed forms.
#include "aimc/cim/planes/quick_normals.h"
#include "aimc/testing/fidelity.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

/// P(|N(0,1)| > x).
double two_sided(double x) { return std::erfc(x / std::sqrt(2.0)); }

TileConfig charge(unsigned rows, unsigned columns) {
  TileConfig config = array_config("sram", rows, columns);
  config.sram.variant = "charge";
  return config;
}

TEST(Fidelity, V25ChargeSramIsExactWhileLevelsHaveCodes) {
  // 2304 rows as on the chip, of which 255 are driven: 256 levels, 256 codes.
  const Block block{1024, 255, 0, 32};
  Programmed8 tile(charge(2304, 32), block, random_bytes(1, block.cells()));
  const std::size_t vectors = 1000;
  auto inputs = random_bytes(2, vectors * block.rows);
  std::fill_n(inputs.begin(), block.rows, std::int8_t{-1});  // all bits, all rows
  std::fill_n(inputs.begin() + block.rows, block.rows, std::int8_t{127});
  aimc::testing::compare_exact(
      "V25", "wrong sums, 255 of 2304 rows, 8-bit ADC, 8 x 8 bits, 32000 sums", 0,
      static_cast<long long>(mismatches(tile.multiply(inputs), tile.expected(inputs))));
  EXPECT_EQ(tile.products.clipped, 0u);
}

TEST(Fidelity, V25ChargeSramOf2304RowsErrsByTheQuantisationOfItsCodes) {
  // One bit by one bit over all rows: 2305 levels in 256 codes. A sum is 4 and(w, x) + exact
  // terms, so its error is 4 x a rounding error, uniform over +-step/2 as sums spread over many
  // steps (sigma of the sum 21 levels, step 9.04).
  const Block block{0, 2304, 0, 64};
  TileConfig config = charge(2304, 64);
  config.sram.weight_bits = 1;
  config.sram.input_bits = 1;
  Programmed8 tile(config, block, random_operands(1, block.cells(), 1));
  const std::size_t vectors = 400;
  const auto inputs = random_operands(2, vectors * block.rows, 1);
  const auto sums = tile.multiply(inputs);
  const auto expected = tile.expected(inputs);
  double squares = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double error = (sums[i] - expected[i]) / 4.0;
    squares += error * error;
    largest = std::max(largest, std::abs(error));
  }
  const double step = 2304.0 / 255.0;
  const auto n = static_cast<double>(sums.size());
  // The square of a uniform error has sigma 0.894 of its mean: 6 standard errors, p = 2e-9.
  const double tolerance = 0.5 * 6.0 * 0.894 / std::sqrt(n) + 0.01;
  aimc::testing::compare_near("V25", "rms error, 2304 rows, 1 x 1 bit [steps of the ADC]",
                              1.0 / std::sqrt(12.0), std::sqrt(squares / n) / step,
                              tolerance / std::sqrt(12.0), 3, "n = 25600, false alarm 2e-9");
  EXPECT_LE(largest, step / 2.0 + 0.25);  // sums are whole: a quarter level of rounding
}

TEST(PlaneArray, NoiseMakesTheShareOfWrongCodesThatTheNormalLawGives) {
  const double sigma = 0.3;
  const Block block{0, 100, 0, 64};
  TileConfig config = charge(100, 64);
  config.sram.weight_bits = 1;
  config.sram.input_bits = 1;
  config.sram.charge.noise = sigma;
  Programmed8 tile(config, block, random_operands(1, block.cells(), 1));
  const std::size_t vectors = 2000;
  const auto inputs = random_operands(2, vectors * block.rows, 1);
  const auto n = static_cast<double>(vectors * block.columns);
  const double share =
      static_cast<double>(mismatches(tile.multiply(inputs), tile.expected(inputs))) / n;
  const double expected = two_sided(0.5 / sigma);
  // n = 128000: 5 standard errors, false alarm 6e-7.
  EXPECT_NEAR(share, expected, 5.0 * std::sqrt(expected * (1.0 - expected) / n));
}

TEST(PlaneArray, CapacitorMismatchSpreadsASumByTheRootOfItsCells) {
  const double sigma = 0.05;
  const unsigned rows = 200;
  const Block block{0, rows, 0, 512};
  TileConfig config = charge(rows, 512);
  config.sram.weight_bits = 2;  // two's complement: -2 + 1 = -1 sets both planes
  config.sram.input_bits = 2;
  config.sram.charge.mismatch = sigma;
  config.sram.charge.adc_bits = 12;
  Programmed8 tile(config, block, std::vector<std::int8_t>(block.cells(), -1));
  // Input 1: one bit of weight 1, so a sum is code(plane 0) - 2 code(plane 1), each with its own
  // capacitors. A code is the normal sum (sigma s = sigma * sqrt(rows)) rounded, of variance
  // sum over k of (2k - 1) P(|N| > (k - 1/2) / s).
  const auto sums = tile.multiply(std::vector<std::int8_t>(rows, 1));
  double squares = 0.0;
  for (const std::int32_t sum : sums) squares += std::pow(sum + static_cast<double>(rows), 2);
  const double spread = sigma * std::sqrt(rows);
  double expected = 0.0;
  for (int k = 1; k < 10; ++k) expected += 5.0 * (2 * k - 1) * two_sided((k - 0.5) / spread);
  // n = 512: the relative standard error of a variance is sqrt(2 / n) = 6.3 %; 5 of them, 6e-7.
  EXPECT_NEAR(squares / 512.0 / expected, 1.0, 5.0 * std::sqrt(2.0 / 512.0));
}

TEST(PlaneArray, BatchesAndBlocksOfTheSameRowsDoNotChangeABit) {
  TileConfig config = array_config("sram", 128, 40);
  config.sram.variant = "current";
  const Block block{0, 128, 0, 40};
  const Block part{0, 128, 7, 21};
  Programmed8 tile(config, block, random_bytes(1, block.cells()));
  const auto inputs = random_bytes(2, 50 * block.rows);
  const auto all = tile.multiply(inputs, 1000);
  for (const std::size_t n : {std::size_t{0}, std::size_t{17}, std::size_t{49}}) {
    std::vector<std::int32_t> one(40);
    tile.array->multiply(block, &inputs[n * 128], 128, 1, 1000 + n, one.data());
    std::vector<std::int32_t> columns(21);
    tile.array->multiply(part, &inputs[n * 128], 128, 1, 1000 + n, columns.data());
    for (unsigned c = 0; c < 40; ++c) EXPECT_EQ(one[c], all[n * 40 + c]);
    for (unsigned c = 0; c < 21; ++c) EXPECT_EQ(columns[c], all[n * 40 + 7 + c]);
  }
  Programmed8 other(config, block, tile.weights, 127, "another");
  EXPECT_GT(mismatches(other.multiply(inputs, 1000), all), all.size() / 4);
}

TEST(PlaneArray, StuckCellsAreCountedAndReadBackAsTheyAre) {
  TileConfig config = charge(64, 64);
  config.sram.stuck_fraction = 0.01;
  const Block block{0, 64, 0, 64};
  Programmed8 tile(config, block, random_bytes(1, block.cells()));
  std::vector<std::int8_t> back(block.cells());
  tile.array->readback(block, back.data(), block.columns);
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < back.size(); ++i) wrong += back[i] != tile.weights[i];
  EXPECT_EQ(tile.report.failed, wrong);
  EXPECT_EQ(tile.array->failed_cells(block), wrong);
  // A weight is wrong if one of 8 cells is stuck at the other bit: 1 - 0.995^8 = 3.93 % of 4096,
  // 161 with sigma 12.4; 5 sigma, false alarm 6e-7.
  EXPECT_NEAR(static_cast<double>(wrong), 161.0, 62.0);
  const auto inputs = random_bytes(2, 20 * block.rows);
  EXPECT_EQ(mismatches(tile.multiply(inputs), reference_product(block, back, inputs, 20)), 0u);
  Programmed8 again(config, block, back);  // the same chip: what it holds fits its stuck cells
  EXPECT_EQ(again.report.failed, 0u);
}

TEST(QuickNormals, MomentsAndTailsAreThoseOfTheNormalLaw) {
  // n = 2^22; limits at 5 standard errors, false alarm 6e-7 each.
  const std::size_t n = std::size_t{1} << 22;
  std::vector<float> draws(n);
  QuickNormals(RandomStream(1, "noise"), 1, 2).fill(draws, 0);
  double moments[5] = {};
  double beyond[5] = {};
  double neighbours = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(draws[i]);
    double power = 1.0;
    for (int k = 1; k <= 4; ++k) moments[k] += (power *= x) / static_cast<double>(n);
    for (int k = 1; k <= 4; ++k) beyond[k] += std::abs(x) > k ? 1.0 : 0.0;
    if (i > 0) neighbours += x * static_cast<double>(draws[i - 1]) / static_cast<double>(n);
    EXPECT_LE(std::abs(x), static_cast<double>(QuickNormals::kLargest));
  }
  const double error = 5.0 / std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(moments[1], 0.0, error);
  EXPECT_NEAR(moments[2], 1.0, error * std::sqrt(2.0));
  EXPECT_NEAR(moments[3], 0.0, error * std::sqrt(15.0));
  EXPECT_NEAR(moments[4], 3.0, error * std::sqrt(96.0));
  EXPECT_NEAR(neighbours, 0.0, error);
  for (int k = 1; k <= 4; ++k) {
    const double expected = two_sided(k) * static_cast<double>(n);
    EXPECT_NEAR(beyond[k], expected, 5.0 * std::sqrt(expected)) << k << " sigma";
  }
}

TEST(QuickNormals, AnElementDoesNotDependOnWhereTheFillBegan) {
  const QuickNormals source(RandomStream(1, "noise"), 1, 2);
  std::vector<float> all(300);
  source.fill(all, 1000);
  for (const std::size_t first : {std::size_t{1}, std::size_t{63}, std::size_t{130}}) {
    std::vector<float> part(150);
    source.fill(part, static_cast<std::uint32_t>(1000 + first));
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + static_cast<long>(first)));
  }
  std::vector<float> other(300);
  QuickNormals(RandomStream(1, "noise"), 1, 3).fill(other, 1000);
  EXPECT_NE(other, all);
}

TEST(PlaneArray, OddRowsAtOnceAreRefusedWithTheKey) {
  TileConfig config = charge(64, 64);
  config.sram.charge.active_rows = 63;
  try {
    make_array(config, RandomStream(1, "tile"));
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("sram.charge.active_rows = 63"), std::string::npos);
  }
}

}  // namespace
}  // namespace aimc::cim
