// SPDX-License-Identifier: Apache-2.0
#include "aimc/platform/flat_tree.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace aimc::platform {
namespace {

std::uint32_t word(const std::vector<std::uint8_t>& blob, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | blob.at(at + i);
  return value;
}

TEST(FlatTreeTest, WritesTheHeaderOfVersion17) {
  const auto blob = compile_device_tree("/dts-v1/;\n/ {\n};\n");
  EXPECT_EQ(word(blob, 0), 0xd00dfeedu);
  EXPECT_EQ(word(blob, 4), blob.size());
  EXPECT_EQ(word(blob, 8), 56u) << "structure behind header and an empty list of reservations";
  EXPECT_EQ(word(blob, 20), 17u);
  EXPECT_EQ(word(blob, 24), 16u);
  // Begin of the root with its empty name, end of it, end.
  EXPECT_EQ(word(blob, 56), 1u);
  EXPECT_EQ(word(blob, 60), 0u);
  EXPECT_EQ(word(blob, 64), 2u);
  EXPECT_EQ(word(blob, 68), 9u);
  EXPECT_EQ(blob.size(), 72u);
}

TEST(FlatTreeTest, WritesPropertiesOfEachKind) {
  const auto blob = compile_device_tree(
      "// a comment\n/dts-v1/;\n/ {\n\tempty;\n\ttext = \"ab\", \"c\";\n\tcells = <0x10 3>, "
      "<4>;\n};\n");
  const std::size_t strings = word(blob, 12);
  const std::string names(blob.begin() + static_cast<std::ptrdiff_t>(strings), blob.end());
  EXPECT_EQ(names, std::string("empty\0text\0cells\0", 17));
  // Each property: 3, length, name, value in whole words.
  EXPECT_EQ(word(blob, 64), 3u);
  EXPECT_EQ(word(blob, 68), 0u);
  EXPECT_EQ(word(blob, 72), 0u);
  EXPECT_EQ(word(blob, 80), 5u);
  EXPECT_EQ(word(blob, 84), 6u);
  EXPECT_EQ(std::string(blob.begin() + 88, blob.begin() + 93), std::string("ab\0c\0", 5));
  EXPECT_EQ(word(blob, 100), 12u);
  EXPECT_EQ(word(blob, 108), 0x10u);
  EXPECT_EQ(word(blob, 116), 4u);
}

TEST(FlatTreeTest, ResolvesLabelsToHandlesAndPaths) {
  const auto blob = compile_device_tree(
      "/dts-v1/;\n/ {\n\tconsole = &port;\n\tuser {\n\t\tof = <&port>;\n\t};\n"
      "\tbus {\n\t\tport: serial@10 {\n\t\t};\n\t};\n};\n");
  const std::string text(blob.begin(), blob.end());
  EXPECT_NE(text.find(std::string("/bus/serial@10\0", 15)), std::string::npos);
  EXPECT_NE(text.find("phandle"), std::string::npos);
}

TEST(FlatTreeTest, SharesTheEndsOfNames) {
  const auto blob = compile_device_tree("/dts-v1/;\n/ {\n\tlonger-name;\n\tname;\n};\n");
  const std::size_t strings = word(blob, 12);
  EXPECT_EQ(blob.size() - strings, 12u);
  EXPECT_EQ(word(blob, 84), 7u) << "the offset of 'name' in 'longer-name'";
}

TEST(FlatTreeTest, RefusesWhatItDoesNotKnow) {
  for (const char* const wrong :
       {"", "/ {\n};\n", "/dts-v1/;\n/ {\n", "/dts-v1/;\n/ {\n};\nx",
        "/dts-v1/;\n/ {\n\ta = <&b>;\n};\n", "/dts-v1/;\n/ {\n\ta = \"b;\n};\n",
        "/dts-v1/;\n/ {\n\ta = [12];\n};\n"})
    EXPECT_THROW(compile_device_tree(wrong), std::logic_error) << wrong;
}

}  // namespace
}  // namespace aimc::platform
