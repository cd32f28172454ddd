// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/operations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace aimc::activation {
namespace {

using ::testing::ElementsAre;
using Vector = std::vector<std::int32_t>;

TEST(Operations, WidenAndNarrowAreInversesForEachType) {
  const std::array<std::uint8_t, 8> bytes{0x00, 0x7f, 0x80, 0xff, 0x01, 0x02, 0x03, 0x84};
  for (const ElementType type : {ElementType::int8, ElementType::uint8, ElementType::int32}) {
    Vector values(bytes.size() / element_bytes(type));
    widen(bytes, type, values);
    std::array<std::uint8_t, 8> back{};
    narrow(values, type, back);
    EXPECT_EQ(back, bytes);
    switch (type) {
      case ElementType::int8:
        EXPECT_THAT(values, ElementsAre(0, 127, -128, -1, 1, 2, 3, -124));
        break;
      case ElementType::uint8:
        EXPECT_THAT(values, ElementsAre(0, 127, 128, 255, 1, 2, 3, 132));
        break;
      case ElementType::int32:
        EXPECT_THAT(values, ElementsAre(-8356096, -2080177663));
        break;
    }
  }
}

TEST(Operations, AffineRoundsHalvesUpAndSaturatesTwice) {
  EXPECT_EQ(affine(1, {0, {1, 1}}, {-128, 127}), 1) << "0.5";
  EXPECT_EQ(affine(-1, {0, {1, 1}}, {-128, 127}), 0) << "-0.5";
  EXPECT_EQ(affine(-3, {0, {1, 1}}, {-128, 127}), -1) << "-1.5";
  EXPECT_EQ(affine(100, {100, {1, 0}}, {-128, 127}), 127);
  EXPECT_EQ(affine(-5, {0, {1, 0}}, {0, 127}), 0) << "ReLU";
  EXPECT_EQ(affine(INT32_MAX, {1, {1, 1}}, {}), 1 << 30) << "the sum saturates, then halves";
  EXPECT_EQ(affine(INT32_MIN, {-1, {0x7fffffff, 62}}, {}), -1) << "-0.9999999995";
}

TEST(Operations, AffineWalksThroughTheChannels) {
  const Vector in{10, 10, 10, 10, 10};
  const std::array<Affine, 2> channels{{{0, {1, 0}}, {5, {2, 0}}}};
  Vector out(5);
  affine(in, channels, {-128, 127}, out);
  EXPECT_THAT(out, ElementsAre(10, 30, 10, 30, 10));
}

TEST(Operations, LeakyTurnsAtZeroOfTheBiasedValue) {
  Vector values{-14, -11, -10, -9, -6};
  leaky(values, {10, {2, 0}, {1, 1}}, {-128, 127}, values);
  EXPECT_THAT(values, ElementsAre(-2, 0, 0, 2, 8)) << "-0.5 rounds up to 0";
}

TEST(Operations, LookUpCoversBothEndsOfBothTypes) {
  std::array<std::int8_t, 256> table;
  for (int i = 0; i < 256; ++i)
    table[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
  Vector values{-128, 0, 127};
  look_up(values, -128, table, values);
  EXPECT_THAT(values, ElementsAre(-128, 0, 127));
  values = {0, 128, 255};
  look_up(values, 0, table, values);
  EXPECT_THAT(values, ElementsAre(-128, 0, 127));
}

TEST(Operations, AddRoundsTheSumOnce) {
  const Vector a{1, 1, -1, 127, -128};
  const Vector b{1, 0, 0, 127, -128};
  Vector out(5);
  add(a, b, {1, 1, 1}, {-128, 127}, out);  // two halves make one, not two
  EXPECT_THAT(out, ElementsAre(1, 1, 0, 127, -128));
  add(a, b, {0x7fffffff, 0x7fffffff, 62}, {-128, 127}, out);
  EXPECT_THAT(out, ElementsAre(0, 0, 0, 0, 0));
  add(a, b, {0x7fffffff, 0x7fffffff, 0}, {-100, 100}, out);
  EXPECT_THAT(out, ElementsAre(100, 100, -100, 100, -100));
}

TEST(Operations, ArgMaxTakesTheFirstOfEqualOnes) {
  EXPECT_EQ(arg_max(Vector{7}), 0u);
  EXPECT_EQ(arg_max(Vector{1, 3, 2, 3}), 1u);
  EXPECT_EQ(arg_max(Vector{5, 5, 5}), 0u);
  EXPECT_EQ(arg_max(Vector{INT32_MIN, INT32_MIN, INT32_MAX}), 2u);
}

class Softmax : public ::testing::Test {
 protected:
  Vector run(Vector values, double scale = 0.05) {
    fill_softmax_table(scale, table);
    softmax(values, table, values);
    return values;
  }
  std::array<std::uint16_t, 256> table{};
};

TEST_F(Softmax, SingleElementIsCertain) { EXPECT_THAT(run({-5}), ElementsAre(127)); }

TEST_F(Softmax, EqualElementsShareEvenly) {
  EXPECT_THAT(run({9, 9, 9, 9}), ElementsAre(32, 32, 32, 32));
  EXPECT_THAT(run({9, 9, 9}), ElementsAre(43, 43, 43)) << "42.67";
}

TEST_F(Softmax, RoundsHalvesUp) {
  table.fill(0);
  table[0] = 255;
  table[1] = 1;  // 128 * 1 / 256 = 0.5
  Vector values{1, 0};
  softmax(values, table, values);
  EXPECT_THAT(values, ElementsAre(127, 1)) << "127.5 saturates, 0.5 rounds up";
}

TEST_F(Softmax, FarElementsVanish) { EXPECT_THAT(run({127, -128}, 0.1), ElementsAre(127, 0)); }

// Each result is off by at most 1/2 from rounding, 1 at 127, and the table's own rounding.
TEST_F(Softmax, SumsToOneKeepsTheOrderAndFollowsTheRealFunction) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> value(-128, 127);
  for (const std::size_t count : {2u, 10u, 100u}) {
    Vector in(count);
    for (auto& x : in) x = value(random);
    const double scale = 0.03;
    const Vector out = run(in, scale);
    EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0), 128,
                0.5 * static_cast<double>(count) + 1.0);
    double sum = 0.0;
    for (const int x : in) sum += std::exp(scale * x);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(out[i], 128.0 * std::exp(scale * in[i]) / sum, 0.51) << i;
      for (std::size_t j = 0; j < count; ++j)
        if (in[i] < in[j]) {
          EXPECT_LE(out[i], out[j]);
        }
    }
  }
}

TEST_F(Softmax, TableIsAFallingExponentialFrom65535) {
  fill_softmax_table(0.05, table);
  EXPECT_EQ(table[0], 65535);
  EXPECT_EQ(table[1], 62339);  // 65535 * exp(-0.05) = 62338.8
  EXPECT_TRUE(std::is_sorted(table.rbegin(), table.rend()));
}

}  // namespace
}  // namespace aimc::activation
