// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "aimc/common/error.h"
#include "chip.h"
#include "compile.h"
#include "network.h"
#include "onnx_file.h"

namespace aimc::compiler {

/// A chip of `tiles` tiles of rows x columns and `activations` activation engines in a row, the
/// bridge beside the first.
Chip toy_chip(std::size_t tiles, unsigned rows, unsigned columns, std::size_t activations = 1,
              std::uint32_t sram_bytes = 64 * 1024);

/// Repeatable numbers in [-1, 1).
std::vector<float> noise(std::size_t count, std::uint64_t seed);
/// Repeatable records of bytes, one after the other.
std::vector<std::uint8_t> noise_records(std::size_t count, std::size_t bytes, std::uint64_t seed);

/// Builds networks node by node; each function returns the new tensor.
class NetworkBuilder {
 public:
  explicit NetworkBuilder(Shape input);
  std::size_t conv(std::size_t in, Shape out, Window window, bool relu = true);
  std::size_t dense(std::size_t in, std::uint32_t columns, bool relu = true);
  std::size_t pool(Op op, std::size_t in, Shape out, Window window);
  std::size_t add(std::size_t a, std::size_t b, bool relu = true);
  std::size_t node(Op op, std::size_t in, const std::function<void(Node&)>& edit = {});
  Network finish(std::size_t output);

 private:
  std::size_t push(Node node, Shape shape);
  Network network_;
  std::uint64_t seed_ = 1;
};

/// Builds ONNX models of one input "x" and one output "y".
class ModelBuilder {
 public:
  explicit ModelBuilder(std::vector<std::int64_t> input);
  ModelBuilder& constant(const std::string& name, std::vector<std::int64_t> dims,
                         const std::vector<float>& values);
  ModelBuilder& integers(const std::string& name, const std::vector<std::int64_t>& values);
  /// The last node's output should be "y". @returns the node, to add attributes to.
  onnx::NodeProto& node(const std::string& op, std::vector<std::string> inputs,
                        const std::string& output = "y");
  onnx::ModelProto& model() { return model_; }

 private:
  onnx::ModelProto model_;
};

void set(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set(onnx::NodeProto& node, const std::string& name, float value);
void set(onnx::NodeProto& node, const std::string& name, const std::string& value);
void set(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values);

/// Message of the UserError that `action` throws; empty if it throws none.
std::string message_of(const std::function<void()>& action);

/// Runs `count` random records through the task graphs of a compilation, several frames in flight
/// and in random order, and compares each logit and class with the reference interpreter.
/// @returns the first difference as text; empty if there is none.
std::string compare_with_interpreter(const Compilation& compilation, const Chip& chip,
                                     std::size_t count = 12, std::uint64_t seed = 1);

}  // namespace aimc::compiler
