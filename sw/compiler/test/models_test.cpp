// SPDX-License-Identifier: Apache-2.0
// Whole networks: the shipped models on shipped platforms, and other people's models if their
// files are there (AIMC_DATA, else ../shared/data beside the source tree).
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "float_executor.h"
#include "import.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::HasSubstr;

std::string data_directory() {
  const char* const given = std::getenv("AIMC_DATA");
  return given != nullptr ? given : AIMC_SOURCE_DIR "/../shared/data";
}

class ModelsTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(ModelsTest, TheTaskGraphsGiveTheInterpretersLogits) {
  const std::string model =
      std::string(AIMC_SOURCE_DIR "/models/") + std::get<0>(GetParam()) + ".onnx";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << "skipped: no " << model;
  const Chip chip = read_chip(platform::load_description(
      std::string(AIMC_SOURCE_DIR "/platform/configs/") + std::get<1>(GetParam()) + ".yaml"));
  const Network network = import_onnx(read_onnx(model), model);
  const Compilation compilation =
      compile(network, chip, noise_records(4, network.tensors[0].shape.size(), 1), {});
  EXPECT_EQ(compare_with_interpreter(compilation, chip, 4), "");
}

INSTANTIATE_TEST_SUITE_P(Shipped, ModelsTest,
                         ::testing::Combine(::testing::Values("digits_mlp", "digits_cnn",
                                                              "mnist_cnn"),
                                            ::testing::Values("tiny", "hermes64")),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param)) + "_on_" +
                                  std::get<1>(test.param);
                         });

std::vector<float> golden(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  onnx::TensorProto tensor;
  EXPECT_TRUE(tensor.ParseFromIstream(&file)) << path;
  return read_tensor(tensor, path).values;
}

TEST(OtherModelsTest, MnistCnnAndItsGemmFormAgreeWithTheGoldenOutputs) {
  const std::string directory = data_directory() + "/onnx/";
  if (!std::filesystem::exists(directory + "mnist_cnn")) GTEST_SKIP() << "skipped: no data";
  for (const std::string model : {"mnist_cnn", "opt_mnist_gemm"}) {
    const std::string path = directory + model + "/model.onnx";
    const Network network = import_onnx(read_onnx(path), path);
    for (const std::string set : {"0", "1", "2"}) {
      const std::string prefix = directory + "mnist_cnn/test_data_set_" + set;
      const auto expected = golden(prefix + "_output_0.pb");
      // One channel: channels-first and channels-last are the same.
      const auto result = evaluate(network, golden(prefix + "_input_0.pb"))[network.output];
      ASSERT_EQ(result.size(), expected.size());
      float largest = 0;
      for (const float value : expected) largest = std::max(largest, std::fabs(value));
      for (std::size_t i = 0; i < result.size(); ++i)
        EXPECT_NEAR(result[i], expected[i], 2e-3f * largest) << model << " set " << set;
    }
  }
}

TEST(OtherModelsTest, WhatCannotBeMappedIsRefusedWithTheNodeOrInputAtFault) {
  const std::string directory = data_directory() + "/onnx/";
  if (!std::filesystem::exists(directory)) GTEST_SKIP() << "skipped: no data";
  const std::pair<const char*, const char*> cases[] = {
      {"autoencoder1d", "(Reshape)"},
      {"bidirectional_lstm", "dimension 1 ('length') is not known"},
      {"cct_2_32_32_128_opset20", "(Shape)"},
      {"espcn_float", "(Resize)"},
      {"light_bvlc_alexnet", "(ConstantOfShape)"},
      {"light_squeezenet", "(ConstantOfShape)"},
      {"mini_mobilenetv2", "(RequantShift)"},
      {"mlperf_tiny_dscnn", "(RequantShift)"},
      {"mlperf_tiny_resnet8", "(RequantShift)"},
  };
  for (const auto& [model, expected] : cases) {
    const std::string path = directory + model + "/model.onnx";
    const std::string error = message_of([&] { import_onnx(read_onnx(path), path); });
    EXPECT_THAT(error, HasSubstr(path + ": error: "));
    EXPECT_THAT(error, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace aimc::compiler
