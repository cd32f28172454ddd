// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Time of one product. All input codings and converters of the supported macros are cases of
///
///   setup + groups * (phases * (phase_gap + steps * dac_step)
///                     + columns_per_adc * (conversions * adc + adc_bits * adc_bit))
///
/// with steps, conversions and adc_bits from `ReadPlan`. With the defaults, of HERMES, 133 ns
/// (1 phase) and 520 ns (4 phases) as in [H23].
struct TimingConfig {
  /// How inputs are coded: pulse_width (2^(bits-1) steps), bit_serial (one step and one conversion
  /// a bit), integrate (bit k in 2^k steps, one conversion a segment), amplitude (one step).
  std::string input = "pulse_width";
  unsigned phases = 1;           ///< Read phases of one product, 1 or 4 on HERMES.
  double setup_s = 4e-9;         ///< Once a product; fitted to the two published times.
  double phase_gap_s = 1e-9;     ///< Once a phase; fitted likewise.
  double dac_step_s = 1e-9;      ///< One step of the input.
  unsigned segment_bits = 0;     ///< integrate: more magnitude bits go in two halves; 0 = never.
  unsigned rows_at_once = 0;     ///< Rows driven together; 0 = all. Groups follow each other.
  double adc_s = 0.0;            ///< One conversion (HERMES counts while the pulse lasts).
  double adc_bit_s = 0.0;        ///< Each bit that a converter decides.
  unsigned columns_per_adc = 1;  ///< Columns that take turns at one converter.
  /// Clocks between two products of a stream; with 1 or more they start on edges of the clock.
  unsigned start_cycles = 0;
  unsigned outputs_per_cycle = 1;  ///< Local digital unit: columns per clock.
  unsigned digital_latency = 18;   ///< Clocks from a conversion to its int8 result.
  bool pipelined = true;           ///< A product starts while the digital unit does the last.
};

/// Energy by cause. Defaults: HERMES, from its totals (the paper gives no split into parts), so the
/// converters' share is inside `mac` and `mac_phase`.
struct EnergyConfig {
  double mac = 4.67e-15;          ///< Per driven cell and product [J].
  double mac_phase = 200.33e-15;  ///< Per driven cell and phase [J].
  double mac_bit = 0.0;           ///< Per driven cell and input bit shown in turn [J].
  double dac = 0.0;               ///< Per driven row and product [J].
  double dac_bit = 0.0;           ///< Per driven row and input bit shown in turn [J].
  double adc = 0.0;               ///< Per conversion [J].
  double adc_bit = 0.0;           ///< Per bit that a converter decides [J].
  double sample = 0.0;            ///< Per column and input bit shown in turn [J].
  double integrate = 0.0;         ///< Per column and input step [J].
  double digital = 215e-12;       ///< Per result of the local digital unit [J].
  double static_power = 45e-3;    ///< The whole run, of a tile that holds weights at its end [W].
};

/// Silicon of one tile. Defaults: HERMES, a core of 1.392 mm2 of which 0.635 mm2 for products
/// (array, drivers and converters together, so they stand as cells here) [H23].
struct AreaConfig {
  double cell = 9.69e-12;     ///< Per cell, that is, per weight [m2].
  double row = 0.0;           ///< Input converter and driver of a row [m2].
  double column = 0.0;        ///< Converter share of a column [m2].
  double digital = 0.757e-6;  ///< Local digital unit, links, control [m2].
  double sram_byte = 0.0;     ///< Local SRAM [m2 a byte]; HERMES has none.
};

void describe(ParamTable& params, TimingConfig& timing);
void describe(ParamTable& params, EnergyConfig& energy);
void describe(ParamTable& params, AreaConfig& area);

}  // namespace aimc::cim
