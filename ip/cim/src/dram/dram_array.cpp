// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/dram/dram_array.h"

#include <algorithm>

#include "aimc/cim/exact_math.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

constexpr double kLogOf2 = 0.69314718055994531;

bool shares_charge(const DramConfig& config) { return config.variant == "charge_sharing"; }

double retention(const DramConfig& config) {
  return shares_charge(config) ? config.sharing.retention_s : config.gain.retention_s;
}

double refresh_interval(const DramConfig& config) {
  return shares_charge(config) ? config.sharing.refresh_interval_s : config.gain.refresh_interval_s;
}

PlaneOptions plane_options(const DramConfig& config) {
  PlaneOptions options;
  options.weight_bits = config.weight_bits;
  options.input_bits = config.input_bits;
  options.stuck_fraction = config.stuck_fraction;
  if (shares_charge(config)) {
    const DramChargeSharing& sharing = config.sharing;
    options.rows_at_once = sharing.active_rows;
    options.adc_bits = sharing.adc_bits;
    options.spread = sharing.mismatch;
    options.offset = sharing.sense_offset_volts / dram_level_volts(sharing);
  } else {
    const DramGainCell& gain = config.gain;
    options.rows_at_once = gain.active_rows;
    options.adc_bits = gain.adc_bits;
    options.spread = gain.mismatch;
    options.noise = gain.noise;
  }
  if (options.rows_at_once < 2 || options.rows_at_once % 2 != 0)
    user_error("dram: active_rows = {}: rows are driven in pairs; give an even number from 2 on",
               options.rows_at_once);
  return options;
}

void describe_sharing(ParamTable& params, DramChargeSharing& sharing) {
  params.begin_group("sharing");
  params.integer("active_rows", sharing.active_rows, 2u, 4096u,
                 "Compute rows of one conversion, even");
  params.quantity("cell_capacitance", sharing.cell_farads, Unit::none, 1e-18, 1e-9, "In farads");
  params.quantity("line_capacitance", sharing.line_farads, Unit::none, 0.0, 1e-9,
                  "Of a bit line, in farads");
  params.quantity("supply", sharing.supply_volts, Unit::volt, 0.1, 10.0, "Of cells and bit lines");
  params.quantity("sense_offset", sharing.sense_offset_volts, Unit::volt, 0.0, 1.0,
                  "Sigma over bit lines");
  params.quantity("mismatch", sharing.mismatch, Unit::none, 0.0, 0.5,
                  "Relative sigma of a cell's capacitor");
  params.integer("adc_bits", sharing.adc_bits, 1u, 12u, "Of a bit line's converter");
  params.quantity("retention", sharing.retention_s, Unit::second, 1e-9, 1e9,
                  "A stored level falls to half");
  params.quantity("refresh_interval", sharing.refresh_interval_s, Unit::second, 1e-9, 1e9,
                  "Every row is refreshed once in it");
  params.quantity("row_copy", sharing.row_copy_s, Unit::second, 0.0, 1.0,
                  "Copy of a row to a compute row");
  params.quantity("share", sharing.share_s, Unit::second, 0.0, 1.0,
                  "Activation of the compute rows and conversion");
  params.end_group();
}

void describe_gain(ParamTable& params, DramGainCell& gain) {
  params.begin_group("gain");
  params.integer("active_rows", gain.active_rows, 2u, 4096u, "Rows of one conversion, even");
  params.quantity("mismatch", gain.mismatch, Unit::none, 0.0, 0.5,
                  "Relative sigma of a cell's read current");
  params.quantity("noise", gain.noise, Unit::none, 0.0, 100.0, "Sigma of a conversion, in LSB");
  params.integer("adc_bits", gain.adc_bits, 1u, 12u, "Of a column's converter");
  params.quantity("retention", gain.retention_s, Unit::second, 1e-9, 1e9,
                  "A stored level falls to half");
  params.quantity("refresh_interval", gain.refresh_interval_s, Unit::second, 1e-9, 1e9,
                  "Every row is refreshed once in it");
  params.quantity("read", gain.read_s, Unit::second, 0.0, 1.0, "One conversion");
  params.end_group();
}

}  // namespace

void describe(ParamTable& params, DramConfig& config) {
  params.choice("variant", config.variant, {"charge_sharing", "gain_cell"}, "Cells and read");
  params.integer("weight_bits", config.weight_bits, 1u, 8u,
                 "Cells of a weight; other values saturate, with 1 bit to -1 and +1");
  params.integer("input_bits", config.input_bits, 1u, 8u, "Of an input, likewise");
  params.flag("refresh", config.refresh, "Rows are refreshed; off: weights expire");
  params.quantity("row_refresh", config.row_refresh_s, Unit::second, 0.0, 1.0,
                  "Array time of refreshing a row");
  params.quantity("row_refresh_energy", config.row_refresh_joules, Unit::joule, 0.0, 1.0,
                  "Of refreshing a row");
  params.quantity("row_write", config.row_write_s, Unit::second, 0.0, 1.0, "Time to write a row");
  params.quantity("bit_write_energy", config.bit_write_joules, Unit::joule, 0.0, 1.0,
                  "Energy to write a cell");
  params.quantity("stuck_fraction", config.stuck_fraction, Unit::none, 0.0, 1.0,
                  "Cells that never change");
  describe_sharing(params, config.sharing);
  describe_gain(params, config.gain);
}

DramArray::DramArray(const TileConfig& config, const RandomStream& random)
    : PlaneArray(config.rows, config.columns, plane_options(config.dram), random),
      config_(config.dram) {
  if (!config_.refresh) {
    set_retention(retention(config_));
  } else if (dram_refresh_share(config) >= 1.0) {
    user_error(
        "dram: refreshing {} rows takes {} s, longer than the interval of {} s; give a "
        "longer refresh_interval or a shorter row_refresh",
        config.rows, config.rows * config_.row_refresh_s, refresh_interval(config_));
  }
}

ProgramReport DramArray::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                               unsigned, std::uint64_t operation) {
  ProgramReport report;
  report.cells = block.cells();
  report.failed = store(block, weights, stride, operation);
  report.pulses = block.cells() * weight_planes();
  report.seconds = config_.row_write_s * block.rows;
  report.joules = config_.bit_write_joules * static_cast<double>(report.pulses);
  return report;
}

double DramArray::level_scale(const Block& block) const {
  double leaking = age_s(block);
  if (config_.refresh) leaking = std::min(leaking, refresh_interval(config_));
  return exact_exp(-kLogOf2 * leaking / retention(config_));
}

double dram_level_volts(const DramChargeSharing& config) {
  const double farads = config.active_rows * config.cell_farads + config.line_farads;
  return config.supply_volts * config.cell_farads / farads;
}

double dram_refresh_share(const TileConfig& config) {
  if (!config.dram.refresh) return 0.0;
  return config.rows * config.dram.row_refresh_s / refresh_interval(config.dram);
}

double dram_refresh_power(const TileConfig& config) {
  if (!config.dram.refresh) return 0.0;
  return config.rows * config.dram.row_refresh_joules / refresh_interval(config.dram);
}

double dram_step_seconds(const TileConfig& config) {
  const DramConfig& dram = config.dram;
  if (!shares_charge(dram)) return dram.gain.read_s;
  return dram.sharing.active_rows * dram.sharing.row_copy_s + dram.sharing.share_s;
}

double dram_program_seconds(const TileConfig& config, unsigned rows, unsigned) {
  return config.dram.row_write_s * rows;
}

ReadShape dram_read_shape(const TileConfig& config) {
  const PlaneOptions options = plane_options(config.dram);
  return {options.rows_at_once, options.input_bits, options.weight_bits, options.adc_bits};
}

std::unique_ptr<Array> make_dram_array(const TileConfig& config, const RandomStream& random) {
  return std::make_unique<DramArray>(config, random);
}

}  // namespace aimc::cim
