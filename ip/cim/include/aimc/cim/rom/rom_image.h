// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aimc/cim/array.h"

namespace aimc::cim {

/// A rectangle of mask-programmed weights.
struct RomBlock {
  Block block;
  unsigned full_scale = 127;
  std::vector<std::int8_t> weights;  ///< [block.rows][block.columns].
  bool operator==(const RomBlock&) const = default;
};

/// The mask of one array.
struct RomSection {
  std::string name;  ///< By custom the instance, e.g. "soc.tile3".
  unsigned rows = 0;
  unsigned columns = 0;
  std::vector<RomBlock> blocks;  ///< Apart from each other.
  bool operator==(const RomSection&) const = default;
};

/// Masks of the ROM arrays of a chip, as a file.
///
/// Format, little endian, no padding:
///   8 bytes "AIMCROM" 0x01, u32 number of sections; each section:
///     u32 length of its name, name, u32 rows, u32 columns, u32 number of blocks; each block:
///       u32 first_row, u32 rows, u32 first_column, u32 columns, u32 full_scale (1..127),
///       rows * columns int8 weights, row by row;
///   u64 FNV-1a of all bytes before.
class RomImage {
 public:
  /// Makes a section without weights, unless it is there.
  /// @throws UserError if it is there with other sizes.
  void add_section(const std::string& name, unsigned rows, unsigned columns) {
    section(name, rows, columns);
  }
  /// Adds weights to a section, which is made on first use.
  /// @param stride  bytes from one row of `weights` to the next.
  /// @throws UserError if the block leaves the array, overlaps another or the sizes differ.
  void add(const std::string& section, unsigned rows, unsigned columns, const Block& block,
           unsigned full_scale, const std::int8_t* weights, std::size_t stride);

  const std::vector<RomSection>& sections() const { return sections_; }
  /// @param name  of the section, or empty for the only one.
  /// @throws UserError that lists the sections.
  const RomSection& find(const std::string& name) const;

  std::vector<std::uint8_t> bytes() const;
  /// @param what  file name for messages. @throws UserError with the place of the first fault.
  static RomImage parse(std::span<const std::uint8_t> bytes, const std::string& what);
  static RomImage read(const std::string& path);
  /// Replaces the file only once the new one is complete.
  void write(const std::string& path) const;

 private:
  RomSection& section(const std::string& name, unsigned rows, unsigned columns);

  std::string what_ = "mask image";
  std::vector<RomSection> sections_;
};

}  // namespace aimc::cim
