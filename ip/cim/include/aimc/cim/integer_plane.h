// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aimc/cim/array.h"

namespace aimc::cim {

/// Inputs of a batch, widened to int16 and laid out for `IntegerPlane::multiply`.
///
/// Vector n stands at `data[n * stride]`; element k belongs to array row `first_row + k`, where
/// `first_row` is even and rows outside the block hold 0.
struct InputBatch {
  unsigned first_row = 0;
  std::size_t stride = 0;  ///< Elements; even.
  std::size_t count = 0;   ///< Vectors.
  std::vector<std::int16_t> data;

  /// Room for `vectors` vectors of the block's rows; the padding is set to 0.
  void shape(const Block& block, std::size_t vectors);
  std::int16_t* vector(std::size_t n, const Block& block) {
    return &data[n * stride + (block.first_row - first_row)];
  }
};

/// A matrix of int16 that multiplies batches of int16 vectors exactly in 32 bits.
///
/// Exact integers make a result independent of batching, threads and vector width, and int16
/// costs half of fp32 in memory and at most half in arithmetic. The caller sees to it that no sum
/// overflows: `max|weight| * max|input| * rows` of a range must stay below 2^31.
///
/// Layout: panels of 32 columns; in a panel, pairs of rows; in a pair, (row, row + 1) of each
/// column side by side, which is what multiply-add-pairs instructions take.
class IntegerPlane {
 public:
  static constexpr unsigned kPanel = 32;

  IntegerPlane(unsigned rows, unsigned columns);

  void set(unsigned row, unsigned column, std::int16_t value) { data_[at(row, column)] = value; }
  std::int16_t get(unsigned row, unsigned column) const { return data_[at(row, column)]; }

  /// Panel that holds `column` from a pair of rows on; rows are padded to a multiple of four.
  const std::int16_t* panel(unsigned column, unsigned row) const {
    return &data_[at(row & ~1u, column - column % kPanel)];
  }

  /// Elements of one result vector: the panels that cover the columns of the block.
  static std::size_t result_stride(const Block& block);
  /// Where the block's first column stands in a result vector.
  static std::size_t result_offset(const Block& block) { return block.first_column % kPanel; }

  /// Sums over the rows `begin` .. `end` of the block's array rows.
  ///
  /// @param begin, end  array rows, `begin` even; rows that `inputs` does not hold are left out.
  /// @param results     out, [count][result_stride(block)].
  void multiply(const Block& block, const InputBatch& inputs, unsigned begin, unsigned end,
                std::int32_t* results) const;

 private:
  std::size_t at(unsigned row, unsigned column) const {
    const std::size_t panel = column / kPanel;
    return ((panel * pairs_ + row / 2) * kPanel + column % kPanel) * 2 + row % 2;
  }

  unsigned pairs_;
  std::vector<std::int16_t> data_;
};

}  // namespace aimc::cim
