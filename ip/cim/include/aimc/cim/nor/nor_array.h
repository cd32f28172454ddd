// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

// Variants of NOR flash:
//   sonos     differential pairs of charge-trap cells on a `Crossbar`
//   wtm2101   the integer contract of a product, see `WtmArray`
//   four_bit  sonos cells of 7 levels each polarity and inputs of 15 steps each sign: weights
//             round(7 w / F), F (the full scale) in the part of the dynamic threshold, inputs
//             round(15 |x| / 127) by PN split

double nor_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
std::unique_ptr<Array> make_nor_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
