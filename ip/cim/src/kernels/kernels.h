// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace aimc::cim {

/// Columns of a panel, the unit of storage of a plane, and of a group, the unit of noise draws.
constexpr unsigned kPanelColumns = 32;
constexpr unsigned kGroupColumns = 64;

/// What follows the sums of one column on the way to its result; arrays of whole groups.
///
///   raw  = sum * gain + offset + sqrt(variance_sum * spread + floor) * N(0,1)   [codes]
///   code = clamp(round_even(raw), -limit, limit)
///   out  = round_even(code * scale)
struct ColumnTerms {
  const float* gain;
  const float* offset;
  const float* spread;
  const float* floor;
  const float* limit;  ///< Infinite (and scale 0) for columns that do not count.
  const float* scale;
};

/// Where the noise of a group of columns comes from. Column g * 64 + 16 * w + l of operation n
/// takes word w of Threefry-4x32-12 at counter (16 * g + l, n), paired by Box-Muller with its
/// neighbour word.
struct NoiseSource {
  std::uint32_t key[4];
  bool on;
};

/// The hot loops, once for each set of vector instructions. All variants give the same bits:
/// integer sums are exact, and each floating-point operation is rounded by itself in a fixed
/// order.
struct Kernels {
  const char* name;

  /// int8 inputs to DAC steps in int16, -127..127, and to their squares, scaled by 2^-shift to
  /// 0..126.
  void (*convert_inputs)(const std::int8_t* inputs, std::size_t count, unsigned shift,
                         std::int16_t* steps, std::uint8_t* squares);
  void (*square)(const std::int16_t* steps, std::size_t count, unsigned shift,
                 std::uint8_t* squares);

  /// Sums of a panel of int16 weights, [pairs of rows][32 columns][2], with `count` vectors of
  /// int16 inputs; results [count][stride] in 32 bits.
  void (*product16)(const std::int16_t* weights, std::size_t pairs, const std::int16_t* inputs,
                    std::size_t input_stride, std::size_t count, std::int32_t* results,
                    std::size_t stride);
  /// The same of int8 weights, [quads of rows][32 columns][4], with inputs 0..126.
  void (*product8)(const std::int8_t* weights, std::size_t quads, const std::uint8_t* inputs,
                   std::size_t input_stride, std::size_t count, std::int32_t* results,
                   std::size_t stride);
  /// Sums in single precision, added to the results if `add`.
  void (*to_single)(const std::int32_t* sums, std::size_t count, float* results, bool add);

  /// One group of columns of `count` vectors, operations first, first + 1, ...: raw values.
  /// `halves` 1 leaves out the upper 32 columns.
  void (*noisy)(const NoiseSource& noise, std::uint32_t group, std::uint64_t first, unsigned halves,
                std::size_t count, const float* sums, const float* variances, std::size_t stride,
                const ColumnTerms& terms, float* raw, std::size_t raw_stride);
  /// The same through to the results. @returns conversions that clipped.
  std::uint64_t (*convert)(const NoiseSource& noise, std::uint32_t group, std::uint64_t first,
                           unsigned halves, std::size_t count, const float* sums,
                           const float* variances, std::size_t stride, const ColumnTerms& terms,
                           std::int32_t* results, std::size_t result_stride);
};

/// The best variant that this CPU runs, or the one that `use_kernels` chose.
const Kernels& kernels();

}  // namespace aimc::cim
