// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aimc/network/format.h"

namespace aimc::network {

/// The two task graphs of an image.
enum class Graph { setup, frame };

const char* to_text(Graph graph);

/// A network image that has been checked from end to end: every offset, index, string and size in
/// it can be trusted. What the checks do not cover is whether the task graphs are live and safe
/// (`check_graphs`) and what the engines make of their commands.
class Image {
 public:
  /// Reads and checks a file. @throws UserError that names the file and the first thing wrong.
  static Image load(const std::string& path);
  /// The same from memory; `name` stands for the file in messages.
  static Image parse(std::vector<std::uint8_t> bytes, std::string name);

  const std::string& file() const { return file_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  const aimc_network_header_t& header() const;

  std::span<const aimc_network_engine_t> engines() const;
  std::span<const aimc_network_task_t> tasks(Graph graph) const;
  std::span<const std::uint32_t> edges() const;
  /// Outgoing edges of a task.
  std::span<const std::uint32_t> edges(const aimc_network_task_t& task) const;
  std::span<const aimc_network_layer_t> layers() const;
  std::span<const aimc_network_tensor_t> tensors() const;
  /// String at `offset` in STRINGS.
  const char* string(std::uint32_t offset) const;
  /// The DATA section, and its place on the bus.
  std::span<const std::uint8_t> data() const;
  std::uint32_t data_address() const;
  /// Little-endian words at `offset` in DATA.
  std::uint32_t word(std::uint32_t offset) const;
  std::uint16_t half(std::uint32_t offset) const;

 private:
  template <class T>
  std::span<const T> section(unsigned index) const;

  std::string file_;
  std::vector<std::uint8_t> bytes_;
};

/// Elements of a tensor.
inline std::uint32_t size(const aimc_network_tensor_t& tensor) {
  return tensor.height * tensor.width * tensor.channels;
}

/// Index of the largest element, the first one of equals: ARG_MAX of the activation engine.
std::uint32_t arg_max(std::span<const std::int8_t> values);

/// CRC-32 (zlib) of an image with its `crc32` word taken as 0.
/// @param bytes  At least a header.
std::uint32_t image_crc(std::span<const std::uint8_t> bytes);

}  // namespace aimc::network
