// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/image.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <cstdio>

#include "aimc/common/output_file.h"
#include "aimc/network/graph_check.h"
#include "sample_image.h"

namespace aimc::network {
namespace {

using ::testing::HasSubstr;

std::string parse_error(std::vector<std::uint8_t> bytes) {
  return message_of([&] { Image::parse(std::move(bytes), "net.aimc"); });
}

aimc_network_header_t header_of(const std::vector<std::uint8_t>& bytes) {
  aimc_network_header_t header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

void store(std::vector<std::uint8_t>& bytes, std::size_t offset, std::uint32_t value) {
  std::memcpy(&bytes.at(offset), &value, 4);
}

/// Complaint after one word of element `index` of a section was changed and the CRC made right.
template <class T>
std::string error_with(unsigned section, std::size_t index, std::size_t member,
                       std::uint32_t value) {
  std::vector<std::uint8_t> bytes = sample_bytes();
  store(bytes, header_of(bytes).section[section].offset + index * sizeof(T) + member, value);
  seal(bytes);
  return parse_error(bytes);
}

TEST(ImageTest, WhatTheBuilderWritesIsReadBack) {
  const Image image = Image::parse(sample_bytes(), "net.aimc");
  EXPECT_STREQ(image.string(image.header().name), "sample");
  EXPECT_STREQ(image.string(image.header().platform), "toy");
  EXPECT_EQ(image.header().input_bytes, 4u);
  EXPECT_EQ(image.header().logits, 3u);
  ASSERT_EQ(image.layers().size(), 2u);
  EXPECT_STREQ(image.string(image.layers()[1].name), "dense");
  EXPECT_EQ(static_cast<std::int8_t>(image.data()[image.layers()[1].weights + 11]), -12);
  ASSERT_EQ(image.tasks(Graph::frame).size(), 5u);
  EXPECT_EQ(image.tasks(Graph::frame)[0].missing, 0u) << "BEGIN waits only for the released record";
  EXPECT_EQ(image.tasks(Graph::frame)[0].inputs, 1u);
  EXPECT_EQ(image.tasks(Graph::frame)[1].missing, 1u);
  EXPECT_EQ(image.tasks(Graph::frame)[1].inputs, 2u);
}

TEST(ImageTest, TheSameNetworkGivesTheSameBytes) { EXPECT_EQ(sample_bytes(), sample_bytes()); }

TEST(ImageTest, AFileIsReadAndNamedInMessages) {
  const std::string path = ::testing::TempDir() + "/image_test.aimc";
  std::vector<std::uint8_t> bytes = sample_bytes();
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  EXPECT_EQ(Image::load(path).bytes(), bytes);
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size() - 1});
  EXPECT_THAT(message_of([&] { Image::load(path); }), HasSubstr(path));
  std::remove(path.c_str());
  EXPECT_THAT(message_of([&] { Image::load(path); }), HasSubstr(path));
}

TEST(ImageTest, EachCorruptHeaderWordIsNoticedByTheCrcOrBefore) {
  for (std::size_t word = 0; word < sizeof(aimc_network_header_t) / 4; ++word) {
    for (const std::uint32_t flip : {1u, 0x80000000u}) {
      std::vector<std::uint8_t> bytes = sample_bytes();
      std::uint32_t value;
      std::memcpy(&value, &bytes[word * 4], 4);
      store(bytes, word * 4, value ^ flip);
      EXPECT_THAT(parse_error(bytes), HasSubstr("net.aimc: error:")) << "header word " << word;
    }
  }
}

TEST(ImageTest, EachWildHeaderWordIsNoticedThoughTheCrcIsRight) {
  for (std::size_t word = 0; word < sizeof(aimc_network_header_t) / 4; ++word) {
    if (word * 4 == offsetof(aimc_network_header_t, crc32)) continue;
    std::vector<std::uint8_t> bytes = sample_bytes();
    store(bytes, word * 4, 0xfffffff0u);
    seal(bytes);
    EXPECT_NE(parse_error(bytes), "") << "header word " << word;
  }
}

TEST(ImageTest, EachFlippedByteBehindTheHeaderIsNoticedByTheCrc) {
  const std::vector<std::uint8_t> good = sample_bytes();
  for (std::size_t i = sizeof(aimc_network_header_t); i < good.size(); ++i) {
    std::vector<std::uint8_t> bytes = good;
    bytes[i] ^= 0x10;
    EXPECT_THAT(parse_error(bytes), HasSubstr("corrupt: CRC-32")) << "byte " << i;
  }
}

TEST(ImageTest, TruncationIsNoticedAtEachSectionBoundary) {
  const std::vector<std::uint8_t> good = sample_bytes();
  for (const aimc_network_section_t& section : header_of(good).section) {
    for (const std::uint32_t size : {section.offset, section.offset + 1, section.offset - 1}) {
      const std::vector<std::uint8_t> bytes(good.begin(), good.begin() + size);
      EXPECT_NE(parse_error(bytes), "") << size;
      if (size < sizeof(aimc_network_header_t)) continue;
      EXPECT_THAT(parse_error(bytes), HasSubstr("truncated")) << size;
      std::vector<std::uint8_t> sealed = bytes;
      store(sealed, offsetof(aimc_network_header_t, total_bytes), size);
      seal(sealed);
      EXPECT_NE(parse_error(sealed), "") << "cut at " << size << " with size and CRC made right";
    }
  }
  EXPECT_THAT(parse_error({}), HasSubstr("not a network image"));
  std::vector<std::uint8_t> longer = good;
  longer.push_back(0);
  EXPECT_THAT(parse_error(longer), HasSubstr("1 bytes behind the end"));
}

TEST(ImageTest, WrongMagicAndVersionSayWhatWasExpected) {
  std::vector<std::uint8_t> bytes = sample_bytes();
  store(bytes, offsetof(aimc_network_header_t, version), 7);
  EXPECT_THAT(parse_error(bytes), HasSubstr("version 7; this program reads version 1"));
  store(bytes, 0, 0x464c457f);
  EXPECT_THAT(parse_error(bytes), HasSubstr("not a network image"));
}

TEST(ImageTest, OverlappingSectionsAreRefused) {
  std::vector<std::uint8_t> bytes = sample_bytes();
  aimc_network_header_t header = header_of(bytes);
  header.section[AIMC_SECTION_EDGES].offset = header.section[AIMC_SECTION_DATA].offset;
  std::memcpy(bytes.data(), &header, sizeof(header));
  seal(bytes);
  EXPECT_THAT(parse_error(bytes), HasSubstr("overlap"));
}

TEST(ImageTest, UnterminatedStringsAreRefused) {
  std::vector<std::uint8_t> bytes = sample_bytes();
  const aimc_network_section_t strings = header_of(bytes).section[AIMC_SECTION_STRINGS];
  bytes[strings.offset + strings.count - 1] = 'x';
  seal(bytes);
  EXPECT_THAT(parse_error(bytes), HasSubstr("STRINGS must start with"));
}

TEST(ImageTest, LayersOutOfRangeAreRefused) {
  using Layer = aimc_network_layer_t;
  const auto error = [](std::size_t member, std::uint32_t value) {
    return error_with<Layer>(AIMC_SECTION_LAYERS, 1, member, value);
  };
  EXPECT_THAT(error(offsetof(Layer, type), 99), HasSubstr("layer 1 (dense): unknown type 99"));
  EXPECT_THAT(error(offsetof(Layer, type), AIMC_LAYER_INPUT), HasSubstr("first layer"));
  EXPECT_THAT(error(offsetof(Layer, name), 1000), HasSubstr("name"));
  EXPECT_THAT(error(offsetof(Layer, input), 2), HasSubstr("input tensor 2 of 2"));
  EXPECT_THAT(error(offsetof(Layer, input), 1), HasSubstr("before a layer has written it"));
  EXPECT_THAT(error(offsetof(Layer, output), 9), HasSubstr("output tensor 9 of 2"));
  EXPECT_THAT(error(offsetof(Layer, kernel_height), 0), HasSubstr("must be 1 or more"));
  EXPECT_THAT(error(offsetof(Layer, kernel_height), 1u << 30), HasSubstr("too large"));
  EXPECT_THAT(error(offsetof(Layer, stride_x), 0), HasSubstr("must be 1 or more"));
  EXPECT_THAT(error(offsetof(Layer, pad_top), 2), HasSubstr("do not fit"));
  EXPECT_THAT(error(offsetof(Layer, weights), 0x7fffffff), HasSubstr("weights"));
  EXPECT_THAT(error(offsetof(Layer, affine), 2), HasSubstr("affine table"));
  EXPECT_THAT(error(offsetof(Layer, clamp_high), 128), HasSubstr("clamp"));
  EXPECT_THAT(error(offsetof(Layer, shift), 63), HasSubstr("scale"));
}

TEST(ImageTest, TensorsOutOfRangeAreRefused) {
  using Tensor = aimc_network_tensor_t;
  const auto error = [](std::size_t member, std::uint32_t value) {
    return error_with<Tensor>(AIMC_SECTION_TENSORS, 1, member, value);
  };
  EXPECT_THAT(error(offsetof(Tensor, height), 0), HasSubstr("bad shape 0x1x3"));
  EXPECT_THAT(error(offsetof(Tensor, width), 0x10000), HasSubstr("bad shape"));
  EXPECT_THAT(error(offsetof(Tensor, scale), 0x7fc00000), HasSubstr("scale nan"));
  EXPECT_THAT(error(offsetof(Tensor, name), 1000), HasSubstr("name"));
  EXPECT_THAT(error(offsetof(Tensor, channels), 2), HasSubstr("3 logits"));
}

TEST(ImageTest, TasksOutOfRangeAreRefused) {
  using Task = aimc_network_task_t;
  const auto error = [](std::size_t index, std::size_t member, std::uint32_t value) {
    return error_with<Task>(AIMC_SECTION_FRAME, index, member, value);
  };
  EXPECT_THAT(error(0, offsetof(Task, type), 5), HasSubstr("frame task 0 (begin): unknown type 5"));
  EXPECT_THAT(error(3, offsetof(Task, engine), 1), HasSubstr("engine 1 of 1"));
  EXPECT_THAT(error(3, offsetof(Task, argument), 2), HasSubstr("command at 0x2"));
  EXPECT_THAT(error(1, offsetof(Task, argument), 0x80000000), HasSubstr("DMA descriptor"));
  EXPECT_THAT(error(1, offsetof(Task, argument), 0), HasSubstr("no DMA descriptor"));
  EXPECT_THAT(error(1, offsetof(Task, first_edge), 50), HasSubstr("edges 50 to"));
  EXPECT_THAT(error(1, offsetof(Task, inputs), 3), HasSubstr("2 incoming edges"));
  EXPECT_THAT(error(1, offsetof(Task, missing), 2), HasSubstr("1 incoming edges start without"));
  EXPECT_THAT(error_with<std::uint32_t>(AIMC_SECTION_EDGES, 1, 0, 40), HasSubstr("to task 40"));
  EXPECT_THAT(error_with<Task>(AIMC_SECTION_SETUP, 1, offsetof(Task, type), AIMC_TASK_BEGIN),
              HasSubstr("no place in the setup graph"));
}

TEST(ImageTest, ADescriptorChainThatNeverEndsIsRefused) {
  std::vector<std::uint8_t> bytes = sample_bytes();
  const Image image = Image::parse(bytes, "net.aimc");
  const std::uint32_t address = image.tasks(Graph::frame)[1].argument;
  const std::uint32_t file_offset = address - kLoadAddress;
  store(bytes, file_offset + offsetof(dma_descriptor_t, next), address);
  seal(bytes);
  EXPECT_THAT(parse_error(bytes), HasSubstr("never ends"));
  store(bytes, file_offset + offsetof(dma_descriptor_t, bytes), 0);
  seal(bytes);
  EXPECT_THAT(parse_error(bytes), HasSubstr("copies nothing"));
}

TEST(ImageTest, DescribeNamesEachLayerTaskAndEngine) {
  const std::string text = describe(Image::parse(sample_bytes(), "net.aimc"));
  for (const char* word : {"sample", "toy", "CIMT tile0 at 0x40000000", "CONV", "dense",
                           "kernel 2x2", "setup graph: 2 tasks", "frame graph: 5 tasks", "RESULT"})
    EXPECT_THAT(text, HasSubstr(word));
}

TEST(ImageTest, ArgMaxTakesTheFirstOfEquals) {
  const std::vector<std::int8_t> values = {-5, 3, 3, -128};
  EXPECT_EQ(arg_max(values), 1u);
}

}  // namespace
}  // namespace aimc::network
