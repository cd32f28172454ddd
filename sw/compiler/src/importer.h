// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "network.h"
#include "onnx_file.h"

namespace aimc::compiler {

/// What a name of the ONNX graph stands for: a constant, or a feature map as ONNX sees it.
struct Value {
  bool constant = false;
  Constant data;                   ///< constant
  std::size_t tensor = 0;          ///< feature map: index in the network
  std::vector<std::int64_t> dims;  ///< feature map: its ONNX shape, batch first
};

/// Walks the nodes of an ONNX graph. One member function per family of operators; each of them
/// either adds nodes to the network, gives a name to a value, or throws.
class Importer {
 public:
  Importer(const onnx::ModelProto& model, std::string file);
  Network run();

 private:
  void read_constants();
  void read_input();
  void read_metadata();
  void import_node();

  // One ONNX operator each (import_layers.cpp, import_elements.cpp).
  void conv();
  void gemm();
  void mat_mul();
  void dense(const Value& in, std::vector<float> weights, std::size_t columns,
             std::vector<float> bias);
  void pool();
  void global_pool();
  void reduce_mean();
  void batch_normalization();
  void arithmetic();
  void relu();
  void clip();
  void leaky_relu();
  void unary();
  void softmax();
  void reshape();
  void fold_constant();

  // What they share.
  struct Fault;  // thrown by `refuse`
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    refuse_text(fmt::format(format, std::forward<Args>(args)...));
  }
  [[noreturn]] void refuse_text(const std::string& reason) const;
  const std::string& op() const { return node_->op_type(); }
  bool has_input(int index) const;
  const Value& input(int index) const;
  const Value& map_input(int index) const;          ///< A feature map, else refuses.
  const Constant& constant_input(int index) const;  ///< A constant, else refuses.
  const Shape& shape_of(const Value& value) const { return network_.tensors[value.tensor].shape; }
  /// Values of one constant for each channel of `channels`. Refuses other shapes.
  std::vector<float> channel_constant(const Constant& constant, const Value& map) const;
  Window window(const Shape& in, Shape& out, std::uint32_t kernel_height,
                std::uint32_t kernel_width, bool one_dimensional) const;
  Node new_node(Op kind, const Value& in) const;
  /// Adds the node with an output of this shape under the name of the ONNX output.
  void add(Node node, const Shape& shape, std::vector<std::int64_t> dims);
  void add_same(Node node, const Value& like);
  void alias(const Value& value, std::vector<std::int64_t> dims);
  void define(Value value);

  const onnx::ModelProto& model_;
  std::string file_;
  Network network_;
  std::map<std::string, Value> values_;
  const onnx::NodeProto* node_ = nullptr;
};

/// "1x3x32x32".
std::string to_text(const std::vector<std::int64_t>& dims);

}  // namespace aimc::compiler
