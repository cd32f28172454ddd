// SPDX-License-Identifier: Apache-2.0
// Operators with windows and weights.
#include <algorithm>

#include "importer.h"

namespace aimc::compiler {

namespace {

/// One side of a window: padding in front, and how many outputs there are.
struct Side {
  std::int64_t pad = 0;
  std::int64_t count = 0;
};

}  // namespace

Window Importer::window(const Shape& in, Shape& out, std::uint32_t kernel_height,
                        std::uint32_t kernel_width, bool one_dimensional) const {
  const Attributes attributes(*node_);
  const std::size_t sides = one_dimensional ? 1 : 2;
  const auto strides = attributes.integers("strides", std::vector<std::int64_t>(sides, 1));
  const auto dilations = attributes.integers("dilations", std::vector<std::int64_t>(sides, 1));
  auto pads = attributes.integers("pads", std::vector<std::int64_t>(2 * sides, 0));
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  if (strides.size() != sides || dilations.size() != sides || pads.size() != 2 * sides)
    refuse("strides, dilations or pads do not have {} spatial dimensions", sides);
  if (auto_pad == "VALID") std::fill(pads.begin(), pads.end(), 0);
  const bool ceil_mode = attributes.integer("ceil_mode", 0) != 0;
  const bool count_pad = attributes.integer("count_include_pad", 0) != 0;
  const auto side = [&](std::size_t i, std::int64_t size, std::int64_t kernel) {
    const std::int64_t stride = strides[i], reach = (kernel - 1) * dilations[i] + 1;
    if (kernel < 1 || kernel > 65535 || stride < 1 || stride > 255 || dilations[i] < 1 ||
        dilations[i] > 255)
      refuse("kernel {}, stride {}, dilation {}: strides and dilations of 1 to 255 would fit",
             kernel, stride, dilations[i]);
    Side result;
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      result.count = (size + stride - 1) / stride;
      const std::int64_t total =
          std::max<std::int64_t>((result.count - 1) * stride + reach - size, 0);
      result.pad = auto_pad == "SAME_UPPER" ? total / 2 : (total + 1) / 2;
    } else {
      const std::int64_t before = pads[i], after = pads[i + sides];
      if (before < 0 || after < 0 || before > 255 || before >= reach)
        refuse("padding {} and {}: padding of 0 to 255, smaller than the kernel, would fit", before,
               after);
      const std::int64_t room = size + before + after - reach;
      if (room < 0)
        refuse("a window of {} does not fit {} padded pixels", reach, size + before + after);
      result.count = (ceil_mode ? (room + stride - 1) / stride : room / stride) + 1;
      // A window that starts behind the input and its leading padding is dropped, as in ONNX.
      if ((result.count - 1) * stride >= size + before) --result.count;
      if (ceil_mode && count_pad && (result.count - 1) * stride > room)
        refuse(
            "count_include_pad with a last window that leaves the padding: not supported; "
            "ceil_mode = 0 would fit");
      result.pad = before;
    }
    return result;
  };
  const Side y = one_dimensional ? Side{0, 1} : side(0, in.height, kernel_height);
  const Side x = side(sides - 1, in.width, kernel_width);
  out.height = static_cast<std::uint32_t>(y.count);
  out.width = static_cast<std::uint32_t>(x.count);
  Window window;
  window.height = kernel_height;
  window.width = kernel_width;
  window.stride_y = one_dimensional ? 1 : static_cast<std::uint32_t>(strides[0]);
  window.stride_x = static_cast<std::uint32_t>(strides[sides - 1]);
  window.pad_top = static_cast<std::uint32_t>(y.pad);
  window.pad_left = static_cast<std::uint32_t>(x.pad);
  window.dilation_y = one_dimensional ? 1 : static_cast<std::uint32_t>(dilations[0]);
  window.dilation_x = static_cast<std::uint32_t>(dilations[sides - 1]);
  return window;
}

void Importer::conv() {
  const Value in = map_input(0);
  const Constant& weights = constant_input(1);
  const Attributes attributes(*node_);
  if (in.dims.size() < 3) refuse("a feature map of batch x channels x [height x] width would fit");
  const bool one_dimensional = in.dims.size() == 3;
  const Shape shape = shape_of(in);
  const std::int64_t groups = attributes.integer("group", 1);
  if (groups != 1)
    refuse("{} groups are not supported; what would fit: group = 1 with weights of shape {}x{}x{}",
           groups, weights.dims.empty() ? 0 : weights.dims[0], shape.channels,
           weights.dims.size() < 3 ? std::string("...")
                                   : to_text({weights.dims.begin() + 2, weights.dims.end()}));
  if (weights.dims.size() != in.dims.size() || weights.dims[1] != shape.channels)
    refuse("weights of outputs x {} x kernel would fit", shape.channels);
  const auto outputs = static_cast<std::uint32_t>(weights.dims[0]);
  const auto kernel_height = one_dimensional ? 1u : static_cast<std::uint32_t>(weights.dims[2]);
  const auto kernel_width = static_cast<std::uint32_t>(weights.dims.back());
  if (kernel_height > 255 || kernel_width > 255) refuse("kernels of up to 255x255 would fit");
  if (outputs == 0) refuse("weights of at least one output would fit");
  const std::size_t taps = std::size_t{kernel_height} * kernel_width;

  Node node = new_node(Op::conv, in);
  Shape out{1, 1, outputs};
  node.window = window(shape, out, kernel_height, kernel_width, one_dimensional);
  node.weights.resize(weights.size());
  for (std::size_t n = 0; n < outputs; ++n)
    for (std::size_t c = 0; c < shape.channels; ++c)
      for (std::size_t tap = 0; tap < taps; ++tap)
        node.weights[(tap * shape.channels + c) * outputs + n] =
            weights.values[(n * shape.channels + c) * taps + tap];
  node.bias.assign(outputs, 0.0f);
  if (has_input(2)) {
    node.bias = constant_input(2).values;
    if (node.bias.size() != outputs) refuse("a bias of {} values would fit", outputs);
  }
  std::vector<std::int64_t> dims = {1, outputs, out.height, out.width};
  if (one_dimensional) dims.erase(dims.begin() + 2);
  add(std::move(node), out, std::move(dims));
}

/// @param weights  [K][columns], rows in the order of the flattened ONNX tensor.
void Importer::dense(const Value& in, std::vector<float> weights, std::size_t columns,
                     std::vector<float> bias) {
  if (columns == 0) refuse("weights of at least one output would fit");
  const Shape shape = shape_of(in);
  Node node = new_node(Op::conv, in);
  node.window.height = shape.height;
  node.window.width = shape.width;
  node.bias = std::move(bias);
  node.weights.resize(weights.size());
  for (std::size_t c = 0; c < shape.channels; ++c)
    for (std::size_t p = 0; p < shape.pixels(); ++p)
      std::copy_n(
          weights.begin() + static_cast<std::ptrdiff_t>((c * shape.pixels() + p) * columns),
          columns,
          node.weights.begin() + static_cast<std::ptrdiff_t>((p * shape.channels + c) * columns));
  add(std::move(node), Shape{1, 1, static_cast<std::uint32_t>(columns)},
      {1, static_cast<std::int64_t>(columns)});
}

void Importer::gemm() {
  const Value in = map_input(0);
  const Constant& b = constant_input(1);
  const Attributes attributes(*node_);
  const bool transposed = attributes.integer("transB", 0) != 0;
  const float alpha = attributes.real("alpha", 1.0f), beta = attributes.real("beta", 1.0f);
  if (attributes.integer("transA", 0) != 0)
    refuse("transA = 1 is not supported; transA = 0 would fit");
  if (in.dims.size() != 2 || b.dims.size() != 2 || b.dims[transposed ? 1 : 0] != in.dims[1])
    refuse("a vector of 1 x K and weights of K x N would fit");
  const auto rows = static_cast<std::size_t>(in.dims[1]);
  const std::size_t columns = b.size() / rows;
  std::vector<float> weights(b.size());
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t n = 0; n < columns; ++n)
      weights[k * columns + n] = alpha * b.values[transposed ? n * rows + k : k * columns + n];
  std::vector<float> bias(columns, 0.0f);
  if (has_input(2)) {
    const Constant& c = constant_input(2);
    if (c.size() != columns && c.size() != 1) refuse("a bias of 1 or {} values would fit", columns);
    for (std::size_t n = 0; n < columns; ++n) bias[n] = beta * c.values[c.size() == 1 ? 0 : n];
  }
  dense(in, std::move(weights), columns, std::move(bias));
}

void Importer::mat_mul() {
  const Value in = map_input(0);
  if (!input(1).constant)
    refuse("a product of two computed values is not supported; weights in the file would fit");
  const Constant& b = constant_input(1);
  if (in.dims.size() != 2 || b.dims.size() != 2 || b.dims[0] != in.dims[1])
    refuse("a vector of 1 x K and weights of K x N would fit");
  const auto columns = static_cast<std::size_t>(b.dims[1]);
  dense(in, b.values, columns, std::vector<float>(columns, 0.0f));
}

void Importer::pool() {
  const Value in = map_input(0);
  const Attributes attributes(*node_);
  const bool average = op() == "AveragePool";
  if (in.dims.size() < 3) refuse("a feature map of batch x channels x [height x] width would fit");
  if (node_->output_size() > 1)
    refuse("the indices of a pool are not supported; one output would fit");
  const bool one_dimensional = in.dims.size() == 3;
  const auto kernel = attributes.integers("kernel_shape", {});
  if (kernel.size() != in.dims.size() - 2)
    refuse("kernel_shape does not have {} dimensions", in.dims.size() - 2);
  for (const std::int64_t side : kernel)
    if (side < 1 || side > 65535) refuse("kernels of 1 to 65535 would fit");
  const Shape shape = shape_of(in);
  Shape out = shape;
  Node node = new_node(average ? Op::average_pool : Op::max_pool, in);
  node.window = window(shape, out, one_dimensional ? 1u : static_cast<std::uint32_t>(kernel[0]),
                       static_cast<std::uint32_t>(kernel.back()), one_dimensional);
  if (node.window.dilation_y != 1 || node.window.dilation_x != 1)
    refuse("a dilated pool is not supported; dilations of 1 would fit");
  node.count_pad = average && attributes.integer("count_include_pad", 0) != 0;
  std::vector<std::int64_t> dims = {1, out.channels, out.height, out.width};
  if (one_dimensional) dims.erase(dims.begin() + 2);
  add(std::move(node), out, std::move(dims));
}

void Importer::global_pool() {
  const Value in = map_input(0);
  if (in.dims.size() < 3) refuse("a feature map of batch x channels x [height x] width would fit");
  const Shape shape = shape_of(in);
  if (shape.pixels() > 65535) refuse("maps of up to 65535 pixels would fit");
  Node node = new_node(op() == "GlobalAveragePool" ? Op::average_pool : Op::max_pool, in);
  node.window.height = shape.height;
  node.window.width = shape.width;
  std::vector<std::int64_t> dims(in.dims.size(), 1);
  dims[1] = shape.channels;
  add(std::move(node), Shape{1, 1, shape.channels}, std::move(dims));
}

void Importer::reduce_mean() {
  const Value in = map_input(0);
  const Attributes attributes(*node_);
  auto axes = has_input(1) ? constant_input(1).integers : attributes.integers("axes", {});
  for (std::int64_t& axis : axes)
    if (axis < 0) axis += static_cast<std::int64_t>(in.dims.size());
  std::sort(axes.begin(), axes.end());
  std::vector<std::int64_t> spatial;
  for (std::size_t i = 2; i < in.dims.size(); ++i) spatial.push_back(static_cast<std::int64_t>(i));
  if (spatial.empty() || axes != spatial)
    refuse("a mean over all spatial dimensions of a feature map would fit");
  global_pool();
  network_.nodes.back().op = Op::average_pool;
  if (attributes.integer("keepdims", 1) == 0) values_[node_->output(0)].dims.resize(2);
}

}  // namespace aimc::compiler
