// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aimc::cim {

/// A matrix of small integers 0..127 for products with inputs 0..126: squares of inputs times
/// variances of cells. One byte an element; sums of up to 512 rows are exact in 32 bits.
///
/// Layout: panels of 32 columns; in a panel, quads of rows; in a quad, four rows of each column
/// side by side, which is what byte dot-product instructions take.
class BytePlane {
 public:
  BytePlane(unsigned rows, unsigned columns);
  void set(unsigned row, unsigned column, std::int8_t value) { data_[at(row, column)] = value; }
  std::int8_t get(unsigned row, unsigned column) const { return data_[at(row, column)]; }
  /// Panel that holds `column` from a quad of rows on.
  const std::int8_t* panel(unsigned column, unsigned row) const {
    return &data_[at(row & ~3u, column - column % 32)];
  }

 private:
  std::size_t at(unsigned row, unsigned column) const {
    return ((column / 32 * quads_ + row / 4) * 32 + column % 32) * 4 + row % 4;
  }

  std::size_t quads_;
  std::vector<std::int8_t> data_;
};

}  // namespace aimc::cim
