// SPDX-License-Identifier: Apache-2.0
#include "float_executor.h"

#include <algorithm>
#include <cmath>

namespace aimc::compiler {

namespace {

using Map = std::vector<float>;

/// Calls `visit(input pixel, tap)` for each tap of the window of output pixel (y, x) on the map.
template <class Visit>
void for_each_tap(const Window& window, const Shape& in, std::int64_t y, std::int64_t x,
                  Visit visit) {
  for (std::uint32_t ky = 0; ky < window.height; ++ky) {
    const std::int64_t iy =
        y * window.stride_y + std::int64_t{ky} * window.dilation_y - window.pad_top;
    if (iy < 0 || iy >= in.height) continue;
    for (std::uint32_t kx = 0; kx < window.width; ++kx) {
      const std::int64_t ix =
          x * window.stride_x + std::int64_t{kx} * window.dilation_x - window.pad_left;
      if (ix < 0 || ix >= in.width) continue;
      visit(static_cast<std::size_t>(iy * in.width + ix), std::size_t{ky} * window.width + kx);
    }
  }
}

float bounded(double value, const Clamp& clamp) {
  return static_cast<float>(std::clamp(value, clamp.low, clamp.high));
}

Map conv(const Node& node, const Shape& in, const Shape& out, const Map& x) {
  Map y(out.size());
  const std::size_t columns = out.channels;
  for (std::uint32_t oy = 0; oy < out.height; ++oy) {
    for (std::uint32_t ox = 0; ox < out.width; ++ox) {
      float* const sums = &y[(std::size_t{oy} * out.width + ox) * columns];
      std::copy(node.bias.begin(), node.bias.end(), sums);
      for_each_tap(node.window, in, oy, ox, [&](std::size_t pixel, std::size_t tap) {
        for (std::size_t c = 0; c < in.channels; ++c) {
          const float value = x[pixel * in.channels + c];
          if (value == 0.0f) continue;
          const float* const row = &node.weights[(tap * in.channels + c) * columns];
          for (std::size_t n = 0; n < columns; ++n) sums[n] += value * row[n];
        }
      });
      for (std::size_t n = 0; n < columns; ++n) sums[n] = bounded(sums[n], node.clamp);
    }
  }
  return y;
}

Map pool(const Node& node, const Shape& in, const Shape& out, const Map& x) {
  Map y(out.size());
  for (std::uint32_t oy = 0; oy < out.height; ++oy) {
    for (std::uint32_t ox = 0; ox < out.width; ++ox) {
      for (std::size_t c = 0; c < out.channels; ++c) {
        double sum = 0, largest = -std::numeric_limits<double>::infinity();
        std::size_t count = 0;
        for_each_tap(node.window, in, oy, ox, [&](std::size_t pixel, std::size_t) {
          const double value = x[pixel * in.channels + c];
          sum += value;
          largest = std::max(largest, value);
          ++count;
        });
        if (node.count_pad) count = std::size_t{node.window.height} * node.window.width;
        const double value = node.op == Op::max_pool ? largest : sum / static_cast<double>(count);
        y[(std::size_t{oy} * out.width + ox) * out.channels + c] = bounded(value, node.clamp);
      }
    }
  }
  return y;
}

Map softmax(const Map& x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const float value : x) sum += std::exp(value - largest);
  Map y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = static_cast<float>(std::exp(x[i] - largest) / sum);
  return y;
}

Map element_wise(const Node& node, const FloatMaps& maps) {
  const Map& x = maps[node.inputs[0]];
  Map y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    double value = x[i];
    if (node.op == Op::add) value += maps[node.inputs[1]][i];
    if (node.op == Op::unary) value = node.function(value);
    if (node.op == Op::leaky && value < 0) value *= node.slope;
    if (node.op == Op::affine) {
      const std::size_t c = i % node.factor.size();
      value = value * node.factor[c] + node.bias[c];
    }
    y[i] = bounded(value, node.clamp);
  }
  return y;
}

}  // namespace

FloatMaps evaluate(const Network& network, std::vector<float> input) {
  FloatMaps maps(network.tensors.size());
  maps[network.input] = std::move(input);
  for (const Node& node : network.nodes) {
    const Shape& in = network.tensors[node.inputs[0]].shape;
    const Shape& out = network.tensors[node.output].shape;
    const Map& x = maps[node.inputs[0]];
    switch (node.op) {
      case Op::conv:
        maps[node.output] = conv(node, in, out, x);
        break;
      case Op::max_pool:
      case Op::average_pool:
        maps[node.output] = pool(node, in, out, x);
        break;
      case Op::softmax:
        maps[node.output] = softmax(x);
        break;
      default:
        maps[node.output] = element_wise(node, maps);
    }
  }
  return maps;
}

std::vector<float> input_values(const Network& network, std::span<const std::uint8_t> record,
                                bool planar) {
  const Shape& shape = network.tensors[network.input].shape;
  std::vector<float> values(shape.size());
  for (std::size_t p = 0; p < shape.pixels(); ++p) {
    for (std::size_t c = 0; c < shape.channels; ++c) {
      const std::uint8_t pixel = record[planar ? c * shape.pixels() + p : p * shape.channels + c];
      values[p * shape.channels + c] =
          (static_cast<float>(pixel) - network.input_mean[c]) / network.input_std[c];
    }
  }
  return values;
}

}  // namespace aimc::compiler
