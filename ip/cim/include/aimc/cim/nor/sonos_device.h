// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"
#include "aimc/cim/nor/nor_config.h"
#include "aimc/cim/pulse_law.h"

namespace aimc::cim {

/// 40 nm charge-trap (SONOS) cells by their measured currents: up to 1600 nA, on/off ratio 1e7.
/// Conductances are currents at a read voltage of 0.1 V, so g_max is 16 uS.
///
/// Coefficients: github.com/sandialabs/cross-sim, simulator/devices/custom/SONOS.py, fitted to
/// 128,000 devices of Agrawal et al., IEDM 2022. Spread A (1 - exp(-I / B)) with (A, B) at 0 to 5
/// days; mean shift as a polynomial of degree 10 at 1 and 5 days; both linear in time between.
/// Older cells stay as after 5 days, where the measurement ends.
class SonosDevice : public DeviceModel {
 public:
  /// @param levels  of each polarity that weights are rounded to; 0 = analog.
  explicit SonosDevice(const NorConfig& config, unsigned levels = 0);

  float g_max() const override { return 16.0f; }
  Programmed program(const Plane& target, const CellDraws& draws) const override;
  /// I + shift(I, t) + the error of programming + sqrt(spread(t)^2 - spread(0)^2) N(0,1).
  Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const override;
  /// Square of the measured noise of one read, A (1 - exp(-I / B)), at I = |net| of the maximum.
  Plane read_variance(const Plane& net) const override;
  float variance_scale() const override;
  ProgramReport cost(const Plane& failed) const override;
  ProgramReport cost_of_pulses(const Plane& failed, const Plane& positive,
                               const Plane& negative) const override;

  /// Sigma of the current over cells [nA]; `days` is clamped to 0..5.
  static double spread(double current_na, double days);
  /// Change of the mean current [nA]; `days` is clamped to 0..5.
  static double shift(double current_na, double days);
  /// Sigma of one read [nA].
  static double read_sigma(double current_na);

 private:
  NorConfig config_;
  PulseLaw law_;
  unsigned levels_;
};

PulseLaw nor_pulse_law(const NorConfig& config);
/// Expected time, pulses and energy of a weight load by erase and program-verify, row by row.
ProgramReport nor_program_cost(const NorConfig& config, unsigned rows, unsigned columns);

}  // namespace aimc::cim
