// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace aimc::compiler {

/// Local SRAM of one engine. Tables (commands, affines, look-up tables) grow from the bottom and
/// stay; buffers of feature maps grow from the top and are free while the chip is set up, so
/// weights are staged there on their way into the array.
class EngineMemory {
 public:
  explicit EngineMemory(std::uint32_t bytes) : bytes_(bytes), top_(bytes) {}

  /// Puts bytes at the bottom, word-aligned. @returns their address in SRAM.
  std::uint32_t add_table(std::span<const std::uint8_t> bytes);
  /// Reserves a buffer at the top, 16-byte aligned. @returns its address.
  /// @param what  for the message when memory runs out.
  std::uint32_t add_buffer(std::uint64_t bytes, const std::string& what);
  /// Everything that add_table put down.
  const std::vector<std::uint8_t>& tables() const { return tables_; }
  std::uint64_t table_bytes() const { return tables_.size(); }
  std::uint64_t buffer_bytes() const { return static_cast<std::uint64_t>(bytes_ - top_); }
  std::uint32_t bytes() const { return static_cast<std::uint32_t>(bytes_); }
  /// Space for weights during setup, if tables of `later` more bytes are still to come.
  std::uint32_t staging(std::uint32_t later) const;
  /// @throws UserError with sizes if tables and buffers do not fit.
  void check(const std::string& file, const std::string& engine) const;

 private:
  struct Entry {
    std::string what;
    std::uint64_t bytes;
  };
  std::int64_t bytes_;
  std::int64_t top_;
  std::vector<std::uint8_t> tables_;
  std::vector<Entry> buffers_;
};

}  // namespace aimc::compiler
