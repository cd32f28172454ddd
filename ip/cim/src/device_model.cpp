// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/device_model.h"

#include <span>

namespace aimc::cim {

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
