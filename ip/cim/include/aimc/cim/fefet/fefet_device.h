// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"
#include "aimc/cim/fefet/fefet_config.h"
#include "aimc/cim/pulse_law.h"

namespace aimc::cim {

/// Ferroelectric transistors whose polarisation sets the threshold V_T in a window V_W.
///
/// series_resistor  a transistor read well above threshold and a resistor that limits its current:
///                  g / g_max = (1 + r N) (x + sigma_V / V_W N), x the level; the multi-bit cell
///                  of 28 nm 1FeFET-1R arrays (Nature Communications, 2023).
/// subthreshold     I = I_0 exp(-V_T / (n k T / q)), so a threshold error of sigma_V spreads the
///                  current by sigma_V / (n k T / q) of itself, and another temperature changes
///                  g / g_max = x to x^(T_programmed / T).
///
/// With time the polarisation relaxes: x falls by `retention_loss` of itself for each decade.
/// Device-to-device errors belong to the cell, cycle-to-cycle errors to the weight load.
class FefetDevice : public DeviceModel {
 public:
  /// @param temperature_k  at the read.
  FefetDevice(const FefetConfig& config, double temperature_k);

  float g_max() const override { return static_cast<float>(config_.g_max_us); }
  Programmed program(const Plane& target, const CellDraws& draws) const override;
  Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const override;
  Plane read_variance(const Plane& net) const override;
  float variance_scale() const override;
  ProgramReport cost(const Plane& failed) const override;
  ProgramReport cost_of_pulses(const Plane& failed, const Plane& positive,
                               const Plane& negative) const override;

  /// Sigma of g / g_max at level x, 0..1, first order.
  double relative_sigma(double x) const;
  /// n k T / q at the read [V].
  double thermal_volts() const;
  /// What is left of the polarisation after `seconds`.
  double retained(double seconds) const;

 private:
  bool subthreshold() const { return config_.variant == "subthreshold"; }
  FefetConfig config_;
  PulseLaw law_;
  double temperature_k_;
};

/// Expected time, pulses and energy of a weight load.
ProgramReport fefet_program_cost(const FefetConfig& config, unsigned rows, unsigned columns);

}  // namespace aimc::cim
