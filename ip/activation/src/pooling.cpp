// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/pooling.h"

#include <algorithm>
#include <vector>

namespace aimc::activation {
namespace {

/// Half-open range of input rows or columns.
struct Range {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t size() const { return end - begin; }
};

/// The part of window number `index` that lies in [0, size).
Range clip(std::uint32_t index, std::uint32_t stride, std::uint32_t pad, std::uint32_t kernel,
           std::uint32_t size) {
  const std::int64_t first = static_cast<std::int64_t>(index) * stride - pad;
  const std::int64_t last = std::min<std::int64_t>(first + kernel, size);
  return {static_cast<std::uint32_t>(std::max<std::int64_t>(first, 0)),
          static_cast<std::uint32_t>(last)};
}

bool touches(std::uint32_t size, std::uint32_t kernel, std::uint32_t stride, std::uint32_t pad,
             std::uint32_t windows) {
  const std::int64_t last = static_cast<std::int64_t>(windows - 1) * stride - pad;
  return pad < kernel && last < size;
}

/// Folds the pixels of each window into one accumulator per channel, then hands the accumulators
/// to `finish(number of pixels, accumulators, output pixel)`.
template <class Fold, class Finish>
void for_each_window(const Pool& pool, std::span<const std::int8_t> in, std::span<std::int8_t> out,
                     std::int32_t start, Fold fold, Finish finish) {
  const std::size_t channels = pool.channels;
  std::vector<std::int32_t> accumulators(channels);
  for (std::uint32_t oy = 0; oy < pool.out_height; ++oy) {
    const Range rows = clip(oy, pool.stride_y, pool.pad_top, pool.kernel_height, pool.in_height);
    for (std::uint32_t ox = 0; ox < pool.out_width; ++ox) {
      const Range columns =
          clip(ox, pool.stride_x, pool.pad_left, pool.kernel_width, pool.in_width);
      std::fill(accumulators.begin(), accumulators.end(), start);
      for (std::uint32_t y = rows.begin; y < rows.end; ++y) {
        const std::int8_t* pixel =
            &in[(static_cast<std::size_t>(y) * pool.in_width + columns.begin) * channels];
        for (std::uint32_t x = 0; x < columns.size(); ++x, pixel += channels)
          for (std::size_t c = 0; c < channels; ++c) fold(accumulators[c], pixel[c]);
      }
      const std::size_t place = (static_cast<std::size_t>(oy) * pool.out_width + ox) * channels;
      finish(rows.size() * columns.size(), accumulators, out.subspan(place, channels));
    }
  }
}

}  // namespace

bool windows_touch_map(const Pool& pool) {
  return touches(pool.in_height, pool.kernel_height, pool.stride_y, pool.pad_top,
                 pool.out_height) &&
         touches(pool.in_width, pool.kernel_width, pool.stride_x, pool.pad_left, pool.out_width);
}

void max_pool(const Pool& pool, std::span<const std::int8_t> in, std::span<std::int8_t> out) {
  for_each_window(
      pool, in, out, -128,
      [](std::int32_t& largest, std::int32_t value) { largest = std::max(largest, value); },
      [](std::uint32_t, const std::vector<std::int32_t>& largest, std::span<std::int8_t> result) {
        for (std::size_t c = 0; c < result.size(); ++c)
          result[c] = static_cast<std::int8_t>(largest[c]);
      });
}

void average_pool(const Pool& pool, bool count_pad, Rescale scale, Bounds bounds,
                  std::span<const std::int8_t> in, std::span<std::int8_t> out) {
  const std::uint32_t window = pool.kernel_height * pool.kernel_width;
  for_each_window(
      pool, in, out, 0, [](std::int32_t& sum, std::int32_t value) { sum += value; },
      [&](std::uint32_t pixels, const std::vector<std::int32_t>& sums,
          std::span<std::int8_t> result) {
        const auto count = static_cast<std::int32_t>(count_pad ? window : pixels);
        for (std::size_t c = 0; c < result.size(); ++c)
          result[c] = static_cast<std::int8_t>(
              saturate(rescale_mean(sums[c], count, scale), bounds.low, bounds.high));
      });
}

}  // namespace aimc::activation
