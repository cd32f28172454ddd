// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace aimc::cim {

/// A rectangle of cells.
struct Block {
  unsigned first_row = 0;
  unsigned rows = 0;
  unsigned first_column = 0;
  unsigned columns = 0;

  std::uint64_t cells() const { return std::uint64_t{rows} * columns; }
  bool operator==(const Block&) const = default;
};

/// What a weight load did and cost.
struct ProgramReport {
  std::uint64_t cells = 0;
  std::uint64_t failed = 0;  ///< Cells that did not converge.
  std::uint64_t pulses = 0;  ///< Programming pulses over all devices.
  double seconds = 0.0;
  double joules = 0.0;
};

/// What a batch of products did.
struct MultiplyReport {
  std::uint64_t clipped = 0;  ///< Conversions beyond the ADC's range.
};

/// Whether a block can take part in a product.
enum class CellState {
  ready,
  unprogrammed,      ///< A cell of the block holds no weight.
  mixed_full_scale,  ///< A column of the block holds weights of different full scales.
};

/// One array of one technology with its converters: weights in, accumulators out.
///
/// All kinds answer in the same unit, "accumulator units": what the exact integer product
/// sum(w * x) would give. Analog kinds scale their ADC codes back digitally, so a network image
/// does not depend on the kind. Results are a function of (seed, instance, operation number,
/// operands): batching and threads cannot change a bit.
class Array {
 public:
  /// @param rows, columns  size of the array.
  /// @param scaled         whether weights become conductances, so that full scales matter.
  Array(unsigned rows, unsigned columns, bool scaled);
  virtual ~Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  /// Writes int8 weights, `stride` bytes from one row to the next, into a block.
  ///
  /// @param full_scale  weight magnitude of the largest conductance, 1..127; larger ones saturate.
  ///                    Kinds without conductances ignore it.
  /// @param operation   number of this weight load; keys the random draws.
  /// @throws std::logic_error if the block leaves the array; the caller checks what guests write.
  ProgramReport program(const Block& block, const std::int8_t* weights, std::size_t stride,
                        unsigned full_scale, std::uint64_t operation);

  /// Multiplies `count` vectors of `block.rows` int8 inputs, `stride` bytes apart, with the block.
  ///
  /// Thread-safe against other calls of `multiply`.
  /// @param first_operation  number of the first product; vector n is operation first + n.
  /// @param accumulators     out, [count][block.columns].
  MultiplyReport multiply(const Block& block, const std::int8_t* inputs, std::size_t stride,
                          std::size_t count, std::uint64_t first_operation,
                          std::int32_t* accumulators) const;

  /// The present weights, rounded to int8, without read noise (verify reads average it away).
  virtual void readback(const Block& block, std::int8_t* weights, std::size_t stride) const = 0;

  CellState state(const Block& block) const;
  /// Forgets the weights of a block, e.g. after an interrupted weight load.
  void erase(const Block& block);
  std::uint64_t programmed_cells() const { return programmed_; }

  unsigned rows() const { return rows_; }
  unsigned columns() const { return columns_; }

 protected:
  virtual ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                              unsigned full_scale, std::uint64_t operation) = 0;
  virtual MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                 std::size_t count, std::uint64_t first_operation,
                                 std::int32_t* accumulators) const = 0;
  /// Full scale of a programmed cell (1 if the kind has none), 0 for an unprogrammed one.
  unsigned full_scale(unsigned row, unsigned column) const {
    return cells_[std::size_t{row} * columns_ + column];
  }

 private:
  void require_inside(const Block& block) const;
  /// Notes the full scale of a block's cells, 0 for none, and keeps the count of the others.
  void mark(const Block& block, unsigned full_scale);

  unsigned rows_;
  unsigned columns_;
  bool scaled_;
  std::vector<std::uint8_t> cells_;  // full scale of each cell, 0 = unprogrammed
  std::uint64_t programmed_ = 0;     // cells that are not 0
  mutable std::optional<Block> known_ready_;
};

}  // namespace aimc::cim
