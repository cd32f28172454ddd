// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "aimc/cim/tile_config.h"

namespace aimc::cim {

// Time, energy and area of a tile's operations: pure functions of its parameters, shared by the
// tile, the compiler and studies. Times in seconds; `rows` and `columns` are those of the block.

/// What one product of a block asks of drivers and converters.
struct ReadPlan {
  unsigned groups = 1;       ///< Groups of rows, read one after the other.
  unsigned planes = 1;       ///< Input bits shown in turn; 1 if the whole input is one event.
  std::uint64_t steps = 1;   ///< Input steps of one phase of one group.
  unsigned columns = 1;      ///< Columns of cells for each column of weights.
  unsigned conversions = 1;  ///< Conversions of a column of cells in one group.
  unsigned adc_bits = 0;     ///< Bits decided by these.
};
ReadPlan read_plan(const TileConfig& config, unsigned rows);

/// One product in the array: from driven rows to held column codes.
double array_seconds(const TileConfig& config, unsigned rows);
/// The same with all rows of the array.
double array_seconds(const TileConfig& config);
/// Loading `rows` int8 inputs from SRAM into the DACs.
double input_seconds(const TileConfig& config, unsigned rows);
/// The local digital unit for one vector of `columns`, without its latency.
double digital_seconds(const TileConfig& config, unsigned columns);
/// From one product to the next in a stream of MVM or CONV vectors.
double mvm_period_seconds(const TileConfig& config, unsigned rows, unsigned columns);
/// An MVM or CONV command of `count` vectors (without dispatch, see `EngineConfig`).
double mvm_seconds(const TileConfig& config, unsigned rows, unsigned columns, std::uint64_t count);
/// A DIGITAL command.
double digital_command_seconds(const TileConfig& config, unsigned columns, std::uint64_t count);
/// A PROGRAM command.
double program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
/// A READBACK or VERIFY command: one product per row, one row driven at a time.
double readback_seconds(const TileConfig& config, unsigned rows, unsigned columns);

/// Energy of operations by cause [J].
struct OperationEnergy {
  double array = 0.0;
  double dac = 0.0;
  double adc = 0.0;
  double digital = 0.0;

  double total() const { return array + dac + adc + digital; }
};
/// Power of a tile that holds weights, whatever it does: static, and refreshing of dynamic cells.
double static_watts(const TileConfig& config);
/// `count` products of a block and their results.
OperationEnergy product_energy(const TileConfig& config, unsigned rows, unsigned columns,
                               std::uint64_t count);
/// Reading a block row by row.
OperationEnergy readback_energy(const TileConfig& config, unsigned rows, unsigned columns);
/// `count` vectors through the local digital unit alone.
OperationEnergy digital_energy(const TileConfig& config, unsigned columns, std::uint64_t count);

/// Silicon by cause [m2].
struct TileArea {
  double array = 0.0;
  double dac = 0.0;
  double adc = 0.0;
  double digital = 0.0;
  double sram = 0.0;

  double total() const { return array + dac + adc + digital + sram; }
};
TileArea tile_area(const TileConfig& config);

/// Operations a second of one tile whose array is busy all the time; a product of a weight and an
/// input counts as two.
double peak_ops(const TileConfig& config);
/// Operations per joule of the array with its converters (no digital unit, no static power): what
/// most papers print as TOPS/W.
double peak_ops_per_joule(const TileConfig& config);

/// The configuration with the costs and converters of its kind: a platform file's `timing`,
/// `energy`, `area`, `dac` and `adc` belong to the technology that `costs` names. If another
/// `kind` is chosen, those of the published macro in `cost_presets.cpp` replace them; a kind
/// without preset (ideal) keeps the file's.
TileConfig effective(TileConfig config);

}  // namespace aimc::cim
