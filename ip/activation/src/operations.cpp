// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/operations.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace aimc::activation {

void widen(std::span<const std::uint8_t> bytes, ElementType type, std::span<std::int32_t> values) {
  switch (type) {
    case ElementType::int8:
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::int8_t>(bytes[i]);
      return;
    case ElementType::uint8:
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = bytes[i];
      return;
    case ElementType::int32:
      std::memcpy(values.data(), bytes.data(), values.size_bytes());
      return;
  }
}

void narrow(std::span<const std::int32_t> values, ElementType type, std::span<std::uint8_t> bytes) {
  if (type == ElementType::int32) {
    std::memcpy(bytes.data(), values.data(), values.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) bytes[i] = static_cast<std::uint8_t>(values[i]);
}

void affine(std::span<const std::int32_t> in, std::span<const Affine> channels, Bounds bounds,
            std::span<std::int32_t> out) {
  std::size_t channel = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = affine(in[i], channels[channel], bounds);
    if (++channel == channels.size()) channel = 0;
  }
}

void leaky(std::span<const std::int32_t> in, const Leaky& parameters, Bounds bounds,
           std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::int32_t t = add_saturating(in[i], parameters.bias);
    const Rescale& scale = t < 0 ? parameters.negative : parameters.positive;
    out[i] = saturate(rescale(t, scale), bounds.low, bounds.high);
  }
}

void look_up(std::span<const std::int32_t> in, std::int32_t first,
             std::span<const std::int8_t, 256> table, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < in.size(); ++i)
    out[i] = table[static_cast<std::size_t>(in[i] - first)];
}

void add(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
         const Addition& parameters, Bounds bounds, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < a.size(); ++i)
    out[i] = saturate(
        rescale_sum(a[i], parameters.multiplier_a, b[i], parameters.multiplier_b, parameters.shift),
        bounds.low, bounds.high);
}

std::size_t arg_max(std::span<const std::int32_t> in) {
  return static_cast<std::size_t>(std::max_element(in.begin(), in.end()) - in.begin());
}

void softmax(std::span<const std::int32_t> in, std::span<const std::uint16_t, 256> table,
             std::span<std::int32_t> out) {
  const std::int32_t largest = *std::max_element(in.begin(), in.end());
  std::uint64_t sum = 0;  // of at most 2^19 numbers of 16 bits
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = table[static_cast<std::size_t>(largest - in[i])];
    sum += static_cast<std::uint64_t>(out[i]);
  }
  for (std::int32_t& value : out) {
    // floor(128 * e / sum + 1/2)
    const std::uint64_t probability = (256 * static_cast<std::uint64_t>(value) + sum) / (2 * sum);
    value = static_cast<std::int32_t>(std::min<std::uint64_t>(probability, 127));
  }
}

void fill_softmax_table(double scale, std::span<std::uint16_t, 256> table) {
  for (std::size_t d = 0; d < table.size(); ++d)
    table[d] = static_cast<std::uint16_t>(
        std::lround(65535.0 * std::exp(-scale * static_cast<double>(d))));
}

}  // namespace aimc::activation
