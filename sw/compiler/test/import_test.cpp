// SPDX-License-Identifier: Apache-2.0
// Each operator against a direct evaluation in ONNX's own channels-first order.
#include "import.h"

#include <gmock/gmock.h>

#include <cmath>

#include "float_executor.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Values = std::vector<float>;

/// Values of the output in channels-first order for an input in channels-first order.
Values run(ModelBuilder& builder, const Values& input) {
  const Network network = import_onnx(builder.model(), "toy.onnx");
  const auto reorder = [](const Values& in, const Shape& shape, bool to_planes) {
    Values out(in.size());
    for (std::size_t p = 0; p < shape.pixels(); ++p)
      for (std::size_t c = 0; c < shape.channels; ++c) {
        const std::size_t plane = c * shape.pixels() + p, pixel = p * shape.channels + c;
        out[to_planes ? plane : pixel] = in[to_planes ? pixel : plane];
      }
    return out;
  };
  const FloatMaps maps =
      evaluate(network, reorder(input, network.tensors[network.input].shape, false));
  return reorder(maps[network.output], network.tensors[network.output].shape, true);
}

std::string error_of(ModelBuilder& builder) {
  return message_of([&] { import_onnx(builder.model(), "toy.onnx"); });
}

::testing::Matcher<Values> near(const Values& expected, float tolerance = 1e-5f) {
  return Pointwise(FloatNear(tolerance), expected);
}

struct ConvCase {
  std::int64_t channels, height, width, outputs, kernel_height, kernel_width;
  std::int64_t stride_y, stride_x, top, left, bottom, right, dilation_y, dilation_x;
};

/// The definition of Conv, loop by loop.
Values direct_conv(const ConvCase& c, const Values& x, const Values& w, const Values& b) {
  const auto outputs = [](std::int64_t size, std::int64_t pads, std::int64_t kernel,
                          std::int64_t dilation, std::int64_t stride) {
    return (size + pads - ((kernel - 1) * dilation + 1)) / stride + 1;
  };
  const std::int64_t oh =
      outputs(c.height, c.top + c.bottom, c.kernel_height, c.dilation_y, c.stride_y);
  const std::int64_t ow =
      outputs(c.width, c.left + c.right, c.kernel_width, c.dilation_x, c.stride_x);
  Values y;
  for (std::int64_t n = 0; n < c.outputs; ++n)
    for (std::int64_t oy = 0; oy < oh; ++oy)
      for (std::int64_t ox = 0; ox < ow; ++ox) {
        double sum = b[static_cast<std::size_t>(n)];
        for (std::int64_t ch = 0; ch < c.channels; ++ch)
          for (std::int64_t ky = 0; ky < c.kernel_height; ++ky)
            for (std::int64_t kx = 0; kx < c.kernel_width; ++kx) {
              const std::int64_t iy = oy * c.stride_y + ky * c.dilation_y - c.top;
              const std::int64_t ix = ox * c.stride_x + kx * c.dilation_x - c.left;
              if (iy < 0 || ix < 0 || iy >= c.height || ix >= c.width) continue;
              sum += double{x[static_cast<std::size_t>((ch * c.height + iy) * c.width + ix)]} *
                     w[static_cast<std::size_t>(
                         ((n * c.channels + ch) * c.kernel_height + ky) * c.kernel_width + kx)];
            }
        y.push_back(static_cast<float>(sum));
      }
  return y;
}

class ConvTest : public ::testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, AgreesWithItsDefinition) {
  const ConvCase& c = GetParam();
  const auto count = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  const Values x = noise(count(c.channels * c.height * c.width), 1);
  const Values w = noise(count(c.outputs * c.channels * c.kernel_height * c.kernel_width), 2);
  const Values b = noise(count(c.outputs), 3);
  ModelBuilder builder({1, c.channels, c.height, c.width});
  builder.constant("w", {c.outputs, c.channels, c.kernel_height, c.kernel_width}, w);
  builder.constant("b", {c.outputs}, b);
  onnx::NodeProto& node = builder.node("Conv", {"x", "w", "b"});
  set(node, "strides", std::vector<std::int64_t>{c.stride_y, c.stride_x});
  set(node, "pads", std::vector<std::int64_t>{c.top, c.left, c.bottom, c.right});
  set(node, "dilations", std::vector<std::int64_t>{c.dilation_y, c.dilation_x});
  EXPECT_THAT(run(builder, x), near(direct_conv(c, x, w, b)));
}

INSTANTIATE_TEST_SUITE_P(Import, ConvTest,
                         ::testing::Values(ConvCase{1, 5, 5, 1, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1},
                                           ConvCase{3, 6, 7, 4, 3, 2, 1, 1, 1, 0, 1, 1, 1, 1},
                                           ConvCase{2, 9, 8, 3, 2, 3, 2, 3, 0, 2, 1, 0, 1, 1},
                                           ConvCase{2, 9, 9, 3, 3, 3, 1, 2, 2, 1, 2, 1, 2, 1},
                                           ConvCase{5, 4, 4, 6, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1},
                                           ConvCase{2, 4, 4, 3, 4, 4, 1, 1, 0, 0, 0, 0, 1, 1}));

TEST(ImportTest, SamePaddingPutsTheOddPixelWhereItsNameSays) {
  const Values x = {1, 2, 3, 4};
  for (const bool upper : {true, false}) {
    ModelBuilder builder({1, 1, 1, 4});
    builder.constant("w", {1, 1, 1, 2}, {1, 10});
    set(builder.node("Conv", {"x", "w"}), "auto_pad",
        std::string(upper ? "SAME_UPPER" : "SAME_LOWER"));
    EXPECT_THAT(run(builder, x), near(upper ? Values{21, 32, 43, 4} : Values{10, 21, 32, 43}));
  }
}

TEST(ImportTest, OneDimensionalConvolutionsWork) {
  ModelBuilder builder({1, 2, 4});
  builder.constant("w", {1, 2, 2}, {1, 2, 3, 4});
  set(builder.node("Conv", {"x", "w"}), "pads", std::vector<std::int64_t>{1, 0});
  const ConvCase c{2, 1, 4, 1, 1, 2, 1, 1, 0, 1, 0, 0, 1, 1};
  const Values x = noise(8, 5);
  EXPECT_THAT(run(builder, x), near(direct_conv(c, x, {1, 2, 3, 4}, {0})));
}

TEST(ImportTest, GemmTakesTransposedWeightsFactorsAndBias) {
  for (const bool transposed : {false, true}) {
    ModelBuilder builder({1, 3});
    if (transposed)
      builder.constant("w", {2, 3}, {1, 2, 3, 4, 5, 6});
    else
      builder.constant("w", {3, 2}, {1, 4, 2, 5, 3, 6});
    builder.constant("b", {1, 2}, {10, 20});
    onnx::NodeProto& node = builder.node("Gemm", {"x", "w", "b"});
    set(node, "transB", std::int64_t{transposed});
    set(node, "alpha", 2.0f);
    set(node, "beta", 0.5f);
    EXPECT_THAT(run(builder, {1, 1, 2}), near({2 * 9 + 5, 2 * 21 + 10}));
  }
}

TEST(ImportTest, FlattenThenGemmKeepsTheOrderOfChannels) {
  const Values x = noise(2 * 3 * 4, 1), w = noise(24 * 5, 2);
  Values expected(5, 0.0f);
  for (std::size_t k = 0; k < 24; ++k)
    for (std::size_t n = 0; n < 5; ++n) expected[n] += x[k] * w[k * 5 + n];
  for (const std::string op : {"Flatten", "Reshape"}) {
    ModelBuilder builder({1, 2, 3, 4});
    builder.constant("w", {24, 5}, w);
    builder.integers("shape", {1, -1});
    builder.node(
        op,
        op == "Flatten" ? std::vector<std::string>{"x"} : std::vector<std::string>{"x", "shape"},
        "f");
    builder.node("MatMul", {"f", "w"});
    EXPECT_THAT(run(builder, x), near(expected)) << op;
  }
}

TEST(ImportTest, AFlatInputMayBeViewedAsAPicture) {
  ModelBuilder builder({1, 6});
  builder.integers("shape", {1, 1, 2, 3});
  builder.node("Reshape", {"x", "shape"}, "p");
  set(builder.node("MaxPool", {"p"}), "kernel_shape", std::vector<std::int64_t>{2, 1});
  EXPECT_THAT(run(builder, {1, 5, 3, 4, 2, 6}), near({4, 5, 6}));
}

TEST(ImportTest, ConstantsAreFoldedThroughReshapeAndTranspose) {
  ModelBuilder builder({1, 4});
  builder.constant("w", {2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  builder.integers("shape", {2, -1});
  builder.node("Reshape", {"w", "shape"}, "m");
  builder.node("Transpose", {"m"}, "t");
  builder.node("MatMul", {"x", "t"});
  EXPECT_THAT(run(builder, {1, 0, 0, 1}), near({5, 13}));
}

TEST(ImportTest, BatchNormalizationScalesEachChannel) {
  ModelBuilder builder({1, 2, 1, 2});
  builder.constant("s", {2}, {2, 3}).constant("b", {2}, {10, 20});
  builder.constant("m", {2}, {1, 2}).constant("v", {2}, {4, 9});
  set(builder.node("BatchNormalization", {"x", "s", "b", "m", "v"}), "epsilon", 0.0f);
  EXPECT_THAT(run(builder, {3, 5, 5, 8}), near({12, 14, 23, 26}));
}

TEST(ImportTest, ArithmeticWithConstantsBroadcasts) {
  const auto apply = [](const std::string& op, bool constant_first) {
    ModelBuilder builder({1, 2, 1, 1});
    builder.constant("c", {2, 1, 1}, {2, 4});
    builder.node(op, constant_first ? std::vector<std::string>{"c", "x"}
                                    : std::vector<std::string>{"x", "c"});
    return run(builder, {10, 20});
  };
  EXPECT_THAT(apply("Add", false), near({12, 24}));
  EXPECT_THAT(apply("Sub", false), near({8, 16}));
  EXPECT_THAT(apply("Sub", true), near({-8, -16}));
  EXPECT_THAT(apply("Mul", false), near({20, 80}));
  EXPECT_THAT(apply("Div", false), near({5, 5}));
}

TEST(ImportTest, ResidualAddSumsTwoMaps) {
  ModelBuilder builder({1, 2});
  builder.node("Relu", {"x"}, "r");
  builder.node("Add", {"r", "x"});
  EXPECT_THAT(run(builder, {3, -4}), near({6, -4}));
}

TEST(ImportTest, ElementWiseFunctionsAgreeWithTheirFormulas) {
  const Values x = {-8, -2.5f, -0.3f, 0, 0.4f, 3, 7};
  const auto check = [&](const std::string& op, const std::function<double(double)>& function,
                         const std::function<void(onnx::NodeProto&)>& edit = {}) {
    ModelBuilder builder({1, 7});
    onnx::NodeProto& node = builder.node(op, {"x"});
    if (edit) edit(node);
    Values expected;
    for (const float value : x) expected.push_back(static_cast<float>(function(value)));
    EXPECT_THAT(run(builder, x), near(expected)) << op;
  };
  check("Relu", [](double v) { return v > 0 ? v : 0; });
  check("Sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); });
  check("Tanh", [](double v) { return (std::exp(2 * v) - 1) / (std::exp(2 * v) + 1); });
  check("HardSigmoid", [](double v) { return std::min(1.0, std::max(0.0, 0.2 * v + 0.5)); });
  check("HardSwish", [](double v) { return v * std::min(1.0, std::max(0.0, v / 6 + 0.5)); });
  check(
      "Elu", [](double v) { return v < 0 ? 2 * (std::exp(v) - 1) : v; },
      [](onnx::NodeProto& node) { set(node, "alpha", 2.0f); });
  check("Softplus", [](double v) { return std::log(1 + std::exp(v)); });
  check("Softsign", [](double v) { return v / (1 + std::abs(v)); });
  check("Abs", [](double v) { return std::abs(v); });
  check("Neg", [](double v) { return -v; });
  check("LeakyRelu", [](double v) { return v < 0 ? 0.01 * v : v; });
  check(
      "LeakyRelu", [](double v) { return v < 0 ? 0.25 * v : v; },
      [](onnx::NodeProto& node) { set(node, "alpha", 0.25f); });
  check(
      "Clip", [](double v) { return std::min(1.5, std::max(-1.0, v)); },
      [](onnx::NodeProto& node) {
        set(node, "min", -1.0f);
        set(node, "max", 1.5f);
      });
}

TEST(ImportTest, DropoutAndIdentityVanish) {
  ModelBuilder builder({1, 2});
  builder.node("Dropout", {"x"}, "d");
  builder.node("Neg", {"d"}, "n");
  builder.node("Identity", {"n"});
  EXPECT_EQ(import_onnx(builder.model(), "toy.onnx").nodes.size(), 1u);
  EXPECT_THAT(run(builder, {1, -2}), near({-1, 2}));
}

TEST(ImportTest, ClipTakesItsBoundsFromInputsToo) {
  ModelBuilder builder({1, 3});
  builder.constant("low", {}, {0}).constant("high", {}, {6});
  builder.node("Clip", {"x", "low", "high"});
  EXPECT_THAT(run(builder, {-1, 3, 9}), near({0, 3, 6}));
}

TEST(ImportTest, PoolsAgreeWithTheirDefinitions) {
  const Values x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto pool = [&](const std::string& op, std::vector<std::int64_t> kernel,
                        std::vector<std::int64_t> strides, std::vector<std::int64_t> pads,
                        bool ceil_mode, bool count_pad) {
    ModelBuilder builder({1, 1, 3, 3});
    onnx::NodeProto& node = builder.node(op, {"x"});
    set(node, "kernel_shape", kernel);
    set(node, "strides", strides);
    set(node, "pads", pads);
    set(node, "ceil_mode", std::int64_t{ceil_mode});
    if (count_pad) set(node, "count_include_pad", std::int64_t{1});
    return run(builder, x);
  };
  EXPECT_THAT(pool("MaxPool", {2, 2}, {1, 1}, {0, 0, 0, 0}, false, false), near({5, 6, 8, 9}));
  EXPECT_THAT(pool("MaxPool", {2, 2}, {2, 2}, {0, 0, 0, 0}, false, false), near({5}));
  EXPECT_THAT(pool("MaxPool", {2, 2}, {2, 2}, {0, 0, 0, 0}, true, false), near({5, 6, 8, 9}));
  EXPECT_THAT(pool("AveragePool", {2, 2}, {2, 2}, {1, 1, 0, 0}, false, false),
              near({1, 2.5f, 5.5f, 7}));
  EXPECT_THAT(pool("AveragePool", {2, 2}, {2, 2}, {1, 1, 0, 0}, false, true),
              near({0.25f, 1.25f, 2.75f, 7}));
  EXPECT_THAT(pool("AveragePool", {2, 2}, {2, 2}, {0, 0, 0, 0}, true, false),
              near({3, 4.5f, 7.5f, 9}));
}

TEST(ImportTest, GlobalPoolsReduceEachChannel) {
  const Values x = {1, 2, 3, 4, -5, -6, -7, -8};
  for (const std::string op : {"GlobalAveragePool", "GlobalMaxPool", "ReduceMean"}) {
    ModelBuilder builder({1, 2, 2, 2});
    onnx::NodeProto& node = builder.node(op, {"x"});
    if (op == "ReduceMean") set(node, "axes", std::vector<std::int64_t>{-1, 2});
    EXPECT_THAT(run(builder, x), near(op == "GlobalMaxPool" ? Values{4, -5} : Values{2.5f, -6.5f}));
  }
}

TEST(ImportTest, SoftmaxSumsToOne) {
  ModelBuilder builder({1, 3});
  builder.node("Softmax", {"x"});
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(4.0);
  EXPECT_THAT(run(builder, {1, 2, 4}), near({static_cast<float>(std::exp(1.0) / sum),
                                             static_cast<float>(std::exp(2.0) / sum),
                                             static_cast<float>(std::exp(4.0) / sum)}));
}

TEST(ImportTest, MeanAndDeviationComeFromTheMetadata) {
  ModelBuilder builder({1, 2, 1, 1});
  builder.node("Relu", {"x"});
  const auto add = [&](const char* key, const char* value) {
    onnx::StringStringEntryProto* const entry = builder.model().add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("aimc.input_mean", "10, 20");
  add("aimc.input_std", "5");
  const Network network = import_onnx(builder.model(), "toy.onnx");
  EXPECT_THAT(network.input_mean, near({10, 20}));
  EXPECT_THAT(network.input_std, near({5, 5}));
  add("aimc.input_std", "1,2,3");
  EXPECT_THAT(error_of(builder), HasSubstr("3 numbers for an input of 2 channels"));
}

TEST(ImportErrorTest, AnUnknownOperatorNamesNodeShapeAndWhatFits) {
  ModelBuilder builder({1, 3, 8, 8});
  builder.node("LRN", {"x"});
  EXPECT_THAT(error_of(builder),
              HasSubstr("toy.onnx: error: node 'the_LRN' (LRN) with inputs of shape 1x3x8x8: the "
                        "operator is not supported; what would fit: Conv, Gemm"));
}

TEST(ImportErrorTest, GroupsAreRefused) {
  ModelBuilder builder({1, 4, 8, 8});
  builder.constant("w", {4, 1, 3, 3}, noise(36, 1));
  set(builder.node("Conv", {"x", "w"}), "group", std::int64_t{4});
  EXPECT_THAT(error_of(builder), HasSubstr("4 groups are not supported; what would fit: group = 1 "
                                           "with weights of shape 4x4x3x3"));
}

TEST(ImportErrorTest, DynamicShapesAndBatchesAreRefused) {
  ModelBuilder builder({1, 4, 8, 8});
  builder.node("Relu", {"x"});
  auto* const shape = builder.model()
                          .mutable_graph()
                          ->mutable_input(0)
                          ->mutable_type()
                          ->mutable_tensor_type()
                          ->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("batch");
  EXPECT_EQ(error_of(builder), "") << "a symbolic batch is fine";
  shape->mutable_dim(0)->set_dim_value(8);
  EXPECT_THAT(error_of(builder), HasSubstr("a batch of 8"));
  shape->mutable_dim(0)->set_dim_value(1);
  shape->mutable_dim(2)->set_dim_param("height");
  EXPECT_THAT(error_of(builder), HasSubstr("dimension 2 ('height') is not known"));
}

TEST(ImportErrorTest, MissingAndMisshapenWeightsAreNamed) {
  ModelBuilder missing({1, 3});
  missing.node("MatMul", {"x", "w"});
  EXPECT_THAT(error_of(missing), HasSubstr("input 'w' is neither a weight in the file nor"));
  ModelBuilder misshapen({1, 3});
  misshapen.constant("w", {4, 2}, noise(8, 1));
  misshapen.node("MatMul", {"x", "w"});
  EXPECT_THAT(error_of(misshapen), HasSubstr("a vector of 1 x K and weights of K x N would fit"));
  ModelBuilder cut({1, 3});
  cut.constant("w", {3, 2}, noise(5, 1));
  cut.node("MatMul", {"x", "w"});
  EXPECT_THAT(error_of(cut), HasSubstr("the weights 'w' have 5 values, their shape has 6"));
  cut.model().mutable_graph()->mutable_initializer(0)->set_data_location(
      onnx::TensorProto::EXTERNAL);
  EXPECT_THAT(error_of(cut), HasSubstr("are in another file"));
}

TEST(ImportErrorTest, EmptyAndAbsurdShapesAreRefused) {
  ModelBuilder empty({1, 3});
  empty.constant("w", {3, 0}, {});
  empty.node("MatMul", {"x", "w"});
  EXPECT_THAT(error_of(empty), HasSubstr("weights of at least one output would fit"));
  ModelBuilder wraps({1, 3});
  wraps.constant("w", {1 << 28, 1 << 28, 1 << 28}, {});
  wraps.node("MatMul", {"x", "w"});
  EXPECT_THAT(error_of(wraps), HasSubstr("the weights 'w' have a bad shape"));
  ModelBuilder huge({1, 1, 1 << 20, 1 << 20});
  huge.node("Relu", {"x"});
  EXPECT_THAT(error_of(huge), HasSubstr("less than 16777216 elements would fit"));
}

TEST(ImportErrorTest, WhatTheEnginesCannotDoIsRefused) {
  const auto error = [](const std::string& op, const std::function<void(onnx::NodeProto&)>& edit,
                        std::vector<std::string> inputs = {"x"}) {
    ModelBuilder builder({1, 4, 8, 8});
    builder.constant("w", {4, 4, 3, 3}, noise(144, 1));
    builder.constant("map", {4, 8, 8}, noise(256, 1));
    edit(builder.node(op, inputs));
    return error_of(builder);
  };
  EXPECT_THAT(error("MaxPool",
                    [](onnx::NodeProto& n) {
                      set(n, "kernel_shape", std::vector<std::int64_t>{2, 2});
                      set(n, "dilations", std::vector<std::int64_t>{2, 2});
                    }),
              HasSubstr("a dilated pool"));
  EXPECT_THAT(error("Conv",
                    [](onnx::NodeProto& n) {
                      set(n, "strides", std::vector<std::int64_t>{300, 1});
                    },
                    {"x", "w"}),
              HasSubstr("strides and dilations of 1 to 255"));
  EXPECT_THAT(error("Conv",
                    [](onnx::NodeProto& n) {
                      set(n, "pads", std::vector<std::int64_t>{-1, 0, 0, 0});
                    },
                    {"x", "w"}),
              HasSubstr("padding -1"));
  EXPECT_THAT(error("Softmax", [](onnx::NodeProto&) {}), HasSubstr("a softmax along axis 1"));
  EXPECT_THAT(error("Add", [](onnx::NodeProto&) {}, {"x", "map"}),
              HasSubstr("a constant of shape 4x8x8"));
  EXPECT_THAT(error("Mul", [](onnx::NodeProto&) {}, {"x", "x"}),
              HasSubstr("Mul of two feature maps"));
  EXPECT_THAT(error("Relu", [](onnx::NodeProto& n) { n.set_domain("com.acme"); }),
              HasSubstr("domain 'com.acme'"));
}

}  // namespace
}  // namespace aimc::compiler
