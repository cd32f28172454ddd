// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "aimc/activation/operations.h"

namespace aimc::activation {

/// Geometry of a pooling layer over maps of height x width x channels, channels fastest. Output
/// pixel (y, x) sees the input rows y * stride_y - pad_top + 0 .. kernel_height - 1, columns
/// alike. Padding below and to the right follows from the size of the output.
struct Pool {
  std::uint32_t in_height = 1;
  std::uint32_t in_width = 1;
  std::uint32_t channels = 1;
  std::uint32_t kernel_height = 1;
  std::uint32_t kernel_width = 1;
  std::uint32_t stride_y = 1;
  std::uint32_t stride_x = 1;
  std::uint32_t pad_top = 0;   ///< below kernel_height
  std::uint32_t pad_left = 0;  ///< below kernel_width
  std::uint32_t out_height = 1;
  std::uint32_t out_width = 1;
};

/// True if each window covers at least one pixel of the input, in both directions.
bool windows_touch_map(const Pool& pool);

/// Maximum of the pixels of each window that lie in the input.
/// @pre windows_touch_map(pool).
void max_pool(const Pool& pool, std::span<const std::int8_t> in, std::span<std::int8_t> out);

/// clamp(round(sum * multiplier / (n * 2^shift))), rounded once, halves towards +infinity. n is
/// kernel_height * kernel_width if `count_pad` (padding counts as zeros, wherever the window
/// leaves the input), else the number of pixels of the window that lie in the input.
/// @pre windows_touch_map(pool); kernel_height * kernel_width <= 65535; bounds within int8.
void average_pool(const Pool& pool, bool count_pad, Rescale scale, Bounds bounds,
                  std::span<const std::int8_t> in, std::span<std::int8_t> out);

}  // namespace aimc::activation
