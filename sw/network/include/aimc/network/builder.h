// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aimc/network/format.h"
#include "aimc/network/image.h"

namespace aimc::network {

/// Writes an image. DATA comes first in the file, so the bus address of each blob is known as soon
/// as it is added and DMA descriptors can be written straight away.
class ImageBuilder {
 public:
  /// @param load_address  Bus address at which the image will stand; 8-byte aligned.
  explicit ImageBuilder(std::uint32_t load_address) : load_address_(load_address) {}

  /// Offset in STRINGS; equal strings are stored once.
  std::uint32_t add_string(std::string_view text);
  /// Offset in DATA. @param alignment  A power of two, at most 8.
  std::uint32_t add_data(std::span<const std::uint8_t> bytes, std::uint32_t alignment = 4);
  std::uint32_t add_words(std::span<const std::uint32_t> words);
  /// Bus address of an offset in DATA.
  std::uint32_t bus_address(std::uint32_t data_offset) const;

  std::uint32_t add_engine(std::uint32_t id, std::uint32_t base, std::uint32_t irq,
                           std::string_view name);
  std::uint32_t add_tensor(std::uint32_t height, std::uint32_t width, std::uint32_t channels,
                           float scale, std::string_view name);
  std::uint32_t add_layer(const aimc_network_layer_t& layer);
  std::uint32_t add_task(Graph graph, std::uint32_t type, std::uint32_t engine,
                         std::uint32_t argument, std::string_view name);
  /// Adds an edge, once however often it is asked for. It starts with a token if `to` does not
  /// come after `from`.
  void connect(Graph graph, std::uint32_t from, std::uint32_t to);

  /// Header fields that are not derived.
  void set_names(std::string_view network, std::string_view platform);
  void set_input(std::uint32_t tensor, std::uint32_t record_bytes);
  void set_output(std::uint32_t tensor);

  /// The finished image with its CRC. The builder can go on from there.
  std::vector<std::uint8_t> finish() const;

 private:
  static std::size_t index(Graph graph) { return graph == Graph::setup ? 0 : 1; }

  std::uint32_t load_address_;
  std::vector<aimc_network_engine_t> engines_;
  std::vector<aimc_network_task_t> tasks_[2];
  std::vector<std::vector<std::uint32_t>> targets_[2];
  std::vector<aimc_network_layer_t> layers_;
  std::vector<aimc_network_tensor_t> tensors_;
  std::vector<std::uint8_t> data_;
  std::vector<std::uint8_t> strings_ = {0};
  std::map<std::string, std::uint32_t, std::less<>> string_offsets_ = {{"", 0}};
  std::uint32_t name_ = 0;
  std::uint32_t platform_ = 0;
  std::uint32_t input_tensor_ = 0;
  std::uint32_t input_bytes_ = 0;
  std::uint32_t output_tensor_ = 0;
};

}  // namespace aimc::network
