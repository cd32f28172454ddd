// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>

#include "aimc/cim/cim_regs.h"
#include "aimc/common/error.h"
#include "validate.h"

namespace aimc::network::detail {

namespace {

using Layer = aimc_network_layer_t;
using Tensor = aimc_network_tensor_t;

constexpr std::uint32_t kMaxSide = 65535;
constexpr std::uint64_t kMaxElements = 1u << 28;
constexpr std::uint64_t kMaxRows = 65536;  // 2^16 * 2^7 * 2^7 fits int32

/// One layer with what every complaint about it needs.
struct Checker {
  const Image& image;
  const Layer& layer;
  std::string what;

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    user_error(Location{image.file()}, "{}: {}", what,
               fmt::format(format, std::forward<Args>(args)...));
  }

  const Tensor& tensor(std::uint32_t index) const { return image.tensors()[index]; }

  void table(std::uint32_t offset, std::uint64_t bytes, std::uint32_t alignment,
             const char* name) const {
    if (offset % alignment != 0 || offset + bytes > image.data().size())
      fail("{} of {} bytes at {:#x} leave section DATA of {} bytes", name, bytes, offset,
           image.data().size());
  }

  void rescale(std::uint32_t multiplier, std::uint32_t shift) const {
    if (multiplier > INT32_MAX || shift > 62)
      fail("scale {} / 2^{} is out of range", multiplier, shift);
  }

  void affine(std::uint32_t channels) const {
    table(layer.affine, std::uint64_t{channels} * CIM_AFFINE_BYTES, 4, "affine table");
    for (std::uint32_t c = 0; c < channels; ++c) {
      const std::uint32_t entry = layer.affine + c * CIM_AFFINE_BYTES;
      rescale(image.word(entry + 4), image.word(entry + 8));
    }
  }

  void same_shape(const Tensor& a, const Tensor& b) const {
    if (a.height != b.height || a.width != b.width || a.channels != b.channels)
      fail("shapes {}x{}x{} and {}x{}x{} differ", a.height, a.width, a.channels, b.height, b.width,
           b.channels);
  }

  /// Kernel, stride, padding and dilation against the maps: each window touches a real pixel.
  void window(bool may_dilate) const {
    const Tensor& in = tensor(layer.input);
    const Tensor& out = tensor(layer.output);
    if (layer.kernel_height == 0 || layer.kernel_width == 0 || layer.stride_y == 0 ||
        layer.stride_x == 0 || layer.dilation_y == 0 || layer.dilation_x == 0)
      fail("kernel, stride and dilation must be 1 or more");
    if (layer.kernel_height > kMaxSide || layer.kernel_width > kMaxSide)
      fail("kernel {}x{} is too large", layer.kernel_height, layer.kernel_width);
    if (!may_dilate && (layer.dilation_y != 1 || layer.dilation_x != 1))
      fail("a pool has no dilation");
    const auto side = [&](const char* name, std::uint64_t size, std::uint64_t count,
                          std::uint64_t kernel, std::uint64_t stride, std::uint64_t padding,
                          std::uint64_t dilation) {
      if (padding > (kernel - 1) * dilation || (count - 1) * stride >= size + padding)
        fail("{} of the output: {} windows do not fit an input of {}", name, count, size);
    };
    side("height", in.height, out.height, layer.kernel_height, layer.stride_y, layer.pad_top,
         layer.dilation_y);
    side("width", in.width, out.width, layer.kernel_width, layer.stride_x, layer.pad_left,
         layer.dilation_x);
  }

  void check() const;
  void operands() const;
};

void Checker::operands() const {
  const std::size_t count = image.tensors().size();
  if (layer.output >= count) fail("output tensor {} of {}", layer.output, count);
  if (layer.type != AIMC_LAYER_INPUT && layer.input >= count)
    fail("input tensor {} of {}", layer.input, count);
  if (layer.type == AIMC_LAYER_ADD && layer.input2 >= count)
    fail("second input tensor {} of {}", layer.input2, count);
  if (layer.clamp_low < -128 || layer.clamp_high > 127 || layer.clamp_low > layer.clamp_high)
    fail("clamp {} to {} is not within int8", layer.clamp_low, layer.clamp_high);
  rescale(layer.multiplier, layer.shift);
  rescale(layer.multiplier2, layer.shift);
}

void Checker::check() const {
  operands();
  const Tensor& out = tensor(layer.output);
  if (layer.type == AIMC_LAYER_INPUT) {
    affine(out.channels);
    return;
  }
  const Tensor& in = tensor(layer.input);
  switch (layer.type) {
    case AIMC_LAYER_CONV: {
      window(true);
      const std::uint64_t rows =
          std::uint64_t{layer.kernel_height} * layer.kernel_width * in.channels;
      if (rows > kMaxRows) fail("{} rows; int32 sums are exact up to {}", rows, kMaxRows);
      table(layer.weights, rows * out.channels, 1, "weights");
      affine(out.channels);
      return;
    }
    case AIMC_LAYER_MAX_POOL:
    case AIMC_LAYER_AVERAGE_POOL:
      window(false);
      if (in.channels != out.channels) fail("{} channels become {}", in.channels, out.channels);
      if (std::uint64_t{layer.kernel_height} * layer.kernel_width > 65535)
        fail("window {}x{} is too large", layer.kernel_height, layer.kernel_width);
      return;
    case AIMC_LAYER_ADD:
      same_shape(in, out);
      same_shape(tensor(layer.input2), out);
      return;
    case AIMC_LAYER_LUT:
      same_shape(in, out);
      table(layer.table, 256, 1, "table");
      return;
    case AIMC_LAYER_LEAKY:
      same_shape(in, out);
      return;
    case AIMC_LAYER_SOFTMAX:
      same_shape(in, out);
      table(layer.table, 512, 4, "table");
      if (image.half(layer.table) == 0) fail("the first entry of the table is 0");
      return;
    default:
      fail("unknown type {}", layer.type);
  }
}

void check_tensor(const Image& image, std::size_t index) {
  const Tensor& tensor = image.tensors()[index];
  const Location where{image.file()};
  if (tensor.name >= image.header().section[AIMC_SECTION_STRINGS].count)
    user_error(where, "tensor {}: name at {:#x} is not in section STRINGS", index, tensor.name);
  const std::uint64_t elements = std::uint64_t{tensor.height} * tensor.width * tensor.channels;
  if (tensor.height == 0 || tensor.width == 0 || tensor.channels == 0 || tensor.height > kMaxSide ||
      tensor.width > kMaxSide || tensor.channels > kMaxElements || elements > kMaxElements)
    user_error(where, "tensor {} ({}): bad shape {}x{}x{}", index, image.string(tensor.name),
               tensor.height, tensor.width, tensor.channels);
  if (!(tensor.scale > 0) || !std::isfinite(tensor.scale))
    user_error(where, "tensor {} ({}): scale {} is not a positive number", index,
               image.string(tensor.name), tensor.scale);
}

}  // namespace

void validate_layers(const Image& image) {
  const Location where{image.file()};
  const aimc_network_header_t& header = image.header();
  for (std::size_t i = 0; i < image.tensors().size(); ++i) check_tensor(image, i);
  std::vector<bool> written(image.tensors().size());
  for (std::size_t i = 0; i < image.layers().size(); ++i) {
    const Layer& layer = image.layers()[i];
    if (layer.name >= header.section[AIMC_SECTION_STRINGS].count)
      user_error(where, "layer {}: name at {:#x} is not in section STRINGS", i, layer.name);
    const Checker checker{image, layer, fmt::format("layer {} ({})", i, image.string(layer.name))};
    checker.check();
    if ((layer.type == AIMC_LAYER_INPUT) != (i == 0))
      checker.fail("the input conversion has to be the first layer, and the only one");
    if (i > 0 &&
        (!written[layer.input] || (layer.type == AIMC_LAYER_ADD && !written[layer.input2])))
      checker.fail("reads a tensor before a layer has written it");
    if (written[layer.output]) checker.fail("writes a tensor that a layer before has written");
    written[layer.output] = true;
  }
  if (image.layers().empty()) user_error(where, "the network has no layers");
  if (header.input_tensor != image.layers()[0].output)
    user_error(where, "input tensor {} is not what the first layer writes", header.input_tensor);
  if (header.output_tensor >= written.size() || !written[header.output_tensor])
    user_error(where, "output tensor {} is not written by any layer", header.output_tensor);
  if (header.input_bytes != size(image.tensors()[header.input_tensor]))
    user_error(where, "records of {} bytes for an input tensor of {} elements", header.input_bytes,
               size(image.tensors()[header.input_tensor]));
  if (header.logits != size(image.tensors()[header.output_tensor]))
    user_error(where, "{} logits for an output tensor of {} elements", header.logits,
               size(image.tensors()[header.output_tensor]));
}

}  // namespace aimc::network::detail
