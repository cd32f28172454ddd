// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/exact_math.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace aimc::cim {
namespace {

// ln 2 in two parts; the first has trailing zeros, so that its small multiples are exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

}  // namespace

double exact_log(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  // ln m = 2 artanh(s) with |s| <= 0.1716; the series ends where terms fall below 1e-17.
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double sum = 0.0;
  for (int k = 21; k >= 3; k -= 2) sum = (sum + 1.0 / k) * z;
  return exponent * kLn2High + (exponent * kLn2Low + 2.0 * (s + s * sum));
}

double exact_exp(double x) {
  if (x < -700.0) return 0.0;
  if (x > 700.0) x = 700.0;
  const double k = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= 0.3466
  double sum = 1.0;
  for (int n = 15; n >= 1; --n) sum = sum * r / n + 1.0;
  const auto power = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52;
  return sum * std::bit_cast<double>(power);
}

}  // namespace aimc::cim
