// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/piecewise.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace aimc::activation {
namespace {

constexpr std::int32_t kFirst = -32768;
constexpr std::int32_t kLast = 32767;

double real_tanh(std::int32_t x) { return 128.0 * std::tanh(x / 4096.0); }
double real_sigmoid(std::int32_t x) { return 128.0 / (1.0 + std::exp(-x / 4096.0)); }

/// Largest error in 1/128 over all arguments, apart for results of 127, where int8 ends.
struct Errors {
  double inside = 0.0;
  double at_end = 0.0;
};
template <class Function>
Errors errors(Function rounded, double (*real)(std::int32_t)) {
  Errors largest;
  for (std::int32_t x = kFirst; x <= kLast; ++x) {
    const int y = rounded(x);
    double& error = y == 127 ? largest.at_end : largest.inside;
    error = std::max(error, std::abs(y - real(x)));
  }
  return largest;
}

// The stated numbers are checked from both sides: not exceeded, and not padded either.
TEST(Piecewise, TanhErrsByWhatTheHeaderStates) {
  const Errors largest = errors(tanh_q12, real_tanh);
  EXPECT_LE(largest.inside, 0.80);
  EXPECT_GT(largest.inside, 0.75);
  EXPECT_LE(largest.at_end, 1.00);
  EXPECT_GT(largest.at_end, 0.99);
}

TEST(Piecewise, SigmoidErrsByWhatTheHeaderStates) {
  const Errors largest = errors(sigmoid_q12, real_sigmoid);
  EXPECT_LE(largest.inside, 0.65);
  EXPECT_GT(largest.inside, 0.60);
  EXPECT_LE(largest.at_end, 1.00);
  EXPECT_GT(largest.at_end, 0.95);
}

TEST(Piecewise, FitErrsByWhatTheHeaderStatesBeforeRounding) {
  double tanh_error = 0.0;
  double sigmoid_error = 0.0;
  for (std::int32_t x = 0; x <= -kFirst; ++x) {
    const Bin& bin = find_bin(x, 0);
    const double y = std::ldexp(static_cast<double>(bin.slope) * x + bin.offset, 7 - 27);
    tanh_error = std::max(tanh_error, std::abs(y - real_tanh(x)));
    const Bin& half = find_bin(x, 1);
    const double h = std::ldexp(static_cast<double>(half.slope) * x + 2.0 * half.offset, 7 - 29);
    sigmoid_error = std::max(sigmoid_error, std::abs(64.0 + h - real_sigmoid(x)));
  }
  EXPECT_LE(tanh_error, 0.306);
  EXPECT_GT(tanh_error, 0.300);
  EXPECT_LE(sigmoid_error, 0.151);
  EXPECT_GT(sigmoid_error, 0.149);
}

/// Half of the largest gap between tanh and its chord: the error of the best line over [a, b].
double best_line_error(double a, double b) {
  const double slope = (std::tanh(b) - std::tanh(a)) / (b - a);
  double gap = 0.0;
  for (int i = 1; i < 400; ++i) {
    const double x = a + (b - a) * i / 400.0;
    gap = std::max(gap, std::tanh(x) - std::tanh(a) - slope * (x - a));
  }
  return gap / 2.0;
}

// Bins made as wide as an error allows, from 0 on, reach the farthest that any bins can.
TEST(Piecewise, NoNineBinsReachOnePercentLessError) {
  const double error = 0.99 * 0.299 / 128.0;
  double border = 0.0;
  for (std::size_t k = 0; k < kTanhBins.size() && border < 8.0; ++k) {
    double low = border;
    double high = 8.0;
    if (best_line_error(border, high) <= error) low = high;
    while (high - low > 1e-6) {
      const double middle = (low + high) / 2.0;
      (best_line_error(border, middle) <= error ? low : high) = middle;
    }
    border = low;
  }
  EXPECT_LT(border, 8.0);
}

TEST(Piecewise, NeighbouringBinsMeetExactly) {
  for (std::size_t k = 1; k < kTanhBins.size(); ++k) {
    const Bin& left = kTanhBins[k - 1];
    const Bin& right = kTanhBins[k];
    EXPECT_GT(right.start, left.start);
    EXPECT_EQ(left.slope * right.start + left.offset, right.slope * right.start + right.offset);
  }
}

TEST(Piecewise, FunctionsNeverFall) {
  for (std::int32_t x = kFirst; x < kLast; ++x) {
    EXPECT_LE(tanh_q12(x), tanh_q12(x + 1)) << x;
    EXPECT_LE(sigmoid_q12(x), sigmoid_q12(x + 1)) << x;
  }
}

TEST(Piecewise, TanhIsOddAndSigmoidSymmetricApartFromTheEnds) {
  for (std::int32_t x = 1; x <= kLast; ++x) {
    EXPECT_EQ(std::min<int>(-tanh_q12(-x), 127), tanh_q12(x)) << x;
    const int sum = sigmoid_q12(x) + sigmoid_q12(-x);
    // 128, but 127 where 1 saturates, and 129 where both halves round up from a tie.
    EXPECT_THAT(sum, ::testing::AnyOf(127, 128, 129)) << x;
    if (sum == 127) {
      EXPECT_EQ(sigmoid_q12(x), 127) << x;
    }
  }
}

TEST(Piecewise, KnownValues) {
  EXPECT_EQ(tanh_q12(0), 0);
  EXPECT_EQ(tanh_q12(4096), 98);  // 97.48, and the fit lies higher there
  EXPECT_EQ(tanh_q12(kLast), 127);
  EXPECT_EQ(tanh_q12(kFirst), -128);
  EXPECT_EQ(sigmoid_q12(0), 64);
  EXPECT_EQ(sigmoid_q12(4096), 93);  // 93.58, and the fit lies lower there
  EXPECT_EQ(sigmoid_q12(kLast), 127);
  EXPECT_EQ(sigmoid_q12(kFirst), 0);
}

TEST(Piecewise, ArgumentsSaturateToQ4Point12) {
  EXPECT_EQ(to_q12(INT32_MAX, {0x7fffffff, 0}), 32767);
  EXPECT_EQ(to_q12(INT32_MIN, {0x7fffffff, 0}), -32768);
  EXPECT_EQ(to_q12(3, {1, 1}), 2) << "1.5 rounds up";
  EXPECT_EQ(to_q12(-3, {1, 1}), -1) << "-1.5 rounds up too";
  EXPECT_EQ(to_q12(INT32_MIN, {1, 62}), 0);
}

TEST(Piecewise, VectorsMayBeScaledInPlace) {
  std::vector<std::int32_t> x{-100000, -1, 0, 1, 100000};
  tanh(x, {4096, 0}, x);
  EXPECT_THAT(x, ::testing::ElementsAre(-128, -98, 0, 98, 127));
}

}  // namespace
}  // namespace aimc::activation
