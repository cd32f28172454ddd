// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/pcm/pcm_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "aimc/cim/exact_math.h"

namespace aimc::cim {

PcmDevice::PcmDevice(const PcmConfig& config, unsigned array_rows, unsigned array_columns)
    : config_(config),
      fit_(pcm_fit(config)),
      array_rows_(array_rows),
      array_columns_(array_columns) {}

Programmed PcmDevice::program(const Plane& target, const CellDraws& draws) const {
  if (!(target >= 0.0f && target <= g_max() * 1.0001f).all())
    throw std::invalid_argument(fmt::format(
        "pcm: a target conductance is not a number in 0..{} uS, the range of the fit", g_max()));
  Programmed cells{target, target, Plane::Zero(target.rows(), target.cols()), Plane()};
  const float noise = static_cast<float>(config_.programming_noise);
  if (noise > 0.0f) {
    const Plane normals = draws.normals(kDrawProgramming);
    const Plane sigma =
        (target / g_max()).unaryExpr([this](float x) { return programming_sigma(x); });
    cells.reached = (target + sigma * normals * noise).cwiseMax(0.0f);
  }
  if (config_.program_verify == "pulses") follow_pulses(draws, cells);
  if (config_.failed_fraction > 0.0) {
    const Plane fate = draws.uniforms(kDrawFailure);
    const Plane stuck = draws.uniforms(kDrawFailedValue) * g_max();
    const Plane broken = (fate < static_cast<float>(config_.failed_fraction)).cast<float>();
    cells.reached = (broken > 0.0f).select(stuck, cells.reached);
    cells.failed = cells.failed.cwiseMax(broken);
    if (cells.pulses.size() > 0)
      cells.pulses =
          (broken > 0.0f).select(static_cast<float>(config_.max_iterations), cells.pulses);
  }
  return cells;
}

void PcmDevice::follow_pulses(const CellDraws& draws, Programmed& cells) const {
  const float band = static_cast<float>(config_.verify_band);
  const float left = 1.0f - static_cast<float>(config_.pulse_gain);
  const float spread = static_cast<float>(config_.pulse_spread);
  Plane error = -cells.target;  // from RESET
  cells.pulses = Plane::Zero(error.rows(), error.cols());
  Plane open = (error.abs() > band).cast<float>();
  for (unsigned pulse = 0; pulse < config_.max_iterations && (open > 0.0f).any(); ++pulse) {
    const auto purpose = static_cast<Draw>(kDrawVerifyPulse + 0x100 * (pulse + 1));
    error = (open > 0.0f).select(error * left + draws.normals(purpose) * spread, error);
    cells.pulses += open;
    open *= (error.abs() > band).cast<float>();
  }
  // What is still open keeps the error of its last pulse.
  cells.reached = (open > 0.0f).select((cells.target + error).cwiseMax(0.0f), cells.reached);
  cells.failed = open;
}

double PcmDevice::grid_age(double seconds) const {
  // Points 2 % apart in (t + t0) / t0: between two of them the largest exponent moves a
  // conductance by 0.3 %, far below every programming error here.
  constexpr double kStep = 0.02;
  const double points = std::floor(exact_log((seconds + t0()) / t0()) / kStep);
  return points < 1.0 ? 0.0 : t0() * (exact_exp(points * kStep) - 1.0);
}

Plane PcmDevice::age(const Programmed& cells, double seconds, const CellDraws& draws) const {
  if (seconds <= 0.0) return cells.reached;
  const Plane exponent_draw = draws.normals(kDrawDriftExponent);
  const Plane noise_draw = draws.normals(kDrawLongTermNoise);
  const double elapsed = exact_log((seconds + t0()) / t0()) * config_.drift;
  const double read_time = fit_.read_time;
  const float spread =
      static_cast<float>(config_.long_term_noise *
                         std::sqrt(exact_log((seconds + t0() + read_time) / (2.0 * read_time))));
  Plane aged(cells.reached.rows(), cells.reached.cols());
  for (Eigen::Index i = 0; i < aged.size(); ++i) {
    const float x_target = cells.target.data()[i] / g_max();
    const float g0 = cells.reached.data()[i];
    // The fit draws |N|; the clamp at 0 of the published form never acts after it.
    const float nu =
        std::abs(drift_mean(x_target) + drift_sigma(x_target) * exponent_draw.data()[i]);
    const float drifted = g0 * static_cast<float>(exact_exp(-elapsed * static_cast<double>(nu)));
    const float noise = drifted * long_term_noise(g0 / g_max()) * spread;
    aged.data()[i] = std::max(0.0f, drifted + noise * noise_draw.data()[i]);
  }
  return aged;
}

Plane PcmDevice::read_variance(const Plane& net) const {
  const float noise = static_cast<float>(config_.read_noise);
  return net.abs() * (noise * noise);
}

float PcmDevice::variance_scale() const {
  const double noise = config_.read_noise;
  return static_cast<float>(1.27 * noise * noise);  // |net| hardly ever exceeds that
}

}  // namespace aimc::cim
