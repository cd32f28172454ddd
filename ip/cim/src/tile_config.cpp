// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/tile_config.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/array_kinds.h"

namespace aimc::cim {
namespace {

void describe_converters(ParamTable& params, TileConfig& config) {
  params.begin_group("dac");
  params.integer("bits", config.dac.bits, 2u, 8u, "Input bits, sign included");
  params.end_group();
  AdcConfig& adc = config.adc;
  params.begin_group("adc");
  params.choice("kind", adc.kind, {"counter", "ideal"},
                "Converters of analog arrays; ideal neither rounds nor clips");
  params.integer("levels", adc.levels, 1u, 32767u, "Largest code of each sign");
  params.quantity("full_scale", adc.full_scale, Unit::none, 1e-3, 1e6,
                  "Input of the largest code, in cells at full conductance and input");
  params.quantity("gain_spread", adc.gain_spread, Unit::none, 0.0, 0.3,
                  "Relative sigma of the gain over converters, corrected digitally");
  params.end_group();
}

void describe_costs(ParamTable& params, TileConfig& config) {
  TimingConfig& timing = config.timing;
  params.begin_group("timing");
  params.integer("phases", timing.phases, 1u, 16u, "Read phases of one product");
  params.quantity("setup", timing.setup_s, Unit::second, 0.0, 1e-3, "Once a product");
  params.quantity("phase_gap", timing.phase_gap_s, Unit::second, 0.0, 1e-3, "Once a phase");
  params.quantity("dac_step", timing.dac_step_s, Unit::second, 0.0, 1e-3,
                  "One step of the pulse-width DAC");
  params.integer("outputs_per_cycle", timing.outputs_per_cycle, 1u, 4096u,
                 "Columns per clock of the local digital unit");
  params.integer("digital_latency", timing.digital_latency, 0u, 100000u,
                 "Clocks through the local digital unit");
  params.flag("pipelined", timing.pipelined,
              "Products overlap with the local digital unit's work on the one before");
  params.end_group();
  EnergyConfig& energy = config.energy;
  params.begin_group("energy");
  params.quantity("mac", energy.mac, Unit::joule, 0.0, 1.0, "Per driven cell and product");
  params.quantity("mac_phase", energy.mac_phase, Unit::joule, 0.0, 1.0,
                  "Per driven cell and phase");
  params.quantity("dac", energy.dac, Unit::joule, 0.0, 1.0, "Per driven row and product");
  params.quantity("adc", energy.adc, Unit::joule, 0.0, 1.0, "Per converted column and product");
  params.quantity("digital", energy.digital, Unit::joule, 0.0, 1.0,
                  "Per result of the local digital unit");
  params.quantity("static_power", energy.static_power, Unit::watt, 0.0, 1e3,
                  "The whole run, of a tile that holds weights");
  params.end_group();
}

double in_cycles(const TileConfig& config, std::uint64_t count, unsigned per_cycle) {
  const std::uint64_t cycles = (count + per_cycle - 1) / per_cycle;
  return static_cast<double>(cycles) / config.engine.clock_hz;
}

double latency_seconds(const TileConfig& config) {
  return in_cycles(config, config.timing.digital_latency, 1);
}

}  // namespace

void describe(ParamTable& params, TileConfig& config) {
  params.choice("kind", config.kind, array_kind_names(), "Memory technology of the array");
  params.integer("rows", config.rows, 1u, 4096u, "Word lines");
  params.integer("columns", config.columns, 1u, 4096u, "Bit lines");
  describe(params, config.engine);
  describe_converters(params, config);
  describe_costs(params, config);
  for (const ArrayKind& kind : array_kinds()) {
    params.begin_group(kind.name);
    kind.describe(params, config);
    params.end_group();
  }
}

double array_seconds(const TileConfig& config) {
  const TimingConfig& timing = config.timing;
  const double window = std::ldexp(timing.dac_step_s, static_cast<int>(config.dac.bits) - 1);
  return timing.setup_s + timing.phases * (timing.phase_gap_s + window);
}

double input_seconds(const TileConfig& config, unsigned rows) {
  return in_cycles(config, rows, config.engine.sram_bytes_per_cycle);
}

double digital_seconds(const TileConfig& config, unsigned columns) {
  return in_cycles(config, columns, config.timing.outputs_per_cycle);
}

double mvm_period_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  const double input = input_seconds(config, rows);
  const double array = array_seconds(config);
  const double digital = digital_seconds(config, columns);
  if (!config.timing.pipelined) return input + array + digital + latency_seconds(config);
  return std::max({input, array, digital});
}

double mvm_seconds(const TileConfig& config, unsigned rows, unsigned columns, std::uint64_t count) {
  if (count == 0) return 0.0;
  const double one = input_seconds(config, rows) + array_seconds(config) +
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
  return rows * std::max(array_seconds(config), digital_seconds(config, columns));
}

}  // namespace aimc::cim
