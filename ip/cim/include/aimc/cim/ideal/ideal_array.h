// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/integer_plane.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Exact integers: int8 weights times int8 inputs, all 256 values of each, summed in 32 bits.
/// No conductances, so the full scale has no effect; no converters, so nothing clips.
class IdealArray : public Array {
 public:
  explicit IdealArray(const TileConfig& config);
  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;

 private:
  IdealConfig config_;
  IntegerPlane weights_;
};

double ideal_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
std::unique_ptr<Array> make_ideal_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
