// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/exact_math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "aimc/common/random.h"

namespace aimc::cim {
namespace {

constexpr double kUlp = std::numeric_limits<double>::epsilon();

/// 100,000 magnitudes over many decades.
template <class Check>
void for_samples(double low, double high, Check check) {
  const RandomStream random(1, "exact_math");
  for (std::uint32_t i = 0; i < 100000; ++i) {
    const double u = static_cast<double>(random.uniform(2 * i)) +
                     static_cast<double>(random.uniform(2 * i + 1)) * 0x1p-24;
    check(low + (high - low) * u);
  }
}

TEST(ExactMath, LogarithmIsThatOfTheLibraryToAFewUlp) {
  double worst = 0.0;
  for_samples(-690.0, 690.0, [&](double exponent) {
    const double x = std::exp(exponent);
    worst = std::max(worst, std::abs(exact_log(x) / std::log(x) - 1.0));
  });
  // Near 1, where the exponent's part and the series' must not cancel.
  for_samples(0.5, 2.0, [&](double x) {
    if (x != 1.0) worst = std::max(worst, std::abs(exact_log(x) / std::log(x) - 1.0));
  });
  EXPECT_LT(worst, 4 * kUlp);
  EXPECT_EQ(exact_log(1.0), 0.0);
}

TEST(ExactMath, ExponentialIsThatOfTheLibraryToAFewUlp) {
  double worst = 0.0;
  for_samples(-699.0, 699.0, [&](double x) {
    worst = std::max(worst, std::abs(exact_exp(x) / std::exp(x) - 1.0));
  });
  for_samples(-1.0, 1.0, [&](double x) {
    worst = std::max(worst, std::abs(exact_exp(x) / std::exp(x) - 1.0));
  });
  EXPECT_LT(worst, 4 * kUlp);
  EXPECT_EQ(exact_exp(0.0), 1.0);
  EXPECT_EQ(exact_exp(-701.0), 0.0);
  EXPECT_EQ(exact_exp(1e9), exact_exp(700.0)) << "clamped, not infinite";
}

// Pins the bits, whatever C library and compiler.
TEST(ExactMath, BitsAreTheSameOnEveryMachine) {
  std::uint64_t log_bits = 0, exp_bits = 0;
  for (int i = 1; i <= 1000; ++i) {
    log_bits = log_bits * 31 + std::bit_cast<std::uint64_t>(exact_log(i * 0.37));
    exp_bits = exp_bits * 31 + std::bit_cast<std::uint64_t>(exact_exp(i * 0.61 - 300.0));
  }
  EXPECT_EQ(log_bits, 9125808251300479497ull);
  EXPECT_EQ(exp_bits, 3305221026831159538ull);
}

}  // namespace
}  // namespace aimc::cim
