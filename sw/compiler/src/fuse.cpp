// SPDX-License-Identifier: Apache-2.0
#include "fuse.h"

#include <algorithm>
#include <cmath>

#include "aimc/common/error.h"

namespace aimc::compiler {

namespace {

/// The node that writes `tensor`, if nobody but one node reads it.
Node* sole_producer(Network& network, std::size_t tensor) {
  const std::size_t writer = network.writer(tensor);
  if (writer == network.nodes.size() || network.readers(tensor) != 1 || tensor == network.output)
    return nullptr;
  return &network.nodes[writer];
}

/// Removes node `index`; `writer` takes over its output tensor.
void absorb(Network& network, std::size_t index, Node& writer) {
  writer.output = network.nodes[index].output;
  network.nodes.erase(network.nodes.begin() + static_cast<std::ptrdiff_t>(index));
}

bool uniform(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
}

bool fold_into_conv(Network& network, std::size_t index) {
  const Node affine = network.nodes[index];
  Node* const conv = sole_producer(network, affine.inputs[0]);
  if (conv == nullptr || conv->op != Op::conv || conv->clamp.any()) return false;
  const std::size_t columns = conv->bias.size();
  // A flattened map has more elements than channels; factors are per channel of the map.
  for (std::size_t i = 0; i < conv->weights.size(); ++i)
    conv->weights[i] *= affine.factor[i % columns];
  for (std::size_t n = 0; n < columns; ++n)
    conv->bias[n] = conv->bias[n] * affine.factor[n] + affine.bias[n];
  absorb(network, index, *conv);
  return true;
}

bool fold_into_input(Network& network, std::size_t index) {
  const Node affine = network.nodes[index];
  if (affine.inputs[0] != network.input || network.readers(network.input) != 1) return false;
  for (std::size_t c = 0; c < affine.factor.size(); ++c) {
    if (!(affine.factor[c] > 0))
      user_error(Location{network.file},
                 "node '{}' ({}): a factor of {} on the input is not "
                 "supported; a positive one would fit",
                 affine.name, affine.onnx_op, affine.factor[c]);
    // factor * (pixel - mean) / std + bias = (pixel - (mean - bias * std / factor)) / (std /
    // factor)
    network.input_mean[c] -= affine.bias[c] * network.input_std[c] / affine.factor[c];
    network.input_std[c] /= affine.factor[c];
  }
  network.nodes.erase(network.nodes.begin() + static_cast<std::ptrdiff_t>(index));
  for (Node& node : network.nodes)
    std::replace(node.inputs.begin(), node.inputs.end(), affine.output, network.input);
  if (network.output == affine.output) network.output = network.input;
  return true;
}

void affine_to_operation(Node& node) {
  if (uniform(node.factor) && uniform(node.bias)) {
    const double factor = node.factor[0], bias = node.bias[0];
    node.op = Op::unary;
    node.function = [=](double x) { return factor * x + bias; };
    return;
  }
  const std::size_t channels = node.factor.size();
  node.op = Op::conv;
  node.weights.assign(channels * channels, 0.0f);
  for (std::size_t c = 0; c < channels; ++c) node.weights[c * channels + c] = node.factor[c];
}

bool fold_clamp(Network& network, std::size_t index) {
  const Clamp clamp = network.nodes[index].clamp;
  Node* const producer = sole_producer(network, network.nodes[index].inputs[0]);
  if (producer == nullptr) return false;
  switch (producer->op) {
    case Op::conv:
    case Op::add:
    case Op::average_pool:
    case Op::leaky:
      producer->clamp.low = std::min(std::max(producer->clamp.low, clamp.low), clamp.high);
      producer->clamp.high = std::max(std::min(producer->clamp.high, clamp.high), clamp.low);
      absorb(network, index, *producer);
      return true;
    case Op::unary:
      producer->function = [inner = producer->function, clamp](double x) {
        return std::clamp(inner(x), clamp.low, clamp.high);
      };
      absorb(network, index, *producer);
      return true;
    case Op::max_pool: {
      // Both are monotone, so they commute: x -> pool -> clamp becomes x -> clamp -> pool.
      Node& after = network.nodes[index];
      const std::size_t middle = producer->output, shape_source = producer->inputs[0];
      network.tensors[middle].shape = network.tensors[shape_source].shape;
      std::swap(producer->output, after.output);
      after.inputs[0] = producer->inputs[0];
      producer->inputs[0] = middle;
      std::swap(*producer, after);
      return true;
    }
    default:
      return false;
  }
}

bool merge_tables(Network& network, std::size_t index) {
  Node* const producer = sole_producer(network, network.nodes[index].inputs[0]);
  if (producer == nullptr || producer->op != Op::unary) return false;
  producer->function = [inner = producer->function, outer = network.nodes[index].function](
                           double x) { return outer(inner(x)); };
  absorb(network, index, *producer);
  return true;
}

/// One rewrite at node `index`. @returns whether the network changed.
bool rewrite(Network& network, std::size_t index) {
  Node& node = network.nodes[index];
  switch (node.op) {
    case Op::affine:
      if (fold_into_conv(network, index) || fold_into_input(network, index)) return true;
      affine_to_operation(network.nodes[index]);
      return true;
    case Op::clamp:
      if (fold_clamp(network, index)) return true;
      node.op = Op::unary;
      node.function = [clamp = node.clamp](double x) {
        return std::clamp(x, clamp.low, clamp.high);
      };
      node.clamp = {};
      return true;
    case Op::leaky:
      if (node.slope >= 0) return false;
      node.op = Op::unary;
      node.function = [slope = double{node.slope}](double x) { return x >= 0 ? x : slope * x; };
      return true;
    case Op::unary:
      return merge_tables(network, index);
    default:
      return false;
  }
}

/// Drops nodes whose result nobody needs.
bool drop_dead(Network& network) {
  const auto dead = std::find_if(network.nodes.begin(), network.nodes.end(), [&](const Node& node) {
    return node.output != network.output && network.readers(node.output) == 0;
  });
  if (dead == network.nodes.end()) return false;
  network.nodes.erase(dead);
  return true;
}

/// Tensors that no node touches any more get dropped; the rest are numbered in order of execution.
void renumber(Network& network) {
  std::vector<std::size_t> number(network.tensors.size(), network.tensors.size());
  std::vector<Tensor> tensors;
  const auto keep = [&](std::size_t tensor) {
    if (number[tensor] < network.tensors.size()) return;
    number[tensor] = tensors.size();
    tensors.push_back(network.tensors[tensor]);
  };
  keep(network.input);
  for (const Node& node : network.nodes) keep(node.output);
  for (Node& node : network.nodes) {
    for (std::size_t& input : node.inputs) input = number[input];
    node.output = number[node.output];
  }
  network.input = number[network.input];
  network.output = number[network.output];
  network.tensors = std::move(tensors);
}

}  // namespace

void fuse(Network& network) {
  while (drop_dead(network)) {
  }
  for (std::size_t index = 0; index < network.nodes.size();) {
    // After a change the nodes before may fit together anew.
    index = rewrite(network, index) ? 0 : index + 1;
  }
  if (network.nodes.empty())
    user_error(Location{network.file}, "the network has no operations but a change of its input");
  renumber(network);
}

}  // namespace aimc::compiler
