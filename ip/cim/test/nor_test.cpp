// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/nor/wtm_array.h"
#include "aimc/testing/fidelity.h"
#include "technology_fixture.h"

namespace aimc::cim {
namespace {

TileConfig wtm(unsigned rows, unsigned columns, const char* inputs, unsigned noise_level) {
  TileConfig config = array_config("nor", rows, columns);
  config.nor.variant = "wtm2101";
  config.nor.wtm.signed_inputs = inputs;
  config.nor.wtm.noise_level = noise_level;
  return config;
}

/// sat8((sum + 128 b8) / G) in integers, halves to even.
int contract(long long sum, int bias8, unsigned divider_log2) {
  const long long value = sum + 128LL * bias8;
  const long long g = 1LL << divider_log2;
  long long quotient = value >= 0 ? value / g : -((-value + g - 1) / g);
  const long long twice = 2 * (value - quotient * g);  // 0 .. 2 g - 1
  if (twice > g || (twice == g && quotient % 2 != 0)) ++quotient;
  return static_cast<int>(std::clamp(quotient, -128LL, 127LL));
}

TEST(Fidelity, V29WtmTileEqualsTheIntegerContractWithoutNoise) {
  const Block block{2, 300, 1, 24};
  const std::size_t vectors = 2000;
  const auto inputs = random_bytes(2, vectors * block.rows);
  for (const char* const coding : {"pn", "shift"}) {
    // Columns whose sums of weights the eight bias rows can take off: |sum w| <= 1016.
    const auto weights = random_bytes(1, block.cells(), -30, 30);
    TileConfig config = wtm(320, 26, coding, 0);
    config.nor.wtm.divider_log2 = 8;  // so that some outputs saturate
    Programmed8 tile(config, block, weights);
    EXPECT_EQ(tile.report.failed, 0u);
    const auto sums = tile.multiply(inputs);
    long long wrong = 0;
    long long saturated = 0;
    for (std::size_t n = 0; n < vectors; ++n)
      for (unsigned c = 0; c < block.columns; ++c) {
        long long sum = 0;  // of unsigned inputs
        int bias8 = 0;
        for (unsigned r = 0; r < block.rows; ++r) {
          const int w = weights[r * block.columns + c];
          const int x = inputs[n * block.rows + r];
          if (std::string(coding) == "shift") {
            sum += (x + 128) * w;
            bias8 -= w;  // 128 w off the sum for each row
          } else {
            sum += std::max(x, 0) * w + std::max(-x, 0) * -w;
          }
        }
        const int expected = contract(sum, bias8, 8);
        wrong += sums[n * block.columns + c] != expected * 256;
        saturated += expected == 127 || expected == -128;
      }
    aimc::testing::compare_exact(
        "V29", fmt::format("wrong int8 outputs, inputs by {}, 48000 outputs", coding), 0, wrong);
    EXPECT_GT(saturated, 0);
    EXPECT_GT(tile.products.clipped, 0u);
  }
}

TEST(Wtm, OutputRoundsHalvesToEvenAndSaturates) {
  EXPECT_EQ(wtm_output(512, 0, 10), 0);
  EXPECT_EQ(wtm_output(1536, 0, 10), 2);
  EXPECT_EQ(wtm_output(0, -4, 8), -2);
  EXPECT_EQ(wtm_output(1e6, 0, 10), 127);
  EXPECT_EQ(wtm_output(-1e6, 0, 10), -128);
  for (int sum = -5000; sum < 5000; sum += 3) EXPECT_EQ(wtm_output(sum, 7, 5), contract(sum, 7, 5));
}

TEST(Wtm, BiasRowsThatCannotTakeTheShiftOffAreReported) {
  const Block block{0, 64, 0, 2};
  std::vector<std::int8_t> weights(128, 0);
  for (unsigned r = 0; r < 64; ++r) weights[2 * r] = 100;  // sum 6400: beyond 1016
  Programmed8 tile(wtm(64, 2, "shift", 0), block, weights);
  EXPECT_EQ(tile.report.failed, 1u);
  EXPECT_TRUE(tile.array->failed(0, 0));
  EXPECT_FALSE(tile.array->failed(0, 1));
  Programmed8 mirrored(wtm(64, 2, "pn", 0), block, weights);
  EXPECT_EQ(mirrored.report.failed, 0u);
}

TEST(Wtm, NoiseOnTheSumHasTheSigmaOfItsLevelAndFallsWithRepeats) {
  const Block block{0, 64, 0, 64};
  for (const unsigned repeats : {1u, 4u}) {
    TileConfig config = wtm(64, 64, "pn", 5);
    config.nor.wtm.divider_log2 = 4;
    config.nor.wtm.repeats = repeats;
    Programmed8 tile(config, block, std::vector<std::int8_t>(block.cells(), 0));
    const std::size_t vectors = 400;
    const auto sums = tile.multiply(std::vector<std::int8_t>(vectors * 64, 1));
    double squares = 0.0;
    double clipped = 0.0;
    for (const std::int32_t sum : sums) {
      squares += static_cast<double>(sum) * sum;
      clipped += std::abs(sum) >= 127 * 16;
    }
    const double n = static_cast<double>(sums.size());
    const double sigma = 5 * 128.0 / std::sqrt(repeats);
    EXPECT_LT(clipped / n, 0.002);
    // n = 25600, 5 standard errors, false alarm 6e-7; the clipped tail takes at most 0.4 %.
    EXPECT_NEAR(std::sqrt(squares / n) / sigma, 1.0, 5.0 / std::sqrt(2.0 * n) + 0.004);
  }
}

TEST(FourBit, ProductIsThatOfTheIntegersOfTheDynamicThresholdScheme) {
  const unsigned threshold = 90;  // T of the scheme: the full scale of PROGRAM
  TileConfig config = array_config("nor", 256, 32);
  config.nor.variant = "four_bit";
  config.nor.programming_noise = config.nor.read_noise = 0.0;
  config.adc.kind = "ideal";
  const Block block{0, 256, 0, 32};
  Programmed8 tile(config, block, random_bytes(1, block.cells()), threshold);
  const std::size_t vectors = 100;
  const auto inputs = random_bytes(2, vectors * block.rows, -127, 127);
  const auto sums = tile.multiply(inputs);
  const double unit = threshold / 7.0 * 127.0 / 15.0;  // of one step of weight times input
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < vectors; ++n)
    for (unsigned c = 0; c < block.columns; ++c) {
      int sum = 0;
      for (unsigned r = 0; r < block.rows; ++r) {
        const double w = tile.weights[r * block.columns + c] * 7.0 / threshold;
        const double x = inputs[n * block.rows + r] * 15.0 / 127.0;
        sum += static_cast<int>(std::clamp(std::nearbyint(w), -7.0, 7.0) * std::nearbyint(x));
      }
      wrong += std::lround(sums[n * block.columns + c] / unit) != sum;
    }
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace aimc::cim
