// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/interpreter.h"

#include <gmock/gmock.h>

#include "sample_image.h"

namespace aimc::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Network of an input (pixel minus 128) and one layer; `edit` gets the layer to fill in.
std::vector<std::int8_t> run_layer(
    std::uint32_t type, const std::vector<std::uint32_t>& in, const std::vector<std::uint32_t>& out,
    const std::vector<int>& values,
    const std::function<void(ImageBuilder&, aimc_network_layer_t&)>& edit) {
  ImageBuilder builder(kLoadAddress);
  add_input(builder, in[0], in[1], in[2], 128);
  const std::uint32_t tensor = builder.add_tensor(out[0], out[1], out[2], 1.0f, "y");
  aimc_network_layer_t layer = plain_layer(type, 0, tensor);
  edit(builder, layer);
  builder.add_layer(layer);
  builder.set_output(tensor);
  const Image image = Image::parse(builder.finish(), "net.aimc");
  std::vector<std::uint8_t> record;
  for (const int value : values) record.push_back(static_cast<std::uint8_t>(value + 128));
  return Interpreter(image).run(record).logits;
}

TEST(InterpreterTest, ADenseLayerIsAMatrixVectorProduct) {
  const Image image = Image::parse(sample_bytes(), "net.aimc");
  const Inference result = Interpreter(image).run(std::vector<std::uint8_t>{1, 0, 2, 1});
  // Rows 0, 2 (twice) and 3 of the matrix: 1 + 14 + 10, 2 + 16 + 11, 3 + 18 - 12.
  EXPECT_THAT(result.logits, ElementsAre(25, 29, 9));
  EXPECT_EQ(result.predicted, 1u);
  ASSERT_EQ(result.tensors.size(), 2u);
  EXPECT_THAT(result.tensors[0], ElementsAre(1, 0, 2, 1));
}

TEST(InterpreterTest, ARecordOfWrongSizeIsRefused) {
  const Image image = Image::parse(sample_bytes(), "net.aimc");
  EXPECT_THAT(message_of([&] { Interpreter(image).run(std::vector<std::uint8_t>(5)); }),
              HasSubstr("5 bytes for network 'sample', which takes 4"));
}

TEST(InterpreterTest, PlanarRecordsAreInterleaved) {
  ImageBuilder builder(kLoadAddress);
  add_input(builder, 1, 3, 2, 0, true);
  const Image image = Image::parse(builder.finish(), "net.aimc");
  EXPECT_THAT(Interpreter(image).run(std::vector<std::uint8_t>{1, 2, 3, 11, 12, 13}).logits,
              ElementsAre(1, 11, 2, 12, 3, 13));
}

TEST(InterpreterTest, TheInputSaturates) {
  ImageBuilder builder(kLoadAddress);
  add_input(builder, 1, 1, 2);
  const Image image = Image::parse(builder.finish(), "net.aimc");
  EXPECT_THAT(Interpreter(image).run(std::vector<std::uint8_t>{127, 200}).logits,
              ElementsAre(127, 127));
}

TEST(InterpreterTest, AConvolutionPadsStridesAndDilates) {
  const auto result = run_layer(AIMC_LAYER_CONV, {3, 3, 1}, {2, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9},
                                [](ImageBuilder& builder, aimc_network_layer_t& layer) {
                                  layer.kernel_height = layer.kernel_width = 2;
                                  layer.dilation_y = layer.dilation_x = 2;
                                  layer.stride_y = layer.stride_x = 1;
                                  layer.pad_top = layer.pad_left = 1;
                                  layer.weights = add_bytes(builder, {1, 2, 3, 4});
                                  layer.affine = add_affine(builder, 1, 0);
                                });
  // Taps two apart, window at (y-1, x-1): only the taps inside the map count.
  EXPECT_THAT(result,
              ElementsAre(4 * 5, 3 * 4 + 4 * 6, 2 * 2 + 4 * 8, 1 * 1 + 2 * 3 + 3 * 7 + 4 * 9));
}

TEST(InterpreterTest, AConvolutionAddsTheBiasRescalesAndClamps) {
  const auto result = run_layer(AIMC_LAYER_CONV, {1, 3, 1}, {1, 3, 2}, {-4, 10, 100},
                                [](ImageBuilder& builder, aimc_network_layer_t& layer) {
                                  layer.weights = add_bytes(builder, {1, -1});
                                  layer.affine = add_affine(builder, 2, 3, 3, 1);
                                  layer.clamp_low = 0;
                                });
  // round((v + 3) * 1.5), halves up, clamped to 0..127.
  EXPECT_THAT(result, ElementsAre(0, 11, 20, 0, 127, 0));
}

TEST(InterpreterTest, MaxPoolIgnoresPadding) {
  const auto result = run_layer(AIMC_LAYER_MAX_POOL, {2, 2, 1}, {2, 2, 1}, {-1, -2, -3, -4},
                                [](ImageBuilder&, aimc_network_layer_t& layer) {
                                  layer.kernel_height = layer.kernel_width = 2;
                                  layer.pad_top = layer.pad_left = 1;
                                });
  EXPECT_THAT(result, ElementsAre(-1, -1, -1, -1));
}

TEST(InterpreterTest, AveragePoolDividesByTheElementsThatCount) {
  const auto pool = [](std::uint32_t flags) {
    return run_layer(AIMC_LAYER_AVERAGE_POOL, {2, 2, 1}, {1, 2, 1}, {10, 20, 30, 41},
                     [flags](ImageBuilder&, aimc_network_layer_t& layer) {
                       layer.kernel_height = layer.kernel_width = 2;
                       layer.stride_x = 2;
                       layer.pad_left = 1;
                       layer.flags = flags;
                     });
  };
  EXPECT_THAT(pool(0), ElementsAre(20, 31)) << "(10+30)/2 and (20+41)/2 = 30.5, halves up";
  EXPECT_THAT(pool(AIMC_LAYER_FLAG_COUNT_PAD), ElementsAre(10, 15)) << "40/4 and 61/4";
}

TEST(InterpreterTest, AddScalesBothOperandsAndRoundsOnce) {
  ImageBuilder builder(kLoadAddress);
  add_input(builder, 1, 1, 3, 128);
  const std::uint32_t tensor = builder.add_tensor(1, 1, 3, 1.0f, "y");
  aimc_network_layer_t layer = plain_layer(AIMC_LAYER_ADD, 0, tensor);
  layer.input2 = 0;
  layer.multiplier = 1;
  layer.multiplier2 = 2;
  layer.shift = 1;
  builder.add_layer(layer);
  builder.set_output(tensor);
  const Image image = Image::parse(builder.finish(), "net.aimc");
  EXPECT_THAT(Interpreter(image).run(std::vector<std::uint8_t>{131, 125, 228}).logits,
              ElementsAre(5, -4, 127))
      << "1.5 * 3 = 4.5 up, -4.5 up, 150 saturates";
}

TEST(InterpreterTest, ATableIsIndexedFromMinus128) {
  const auto result = run_layer(AIMC_LAYER_LUT, {1, 1, 3}, {1, 1, 3}, {-128, 0, 127},
                                [](ImageBuilder& builder, aimc_network_layer_t& layer) {
                                  std::vector<int> table(256);
                                  for (int i = 0; i < 256; ++i)
                                    table[static_cast<std::size_t>(i)] = 127 - i;
                                  layer.table = add_bytes(builder, table);
                                });
  EXPECT_THAT(result, ElementsAre(127, -1, -128));
}

TEST(InterpreterTest, LeakyScalesNegativesBySecondMultiplier) {
  const auto result = run_layer(AIMC_LAYER_LEAKY, {1, 1, 3}, {1, 1, 3}, {-100, -8, 50},
                                [](ImageBuilder&, aimc_network_layer_t& layer) {
                                  layer.multiplier = 16;
                                  layer.multiplier2 = 1;
                                  layer.shift = 4;
                                });
  EXPECT_THAT(result, ElementsAre(-6, 0, 50)) << "-6.25, -0.5 up, 50";
}

TEST(InterpreterTest, SoftmaxSharesOutOneHundredAndTwentyEight) {
  const auto softmax = [](const std::vector<int>& values) {
    const auto n = static_cast<std::uint32_t>(values.size());
    return run_layer(AIMC_LAYER_SOFTMAX, {1, 1, n}, {1, 1, n}, values,
                     [](ImageBuilder& builder, aimc_network_layer_t& layer) {
                       std::vector<std::uint32_t> words(128);
                       words[0] = 40000u | (20000u << 16);  // e_0 = 40000, e_1 = 20000, then 0
                       layer.table = builder.add_words(words);
                     });
  };
  EXPECT_THAT(softmax({5, 4, 0}), ElementsAre(85, 43, 0)) << "128 * 2/3, 128 / 3";
  EXPECT_THAT(softmax({100, -100}), ElementsAre(127, 0)) << "1.0 saturates";
}

}  // namespace
}  // namespace aimc::network
