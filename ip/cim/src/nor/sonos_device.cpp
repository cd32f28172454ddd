// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/nor/sonos_device.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "aimc/cim/exact_math.h"
#include "aimc/cim/fit_range.h"
#include "aimc/cim/polynomial.h"

namespace aimc::cim {
namespace {

constexpr double kNanoamperes = 100.0;  // of one uS at 0.1 V
constexpr double kMaximum = 1600.0;     // [nA]
constexpr double kDay = 86400.0;
constexpr int kLastDay = 5;

struct Saturating {
  double a, b;
  double at(double current) const { return a * (1.0 - exact_exp(-current / b)); }
};
constexpr std::array<Saturating, kLastDay + 1> kSpread{{{19.88665, 176.3115},
                                                        {25.59102, 186.85544},
                                                        {28.72753, 193.56834},
                                                        {31.04318, 198.90332},
                                                        {33.76214, 204.77023},
                                                        {34.57909, 207.34309}}};
constexpr Saturating kReadNoise{12.58037, 215.36557};
constexpr std::array<double, 11> kShiftDay1{0.172684,     0.0572552,    -6.85715e-4,  3.50271e-6,
                                            -9.37682e-9,  1.40575e-11,  -1.19803e-14, 5.41293e-18,
                                            -8.85448e-22, -1.66869e-25, 5.9518e-29};
constexpr std::array<double, 11> kShiftDay5{0.319927,     0.106596,     -1.04054e-3,  4.5029e-6,
                                            -1.10352e-8,  1.56477e-11,  -1.27592e-14, 5.45513e-18,
                                            -7.26841e-22, -2.43893e-25, 7.14608e-29};

/// Cells of a row take their pulses together and wait for the slowest.
ProgramReport pulse_cost(const NorConfig& config, const PulseTotals& totals) {
  ProgramReport report;
  report.pulses = static_cast<std::uint64_t>(std::llround(totals.pulses));
  report.seconds = config.erase_s + totals.slowest * (config.pulse_s + config.verify_s);
  report.joules = totals.pulses * (config.pulse_joules + config.verify_joules);
  return report;
}

}  // namespace

SonosDevice::SonosDevice(const NorConfig& config, unsigned levels)
    : config_(config), law_(nor_pulse_law(config)), levels_(levels) {}

double SonosDevice::spread(double current_na, double days) {
  const double t = std::clamp(days, 0.0, double{kLastDay});
  const auto before = static_cast<std::size_t>(std::min(std::floor(t), kLastDay - 1.0));
  const double part = t - static_cast<double>(before);
  return (1.0 - part) * kSpread[before].at(current_na) + part * kSpread[before + 1].at(current_na);
}

double SonosDevice::shift(double current_na, double days) {
  const double t = std::clamp(days, 0.0, double{kLastDay});
  const double first = polynomial(kShiftDay1, current_na);
  if (t <= 1.0) return t * first;
  const double part = (t - 1.0) / (kLastDay - 1.0);
  return (1.0 - part) * first + part * polynomial(kShiftDay5, current_na);
}

double SonosDevice::read_sigma(double current_na) { return kReadNoise.at(current_na); }

Programmed SonosDevice::program(const Plane& target, const CellDraws& draws) const {
  require_in_fit(target, 0.0, kMaximum / kNanoamperes, "nor sonos");
  Programmed cells{target, target, Plane::Zero(target.rows(), target.cols()), Plane()};
  if (levels_ > 0) {
    const float steps = static_cast<float>(levels_) / g_max();
    cells.target = (target * steps).unaryExpr([](float x) { return std::nearbyint(x); }) / steps;
    cells.reached = cells.target;
  }
  if (config_.programming_noise > 0.0) {
    const Plane normals = draws.normals(kDrawProgramming);
    for (Eigen::Index i = 0; i < normals.size(); ++i) {
      const double current = static_cast<double>(cells.target.data()[i]) * kNanoamperes;
      const double error =
          config_.programming_noise * spread(current, 0.0) * static_cast<double>(normals.data()[i]);
      cells.reached.data()[i] = static_cast<float>(std::max(0.0, current + error) / kNanoamperes);
    }
  }
  law_.draw(draws, cells);
  return cells;
}

Plane SonosDevice::age(const Programmed& cells, double seconds, const CellDraws& draws) const {
  if (seconds <= 0.0 || !config_.drift) return cells.reached;
  const double days = seconds / kDay;
  const Plane normals = draws.normals(kDrawLongTermNoise);
  Plane aged = cells.reached;
  for (Eigen::Index i = 0; i < aged.size(); ++i) {
    const double target = static_cast<double>(cells.target.data()[i]) * kNanoamperes;
    if (target <= 0.0) continue;  // an erased cell has no charge to lose
    const double fresh = spread(target, 0.0);
    const double now = spread(target, days);
    const double added = config_.programming_noise *
                         std::sqrt(std::max(0.0, now * now - fresh * fresh)) *
                         static_cast<double>(normals.data()[i]);
    const double current = static_cast<double>(aged.data()[i]) * kNanoamperes;
    aged.data()[i] =
        static_cast<float>(std::max(0.0, current + shift(target, days) + added) / kNanoamperes);
  }
  return aged;
}

Plane SonosDevice::read_variance(const Plane& net) const {
  const double factor = config_.read_noise / kMaximum;
  return net.unaryExpr([factor](float x) {
    const double sigma = factor * read_sigma(std::abs(static_cast<double>(x)) * kMaximum);
    return static_cast<float>(sigma * sigma);
  });
}

float SonosDevice::variance_scale() const {
  const double sigma = config_.read_noise * kReadNoise.a / kMaximum;
  return static_cast<float>(sigma * sigma);
}

ProgramReport SonosDevice::cost(const Plane& failed) const {
  return nor_program_cost(config_, static_cast<unsigned>(failed.rows()),
                          static_cast<unsigned>(failed.cols()));
}

ProgramReport SonosDevice::cost_of_pulses(const Plane& failed, const Plane& positive,
                                          const Plane& negative) const {
  ProgramReport report =
      pulse_cost(config_, total_pulses(positive, negative, static_cast<unsigned>(failed.cols())));
  report.cells = static_cast<std::uint64_t>(failed.size());
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  return report;
}

PulseLaw nor_pulse_law(const NorConfig& config) {
  return PulseLaw::with_limit(config.mean_iterations, config.max_iterations);
}

ProgramReport nor_program_cost(const NorConfig& config, unsigned rows, unsigned columns) {
  ProgramReport report =
      pulse_cost(config, expected_pulses(nor_pulse_law(config), rows, columns, columns));
  report.cells = std::uint64_t{rows} * columns;
  return report;
}

}  // namespace aimc::cim
