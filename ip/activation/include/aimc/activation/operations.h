// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "aimc/common/fixed_point.h"

namespace aimc::activation {

/// The element-wise operations and reductions of the activation engine as pure functions on
/// vectors. Operands are widened to 32 bits first, so one function serves every element type.
/// `in` and `out` have equal lengths and may be the same memory. Nothing is checked here: see
/// `check` in command.h.

/// Element types of an operand, with the codes of the command's IN_TYPE field.
enum class ElementType : std::uint8_t { int8 = 0, uint8 = 1, int32 = 2 };

constexpr std::size_t element_bytes(ElementType type) { return type == ElementType::int32 ? 4 : 1; }

/// Little-endian elements to 32-bit values. @param bytes  values.size() * element_bytes(type).
void widen(std::span<const std::uint8_t> bytes, ElementType type, std::span<std::int32_t> values);
/// The reverse; each value must fit `type`.
void narrow(std::span<const std::int32_t> values, ElementType type, std::span<std::uint8_t> bytes);

/// Range that results saturate to; low <= high. The default is that of an int32 output.
struct Bounds {
  std::int32_t low = std::numeric_limits<std::int32_t>::min();
  std::int32_t high = std::numeric_limits<std::int32_t>::max();
};

/// One channel's transform.
struct Affine {
  std::int32_t bias = 0;
  Rescale scale;
};

/// clamp(round((x + bias) * multiplier / 2^shift)); the sum saturates to int32, halves round
/// towards +infinity.
constexpr std::int32_t affine(std::int32_t x, const Affine& channel, Bounds bounds) {
  return saturate(rescale(add_saturating(x, channel.bias), channel.scale), bounds.low, bounds.high);
}

/// Element i uses channels[i mod channels.size()]; one channel serves them all.
void affine(std::span<const std::int32_t> in, std::span<const Affine> channels, Bounds bounds,
            std::span<std::int32_t> out);

/// Leaky ReLU: t = x + bias, saturating to int32; then t times `positive` if t >= 0, else t times
/// `negative`, rounded and clamped as in `affine`.
struct Leaky {
  std::int32_t bias = 0;
  Rescale positive;
  Rescale negative;
};
void leaky(std::span<const std::int32_t> in, const Leaky& parameters, Bounds bounds,
           std::span<std::int32_t> out);

/// out = table[in - first]; `first` is -128 for int8 operands and 0 for uint8.
void look_up(std::span<const std::int32_t> in, std::int32_t first,
             std::span<const std::int8_t, 256> table, std::span<std::int32_t> out);

/// Residual addition of int8 values: clamp(rescale_sum(...)).
struct Addition {
  std::int32_t multiplier_a = 1;  ///< >= 0
  std::int32_t multiplier_b = 1;  ///< >= 0
  std::int32_t shift = 0;         ///< 0 .. 62
};
void add(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
         const Addition& parameters, Bounds bounds, std::span<std::int32_t> out);

/// Index of the largest element; of equal ones the first. @param in  not empty.
std::size_t arg_max(std::span<const std::int32_t> in);

/// out_i = min(127, round(128 * e_i / sum e)), e_i = table[max(in) - in_i], halves up: the
/// probabilities in 1/128, of which 1 is shown as 127/128.
/// @param in     int8 or uint8 values, not empty.
/// @param table  256 numbers proportional to exp(-d * scale of the operand); table[0] > 0.
void softmax(std::span<const std::int32_t> in, std::span<const std::uint16_t, 256> table,
             std::span<std::int32_t> out);

/// The table for operands of which one step is `scale`: round(65535 * exp(-d * scale)).
void fill_softmax_table(double scale, std::span<std::uint16_t, 256> table);

}  // namespace aimc::activation
