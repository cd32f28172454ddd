// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
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

/// Cells of both blocks; no cells if they do not meet.
Block intersection(const Block& a, const Block& b);

/// What a weight load did and cost.
struct ProgramReport {
  std::uint64_t cells = 0;
  std::uint64_t failed = 0;  ///< Cells that did not converge.
  std::uint64_t pulses = 0;  ///< Programming pulses over all devices.
  double seconds = 0.0;
  double joules = 0.0;

  ProgramReport& operator+=(const ProgramReport& other);
};

/// What a batch of products did.
struct MultiplyReport {
  std::uint64_t clipped = 0;         ///< Conversions beyond the ADC's range.
  std::uint64_t extra_products = 0;  ///< Repeats by bound management, beyond one per vector.
};

/// What a comparison of a block with what it should hold found.
struct VerifyReport {
  std::uint64_t cells = 0;
  std::uint64_t failed = 0;  ///< Cells further off than the tolerance.
  double rms_error = 0.0;    ///< In steps of the int8 weights.
  double max_error = 0.0;
};

/// What a recalibration found and took.
struct CalibrationReport {
  std::uint64_t products = 0;   ///< Products spent on it; the caller charges their time.
  double drift_factor = 1.0;    ///< Mean over columns.
  double adc_full_scale = 0.0;  ///< Input of the largest code [cells]; 0 = no converters.
};

/// Whether a block can take part in a product.
enum class CellState {
  ready,
  unprogrammed,      ///< A cell of the block holds no weight.
  mixed_full_scale,  ///< A column of the block holds weights of different full scales.
  expired,           ///< A cell of the block is older than the technology retains it.
};

/// Cells written together, or what later loads left of them.
struct WeightLoad {
  Block block;
  unsigned full_scale = 0;
  std::uint64_t operation = 0;
  double programmed_s = 0.0;  ///< On the clock of `Array::advance`.
};

/// One array of one technology with its converters: weights in, accumulators out.
///
/// All kinds answer in the same unit, "accumulator units": what the exact integer product
/// sum(w * x) would give. Analog kinds scale their ADC codes back digitally, so a network image
/// does not depend on the kind. Results are a function of (seed, instance, operation number,
/// operands, age): batching and threads cannot change a bit.
///
/// Time: the array has a clock that its user moves by `advance`, never during a `multiply`. A
/// weight load is `initial age + now - time of programming` old.
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
  /// A load that is stopped after some rows: `erase` the others.
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

  /// Reads each cell once, with the noise of one read, and compares it with `expected`.
  /// @param tolerance  largest error of a good cell, in steps of the int8 weights.
  /// @param operation  keys the draws; counts with the products.
  VerifyReport verify(const Block& block, const std::int8_t* expected, std::size_t stride,
                      double tolerance, std::uint64_t operation) const;

  /// Reads what a block holds and programs it again, so that its age is the initial one. Cells
  /// without weights stay so.
  /// @param operation  as for `program`.
  virtual ProgramReport refresh(const Block& block, std::uint64_t operation);

  /// Measures what the periphery corrects: factors of the drift compensation and, if `inputs` are
  /// given (`count` vectors of all rows, `stride` bytes apart), the range of the ADCs.
  /// @param operation  number of the first product that it spends.
  virtual CalibrationReport recalibrate(std::span<const std::int8_t> inputs, std::size_t stride,
                                        std::size_t count, std::uint64_t operation);

  /// Moves the array's clock. Earlier times than the present are ignored.
  void advance(double now_s);
  double now_s() const { return now_s_; }
  /// Age of weights at the moment of their programming, for arrays as they will be later.
  void set_initial_age(double seconds);
  double initial_age_s() const { return initial_age_s_; }
  /// Age of the oldest weights of a block; 0 if it has none.
  double age_s(const Block& block) const;

  CellState state(const Block& block) const;
  /// Forgets the weights of a block, e.g. those that a stopped weight load did not reach.
  void erase(const Block& block);
  std::uint64_t programmed_cells() const { return programmed_; }
  /// Whether the last weight load of a cell did not converge.
  bool failed(unsigned row, unsigned column) const { return failed_[at(row, column)] != 0; }
  std::uint64_t failed_cells(const Block& block) const;
  /// Weight loads of the most written cell of a block.
  std::uint32_t writes(const Block& block) const;
  const std::vector<WeightLoad>& loads() const { return loads_; }

  unsigned rows() const { return rows_; }
  unsigned columns() const { return columns_; }

 protected:
  virtual ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                              unsigned full_scale, std::uint64_t operation) = 0;
  virtual MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                 std::size_t count, std::uint64_t first_operation,
                                 std::int32_t* accumulators) const = 0;
  /// One noisy read of each cell in steps of the int8 weights, [rows][columns]; for `verify`.
  virtual void read_cells(const Block& block, std::uint64_t operation, float* weights) const;
  /// The clock moved, or the initial age changed: cells may have to be computed anew.
  virtual void update_age() {}
  /// Weights older than this are lost (CellState::expired); infinite unless set.
  void set_retention(double seconds) { retention_s_ = seconds; }
  void mark_failed(unsigned row, unsigned column) { failed_[at(row, column)] = 1; }
  double age_of(const WeightLoad& load) const {
    return initial_age_s_ + now_s_ - load.programmed_s;
  }
  /// Full scale of a programmed cell (1 if the kind has none), 0 for an unprogrammed one.
  unsigned full_scale(unsigned row, unsigned column) const { return cells_[at(row, column)]; }

 private:
  std::size_t at(unsigned row, unsigned column) const {
    return std::size_t{row} * columns_ + column;
  }
  void require_inside(const Block& block) const;
  /// Notes the full scale of a block's cells, 0 for none, and keeps the count of the others.
  void mark(const Block& block, unsigned full_scale);
  /// Takes a block out of the list of loads, cutting those that reach into it.
  void remove_loads(const Block& block);

  unsigned rows_;
  unsigned columns_;
  bool scaled_;
  std::vector<std::uint8_t> cells_;    // full scale of each cell, 0 = unprogrammed
  std::vector<std::uint8_t> failed_;   // 1 = did not converge
  std::vector<std::uint32_t> writes_;  // of each cell
  std::vector<WeightLoad> loads_;      // disjoint blocks
  std::uint64_t programmed_ = 0;       // cells that are not 0
  double now_s_ = 0.0;
  double initial_age_s_ = 0.0;
  double retention_s_ = std::numeric_limits<double>::infinity();
  mutable std::optional<Block> known_ready_;
};

}  // namespace aimc::cim
