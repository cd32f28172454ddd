// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"
#include "aimc/cim/pcm/pcm_config.h"

namespace aimc::cim {

/// Phase-change memory as fitted to the HERMES chip: one polarity of a cell with one device
/// (g_max 10.35 uS) or two (20.7 uS).
///
/// x below is conductance / g_max. Coefficients: github.com/IBM/aihwkit,
/// src/aihwkit/inference/noise/hermes.py, a fit to the chip of Le Gallo et al., Nature Electronics
/// 6:680 (2023). The chip's own drift with two devices is said there to be milder than the fit.
class PcmDevice : public DeviceModel {
 public:
  /// @param array_rows, array_columns  size of the whole array, for the diagonal selection.
  PcmDevice(const PcmConfig& config, unsigned array_rows, unsigned array_columns);

  float g_max() const override { return devices_ == 2 ? 20.7f : 10.35f; }
  /// g = max(0, target + sigma_p(target) * N(0,1)); cells that fail land anywhere in 0..g_max.
  Programmed program(const Plane& target, const CellDraws& draws) const override;
  /// g(t) = g * ((t + t0) / t0)^-nu, nu drawn once a cell; then long-term read noise
  /// g(t) * Q * sqrt(ln((t + t0 + t_read) / (2 t_read))) * N(0,1), clamped at 0.
  Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const override;
  /// read_noise^2 * |net|: output noise 0.0175 * sqrt(sum(|w| x^2)) of the same tool's forward
  /// pass.
  Plane read_variance(const Plane& net) const override;
  float variance_scale() const override;
  /// Program-verify of whole diagonals, see `pcm_program_cost`.
  ProgramReport cost(const Plane& failed) const override;

  /// Sigma of the programming error [uS] at x in 0..1.
  float programming_sigma(float x) const;
  /// Mean and sigma of the drift exponent; x is clamped to 1e-7 from below.
  float drift_mean(float x) const;
  float drift_sigma(float x) const;
  /// Long-term read noise, relative to conductance, before the logarithm's root.
  float long_term_noise(float x) const;
  /// Time of the first read [s].
  double t0() const { return devices_ == 2 ? 300.0 : 200.0; }

 private:
  PcmConfig config_;
  unsigned devices_;
  unsigned array_rows_;
  unsigned array_columns_;
};

/// Cost of a weight load by program-verify as described for HERMES [H23]: a diagonal of the array
/// is selected; in each iteration every device of one polarity and position gets a pulse,
/// `current_dacs` at a time, then all are verified in one read. Of the devices of a polarity one
/// is tuned over iterations, the others are parked with one pulse.
///
/// @param block_rows, block_columns  of the block; its place in the array does not matter.
/// @param failed  per cell as for `DeviceModel::cost`, or null: the expected cost without failures.
///                A diagonal with a failed cell runs through all of `max_iterations`.
ProgramReport pcm_program_cost(const PcmConfig& config, unsigned array_rows, unsigned array_columns,
                               unsigned block_rows, unsigned block_columns, const Plane* failed);

}  // namespace aimc::cim
