// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include <fmt/format.h>

#include <algorithm>

namespace aimc::compiler {

std::string to_text(const Shape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

const char* to_text(Op op) {
  switch (op) {
    case Op::conv:
      return "conv";
    case Op::max_pool:
      return "max pool";
    case Op::average_pool:
      return "average pool";
    case Op::add:
      return "add";
    case Op::unary:
      return "table";
    case Op::leaky:
      return "leaky";
    case Op::softmax:
      return "softmax";
    case Op::clamp:
      return "clamp";
    case Op::affine:
      return "affine";
  }
  return "";
}

std::size_t Network::readers(std::size_t tensor) const {
  std::size_t count = 0;
  for (const Node& node : nodes)
    count += static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), tensor));
  return count;
}

std::size_t Network::writer(std::size_t tensor) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const Node& node) { return node.output == tensor; });
  return static_cast<std::size_t>(found - nodes.begin());
}

}  // namespace aimc::compiler
