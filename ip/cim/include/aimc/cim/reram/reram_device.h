// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"
#include "aimc/cim/pulse_law.h"
#include "aimc/cim/reram/reram_config.h"

namespace aimc::cim {

/// What differs between families of resistive cells. Conductances in uS, times in seconds.
struct ReramFamily {
  const char* name;
  double g_min;
  double g_max;
  /// Sigma of a cell right after programming.
  double (*fresh_sigma)(double g, const ReramConfig& config);
  /// Sigma after `seconds`, the one above included.
  double (*aged_sigma)(double g, double seconds, const ReramConfig& config);
  /// Mean change after `seconds`.
  double (*shift)(double g, double seconds);
  /// Sigma of what a cell reads now, slow noise included, beyond the fast noise of each read.
  double (*slow_noise)(double g, double seconds);
  /// Present current of a nominal conductance at the read voltage, as a conductance.
  double (*effective)(double g, double volts);
};

/// The family of a variant's name: "neurram", "cmo", "milo".
///
/// neurram  g 0..40, sigma a polynomial of degree 4 in g / 40 at 1 s, 1 day and 2 days [N22];
///          between these linear in log t, older as after 2 days. Coefficients:
///          github.com/IBM/aihwkit, inference/noise/reram.py, ReRamWan2022NoiseModel.
/// cmo      conductive-metal-oxide on HfOx, g 9..88.2, sigma linear in g for verify windows of 0.2
///          and 2 %, then mean -0.089 ln t, sigma 0.042 ln t + 0.4118; slow read noise
///          0.0277 log10(g) sqrt(ln((t + 1e-6) / 2e-6)). Same file, ReRamCMONoiseModel.
/// milo     HfOx, g 50..225, sigma 4.782 - 0.00911 g; I = G V + a2 V^2 + a3 V^3.
///          github.com/sandialabs/cross-sim, simulator/devices/custom/RRAM_Milo.py.
const ReramFamily& find_reram_family(const std::string& name);

/// Resistive cells programmed by write-verify.
class ReramDevice : public DeviceModel {
 public:
  explicit ReramDevice(const ReramConfig& config);

  float g_max() const override { return static_cast<float>(family_.g_max); }
  float g_min() const override { return static_cast<float>(family_.g_min); }
  Programmed program(const Plane& target, const CellDraws& draws) const override;
  Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const override;
  /// (read_noise * g)^2 for the pair's cells: the conducting one and the one that stores 0.
  Plane read_variance(const Plane& net) const override;
  float variance_scale() const override;
  ProgramReport cost(const Plane& failed) const override;
  ProgramReport cost_of_pulses(const Plane& failed, const Plane& positive,
                               const Plane& negative) const override;
  const ReramFamily& family() const { return family_; }

 private:
  ReramConfig config_;
  const ReramFamily& family_;
  PulseLaw law_;
  double linear_;  // factor that makes g_max itself again at the read voltage
};

PulseLaw reram_pulse_law(const ReramConfig& config);
/// Time and energy of a weight load from its pulses; neighbours of a row wait for the slowest.
ProgramReport reram_program_cost(const ReramConfig& config, const PulseTotals& totals);

}  // namespace aimc::cim
