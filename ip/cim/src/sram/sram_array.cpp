// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/sram/sram_array.h"

#include "aimc/cim/digital/digital_array.h"
#include "aimc/cim/planes/plane_array.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

bool is_digital(const SramConfig& config) {
  return config.variant == "adder_tree" || config.variant == "bit_serial";
}

/// One write cycle a row, no verify: static cells take what they are given.
ProgramReport write_cost(const SramConfig& config, const Block& block, std::uint64_t failed) {
  ProgramReport report;
  report.cells = block.cells();
  report.failed = failed;
  report.pulses = block.cells() * config.weight_bits;
  report.seconds = config.row_write_s * block.rows;
  report.joules = config.bit_write_joules * static_cast<double>(report.pulses);
  return report;
}

class DigitalSram : public DigitalArray {
 public:
  explicit DigitalSram(const TileConfig& config)
      : DigitalArray(config.rows, config.columns, config.sram.weight_bits, config.sram.input_bits),
        config_(config.sram) {}

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride, unsigned,
                      std::uint64_t) override {
    return write_cost(config_, block, store(block, weights, stride));
  }

 private:
  SramConfig config_;
};

PlaneOptions plane_options(const SramConfig& config) {
  PlaneOptions options;
  options.weight_bits = config.weight_bits;
  options.input_bits = config.input_bits;
  options.stuck_fraction = config.stuck_fraction;
  if (config.variant == "xnor") {
    options.function = CellFunction::equality;
    options.converted = false;
  } else if (config.variant == "charge") {
    const SramChargeConfig& charge = config.charge;
    options.adc_bits = charge.adc_bits;
    options.rows_at_once = charge.active_rows;
    options.spread = charge.mismatch;
    options.noise = charge.noise;
    options.offset = charge.offset;
  } else {
    const SramCurrentConfig& current = config.current;
    options.adc_bits = current.adc_bits;
    options.rows_at_once = current.active_rows;
    options.spread = current.spread;
    options.cubic = current.cubic;
    options.noise = current.noise;
    options.offset = current.offset;
  }
  if (options.rows_at_once % 2 != 0)
    user_error(
        "sram.{}.active_rows = {}: rows are driven in pairs; give an even number, or 0 for all",
        config.variant, options.rows_at_once);
  return options;
}

class PlaneSram : public PlaneArray {
 public:
  PlaneSram(const TileConfig& config, const RandomStream& random)
      : PlaneArray(config.rows, config.columns, plane_options(config.sram), random),
        config_(config.sram) {}

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride, unsigned,
                      std::uint64_t operation) override {
    return write_cost(config_, block, store(block, weights, stride, operation));
  }

 private:
  SramConfig config_;
};

void describe_charge(ParamTable& params, SramChargeConfig& charge) {
  params.begin_group("charge");
  params.integer("adc_bits", charge.adc_bits, 1u, 12u, "Of a column's converter");
  params.integer("active_rows", charge.active_rows, 0u, 4096u,
                 "Rows of one conversion, even; 0 = all that are driven");
  params.quantity("mismatch", charge.mismatch, Unit::none, 0.0, 0.5,
                  "Relative sigma of a cell's capacitor");
  params.quantity("noise", charge.noise, Unit::none, 0.0, 100.0, "Sigma of a conversion, in LSB");
  params.quantity("offset", charge.offset, Unit::none, 0.0, 100.0,
                  "Sigma over converters of the offset, in LSB");
  params.end_group();
}

void describe_current(ParamTable& params, SramCurrentConfig& current) {
  params.begin_group("current");
  params.integer("adc_bits", current.adc_bits, 1u, 12u, "Of a column's converter");
  params.integer("active_rows", current.active_rows, 0u, 4096u,
                 "Rows of one conversion, even; 0 = all that are driven");
  params.quantity("spread", current.spread, Unit::none, 0.0, 0.5,
                  "Relative sigma of a cell's current");
  params.quantity("cubic", current.cubic, Unit::none, 0.0, 0.3,
                  "Loss at full discharge of the bit line, cubic in the sum");
  params.quantity("noise", current.noise, Unit::none, 0.0, 100.0, "Sigma of a conversion, in LSB");
  params.quantity("offset", current.offset, Unit::none, 0.0, 100.0,
                  "Sigma over converters of the offset, in LSB");
  params.end_group();
}

}  // namespace

void describe(ParamTable& params, SramConfig& config) {
  params.choice("variant", config.variant,
                {"adder_tree", "bit_serial", "xnor", "charge", "current"},
                "How products are summed; the first three are exact");
  params.integer("weight_bits", config.weight_bits, 1u, 8u,
                 "Of a stored weight; others saturate, with 1 bit to -1 and +1");
  params.integer("input_bits", config.input_bits, 1u, 8u, "Of an input, likewise");
  params.quantity("stuck_fraction", config.stuck_fraction, Unit::none, 0.0, 1.0,
                  "Cells that never change (xnor, charge, current)");
  params.quantity("row_write", config.row_write_s, Unit::second, 0.0, 1.0, "Time to write a row");
  params.quantity("bit_write_energy", config.bit_write_joules, Unit::joule, 0.0, 1.0,
                  "Energy to write a cell of one bit");
  describe_charge(params, config.charge);
  describe_current(params, config.current);
}

double sram_program_seconds(const TileConfig& config, unsigned rows, unsigned) {
  return config.sram.row_write_s * rows;
}

ReadShape sram_read_shape(const TileConfig& config) {
  const SramConfig& sram = config.sram;
  if (is_digital(sram)) return {0, sram.input_bits, sram.weight_bits, 0};
  const PlaneOptions options = plane_options(sram);
  return {options.rows_at_once, options.input_bits, options.weight_bits,
          options.converted ? options.adc_bits : 0};
}

std::unique_ptr<Array> make_sram_array(const TileConfig& config, const RandomStream& random) {
  if (is_digital(config.sram)) return std::make_unique<DigitalSram>(config);
  return std::make_unique<PlaneSram>(config, random);
}

}  // namespace aimc::cim
