// SPDX-License-Identifier: Apache-2.0
#include "toy.h"

#include <random>

#include "aimc/network/interpreter.h"
#include "executor.h"

namespace aimc::compiler {

Chip toy_chip(std::size_t tiles, unsigned rows, unsigned columns, std::size_t activations,
              std::uint32_t sram_bytes) {
  Chip chip;
  chip.name = "toy";
  chip.image_base = 0x84000000;
  chip.image_limit = 0x4000000;
  chip.sensor_window = 0x10180000;
  chip.sensor_window_bytes = 0x80000;
  chip.results_base = 0x10200000;
  for (std::size_t i = 0; i < tiles + activations; ++i) {
    Engine engine;
    engine.tile = i < tiles;
    engine.name = fmt::format("{}{}", engine.tile ? "tile" : "act", engine.tile ? i : i - tiles);
    engine.base = static_cast<std::uint32_t>(0x40000000 + i * 0x100000);
    engine.irq = static_cast<std::uint32_t>(64 + i);
    engine.hops = static_cast<unsigned>(i);
    engine.sram_bytes = sram_bytes;
    engine.cim.rows = rows;
    engine.cim.columns = columns;
    (engine.tile ? chip.tiles : chip.activations).push_back(i);
    chip.engines.push_back(engine);
  }
  return chip;
}

std::vector<float> noise(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(random() >> 40) / 8388608.0f - 1.0f);
  return values;
}

std::vector<std::uint8_t> noise_records(std::size_t count, std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint8_t> values;
  for (std::size_t i = 0; i < count * bytes; ++i)
    values.push_back(static_cast<std::uint8_t>(random() >> 56));
  return values;
}

NetworkBuilder::NetworkBuilder(Shape input) {
  network_.name = network_.file = "toy";
  network_.tensors.push_back({"x", input});
  network_.input_mean.assign(input.channels, 100.0f);
  network_.input_std.assign(input.channels, 50.0f);
}

std::size_t NetworkBuilder::push(Node node, Shape shape) {
  node.name = fmt::format("n{}", network_.nodes.size());
  node.onnx_op = to_text(node.op);
  node.output = network_.tensors.size();
  network_.tensors.push_back({fmt::format("t{}", node.output), shape});
  network_.nodes.push_back(std::move(node));
  return network_.nodes.back().output;
}

std::size_t NetworkBuilder::conv(std::size_t in, Shape out, Window window, bool relu) {
  const std::size_t rows =
      std::size_t{window.height} * window.width * network_.tensors[in].shape.channels;
  Node node;
  node.op = Op::conv;
  node.inputs = {in};
  node.window = window;
  node.weights = noise(rows * out.channels, ++seed_);
  node.bias = noise(out.channels, ++seed_);
  if (relu) node.clamp.low = 0;
  return push(std::move(node), out);
}

std::size_t NetworkBuilder::dense(std::size_t in, std::uint32_t columns, bool relu) {
  Window window;
  window.height = network_.tensors[in].shape.height;
  window.width = network_.tensors[in].shape.width;
  return conv(in, {1, 1, columns}, window, relu);
}

std::size_t NetworkBuilder::pool(Op op, std::size_t in, Shape out, Window window) {
  Node node;
  node.op = op;
  node.inputs = {in};
  node.window = window;
  return push(std::move(node), out);
}

std::size_t NetworkBuilder::add(std::size_t a, std::size_t b, bool relu) {
  Node node;
  node.op = Op::add;
  node.inputs = {a, b};
  if (relu) node.clamp.low = 0;
  return push(std::move(node), network_.tensors[a].shape);
}

std::size_t NetworkBuilder::node(Op op, std::size_t in, const std::function<void(Node&)>& edit) {
  Node node;
  node.op = op;
  node.inputs = {in};
  if (edit) edit(node);
  return push(std::move(node), Shape(network_.tensors[in].shape));
}

Network NetworkBuilder::finish(std::size_t output) {
  network_.output = output;
  return network_;
}

ModelBuilder::ModelBuilder(std::vector<std::int64_t> input) {
  model_.set_ir_version(7);
  onnx::ValueInfoProto* const x = model_.mutable_graph()->add_input();
  x->set_name("x");
  for (const std::int64_t dim : input)
    x->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(dim);
  model_.mutable_graph()->add_output()->set_name("y");
}

ModelBuilder& ModelBuilder::constant(const std::string& name, std::vector<std::int64_t> dims,
                                     const std::vector<float>& values) {
  onnx::TensorProto* const tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : dims) tensor->add_dims(dim);
  for (const float value : values) tensor->add_float_data(value);
  return *this;
}

ModelBuilder& ModelBuilder::integers(const std::string& name,
                                     const std::vector<std::int64_t>& values) {
  onnx::TensorProto* const tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor->add_int64_data(value);
  return *this;
}

onnx::NodeProto& ModelBuilder::node(const std::string& op, std::vector<std::string> inputs,
                                    const std::string& output) {
  onnx::NodeProto* const node = model_.mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name("the_" + op);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(output);
  return *node;
}

void set(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  onnx::AttributeProto* const attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_i(value);
}
void set(onnx::NodeProto& node, const std::string& name, float value) {
  onnx::AttributeProto* const attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_f(value);
}
void set(onnx::NodeProto& node, const std::string& name, const std::string& value) {
  onnx::AttributeProto* const attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_s(value);
}
void set(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto* const attribute = node.add_attribute();
  attribute->set_name(name);
  for (const std::int64_t value : values) attribute->add_ints(value);
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::string compare_with_interpreter(const Compilation& compilation, const Chip& chip,
                                     std::size_t count, std::uint64_t seed) {
  const network::Image image = network::Image::parse(compilation.emission.image, "toy.aimc");
  const network::Interpreter interpreter(image);
  std::vector<std::vector<std::uint8_t>> records;
  for (std::size_t i = 0; i < count; ++i)
    records.push_back(noise_records(1, image.header().input_bytes, seed * 1000 + i));
  ChipExecutor executor(image, chip, seed);
  executor.insert(compilation.emission.masks);
  executor.setup();
  const std::vector<Committed> results = executor.stream(records);
  for (std::size_t i = 0; i < count; ++i) {
    const network::Inference expected = interpreter.run(records[i]);
    if (results[i].logits != expected.logits)
      return fmt::format("record {}: logits {} instead of {}", i, fmt::join(results[i].logits, " "),
                         fmt::join(expected.logits, " "));
    if (results[i].predicted != expected.predicted)
      return fmt::format("record {}: class {} instead of {}", i, results[i].predicted,
                         expected.predicted);
  }
  return "";
}

}  // namespace aimc::compiler
