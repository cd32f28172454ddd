// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

double fefet_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
/// A `Crossbar` of `FefetDevice`.
std::unique_ptr<Array> make_fefet_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
