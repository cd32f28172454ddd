// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/integer_plane.h"
#include "aimc/cim/read_shape.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// What a cell adds to its bit line when its row is driven with an input bit.
enum class CellFunction {
  conjunction,  ///< Its level if the input bit is 1 (AND).
  equality,     ///< One level if stored bit and input bit are equal (XNOR); two devices a cell.
};

/// An array that holds weights as planes of cells with few levels and shows inputs bit by bit.
struct PlaneOptions {
  CellFunction function = CellFunction::conjunction;
  unsigned weight_bits = 8;     ///< 1..8.
  unsigned input_bits = 8;      ///< 1..8.
  unsigned bits_per_cell = 1;   ///< Above 1: offset binary digits, conjunction only.
  unsigned rows_at_once = 0;    ///< Rows of one conversion, even; 0 = all of a block.
  double low = 0.0;             ///< Of a cell that stores 0, relative to one level.
  double spread = 0.0;          ///< Relative sigma of a cell's level, drawn once a cell.
  bool log_normal = false;      ///< Spread of the logarithm instead.
  double stuck_fraction = 0.0;  ///< Cells that never change, half of them at 0, half at the top.
  double write_error = 0.0;     ///< Bits that a weight load leaves wrong.
  double cubic = 0.0;           ///< Bit line: s becomes s - cubic * s^3 / full^2.
  bool converted = true;        ///< False: a counter reads the exact level (nearest integer).
  unsigned adc_bits = 8;
  double noise = 0.0;   ///< Sigma of a conversion [steps of the converter].
  double offset = 0.0;  ///< Sigma over converters of what calibration leaves [steps].
};

/// Bit-plane array. With w = sum_p d_p b_p + c_w and x = sum_q e_q a_q + c_x (two's complement:
/// d, e are powers of two, the last negative, c = 0; one bit: d = 2, c = -1; several bits a cell:
/// d are powers of 2^bits_per_cell, c_w = -2^(weight_bits-1)), for each group of rows, each p and
/// each q the column holds
///
///   s = sum over driven rows of the cells' levels (+ variation), through the bit line's curve,
///
/// which the converter turns into code = clamp(round(s / step + offset + noise), 0, 2^bits - 1).
/// A reference column of driven cells that store 0 is subtracted before. The step is one level
/// while a group's levels have codes (full <= 2^bits), so the sum is then exact as long as noise
/// and variation stay below half a level; else full / (2^bits - 1). Shift and add of codes and
/// the terms with c_w and c_x are exact integers.
///
/// Values beyond weight_bits or input_bits saturate as in `to_operand`; such weights count as
/// failed cells, such inputs as clipped.
class PlaneArray : public Array {
 public:
  PlaneArray(unsigned rows, unsigned columns, const PlaneOptions& options,
             const RandomStream& random);

  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;

  const PlaneOptions& options() const { return options_; }
  unsigned weight_planes() const { return static_cast<unsigned>(planes_.size()); }
  ReadShape shape() const;
  /// Levels of one code of the converter for a block of `rows` rows.
  double step(unsigned rows) const;

 protected:
  /// Stores the weights. @returns cells that do not hold what was asked for.
  std::uint64_t store(const Block& block, const std::int8_t* weights, std::size_t stride,
                      std::uint64_t operation);
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;
  /// Factor on every stored level now, e.g. of charge that leaks.
  virtual double level_scale(const Block&) const { return 1.0; }
  const RandomStream& random() const { return random_; }

 private:
  struct Scratch;
  struct Group;
  void store_row(const Block& block, unsigned r, const std::int8_t* weights,
                 std::uint64_t operation, std::uint64_t& failed);
  unsigned full_levels(unsigned rows) const;
  std::uint64_t load_inputs(const Block& block, const std::int8_t* inputs, std::size_t stride,
                            Scratch& scratch) const;
  void count_ones(const Block& block, const Group& group, Scratch& scratch) const;
  std::uint64_t convert(const Block& block, const Group& group, std::uint64_t first_operation,
                        Scratch& scratch) const;
  void sum_weights(const Block& block, Scratch& scratch) const;
  void finish(const Block& block, const Scratch& scratch, std::int32_t* out) const;

  PlaneOptions options_;
  RandomStream random_;
  std::vector<int> weight_digits_;    // d_p
  std::vector<int> input_digits_;     // e_q
  int weight_constant_;               // c_w
  int input_constant_;                // c_x
  std::vector<IntegerPlane> planes_;  // level when driven with 1 (equality: that minus bases_)
  std::vector<IntegerPlane> bases_;   // equality: level when driven with 0
  std::vector<std::int8_t> held_;     // what sense amplifiers read, [rows][columns]
  std::vector<float> offsets_;        // [plane][column]
  bool undriven_is_zero_ = false;     // no noise or offset can turn an undriven column's code
};

}  // namespace aimc::cim
