// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "aimc/cim/ideal/ideal_config.h"
#include "aimc/cim/pcm/pcm_config.h"
#include "aimc/common/engine_config.h"
#include "aimc/common/params.h"

namespace aimc::cim {

/// Input converters: signed magnitude, pulse width.
struct DacConfig {
  unsigned bits = 8;  ///< Sign included, 2..8: 2^(bits-1) - 1 levels for each sign.
};

/// Output converters of an analog array.
///
/// Defaults from HERMES [H22,H23]: a current-controlled oscillator of 35 MHz/uA counts for 128 ns
/// and is linear up to 100 uA: 35e6 * 100 * 128e-9 = 448 counts. One cell at g_max = 20.7 uS and
/// 0.2 V draws 4.14 uA, so full scale is 100 / 4.14 = 24.15 cells and one count is 0.054 cells.
struct AdcConfig {
  std::string kind = "counter";  ///< "counter" rounds and clips; "ideal" passes the value on.
  unsigned levels = 448;         ///< Largest code of each sign at full scale.
  double full_scale = 24.15;     ///< Input of the largest code [cells at g_max with full input].
  double gain_spread = 0.07;     ///< Relative sigma of the gain over converters, see `AdcBank`.
};

/// Time of one product: setup + phases * (phase_gap + 2^(dac.bits-1) * dac_step), then the local
/// digital unit. With the defaults 133 ns (1 phase) and 520 ns (4 phases) as in [H23].
struct TimingConfig {
  unsigned phases = 1;             ///< Read phases of one product, 1 or 4 on HERMES.
  double setup_s = 4e-9;           ///< Once a product; fitted to the two published times.
  double phase_gap_s = 1e-9;       ///< Once a phase; fitted likewise.
  double dac_step_s = 1e-9;        ///< One step of the pulse-width DAC.
  unsigned outputs_per_cycle = 1;  ///< Local digital unit: columns per clock.
  unsigned digital_latency = 18;   ///< Clocks from a conversion to its int8 result.
  bool pipelined = true;           ///< A product starts while the digital unit does the last.
};

/// Energy by cause. Defaults: HERMES, from its totals (the paper gives no split into parts), so the
/// converters' share is inside `mac` and `mac_phase`.
struct EnergyConfig {
  double mac = 4.67e-15;          ///< Per driven cell and product [J].
  double mac_phase = 200.33e-15;  ///< Per driven cell and phase [J].
  double dac = 0.0;               ///< Per driven row and product [J].
  double adc = 0.0;               ///< Per converted column and product [J].
  double digital = 215e-12;       ///< Per result of the local digital unit [J].
  double static_power = 45e-3;    ///< The whole run, of a tile that holds weights at its end [W].
};

/// Parameters of one tile: command engine, array, converters, time and energy.
struct TileConfig {
  EngineConfig engine;
  std::string kind = "ideal";  ///< Memory technology; see `array_kinds()`.
  unsigned rows = 256;         ///< Word lines.
  unsigned columns = 256;      ///< Bit lines.
  DacConfig dac;
  AdcConfig adc;
  TimingConfig timing;
  EnergyConfig energy;
  IdealConfig ideal;  ///< One struct for each technology; only that of `kind` has an effect.
  PcmConfig pcm;
};

void describe(ParamTable& params, TileConfig& config);

/// Time model, shared by the tile and the compiler. All results in seconds; `rows` and `columns`
/// are those of the block, not of the array.

/// One product in the array: from driven rows to held column codes.
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
/// A READBACK command: one product per row, one row driven at a time.
double readback_seconds(const TileConfig& config, unsigned rows, unsigned columns);

}  // namespace aimc::cim
