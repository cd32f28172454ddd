// SPDX-License-Identifier: Apache-2.0
// Construction, storing and reading back; the product is in plane_product.cpp.
#include "aimc/cim/planes/plane_array.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "aimc/cim/digital/precision.h"
#include "aimc/cim/exact_math.h"
#include "aimc/cim/planes/plane_draw.h"
#include "aimc/cim/planes/quick_normals.h"
#include "plane_units.h"

namespace aimc::cim {
namespace {

/// Powers of 2^shift; two's complement makes the last one negative.
std::vector<int> powers(unsigned digits, unsigned shift, bool twos_complement) {
  std::vector<int> values;
  for (unsigned i = 0; i < digits; ++i) values.push_back(1 << (i * shift));
  if (twos_complement) values.back() = -values.back();
  return values;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

}  // namespace

PlaneArray::PlaneArray(unsigned rows, unsigned columns, const PlaneOptions& options,
                       const RandomStream& random)
    : Array(rows, columns, false),
      options_(options),
      random_(random),
      held_(std::size_t{rows} * columns, 0) {
  const PlaneOptions& o = options_;
  require(o.weight_bits >= 1 && o.weight_bits <= 8, "weight bits are not in 1..8");
  require(o.input_bits >= 1 && o.input_bits <= 8, "input bits are not in 1..8");
  require(o.bits_per_cell >= 1 && o.bits_per_cell <= 4, "bits per cell are not in 1..4");
  require(o.rows_at_once % 2 == 0, "an odd number of rows at once");
  require(o.function == CellFunction::conjunction || o.bits_per_cell == 1,
          "equality is of single bits");
  const bool single = o.weight_bits == 1;
  const bool offset_binary = o.bits_per_cell > 1 && !single;
  const unsigned planes = (o.weight_bits + o.bits_per_cell - 1) / o.bits_per_cell;
  weight_digits_ = single ? std::vector<int>{2}
                          : powers(planes, o.bits_per_cell, /*twos_complement=*/!offset_binary);
  weight_constant_ = single ? -1 : offset_binary ? -(1 << (o.weight_bits - 1)) : 0;
  input_digits_ = o.input_bits == 1 ? std::vector<int>{2} : powers(o.input_bits, 1, true);
  input_constant_ = o.input_bits == 1 ? -1 : 0;
  planes_.assign(planes, IntegerPlane(rows, columns));
  if (o.function == CellFunction::equality) bases_.assign(planes, IntegerPlane(rows, columns));
  if (o.offset > 0.0) {
    offsets_.resize(std::size_t{planes} * columns);
    random_.at(kDrawConverterOffset).normals(offsets_);
    for (float& value : offsets_) value *= static_cast<float>(o.offset);
  }
  float farthest = 0.0f;
  for (const float value : offsets_) farthest = std::max(farthest, std::abs(value));
  undriven_is_zero_ =
      o.function == CellFunction::conjunction &&
      static_cast<double>(farthest) + static_cast<double>(QuickNormals::kLargest) * o.noise < 0.5;
}

ReadShape PlaneArray::shape() const {
  return {options_.rows_at_once, options_.input_bits, weight_planes(),
          options_.converted ? options_.adc_bits : 0};
}

unsigned PlaneArray::full_levels(unsigned rows) const {
  const unsigned summed = options_.rows_at_once == 0 ? rows : options_.rows_at_once;
  return summed * ((1u << options_.bits_per_cell) - 1);
}

double PlaneArray::step(unsigned rows) const {
  if (!options_.converted) return 1.0;
  const unsigned codes = 1u << options_.adc_bits;
  const unsigned full = full_levels(rows);
  return full <= codes ? 1.0 : static_cast<double>(full) / (codes - 1);
}

/// Writes one row of a block into all planes, with the variation of each cell.
void PlaneArray::store_row(const Block& block, unsigned r, const std::int8_t* weights,
                           std::uint64_t operation, std::uint64_t& failed) {
  const PlaneOptions& o = options_;
  const unsigned row = block.first_row + r;
  const std::uint32_t first = row * columns() + block.first_column;
  const int top = (1 << o.bits_per_cell) - 1;
  const unsigned devices = o.function == CellFunction::equality ? 2 : 1;
  std::vector<float> spread(block.columns, 0.0f);
  std::vector<int> wanted(block.columns);
  std::vector<int> held(block.columns, weight_constant_);
  for (unsigned c = 0; c < block.columns; ++c) wanted[c] = to_operand(weights[c], o.weight_bits);

  for (unsigned p = 0; p < planes_.size(); ++p) {
    const RandomStream errors = random_.at(kDrawBitError + 2 * p, operation);
    const RandomStream faults = random_.at(kDrawCellStuck + 2 * p);
    std::vector<int> levels(block.columns);
    for (unsigned c = 0; c < block.columns; ++c) {
      int level = ((wanted[c] - weight_constant_) >> (p * o.bits_per_cell)) & top;
      if (o.weight_bits == 1) level = wanted[c] > 0 ? 1 : 0;
      if (o.write_error > 0.0 && errors.uniform(first + c) < o.write_error) level ^= 1;
      if (o.stuck_fraction > 0.0) {
        const double fate = faults.uniform(first + c);
        if (fate < o.stuck_fraction) level = fate < o.stuck_fraction / 2 ? 0 : top;
      }
      levels[c] = level;
      held[c] += weight_digits_[p] * level;
    }
    for (unsigned device = 0; device < devices; ++device) {
      if (o.spread > 0.0) random_.at(kDrawCellLevel + 2 * p + device).normals(spread, first);
      for (unsigned c = 0; c < block.columns; ++c) {
        const int level = device == 0 ? levels[c] : top - levels[c];
        const double ideal = o.low + level * (top - o.low) / top;
        const double variation = o.spread * static_cast<double>(spread[c]);
        const double value = ideal * (o.log_normal ? exact_exp(variation) : 1.0 + variation);
        const auto units = static_cast<std::int16_t>(
            std::nearbyint(std::clamp(value * kLevelUnits, -32767.0, 32767.0)));
        const unsigned column = block.first_column + c;
        if (device == 0) {
          planes_[p].set(row, column, units);
        } else {
          bases_[p].set(row, column, units);
          planes_[p].set(row, column,
                         static_cast<std::int16_t>(planes_[p].get(row, column) - units));
        }
      }
    }
  }
  for (unsigned c = 0; c < block.columns; ++c) {
    held_[first + c] = static_cast<std::int8_t>(held[c]);
    if (held[c] == weights[c]) continue;
    mark_failed(row, block.first_column + c);
    ++failed;
  }
}

std::uint64_t PlaneArray::store(const Block& block, const std::int8_t* weights, std::size_t stride,
                                std::uint64_t operation) {
  std::uint64_t failed = 0;
  for (unsigned r = 0; r < block.rows; ++r)
    store_row(block, r, weights + r * stride, operation, failed);
  return failed;
}

void PlaneArray::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    std::copy_n(&held_[std::size_t{block.first_row + r} * columns() + block.first_column],
                block.columns, weights + r * stride);
}

}  // namespace aimc::cim
