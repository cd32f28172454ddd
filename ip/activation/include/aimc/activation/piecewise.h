// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "aimc/common/fixed_point.h"

namespace aimc::activation {

/// tanh and the logistic function as hardware has them: comparators find the bin that holds the
/// argument, one multiplication and one addition finish the job. With the sign there are 17
/// comparators and 18 bins, as in the LSTM unit of HERMES (Le Gallo et al., Nature Electronics
/// 2023); the borders and slopes are our own fit, made by tools/fit_tanh.py.
///
/// Arguments are Q4.12: real value * 4096, -32768 .. 32767. Results are int8 in 1/128.
///
/// Errors, over all arguments, in 1/128 (0.0078). Before rounding to int8: at most 0.306 for tanh
/// and 0.151 for the logistic function; nine bins cannot do better than 0.299, the rest comes from
/// slopes of 16 bits. Rounded: at most 0.80 for tanh and 0.65 for the logistic function where the
/// result is below 127, and at most 1.00 where it is 127, the largest number that int8 has for 1.

/// A bin of tanh for arguments >= 0: y = slope * x + offset from `start` on.
struct Bin {
  std::int32_t start;   ///< Q4.12
  std::int32_t slope;   ///< in 2^-15
  std::int32_t offset;  ///< in 2^-27
};

inline constexpr std::array<Bin, 9> kTanhBins{{
    {0, 31574, 313473},
    {1385, 26784, 6947623},
    {2336, 21287, 19788615},
    {3241, 15826, 37487716},
    {4192, 10827, 58443524},
    {5271, 6574, 80861087},
    {6597, 3274, 102631187},
    {8425, 1067, 121225162},
    {11604, 44, 133096054},
}};

/// The bin of tanh that holds magnitude / 2^halvings.
constexpr const Bin& find_bin(std::int32_t magnitude, int halvings) {
  std::size_t k = kTanhBins.size() - 1;
  while (magnitude < kTanhBins[k].start << halvings) --k;
  return kTanhBins[k];
}

/// round(128 * tanh(x / 4096)), -128 .. 127; odd but for the ends, never falling.
constexpr std::int8_t tanh_q12(std::int32_t x) {
  const std::int32_t magnitude = x < 0 ? -x : x;
  const Bin& bin = find_bin(magnitude, 0);
  const std::int32_t y = bin.slope * magnitude + bin.offset;  // in 2^-27, at most 1.003
  const std::int64_t rounded = rescale(y, {1, 20});
  return static_cast<std::int8_t>(saturate(x < 0 ? -rounded : rounded, -128, 127));
}

/// round(128 / (1 + exp(-x / 4096))), 0 .. 127, as 1/2 + 1/2 * tanh(x / 2); never falling.
constexpr std::int8_t sigmoid_q12(std::int32_t x) {
  const std::int32_t magnitude = x < 0 ? -x : x;
  const Bin& bin = find_bin(magnitude, 1);
  const std::int32_t half_tanh = bin.slope * magnitude + 2 * bin.offset;  // in 2^-29
  const std::int32_t half = 1 << 28;                                      // in 2^-29
  const std::int32_t y = x < 0 ? half - half_tanh : half + half_tanh;
  return static_cast<std::int8_t>(saturate(rescale(y, {1, 22}), 0, 127));
}

/// round(in * scale) as Q4.12, saturating to the range of an argument.
constexpr std::int32_t to_q12(std::int32_t in, Rescale scale) {
  return saturate(rescale(in, scale), -32768, 32767);
}

/// The functions of `in` times `scale` on vectors; `in` and `out` may be the same memory.
void sigmoid(std::span<const std::int32_t> in, Rescale scale, std::span<std::int32_t> out);
void tanh(std::span<const std::int32_t> in, Rescale scale, std::span<std::int32_t> out);

}  // namespace aimc::activation
