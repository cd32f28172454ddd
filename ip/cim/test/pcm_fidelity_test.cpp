// SPDX-License-Identifier: Apache-2.0
// Rows V6, V7, V14 and V15 of the validation table.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/pcm/pcm_device.h"
#include "aimc/testing/fidelity.h"
#include "array_fixture.h"
#include "device_fixture.h"

namespace aimc::cim {
namespace {

using aimc::testing::compare_near;
using aimc::testing::compare_range;

constexpr std::size_t kVectors = 256;

struct ProductError {
  double relative = 0.0;  ///< |error|_2 / |product|_2
  double sigma = 0.0;     ///< Of the error [cells].
};

/// Errors of 256 random products of a full array: uniform weights and inputs, `zeros` of them 0.
ProductError product_error(TileConfig config, float zeros) {
  auto weights = random_bytes(21, 65536, -127, 127);
  auto inputs = random_bytes(22, kVectors * 256, -127, 127);
  const RandomStream random(4, "v6");
  for (std::uint32_t i = 0; i < 65536; ++i) {
    if (random.at(1).uniform(i) < zeros) weights[i] = 0;
    if (random.at(2).uniform(i) < zeros) inputs[i] = 0;
  }
  const Block block{0, 256, 0, 256};
  const auto array = make_array(config, RandomStream(1, "tile"));
  array->program(block, weights.data(), 256, 127, 0);
  std::vector<std::int32_t> sums(kVectors * 256);
  array->multiply(block, inputs.data(), 256, kVectors, 0, sums.data());
  const auto exact = reference_product(block, weights, inputs, kVectors);
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error += std::pow(sums[i] - exact[i], 2);
    norm += std::pow(exact[i], 2);
  }
  return {std::sqrt(error / norm),
          std::sqrt(error / static_cast<double>(sums.size())) / (127.0 * 127.0)};
}

TileConfig hermes(unsigned devices = 2) {
  TileConfig config = array_config("pcm", 256, 256);
  config.pcm.devices = devices;
  return config;
}

double relative_error(TileConfig config) {
  config.adc.kind = "ideal";
  return product_error(config, 0.3f).relative;
}

// 131,072 devices and more; the error of one array differs from that of another by 0.5 % of
// itself, while the nearest end of a range is over 5 % away: false alarms below 1e-9.
TEST(Fidelity, V6ProductErrorLiesBetweenTheDigitalPrecisionsOfTheChip) {
  const std::string statistics = "n = 65,536 outputs, false alarm < 1e-9";
  compare_range("V6", "relative L2 error, two devices [%]", 6, 11, 100 * relative_error(hermes(2)),
                3, statistics);
  compare_range("V6", "relative L2 error, one device [%]", 12, 18, 100 * relative_error(hermes(1)),
                3, statistics);
}

TEST(Fidelity, V7ErrorGrowsWithAgeAndCompensationRemovesPartOfIt) {
  TileConfig config = hermes();
  const double fresh = relative_error(config);
  double last = fresh, last_without = fresh;
  const std::string statistics = "n = 65,536 outputs, false alarm < 1e-9";
  const std::pair<const char*, double> ages[] = {{"1000 s", 1e3}, {"1 d", 86400.0}};
  for (const auto& [name, seconds] : ages) {
    config.age_s = seconds;
    config.pcm.drift_compensation = "global";
    const double with = relative_error(config);
    config.pcm.drift_compensation = "none";
    const double without = relative_error(config);
    aimc::testing::compare(
        {"V7", fmt::format("relative L2 error at {} [%]", name),
         fmt::format("> {:.3g} compensated, more without", 100 * last),
         fmt::format("{:.3g} compensated, {:.3g} without", 100 * with, 100 * without),
         with > last && without > with && without > last_without, statistics});
    last = with;
    last_without = without;
  }
}

/// Largest deviations [%] of 160,000 devices a level from the formulas of a fit.
struct Deviations {
  double sigma = 0.0, exponent_mean = 0.0, exponent_sigma = 0.0;
};

/// Mean and sigma of |N(mu, s)|.
Moments folded(double mu, double s) {
  const double mean = s * std::sqrt(2 / std::numbers::pi) * std::exp(-mu * mu / (2 * s * s)) +
                      mu * std::erf(mu / (s * std::numbers::sqrt2));
  return {mean, std::sqrt(mu * mu + s * s - mean * mean)};
}

struct Level {
  double x;               // of g_max
  double sigma;           // of programming [uS]
  double mu, exponent_s;  // of the drift exponent
};

Deviations deviations(PcmConfig config, std::initializer_list<Level> levels) {
  constexpr double kSeconds = 30 * 86400.0;
  config.long_term_noise = 0.0;
  const PcmDevice pcm(config, DeviceSample::kSide, DeviceSample::kSide);
  const double decades = std::log((kSeconds + pcm.t0()) / pcm.t0());
  Deviations worst;
  const auto note = [](double& largest, double measured, double expected) {
    largest = std::max(largest, 100 * std::abs(measured / expected - 1));
  };
  for (const Level& level : levels) {
    const DeviceSample sample(pcm, level.x * static_cast<double>(pcm.g_max()));
    const Plane& reached = sample.cells().reached;
    // At 0 the half below is clamped: the mean square of a half normal is half its variance.
    const double sigma =
        level.x > 0 ? sample.fresh().sigma : std::sqrt(2 * reached.cast<double>().square().mean());
    note(worst.sigma, sigma, level.sigma);
    const Plane aged = sample.aged(kSeconds);
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (Eigen::Index i = 0; i < reached.size(); ++i) {
      if (reached.data()[i] <= 0.0f) continue;
      const double nu =
          -std::log(static_cast<double>(aged.data()[i] / reached.data()[i])) / decades;
      sum += nu;
      squares += nu * nu;
      count += 1.0;
    }
    const double mean = sum / count;
    const Moments expected = folded(level.mu, level.exponent_s);
    note(worst.exponent_mean, mean, expected.mean);
    note(worst.exponent_sigma, std::sqrt(squares / count - mean * mean), expected.sigma);
  }
  return worst;
}

void compare_deviations(const std::string& name, const Deviations& worst) {
  // Standard errors: 0.18 % of a sigma (0.28 % at zero), 0.07..0.18 % of a mean exponent; the
  // published figures of HERMES are rounded by up to 0.3 %.
  const std::string statistics = "n = 160,000 devices a level, false alarm < 1e-7";
  compare_range("V14", name + ": sigma of programming, largest deviation [%]", 0, 2, worst.sigma, 2,
                statistics);
  compare_range("V14", name + ": mean drift exponent, largest deviation [%]", 0, 2,
                worst.exponent_mean, 2, statistics);
  compare_range("V14", name + ": sigma of drift exponent, largest deviation [%]", 0, 2,
                worst.exponent_sigma, 2, statistics);
}

TEST(Fidelity, V14DevicesHaveTheStatisticsOfTheFits) {
  PcmConfig config;
  config.variant = "standard";
  compare_deviations("standard, 5 levels", deviations(config, {{0.0, 0.26348, 0.1, 0.045},
                                                               {0.1, 0.44825, 0.06009, 0.02288},
                                                               {0.2, 0.60956, 0.04935, 0.01422},
                                                               {0.5, 0.95271, 0.049, 0.008},
                                                               {1.0, 1.05538, 0.049, 0.008}}));
  config.variant = "hermes";
  // Sigmas of programming as published, in % of g_max with three digits.
  const double two = 20.7 / 100, one = 10.35 / 100;
  config.devices = 2;
  compare_deviations("two devices, 4 levels",
                     deviations(config, {{0.0, 0.80 * two, 0.13, 0.04},
                                         {0.25, 4.29 * two, 0.0677, 0.01052},
                                         {0.5, 4.79 * two, 0.0564, 0.009},
                                         {1.0, 5.28 * two, 0.0174, 0.0048}}));
  config.devices = 1;
  compare_deviations("one device, 4 levels",
                     deviations(config, {{0.0, 1.52 * one, 0.13, 0.04},
                                         {0.25, 5.94 * one, 0.0677, 0.01434},
                                         {0.5, 8.36 * one, 0.0564, 0.012075},
                                         {1.0, 9.73 * one, 0.0174, 0.0055}}));
}

// The operands and the full scale of the paper are not known to us. Here: uniform weights and
// inputs of a whole array, full scale that of the converters, 24.15 cells, which the largest exact
// output, 24.1, just reaches. With 30 % zeros the error is 1.23 % of that range, and 1.78 % of the
// largest output.
//
// 65,536 outputs of one array; that of another differs by 0.5 % of itself, the nearest end of the
// range is 10 % away: false alarms below 1e-9.
TEST(Fidelity, V15CoreErrorRelativeToFullScale) {
  TileConfig config = hermes();
  const auto percent = [](const TileConfig& tile) {
    return 100 * product_error(tile, 0.0f).sigma / tile.adc.full_scale;
  };
  compare_near("V15", "sigma of error, 8-bit pulse widths [% of full scale]", 1.94, percent(config),
               0.4, 3, "n = 65,536 outputs, false alarm < 1e-9");
  // The chip errs about twice as much with bit-serial inputs. Here each bit is converted with all
  // 448 codes, and the binary weights average the noise of the reads: that part of the row is not
  // reproduced, so it is printed and not compared.
  config.timing.input = "bit_serial";
  fmt::print(
      "[ V15      ] not reproduced: bit-serial inputs, about 3.9 % published, {:.3g} % here\n",
      percent(config));
}

}  // namespace
}  // namespace aimc::cim
