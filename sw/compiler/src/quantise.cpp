// SPDX-License-Identifier: Apache-2.0
#include "quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/fixed_point.h"

namespace aimc::compiler {

namespace {

constexpr double kLevels = 127.0;

/// Nearest integer within +-127: arrays take sign and magnitude, so -128 is not used.
std::int32_t to_level(double value) {
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -kLevels, kLevels));
}

class Quantiser {
 public:
  Quantiser(const Network& network, const std::vector<double>& steps,
            const CalibrationOptions& options)
      : network_(network), steps_(steps), options_(options) {}

  QuantisedNetwork run() {
    result_.name = network_.name;
    result_.file = network_.file;
    result_.input = network_.input;
    result_.output = network_.output;
    for (std::size_t t = 0; t < network_.tensors.size(); ++t)
      result_.tensors.push_back({network_.tensors[t].name, network_.tensors[t].shape, steps_[t]});
    input();
    for (const Node& node : network_.nodes) layer(node);
    return std::move(result_);
  }

 private:
  static QuantisedLayer start(std::uint32_t type, const std::string& name, std::size_t output) {
    QuantisedLayer layer;
    layer.name = name;
    layer.fields.type = type;
    layer.fields.input = layer.fields.input2 = AIMC_NETWORK_NONE;
    layer.fields.output = static_cast<std::uint32_t>(output);
    layer.fields.kernel_height = layer.fields.kernel_width = 1;
    layer.fields.stride_y = layer.fields.stride_x = 1;
    layer.fields.dilation_y = layer.fields.dilation_x = 1;
    layer.fields.multiplier = layer.fields.multiplier2 = 1;
    layer.fields.clamp_low = -127;
    layer.fields.clamp_high = 127;
    return layer;
  }

  Rescale scale(double factor, const std::string& what) const {
    if (!(factor > 0) || factor >= 1073741824.0)
      user_error(Location{network_.file},
                 "'{}': a scale of {} between its input and its output is out of range; the "
                 "calibration records do not fit the network",
                 what, factor);
    return make_rescale(factor);
  }

  void input() {
    QuantisedLayer layer = start(AIMC_LAYER_INPUT, "input", network_.input);
    layer.source = "input";
    if (options_.planar) layer.fields.flags |= AIMC_LAYER_FLAG_PLANAR;
    for (std::size_t c = 0; c < network_.tensors[network_.input].shape.channels; ++c) {
      const double std = network_.input_std[c];
      const Rescale rescale = scale(1.0 / (std * steps_[network_.input]), "input");
      const auto bias = static_cast<std::int32_t>(-std::lround(network_.input_mean[c]));
      layer.affine.push_back({static_cast<std::uint32_t>(bias),
                              static_cast<std::uint32_t>(rescale.multiplier),
                              static_cast<std::uint32_t>(rescale.shift)});
    }
    result_.layers.push_back(std::move(layer));
  }

  void layer(const Node& node) {
    constexpr std::uint32_t kTypes[] = {
        AIMC_LAYER_CONV, AIMC_LAYER_MAX_POOL, AIMC_LAYER_AVERAGE_POOL, AIMC_LAYER_ADD,
        AIMC_LAYER_LUT,  AIMC_LAYER_LEAKY,    AIMC_LAYER_SOFTMAX};
    QuantisedLayer layer = start(kTypes[static_cast<std::size_t>(node.op)], node.name, node.output);
    layer.source = node.onnx_op;
    aimc_network_layer_t& fields = layer.fields;
    fields.input = static_cast<std::uint32_t>(node.inputs[0]);
    fields.kernel_height = node.window.height;
    fields.kernel_width = node.window.width;
    fields.stride_y = node.window.stride_y;
    fields.stride_x = node.window.stride_x;
    fields.pad_top = node.window.pad_top;
    fields.pad_left = node.window.pad_left;
    fields.dilation_y = node.window.dilation_y;
    fields.dilation_x = node.window.dilation_x;
    const double step_in = steps_[node.inputs[0]], step_out = steps_[node.output];
    if (node.clamp.low > -1e30) fields.clamp_low = to_level(node.clamp.low / step_out);
    if (node.clamp.high < 1e30) fields.clamp_high = to_level(node.clamp.high / step_out);
    switch (node.op) {
      case Op::conv:
        conv(node, layer);
        break;
      case Op::average_pool:
        set_scale(fields, step_in / step_out, 0, node.name);
        if (node.count_pad) fields.flags |= AIMC_LAYER_FLAG_COUNT_PAD;
        break;
      case Op::add:
        fields.input2 = static_cast<std::uint32_t>(node.inputs[1]);
        set_scale(fields, step_in / step_out, steps_[node.inputs[1]] / step_out, node.name);
        break;
      case Op::unary:
        for (int q = -128; q < 128; ++q)
          layer.table.push_back(
              static_cast<std::uint8_t>(to_level(node.function(q * step_in) / step_out)));
        break;
      case Op::leaky:
        set_scale(fields, step_in / step_out, node.slope * step_in / step_out, node.name);
        break;
      case Op::softmax:
        for (int distance = 0; distance < 256; ++distance) {
          const auto entry =
              static_cast<std::uint32_t>(std::lround(65535.0 * std::exp(-distance * step_in)));
          layer.table.push_back(static_cast<std::uint8_t>(entry & 0xff));
          layer.table.push_back(static_cast<std::uint8_t>(entry >> 8));
        }
        fields.clamp_low = 0;
        break;
      default:
        break;
    }
    result_.layers.push_back(std::move(layer));
  }

  /// Two factors with one shift, so that the larger keeps all its bits.
  void set_scale(aimc_network_layer_t& fields, double first, double second,
                 const std::string& what) const {
    const Rescale larger = scale(std::max(first, second), what);
    const auto multiplier = [&](double factor) {
      const double value = std::nearbyint(std::ldexp(factor, larger.shift));
      return static_cast<std::uint32_t>(std::min(value, 2147483647.0));
    };
    fields.shift = static_cast<std::uint32_t>(larger.shift);
    fields.multiplier = multiplier(first);
    fields.multiplier2 = multiplier(second);
  }

  void conv(const Node& node, QuantisedLayer& layer) const {
    const std::size_t columns = node.bias.size();
    const std::size_t rows = node.weights.size() / columns;
    if (rows > 65536)
      user_error(Location{network_.file},
                 "node '{}' ({}): {} weights for each output; up to 65536 "
                 "would fit",
                 node.name, node.onnx_op, rows);
    const double step_in = steps_[node.inputs[0]], step_out = steps_[node.output];
    std::vector<double> largest(columns, 0.0);
    for (std::size_t i = 0; i < node.weights.size(); ++i) {
      if (!std::isfinite(node.weights[i]))
        user_error(Location{network_.file}, "node '{}' ({}): a weight is not a number", node.name,
                   node.onnx_op);
      largest[i % columns] = std::max(largest[i % columns], std::fabs(double{node.weights[i]}));
    }
    layer.weights.resize(node.weights.size());
    for (std::size_t n = 0; n < columns; ++n) {
      // A column of zeros yields its bias; any step does, the output's is exact enough for it. A
      // bias beyond the accumulator needs larger weight steps.
      double step = largest[n] > 0 ? largest[n] / kLevels : step_out / step_in / 65536;
      const double bias = node.bias[n];
      step = std::max(step, std::fabs(bias) / step_in / 1073741824.0);
      for (std::size_t k = 0; k < rows; ++k)
        layer.weights[k * columns + n] =
            static_cast<std::int8_t>(to_level(node.weights[k * columns + n] / step));
      const Rescale rescale = scale(step_in * step / step_out, node.name);
      layer.affine.push_back({static_cast<std::uint32_t>(
                                  static_cast<std::int32_t>(std::lround(bias / (step_in * step)))),
                              static_cast<std::uint32_t>(rescale.multiplier),
                              static_cast<std::uint32_t>(rescale.shift)});
    }
  }

  const Network& network_;
  const std::vector<double>& steps_;
  const CalibrationOptions& options_;
  QuantisedNetwork result_;
};

}  // namespace

QuantisedNetwork quantise(const Network& network, const std::vector<double>& steps,
                          const CalibrationOptions& options) {
  return Quantiser(network, steps, options).run();
}

}  // namespace aimc::compiler
