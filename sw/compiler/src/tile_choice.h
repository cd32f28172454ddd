// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "aimc/common/error.h"
#include "chip.h"
#include "quantise.h"

namespace aimc::compiler {

/// One line of a mapping file: layers by name, tiles by technology, by name or both.
struct TileRule {
  std::string layers;       ///< Pattern with * and ?.
  std::string kind = {};    ///< Of the array; empty: any.
  std::string tiles = "*";  ///< Pattern of instance names.
  Location where = {};
};

/// Which tiles a layer's weights may stand in, see the README for the file.
struct TileChoice {
  std::vector<TileRule> rules;  ///< The first that matches a layer decides.
};

/// Reads a mapping file. @throws UserError with file, line and column.
TileChoice read_tile_choice(const std::string& path);

/// Tiles that share layers: what a part of the network is packed onto.
struct Pool {
  std::vector<std::size_t> tiles;  ///< Indices in `Chip::engines`.
  unsigned rows = 0;               ///< Of the smallest array.
  unsigned columns = 0;
  std::string what;  ///< For messages: "tiles of kind rom".
};

struct Pools {
  std::vector<Pool> pools;
  std::vector<std::size_t> of_layer;  ///< By layer; only layers with weights have a meaning.
};

/// Sorts layers and tiles into pools. Layers without a rule go to all tiles that firmware can
/// program. A tile belongs to one pool.
/// @throws UserError for a rule that matches no layer or no tile, and for overlapping rules.
Pools choose_tiles(const QuantisedNetwork& network, const Chip& chip, const TileChoice& choice);

}  // namespace aimc::compiler
