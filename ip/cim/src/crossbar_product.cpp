// SPDX-License-Identifier: Apache-2.0
// The product of a crossbar in its plain form: one conversion per column and product.
#include <algorithm>
#include <cmath>

#include "aimc/cim/draw.h"
#include "crossbar_state.h"
#include "kernels/noise.h"

namespace aimc::cim {

void Crossbar::load_inputs(const Block& block, const std::int8_t* inputs, std::size_t stride,
                           Scratch& scratch) const {
  const Kernels& kernel = kernels();
  const std::size_t before = block.first_row - scratch.first_row;
  for (std::size_t n = 0; n < scratch.count; ++n) {
    const std::int8_t* const x = inputs + n * stride;
    std::int16_t* const steps = &scratch.steps[n * scratch.stride + before];
    std::uint8_t* const squares = &scratch.squares[n * scratch.stride + before];
    if (dac_.levels() == 127) {
      kernel.convert_inputs(x, block.rows, dac_.square_shift(), steps, squares);
    } else {
      dac_.convert(x, block.rows, steps);
      kernel.square(steps, block.rows, dac_.square_shift(), squares);
    }
  }
}

MultiplyReport Crossbar::fast_product(const Block& block, const std::int8_t* inputs,
                                      std::size_t stride, std::size_t count,
                                      std::uint64_t first_operation,
                                      std::int32_t* accumulators) const {
  thread_local Scratch scratch;
  const Kernels& kernel = kernels();
  const Slice& slice = slices_.front();
  const unsigned first_group = block.first_column / kGroupColumns;
  const unsigned last_column = block.first_column + block.columns;
  const unsigned groups = (last_column + kGroupColumns - 1) / kGroupColumns - first_group;
  const unsigned padding = first_group * kGroupColumns;

  // Columns outside the block take part in the arithmetic and count for nothing.
  const std::size_t width = std::size_t{groups} * kGroupColumns;
  scratch.limits.assign(width, std::numeric_limits<float>::infinity());
  scratch.scales.assign(width, 0.0f);
  for (unsigned c = block.first_column; c < last_column; ++c) {
    scratch.limits[c - padding] = terms_->limit[c];
    scratch.scales[c - padding] =
        terms_->step[c] * static_cast<float>(full_scale(block.first_row, c));
  }
  const bool noisy = device_->variance_scale() > 0.0f;
  const NoiseSource noise = noise_source(random_, kDrawReadNoise, noisy || terms_->floor[0] > 0.0f);
  const std::size_t room = std::min(kChunk, count) * kGroupColumns;
  if (scratch.sums.size() < room) {
    scratch.sums.resize(room);
    scratch.variances.resize(room);
    scratch.group.resize(room);
  }
  if (!noisy) std::fill_n(scratch.variances.begin(), room, 0.0f);

  MultiplyReport report;
  for (std::size_t done = 0; done < count; done += kChunk) {
    const std::size_t now = std::min(kChunk, count - done);
    scratch.shape(block, now);
    load_inputs(block, inputs + done * stride, stride, scratch);
    for (unsigned g = 0; g < groups; ++g) {
      const unsigned column = padding + g * kGroupColumns;
      const unsigned halves = column + kPanelColumns < last_column ? 2 : 1;
      sum_group(kernel.product16, slice.nets, column, halves, scratch.first_row, scratch.stride,
                scratch.steps.data(), now, scratch.group.data(), scratch.sums.data());
      if (noisy)
        sum_group(kernel.product8, slice.variances, column, halves, scratch.first_row,
                  scratch.stride, scratch.squares.data(), now, scratch.group.data(),
                  scratch.variances.data());
      const ColumnTerms terms{&terms_->gain[column],
                              &terms_->offset[column],
                              &terms_->spread[column],
                              &terms_->floor[column],
                              &scratch.limits[column - padding],
                              &scratch.scales[column - padding]};
      // Straight into the caller's memory where whole halves of a group are the block's.
      const unsigned first = std::max(block.first_column, column);
      const unsigned width_here = std::min(last_column, column + kGroupColumns) - first;
      const bool direct = first == column && width_here == halves * kPanelColumns;
      std::int32_t* const target = accumulators + done * block.columns + first - block.first_column;
      report.clipped += kernel.convert(noise, first_group + g, first_operation + done, halves, now,
                                       scratch.sums.data(), scratch.variances.data(), kGroupColumns,
                                       terms, direct ? target : scratch.group.data(),
                                       direct ? block.columns : kGroupColumns);
      if (direct) continue;
      for (std::size_t n = 0; n < now; ++n)
        std::copy_n(&scratch.group[n * kGroupColumns + (first - column)], width_here,
                    target + n * block.columns);
    }
  }
  return report;
}

}  // namespace aimc::cim
