// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/array.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace aimc::cim {

Block intersection(const Block& a, const Block& b) {
  const auto overlap = [](unsigned first_a, unsigned count_a, unsigned first_b, unsigned count_b) {
    const unsigned first = std::max(first_a, first_b);
    const unsigned last = std::min(first_a + count_a, first_b + count_b);
    return std::pair(first, last > first ? last - first : 0);
  };
  const auto [row, rows] = overlap(a.first_row, a.rows, b.first_row, b.rows);
  const auto [column, columns] = overlap(a.first_column, a.columns, b.first_column, b.columns);
  if (rows == 0 || columns == 0) return {};
  return {row, rows, column, columns};
}

ProgramReport& ProgramReport::operator+=(const ProgramReport& other) {
  cells += other.cells;
  failed += other.failed;
  pulses += other.pulses;
  seconds += other.seconds;
  joules += other.joules;
  return *this;
}

Array::Array(unsigned rows, unsigned columns, bool scaled)
    : rows_(rows),
      columns_(columns),
      scaled_(scaled),
      cells_(std::size_t{rows} * columns, 0),
      failed_(cells_.size(), 0),
      writes_(cells_.size(), 0) {}

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
  remove_loads(block);
  loads_.push_back({block, full_scale, operation, now_s_});
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::size_t first = at(block.first_row + r, block.first_column);
    for (unsigned c = 0; c < block.columns; ++c) ++writes_[first + c];
  }
  return write(block, weights, stride, full_scale, operation);
}

MultiplyReport Array::multiply(const Block& block, const std::int8_t* inputs, std::size_t stride,
                               std::size_t count, std::uint64_t first_operation,
                               std::int32_t* accumulators) const {
  require_inside(block);
  return product(block, inputs, stride, count, first_operation, accumulators);
}

VerifyReport Array::verify(const Block& block, const std::int8_t* expected, std::size_t stride,
                           double tolerance, std::uint64_t operation) const {
  require_inside(block);
  std::vector<float> read(block.cells());
  read_cells(block, operation, read.data());
  VerifyReport report;
  double squares = 0.0;
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c) {
      const double value = static_cast<double>(read[std::size_t{r} * block.columns + c]);
      const double error = std::abs(value - expected[r * stride + c]);
      squares += error * error;
      report.max_error = std::max(report.max_error, error);
      if (error > tolerance) ++report.failed;
    }
  report.cells = block.cells();
  report.rms_error = std::sqrt(squares / static_cast<double>(report.cells));
  return report;
}

void Array::read_cells(const Block& block, std::uint64_t, float* weights) const {
  std::vector<std::int8_t> bytes(block.cells());
  readback(block, bytes.data(), block.columns);
  std::copy(bytes.begin(), bytes.end(), weights);
}

ProgramReport Array::refresh(const Block& block, std::uint64_t operation) {
  require_inside(block);
  ProgramReport report;
  const std::vector<WeightLoad> before = loads_;  // `program` changes the list
  std::vector<std::int8_t> weights;
  for (const WeightLoad& load : before) {
    const Block part = intersection(load.block, block);
    if (part.cells() == 0) continue;
    weights.resize(part.cells());
    readback(part, weights.data(), part.columns);
    report += program(part, weights.data(), part.columns, load.full_scale, operation);
  }
  return report;
}

CalibrationReport Array::recalibrate(std::span<const std::int8_t>, std::size_t, std::size_t,
                                     std::uint64_t) {
  return {};
}

void Array::advance(double now_s) {
  if (!(now_s > now_s_)) return;
  now_s_ = now_s;
  if (std::isfinite(retention_s_)) known_ready_.reset();
  update_age();
}

void Array::set_initial_age(double seconds) {
  initial_age_s_ = std::max(0.0, seconds);
  known_ready_.reset();
  update_age();
}

double Array::age_s(const Block& block) const {
  double age = 0.0;
  for (const WeightLoad& load : loads_)
    if (intersection(load.block, block).cells() > 0) age = std::max(age, age_of(load));
  return age;
}

CellState Array::state(const Block& block) const {
  require_inside(block);
  if (known_ready_ == block) return CellState::ready;
  const std::uint8_t* const top = &cells_[at(block.first_row, block.first_column)];
  bool mixed = false;
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::uint8_t* const row = top + std::size_t{r} * columns_;
    if (std::memchr(row, 0, block.columns) != nullptr) return CellState::unprogrammed;
    mixed = mixed || std::memcmp(row, top, block.columns) != 0;
  }
  if (std::isfinite(retention_s_) && age_s(block) > retention_s_) return CellState::expired;
  if (mixed) return CellState::mixed_full_scale;
  known_ready_ = block;
  return CellState::ready;
}

void Array::erase(const Block& block) {
  require_inside(block);
  mark(block, 0);
  remove_loads(block);
}

std::uint64_t Array::failed_cells(const Block& block) const {
  require_inside(block);
  std::uint64_t count = 0;
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      count += failed(block.first_row + r, block.first_column + c) ? 1u : 0u;
  return count;
}

std::uint32_t Array::writes(const Block& block) const {
  require_inside(block);
  std::uint32_t most = 0;
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::size_t first = at(block.first_row + r, block.first_column);
    for (unsigned c = 0; c < block.columns; ++c) most = std::max(most, writes_[first + c]);
  }
  return most;
}

void Array::mark(const Block& block, unsigned full_scale) {
  known_ready_.reset();
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::size_t first = at(block.first_row + r, block.first_column);
    std::uint8_t* const row = &cells_[first];
    const auto empty = std::count(row, row + block.columns, 0);
    if (full_scale != 0) {
      programmed_ += static_cast<std::uint64_t>(empty);
    } else {
      programmed_ -= block.columns - static_cast<std::uint64_t>(empty);
    }
    std::memset(row, static_cast<int>(full_scale), block.columns);
    std::memset(&failed_[first], 0, block.columns);
  }
}

void Array::remove_loads(const Block& block) {
  std::vector<WeightLoad> kept;
  for (const WeightLoad& load : loads_) {
    const Block hole = intersection(load.block, block);
    if (hole.cells() == 0) {
      kept.push_back(load);
      continue;
    }
    const auto keep = [&](unsigned row, unsigned rows, unsigned column, unsigned columns) {
      if (rows == 0 || columns == 0) return;
      kept.push_back(load);
      kept.back().block = {row, rows, column, columns};
    };
    const Block& old = load.block;
    const unsigned hole_end = hole.first_row + hole.rows;
    const unsigned column_end = hole.first_column + hole.columns;
    keep(old.first_row, hole.first_row - old.first_row, old.first_column, old.columns);
    keep(hole_end, old.first_row + old.rows - hole_end, old.first_column, old.columns);
    keep(hole.first_row, hole.rows, old.first_column, hole.first_column - old.first_column);
    keep(hole.first_row, hole.rows, column_end, old.first_column + old.columns - column_end);
  }
  loads_ = std::move(kept);
}

}  // namespace aimc::cim
