// SPDX-License-Identifier: Apache-2.0
#include "quantise.h"

#include <gmock/gmock.h>

#include <cmath>

#include "aimc/network/interpreter.h"
#include "float_executor.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

/// Signal-to-error power ratio of the quantised result over records not used for calibration.
double signal_to_error(const Network& network, Calibration method = Calibration::mse) {
  const std::size_t bytes = network.tensors[0].shape.size();
  CalibrationOptions options;
  options.method = method;
  const Chip chip = toy_chip(16, 512, 256, 2, 256 * 1024);
  const Compilation result = compile(network, chip, noise_records(20, bytes, 1), options);
  const network::Image image = network::Image::parse(result.emission.image, "toy");
  const network::Interpreter interpreter(image);
  const double step = result.quantised.tensors[result.quantised.output].step;
  double signal = 0, error = 0;
  for (std::uint64_t i = 0; i < 10; ++i) {
    const auto record = noise_records(1, bytes, 100 + i);
    const auto expected = evaluate(
        result.network, input_values(result.network, record, false))[result.network.output];
    const auto logits = interpreter.run(record).logits;
    for (std::size_t n = 0; n < logits.size(); ++n) {
      signal += double{expected[n]} * expected[n];
      error += std::pow(expected[n] - step * logits[n], 2);
    }
  }
  return signal / error;
}

/// 8-bit steps give about 40 dB for a layer; 25 dB leaves room for a few layers in a row.
constexpr double kTwentyFiveDecibels = 316.0;

TEST(QuantiseTest, ADenseLayerStaysWithinTwentyFiveDecibels) {
  NetworkBuilder b({4, 4, 3});
  EXPECT_GT(signal_to_error(b.finish(b.dense(0, 10, false))), kTwentyFiveDecibels);
}

TEST(QuantiseTest, AResidualNetworkStaysWithinTwentyFiveDecibels) {
  NetworkBuilder b({8, 8, 3});
  const std::size_t a = b.conv(0, {8, 8, 8}, {3, 3, 1, 1, 1, 1});
  const std::size_t c = b.conv(a, {8, 8, 8}, {3, 3, 1, 1, 1, 1}, false);
  const std::size_t d = b.pool(Op::average_pool, b.add(a, c), {4, 4, 8}, {2, 2, 2, 2});
  EXPECT_GT(signal_to_error(b.finish(b.dense(d, 10, false))), kTwentyFiveDecibels);
}

TEST(QuantiseTest, TablesAndLeakyStayWithinTwentyFiveDecibels) {
  NetworkBuilder b({4, 4, 3});
  const std::size_t a = b.node(Op::leaky, b.dense(0, 20, false), [](Node& n) { n.slope = 0.1f; });
  const std::size_t c = b.node(Op::unary, b.dense(a, 20, false), [](Node& n) {
    n.function = [](double x) { return std::tanh(x / 50); };
  });
  EXPECT_GT(signal_to_error(b.finish(b.dense(c, 5, false))), kTwentyFiveDecibels);
}

TEST(QuantiseTest, SoftmaxIsWithinTwoSteps) {
  NetworkBuilder b({2, 2, 1});
  const Network network = b.finish(b.node(Op::softmax, b.dense(0, 4, false)));
  const Compilation result =
      compile(network, toy_chip(4, 64, 64), noise_records(20, 4, 1), CalibrationOptions{});
  const network::Image image = network::Image::parse(result.emission.image, "toy");
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto record = noise_records(1, 4, 50 + i);
    const auto expected = evaluate(
        result.network, input_values(result.network, record, false))[result.network.output];
    const auto logits = network::Interpreter(image).run(record).logits;
    for (std::size_t n = 0; n < 4; ++n) EXPECT_NEAR(logits[n] / 128.0, expected[n], 2.0 / 128.0);
  }
}

TEST(QuantiseTest, LeastSquaresIsNoWorseThanTheLargestValue) {
  NetworkBuilder b({8, 8, 3});
  const Network network = b.finish(b.dense(b.conv(0, {8, 8, 16}, {3, 3, 1, 1, 1, 1}), 10, false));
  EXPECT_GT(signal_to_error(network, Calibration::max), kTwentyFiveDecibels);
  EXPECT_GT(signal_to_error(network, Calibration::mse),
            0.8 * signal_to_error(network, Calibration::max));
}

TEST(QuantiseTest, ReluLeavesNoNegativesAndWeightsUseTheWholeRange) {
  NetworkBuilder b({4, 4, 3});
  const Network network = b.finish(b.dense(0, 10, true));
  const Compilation result =
      compile(network, toy_chip(4, 64, 64), noise_records(5, 48, 1), CalibrationOptions{});
  const QuantisedLayer& layer = result.quantised.layers[1];
  EXPECT_EQ(layer.fields.clamp_low, 0);
  EXPECT_EQ(layer.fields.clamp_high, 127);
  for (std::size_t n = 0; n < 10; ++n) {
    int largest = 0;
    for (std::size_t k = 0; k < 48; ++k)
      largest = std::max(largest, std::abs(int{layer.weights[k * 10 + n]}));
    EXPECT_EQ(largest, 127) << "column " << n;
  }
}

TEST(QuantiseTest, AColumnOfZerosYieldsItsBias) {
  NetworkBuilder b({2, 2, 1});
  Network network = b.finish(b.dense(0, 3, false));
  for (std::size_t k = 0; k < 4; ++k) network.nodes[0].weights[k * 3 + 1] = 0;
  network.nodes[0].bias = {0.0f, 1.5f, 0.0f};
  const Compilation result =
      compile(network, toy_chip(4, 64, 64), noise_records(9, 4, 1), CalibrationOptions{});
  const network::Image image = network::Image::parse(result.emission.image, "toy");
  const double step = result.quantised.tensors[1].step;
  const auto logits = network::Interpreter(image).run(noise_records(1, 4, 7)).logits;
  EXPECT_NEAR(logits[1] * step, 1.5, 0.51 * step);
}

TEST(QuantiseTest, AMaxPoolKeepsTheStepOfItsInput) {
  NetworkBuilder b({4, 4, 3});
  const Network network =
      b.finish(b.pool(Op::max_pool, b.conv(0, {4, 4, 4}, {1, 1}), {2, 2, 4}, {2, 2, 2, 2}));
  const auto steps = calibrate(network, noise_records(5, 48, 1), CalibrationOptions{});
  EXPECT_EQ(steps[1], steps[2]);
}

TEST(QuantiseTest, RecordsOfZerosStillGiveSteps) {
  NetworkBuilder b({2, 2, 1});
  Network network = b.finish(b.dense(0, 3, true));
  network.input_mean = {0};
  network.nodes[0].bias = {-1, -1, -1};
  EXPECT_THAT(calibrate(network, std::vector<std::uint8_t>(4), CalibrationOptions{}),
              Each(::testing::Gt(0.0)));
}

TEST(QuantiseTest, WeightsThatAreNoNumbersAreNamed) {
  NetworkBuilder b({2, 2, 1});
  Network network = b.finish(b.dense(0, 3, false));
  network.nodes[0].weights[5] = std::nanf("");
  EXPECT_THAT(message_of([&] {
                quantise(network, {1.0, 1.0}, CalibrationOptions{});
              }),
              HasSubstr("node 'n0' (conv): a weight is not a number"));
}

}  // namespace
}  // namespace aimc::compiler
