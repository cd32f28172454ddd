// SPDX-License-Identifier: Apache-2.0
// Where inside a block and a slice an instruction stands.
#pragma once

#include <cstdint>

#include "block.h"

namespace aimc::riscv {

inline std::uint32_t pc_of(const Block* block, const BlockEntry* entry) {
  return block->pc + 2u * block->info[entry - block->entries].offset;
}

/// Charge of this entry and those behind it.
inline std::int64_t charge_from(const Block* block, const BlockEntry* entry) {
  const EntryInfo& info = block->info[entry - block->entries];
  return make_charge(static_cast<unsigned>(block->retired - (entry - block->entries)),
                     static_cast<unsigned>(block->cycles - info.cycles_before));
}

inline constexpr std::int64_t kOneCycle = std::int64_t{1} << 32;

inline std::uint64_t cycles_used(std::int64_t acc, std::int64_t budget) {
  return static_cast<std::uint64_t>(budget - (acc >> 32));
}

}  // namespace aimc::riscv
