// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/im2col.h"

#include <algorithm>
#include <cstring>

namespace aimc::cim {
namespace {

/// One patch: runs of channels of one kernel position are contiguous in map and vector.
void gather_patch(const PatchShape& shape, const std::int8_t* map, std::int64_t top,
                  std::int64_t left, std::uint32_t first, std::uint32_t elements,
                  std::int8_t* out) {
  std::uint32_t position = first / shape.channels;
  std::uint32_t channel = first % shape.channels;
  while (elements > 0) {
    const std::uint32_t run = std::min(shape.channels - channel, elements);
    const std::int64_t y = top + std::int64_t{position / shape.kernel_width} * shape.dilation_y;
    const std::int64_t x = left + std::int64_t{position % shape.kernel_width} * shape.dilation_x;
    if (y >= 0 && y < shape.height && x >= 0 && x < shape.width)
      std::memcpy(out, map + (y * shape.width + x) * shape.channels + channel, run);
    else
      std::memset(out, 0, run);
    out += run;
    elements -= run;
    channel = 0;
    ++position;
  }
}

}  // namespace

void gather_patches(const PatchShape& shape, const std::int8_t* map, std::uint64_t first_vector,
                    std::size_t count, std::uint32_t first_element, std::uint32_t elements,
                    std::int8_t* out) {
  for (std::size_t n = 0; n < count; ++n) {
    const auto oy = static_cast<std::int64_t>((first_vector + n) / shape.out_width);
    const auto ox = static_cast<std::int64_t>((first_vector + n) % shape.out_width);
    gather_patch(shape, map, oy * shape.stride_y - shape.pad_top,
                 ox * shape.stride_x - shape.pad_left, first_element, elements, out + n * elements);
  }
}

}  // namespace aimc::cim
