// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/nor/nor_array.h"

#include "aimc/cim/crossbar.h"
#include "aimc/cim/nor/sonos_device.h"
#include "aimc/cim/nor/wtm_array.h"

namespace aimc::cim {
namespace {

constexpr unsigned kFourBitLevels = 7;  // of each polarity: weights -7 .. 7
constexpr unsigned kFourBitInputs = 5;  // bits with sign: 15 steps

void describe_wtm(ParamTable& params, NorWtmConfig& wtm) {
  params.begin_group("wtm");
  params.integer("divider_log2", wtm.divider_log2, 0u, 13u, "The sum is divided by 2^n");
  params.choice("signed_inputs", wtm.signed_inputs, {"pn", "shift"},
                "Mirrored weights for negative inputs, or inputs + 128");
  params.integer("noise_level", wtm.noise_level, 0u, 9u, "As in the vendor's training tool");
  params.quantity("noise_per_level", wtm.noise_per_level, Unit::none, 0.0, 1e6,
                  "Sigma on the sum, a level, in accumulator units");
  params.integer("repeats", wtm.repeats, 1u, 64u, "Reads averaged");
  params.end_group();
}

}  // namespace

void describe(ParamTable& params, NorConfig& config) {
  params.choice("variant", config.variant, {"sonos", "wtm2101", "four_bit"},
                "Measured cells, the integer contract of a product, or 4-bit weights and inputs");
  params.quantity("programming_noise", config.programming_noise, Unit::none, 0.0, 10.0,
                  "Factor on the measured spread (sonos, four_bit)");
  params.quantity("read_noise", config.read_noise, Unit::none, 0.0, 10.0,
                  "Factor on the measured noise of a read (sonos, four_bit)");
  params.flag("drift", config.drift, "Mean and spread move with age, up to 5 days");
  params.quantity("erase", config.erase_s, Unit::second, 0.0, 10.0, "Of a block before a load");
  params.quantity("pulse", config.pulse_s, Unit::second, 0.0, 1.0, "Programming pulse of a row");
  params.quantity("verify", config.verify_s, Unit::second, 0.0, 1.0, "Verify read of a row");
  params.quantity("mean_iterations", config.mean_iterations, Unit::none, 1.0, 1000.0,
                  "Program-verify iterations of a cell");
  params.integer("max_iterations", config.max_iterations, 1u, 1000u,
                 "Program-verify gives up after these");
  params.quantity("pulse_energy", config.pulse_joules, Unit::joule, 0.0, 1.0, "Per pulse and cell");
  params.quantity("verify_energy", config.verify_joules, Unit::joule, 0.0, 1.0,
                  "Per verify and cell");
  describe_wtm(params, config.wtm);
}

double nor_program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return nor_program_cost(config.nor, rows, columns).seconds;
}

std::unique_ptr<Array> make_nor_array(const TileConfig& config, const RandomStream& random) {
  if (config.nor.variant == "wtm2101") return std::make_unique<WtmArray>(config, random);
  TileConfig cells = config;
  unsigned levels = 0;
  if (config.nor.variant == "four_bit") {
    levels = kFourBitLevels;
    cells.dac.bits = kFourBitInputs;
  }
  return std::make_unique<Crossbar>(cells, std::make_unique<SonosDevice>(config.nor, levels),
                                    CrossbarOptions{}, random);
}

}  // namespace aimc::cim
