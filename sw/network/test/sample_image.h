// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "aimc/common/error.h"
#include "aimc/dma/dma_regs.h"
#include "aimc/network/builder.h"
#include "aimc/network/image.h"

namespace aimc::network {

inline constexpr std::uint32_t kLoadAddress = 0x88000000;

/// A layer with every field at its neutral value.
inline aimc_network_layer_t plain_layer(std::uint32_t type, std::uint32_t input,
                                        std::uint32_t output) {
  aimc_network_layer_t layer = {};
  layer.type = type;
  layer.input = input;
  layer.input2 = AIMC_NETWORK_NONE;
  layer.output = output;
  layer.kernel_height = layer.kernel_width = 1;
  layer.stride_y = layer.stride_x = 1;
  layer.dilation_y = layer.dilation_x = 1;
  layer.multiplier = layer.multiplier2 = 1;
  layer.clamp_low = -128;
  layer.clamp_high = 127;
  return layer;
}

inline std::uint32_t add_bytes(ImageBuilder& builder, const std::vector<int>& values) {
  std::vector<std::uint8_t> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::uint8_t>(value));
  return builder.add_data(bytes);
}

/// Affine table of `channels` equal entries.
inline std::uint32_t add_affine(ImageBuilder& builder, std::uint32_t channels, std::int32_t bias,
                                std::uint32_t multiplier = 1, std::uint32_t shift = 0) {
  std::vector<std::uint32_t> words;
  for (std::uint32_t c = 0; c < channels; ++c)
    words.insert(words.end(), {static_cast<std::uint32_t>(bias), multiplier, shift});
  return builder.add_words(words);
}

/// Input conversion that subtracts `offset`: tensor 0 of the given shape.
inline void add_input(ImageBuilder& builder, std::uint32_t height, std::uint32_t width,
                      std::uint32_t channels, std::int32_t offset = 0, bool planar = false) {
  const std::uint32_t tensor = builder.add_tensor(height, width, channels, 1.0f, "x");
  aimc_network_layer_t layer = plain_layer(AIMC_LAYER_INPUT, AIMC_NETWORK_NONE, tensor);
  layer.affine = add_affine(builder, channels, -offset);
  layer.flags = planar ? AIMC_LAYER_FLAG_PLANAR : 0;
  layer.name = builder.add_string("input");
  builder.add_layer(layer);
  builder.set_input(tensor, height * width * channels);
  builder.set_output(tensor);
}

/// Bus address of a descriptor that copies one word.
inline std::uint32_t add_descriptor(ImageBuilder& builder, std::uint32_t next = 0) {
  dma_descriptor_t descriptor = {};
  descriptor.next = next;
  descriptor.source = kLoadAddress;
  descriptor.destination = 0x10200008;
  descriptor.bytes = 4;
  descriptor.count1 = descriptor.count2 = 1;
  std::uint32_t words[sizeof(descriptor) / 4];
  std::memcpy(words, &descriptor, sizeof(descriptor));
  return builder.bus_address(builder.add_words(words));
}

/// Adds one engine and the smallest graphs that are complete: read, use, commit.
inline void add_graphs(ImageBuilder& builder) {
  const std::uint32_t engine = builder.add_engine(0x544d4943, 0x40000000, 64, "tile0");
  builder.add_task(Graph::setup, AIMC_TASK_DMA, AIMC_NETWORK_NONE, add_descriptor(builder), "load");
  builder.add_task(Graph::setup, AIMC_TASK_ENGINE, engine, 0, "program");
  builder.connect(Graph::setup, 0, 1);
  const auto frame = [&](std::uint32_t type, std::uint32_t argument, const char* name) {
    return builder.add_task(Graph::frame, type,
                            type == AIMC_TASK_ENGINE ? engine : AIMC_NETWORK_NONE, argument, name);
  };
  const std::uint32_t begin = frame(AIMC_TASK_BEGIN, 0, "begin");
  const std::uint32_t copy = frame(AIMC_TASK_DMA, add_descriptor(builder), "copy");
  const std::uint32_t release = frame(AIMC_TASK_RELEASE, 0, "release");
  const std::uint32_t compute = frame(AIMC_TASK_ENGINE, 0, "compute");
  const std::uint32_t result = frame(AIMC_TASK_RESULT, 0, "result");
  const std::uint32_t edges[][2] = {{begin, copy},    {copy, release}, {release, begin},
                                    {copy, compute},  {compute, copy}, {compute, result},
                                    {result, compute}};
  for (const auto& edge : edges) builder.connect(Graph::frame, edge[0], edge[1]);
}

/// A complete small image: 2x2x1 records, a dense layer of 3 outputs.
inline ImageBuilder sample_builder() {
  ImageBuilder builder(kLoadAddress);
  builder.set_names("sample", "toy");
  add_input(builder, 2, 2, 1);
  const std::uint32_t out = builder.add_tensor(1, 1, 3, 0.5f, "logits");
  aimc_network_layer_t layer = plain_layer(AIMC_LAYER_CONV, 0, out);
  layer.name = builder.add_string("dense");
  layer.kernel_height = layer.kernel_width = 2;
  layer.weights = add_bytes(builder, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12});
  layer.affine = add_affine(builder, 3, 0);
  builder.add_layer(layer);
  builder.set_output(out);
  add_graphs(builder);
  return builder;
}

inline std::vector<std::uint8_t> sample_bytes() { return sample_builder().finish(); }

/// Puts the right CRC into changed bytes.
inline void seal(std::vector<std::uint8_t>& bytes) {
  const std::uint32_t crc = image_crc(bytes);
  std::memcpy(bytes.data() + offsetof(aimc_network_header_t, crc32), &crc, 4);
}

/// Message of the UserError that `action` throws; empty if it throws none.
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace aimc::network
