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

void HartGroup::rest_until(const Core* core, std::uint64_t time_ps) {
  for (std::size_t n = 0; n < cores_.size(); ++n) {
    if (cores_[n] == core) rests_[n] = time_ps;
  }
}

bool HartGroup::others_rest_until(const Core* core, std::uint64_t time_ps) const {
  for (std::size_t n = 0; n < cores_.size(); ++n) {
    if (cores_[n] != core && rests_[n] == time_ps) return true;
  }
  return false;
}

}  // namespace aimc::riscv
