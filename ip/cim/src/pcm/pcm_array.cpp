// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/pcm/pcm_array.h"

#include "aimc/cim/crossbar.h"
#include "aimc/cim/pcm/pcm_device.h"

namespace aimc::cim {

void describe(ParamTable& params, PcmConfig& config) {
  params.choice("variant", config.variant, {"hermes", "standard", "quadratic"},
                "Fit of the devices' statistics");
  params.integer("devices", config.devices, 1u, 2u, "hermes: PCM devices per polarity of a cell");
  params.quantity("g_min", config.g_min, Unit::none, 0.0, 0.5,
                  "Conductance of a cell that stores 0, relative to the largest");
  params.quantity("programming_noise", config.programming_noise, Unit::none, 0.0, 10.0,
                  "Factor on the fitted programming error");
  params.quantity("drift", config.drift, Unit::none, 0.0, 10.0, "Factor on the drift exponents");
  params.quantity("long_term_noise", config.long_term_noise, Unit::none, 0.0, 10.0,
                  "Factor on the accumulated 1/f noise");
  params.quantity("read_noise", config.read_noise, Unit::none, 0.0, 1.0,
                  "Short-term read noise, relative to sqrt(sum |w| x^2)");
  params.choice("drift_compensation", config.drift_compensation, {"none", "global", "column"},
                "Digital factor that restores the mean conductance");
  params.choice("recalibration", config.recalibration, {"automatic", "command"},
                "When the factor is taken: with every change of the cells, or by RECALIBRATE");
  params.quantity("failed_fraction", config.failed_fraction, Unit::none, 0.0, 1.0,
                  "Share of devices that do not converge");
  params.choice("program_verify", config.program_verify, {"expected", "pulses"},
                "Cost of a weight load from the mean, or followed pulse by pulse");
  params.integer("max_iterations", config.max_iterations, 1u, 200u,
                 "Program-verify gives up after these");
  params.quantity("mean_iterations", config.mean_iterations, Unit::none, 1.0, 1000.0,
                  "expected: iterations of a tuned device");
  params.quantity("verify_band", config.verify_band, Unit::none, 1e-3, 100.0,
                  "pulses: accepted error of a verify read in microsiemens");
  params.quantity("pulse_gain", config.pulse_gain, Unit::none, 0.01, 1.0,
                  "pulses: share of the error that one corrects");
  params.quantity("pulse_spread", config.pulse_spread, Unit::none, 0.0, 100.0,
                  "pulses: sigma of what one adds in microsiemens");
  params.quantity("pulse", config.pulse_s, Unit::second, 0.0, 1.0, "Programming pulse");
  params.quantity("verify", config.verify_s, Unit::second, 0.0, 1.0, "Verify read");
  params.integer("current_dacs", config.current_dacs, 1u, 4096u, "Devices pulsed at a time");
  params.quantity("pulse_energy", config.pulse_joules, Unit::joule, 0.0, 1.0,
                  "Per pulse and device");
  params.quantity("verify_energy", config.verify_joules, Unit::joule, 0.0, 1.0,
                  "Per verify read and device");
}

double pcm_program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  return pcm_program_cost(config.pcm, config.rows, config.columns, rows, columns, nullptr).seconds;
}

std::unique_ptr<Array> make_pcm_array(const TileConfig& config, const RandomStream& random) {
  const PcmConfig& pcm = config.pcm;
  CrossbarOptions options;
  if (pcm.drift_compensation == "global") options.drift_compensation = DriftCompensation::global;
  if (pcm.drift_compensation == "column") options.drift_compensation = DriftCompensation::column;
  options.automatic_compensation = pcm.recalibration == "automatic";
  return std::make_unique<Crossbar>(
      config, std::make_unique<PcmDevice>(config.pcm, config.rows, config.columns), options,
      random);
}

}  // namespace aimc::cim
