// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/array.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace aimc::cim {

Array::Array(unsigned rows, unsigned columns, bool scaled)
    : rows_(rows), columns_(columns), scaled_(scaled), cells_(std::size_t{rows} * columns, 0) {}

void Array::require_inside(const Block& block) const {
  const bool rows_fit = block.rows > 0 && std::uint64_t{block.first_row} + block.rows <= rows_;
  const bool columns_fit =
      block.columns > 0 && std::uint64_t{block.first_column} + block.columns <= columns_;
  if (!rows_fit || !columns_fit) throw std::logic_error("block leaves the array");
}

ProgramReport Array::program(const Block& block, const std::int8_t* weights, std::size_t stride,
                             unsigned full_scale, std::uint64_t operation) {
  require_inside(block);
  if (full_scale < 1 || full_scale > 127) throw std::logic_error("full scale is not in 1..127");
  mark(block, scaled_ ? full_scale : 1);
  return write(block, weights, stride, full_scale, operation);
}

MultiplyReport Array::multiply(const Block& block, const std::int8_t* inputs, std::size_t stride,
                               std::size_t count, std::uint64_t first_operation,
                               std::int32_t* accumulators) const {
  require_inside(block);
  return product(block, inputs, stride, count, first_operation, accumulators);
}

CellState Array::state(const Block& block) const {
  require_inside(block);
  if (known_ready_ == block) return CellState::ready;
  const std::uint8_t* const top =
      &cells_[std::size_t{block.first_row} * columns_ + block.first_column];
  bool mixed = false;
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::uint8_t* const row = top + std::size_t{r} * columns_;
    if (std::memchr(row, 0, block.columns) != nullptr) return CellState::unprogrammed;
    mixed = mixed || std::memcmp(row, top, block.columns) != 0;
  }
  if (mixed) return CellState::mixed_full_scale;
  known_ready_ = block;
  return CellState::ready;
}

void Array::erase(const Block& block) {
  require_inside(block);
  mark(block, 0);
}

void Array::mark(const Block& block, unsigned full_scale) {
  known_ready_.reset();
  for (unsigned r = 0; r < block.rows; ++r) {
    std::uint8_t* const row =
        &cells_[std::size_t{block.first_row + r} * columns_ + block.first_column];
    const auto empty = std::count(row, row + block.columns, 0);
    if (full_scale != 0) {
      programmed_ += static_cast<std::uint64_t>(empty);
    } else {
      programmed_ -= block.columns - static_cast<std::uint64_t>(empty);
    }
    std::memset(row, static_cast<int>(full_scale), block.columns);
  }
}

}  // namespace aimc::cim
