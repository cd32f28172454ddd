// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/cost_config.h"

namespace aimc::cim {
namespace {

void add_time(ParamTable& params, const char* name, double& field, const char* brief) {
  params.quantity(name, field, Unit::second, 0.0, 1e-3, brief);
}

void add_energy(ParamTable& params, const char* name, double& field, const char* brief) {
  params.quantity(name, field, Unit::joule, 0.0, 1.0, brief);
}

void add_area(ParamTable& params, const char* name, double& field, const char* brief) {
  params.quantity(name, field, Unit::square_metre, 0.0, 1.0, brief);
}

}  // namespace

void describe(ParamTable& params, TimingConfig& timing) {
  params.choice("input", timing.input, {"pulse_width", "bit_serial", "integrate", "amplitude"},
                "Coding of inputs in time");
  params.integer("phases", timing.phases, 1u, 16u, "Read phases of one product");
  add_time(params, "setup", timing.setup_s, "Once a product");
  add_time(params, "phase_gap", timing.phase_gap_s, "Once a phase");
  add_time(params, "dac_step", timing.dac_step_s, "One step of the input");
  params.integer("segment_bits", timing.segment_bits, 0u, 7u,
                 "integrate: magnitudes of more bits go in two halves; 0 = never");
  params.integer("rows_at_once", timing.rows_at_once, 0u, 65535u,
                 "Rows driven together, the groups one after the other; 0 = all");
  add_time(params, "adc", timing.adc_s, "One conversion");
  add_time(params, "adc_bit", timing.adc_bit_s, "Each bit that a converter decides");
  params.integer("columns_per_adc", timing.columns_per_adc, 1u, 65535u,
                 "Columns that take turns at one converter");
  params.integer("start_cycles", timing.start_cycles, 0u, 1000u,
                 "Clocks between two products of a stream; if not 0, they start on clock edges");
  params.integer("outputs_per_cycle", timing.outputs_per_cycle, 1u, 4096u,
                 "Columns per clock of the local digital unit");
  params.integer("digital_latency", timing.digital_latency, 0u, 100000u,
                 "Clocks through the local digital unit");
  params.flag("pipelined", timing.pipelined,
              "Products overlap with the local digital unit's work on the one before");
}

void describe(ParamTable& params, EnergyConfig& energy) {
  add_energy(params, "mac", energy.mac, "Per driven cell and product");
  add_energy(params, "mac_phase", energy.mac_phase, "Per driven cell and phase");
  add_energy(params, "mac_bit", energy.mac_bit, "Per driven cell and input bit shown in turn");
  add_energy(params, "dac", energy.dac, "Per driven row and product");
  add_energy(params, "dac_bit", energy.dac_bit, "Per driven row and input bit shown in turn");
  add_energy(params, "adc", energy.adc, "Per conversion");
  add_energy(params, "adc_bit", energy.adc_bit, "Per bit that a converter decides");
  add_energy(params, "sample", energy.sample, "Per column and input bit shown in turn");
  add_energy(params, "integrate", energy.integrate, "Per column and input step");
  add_energy(params, "digital", energy.digital, "Per result of the local digital unit");
  params.quantity("static_power", energy.static_power, Unit::watt, 0.0, 1e3,
                  "The whole run, of a tile that holds weights");
}

void describe(ParamTable& params, AreaConfig& area) {
  add_area(params, "cell", area.cell, "Per cell of the array");
  add_area(params, "row", area.row, "Input converter and driver of a row");
  add_area(params, "column", area.column, "Converter share of a column");
  add_area(params, "digital", area.digital, "Local digital unit, links and control");
  add_area(params, "sram_byte", area.sram_byte, "Local SRAM, per byte");
}

}  // namespace aimc::cim
