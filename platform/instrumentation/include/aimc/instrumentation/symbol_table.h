// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aimc/soc/elf.h"

namespace aimc::instrumentation {

/// The functions of a program by address.
class SymbolTable {
 public:
  struct Function {
    std::string name;
    std::uint32_t start = 0;
    std::uint32_t end = 0;  ///< First address behind it.
  };

  SymbolTable() = default;
  explicit SymbolTable(const soc::ElfImage& image);

  /// The function that contains `pc`, or null.
  const Function* find(std::uint32_t pc) const;
  /// "main+0x14", "main", or the address in hexadecimal.
  std::string describe(std::uint32_t pc) const;
  /// Address of a symbol of any kind.
  std::optional<std::uint32_t> address(const std::string& name) const;

  const std::vector<Function>& functions() const { return functions_; }

 private:
  std::vector<Function> functions_;  // by address
  std::map<std::string, std::uint32_t> addresses_;
};

}  // namespace aimc::instrumentation
