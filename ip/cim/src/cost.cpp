// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/cost.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/dram/dram_array.h"

namespace aimc::cim {
namespace {

double in_cycles(const TileConfig& config, std::uint64_t count, unsigned per_cycle) {
  const std::uint64_t cycles = (count + per_cycle - 1) / per_cycle;
  return static_cast<double>(cycles) / config.engine.clock_hz;
}

double latency_seconds(const TileConfig& config) {
  return in_cycles(config, config.timing.digital_latency, 1);
}

/// Bits of a signed code of +-levels; none are decided by ideal converters.
unsigned code_bits(const AdcConfig& adc) {
  return adc.kind == "ideal" ? 0 : static_cast<unsigned>(std::bit_width(adc.levels)) + 1;
}

/// Technologies with converters of their own: inputs bit by bit, every cell of a weight with a
/// column of its own.
void plan_shape(const ReadShape& shape, unsigned rows, ReadPlan& plan) {
  const unsigned together = shape.rows_at_once;
  if (together > 0) plan.groups = std::max(1u, (rows + together - 1) / together);
  plan.planes = shape.input_planes;
  plan.steps = shape.input_planes;
  plan.columns = shape.weight_planes;
  plan.conversions = shape.adc_bits > 0 ? shape.input_planes : 0;
  plan.adc_bits = plan.conversions * shape.adc_bits;
}

/// Share of time in which the array refreshes its rows.
double refresh_share(const TileConfig& config) {
  return config.kind == "dram" ? std::min(dram_refresh_share(config), 0.999) : 0.0;
}

/// Magnitude bits in one segment or two halves, as the neurons of NeuRRAM take them: bit k is
/// integrated 2^k times, and a later segment is converted with fewer bits because it counts less.
void plan_integration(const TileConfig& config, ReadPlan& plan) {
  const unsigned magnitude = std::max(config.dac.bits - 1, 1u);
  const unsigned limit = config.timing.segment_bits;
  const bool halves = limit > 0 && magnitude > limit;
  const unsigned first = halves ? (magnitude + 1) / 2 : magnitude;
  const unsigned second = magnitude - first;
  const unsigned bits = code_bits(config.adc);
  plan.planes = magnitude;
  plan.steps = (std::uint64_t{1} << first) - 1;
  plan.conversions = 1;
  plan.adc_bits = bits;
  if (second == 0) return;
  plan.steps += (std::uint64_t{1} << second) - 1;
  plan.conversions = 2;
  plan.adc_bits += bits > first ? bits - first : 0;
}

}  // namespace

ReadPlan read_plan(const TileConfig& config, unsigned rows) {
  const TimingConfig& timing = config.timing;
  ReadPlan plan;
  const ArrayKind& kind = find_array_kind(config.kind);
  if (kind.read_shape != nullptr) {
    plan_shape(kind.read_shape(config), rows, plan);
    return plan;
  }
  if (config.crossbar.arrangement == "bit_slices") plan.columns = config.crossbar.pairs;
  if (timing.rows_at_once > 0)
    plan.groups = std::max(1u, (rows + timing.rows_at_once - 1) / timing.rows_at_once);
  plan.adc_bits = code_bits(config.adc);
  if (timing.input == "pulse_width") {
    plan.steps = std::uint64_t{1} << (config.dac.bits - 1);
  } else if (timing.input == "bit_serial") {
    plan.planes = config.dac.bits;
    plan.steps = config.dac.bits;
    plan.conversions = config.dac.bits;
    plan.adc_bits *= config.dac.bits;
  } else if (timing.input == "integrate") {
    plan_integration(config, plan);
  }
  return plan;
}

double array_seconds(const TileConfig& config, unsigned rows) {
  const TimingConfig& timing = config.timing;
  const ReadPlan plan = read_plan(config, rows);
  const double drive =
      timing.phases * (timing.phase_gap_s + static_cast<double>(plan.steps) * timing.dac_step_s);
  const double convert =
      timing.columns_per_adc * (plan.conversions * timing.adc_s + plan.adc_bits * timing.adc_bit_s);
  return (timing.setup_s + plan.groups * (drive + convert)) / (1.0 - refresh_share(config));
}

double array_seconds(const TileConfig& config) { return array_seconds(config, config.rows); }

double input_seconds(const TileConfig& config, unsigned rows) {
  return in_cycles(config, rows, config.engine.sram_bytes_per_cycle);
}

double digital_seconds(const TileConfig& config, unsigned columns) {
  return in_cycles(config, columns, config.timing.outputs_per_cycle);
}

double mvm_period_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  const double input = input_seconds(config, rows);
  double array = array_seconds(config, rows);
  if (const unsigned start = config.timing.start_cycles; start > 0)
    array = (std::ceil(array * config.engine.clock_hz) + start) / config.engine.clock_hz;
  const double digital = digital_seconds(config, columns);
  if (!config.timing.pipelined) return input + array + digital + latency_seconds(config);
  return std::max({input, array, digital});
}

double mvm_seconds(const TileConfig& config, unsigned rows, unsigned columns, std::uint64_t count) {
  if (count == 0) return 0.0;
  const double one = input_seconds(config, rows) + array_seconds(config, rows) +
                     digital_seconds(config, columns) + latency_seconds(config);
  return one + static_cast<double>(count - 1) * mvm_period_seconds(config, rows, columns);
}

double digital_command_seconds(const TileConfig& config, unsigned columns, std::uint64_t count) {
  return static_cast<double>(count) * digital_seconds(config, columns) + latency_seconds(config);
}

double program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return find_array_kind(config.kind).program_seconds(config, rows, columns);
}

double readback_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return rows * std::max(array_seconds(config, 1), digital_seconds(config, columns));
}

double static_watts(const TileConfig& config) {
  const double refresh = config.kind == "dram" ? dram_refresh_power(config) : 0.0;
  return config.energy.static_power + refresh;
}

OperationEnergy product_energy(const TileConfig& config, unsigned rows, unsigned columns,
                               std::uint64_t count) {
  const EnergyConfig& costs = config.energy;
  const ReadPlan plan = read_plan(config, rows);
  const double products = static_cast<double>(count);
  const double phases = config.timing.phases;
  const double steps = static_cast<double>(plan.steps);
  OperationEnergy energy;
  const double cells = static_cast<double>(columns) * plan.columns;
  energy.array = products * rows * cells *
                 (costs.mac + phases * costs.mac_phase + plan.planes * costs.mac_bit);
  energy.dac = products * rows * (costs.dac + plan.planes * costs.dac_bit);
  energy.adc = products * cells * plan.groups *
               (plan.conversions * costs.adc + plan.adc_bits * costs.adc_bit +
                plan.planes * costs.sample + steps * costs.integrate);
  energy.digital = products * columns * costs.digital;
  return energy;
}

OperationEnergy readback_energy(const TileConfig& config, unsigned rows, unsigned columns) {
  OperationEnergy energy = product_energy(config, 1, columns, rows);
  energy.digital = 0.0;  // codes go to SRAM as they are
  return energy;
}

OperationEnergy digital_energy(const TileConfig& config, unsigned columns, std::uint64_t count) {
  OperationEnergy energy;
  energy.digital = config.energy.digital * columns * static_cast<double>(count);
  return energy;
}

TileArea tile_area(const TileConfig& config) {
  const AreaConfig& costs = config.area;
  TileArea area;
  const double columns =
      static_cast<double>(config.columns) * read_plan(config, config.rows).columns;
  area.array = costs.cell * config.rows * columns;
  area.dac = costs.row * config.rows;
  area.adc = costs.column * columns / config.timing.columns_per_adc;
  area.digital = costs.digital;
  area.sram = costs.sram_byte * static_cast<double>(config.engine.sram_bytes);
  return area;
}

double peak_ops(const TileConfig& config) {
  return 2.0 * config.rows * config.columns / array_seconds(config);
}

double peak_ops_per_joule(const TileConfig& config) {
  const OperationEnergy one = product_energy(config, config.rows, config.columns, 1);
  return 2.0 * config.rows * config.columns / (one.array + one.dac + one.adc);
}

}  // namespace aimc::cim
