// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/symbol_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace aimc::instrumentation {

SymbolTable::SymbolTable(const soc::ElfImage& image) {
  for (const soc::ElfImage::Symbol& symbol : image.symbols) {
    addresses_.emplace(symbol.name, symbol.address);
    if (!symbol.code || symbol.name.starts_with("$") || symbol.name.starts_with(".L")) continue;
    functions_.push_back({symbol.name, symbol.address, symbol.address + symbol.size});
  }
  // Of several names for one address the one with a size wins, then the first in the file.
  std::stable_sort(functions_.begin(), functions_.end(), [](const Function& a, const Function& b) {
    return a.start != b.start ? a.start < b.start : a.end > b.end;
  });
  functions_.erase(
      std::unique(functions_.begin(), functions_.end(),
                  [](const Function& a, const Function& b) { return a.start == b.start; }),
      functions_.end());
  // A label inside of a function is no function.
  std::uint32_t covered = 0;
  std::erase_if(functions_, [&covered](const Function& one) {
    covered = std::max(covered, one.end);
    return one.end == one.start && one.start < covered;
  });
  // A label of assembly code has no size: it reaches to the next symbol or to its segment's end.
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    Function& one = functions_[i];
    if (one.end != one.start) continue;
    if (i + 1 < functions_.size()) one.end = functions_[i + 1].start;
    for (const soc::ElfImage::Segment& segment : image.segments)
      if (one.start - segment.address < segment.memory_bytes) {
        const std::uint32_t limit = segment.address + segment.memory_bytes;
        if (one.end == one.start || one.end - segment.address > segment.memory_bytes)
          one.end = limit;
      }
  }
}

const SymbolTable::Function* SymbolTable::find(std::uint32_t pc) const {
  auto at =
      std::upper_bound(functions_.begin(), functions_.end(), pc,
                       [](std::uint32_t value, const Function& one) { return value < one.start; });
  if (at == functions_.begin()) return nullptr;
  --at;
  return pc - at->start < at->end - at->start ? &*at : nullptr;
}

std::string SymbolTable::describe(std::uint32_t pc) const {
  const Function* const function = find(pc);
  if (function == nullptr) return fmt::format("{:#010x}", pc);
  if (pc == function->start) return function->name;
  return fmt::format("{}+{:#x}", function->name, pc - function->start);
}

std::optional<std::uint32_t> SymbolTable::address(const std::string& name) const {
  const auto at = addresses_.find(name);
  if (at == addresses_.end()) return std::nullopt;
  return at->second;
}

}  // namespace aimc::instrumentation
