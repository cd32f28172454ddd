// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace aimc::cim {

/// Geometry of a convolution whose patches become input vectors.
///
/// Feature map: height x width x channels, channels fastest. Patch element
/// (ky * kernel_width + kx) * channels + c comes from pixel
/// (oy * stride_y - pad_top + ky * dilation_y, ox * stride_x - pad_left + kx * dilation_x);
/// pixels outside the map are 0. Vectors follow the output map row by row.
struct PatchShape {
  std::uint32_t height = 0, width = 0, channels = 0;
  std::uint32_t kernel_height = 0, kernel_width = 0;
  std::uint32_t stride_y = 1, stride_x = 1;
  std::uint32_t pad_top = 0, pad_left = 0;
  std::uint32_t dilation_y = 1, dilation_x = 1;
  std::uint32_t out_height = 0, out_width = 0;

  std::uint64_t map_bytes() const { return std::uint64_t{height} * width * channels; }
  std::uint64_t patch_elements() const {
    return std::uint64_t{kernel_height} * kernel_width * channels;
  }
  std::uint64_t vectors() const { return std::uint64_t{out_height} * out_width; }
};

/// Gathers elements `first_element` .. `first_element + elements` of `count` patches, the first of
/// which is number `first_vector`, into out[count][elements].
void gather_patches(const PatchShape& shape, const std::int8_t* map, std::uint64_t first_vector,
                    std::size_t count, std::uint32_t first_element, std::uint32_t elements,
                    std::int8_t* out);

}  // namespace aimc::cim
