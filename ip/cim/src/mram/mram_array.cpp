// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/mram/mram_array.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/exact_math.h"
#include "aimc/cim/planes/plane_draw.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

/// Steps of the uniform draws; rarer events do not happen.
constexpr double kSmallestShare = 1.0 / (1 << 24);

PlaneOptions plane_options(const MramConfig& config) {
  if (config.active_rows % 2 != 0)
    user_error("mram.active_rows = {}: rows are driven in pairs; give an even number, or 0 for all",
               config.active_rows);
  const bool series = config.variant == "resistance_sum";
  PlaneOptions options;
  options.function = series ? CellFunction::equality : CellFunction::conjunction;
  options.weight_bits = config.weight_bits;
  options.input_bits = config.input_bits;
  options.rows_at_once = config.active_rows;
  options.low = 1.0 / (1.0 + config.tmr);
  options.spread = config.spread;
  options.log_normal = true;
  options.stuck_fraction = config.stuck_fraction;
  options.adc_bits = series ? config.time_bits : config.sar_bits;
  options.noise = config.noise;
  // A bit stays wrong if every attempt fails.
  double residue = 1.0;
  for (unsigned i = 0; i < config.write_attempts; ++i) residue *= config.write_error;
  options.write_error = residue < kSmallestShare ? 0.0 : residue;
  return options;
}

/// Chance that at least one of `bits` is wrong.
double some_of(double bits, double wrong) {
  return wrong >= 1.0 ? 1.0 : 1.0 - exact_exp(bits * exact_log(1.0 - wrong));
}

/// Writes of a row: its bits in groups, each with a pulse and, if attempts are left, a verify.
double row_seconds(const MramConfig& config, unsigned columns, double attempts) {
  const unsigned bits = columns * config.weight_bits;
  const unsigned groups = (bits + config.bits_at_once - 1) / config.bits_at_once;
  return groups * attempts * (config.pulse_s + config.verify_s);
}

}  // namespace

void describe(ParamTable& params, MramConfig& config) {
  params.choice("variant", config.variant, {"sar", "resistance_sum"},
                "Driven conductances add, or series resistances");
  params.integer("weight_bits", config.weight_bits, 1u, 8u,
                 "Binary cells of a weight; other values saturate, with 1 bit to -1 and +1");
  params.integer("input_bits", config.input_bits, 1u, 8u, "Of an input, likewise");
  params.quantity("tmr", config.tmr, Unit::none, 0.1, 100.0, "R_AP / R_P - 1");
  params.quantity("spread", config.spread, Unit::none, 0.0, 0.5,
                  "Log-normal sigma of a junction's resistance");
  params.integer("active_rows", config.active_rows, 0u, 4096u,
                 "Cells of one conversion, even; 0 = all that are driven");
  params.integer("sar_bits", config.sar_bits, 1u, 12u, "Of the converter of variant sar");
  params.integer("time_bits", config.time_bits, 1u, 12u,
                 "Of the converter of variant resistance_sum");
  params.quantity("noise", config.noise, Unit::none, 0.0, 100.0, "Sigma of a conversion, in LSB");
  params.quantity("write_error", config.write_error, Unit::none, 0.0, 1.0,
                  "Share of bits that one pulse leaves wrong");
  params.integer("write_attempts", config.write_attempts, 1u, 100u,
                 "Pulses of a bit at most, with a verify read after each");
  params.quantity("stuck_fraction", config.stuck_fraction, Unit::none, 0.0, 1.0,
                  "Junctions that never switch");
  params.quantity("pulse", config.pulse_s, Unit::second, 0.0, 1.0, "Write pulse");
  params.quantity("verify", config.verify_s, Unit::second, 0.0, 1.0, "Verify read of a row");
  params.quantity("pulse_energy", config.pulse_joules, Unit::joule, 0.0, 1.0, "Per pulse and bit");
  params.integer("bits_at_once", config.bits_at_once, 1u, 65536u, "Bits of a row written together");
}

MramArray::MramArray(const TileConfig& config, const RandomStream& random)
    : PlaneArray(config.rows, config.columns, plane_options(config.mram), random),
      config_(config.mram) {}

ProgramReport MramArray::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                               unsigned, std::uint64_t operation) {
  ProgramReport report;
  report.cells = block.cells();
  report.failed = store(block, weights, stride, operation);
  // One draw a row decides how many attempts its slowest bit needs; the bits that need a second
  // pulse are too few to show in energy other than through this.
  const RandomStream draws = random().at(kDrawWriteAttempts, operation);
  const double bits = static_cast<double>(block.columns) * config_.weight_bits;
  double pulses = static_cast<double>(block.cells()) * config_.weight_bits;
  for (unsigned r = 0; r < block.rows; ++r) {
    const double u = draws.uniform(block.first_row + r);
    unsigned attempts = 1;
    double wrong = config_.write_error;  // share of bits still wrong after the attempts so far
    while (attempts < config_.write_attempts && u < some_of(bits, wrong)) {
      pulses += std::max(1.0, std::round(bits * wrong));
      wrong *= config_.write_error;
      ++attempts;
    }
    report.seconds += row_seconds(config_, block.columns, attempts);
  }
  report.pulses = static_cast<std::uint64_t>(pulses);
  report.joules = pulses * config_.pulse_joules;
  return report;
}

double mram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return rows * row_seconds(config.mram, columns, 1.0);
}

ReadShape mram_read_shape(const TileConfig& config) {
  const PlaneOptions options = plane_options(config.mram);
  return {options.rows_at_once, options.input_bits, options.weight_bits, options.adc_bits};
}

std::unique_ptr<Array> make_mram_array(const TileConfig& config, const RandomStream& random) {
  return std::make_unique<MramArray>(config, random);
}

}  // namespace aimc::cim
