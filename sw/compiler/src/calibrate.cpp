// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "aimc/common/error.h"
#include "float_executor.h"
#include "quantise.h"

namespace aimc::compiler {

namespace {

constexpr std::size_t kBins = 2048;
constexpr double kLevels = 127.0;

/// Magnitudes of one feature map over all records.
struct Magnitudes {
  double largest = 0;
  std::array<double, kBins> counts{};

  void add(double value) {
    const double position = std::fabs(value) / largest * kBins;
    counts[std::min(static_cast<std::size_t>(position), kBins - 1)] += 1;
  }

  /// Sum of squared errors if magnitudes up to `limit` are written with 127 steps.
  double error(double limit) const {
    const double step = limit / kLevels;
    double sum = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      if (counts[bin] == 0) continue;
      const double value = (static_cast<double>(bin) + 0.5) * largest / kBins;
      const double written = std::min(std::nearbyint(value / step), kLevels) * step;
      sum += counts[bin] * (value - written) * (value - written);
    }
    return sum;
  }

  double best_limit() const {
    double best = largest, least = error(largest);
    for (int percent = 98; percent >= 30; percent -= 2) {
      const double limit = largest * percent / 100.0;
      const double now = error(limit);
      if (now < least) {
        least = now;
        best = limit;
      }
    }
    return best;
  }
};

}  // namespace

std::vector<double> calibrate(const Network& network, const std::vector<std::uint8_t>& records,
                              const CalibrationOptions& options) {
  const std::size_t record_bytes = network.tensors[network.input].shape.size();
  const std::size_t count = records.size() / record_bytes;
  if (count == 0) user_error("calibration needs at least one record");
  for (const float std : network.input_std)
    if (!(std > 0))
      user_error(Location{network.file},
                 "a standard deviation of the input of {}: it must be positive", std);
  std::vector<Magnitudes> magnitudes(network.tensors.size());
  const auto for_each_map = [&](const auto& visit) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const std::uint8_t> record(&records[i * record_bytes], record_bytes);
      const FloatMaps maps = evaluate(network, input_values(network, record, options.planar));
      for (std::size_t t = 0; t < maps.size(); ++t) visit(magnitudes[t], maps[t]);
    }
  };
  for_each_map([](Magnitudes& all, const std::vector<float>& map) {
    for (const float value : map)
      all.largest = std::max(all.largest, static_cast<double>(std::fabs(value)));
  });
  for (std::size_t t = 0; t < magnitudes.size(); ++t) {
    if (!std::isfinite(magnitudes[t].largest))
      user_error(Location{network.file}, "the values of '{}' leave the range of floating point",
                 network.tensors[t].name);
    if (magnitudes[t].largest == 0) magnitudes[t].largest = 1.0;  // all zeros: any step will do
  }
  if (options.method == Calibration::mse)
    for_each_map([](Magnitudes& all, const std::vector<float>& map) {
      for (const float value : map) all.add(value);
    });
  std::vector<double> steps;
  for (std::size_t t = 0; t < magnitudes.size(); ++t) {
    // The input and the result keep their whole range: one is cheap to keep, the other is compared.
    const bool whole =
        options.method == Calibration::max || t == network.input || t == network.output;
    steps.push_back((whole ? magnitudes[t].largest : magnitudes[t].best_limit()) / kLevels);
  }
  for (const Node& node : network.nodes) {
    if (node.op == Op::max_pool) steps[node.output] = steps[node.inputs[0]];
    if (node.op == Op::softmax) steps[node.output] = 1.0 / 128.0;
  }
  return steps;
}

}  // namespace aimc::compiler
