// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/hart_group.h"

#include <algorithm>

#include "aimc/riscv/core.h"

namespace aimc::riscv {

void HartGroup::written(const Core* writer, std::uint32_t address, std::uint64_t length) {
  for (Core* core : cores_) {
    if (core != writer) core->break_reservation(address, length);
  }
}

bool HartGroup::keep_away(const Core* writer, std::uint32_t address, std::uint64_t* first,
                          std::uint64_t* last) const {
  for (const Core* core : cores_) {
    const auto word = core->reservation();
    if (core == writer || !word) continue;
    const std::uint64_t end = std::uint64_t{*word} + 3;
    if (address > end) {
      *first = std::max(*first, end + 1);
    } else if (address < *word) {
      *last = std::min<std::uint64_t>(*last, *word - 1);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace aimc::riscv
