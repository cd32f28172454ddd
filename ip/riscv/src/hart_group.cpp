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

/// Moments 3/4 of a quantum apart, each moved by up to 1/8 either way; the same for all harts and
/// known from the time alone.
std::uint64_t HartGroup::turn_end_ps(std::uint64_t now, std::uint64_t quantum) {
  const std::uint64_t step = std::max<std::uint64_t>(quantum - quantum / 4, 1);
  const std::uint64_t room = quantum / 4 + 1;
  const auto end = [&](std::uint64_t turn) {
    std::uint64_t mixed = turn * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
    return turn * step + step / 2 + mixed % room;
  };
  const std::uint64_t turn = now / step;
  for (std::uint64_t next = turn > 1 ? turn - 2 : 0;; ++next)
    if (end(next) > now) return end(next);
}

}  // namespace aimc::riscv
