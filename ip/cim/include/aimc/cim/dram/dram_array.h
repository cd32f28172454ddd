// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/planes/plane_array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Binary planes of charges that leak: a level is 2^-(t / retention) after t without refresh. With
/// refresh t never exceeds the interval; without, weights older than the retention are lost.
///
/// `charge_sharing`: with k compute rows the levels of the bit line lie
/// supply * C / (k C + C_line) apart, so the sense offset in levels follows from the capacitances.
class DramArray : public PlaneArray {
 public:
  DramArray(const TileConfig& config, const RandomStream& random);

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;
  double level_scale(const Block& block) const override;

 private:
  DramConfig config_;
};

/// Volts between two levels of a bit line that shares charge with all of `active_rows`.
double dram_level_volts(const DramChargeSharing& config);
/// Share of time that refreshing takes: products last 1 / (1 - share) times as long.
double dram_refresh_share(const TileConfig& config);
/// Power of refreshing all rows [W].
double dram_refresh_power(const TileConfig& config);
/// One conversion with the copies of operands that come before it.
double dram_step_seconds(const TileConfig& config);

double dram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
ReadShape dram_read_shape(const TileConfig& config);
std::unique_ptr<Array> make_dram_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
