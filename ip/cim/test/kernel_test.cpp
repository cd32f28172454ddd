// SPDX-License-Identifier: Apache-2.0
// The kernels: all variants give the same bits, sums are exact, noise is normal.
#include "../src/kernels/kernels.h"

#include <Random123/threefry.h>
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "../src/kernels/noise.h"
#include "aimc/cim/array_kinds.h"
#include "aimc/cim/kernel_choice.h"
#include "aimc/common/error.h"
#include "array_fixture.h"

namespace aimc::cim {
namespace {

struct Chosen {
  explicit Chosen(const std::string& name) { use_kernels(name); }
  ~Chosen() { use_kernels(kernel_names().front()); }
};

/// Results of all kinds of products of one array, as text.
std::string everything(const std::string& kind, const TileConfig& changes) {
  TileConfig config = changes;
  config.kind = kind;
  config.rows = 600;
  config.columns = 150;
  const auto array = make_array(config, RandomStream(3, "tile"));
  const Block block{5, 590, 7, 139};
  const auto weights = random_bytes(1, block.cells(), -127, 127);
  array->program(block, weights.data(), block.columns, 127, 0);
  std::string text;
  std::uint64_t operation = 0;
  for (const Block& part : {block, Block{100, 37, 40, 70}, Block{6, 3, 64, 32}})
    for (const std::size_t count : {1u, 3u, 57u, 80u}) {
      const auto inputs = random_bytes(2, count * part.rows);
      std::vector<std::int32_t> sums(count * part.columns);
      array->multiply(part, inputs.data(), part.rows, count, operation, sums.data());
      operation += count;
      for (const std::int32_t sum : sums) text += std::to_string(sum) + ",";
    }
  return text;
}

class EveryKernel : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryKernel, GivesTheBitsOfThePortableOne) {
  for (const unsigned bits : {8u, 5u}) {
    TileConfig config;
    config.dac.bits = bits;
    config.age_s = 1e5;
    config.crossbar.output_noise = 0.03;
    const auto run = [&](const std::string& name, const std::string& kind) {
      const Chosen chosen(name);
      return everything(kind, config);
    };
    EXPECT_EQ(run(GetParam(), "pcm"), run("portable", "pcm"));
    EXPECT_EQ(run(GetParam(), "ideal"), run("portable", "ideal"));
  }
}

TEST_P(EveryKernel, SumsExtremesExactly) {
  const Chosen chosen(GetParam());
  constexpr std::size_t kPairs = 256, kQuads = 128, kVectors = 17;
  std::vector<std::int16_t> weights(kPairs * 64, -32767), inputs(kVectors * 512, 127);
  std::vector<std::int32_t> sums(kVectors * 32);
  kernels().product16(weights.data(), kPairs, inputs.data(), 512, kVectors, sums.data(), 32);
  EXPECT_THAT(sums, ::testing::Each(-32767 * 127 * 512));
  std::vector<std::int8_t> bytes(kQuads * 128, 127);
  std::vector<std::uint8_t> squares(kVectors * 512, 126);
  kernels().product8(bytes.data(), kQuads, squares.data(), 512, kVectors, sums.data(), 32);
  EXPECT_THAT(sums, ::testing::Each(127 * 126 * 512));
}

/// Normals of columns 0..63 of operation `n`.
std::vector<float> normals(const NoiseSource& noise, std::uint32_t group, std::uint64_t n) {
  const std::vector<float> zeros(64, 0.0f), ones(64, 1.0f);
  std::vector<float> draws(64);
  const ColumnTerms terms{zeros.data(), zeros.data(), zeros.data(),
                          ones.data(),  zeros.data(), zeros.data()};
  kernels().noisy(noise, group, n, 2, 1, zeros.data(), zeros.data(), 64, terms, draws.data(), 64);
  return draws;
}

TEST_P(EveryKernel, DrawsAreThreefryAndBoxMuller) {
  const Chosen chosen(GetParam());
  const NoiseSource noise = noise_source(RandomStream(5, "tile"), 2, true);
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{0x123456789abc}}) {
    const std::vector<float> draws = normals(noise, 3, n);
    for (std::uint32_t lane = 0; lane < 16; ++lane) {
      const r123::Threefry4x32_R<12>::ctr_type counter{
          {3 * 16 + lane, static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 0}};
      const r123::Threefry4x32_R<12>::key_type key{
          {noise.key[0], noise.key[1], noise.key[2], noise.key[3]}};
      const auto words = r123::Threefry4x32_R<12>{}(counter, key);
      for (unsigned half = 0; half < 2; ++half) {
        const double u = ((words[2 * half] >> 8) + 1) / 16777216.0;
        const double angle = 2 * std::numbers::pi * (words[2 * half + 1] >> 8) / 16777216.0;
        const double radius = std::sqrt(-2 * std::log(u));
        EXPECT_NEAR(draws[32 * half + lane], radius * std::cos(angle), 1e-4);
        EXPECT_NEAR(draws[32 * half + 16 + lane], radius * std::sin(angle), 1e-4);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryKernel, ::testing::ValuesIn(kernel_names()),
                         [](const auto& instance) { return instance.param; });

// 4,194,304 draws in 64 bins of equal probability: chi-square with 63 degrees of freedom exceeds
// 126 by chance in 4e-6 of seeds. Moments within four standard errors: 2.5e-4 together.
TEST(ReadNoise, IsNormal) {
  const NoiseSource noise = noise_source(RandomStream(1, "tile"), 2, true);
  constexpr int kReads = 65536, kBins = 64;
  constexpr double kCount = 64.0 * kReads;
  std::vector<double> bins(kBins, 0.0);
  double sum = 0.0, squares = 0.0, fourths = 0.0, neighbours = 0.0;
  for (int n = 0; n < kReads; ++n) {
    double last = 0.0;
    for (const float draw : normals(noise, 0, static_cast<std::uint64_t>(n))) {
      const double x = static_cast<double>(draw);
      sum += x;
      squares += x * x;
      fourths += x * x * x * x;
      neighbours += x * last;
      last = x;
      const double probability = 0.5 * std::erfc(-x / std::numbers::sqrt2);
      bins[static_cast<std::size_t>(std::min(kBins - 1.0, probability * kBins))] += 1.0;
    }
  }
  double chi = 0.0;
  for (const double bin : bins) chi += std::pow(bin - kCount / kBins, 2) / (kCount / kBins);
  EXPECT_LT(chi, 126.0);
  EXPECT_NEAR(sum / kCount, 0.0, 4 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1.0, 4 * std::sqrt(2 / kCount));
  EXPECT_NEAR(fourths / kCount, 3.0, 4 * std::sqrt(96 / kCount));
  EXPECT_NEAR(neighbours / kCount, 0.0, 4 / std::sqrt(kCount));
}

TEST(Kernels, UnknownNamesAreRefusedWithTheKnownOnes) {
  try {
    use_kernels("abacus");
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("portable"));
  }
}

}  // namespace
}  // namespace aimc::cim
