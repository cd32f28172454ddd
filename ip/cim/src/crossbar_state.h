// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include "aimc/cim/crossbar.h"
#include "kernels/kernels.h"

namespace aimc::cim {

// Rows whose sums fit 32 bits: 32767 * 127 * 512 and 127 * 126 * 512 are below 2^31.
inline constexpr unsigned kSumRows = 512;
inline constexpr std::size_t kChunk = 56;  // vectors whose inputs and sums stay in the cache
inline constexpr float kLargest = 2147483520.0f;

/// Constant terms of all columns, padded to whole groups; see `ColumnTerms`.
struct Crossbar::Terms {
  std::vector<float> gain, offset, spread, floor, limit, step;
};

/// Buffers of one call of `product`, kept by each thread from call to call.
struct Crossbar::Scratch {
  unsigned first_row = 0;  // of the padded inputs; a multiple of 4
  std::size_t stride = 0;  // rows of the padded inputs
  std::size_t count = 0;
  std::vector<std::int16_t> steps;
  std::vector<std::uint8_t> squares;
  std::vector<float> sums, variances;
  std::vector<float> limits, scales;
  std::vector<std::int32_t> group;

  void shape(const Block& block, std::size_t vectors) {
    first_row = block.first_row & ~3u;
    stride = (block.first_row + block.rows - first_row + 3) & ~std::size_t{3};
    count = vectors;
    if (steps.size() < stride * vectors) {
      steps.resize(stride * vectors);
      squares.resize(stride * vectors);
    }
    // Rows beside the block count as not driven.
    const std::size_t before = block.first_row - first_row;
    const std::size_t after = before + block.rows;
    if (before == 0 && after == stride) return;
    for (std::size_t n = 0; n < vectors; ++n) {
      std::fill_n(&steps[n * stride], before, std::int16_t{0});
      std::fill_n(&squares[n * stride], before, std::uint8_t{0});
      std::fill_n(steps.begin() + static_cast<std::ptrdiff_t>(n * stride + after), stride - after,
                  std::int16_t{0});
      std::fill_n(squares.begin() + static_cast<std::ptrdiff_t>(n * stride + after), stride - after,
                  std::uint8_t{0});
    }
  }
};

/// Sums of a group of 64 columns over all rows of a batch, [vectors][64]; `panels` 1 leaves out
/// the upper 32. Ranges of `kSumRows` start at fixed rows of the array, so that sums do not depend
/// on how a block is cut.
template <class Kernel, class PlaneType, class Input>
void sum_group(const Kernel& kernel, const PlaneType& plane, unsigned column, unsigned panels,
               unsigned first_row, std::size_t rows, const Input* inputs, std::size_t count,
               std::int32_t* sums, float* results) {
  constexpr unsigned kRowsPerStep = sizeof(Input) == 1 ? 4 : 2;
  const unsigned last = first_row + static_cast<unsigned>(rows);
  for (unsigned begin = first_row; begin < last;) {
    const unsigned end = std::min(last, (begin / kSumRows + 1) * kSumRows);
    for (unsigned panel = 0; panel < panels; ++panel)
      kernel(plane.panel(column + panel * kPanelColumns, begin), (end - begin) / kRowsPerStep,
             inputs + (begin - first_row), rows, count, sums + panel * kPanelColumns,
             kGroupColumns);
    kernels().to_single(sums, count * kGroupColumns, results, begin != first_row);
    begin = end;
  }
}

}  // namespace aimc::cim
