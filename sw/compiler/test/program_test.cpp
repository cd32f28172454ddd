// SPDX-License-Identifier: Apache-2.0
// aimc-compile as a user meets it: exit codes, messages, files.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>

#include "aimc/common/output_file.h"
#include "aimc/network/image.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  int status = -1;
  std::string text;
};

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "/aimc_compile_" + info->name();
    std::filesystem::create_directories(folder_);
    ModelBuilder builder({1, 1, 2, 2});
    builder.constant("w", {4, 3}, noise(12, 1));
    builder.node("Flatten", {"x"}, "f");
    builder.node("MatMul", {"f", "w"});
    write_file(file("model.onnx"), builder.model().SerializeAsString());
    const auto records = noise_records(10, 4, 1);
    write_file(file("records"), {reinterpret_cast<const char*>(records.data()), records.size()});
    write_file(file("labels"), std::string("\0\1\2\0\1\2\0\1\2\0", 10));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string usual() const {
    return file("model.onnx") + " --platform " AIMC_SOURCE_DIR "/platform/configs/tiny.yaml" +
           " --calibrate " + file("records") + " -o " + file("net.aimc");
  }
  static Outcome run(const std::string& arguments) {
    Outcome outcome;
    FILE* const pipe = popen((std::string(AIMC_COMPILE " ") + arguments + " 2>&1").c_str(), "r");
    char buffer[256];
    while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) outcome.text += buffer;
    outcome.status = WEXITSTATUS(pclose(pipe));
    return outcome;
  }

  std::string folder_;
};

TEST_F(ProgramTest, WritesAnImageThatReadsBack) {
  const Outcome outcome = run(usual() + " --report --labels " + file("labels"));
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("network 'model' on platform 'tiny'"));
  EXPECT_THAT(outcome.text, HasSubstr("accuracy on 10 records: float"));
  const network::Image image = network::Image::load(file("net.aimc"));
  EXPECT_EQ(image.header().input_bytes, 4u);
  EXPECT_EQ(image.header().logits, 3u);
  EXPECT_STREQ(image.string(image.header().name), "model");
  EXPECT_STREQ(image.string(image.header().platform), "tiny");
}

TEST_F(ProgramTest, TwoRunsGiveTheSameBytes) {
  ASSERT_EQ(run(usual()).status, 0);
  const std::string first = read_file(file("net.aimc"), "image");
  ASSERT_EQ(run(usual()).status, 0);
  EXPECT_EQ(read_file(file("net.aimc"), "image"), first);
}

TEST_F(ProgramTest, OptionsOfTheInputAndThePlatformTakeEffect) {
  ASSERT_EQ(run(usual() + " --name other --input-mean 128 --input-std 64 --calibration max "
                          "--set 'tile*.rows=2'")
                .status,
            0);
  const network::Image image = network::Image::load(file("net.aimc"));
  EXPECT_STREQ(image.string(image.header().name), "other");
  EXPECT_EQ(static_cast<std::int32_t>(image.word(image.layers()[0].affine)), -128);
}

TEST_F(ProgramTest, WrongInputsGiveOneMessageAndExitCodeTwo) {
  write_file(file("text"), "this is no protobuf");
  write_file(file("short"), "12345");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string arguments = usual();
    arguments.replace(arguments.find(from), from.size(), to);
    return arguments;
  };
  const std::pair<std::string, const char*> cases[] = {
      {with(file("model.onnx"), file("text")), "the file is not a protobuf message"},
      {with(file("model.onnx"), file("absent")), "absent"},
      {with(file("records"), file("short")), "5 bytes are not a whole number of records of 4"},
      {with(file("records"), file("absent")), "absent"},
      {with("/tiny.yaml", "/absent.yaml"), "absent.yaml"},
      {usual() + " --input-std 0", "it must be positive"},
      {usual() + " --input-mean 1,2", "--input-mean: 2 numbers for an input of 1 channels"},
      {usual() + " --input-mean one", "'one' is not a number"},
      {usual() + " --set 'tile*.rosw=2'", "rosw"},
      {usual() + " --set 'tile*.rows=1' --set 'tile*.columns=1'", "too large for platform 'tiny'"},
      {usual() + " --input-layout sideways", "sideways"},
      {with(file("net.aimc"), file("no/such/folder/net.aimc")), "no/such/folder"},
      {"", "model is required"},
  };
  for (const auto& [arguments, expected] : cases) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments << "\n" << outcome.text;
    EXPECT_THAT(outcome.text, HasSubstr(expected)) << arguments;
  }
  EXPECT_FALSE(std::filesystem::exists(file("net.aimc"))) << "no image after an error";
}

}  // namespace
}  // namespace aimc::compiler
