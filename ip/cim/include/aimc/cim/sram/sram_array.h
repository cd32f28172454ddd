// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "aimc/cim/array.h"
#include "aimc/cim/read_shape.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

// Variants of static RAM:
//   adder_tree  weights' bits times one input bit a cycle, summed by a tree of adders; exact
//   bit_serial  adders in each cell, sums travel down the column bit by bit (Colonnade); exact
//   xnor        6T cells in pairs, ones of xnor(x, w) counted; exact
//   charge      conjunction on capacitors, one ADC a column; exact while levels have codes
//   current     6T cells discharge the bit line; bent and spread

double sram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns);
ReadShape sram_read_shape(const TileConfig& config);
std::unique_ptr<Array> make_sram_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
