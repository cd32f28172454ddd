// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace aimc {

/// The integer arithmetic contract of the digital units. The tile's local digital unit, the
/// activation engine, the compiler and the reference interpreter all use these functions, so that
/// "equal" means equal to the last bit. Written once, tested against 128-bit arithmetic.

/// Positive rational scale multiplier / 2^shift.
struct Rescale {
  std::int32_t multiplier = 1;  ///< >= 0
  std::int32_t shift = 0;       ///< 0 .. 62
};

/// round(value * multiplier / 2^shift), halves towards +infinity. Exact: the product of two 32-bit
/// numbers and the rounding constant fit 64 bits for every shift <= 62.
constexpr std::int64_t rescale(std::int32_t value, Rescale scale) {
  const std::int64_t product = static_cast<std::int64_t>(value) * scale.multiplier;
  if (scale.shift == 0) return product;
  // Shift in two steps: adding 2^(shift-1) to the product could overflow for shift 62.
  return ((product >> (scale.shift - 1)) + 1) >> 1;
}

/// Saturates to [low, high].
constexpr std::int32_t saturate(std::int64_t value, std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>(
      std::clamp(value, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
}

/// int32 addition that saturates, as the accumulators do.
constexpr std::int32_t add_saturating(std::int32_t a, std::int32_t b) {
  return saturate(static_cast<std::int64_t>(a) + b, INT32_MIN, INT32_MAX);
}

/// Requantises an accumulator to int8: saturate(round(value * multiplier / 2^shift)).
constexpr std::int8_t requantise(std::int32_t value, Rescale scale, std::int32_t low,
                                 std::int32_t high) {
  return static_cast<std::int8_t>(saturate(rescale(value, scale), low, high));
}

/// round((a * multiplier_a + b * multiplier_b) / 2^shift), halves towards +infinity, with an exact
/// sum rounded once: `rescale` for two terms.
/// @param a, b  int8 values, so that the sum stays below 2^40 in magnitude.
/// @param shift  0 .. 62
constexpr std::int64_t rescale_sum(std::int32_t a, std::int32_t multiplier_a, std::int32_t b,
                                   std::int32_t multiplier_b, std::int32_t shift) {
  const std::int64_t sum =
      static_cast<std::int64_t>(a) * multiplier_a + static_cast<std::int64_t>(b) * multiplier_b;
  return shift == 0 ? sum : ((sum >> (shift - 1)) + 1) >> 1;
}

/// round(sum * multiplier / (count * 2^shift)), halves towards +infinity: the average pool.
/// @param count  1 .. 65535; `sum` fits 24 bits for int8 inputs.
constexpr std::int64_t rescale_mean(std::int32_t sum, std::int32_t count, Rescale scale) {
  const __int128 numerator = static_cast<__int128>(sum) * scale.multiplier * 2;
  const __int128 half = static_cast<__int128>(count) << scale.shift;
  const __int128 value = numerator + half;
  const __int128 divisor = half * 2;
  __int128 quotient = value / divisor;
  if (value % divisor < 0) --quotient;
  return static_cast<std::int64_t>(quotient);
}

/// The multiplier and shift closest to `factor` with a 31-bit multiplier.
/// @param factor  > 0 and below 2^30. @throws UserError otherwise.
Rescale make_rescale(double factor);

}  // namespace aimc
