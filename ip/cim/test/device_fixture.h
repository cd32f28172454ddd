// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "aimc/cim/device_model.h"

namespace aimc::cim {

struct Moments {
  double mean = 0.0;
  double sigma = 0.0;
};

inline Moments moments(const Plane& plane) {
  const Eigen::ArrayXXd values = plane.cast<double>();
  const double mean = values.mean();
  return {mean, std::sqrt((values - mean).square().mean())};
}

/// Many cells of one device model with one target.
class DeviceSample {
 public:
  static constexpr unsigned kSide = 400;
  static constexpr double kCells = 1.0 * kSide * kSide;
  /// Relative standard error of a standard deviation, and standard error of a mean in sigmas.
  static inline const double kSigmaError = 1.0 / std::sqrt(2.0 * kCells);
  static inline const double kMeanError = 1.0 / std::sqrt(kCells);

  DeviceSample(const DeviceModel& device, double target_us, std::uint64_t operation = 0)
      : device_(device),
        draws_{stream_, {0, kSide, 0, kSide}, kSide, 0, operation},
        cells_(
            device.program(Plane::Constant(kSide, kSide, static_cast<float>(target_us)), draws_)) {}

  const Programmed& cells() const { return cells_; }
  Moments fresh() const { return moments(cells_.reached); }
  Moments after(double seconds) const { return moments(device_.age(cells_, seconds, draws_)); }
  Plane aged(double seconds) const { return device_.age(cells_, seconds, draws_); }

 private:
  const DeviceModel& device_;
  RandomStream stream_{1, "sample"};
  CellDraws draws_;
  Programmed cells_;
};

}  // namespace aimc::cim
