// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/device_model.h"

#include <cmath>
#include <span>

#include "aimc/cim/exact_math.h"

namespace aimc::cim {

double DeviceModel::grid_age(double seconds) const {
  constexpr double kStep = 0.02;
  const double points = std::floor(exact_log(seconds + 1.0) / kStep);
  return points < 1.0 || seconds < 1.0 ? 0.0 : exact_exp(points * kStep) - 1.0;
}

ProgramReport DeviceModel::cost_of_pulses(const Plane& failed, const Plane&, const Plane&) const {
  return cost(failed);
}

Plane CellDraws::normals(Draw purpose) const {
  const RandomStream stream = random.at(purpose + polarity, operation);
  Plane values(block.rows, block.columns);
  for (unsigned r = 0; r < block.rows; ++r)
    stream.normals(std::span(&values(r, 0), block.columns),
                   (block.first_row + r) * array_columns + block.first_column);
  return values;
}

Plane CellDraws::uniforms(Draw purpose) const {
  const RandomStream stream = random.at(purpose + polarity, operation);
  Plane values(block.rows, block.columns);
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      values(r, c) = stream.uniform((block.first_row + r) * array_columns + block.first_column + c);
  return values;
}

}  // namespace aimc::cim
