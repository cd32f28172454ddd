// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aimc/common/config.h"

namespace aimc::regtool {

/// Bits of a register or of a descriptor word.
struct Field {
  std::string name;
  std::string brief;
  std::string access;  // "" in descriptor words
  unsigned low = 0;
  unsigned width = 32;
  std::uint32_t reset = 0;

  std::uint32_t mask() const {
    return static_cast<std::uint32_t>(((std::uint64_t{1} << width) - 1) << low);
  }
  std::string bits() const;
};

struct Register {
  std::string name;
  std::string brief;
  std::uint32_t offset = 0;
  std::uint32_t count = 1;
  std::uint32_t stride = 4;
  std::uint32_t bytes = 4;
  bool has_fields = false;  // false: one unnamed field over the whole register
  std::vector<Field> fields;

  std::uint32_t reset() const;
};

struct Named {
  std::string name;
  std::string brief;
  std::uint32_t value = 0;
};

struct Enumeration {
  std::string name;
  std::string brief;
  std::vector<Named> values;
};

struct Word {
  std::string name;
  std::string brief;
  std::vector<Field> fields;
};

struct Structure {
  std::string name;
  std::string brief;
  std::vector<Word> words;
};

/// One `*.regs.yaml`.
struct Block {
  std::string name;
  std::string brief;
  std::string uses;  // another block whose registers lie below these
  std::string source;
  std::uint32_t size = 0;
  std::vector<Named> constants;
  std::vector<Enumeration> enums;
  std::vector<Register> registers;
  std::vector<Structure> structs;
  std::vector<Named> interrupts;
};

/// Reads and checks a description. @throws UserError with file:line:column: overlaps, bad widths,
/// unknown keys, names that stand twice.
Block read_block(const std::string& path);

std::string upper(const std::string& text);

std::string emit_c_header(const Block& block);
std::string emit_cpp_map(const Block& block);
std::string emit_markdown(const Block& block);

}  // namespace aimc::regtool
