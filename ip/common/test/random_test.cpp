// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace aimc {
namespace {

/// Seeds are fixed, so these tests pass always or never. Limits are six standard deviations of the
/// statistic: another seed would fail one comparison with a probability of 2e-9.
constexpr double kSigmas = 6.0;

std::vector<float> normals(const RandomStream& stream, std::size_t count, std::uint32_t first = 0) {
  std::vector<float> out(count);
  stream.normals(out, first);
  return out;
}

/// Philox4x32-10 written down from the paper (Salmon et al., SC 2011), to check the library.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xd2511f53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xcd9e8d57} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9e3779b9;
    key[1] += 0xbb67ae85;
  }
  return counter;
}

TEST(RandomTest, UsesPhiloxAsPublished) {
  // Known answers from the Random123 distribution (kat_vectors, philox4x32 10).
  const auto library = [](std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
    const r123::Philox4x32::ctr_type counter{{c[0], c[1], c[2], c[3]}};
    const r123::Philox4x32::key_type key{{k[0], k[1]}};
    const auto words = r123::Philox4x32{}(counter, key);
    return std::array<std::uint32_t, 4>{words[0], words[1], words[2], words[3]};
  };
  const std::array<std::uint32_t, 4> zeros{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  EXPECT_EQ(library({0, 0, 0, 0}, {0, 0}), zeros);
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), zeros);
  const std::uint32_t f = 0xffffffff;
  const std::array<std::uint32_t, 4> ones{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  EXPECT_EQ(library({f, f, f, f}, {f, f}), ones);
  EXPECT_EQ(philox({f, f, f, f}, {f, f}), ones);
  EXPECT_EQ(library({1, 2, 3, 4}, {5, 6}), philox({1, 2, 3, 4}, {5, 6}));
}

TEST(RandomTest, HashesNamesAsFnv1aDoes) {
  EXPECT_EQ(hash64(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(hash64("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(hash64("foobar"), 0x85944171f73967e8ull);
}

TEST(RandomTest, DrawsDifferForEachPartOfTheirName) {
  const RandomStream base(1, "soc.tile0");
  const auto block = base.at(1, 2).block(3);
  EXPECT_EQ(RandomStream(1, "soc.tile0").at(1, 2).block(3), block) << "the same name, again";
  EXPECT_NE(RandomStream(2, "soc.tile0").at(1, 2).block(3), block);
  EXPECT_NE(RandomStream(1, "soc.tile1").at(1, 2).block(3), block);
  EXPECT_NE(base.at(2, 2).block(3), block);
  EXPECT_NE(base.at(1, 3).block(3), block);
  EXPECT_NE(base.at(1, 2 + (std::uint64_t{1} << 32)).block(3), block);
  EXPECT_NE(base.at(1, 2).block(4), block);
}

TEST(RandomTest, DrawsDoNotDependOnHowTheyAreSplit) {
  const RandomStream stream = RandomStream(7, "x").at(1);
  const std::vector<float> whole = normals(stream, 1000, 5);
  for (const std::size_t part : {1u, 3u, 4u, 7u, 64u, 999u}) {
    std::vector<float> pieces;
    for (std::size_t at = 0; at < whole.size(); at += part) {
      const auto piece =
          normals(stream, std::min(part, whole.size() - at), static_cast<std::uint32_t>(5 + at));
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    ASSERT_EQ(pieces, whole) << "in parts of " << part;
  }
}

TEST(RandomTest, NormalsAreBoxMullerToSinglePrecision) {
  // The polynomials for logarithm, sine and cosine against the C library in double precision.
  const RandomStream stream = RandomStream(3, "accuracy");
  const std::vector<float> draws = normals(stream, 400000);
  double worst = 0.0;
  for (std::uint32_t i = 0; i < draws.size(); i += 4) {
    const auto words = stream.block(i / 4);
    for (unsigned pair = 0; pair < 2; ++pair) {
      const double u = ((words[2 * pair] >> 8) + 1) / 16777216.0;
      const double angle = 2.0 * std::numbers::pi * (words[2 * pair + 1] >> 8) / 16777216.0;
      const double radius = std::sqrt(-2.0 * std::log(u));
      worst = std::max(worst, std::abs(draws[i + 2 * pair] - radius * std::cos(angle)));
      worst = std::max(worst, std::abs(draws[i + 2 * pair + 1] - radius * std::sin(angle)));
    }
  }
  EXPECT_LT(worst, 2e-6);
}

TEST(RandomTest, NormalsHaveTheMomentsOfANormalDistribution) {
  const std::size_t n = 4'000'000;
  const std::vector<float> draws = normals(RandomStream(11, "moments"), n);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const float draw : draws) {
    const double x = draw;
    m1 += x;
    m2 += x * x;
    m3 += x * x * x;
    m4 += x * x * x * x;
    ASSERT_LE(std::abs(x), 5.77);
  }
  const double count = static_cast<double>(n);
  EXPECT_NEAR(m1 / count, 0.0, kSigmas * std::sqrt(1.0 / count));
  EXPECT_NEAR(m2 / count, 1.0, kSigmas * std::sqrt(2.0 / count));
  EXPECT_NEAR(m3 / count, 0.0, kSigmas * std::sqrt(15.0 / count));
  EXPECT_NEAR(m4 / count, 3.0, kSigmas * std::sqrt(96.0 / count));
}

TEST(RandomTest, NormalsFollowTheNormalDistributionFunction) {
  const std::size_t n = 1'000'000;
  const std::vector<float> draws = normals(RandomStream(12, "distribution"), n);
  for (const double limit : {-3.0, -2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0, 3.5}) {
    const double p = 0.5 * std::erfc(-limit / std::numbers::sqrt2);
    const auto below =
        std::count_if(draws.begin(), draws.end(), [&](float x) { return x < limit; });
    const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(n));
    EXPECT_NEAR(static_cast<double>(below) / static_cast<double>(n), p, kSigmas * deviation)
        << limit;
  }
}

double correlation(const std::vector<float>& a, const std::vector<float>& b, std::size_t lag) {
  double sum = 0.0;
  for (std::size_t i = 0; i + lag < a.size(); ++i) sum += double{a[i]} * b[i + lag];
  return sum / static_cast<double>(a.size() - lag);
}

TEST(RandomTest, NeighbouringDrawsAndStreamsAreUncorrelated) {
  const std::size_t n = 1'000'000;
  const double limit = kSigmas / std::sqrt(static_cast<double>(n));
  const RandomStream base(13, "soc.tile0");
  const std::vector<float> draws = normals(base.at(1, 1), n);
  for (const std::size_t lag : {1u, 2u, 3u, 4u, 256u})
    EXPECT_LT(std::abs(correlation(draws, draws, lag)), limit) << "lag " << lag;
  EXPECT_LT(std::abs(correlation(draws, normals(base.at(1, 2), n), 0)), limit) << "operation";
  EXPECT_LT(std::abs(correlation(draws, normals(base.at(2, 1), n), 0)), limit) << "purpose";
  const RandomStream neighbour(13, "soc.tile1");
  EXPECT_LT(std::abs(correlation(draws, normals(neighbour.at(1, 1), n), 0)), limit) << "instance";
  const RandomStream next(14, "soc.tile0");
  EXPECT_LT(std::abs(correlation(draws, normals(next.at(1, 1), n), 0)), limit) << "seed";
}

TEST(RandomTest, UniformsFillTheUnitIntervalEvenly) {
  const std::uint32_t n = 640'000;
  const RandomStream stream(15, "uniform");
  std::vector<double> bins(64);
  for (std::uint32_t i = 0; i < n; ++i) {
    const float u = stream.uniform(i);
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    bins[static_cast<std::size_t>(u * 64.0f)] += 1.0;
  }
  const double expected = n / 64.0;
  double chi2 = 0.0;
  for (const double bin : bins) chi2 += (bin - expected) * (bin - expected) / expected;
  // Chi-square with 63 degrees of freedom is beyond 148 with a probability of 1e-8.
  EXPECT_LT(chi2, 148.0);
  EXPECT_GT(chi2, 15.0) << "too even to be random";
}

}  // namespace
}  // namespace aimc
