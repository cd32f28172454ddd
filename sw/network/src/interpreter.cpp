// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/interpreter.h"

#include <algorithm>
#include <climits>

#include "aimc/cim/cim_regs.h"
#include "aimc/common/error.h"
#include "aimc/common/fixed_point.h"

namespace aimc::network {

namespace {

using Layer = aimc_network_layer_t;
using Tensor = aimc_network_tensor_t;
using Map = std::vector<std::int8_t>;

struct Affine {
  std::int32_t bias;
  Rescale scale;
};

Rescale scale_of(std::uint32_t multiplier, std::uint32_t shift) {
  return {static_cast<std::int32_t>(multiplier), static_cast<std::int32_t>(shift)};
}

Affine affine_of(const Image& image, const Layer& layer, std::uint32_t channel) {
  const std::uint32_t entry = layer.affine + channel * CIM_AFFINE_BYTES;
  return {static_cast<std::int32_t>(image.word(entry)),
          scale_of(image.word(entry + 4), image.word(entry + 8))};
}

Map run_input(const Image& image, const Layer& layer, const Tensor& out,
              std::span<const std::uint8_t> record) {
  const bool planar = (layer.flags & AIMC_LAYER_FLAG_PLANAR) != 0;
  const std::uint32_t pixels = out.height * out.width;
  Map result(size(out));
  for (std::uint32_t c = 0; c < out.channels; ++c) {
    const Affine affine = affine_of(image, layer, c);
    for (std::uint32_t p = 0; p < pixels; ++p) {
      const std::int32_t value = record[planar ? c * pixels + p : p * out.channels + c];
      result[p * out.channels + c] = requantise(add_saturating(value, affine.bias), affine.scale,
                                                layer.clamp_low, layer.clamp_high);
    }
  }
  return result;
}

/// Calls `visit(input pixel index, tap)` for each tap of the window at (y, x) that lies in the map.
template <class Visit>
void for_each_tap(const Layer& layer, const Tensor& in, std::uint32_t y, std::uint32_t x,
                  Visit visit) {
  for (std::uint32_t ky = 0; ky < layer.kernel_height; ++ky) {
    const std::int64_t iy =
        std::int64_t{y} * layer.stride_y + std::int64_t{ky} * layer.dilation_y - layer.pad_top;
    if (iy < 0 || iy >= in.height) continue;
    for (std::uint32_t kx = 0; kx < layer.kernel_width; ++kx) {
      const std::int64_t ix =
          std::int64_t{x} * layer.stride_x + std::int64_t{kx} * layer.dilation_x - layer.pad_left;
      if (ix < 0 || ix >= in.width) continue;
      visit(static_cast<std::size_t>(iy * in.width + ix), ky * layer.kernel_width + kx);
    }
  }
}

Map run_conv(const Image& image, const Layer& layer, const Tensor& in, const Tensor& out,
             const Map& x) {
  const auto weights = image.data().subspan(layer.weights);
  Map result(size(out));
  std::vector<std::int32_t> sums(out.channels);
  for (std::uint32_t oy = 0; oy < out.height; ++oy) {
    for (std::uint32_t ox = 0; ox < out.width; ++ox) {
      std::fill(sums.begin(), sums.end(), 0);
      for_each_tap(layer, in, oy, ox, [&](std::size_t pixel, std::uint32_t tap) {
        for (std::uint32_t c = 0; c < in.channels; ++c) {
          const std::int32_t value = x[pixel * in.channels + c];
          if (value == 0) continue;
          const std::size_t row = (std::size_t{tap} * in.channels + c) * out.channels;
          for (std::uint32_t n = 0; n < out.channels; ++n)
            sums[n] += value * static_cast<std::int8_t>(weights[row + n]);
        }
      });
      std::int8_t* const pixel_out = &result[(std::size_t{oy} * out.width + ox) * out.channels];
      for (std::uint32_t n = 0; n < out.channels; ++n) {
        const Affine affine = affine_of(image, layer, n);
        pixel_out[n] = requantise(add_saturating(sums[n], affine.bias), affine.scale,
                                  layer.clamp_low, layer.clamp_high);
      }
    }
  }
  return result;
}

Map run_pool(const Layer& layer, const Tensor& in, const Tensor& out, const Map& x) {
  const bool average = layer.type == AIMC_LAYER_AVERAGE_POOL;
  const bool count_pad = (layer.flags & AIMC_LAYER_FLAG_COUNT_PAD) != 0;
  Map result(size(out));
  for (std::uint32_t oy = 0; oy < out.height; ++oy) {
    for (std::uint32_t ox = 0; ox < out.width; ++ox) {
      for (std::uint32_t c = 0; c < out.channels; ++c) {
        std::int32_t sum = 0, count = 0, largest = INT_MIN;
        for_each_tap(layer, in, oy, ox, [&](std::size_t pixel, std::uint32_t) {
          const std::int32_t value = x[pixel * in.channels + c];
          sum += value;
          largest = std::max(largest, value);
          ++count;
        });
        if (count_pad) count = static_cast<std::int32_t>(layer.kernel_height * layer.kernel_width);
        const std::int64_t value =
            average ? rescale_mean(sum, count, scale_of(layer.multiplier, layer.shift)) : largest;
        const std::int32_t low = average ? layer.clamp_low : INT8_MIN;
        const std::int32_t high = average ? layer.clamp_high : INT8_MAX;
        result[(std::size_t{oy} * out.width + ox) * out.channels + c] =
            static_cast<std::int8_t>(saturate(value, low, high));
      }
    }
  }
  return result;
}

Map run_add(const Layer& layer, const Map& a, const Map& b) {
  Map result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::int64_t sum = rescale_sum(a[i], static_cast<std::int32_t>(layer.multiplier), b[i],
                                         static_cast<std::int32_t>(layer.multiplier2),
                                         static_cast<std::int32_t>(layer.shift));
    result[i] = static_cast<std::int8_t>(saturate(sum, layer.clamp_low, layer.clamp_high));
  }
  return result;
}

Map run_lut(const Image& image, const Layer& layer, const Map& x) {
  const auto table = image.data().subspan(layer.table, 256);
  Map result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    result[i] = static_cast<std::int8_t>(table[static_cast<std::size_t>(x[i] + 128)]);
  return result;
}

Map run_leaky(const Layer& layer, const Map& x) {
  Map result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::uint32_t multiplier = x[i] >= 0 ? layer.multiplier : layer.multiplier2;
    result[i] =
        requantise(x[i], scale_of(multiplier, layer.shift), layer.clamp_low, layer.clamp_high);
  }
  return result;
}

Map run_softmax(const Image& image, const Layer& layer, const Map& x) {
  const std::int32_t largest = *std::max_element(x.begin(), x.end());
  std::vector<std::uint64_t> exponentials(x.size());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    exponentials[i] = image.half(layer.table + 2 * static_cast<std::uint32_t>(largest - x[i]));
    sum += exponentials[i];
  }
  Map result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::uint64_t value = (256 * exponentials[i] + sum) / (2 * sum);  // round half up
    result[i] = static_cast<std::int8_t>(std::min<std::uint64_t>(value, 127));
  }
  return result;
}

}  // namespace

Inference Interpreter::run(std::span<const std::uint8_t> record) const {
  const aimc_network_header_t& header = image_.header();
  if (record.size() != header.input_bytes)
    user_error("an input record of {} bytes for network '{}', which takes {}", record.size(),
               image_.string(header.name), header.input_bytes);
  Inference result;
  result.tensors.resize(image_.tensors().size());
  for (const Layer& layer : image_.layers()) {
    const Tensor& out = image_.tensors()[layer.output];
    Map& y = result.tensors[layer.output];
    if (layer.type == AIMC_LAYER_INPUT) {
      y = run_input(image_, layer, out, record);
      continue;
    }
    const Tensor& in = image_.tensors()[layer.input];
    const Map& x = result.tensors[layer.input];
    switch (layer.type) {
      case AIMC_LAYER_CONV:
        y = run_conv(image_, layer, in, out, x);
        break;
      case AIMC_LAYER_ADD:
        y = run_add(layer, x, result.tensors[layer.input2]);
        break;
      case AIMC_LAYER_LUT:
        y = run_lut(image_, layer, x);
        break;
      case AIMC_LAYER_LEAKY:
        y = run_leaky(layer, x);
        break;
      case AIMC_LAYER_SOFTMAX:
        y = run_softmax(image_, layer, x);
        break;
      default:
        y = run_pool(layer, in, out, x);
        break;
    }
  }
  result.logits = result.tensors[header.output_tensor];
  result.predicted = arg_max(result.logits);
  return result;
}

}  // namespace aimc::network
