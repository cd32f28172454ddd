// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aimc::compiler {

/// Reads an ONNX file. @throws UserError if it is missing or not a protobuf with a graph in it.
onnx::ModelProto read_onnx(const std::string& path);

/// A constant of a model: weights as float, shapes and axes as int64.
struct Constant {
  std::vector<std::int64_t> dims;
  std::vector<float> values;
  std::vector<std::int64_t> integers;  ///< Filled for integer types.

  std::size_t size() const;
};

/// @throws UserError that names `file` and the tensor if its data is missing, of a wrong size, in
/// another file, or of an unsupported type.
Constant read_tensor(const onnx::TensorProto& tensor, const std::string& file);

/// Attributes of a node, by name, with the defaults of the ONNX operator given by the caller.
class Attributes {
 public:
  explicit Attributes(const onnx::NodeProto& node) : node_(node) {}

  const onnx::AttributeProto* find(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t fallback) const;
  float real(const std::string& name, float fallback) const;
  std::string text(const std::string& name, const std::string& fallback) const;
  std::vector<std::int64_t> integers(const std::string& name,
                                     std::vector<std::int64_t> fallback) const;

 private:
  const onnx::NodeProto& node_;
};

}  // namespace aimc::compiler
