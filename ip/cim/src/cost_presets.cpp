// SPDX-License-Identifier: Apache-2.0
// Costs and converters of each technology's published macro, for tiles that are switched to it.
// The tile's digital unit and SRAM stay what the platform file says: they are not the technology's.
//
// Marks: M measured and published, C from the tables of a public tool, Q second hand, D derived,
// A assumed, no figure found.
#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cost.h"
#include "aimc/cim/dram/dram_array.h"
#include "aimc/cim/system_cost.h"

namespace aimc::cim {
namespace {

struct Preset {
  const char* kind;
  void (*apply)(TileConfig& config);
};

constexpr double kFemto = 1e-15, kPico = 1e-12;  // joules
constexpr double kSquareMicron = 1e-12;          // square metres

/// No time, energy or area of array and converters; digital unit and SRAM as they are.
void clear_array(TileConfig& config) {
  config.dac = {};
  config.adc = {};
  TimingConfig& timing = config.timing;
  timing.input = "pulse_width";
  timing.phases = 1;
  timing.setup_s = timing.phase_gap_s = timing.dac_step_s = timing.adc_s = timing.adc_bit_s = 0.0;
  timing.segment_bits = timing.rows_at_once = timing.start_cycles = 0;
  timing.columns_per_adc = 1;
  const EnergyConfig kept = config.energy;
  config.energy = {};
  config.energy.digital = kept.digital;
  config.energy.mac = config.energy.mac_phase = 0.0;
  config.energy.static_power = 1e-3;  // A
  config.area.cell = config.area.row = config.area.column = 0.0;
}

/// HERMES, 14 nm; the defaults of all structs are its values.
void pcm(TileConfig& config) {
  clear_array(config);
  const TimingConfig timing;
  config.timing.setup_s = timing.setup_s;
  config.timing.phase_gap_s = timing.phase_gap_s;
  config.timing.dac_step_s = timing.dac_step_s;
  const EnergyConfig energy;
  config.energy.mac = energy.mac;
  config.energy.mac_phase = energy.mac_phase;
  config.energy.static_power = energy.static_power;
  config.area.cell = AreaConfig().cell;
}

/// NeuRRAM, 130 nm [N22]: voltage-mode neurons integrate bit k of an input 2^k times and convert by
/// binary search, magnitudes of more than 3 bits in two halves. Fitted by us (D) to throughput and
/// efficiency at eight pairs of input and output bits and to the energy of word lines (here array),
/// input pulses (dac) and neurons (adc), as the tables of github.com/mit-emze/cimloop hold them;
/// the paper gives 10 + 10 + 240 ns a step, the fit 295 ns. Areas from the same source: neurons
/// 28 %, drivers 21 %, cells 12 % of a core.
void reram(TileConfig& config) {
  clear_array(config);
  config.adc.levels = 127;
  config.timing.input = "integrate";
  config.timing.dac_step_s = 295e-9;
  config.timing.segment_bits = 3;
  config.timing.adc_s = 287e-9;
  config.timing.adc_bit_s = 300e-9;
  config.energy.mac = 2 * kFemto;
  config.energy.mac_bit = 14.8 * kFemto;
  config.energy.dac_bit = 1.93 * kPico;
  config.energy.adc_bit = 0.458 * kPico;
  config.energy.sample = 1.216 * kPico;
  config.energy.integrate = 0.163 * kPico;
  config.area.cell = 4.25 * kSquareMicron;
  config.area.row = 1900 * kSquareMicron;
  config.area.column = 1270 * kSquareMicron;
}

/// Mythic M1076, 40 nm: a product "within a few us" (A: 1 us); 5.2 TOPS/W measured for the chip
/// (Q: ISSCC 2022 as quoted in Le Gallo et al. 2023), of which the array with its converters is
/// taken as 0.3 pJ a MAC (A). 190 mm2 for 80 M weights leave 2.4 um2 for everything (D).
void nor(TileConfig& config) {
  clear_array(config);
  config.timing.setup_s = 104e-9;            // A
  config.timing.dac_step_s = 7e-9;           // A: 128 steps, about 1 us in all
  config.energy.mac = 300 * kFemto;          // A
  config.energy.static_power = 5e-3;         // A
  config.area.cell = 0.5 * kSquareMicron;    // A
  config.area.row = 100 * kSquareMicron;     // A
  config.area.column = 200 * kSquareMicron;  // A
}

/// 28 nm 1FeFET-1R: 885 TOPS/W (Q, Nature Communications 2023), 2.26 fJ a MAC of few bits, read
/// with 8-bit SAR converters at 32 nm (C: github.com/Accelergy-Project/hwcomponents-library).
void fefet(TileConfig& config) {
  clear_array(config);
  config.timing.setup_s = 10e-9;    // A
  config.timing.dac_step_s = 1e-9;  // A
  config.energy.mac = 2.26 * kFemto;
  config.energy.adc = 1.67 * kPico;
  config.energy.dac = 0.32 * kPico;        // C: 50 fF a bit at 0.9 V
  config.area.cell = 0.2 * kSquareMicron;  // A
  config.area.row = 20 * kSquareMicron;    // A
  config.area.column = 1200 * kSquareMicron;
}

/// Digital sums: adder tree after Chih et al., ISSCC 2021, 22 nm, 89 TOPS/W at 4b x 4b (Q), 3.3
/// TOPS of 256 x 64 weights of 4 bits (R, taken as A); adders in the cells after Colonnade, 65 nm.
void digital_sram(TileConfig& config) {
  config.area.cell = 3.1 * kSquareMicron;  // D: 16.3 TOPS/mm2 and 3.3 TOPS for 64 kb
  if (config.sram.variant == "adder_tree") {
    config.timing.dac_step_s = 2.5e-9;
    config.energy.mac_bit = 22.5 * kFemto / 16;
    return;
  }
  const BitSerialCost cost = bit_serial_cost(config.sram.weight_bits);
  config.timing.dac_step_s = cost.step_seconds;
  config.energy.mac_bit = cost.bit_pair_joules;
}

/// Charge domain after Jia et al., JSSC 55(9):2609 (2020), 65 nm, 1.2 V (M): columns of 2304 cells
/// take 20.4 pJ, converters 3.56 pJ, a product of one input bit 0.54 us; areas C: cimloop.
void charge_sram(TileConfig& config) {
  config.timing.dac_step_s = 0.54e-6;
  config.energy.mac_bit = 20.4 * kPico / 2304;
  config.energy.adc = 3.56 * kPico;
  config.area.cell = 4.93 * kSquareMicron;
  config.area.column = 1941 * kSquareMicron;
}

void sram(TileConfig& config) {
  clear_array(config);
  if (config.sram.variant == "charge") return charge_sram(config);
  if (config.sram.variant != "current") return digital_sram(config);
  config.timing.dac_step_s = 5.5e-9;         // A: as the 7 nm 8T macro
  config.energy.mac_bit = 3 * kFemto;        // A
  config.energy.adc = 1.2 * kPico;           // C: 6-bit SAR at 32 nm
  config.area.cell = 1 * kSquareMicron;      // A
  config.area.column = 627 * kSquareMicron;  // C: 6-bit SAR at 32 nm
}

/// BitROM, ASP-DAC 2026, 65 nm (S/Q): 20.8 TOPS/W with ternary weights and 8-bit inputs, 12 fJ a
/// cell and input bit, half of that a bit of weight; 4967 kB/mm2. Charge variant after Yin et al.,
/// JSSC 2024, 65 nm, 0.096 um2 a bit; energies as the 65 nm charge SRAM (A). Times A.
void rom(TileConfig& config) {
  clear_array(config);
  if (config.rom.variant == "charge") {
    charge_sram(config);
    config.timing.dac_step_s = 100e-9;  // A
    config.area.cell = 0.096 * kSquareMicron * config.rom.charge.bits_per_cell;
    return;
  }
  const bool ternary = config.rom.variant == "ternary";
  config.timing.dac_step_s = 10e-9;  // A
  config.energy.mac_bit = (ternary ? 12 : 6) * kFemto;
  config.area.cell = (ternary ? 0.0491 : 0.0246) * kSquareMicron;
}

/// Princeton 22 nm: 19.5 to 41.6 TOPS/W of one bit, converters included (Q): 67 fJ at 30. Samsung
/// Nature 2022: 405 TOPS/W at best (Q). Times and areas A.
void mram(TileConfig& config) {
  clear_array(config);
  const bool series = config.mram.variant == "resistance_sum";
  config.timing.dac_step_s = series ? 100e-9 : 50e-9;  // A
  config.energy.mac_bit = (series ? 4.94 : 66.7) * kFemto;
  config.area.cell = 0.05 * kSquareMicron;   // A
  config.area.column = 627 * kSquareMicron;  // C: 6-bit SAR at 32 nm
}

/// Gain cells 16 nm: 73 to 163 TOPS/W (Q, ISSCC 2024), 20 fJ a MAC of 8 bits taken. Charge sharing
/// in a commodity array: A. Times from the technology's own parameters.
void dram(TileConfig& config) {
  clear_array(config);
  config.timing.dac_step_s = dram_step_seconds(config);
  const bool gain = config.dram.variant == "gain_cell";
  config.energy.mac_bit = (gain ? 20.0 / 64 : 1.0) * kFemto;
  config.area.cell = 0.05 * kSquareMicron;   // A
  config.area.column = 300 * kSquareMicron;  // A
}

constexpr Preset kPresets[] = {
    {"pcm", pcm},     {"nor", nor},   {"rom", rom},   {"sram", sram},
    {"reram", reram}, {"mram", mram}, {"dram", dram}, {"fefet", fefet},
};

}  // namespace

TileConfig effective(TileConfig config) {
  const bool own_converters = find_array_kind(config.kind).read_shape != nullptr;
  // "any": costs of pairs behind the tile's converters suit no technology with its own.
  if (config.costs == config.kind || (config.costs == "any" && !own_converters)) return config;
  for (const Preset& preset : kPresets)
    if (config.kind == preset.kind) preset.apply(config);
  return config;
}

}  // namespace aimc::cim
