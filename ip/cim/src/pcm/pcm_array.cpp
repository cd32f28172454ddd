// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/pcm/pcm_array.h"

#include "aimc/cim/crossbar.h"
#include "aimc/cim/pcm/pcm_device.h"

namespace aimc::cim {

void describe(ParamTable& params, PcmConfig& config) {
  params.integer("devices", config.devices, 1u, 2u, "PCM devices per polarity of a cell");
  params.quantity("programming_noise", config.programming_noise, Unit::none, 0.0, 10.0,
                  "Factor on the fitted programming error");
  params.quantity("read_noise", config.read_noise, Unit::none, 0.0, 1.0,
                  "Short-term read noise, relative to sqrt(sum |w| x^2)");
  params.quantity("age", config.age_s, Unit::second, 0.0, 3.2e9, "Time since programming");
  params.flag("drift_compensation", config.drift_compensation,
              "One digital factor restores the array's mean conductance");
  params.quantity("failed_fraction", config.failed_fraction, Unit::none, 0.0, 1.0,
                  "Share of devices that do not converge");
  params.integer("max_iterations", config.max_iterations, 1u, 1000u,
                 "Program-verify gives up after these");
  params.quantity("mean_iterations", config.mean_iterations, Unit::none, 1.0, 1000.0,
                  "Program-verify iterations of a tuned device");
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
  const CrossbarOptions options{config.pcm.age_s, config.pcm.drift_compensation};
  return std::make_unique<Crossbar>(
      config, std::make_unique<PcmDevice>(config.pcm, config.rows, config.columns), options,
      random);
}

}  // namespace aimc::cim
