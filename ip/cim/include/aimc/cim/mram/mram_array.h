// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/planes/plane_array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Binary planes of magnetic junctions.
///
/// `sar`: a driven junction adds its conductance, 1 if it stores 1 and 1 / (1 + tmr) if it stores
/// 0; a reference column takes off the latter. `resistance_sum`: two junctions a cell, one of which
/// is in the series path: R_AP where input and weight are equal, R_P where not (XNOR); the sum of
/// resistances discharges a capacitor and the time is converted.
class MramArray : public PlaneArray {
 public:
  MramArray(const TileConfig& config, const RandomStream& random);

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;

 private:
  MramConfig config_;
};

double mram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
ReadShape mram_read_shape(const TileConfig& config);
std::unique_ptr<Array> make_mram_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
