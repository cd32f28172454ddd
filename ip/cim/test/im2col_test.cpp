// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/im2col.h"

#include <gtest/gtest.h>

#include <vector>

#include "array_fixture.h"

namespace aimc::cim {
namespace {

std::int8_t reference_element(const PatchShape& s, const std::vector<std::int8_t>& map,
                              std::uint64_t vector, std::uint32_t element) {
  const std::int64_t oy = static_cast<std::int64_t>(vector / s.out_width);
  const std::int64_t ox = static_cast<std::int64_t>(vector % s.out_width);
  const std::uint32_t c = element % s.channels;
  const std::uint32_t kx = element / s.channels % s.kernel_width;
  const std::uint32_t ky = element / s.channels / s.kernel_width;
  const std::int64_t y = oy * s.stride_y - s.pad_top + std::int64_t{ky} * s.dilation_y;
  const std::int64_t x = ox * s.stride_x - s.pad_left + std::int64_t{kx} * s.dilation_x;
  if (y < 0 || x < 0 || y >= s.height || x >= s.width) return 0;
  return map[static_cast<std::size_t>((y * s.width + x) * s.channels + c)];
}

TEST(GatherPatches, EqualsTheElementwiseDefinitionForRandomShapes) {
  const RandomStream random(3, "shapes");
  for (std::uint32_t trial = 0; trial < 200; ++trial) {
    const RandomStream draw = random.at(1, trial);
    std::uint32_t element = 0;
    const auto pick = [&](std::uint32_t low, std::uint32_t high) {
      return low + static_cast<std::uint32_t>(draw.uniform(element++) *
                                              static_cast<float>(high - low + 1));
    };
    PatchShape s;
    s.height = pick(1, 9), s.width = pick(1, 9), s.channels = pick(1, 5);
    s.kernel_height = pick(1, 5), s.kernel_width = pick(1, 5);
    s.stride_y = pick(1, 3), s.stride_x = pick(1, 3);
    s.pad_top = pick(0, 4), s.pad_left = pick(0, 4);
    s.dilation_y = pick(1, 3), s.dilation_x = pick(1, 3);
    s.out_height = pick(1, 7), s.out_width = pick(1, 7);
    const auto map = random_bytes(trial, s.map_bytes());
    const auto patch = static_cast<std::uint32_t>(s.patch_elements());
    const std::uint32_t first = pick(0, patch - 1);
    const std::uint32_t elements = pick(1, patch - first);
    const std::uint64_t start = pick(0, static_cast<std::uint32_t>(s.vectors()) - 1);
    const std::size_t count = s.vectors() - start;
    std::vector<std::int8_t> out(count * elements, 77);
    gather_patches(s, map.data(), start, count, first, elements, out.data());
    for (std::size_t n = 0; n < count; ++n)
      for (std::uint32_t e = 0; e < elements; ++e)
        ASSERT_EQ(out[n * elements + e], reference_element(s, map, start + n, first + e))
            << "trial " << trial << ", vector " << start + n << ", element " << first + e;
  }
}

}  // namespace
}  // namespace aimc::cim
