// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aimc/instrumentation/profiler.h"

namespace aimc::instrumentation {

/// One call path.
struct Profiler::Node {
  Node(std::uint32_t function_number, Node* caller) : function(function_number), parent(caller) {}

  Node& child(std::uint32_t number) {
    for (const auto& one : children)
      if (one->function == number) return *one;
    return *children.emplace_back(std::make_unique<Node>(number, this));
  }

  std::uint32_t function;
  Node* parent;
  std::vector<std::unique_ptr<Node>> children;
  std::uint64_t calls = 0, instructions = 0, cycles = 0, stalls = 0;
};

}  // namespace aimc::instrumentation
