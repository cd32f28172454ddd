// SPDX-License-Identifier: Apache-2.0
#include "packing.h"

#include <algorithm>

namespace aimc::compiler {

namespace {

bool contains(const Rectangle& a, const Rectangle& b) {
  return a.row <= b.row && a.column <= b.column && a.row + a.rows >= b.row + b.rows &&
         a.column + a.columns >= b.column + b.columns;
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.row < b.row + b.rows && b.row < a.row + a.rows && a.column < b.column + b.columns &&
         b.column < a.column + a.columns;
}

/// The parts of `space` around `used`, each as large as can be.
void add_rest(const Rectangle& space, const Rectangle& used, std::vector<Rectangle>& out) {
  const auto add = [&](Rectangle rest) {
    if (rest.rows > 0 && rest.columns > 0) out.push_back(rest);
  };
  const std::uint32_t bottom = space.row + space.rows, right = space.column + space.columns;
  if (used.row > space.row) add({space.row, space.column, used.row - space.row, space.columns});
  if (used.row + used.rows < bottom)
    add({used.row + used.rows, space.column, bottom - used.row - used.rows, space.columns});
  if (used.column > space.column)
    add({space.row, space.column, space.rows, used.column - space.column});
  if (used.column + used.columns < right)
    add({space.row, used.column + used.columns, space.rows, right - used.column - used.columns});
}

}  // namespace

bool FreeSpace::fits(std::uint32_t rows, std::uint32_t columns) const {
  return std::any_of(free_.begin(), free_.end(), [&](const Rectangle& space) {
    return space.rows >= rows && space.columns >= columns;
  });
}

std::optional<Rectangle> FreeSpace::take(std::uint32_t rows, std::uint32_t columns) {
  const Rectangle* best = nullptr;
  std::uint32_t least = 0;
  for (const Rectangle& space : free_) {
    if (space.rows < rows || space.columns < columns) continue;
    const std::uint32_t slack = std::min(space.rows - rows, space.columns - columns);
    if (best != nullptr && slack >= least) continue;
    best = &space;
    least = slack;
  }
  if (best == nullptr) return std::nullopt;
  const Rectangle used = {best->row, best->column, rows, columns};
  std::vector<Rectangle> parts;
  for (const Rectangle& space : free_) {
    if (overlap(space, used))
      add_rest(space, used, parts);
    else
      parts.push_back(space);
  }
  free_.clear();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool redundant = false;
    for (std::size_t j = 0; j < parts.size() && !redundant; ++j)
      redundant = i != j && contains(parts[j], parts[i]) &&
                  !(contains(parts[i], parts[j]) && i < j);  // of equals the first stays
    if (!redundant) free_.push_back(parts[i]);
  }
  return used;
}

}  // namespace aimc::compiler
