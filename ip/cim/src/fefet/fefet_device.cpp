// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/fefet/fefet_device.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/exact_math.h"
#include "aimc/cim/fit_range.h"

namespace aimc::cim {
namespace {

constexpr double kBoltzmannOverCharge = 8.617333e-5;  // [V/K]

/// Cells of a row take their pulses together and wait for the slowest.
ProgramReport pulse_cost(const FefetConfig& config, const PulseTotals& totals) {
  const double verify = config.variant == "subthreshold" ? config.verify_s : 0.0;
  ProgramReport report;
  report.pulses = static_cast<std::uint64_t>(std::llround(totals.pulses));
  report.seconds = totals.slowest * (config.pulse_s + verify);
  report.joules = totals.pulses * config.pulse_joules;
  return report;
}

}  // namespace

FefetDevice::FefetDevice(const FefetConfig& config, double temperature_k)
    : config_(config),
      law_(PulseLaw::with_limit(config.mean_pulses, config.max_pulses)),
      temperature_k_(temperature_k) {}

double FefetDevice::thermal_volts() const {
  return config_.slope * kBoltzmannOverCharge * temperature_k_;
}

double FefetDevice::relative_sigma(double x) const {
  if (subthreshold()) return x * config_.verify_volts / thermal_volts();
  const double volts = std::hypot(config_.device_volts, config_.cycle_volts);
  return std::hypot(config_.resistor_spread * x, volts / config_.window_volts);
}

double FefetDevice::retained(double seconds) const {
  const double decades =
      exact_log(1.0 + std::max(0.0, seconds) / config_.retention_start_s) / exact_log(10.0);
  return std::max(0.0, 1.0 - config_.retention_loss * decades);
}

Programmed FefetDevice::program(const Plane& target, const CellDraws& draws) const {
  require_in_fit(target, 0.0, config_.g_max_us, "fefet");
  Programmed cells{target, target, Plane::Zero(target.rows(), target.cols()), Plane()};
  const CellDraws chip{draws.random, draws.block, draws.array_columns, draws.polarity, 0};
  const Plane device = chip.normals(kDrawDriftExponent);
  const Plane resistor = chip.normals(kDrawLongTermNoise);
  const Plane cycle = draws.normals(kDrawProgramming);
  for (Eigen::Index i = 0; i < target.size(); ++i) {
    double x = static_cast<double>(target.data()[i]) / config_.g_max_us;
    if (config_.levels > 0) x = std::nearbyint(x * config_.levels) / config_.levels;
    cells.target.data()[i] = static_cast<float>(x * config_.g_max_us);
    const double by_cycle = static_cast<double>(cycle.data()[i]);
    const double by_device = static_cast<double>(device.data()[i]);
    double reached = 0.0;
    if (x > 0.0 && subthreshold()) {
      const double kelvin = exact_exp(exact_log(x) * config_.programmed_k / temperature_k_);
      reached = kelvin * exact_exp(by_cycle * config_.verify_volts / thermal_volts());
    } else if (x > 0.0) {
      const double volts = config_.device_volts * by_device + config_.cycle_volts * by_cycle;
      const double limit = 1.0 + config_.resistor_spread * static_cast<double>(resistor.data()[i]);
      reached = limit * std::max(0.0, x + volts / config_.window_volts);
    }
    cells.reached.data()[i] = static_cast<float>(reached * config_.g_max_us);
  }
  if (subthreshold()) law_.draw(draws, cells);
  return cells;
}

Plane FefetDevice::age(const Programmed& cells, double seconds, const CellDraws&) const {
  return cells.reached * static_cast<float>(retained(seconds));
}

Plane FefetDevice::read_variance(const Plane& net) const {
  const float noise = static_cast<float>(config_.read_noise);
  return net.square() * (noise * noise);
}

float FefetDevice::variance_scale() const {
  constexpr double kHighest = 1.5;  // |net| of a cell far above its target
  return static_cast<float>(config_.read_noise * config_.read_noise * kHighest * kHighest);
}

ProgramReport FefetDevice::cost(const Plane& failed) const {
  return fefet_program_cost(config_, static_cast<unsigned>(failed.rows()),
                            static_cast<unsigned>(failed.cols()));
}

ProgramReport FefetDevice::cost_of_pulses(const Plane& failed, const Plane& positive,
                                          const Plane& negative) const {
  ProgramReport report =
      pulse_cost(config_, total_pulses(positive, negative, static_cast<unsigned>(failed.cols())));
  report.cells = static_cast<std::uint64_t>(failed.size());
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  return report;
}

ProgramReport fefet_program_cost(const FefetConfig& config, unsigned rows, unsigned columns) {
  PulseTotals totals{2.0 * rows * columns, 2.0 * rows};  // one pulse, unless verified
  if (config.variant == "subthreshold")
    totals = expected_pulses(PulseLaw::with_limit(config.mean_pulses, config.max_pulses), rows,
                             columns, columns);
  ProgramReport report = pulse_cost(config, totals);
  report.cells = std::uint64_t{rows} * columns;
  return report;
}

}  // namespace aimc::cim
