// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/pcm/pcm_device.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aimc::cim {
namespace {

constexpr double kReadTime = 512e-9;  // both fits [s]
constexpr unsigned kPolarities = 2;

}  // namespace

PcmDevice::PcmDevice(const PcmConfig& config, unsigned array_rows, unsigned array_columns)
    : config_(config),
      devices_(config.devices),
      array_rows_(array_rows),
      array_columns_(array_columns) {}

float PcmDevice::programming_sigma(float x) const {
  if (devices_ == 2) return 0.16603222f + x * (4.71806468f + x * (-8.48101252f + x * 4.68961419f));
  return 0.15781817f + x * (2.32443916f + x * (-2.16310839f + x * 0.68841818f));
}

float PcmDevice::drift_mean(float x) const {
  x = std::max(x, 1e-7f);
  if (x < 0.0945f) return std::clamp(-0.0387f * std::log(x) - 0.0182f, 0.072f, 0.13f);
  return -0.0436f * x * x - 0.0126f * x + 0.0736f;
}

float PcmDevice::drift_sigma(float x) const {
  x = std::max(x, 1e-7f);
  if (devices_ == 2) {
    if (x < 0.3055f) return std::clamp(-0.0117f * std::log(x) - 0.0057f, 0.0091f, 0.04f);
    return -0.0118f * x * x + 0.0093f * x + 0.0073f;
  }
  if (x < 0.3039f) return std::clamp(-0.0120f * std::log(x) - 0.0023f, 0.0124f, 0.04f);
  return -0.0165f * x * x + 0.0116f * x + 0.0104f;
}

float PcmDevice::long_term_noise(float x) const {
  x = std::max(x, 1e-7f);
  if (devices_ == 2) {
    if (x < 0.16f) return std::clamp(-0.0117f * std::log(x) - 0.0069f, 0.015f, 0.04f);
    return 0.0069f * x * x * x - 0.0280f * x * x + 0.0211f * x + 0.0123f;
  }
  if (x < 0.1591f) return std::clamp(-0.0078f * std::log(x) + 0.0038f, 0.0179f, 0.04f);
  return 0.0664f * x * x * x - 0.1352f * x * x + 0.0768f * x + 0.0088f;
}

Programmed PcmDevice::program(const Plane& target, const CellDraws& draws) const {
  Programmed cells{target, target, Plane::Zero(target.rows(), target.cols())};
  const float noise = static_cast<float>(config_.programming_noise);
  if (noise > 0.0f) {
    const Plane normals = draws.normals(kDrawProgramming);
    const Plane sigma =
        (target / g_max()).unaryExpr([this](float x) { return programming_sigma(x); });
    cells.reached = (target + sigma * normals * noise).cwiseMax(0.0f);
  }
  if (config_.failed_fraction > 0.0) {
    const Plane fate = draws.uniforms(kDrawFailure);
    const Plane stuck = draws.uniforms(kDrawFailedValue) * g_max();
    cells.failed = (fate < static_cast<float>(config_.failed_fraction)).cast<float>();
    cells.reached = (cells.failed > 0.0f).select(stuck, cells.reached);
  }
  return cells;
}

Plane PcmDevice::age(const Programmed& cells, double seconds, const CellDraws& draws) const {
  if (seconds <= 0.0) return cells.reached;
  const Plane exponent_draw = draws.normals(kDrawDriftExponent);
  const Plane noise_draw = draws.normals(kDrawLongTermNoise);
  const double elapsed = std::log((seconds + t0()) / t0());
  const float spread =
      static_cast<float>(std::sqrt(std::log((seconds + t0() + kReadTime) / (2.0 * kReadTime))));
  Plane aged(cells.reached.rows(), cells.reached.cols());
  for (Eigen::Index i = 0; i < aged.size(); ++i) {
    const float x_target = cells.target.data()[i] / g_max();
    const float g0 = cells.reached.data()[i];
    // The fit draws |N|; the clamp at 0 of the published form never acts after it.
    const float nu =
        std::abs(drift_mean(x_target) + drift_sigma(x_target) * exponent_draw.data()[i]);
    const float drifted = g0 * static_cast<float>(std::exp(-elapsed * static_cast<double>(nu)));
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
  return static_cast<float>(2.0 * noise * noise);  // |net| stays below 2, see Crossbar
}

ProgramReport PcmDevice::cost(const Plane& failed) const {
  return pcm_program_cost(config_, array_rows_, array_columns_,
                          static_cast<unsigned>(failed.rows()),
                          static_cast<unsigned>(failed.cols()), &failed);
}

ProgramReport pcm_program_cost(const PcmConfig& config, unsigned array_rows, unsigned array_columns,
                               unsigned block_rows, unsigned block_columns, const Plane* failed) {
  // Cells and failures of the block on each wrapped diagonal (column - row) mod size.
  const unsigned diagonals = std::max(array_rows, array_columns);
  std::vector<std::uint64_t> cells(diagonals, 0);
  std::vector<std::uint64_t> failures(diagonals, 0);
  for (unsigned r = 0; r < block_rows; ++r)
    for (unsigned c = 0; c < block_columns; ++c) {
      const unsigned diagonal = (c + diagonals - r) % diagonals;
      ++cells[diagonal];
      if (failed != nullptr && (*failed)(r, c) > 0.0f) ++failures[diagonal];
    }
  const double mean = std::min(config.mean_iterations, static_cast<double>(config.max_iterations));
  const unsigned parked = config.devices - 1;
  ProgramReport report;
  double pulses = 0.0;
  for (unsigned d = 0; d < diagonals; ++d) {
    if (cells[d] == 0) continue;
    const double passes = failures[d] > 0 ? config.max_iterations : mean;
    const std::uint64_t cycles = (cells[d] + config.current_dacs - 1) / config.current_dacs;
    const double iteration = static_cast<double>(cycles) * config.pulse_s + config.verify_s;
    report.seconds += kPolarities * (passes + parked) * iteration;
    const double good = static_cast<double>(cells[d] - failures[d]);
    const double bad = static_cast<double>(failures[d]);
    pulses += kPolarities * (good * (mean + parked) + bad * (config.max_iterations + parked));
    report.cells += cells[d];
    report.failed += failures[d];
  }
  report.pulses = static_cast<std::uint64_t>(std::llround(pulses));
  report.joules = pulses * (config.pulse_joules + config.verify_joules);
  return report;
}

}  // namespace aimc::cim
