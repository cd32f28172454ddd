// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/reram/reram_device.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "aimc/cim/exact_math.h"
#include "aimc/cim/fit_range.h"
#include "aimc/cim/polynomial.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

constexpr double kDay = 86400.0;

double none(double, double) { return 0.0; }
double ohmic(double g, double) { return g; }
double unchanged(double, double, const ReramConfig&) { return 0.0; }

// NeuRRAM: lowest power first, x = g / 40.
constexpr std::array<double, 5> kWan1s{0.348, 16.030, -43.853, 45.393, -16.815};
constexpr std::array<double, 5> kWan1d{0.701, 22.086, -50.773, 47.095, -16.458};
constexpr std::array<double, 5> kWan2d{0.782, 20.274, -43.507, 37.062, -11.934};

double wan_fresh(double g, const ReramConfig&) { return polynomial(kWan1s, g / 40.0); }

double wan_aged(double g, double seconds, const ReramConfig&) {
  const double x = g / 40.0;
  const double t = std::clamp(seconds, 1.0, 2.0 * kDay);
  const double at_1s = polynomial(kWan1s, x);
  const double at_1d = polynomial(kWan1d, x);
  if (t <= kDay) return at_1s + (at_1d - at_1s) * exact_log(t) / exact_log(kDay);
  const double part = exact_log(t / kDay) / exact_log(2.0);
  return at_1d + (polynomial(kWan2d, x) - at_1d) * part;
}

double cmo_fresh(double g, const ReramConfig& config) {
  return config.acceptance < 1.0 ? 0.00081 + 0.00107 * g : 0.01122 + 0.01129 * g;
}

double cmo_aged(double g, double seconds, const ReramConfig& config) {
  const double fresh = cmo_fresh(g, config);
  const double relaxed = 0.0420 * exact_log(std::max(seconds, 1.0)) + 0.4118;
  return std::sqrt(fresh * fresh + relaxed * relaxed);
}

double cmo_shift(double, double seconds) { return -0.0890 * exact_log(std::max(seconds, 1.0)); }

double cmo_slow_noise(double g, double seconds) {
  const double decades = exact_log(std::max(g, 1.0)) / exact_log(10.0);
  const double log_time = exact_log((seconds + 1e-6) / 2e-6);
  return 0.0277 * decades * std::sqrt(std::max(0.0, log_time));
}

double milo_fresh(double g, const ReramConfig&) { return 4.782 - 0.00911 * g; }

double milo_effective(double g, double volts) {
  const double l = exact_log(std::max(g, 1e-3) * 1e-6) / exact_log(10.0);  // of siemens
  const double a2 = 7.063e-3 + l * (5.711e-3 + l * (1.541e-3 + l * 1.388e-4));
  const double a3 = 1.2968e-3 + l * (6.7919e-4 + l * 8.871e-5);
  return g + 1e6 * (a2 * volts + a3 * volts * volts);
}

constexpr ReramFamily kFamilies[] = {
    {"neurram", 0.0, 40.0, wan_fresh, wan_aged, none, none, ohmic},
    {"cmo", 9.0, 88.2, cmo_fresh, cmo_aged, cmo_shift, cmo_slow_noise, ohmic},
    {"milo", 50.0, 225.0, milo_fresh, unchanged, none, none, milo_effective},
};

}  // namespace

const ReramFamily& find_reram_family(const std::string& name) {
  std::vector<std::string> names;
  for (const ReramFamily& family : kFamilies) {
    if (name == family.name) return family;
    names.emplace_back(family.name);
  }
  user_error("unknown family of resistive cells '{}'. Known: {}", name, join(names));
}

ReramDevice::ReramDevice(const ReramConfig& config)
    : config_(config),
      family_(find_reram_family(config.variant)),
      law_(reram_pulse_law(config)),
      linear_(family_.g_max / family_.effective(family_.g_max, config.read_volts)) {
  if (config.acceptance != 0.2 && config.acceptance != 2.0)
    user_error("reram.acceptance = {}: the fit knows verify windows of 0.2 and 2 percent",
               config.acceptance);
}

Programmed ReramDevice::program(const Plane& target, const CellDraws& draws) const {
  require_in_fit(target, family_.g_min, family_.g_max, family_.name);
  Programmed cells{target, target, Plane::Zero(target.rows(), target.cols()), Plane()};
  const Plane normals = draws.normals(kDrawProgramming);
  for (Eigen::Index i = 0; i < target.size(); ++i) {
    const double g = static_cast<double>(target.data()[i]);
    const double error = config_.programming_noise * family_.fresh_sigma(g, config_) *
                         static_cast<double>(normals.data()[i]);
    const double reached = std::max(0.0, g + error);
    cells.reached.data()[i] =
        static_cast<float>(std::max(0.0, linear_ * family_.effective(reached, config_.read_volts)));
  }
  law_.draw(draws, cells);
  return cells;
}

Plane ReramDevice::age(const Programmed& cells, double seconds, const CellDraws& draws) const {
  if (seconds <= 0.0 || !config_.relaxation) return cells.reached;
  const Plane relaxation = draws.normals(kDrawDriftExponent);
  const Plane noise = draws.normals(kDrawLongTermNoise);
  Plane aged(cells.reached.rows(), cells.reached.cols());
  for (Eigen::Index i = 0; i < aged.size(); ++i) {
    const double g = static_cast<double>(cells.target.data()[i]);
    const double fresh = family_.fresh_sigma(g, config_);
    const double now = family_.aged_sigma(g, seconds, config_);
    const double added = config_.programming_noise *
                         std::sqrt(std::max(0.0, now * now - fresh * fresh)) *
                         static_cast<double>(relaxation.data()[i]);
    const double relaxed = std::max(
        0.0, static_cast<double>(cells.reached.data()[i]) + family_.shift(g, seconds) + added);
    const double slow = family_.slow_noise(relaxed, seconds) * static_cast<double>(noise.data()[i]);
    aged.data()[i] = static_cast<float>(std::max(0.0, relaxed + slow));
  }
  return aged;
}

Plane ReramDevice::read_variance(const Plane& net) const {
  const float noise = static_cast<float>(config_.read_noise);
  const float low = g_min() / g_max();
  return noise * noise * ((net.abs() + low).square() + low * low);
}

float ReramDevice::variance_scale() const {
  const double low = family_.g_min / family_.g_max;
  const double high = 1.0 + low;  // |net| of an over-programmed pair
  return static_cast<float>(config_.read_noise * config_.read_noise * (high * high + low * low));
}

ProgramReport ReramDevice::cost(const Plane& failed) const {
  ProgramReport report = reram_program_cost(
      config_, expected_pulses(law_, static_cast<unsigned>(failed.rows()),
                               static_cast<unsigned>(failed.cols()), config_.cells_at_once));
  report.cells = static_cast<std::uint64_t>(failed.size());
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  return report;
}

ProgramReport ReramDevice::cost_of_pulses(const Plane& failed, const Plane& positive,
                                          const Plane& negative) const {
  ProgramReport report =
      reram_program_cost(config_, total_pulses(positive, negative, config_.cells_at_once));
  report.cells = static_cast<std::uint64_t>(failed.size());
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  return report;
}

PulseLaw reram_pulse_law(const ReramConfig& config) {
  return PulseLaw::with_failures(config.mean_pulses, config.failed_fraction);
}

ProgramReport reram_program_cost(const ReramConfig& config, const PulseTotals& totals) {
  ProgramReport report;
  report.pulses = static_cast<std::uint64_t>(std::llround(totals.pulses));
  report.seconds = totals.slowest * config.cell_s / config.mean_pulses;
  report.joules = totals.pulses * config.pulse_joules;
  return report;
}

}  // namespace aimc::cim
