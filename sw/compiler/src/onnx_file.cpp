// SPDX-License-Identifier: Apache-2.0
#include "onnx_file.h"

#include <google/protobuf/stubs/logging.h>

#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::compiler {

namespace {

constexpr std::int64_t kMostValues = 1 << 28;  // 1 GiB of floats

std::size_t element_bytes(int type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::INT32:
      return 4;
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::INT64:
      return 8;
    default:
      return 0;
  }
}

/// Raw little-endian bytes of type T, appended to `values` as type V.
template <class T, class V>
void append_raw(const std::string& raw, std::vector<V>& values) {
  for (std::size_t i = 0; i + sizeof(T) <= raw.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, raw.data() + i, sizeof(T));
    values.push_back(static_cast<V>(value));
  }
}

void read_values(const onnx::TensorProto& tensor, Constant& constant) {
  const std::string& raw = tensor.raw_data();
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      append_raw<float>(raw, constant.values);
      constant.values.insert(constant.values.end(), tensor.float_data().begin(),
                             tensor.float_data().end());
      break;
    case onnx::TensorProto::DOUBLE:
      append_raw<double>(raw, constant.values);
      for (const double value : tensor.double_data())
        constant.values.push_back(static_cast<float>(value));
      break;
    case onnx::TensorProto::INT32:
      append_raw<std::int32_t>(raw, constant.integers);
      constant.integers.insert(constant.integers.end(), tensor.int32_data().begin(),
                               tensor.int32_data().end());
      break;
    default:
      append_raw<std::int64_t>(raw, constant.integers);
      constant.integers.insert(constant.integers.end(), tensor.int64_data().begin(),
                               tensor.int64_data().end());
  }
}

}  // namespace

onnx::ModelProto read_onnx(const std::string& path) {
  const std::string bytes = read_file(path, "ONNX model");
  google::protobuf::SetLogHandler(nullptr);  // our message is the better one
  onnx::ModelProto model;
  if (bytes.size() > INT32_MAX ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    user_error(Location{path}, "not an ONNX model: the file is not a protobuf message");
  if (!model.has_graph() || model.graph().output_size() == 0)
    user_error(Location{path}, "not an ONNX model: there is no graph in it");
  return model;
}

std::size_t Constant::size() const {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) count *= static_cast<std::size_t>(dim);
  return count;
}

Constant read_tensor(const onnx::TensorProto& tensor, const std::string& file) {
  const Location where{file};
  const std::string& name = tensor.name();
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
    user_error(where,
               "the weights '{}' are in another file: not supported; store them in the model",
               name);
  Constant constant;
  constant.dims.assign(tensor.dims().begin(), tensor.dims().end());
  std::int64_t count = 1;
  for (const std::int64_t dim : constant.dims) {
    if (dim < 0 || dim > kMostValues || count * dim > kMostValues)
      user_error(where, "the weights '{}' have a bad shape", name);
    count *= dim;
  }
  if (element_bytes(tensor.data_type()) == 0)
    user_error(where,
               "the weights '{}' are of type {}: not supported; float, double, int32 and int64 are",
               name, onnx::TensorProto::DataType_Name(tensor.data_type()));
  read_values(tensor, constant);
  const std::size_t present = std::max(constant.values.size(), constant.integers.size());
  if (present != constant.size() ||
      tensor.raw_data().size() % element_bytes(tensor.data_type()) != 0)
    user_error(where, "the weights '{}' have {} values, their shape has {}", name, present,
               constant.size());
  if (constant.values.empty())
    constant.values.assign(constant.integers.begin(), constant.integers.end());
  return constant;
}

const onnx::AttributeProto* Attributes::find(const std::string& name) const {
  for (const onnx::AttributeProto& attribute : node_.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

std::int64_t Attributes::integer(const std::string& name, std::int64_t fallback) const {
  const onnx::AttributeProto* const attribute = find(name);
  return attribute == nullptr ? fallback : attribute->i();
}

float Attributes::real(const std::string& name, float fallback) const {
  const onnx::AttributeProto* const attribute = find(name);
  return attribute == nullptr ? fallback : attribute->f();
}

std::string Attributes::text(const std::string& name, const std::string& fallback) const {
  const onnx::AttributeProto* const attribute = find(name);
  return attribute == nullptr ? fallback : attribute->s();
}

std::vector<std::int64_t> Attributes::integers(const std::string& name,
                                               std::vector<std::int64_t> fallback) const {
  const onnx::AttributeProto* const attribute = find(name);
  if (attribute == nullptr) return fallback;
  return {attribute->ints().begin(), attribute->ints().end()};
}

}  // namespace aimc::compiler
