// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace aimc::compiler {

struct Rectangle {
  std::uint32_t row = 0, column = 0, rows = 0, columns = 0;
};

/// Free space of one array, as the list of largest free rectangles ("MaxRects", best short side).
class FreeSpace {
 public:
  FreeSpace(std::uint32_t rows, std::uint32_t columns) : free_{{0, 0, rows, columns}} {}

  /// Takes a place of this size. @returns it, or nothing if there is none.
  std::optional<Rectangle> take(std::uint32_t rows, std::uint32_t columns);
  bool fits(std::uint32_t rows, std::uint32_t columns) const;

 private:
  std::vector<Rectangle> free_;
};

}  // namespace aimc::compiler
