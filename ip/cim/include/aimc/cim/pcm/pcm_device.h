// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"
#include "aimc/cim/pcm/pcm_config.h"

namespace aimc::cim {

/// Statistics of one kind of phase-change cell as fitted by others; x is conductance / g_max, 0..1.
/// All bits are the same on every C library (`exact_log`).
struct PcmFit {
  float g_max;                          ///< Of one polarity [uS].
  double t0;                            ///< Time of the first read after programming [s].
  double read_time;                     ///< Of one read, for the accumulated 1/f noise [s].
  float (*programming_sigma)(float x);  ///< [uS]
  float (*drift_mean)(float x);         ///< Of the drift exponent.
  float (*drift_sigma)(float x);
  float (*long_term_noise)(float x);  ///< Relative to conductance, before the logarithm's root.
};

/// @throws UserError for an unknown variant.
const PcmFit& pcm_fit(const PcmConfig& config);

/// One polarity of a phase-change cell: programming error, drift, 1/f and read noise.
class PcmDevice : public DeviceModel {
 public:
  /// @param array_rows, array_columns  size of the whole array, for the diagonal selection.
  PcmDevice(const PcmConfig& config, unsigned array_rows, unsigned array_columns);

  float g_max() const override { return fit_.g_max; }
  float g_min() const override { return fit_.g_max * static_cast<float>(config_.g_min); }
  /// g = max(0, target + sigma_p(target) * N(0,1)); cells that fail land anywhere in 0..g_max.
  Programmed program(const Plane& target, const CellDraws& draws) const override;
  /// g(t) = g * ((t + t0) / t0)^-nu, nu = |N(mean, sigma)| drawn once a cell; then long-term read
  /// noise g(t) * Q * sqrt(ln((t + t0 + t_read) / (2 t_read))) * N(0,1), clamped at 0.
  Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const override;
  double grid_age(double seconds) const override;
  /// read_noise^2 * |net|: output noise 0.0175 * sqrt(sum(|w| x^2)) of the same tool's forward
  /// pass.
  Plane read_variance(const Plane& net) const override;
  float variance_scale() const override;
  /// Program-verify of whole diagonals, see `pcm_program_cost`.
  ProgramReport cost(const Plane& failed) const override;
  ProgramReport cost_of_pulses(const Plane& failed, const Plane& positive,
                               const Plane& negative) const override;

  const PcmFit& fit() const { return fit_; }
  float programming_sigma(float x) const { return fit_.programming_sigma(x); }
  float drift_mean(float x) const { return fit_.drift_mean(x); }
  float drift_sigma(float x) const { return fit_.drift_sigma(x); }
  float long_term_noise(float x) const { return fit_.long_term_noise(x); }
  double t0() const { return fit_.t0; }

 private:
  /// Pulses until a verify read lies within the band, and which cells never get there.
  void follow_pulses(const CellDraws& draws, Programmed& cells) const;

  PcmConfig config_;
  const PcmFit& fit_;
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
