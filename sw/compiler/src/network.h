// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace aimc::compiler {

/// A feature map, height x width x channels, channels fastest.
struct Shape {
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t channels = 1;

  std::uint32_t pixels() const { return height * width; }
  std::uint32_t size() const { return height * width * channels; }
  bool operator==(const Shape&) const = default;
};

std::string to_text(const Shape& shape);

/// Kernel, stride, leading padding and dilation of a convolution or a pool. What is padded at the
/// bottom and on the right follows from the size of the output.
struct Window {
  std::uint32_t height = 1, width = 1;
  std::uint32_t stride_y = 1, stride_x = 1;
  std::uint32_t pad_top = 0, pad_left = 0;
  std::uint32_t dilation_y = 1, dilation_x = 1;
};

/// Bounds that an operation puts on its result.
struct Clamp {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool any() const {
    return low > -std::numeric_limits<double>::infinity() ||
           high < std::numeric_limits<double>::infinity();
  }
};

enum class Op {
  conv,  ///< Also dense layers: the kernel is the whole map.
  max_pool,
  average_pool,
  add,    ///< Of two feature maps.
  unary,  ///< `function` of each element.
  leaky,  ///< Leaky ReLU with `slope`.
  softmax,
  clamp,   ///< Until `fuse` has put it into the operation before.
  affine,  ///< Factor and bias of each channel, until `fuse` has folded it.
};

const char* to_text(Op op);

/// One operation on feature maps, in floating point.
struct Node {
  Op op = Op::conv;
  std::string name;     ///< In the model.
  std::string onnx_op;  ///< For messages: what it was, e.g. "Gemm".
  std::vector<std::size_t> inputs;
  std::size_t output = 0;
  Window window;
  bool count_pad = false;                  ///< average_pool: padding counts.
  std::vector<float> weights;              ///< conv: [rows][columns], row = (ky*kw + kx)*cin + c.
  std::vector<float> factor;               ///< affine: of each channel.
  std::vector<float> bias;                 ///< conv, affine: of each channel.
  float slope = 0;                         ///< leaky
  std::function<double(double)> function;  ///< unary
  Clamp clamp;
};

struct Tensor {
  std::string name;
  Shape shape;
};

/// A network between import and quantisation. Nodes stand in the order of execution; each tensor
/// but the input is the output of one node.
struct Network {
  std::string name;
  std::string file;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::size_t input = 0;
  std::size_t output = 0;
  /// From pixels to the values of the input tensor: value = (pixel - mean) / std of its channel.
  std::vector<float> input_mean;
  std::vector<float> input_std;

  /// Readers of a tensor among the nodes.
  std::size_t readers(std::size_t tensor) const;
  /// Index of the node that writes a tensor; `nodes.size()` for the input.
  std::size_t writer(std::size_t tensor) const;
};

}  // namespace aimc::compiler
