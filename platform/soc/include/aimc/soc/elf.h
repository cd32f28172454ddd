// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aimc::soc {

/// A RISC-V executable, checked.
struct ElfImage {
  struct Segment {
    std::uint32_t address = 0;  ///< Physical load address.
    std::uint32_t memory_bytes = 0;
    std::vector<std::uint8_t> bytes;  ///< The rest up to memory_bytes is zero.
  };
  struct Symbol {
    std::string name;
    std::uint32_t address = 0;
    std::uint32_t size = 0;
    bool function = false;
    bool code = false;  ///< A function, or a label without type in an executable section.
  };

  std::string file;
  std::uint32_t entry = 0;
  std::vector<Segment> segments;
  std::vector<Symbol> symbols;
  std::uint32_t flags = 0;  ///< e_flags: compressed instructions, calling convention for floats.

  /// Address of a symbol, if the file has it.
  std::optional<std::uint32_t> symbol(const std::string& name) const;
};

/// Reads and checks a 32-bit little-endian RISC-V executable.
/// @throws UserError naming the file and what is wrong: not ELF, other class, byte order or
/// machine, not executable, truncated, overlapping or wrapping segments, entry outside all
/// segments.
ElfImage load_elf(const std::string& path);
/// The same of a file's bytes; `file` is its name in messages.
ElfImage parse_elf(const std::string& file, std::string bytes);

}  // namespace aimc::soc
