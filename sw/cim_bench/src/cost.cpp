// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/cost.h"

#include <time.h>

#include <algorithm>

#include "experiment.h"

namespace aimc::cim_bench {
namespace {

constexpr std::uint32_t kInputs = 2;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

constexpr double kPico = 1e12;
constexpr double kNano = 1e9;

}  // namespace

void study_throughput(const Subject& subject, Figures& figures) {
  constexpr double kSampleSeconds = 0.05;
  constexpr int kSamples = 5;
  Experiment experiment(subject);
  for (const std::size_t batch : {1u, 16u, 64u, 256u}) {
    const auto inputs = uniform_with_zeros(subject.seed, kInputs, batch * experiment.rows());
    experiment.products(inputs, batch);
    double best = 1e9;
    for (int sample = 0; sample < kSamples; ++sample) {
      std::size_t done = 0;
      const double start = cpu_seconds();
      double used = 0.0;
      while (used < kSampleSeconds) {
        experiment.products(inputs, batch);
        done += batch;
        used = cpu_seconds() - start;
      }
      best = std::min(best, used / static_cast<double>(done));
    }
    figures.add(fmt::format("batch = {}", batch), "simulated products per CPU second", 1.0 / best,
                "1/s");
  }
  const double period =
      cim::mvm_period_seconds(subject.config, experiment.rows(), experiment.columns());
  figures.add("", "products of the modelled tile", 1.0 / period, "1/s");
}

void study_cost(const Subject& subject, Figures& figures) {
  const cim::TileConfig& config = subject.config;
  const cim::OperationEnergy energy = cim::product_energy(config, config.rows, config.columns, 1);
  const cim::TileArea area = cim::tile_area(config);
  const double operations = 2.0 * config.rows * config.columns;
  figures.add("", "time of a product in the array", kNano * cim::array_seconds(config), "ns");
  figures.add("", "from product to product",
              kNano * cim::mvm_period_seconds(config, config.rows, config.columns), "ns");
  figures.add("", "peak throughput", cim::peak_ops(config) / kPico, "TOPS");
  figures.add("", "peak efficiency of array and converters",
              cim::peak_ops_per_joule(config) / kPico, "TOPS/W");
  figures.add("", "energy of a product: array", kPico * energy.array, "pJ");
  figures.add("", "energy of a product: DAC", kPico * energy.dac, "pJ");
  figures.add("", "energy of a product: ADC", kPico * energy.adc, "pJ");
  figures.add("", "energy of a product: digital", kPico * energy.digital, "pJ");
  figures.add("", "energy per operation", kPico * energy.total() / operations, "pJ");
  figures.add("", "area", 1e6 * area.total(), "mm2");
  const Experiment experiment(subject);
  const cim::ProgramReport& report = experiment.programming();
  figures.add("", "loading all weights: time", 1e3 * report.seconds, "ms");
  figures.add("", "loading all weights: energy", 1e6 * report.joules, "uJ");
}

std::span<const Study> studies() {
  static constexpr Study kStudies[] = {
      {"mvm", "Error of products with random weights and inputs", study_mvm},
      {"programming", "Mean and spread of the weights by level", study_programming},
      {"drift", "Error and gain from the first read to a year", study_drift},
      {"adc", "Clipped conversions and error over the size of inputs", study_adc},
      {"throughput", "Products per second: of this program, of the tile", study_throughput},
      {"cost", "Time, energy and area of a product, cost of programming", study_cost},
  };
  return kStudies;
}

}  // namespace aimc::cim_bench
