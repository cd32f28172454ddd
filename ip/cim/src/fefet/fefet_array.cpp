// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/fefet/fefet_array.h"

#include "aimc/cim/crossbar.h"
#include "aimc/cim/fefet/fefet_device.h"

namespace aimc::cim {

void describe(ParamTable& params, FefetConfig& config) {
  params.choice("variant", config.variant, {"series_resistor", "subthreshold"},
                "How a cell's current follows its threshold");
  params.integer("levels", config.levels, 0u, 128u, "Of each polarity above 0; 0 = analog");
  params.quantity("window", config.window_volts, Unit::volt, 0.01, 10.0, "Threshold window");
  params.quantity("device_spread", config.device_volts, Unit::volt, 0.0, 1.0,
                  "Sigma of the threshold over devices (series_resistor)");
  params.quantity("cycle_spread", config.cycle_volts, Unit::volt, 0.0, 1.0,
                  "Sigma of the threshold over writes (series_resistor)");
  params.quantity("resistor_spread", config.resistor_spread, Unit::none, 0.0, 0.5,
                  "Relative sigma of the series resistor");
  params.quantity("slope", config.slope, Unit::none, 1.0, 3.0, "n of the sub-threshold slope");
  params.quantity("verify_spread", config.verify_volts, Unit::volt, 0.0, 1.0,
                  "Sigma of the threshold after program-verify (subthreshold)");
  params.quantity("programmed_temperature", config.programmed_k, Unit::none, 200.0, 500.0,
                  "At programming, in kelvin (subthreshold)");
  params.quantity("retention_loss", config.retention_loss, Unit::none, 0.0, 1.0,
                  "Of the polarisation, a decade of time");
  params.quantity("retention_start", config.retention_start_s, Unit::second, 1e-9, 1e9,
                  "Where the decades begin");
  params.quantity("read_noise", config.read_noise, Unit::none, 0.0, 1.0,
                  "Of each cell and read, relative to its conductance");
  params.quantity("g_max", config.g_max_us, Unit::none, 1e-3, 1e3, "Of a cell, in uS");
  params.quantity("pulse", config.pulse_s, Unit::second, 0.0, 1.0, "Write pulse of a row");
  params.quantity("verify", config.verify_s, Unit::second, 0.0, 1.0, "Verify read of a row");
  params.quantity("mean_pulses", config.mean_pulses, Unit::none, 1.0, 1000.0,
                  "Of a cell (subthreshold)");
  params.integer("max_pulses", config.max_pulses, 1u, 1000u, "Of a cell that fails (subthreshold)");
  params.quantity("pulse_energy", config.pulse_joules, Unit::joule, 0.0, 1.0, "Per pulse and cell");
}

double fefet_program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return fefet_program_cost(config.fefet, rows, columns).seconds;
}

std::unique_ptr<Array> make_fefet_array(const TileConfig& config, const RandomStream& random) {
  return std::make_unique<Crossbar>(
      config, std::make_unique<FefetDevice>(config.fefet, config.temperature_k), CrossbarOptions{},
      random);
}

}  // namespace aimc::cim
