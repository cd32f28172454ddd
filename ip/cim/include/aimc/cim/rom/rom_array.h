// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/read_shape.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

// Variants of mask ROM; none can be programmed by firmware.
//   digital  bits of weights at crossings, digital sums; exact
//   ternary  -1, 0, +1 (two weights a transistor in BitROM), digital sums; exact
//   charge   several bits a cell, charge shared among cells, one ADC a column

ReadShape rom_read_shape(const TileConfig& config);
/// Reads the mask of `config.rom`.
/// @throws UserError if it cannot be read, does not fit, or holds weights that cells cannot.
std::unique_ptr<Array> make_rom_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
