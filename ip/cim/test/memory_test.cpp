// SPDX-License-Identifier: Apache-2.0
// Magnetic and dynamic RAM.
#include "aimc/cim/dram/dram_array.h"
#include "aimc/cim/dram/subarray.h"
#include "aimc/cim/mram/mram_array.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

class ExactMemory : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

/// A kind and variant whose variation and noise are off.
TileConfig quiet(const std::string& kind, const std::string& variant, unsigned rows,
                 unsigned columns) {
  TileConfig config = array_config(kind, rows, columns);
  config.mram.variant = config.dram.variant = variant;
  config.mram.spread = config.mram.noise = config.mram.write_error = 0.0;
  config.dram.sharing.mismatch = config.dram.sharing.sense_offset_volts = 0.0;
  config.dram.gain.mismatch = config.dram.gain.noise = 0.0;
  return config;
}

TEST_P(ExactMemory, EqualsTheIntegersWithoutVariation) {
  const auto [kind, variant] = GetParam();
  const Block block{3, 60, 5, 20};
  for (const unsigned bits : {1u, 4u, 8u}) {
    TileConfig config = quiet(kind, variant, 64, 32);
    config.mram.weight_bits = config.mram.input_bits = bits;
    config.dram.weight_bits = config.dram.input_bits = bits;
    Programmed8 tile(config, block, random_operands(1, block.cells(), bits));
    const auto inputs = random_operands(2, 50 * block.rows, bits);
    EXPECT_EQ(mismatches(tile.multiply(inputs), tile.expected(inputs)), 0u) << bits << " bits";
    EXPECT_EQ(tile.products.clipped, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExactMemory,
                         ::testing::Values(std::pair("mram", "sar"),
                                           std::pair("mram", "resistance_sum"),
                                           std::pair("dram", "charge_sharing"),
                                           std::pair("dram", "gain_cell")),
                         [](const auto& variant) {
                           return std::string(variant.param.first) + "_" + variant.param.second;
                         });

TEST(Mram, SpreadOfDrivenJunctionsMovesSumsAsTheLogNormalLawSays) {
  // One conversion of 256 rows without rounding to speak of: a fine converter, one bit each way.
  const unsigned rows = 256;
  TileConfig config = quiet("mram", "sar", rows, 1024);
  config.mram.weight_bits = 2;  // -1 sets both planes
  config.mram.input_bits = 2;
  config.mram.active_rows = 0;
  config.mram.sar_bits = 12;
  config.mram.spread = 0.05;
  config.mram.tmr = 1.5;
  const Block block{0, rows, 0, 1024};
  Programmed8 tile(config, block, std::vector<std::int8_t>(block.cells(), -1));
  const auto sums = tile.multiply(std::vector<std::int8_t>(rows, 1));
  double mean = 0.0;
  double squares = 0.0;
  for (const std::int32_t sum : sums) mean += sum / 1024.0;
  for (const std::int32_t sum : sums) squares += (sum - mean) * (sum - mean) / 1024.0;
  // A sum is s0 - 2 s1, s = (sum of exp(0.05 N) - 256 / 2.5) / (1 - 1 / 2.5), rounded.
  const double s2 = 0.05 * 0.05;
  const double gain = 1.0 / 0.6;
  const double level = (rows * std::exp(s2 / 2.0) - rows / 2.5) * gain;
  const double variance = rows * std::exp(s2) * std::expm1(s2) * gain * gain + 1.0 / 12.0;
  // n = 1024, 5 standard errors, false alarm 6e-7 each.
  EXPECT_NEAR(mean, -level, 5.0 * std::sqrt(5.0 * variance / 1024.0));
  EXPECT_NEAR(squares / (5.0 * variance), 1.0, 5.0 * std::sqrt(2.0 / 1024.0));
}

TEST(Mram, WritesThatFailAreRepeatedUntilTheAttemptsEnd) {
  TileConfig config = quiet("mram", "sar", 128, 128);
  config.mram.write_error = 0.02;
  config.mram.write_attempts = 1;
  const Block block{0, 128, 0, 128};
  const auto weights = random_bytes(1, block.cells());
  Programmed8 once(config, block, weights);
  // 1 - 0.98^8 = 14.9 % of 16384 weights, sigma 45.6; 5 sigma.
  const double expected = 16384 * (1.0 - std::pow(0.98, 8));
  EXPECT_NEAR(static_cast<double>(once.report.failed), expected, 228.0);
  EXPECT_EQ(once.report.pulses, 16384u * 8u);
  config.mram.write_attempts = 5;
  Programmed8 verified(config, block, weights);
  EXPECT_EQ(verified.report.failed, 0u);  // 0.02^5 * 131072 = 4e-4 expected
  EXPECT_GT(verified.report.pulses, once.report.pulses);
  EXPECT_GT(verified.report.seconds, once.report.seconds);
  EXPECT_NEAR(static_cast<double>(verified.report.pulses) / (16384.0 * 8.0), 1.0204, 0.002);
  EXPECT_DOUBLE_EQ(verified.report.joules,
                   static_cast<double>(verified.report.pulses) * config.mram.pulse_joules);
}

TEST(Dram, LevelsOfTheBitLineFollowFromTheCapacitances) {
  DramChargeSharing sharing;
  // 1.1 V * 20 fF / (8 * 20 fF + 80 fF)
  EXPECT_NEAR(dram_level_volts(sharing), 1.1 * 20.0 / 240.0, 1e-12);
  DramSubarray array(8, 4, sharing, RandomStream(1, "dram"));
  for (unsigned row = 0; row < 8; ++row) array.write(row, {1, 0, row < 3, row < 4});
  sharing.mismatch = 0.0;
  DramSubarray ideal(8, 4, sharing, RandomStream(1, "dram"));
  for (unsigned row = 0; row < 8; ++row) ideal.write(row, {1, 0, row < 3, row < 4});
  const auto volts = ideal.shared_volts({0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_NEAR(volts[3] - volts[2], dram_level_volts(sharing), 1e-12);
  EXPECT_NEAR(volts[3], 0.55, 1e-12);
  EXPECT_NEAR(array.shared_volts({0, 1, 2, 3, 4, 5, 6, 7})[3], 0.55, 0.02);
}

TEST(Dram, ThreeRowsBecomeTheirMajorityAndWhatTheyHeldIsGone) {
  DramSubarray array(6, 8, DramChargeSharing{}, RandomStream(1, "dram"));
  using Bits = DramSubarray::Bits;
  const Bits a{0, 0, 0, 0, 1, 1, 1, 1};
  const Bits b{0, 0, 1, 1, 0, 0, 1, 1};
  const Bits c{0, 1, 0, 1, 0, 1, 0, 1};
  array.write(0, a);
  array.write(1, b);
  array.copy(0, 3);  // operands first: they will be needed again
  array.copy(1, 4);
  array.write(5, c);
  const Bits majority{0, 0, 0, 1, 0, 1, 1, 1};
  EXPECT_EQ(array.activate({3, 4, 5}), majority);
  for (const unsigned row : {3u, 4u, 5u}) EXPECT_EQ(array.activate({row}), majority);
  EXPECT_EQ(array.activate({0}), a);
  EXPECT_EQ(array.activate({1}), b);
  array.copy_inverted(1, 2);
  EXPECT_EQ(array.activate({2}), (Bits{1, 1, 0, 0, 1, 1, 0, 0}));
  EXPECT_THROW(array.write(6, a), std::logic_error);
}

TEST(Dram, OnesLeakUntilTheyReadAsZeros) {
  DramChargeSharing sharing;
  sharing.sense_offset_volts = 0.0;
  DramSubarray array(2, 2, sharing, RandomStream(1, "dram"));
  array.write(0, {1, 0});
  array.leak(0.9 * sharing.retention_s);
  EXPECT_EQ(array.activate({0}), (DramSubarray::Bits{1, 0}));  // and restored
  array.leak(0.9 * sharing.retention_s);
  EXPECT_EQ(array.activate({0}), (DramSubarray::Bits{1, 0}));
  array.leak(1.1 * sharing.retention_s);
  EXPECT_EQ(array.activate({0}), (DramSubarray::Bits{0, 0}));
}

TEST(Dram, WithoutRefreshWeightsDroopAndExpireWithItTheyStay) {
  const Block block{0, 32, 0, 16};
  TileConfig config = quiet("dram", "gain_cell", 32, 16);
  config.dram.gain.retention_s = 1e-3;
  const auto weights = random_bytes(1, block.cells());
  const auto inputs = random_bytes(2, 10 * block.rows);
  Programmed8 fresh(config, block, weights);
  fresh.array->advance(0.5);
  EXPECT_EQ(fresh.array->state(block), CellState::ready);
  EXPECT_EQ(mismatches(fresh.multiply(inputs), fresh.expected(inputs)), 0u);

  config.dram.refresh = false;
  Programmed8 leaking(config, block, weights);
  EXPECT_EQ(mismatches(leaking.multiply(inputs), leaking.expected(inputs)), 0u);
  leaking.array->advance(0.8e-3);
  EXPECT_EQ(leaking.array->state(block), CellState::ready);
  EXPECT_GT(mismatches(leaking.multiply(inputs), leaking.expected(inputs)), 100u);
  leaking.array->advance(1.1e-3);
  EXPECT_EQ(leaking.array->state(block), CellState::expired);
  leaking.array->refresh(block, 1);
  EXPECT_EQ(leaking.array->state(block), CellState::ready);
  EXPECT_EQ(mismatches(leaking.multiply(inputs), leaking.expected(inputs)), 0u);
}

TEST(Dram, RefreshStealsTimeInProportionToItsRows) {
  TileConfig config = quiet("dram", "charge_sharing", 256, 16);
  EXPECT_NEAR(dram_refresh_share(config), 256 * 50e-9 / 64e-3, 1e-12);
  EXPECT_NEAR(dram_refresh_power(config), 256 * 1e-9 / 64e-3, 1e-15);
  EXPECT_NEAR(dram_step_seconds(config), 8 * 90e-9 + 50e-9, 1e-15);
  config.dram.refresh = false;
  EXPECT_EQ(dram_refresh_share(config), 0.0);
  config.dram.refresh = true;
  config.dram.sharing.refresh_interval_s = 1e-6;
  EXPECT_THROW(make_array(config, RandomStream(1, "tile")), UserError);
}

}  // namespace
}  // namespace aimc::cim
