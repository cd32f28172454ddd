// SPDX-License-Identifier: Apache-2.0
// Element-wise operators, normalisation, and those that only rename or reorder.
#include <cmath>
#include <functional>

#include "importer.h"

namespace aimc::compiler {

std::vector<float> Importer::channel_constant(const Constant& constant, const Value& map) const {
  const Shape& shape = shape_of(map);
  if (constant.size() == 1) return std::vector<float>(shape.channels, constant.values.at(0));
  // Right-aligned as ONNX broadcasts: only the channel dimension may differ from 1.
  const std::size_t rank = map.dims.size();
  bool fits = constant.dims.size() <= rank && constant.size() == shape.channels &&
              (rank > 2 || shape.pixels() == 1);
  for (std::size_t i = 0; fits && i < constant.dims.size(); ++i) {
    const std::size_t axis = rank - constant.dims.size() + i;
    fits = axis == 1 || constant.dims[i] == 1;
  }
  if (!fits)
    refuse(
        "a constant of shape {} is not supported here; one number or one for each of {} channels "
        "would fit",
        to_text(constant.dims), shape.channels);
  return constant.values;
}

void Importer::batch_normalization() {
  const Value in = map_input(0);
  const std::size_t channels = shape_of(in).channels;
  const float epsilon = Attributes(*node_).real("epsilon", 1e-5f);
  if (in.dims.size() == 2 && shape_of(in).pixels() > 1)
    refuse(
        "normalisation of a flattened feature map is not supported; before Flatten it would fit");
  for (int i = 1; i <= 4; ++i)
    if (constant_input(i).size() != channels)
      refuse("input {} has {} values; {} would fit", i, constant_input(i).size(), channels);
  Node node = new_node(Op::affine, in);
  for (std::size_t c = 0; c < channels; ++c) {
    const float variance = constant_input(4).values[c];
    if (!(variance + epsilon > 0)) refuse("the variance of channel {} is {}", c, variance);
    const float factor = constant_input(1).values[c] / std::sqrt(variance + epsilon);
    node.factor.push_back(factor);
    node.bias.push_back(constant_input(2).values[c] - factor * constant_input(3).values[c]);
  }
  add_same(std::move(node), in);
}

void Importer::arithmetic() {
  if (!has_input(0) || !has_input(1)) refuse("two inputs would fit");
  const bool first = input(0).constant, second = input(1).constant;
  if (first && second) refuse("both inputs are constants: not supported; fold them when exporting");
  if (!first && !second) {
    const Value a = input(0), b = input(1);
    if (op() != "Add") refuse("{} of two feature maps is not supported; Add would fit", op());
    if (a.dims != b.dims || shape_of(a) != shape_of(b))
      refuse("two feature maps of one shape would fit");
    Node node = new_node(Op::add, a);
    node.inputs.push_back(b.tensor);
    return add_same(std::move(node), a);
  }
  const Value in = map_input(first ? 1 : 0);
  const std::vector<float> values = channel_constant(constant_input(first ? 0 : 1), in);
  Node node = new_node(Op::affine, in);
  for (const float value : values) {
    float factor = 1.0f, bias = 0.0f;
    if (op() == "Add") bias = value;
    if (op() == "Sub") {
      factor = first ? -1.0f : 1.0f;
      bias = first ? value : -value;
    }
    if (op() == "Mul") factor = value;
    if (op() == "Div") {
      if (first || value == 0.0f) refuse("a division by a constant other than 0 would fit");
      factor = 1.0f / value;
    }
    node.factor.push_back(factor);
    node.bias.push_back(bias);
  }
  add_same(std::move(node), in);
}

void Importer::relu() {
  const Value in = map_input(0);
  Node node = new_node(Op::clamp, in);
  node.clamp.low = 0.0;
  add_same(std::move(node), in);
}

void Importer::clip() {
  const Value in = map_input(0);
  const Attributes attributes(*node_);
  Node node = new_node(Op::clamp, in);
  if (attributes.find("min") != nullptr) node.clamp.low = attributes.real("min", 0);
  if (attributes.find("max") != nullptr) node.clamp.high = attributes.real("max", 0);
  if (has_input(1)) node.clamp.low = constant_input(1).values.at(0);
  if (has_input(2)) node.clamp.high = constant_input(2).values.at(0);
  if (!(node.clamp.low <= node.clamp.high))
    refuse("bounds {} and {} are out of order", node.clamp.low, node.clamp.high);
  add_same(std::move(node), in);
}

void Importer::leaky_relu() {
  const Value in = map_input(0);
  Node node = new_node(Op::leaky, in);
  node.slope = Attributes(*node_).real("alpha", 0.01f);
  add_same(std::move(node), in);
}

void Importer::unary() {
  const Value in = map_input(0);
  const Attributes attributes(*node_);
  Node node = new_node(Op::unary, in);
  const std::string& name = op();
  const double alpha = attributes.real("alpha", name == "Elu" ? 1.0f : 0.2f);
  const double beta = attributes.real("beta", 0.5f);
  if (name == "Sigmoid") node.function = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  if (name == "Tanh") node.function = [](double x) { return std::tanh(x); };
  if (name == "HardSigmoid")
    node.function = [=](double x) { return std::fmin(1.0, std::fmax(0.0, alpha * x + beta)); };
  if (name == "HardSwish")
    node.function = [](double x) { return x * std::fmin(1.0, std::fmax(0.0, x / 6.0 + 0.5)); };
  if (name == "Elu") node.function = [=](double x) { return x >= 0 ? x : alpha * std::expm1(x); };
  if (name == "Softplus")
    node.function = [](double x) {
      return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
    };
  if (name == "Softsign") node.function = [](double x) { return x / (1.0 + std::fabs(x)); };
  if (name == "Abs") node.function = [](double x) { return std::fabs(x); };
  if (name == "Neg") node.function = [](double x) { return -x; };
  add_same(std::move(node), in);
}

void Importer::softmax() {
  const Value in = map_input(0);
  const auto rank = static_cast<std::int64_t>(in.dims.size());
  std::int64_t axis = Attributes(*node_).integer("axis", 1);
  if (axis < 0) axis += rank;
  if (axis != 1 || shape_of(in).pixels() != 1)
    refuse("a softmax along axis {} is not supported; along the channels of a vector it would fit",
           axis);
  add_same(new_node(Op::softmax, in), in);
}

void Importer::reshape() {
  const Value in = map_input(0);
  const Shape& shape = shape_of(in);
  if (op() == "Dropout" || op() == "Identity") return alias(in, in.dims);
  std::vector<std::int64_t> dims;
  if (op() == "Flatten") {
    std::int64_t axis = Attributes(*node_).integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(in.dims.size());
    if (axis != 1) refuse("axis {} is not supported; axis 1 would fit", axis);
    dims = {1, shape.size()};
  } else if (op() == "Reshape") {
    dims = constant_input(1).integers;
    std::int64_t known = 1, unknown = -1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] == 0 && i < in.dims.size()) dims[i] = in.dims[i];
      if (dims[i] == -1)
        unknown = static_cast<std::int64_t>(i);
      else
        known *= dims[i];
    }
    if (unknown >= 0 && known > 0) dims[static_cast<std::size_t>(unknown)] = shape.size() / known;
  } else {  // Squeeze, Unsqueeze: dimensions of 1 come and go
    dims = {1, shape.size()};
    if (shape.pixels() != 1) refuse("a vector would fit");
  }
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) count *= dim;
  if (dims.empty() || dims[0] != 1 || count != shape.size())
    refuse("the shape {} is not supported; a flat vector of {} would fit", to_text(dims),
           shape.size());
  const std::vector<std::int64_t> map_dims = {1, shape.channels, shape.height, shape.width};
  bool vector = dims.size() >= 2 && dims[1] == shape.channels;
  for (std::size_t i = 2; i < dims.size(); ++i) vector = vector && dims[i] == 1;
  const bool flat = dims.size() == 2;
  if (dims == in.dims || flat || (dims.size() <= 4 && vector && shape.pixels() == 1) ||
      dims == map_dims)
    return alias(in, dims);
  // A flat input that is viewed as a one-channel picture: the same bytes in the same order.
  if (in.tensor == network_.input && network_.readers(in.tensor) == 0 && shape.pixels() == 1 &&
      dims.size() == 4 && dims[1] == 1) {
    network_.tensors[in.tensor].shape = {static_cast<std::uint32_t>(dims[2]),
                                         static_cast<std::uint32_t>(dims[3]), 1};
    network_.input_mean.resize(1);
    network_.input_std.resize(1);
    return alias(in, dims);
  }
  refuse("the shape {} is not supported; {} or a flat vector of {} would fit", to_text(dims),
         to_text(map_dims), shape.size());
}

void Importer::fold_constant() {
  Value value;
  value.constant = true;
  if (op() == "Constant") {
    const Attributes attributes(*node_);
    const onnx::AttributeProto* const tensor = attributes.find("value");
    if (tensor != nullptr) {
      value.data = read_tensor(tensor->t(), file_);
    } else if (attributes.find("value_float") != nullptr) {
      value.data.values = {attributes.real("value_float", 0)};
    } else if (attributes.find("value_ints") != nullptr ||
               attributes.find("value_int") != nullptr) {
      value.data.integers = attributes.integers("value_ints", {attributes.integer("value_int", 0)});
      value.data.values.assign(value.data.integers.begin(), value.data.integers.end());
      if (attributes.find("value_ints") != nullptr)
        value.data.dims = {static_cast<std::int64_t>(value.data.integers.size())};
    } else {
      refuse("a constant of this kind is not supported; 'value' would fit");
    }
    return define(std::move(value));
  }
  value.data = constant_input(0);
  const Constant before = value.data;
  if (op() == "Reshape") {
    value.data.dims = constant_input(1).integers;
    std::int64_t known = 1;
    for (std::size_t i = 0; i < value.data.dims.size(); ++i) {
      if (value.data.dims[i] == 0 && i < before.dims.size()) value.data.dims[i] = before.dims[i];
      if (value.data.dims[i] > 0) known *= value.data.dims[i];
    }
    for (std::int64_t& dim : value.data.dims)
      if (dim == -1 && known > 0) dim = static_cast<std::int64_t>(before.size()) / known;
    if (value.data.size() != before.size())
      refuse("{} values do not fit shape {}", before.size(), to_text(value.data.dims));
  } else if (op() == "Transpose") {
    if (before.dims.size() != 2) refuse("a matrix would fit");
    const auto rows = static_cast<std::size_t>(before.dims[0]);
    const auto columns = static_cast<std::size_t>(before.dims[1]);
    value.data.dims = {before.dims[1], before.dims[0]};
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c)
        value.data.values[c * rows + r] = before.values[r * columns + c];
  } else if (op() != "Identity") {
    refuse("it is not supported on constants; Reshape would fit");
  }
  define(std::move(value));
}

}  // namespace aimc::compiler
