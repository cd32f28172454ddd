// SPDX-License-Identifier: Apache-2.0
// What holds for every technology and variant: one network image, int8 weights, runs on each.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "technology_fixture.h"

namespace aimc::cim {
namespace {

/// A kind with one of its variants, and the largest relative error of a product that it may have;
/// 0: exact, of which the defaults of charge-sharing DRAM are a case (offsets of 0.09 levels).
struct Variant {
  const char* kind;
  const char* variant;
  double error;
};
void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.kind << '_' << variant.variant;
}

const Variant kVariants[] = {
    {"ideal", "", 0.0},
    {"pcm", "", 0.15},
    {"nor", "sonos", 0.08},
    {"nor", "wtm2101", 0.08},
    {"nor", "four_bit", 0.25},
    {"sram", "adder_tree", 0.0},
    {"sram", "bit_serial", 0.0},
    {"sram", "xnor", 0.0},
    {"sram", "charge", 0.0},
    {"sram", "current", 0.3},
    {"reram", "neurram", 0.25},
    {"reram", "cmo", 0.08},
    {"reram", "milo", 0.25},
    {"mram", "sar", 0.1},
    {"mram", "resistance_sum", 0.1},
    {"dram", "charge_sharing", 0.0},
    {"dram", "gain_cell", 0.1},
    {"fefet", "series_resistor", 0.25},
    {"fefet", "subthreshold", 0.25},
};

TileConfig config_of(const Variant& variant, unsigned rows, unsigned columns) {
  TileConfig config = array_config(variant.kind, rows, columns);
  if (*variant.variant == '\0') return config;
  ParamTable params;
  describe(params, config);
  params.set(fmt::format("{}.variant", variant.kind), ConfigNode::scalar(variant.variant, {}),
             "tile");
  return config;
}

/// Weights of a trained layer are mostly small: bell-shaped, the largest at full scale.
std::vector<std::int8_t> bell_weights(std::size_t count) {
  std::vector<float> normals(count);
  RandomStream(5, "weights").normals(normals);
  std::vector<std::int8_t> weights(count);
  for (std::size_t i = 0; i < count; ++i)
    weights[i] =
        static_cast<std::int8_t>(std::clamp(std::nearbyint(normals[i] * 32.0f), -127.0f, 127.0f));
  return weights;
}

class EveryVariant : public ::testing::TestWithParam<Variant> {};

TEST_P(EveryVariant, RunsInt8WeightsWithinItsError) {
  const Block block{0, 128, 0, 64};
  Programmed8 tile(config_of(GetParam(), 128, 64), block, bell_weights(block.cells()));
  const auto inputs = random_bytes(2, 200 * block.rows, 0, 127);  // after a ReLU
  const auto sums = tile.multiply(inputs);
  const auto expected = tile.expected(inputs);
  double error = 0.0;
  double signal = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error += std::pow(sums[i] - expected[i], 2);
    signal += std::pow(expected[i], 2);
  }
  const double relative = std::sqrt(error / signal);
  fmt::print("{} {}: relative error {:.3f}\n", GetParam().kind, GetParam().variant, relative);
  EXPECT_LE(relative, GetParam().error);
  EXPECT_EQ(relative == 0.0, GetParam().error == 0.0);
}

TEST_P(EveryVariant, SameSeedSameBytesWhateverTheBatchOtherSeedsDiffer) {
  const Block block{4, 50, 3, 30};
  const TileConfig config = config_of(GetParam(), 64, 40);
  const auto weights = bell_weights(block.cells());
  Programmed8 tile(config, block, weights);
  Programmed8 twin(config, block, weights);
  Programmed8 other(config, block, weights, 127, "other");
  const auto inputs = random_bytes(2, 70 * block.rows);
  const auto all = tile.multiply(inputs, 500);
  EXPECT_EQ(twin.multiply(inputs, 500), all);
  for (const std::size_t n : {std::size_t{0}, std::size_t{33}, std::size_t{69}}) {
    std::vector<std::int32_t> one(block.columns);
    tile.array->multiply(block, &inputs[n * block.rows], block.rows, 1, 500 + n, one.data());
    EXPECT_THAT(one, ::testing::ElementsAreArray(&all[n * block.columns], block.columns));
  }
  EXPECT_EQ(other.multiply(inputs, 500) == all, GetParam().error == 0.0);
}

TEST_P(EveryVariant, ThreadsDoNotChangeABit) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 10;
  const Block block{0, 64, 0, 40};
  Programmed8 tile(config_of(GetParam(), 64, 40), block, bell_weights(block.cells()));
  const auto inputs = random_bytes(2, kThreads * kEach * block.rows);
  const auto alone = tile.multiply(inputs, 7);
  std::vector<std::int32_t> together(alone.size());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, first = t * kEach] {
      tile.array->multiply(block, &inputs[first * block.rows], block.rows, kEach, 7 + first,
                           &together[first * block.columns]);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, alone);
}

TEST_P(EveryVariant, VerifyReadbackAndRefreshWorkOnWhatIsHeld) {
  const Block block{3, 40, 2, 30};
  Programmed8 tile(config_of(GetParam(), 64, 40), block, bell_weights(block.cells()));
  std::vector<std::int8_t> back(block.cells());
  tile.array->readback(block, back.data(), block.columns);
  double squares = 0.0;
  for (std::size_t i = 0; i < back.size(); ++i)
    squares += std::pow(back[i] - tile.weights[i], 2) / static_cast<double>(back.size());
  EXPECT_LE(std::sqrt(squares), 20.0);
  const VerifyReport report =
      tile.array->verify(block, tile.weights.data(), block.columns, 127.0, 3);
  EXPECT_EQ(report.cells, block.cells());
  EXPECT_EQ(report.failed, 0u);
  EXPECT_LE(report.rms_error, 20.0);
  tile.array->advance(10.0);
  tile.array->refresh(block, 1);
  EXPECT_EQ(tile.array->age_s(block), 0.0);
  EXPECT_EQ(tile.array->writes(block), 2u);
  EXPECT_EQ(tile.array->state(block), CellState::ready);
}

TEST_P(EveryVariant, ProgrammingCostsTimePulsesAndEnergyAndIsCounted) {
  const Block block{0, 32, 0, 32};
  const TileConfig config = config_of(GetParam(), 32, 32);
  Programmed8 tile(config, block, bell_weights(block.cells()));
  EXPECT_EQ(tile.report.cells, block.cells());
  EXPECT_GE(tile.report.pulses, block.cells());
  EXPECT_GT(tile.report.seconds, 0.0);
  EXPECT_GT(tile.report.joules, 0.0);
  const double planned =
      find_array_kind(config.kind).program_seconds(config, block.rows, block.columns);
  EXPECT_NEAR(tile.report.seconds / planned, 1.0, 0.15);
  EXPECT_EQ(tile.array->writes(block), 1u);
  tile.array->program(block, tile.weights.data(), block.columns, 127, 1);
  EXPECT_EQ(tile.array->writes(block), 2u);
}

TEST_P(EveryVariant, AgesOfADayAndAYearStillAnswer) {
  const Block block{0, 64, 0, 32};
  for (const double age : {86400.0, 3.2e7}) {
    TileConfig config = config_of(GetParam(), 64, 32);
    config.age_s = age;
    Programmed8 tile(config, block, bell_weights(block.cells()));
    EXPECT_EQ(tile.array->state(block), CellState::ready);
    const auto inputs = random_bytes(2, 50 * block.rows, 0, 127);
    const auto sums = tile.multiply(inputs);
    const auto expected = tile.expected(inputs);
    double product = 0.0;
    double squares = 0.0;
    double signal = 0.0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      product += static_cast<double>(sums[i]) * expected[i];
      squares += static_cast<double>(sums[i]) * sums[i];
      signal += static_cast<double>(expected[i]) * expected[i];
    }
    EXPECT_GT(product / std::sqrt(squares * signal), 0.9) << age;  // correlation
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryVariant, ::testing::ValuesIn(kVariants),
                         [](const auto& variant) {
                           return std::string(variant.param.kind) + "_" + variant.param.variant;
                         });

/// Variants that bring their own products, and the hash of 50 products of each. The same on every
/// machine, with any vector units and any C library; a change means that results changed.
struct Golden {
  Variant variant;
  std::uint64_t hash;
};
const Golden kGolden[] = {
    {{"nor", "wtm2101", 0}, 7917219772047142448ull},
    {{"sram", "charge", 0}, 5464156433870044165ull},
    {{"sram", "current", 0}, 1736410294802214623ull},
    {{"sram", "xnor", 0}, 10446145418077705181ull},
    {{"mram", "sar", 0}, 13028831042163478140ull},
    {{"mram", "resistance_sum", 0}, 12565961670921785606ull},
    {{"dram", "charge_sharing", 0}, 7654387363597665667ull},
    {{"dram", "gain_cell", 0}, 11184267460404057051ull},
};

TEST(EveryVariantList, BitsAreTheSameOnEveryMachine) {
  const Block block{2, 61, 3, 37};
  for (const Golden& golden : kGolden) {
    TileConfig config = config_of(golden.variant, 64, 40);
    config.sram.charge.noise = 0.3;
    config.sram.charge.mismatch = 0.02;
    config.dram.sharing.sense_offset_volts = 0.03;
    config.dram.refresh = true;
    config.age_s = 1e-5;
    Programmed8 tile(config, block, bell_weights(block.cells()));
    const auto sums = tile.multiply(random_bytes(2, 50 * block.rows));
    const std::uint64_t hash =
        hash64({reinterpret_cast<const char*>(sums.data()), sums.size() * sizeof(std::int32_t)});
    EXPECT_EQ(hash, golden.hash) << golden.variant.kind << ' ' << golden.variant.variant;
  }
}

TEST(EveryVariantList, CoversAllWritableKinds) {
  for (const ArrayKind& kind : array_kinds()) {
    if (!kind.writable) continue;
    EXPECT_TRUE(std::any_of(std::begin(kVariants), std::end(kVariants), [&](const Variant& v) {
      return kind.name == std::string(v.kind);
    })) << kind.name;
  }
}

}  // namespace
}  // namespace aimc::cim
