// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <string>

#include "aimc/cim/array_kinds.h"
#include "experiment.h"

namespace aimc::cim_bench {
namespace {

constexpr std::uint32_t kInputs = 2;

struct Age {
  const char* name;
  double seconds;
};
constexpr std::array<Age, 7> kAges{{{"0", 0.0},
                                    {"1 min", 60.0},
                                    {"1 h", 3600.0},
                                    {"1 d", 86400.0},
                                    {"5 d", 432000.0},
                                    {"30 d", 2.592e6},
                                    {"1 y", 3.1536e7}}};

/// Mean and standard deviation of a growing set of values (Welford).
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double delta = value - mean_;
    mean_ += delta / count_;
    sum_ += delta * (value - mean_);
  }
  double mean() const { return mean_; }
  double deviation() const { return count_ > 1 ? std::sqrt(sum_ / (count_ - 1)) : 0.0; }

 private:
  double count_ = 0.0;
  double mean_ = 0.0;
  double sum_ = 0.0;
};

double percent(double share) { return 100.0 * share; }

}  // namespace

void study_mvm(const Subject& subject, Figures& figures) {
  Experiment experiment(subject);
  const auto inputs =
      uniform_with_zeros(subject.seed, kInputs, subject.vectors * experiment.rows());
  const auto exact = experiment.exact(inputs, subject.vectors);
  const auto first = experiment.products(inputs, subject.vectors);
  const auto second = experiment.products(inputs, subject.vectors);
  Moments bias;
  Moments noise;
  double largest = 0.0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    bias.add(first[i] - static_cast<double>(exact[i]));
    noise.add((first[i] - second[i]) / std::sqrt(2.0));
    largest = std::max(largest, std::abs(static_cast<double>(exact[i])));
  }
  const double scale = largest > 0.0 ? 1.0 / largest : 0.0;
  figures.add("", "relative L2 error", percent(relative_error(first, exact)), "%");
  figures.add("", "mean error, of the largest output", percent(bias.mean() * scale), "%");
  figures.add("", "error of one product, sigma of the largest output",
              percent(bias.deviation() * scale), "%");
  figures.add("", "of that: changes from read to read", percent(noise.deviation() * scale), "%");
}

void study_programming(const Subject& subject, Figures& figures) {
  Subject bare = subject;
  bare.config.adc.kind = "ideal";  // see the cells, not the converters
  constexpr int kLevels = 9;
  constexpr int kReads = 8;
  const auto level = [](unsigned column) {
    const int step = static_cast<int>(column % kLevels) - kLevels / 2;
    return static_cast<std::int8_t>(std::lround(127.0 * step / (kLevels / 2)));
  };
  const std::size_t columns = subject.config.columns;
  std::vector<std::int8_t> weights(subject.config.rows * columns);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = level(static_cast<unsigned>(i % columns));
  Experiment experiment(bare, weights);
  std::array<Moments, kLevels> spread;
  std::vector<std::int8_t> one_hot(experiment.rows());
  for (unsigned row = 0; row < experiment.rows(); ++row) {
    one_hot[row] = 127;
    std::vector<double> sums(columns);
    for (int read = 0; read < kReads; ++read) {
      const auto found = experiment.products(one_hot, 1);
      for (std::size_t c = 0; c < columns; ++c) sums[c] += found[c];
    }
    for (std::size_t c = 0; c < columns; ++c)
      spread[c % kLevels].add(sums[c] / (kReads * 127.0 * 127.0));
    one_hot[row] = 0;
  }
  for (int step = 0; step < kLevels; ++step) {
    const std::string setting = fmt::format("weight = {:+.2f}", (step - kLevels / 2) / 4.0);
    figures.add(setting, "mean", percent(spread[static_cast<std::size_t>(step)].mean()),
                "% of full scale");
    figures.add(setting, "spread", percent(spread[static_cast<std::size_t>(step)].deviation()),
                "% of full scale");
  }
  const cim::ProgramReport& report = experiment.programming();
  if (report.cells == 0) return;  // mask ROM
  figures.add("", "cells that did not converge",
              percent(static_cast<double>(report.failed) / static_cast<double>(report.cells)), "%");
  figures.add("", "pulses per cell",
              static_cast<double>(report.pulses) / static_cast<double>(report.cells), "");
}

void study_drift(const Subject& subject, Figures& figures) {
  for (const Age& age : kAges) {
    Subject aged = subject;
    aged.config.age_s = subject.config.age_s + age.seconds;
    Experiment experiment(aged);
    const std::string setting = std::string("age = ") + age.name;
    if (experiment.array().state(experiment.whole()) == cim::CellState::expired) {
      figures.add(setting, "retention expired", 1.0, "");
      continue;
    }
    const auto inputs =
        uniform_with_zeros(subject.seed, kInputs, subject.vectors * experiment.rows());
    const auto exact = experiment.exact(inputs, subject.vectors);
    const auto found = experiment.products(inputs, subject.vectors);
    double gain = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      gain += found[i] * static_cast<double>(exact[i]);
      norm += static_cast<double>(exact[i]) * static_cast<double>(exact[i]);
    }
    figures.add(setting, "relative L2 error", percent(relative_error(found, exact)), "%");
    figures.add(setting, "gain", gain / norm, "");
  }
}

void study_adc(const Subject& subject, Figures& figures) {
  for (const int quarter : {1, 2, 3, 4}) {
    Experiment experiment(subject);
    auto inputs = uniform_with_zeros(subject.seed, kInputs, subject.vectors * experiment.rows());
    for (std::int8_t& x : inputs) x = static_cast<std::int8_t>(x * quarter / 4);
    const auto exact = experiment.exact(inputs, subject.vectors);
    const auto found = experiment.products(inputs, subject.vectors);
    const std::string setting = fmt::format("inputs up to {} %", 25 * quarter);
    const double conversions = static_cast<double>(found.size());
    figures.add(setting, "conversions clipped",
                percent(static_cast<double>(experiment.clipped()) / conversions), "%");
    figures.add(setting, "relative L2 error", percent(relative_error(found, exact)), "%");
  }
}

}  // namespace aimc::cim_bench
