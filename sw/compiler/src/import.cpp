// SPDX-License-Identifier: Apache-2.0
#include "import.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "aimc/common/error.h"
#include "importer.h"

namespace aimc::compiler {

namespace {

constexpr const char* kKnownOperators =
    "Conv, Gemm, MatMul, BatchNormalization, Add, Sub, Mul, Div, Relu, Clip, LeakyRelu, Sigmoid, "
    "Tanh, HardSigmoid, HardSwish, Elu, Softplus, Softsign, Abs, Neg, MaxPool, AveragePool, "
    "GlobalMaxPool, "
    "GlobalAveragePool, ReduceMean, Flatten, Reshape, Squeeze, Unsqueeze, Softmax, Dropout, "
    "Identity, Constant";

constexpr std::int64_t kMostElements = 1 << 24;

Shape shape_of_dims(const std::vector<std::int64_t>& dims) {
  const auto dim = [&](std::size_t i) { return static_cast<std::uint32_t>(dims[i]); };
  if (dims.size() == 4) return {dim(2), dim(3), dim(1)};
  if (dims.size() == 3) return {1, dim(2), dim(1)};
  return {1, 1, dim(1)};
}

}  // namespace

std::string to_text(const std::vector<std::int64_t>& dims) {
  std::vector<std::string> parts;
  for (const std::int64_t dim : dims) parts.push_back(std::to_string(dim));
  return parts.empty() ? "scalar" : join(parts, "x");
}

std::vector<float> per_channel(const std::string& text, std::size_t channels,
                               const std::string& what) {
  std::vector<float> values;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    float value = 0;
    const char* const first = part.data() + part.find_first_not_of(' ') *
                                                (part.find_first_not_of(' ') != std::string::npos);
    const auto [rest, error] = std::from_chars(first, part.data() + part.size(), value);
    if (error != std::errc() ||
        part.find_first_not_of(' ', static_cast<std::size_t>(rest - part.data())) !=
            std::string::npos)
      user_error("{}: '{}' is not a number", what, part);
    values.push_back(value);
    begin = end + 1;
  }
  if (values.size() == 1) values.assign(channels, values[0]);
  if (values.size() != channels)
    user_error("{}: {} numbers for an input of {} channels", what, values.size(), channels);
  return values;
}

Importer::Importer(const onnx::ModelProto& model, std::string file)
    : model_(model), file_(std::move(file)) {}

Network Importer::run() {
  network_.file = file_;
  network_.name = model_.graph().name();
  read_constants();
  read_input();
  read_metadata();
  for (const onnx::NodeProto& node : model_.graph().node()) {
    node_ = &node;
    import_node();
  }
  const Location where{file_};
  if (model_.graph().output_size() != 1)
    user_error(where, "the network has {} outputs: not supported; one would fit",
               model_.graph().output_size());
  const auto found = values_.find(model_.graph().output(0).name());
  if (found == values_.end() || found->second.constant)
    user_error(where, "no node computes the output '{}'", model_.graph().output(0).name());
  network_.output = found->second.tensor;
  const Shape& shape = shape_of(found->second);
  if (shape.pixels() > 1 && shape.channels > 1 && found->second.dims.size() == 2)
    user_error(where,
               "the output is a flattened feature map of {}: not supported; a feature map or "
               "the output of a dense layer would fit",
               to_text(shape));
  if (network_.nodes.empty()) user_error(where, "the network has no operations");
  return std::move(network_);
}

void Importer::read_constants() {
  for (const onnx::TensorProto& tensor : model_.graph().initializer()) {
    Value value;
    value.constant = true;
    value.data = read_tensor(tensor, file_);
    values_[tensor.name()] = std::move(value);
  }
}

void Importer::read_input() {
  const Location where{file_};
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : model_.graph().input())
    if (!values_.contains(input.name())) inputs.push_back(&input);
  if (inputs.size() != 1)
    user_error(where, "the network has {} inputs: not supported; one would fit", inputs.size());
  const onnx::ValueInfoProto& input = *inputs[0];
  Value value;
  for (int i = 0; i < input.type().tensor_type().shape().dim_size(); ++i) {
    const auto& dim = input.type().tensor_type().shape().dim(i);
    const bool fixed = dim.has_dim_value() && dim.dim_value() > 0;
    if (i == 0 && fixed && dim.dim_value() != 1)
      user_error(where, "input '{}' has a batch of {}: not supported; 1 or a symbol would fit",
                 input.name(), dim.dim_value());
    if (i > 0 && !fixed)
      user_error(where,
                 "input '{}': dimension {} ('{}') is not known: dynamic shapes are not supported; "
                 "export the model with a fixed size",
                 input.name(), i, dim.dim_param());
    value.dims.push_back(i == 0 ? 1 : dim.dim_value());
  }
  if (value.dims.size() < 2 || value.dims.size() > 4)
    user_error(
        where,
        "input '{}' of shape {}: not supported; batch x channels [x height] [x width] would fit",
        input.name(), to_text(value.dims));
  std::int64_t elements = 1;
  for (const std::int64_t dim : value.dims)
    elements = std::min(elements, kMostElements) * std::min(dim, kMostElements);
  if (elements >= kMostElements)
    user_error(where, "input '{}' of shape {}: not supported; less than {} elements would fit",
               input.name(), to_text(value.dims), kMostElements);
  network_.tensors.push_back({input.name(), shape_of_dims(value.dims)});
  values_[input.name()] = value;
}

void Importer::read_metadata() {
  const std::size_t channels = network_.tensors[0].shape.channels;
  network_.input_mean.assign(channels, 0.0f);
  network_.input_std.assign(channels, 1.0f);
  for (const onnx::StringStringEntryProto& entry : model_.metadata_props()) {
    const std::string what = file_ + ": error: metadata " + entry.key();
    if (entry.key() == "aimc.input_mean")
      network_.input_mean = per_channel(entry.value(), channels, what);
    if (entry.key() == "aimc.input_std")
      network_.input_std = per_channel(entry.value(), channels, what);
  }
}

void Importer::import_node() {
  using Handler = void (Importer::*)();
  static const std::map<std::string, Handler> handlers = {
      {"Conv", &Importer::conv},
      {"Gemm", &Importer::gemm},
      {"MatMul", &Importer::mat_mul},
      {"BatchNormalization", &Importer::batch_normalization},
      {"Add", &Importer::arithmetic},
      {"Sub", &Importer::arithmetic},
      {"Mul", &Importer::arithmetic},
      {"Div", &Importer::arithmetic},
      {"Relu", &Importer::relu},
      {"Clip", &Importer::clip},
      {"LeakyRelu", &Importer::leaky_relu},
      {"Sigmoid", &Importer::unary},
      {"Tanh", &Importer::unary},
      {"HardSigmoid", &Importer::unary},
      {"HardSwish", &Importer::unary},
      {"Elu", &Importer::unary},
      {"Softplus", &Importer::unary},
      {"Softsign", &Importer::unary},
      {"Abs", &Importer::unary},
      {"Neg", &Importer::unary},
      {"MaxPool", &Importer::pool},
      {"AveragePool", &Importer::pool},
      {"GlobalMaxPool", &Importer::global_pool},
      {"GlobalAveragePool", &Importer::global_pool},
      {"ReduceMean", &Importer::reduce_mean},
      {"Flatten", &Importer::reshape},
      {"Reshape", &Importer::reshape},
      {"Squeeze", &Importer::reshape},
      {"Unsqueeze", &Importer::reshape},
      {"Softmax", &Importer::softmax},
      {"Dropout", &Importer::reshape},
      {"Identity", &Importer::reshape},
  };
  if (node_->domain() != "" && node_->domain() != "ai.onnx")
    refuse("the operator is of domain '{}'; only standard ONNX operators are known",
           node_->domain());
  if (op() == "Constant" || (node_->input_size() > 0 && values_.contains(node_->input(0)) &&
                             values_[node_->input(0)].constant &&
                             (op() == "Reshape" || op() == "Transpose" || op() == "Identity" ||
                              op() == "Squeeze" || op() == "Unsqueeze" || op() == "Flatten")))
    return fold_constant();
  const auto found = handlers.find(op());
  if (found == handlers.end())
    refuse("the operator is not supported; what would fit: {}", kKnownOperators);
  if (node_->input_size() == 0 || node_->output_size() == 0) refuse("it has no input or no output");
  (this->*found->second)();
}

void Importer::refuse_text(const std::string& reason) const {
  std::vector<std::string> shapes;
  for (const std::string& name : node_->input()) {
    const auto found = values_.find(name);
    if (found != values_.end())
      shapes.push_back(
          to_text(found->second.constant ? found->second.data.dims : found->second.dims));
  }
  const std::string name =
      node_->name().empty() && node_->output_size() > 0 ? node_->output(0) : node_->name();
  throw UserError(Location{file_}, fmt::format("node '{}' ({}) with inputs of shape {}: {}", name,
                                               op(), join(shapes), reason));
}

bool Importer::has_input(int index) const {
  return index < node_->input_size() && !node_->input(index).empty();
}

const Value& Importer::input(int index) const {
  if (!has_input(index)) refuse("input {} is missing", index);
  const auto found = values_.find(node_->input(index));
  if (found == values_.end())
    refuse("input '{}' is neither a weight in the file nor the output of a node before",
           node_->input(index));
  return found->second;
}

const Value& Importer::map_input(int index) const {
  const Value& value = input(index);
  if (value.constant) refuse("input {} is a constant; a feature map would fit", index);
  return value;
}

const Constant& Importer::constant_input(int index) const {
  const Value& value = input(index);
  if (!value.constant)
    refuse("input {} ('{}') is computed; only weights in the file would fit", index,
           node_->input(index));
  return value.data;
}

Node Importer::new_node(Op kind, const Value& in) const {
  Node node;
  node.op = kind;
  node.name = node_->name().empty() ? node_->output(0) : node_->name();
  node.onnx_op = op();
  node.inputs = {in.tensor};
  return node;
}

void Importer::add(Node node, const Shape& shape, std::vector<std::int64_t> dims) {
  node.output = network_.tensors.size();
  network_.tensors.push_back({node_->output(0), shape});
  Value value;
  value.tensor = node.output;
  value.dims = std::move(dims);
  network_.nodes.push_back(std::move(node));
  define(std::move(value));
}

void Importer::add_same(Node node, const Value& like) {
  add(std::move(node), Shape(shape_of(like)), like.dims);
}

void Importer::alias(const Value& value, std::vector<std::int64_t> dims) {
  Value other = value;
  other.dims = std::move(dims);
  define(std::move(other));
}

void Importer::define(Value value) {
  if (!values_.emplace(node_->output(0), std::move(value)).second)
    refuse("its output '{}' is written twice", node_->output(0));
}

Network import_onnx(const onnx::ModelProto& model, const std::string& file) {
  return Importer(model, file).run();
}

}  // namespace aimc::compiler
