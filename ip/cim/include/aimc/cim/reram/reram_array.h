// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

double reram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
/// A `Crossbar` of `ReramDevice`.
std::unique_ptr<Array> make_reram_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
