// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "aimc/gdb/target.h"

namespace aimc::gdb {

/// Breakpoints and watchpoints, the same for all harts. Memory stays as it is: harts are asked
/// before each instruction.
class StopPoints {
 public:
  using Point = StopPoint;

  void insert(const Point& point);
  void remove(const Point& point);
  void clear();

  bool empty() const { return breakpoints_.empty() && watchpoints_.empty(); }
  bool watching() const { return !watchpoints_.empty(); }

  /// The breakpoint at `pc`, a hardware one if there are both.
  std::optional<Point::Kind> breakpoint(std::uint32_t pc) const {
    if (!may_break_[slot(pc)]) return std::nullopt;
    return find_breakpoint(pc);
  }

  struct Hit {
    Point::Kind kind;
    std::uint32_t address;  ///< First byte that is both accessed and watched.
  };
  /// The watchpoint that an access touches.
  std::optional<Hit> watch(std::uint32_t address, std::uint32_t length, bool reads,
                           bool writes) const;

 private:
  static constexpr std::size_t kSlots = 4096;
  static std::size_t slot(std::uint32_t pc) { return (pc >> 1) % kSlots; }
  std::optional<Point::Kind> find_breakpoint(std::uint32_t pc) const;
  void refresh();

  std::vector<Point> breakpoints_, watchpoints_;
  std::bitset<kSlots> may_break_;
};

}  // namespace aimc::gdb
