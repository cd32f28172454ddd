// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "chip.h"
#include "quantise.h"
#include "tile_choice.h"

namespace aimc::compiler {

/// A part of a layer's weight matrix that stands in one array.
struct Block {
  std::size_t layer = 0;
  std::uint32_t row_block = 0, column_block = 0;  ///< Place among the layer's blocks.
  std::uint32_t first_row = 0, rows = 0;          ///< Of the weight matrix.
  std::uint32_t first_column = 0, columns = 0;
  std::size_t engine = 0;                         ///< Tile, an index in `Chip::engines`.
  std::uint32_t array_row = 0, array_column = 0;  ///< Where it starts in the array.
};

/// Where each layer runs.
struct Mapping {
  std::vector<Block> blocks;                              ///< By layer, column block, row block.
  std::vector<std::vector<std::size_t>> blocks_of_layer;  ///< Empty for layers without weights.
  std::vector<std::size_t> engine_of_layer;  ///< Activation engine of layers without weights.
  std::size_t class_engine = 0;              ///< Activation engine of the arg-max.
  bool shared_tiles = false;                 ///< Some tile holds more than one block.
};

/// Rows of a layer's weight matrix, and its columns.
std::uint32_t matrix_rows(const QuantisedLayer& layer);
std::uint32_t matrix_columns(const QuantisedLayer& layer);
/// True if the layer is one matrix-vector product over the whole input map.
bool is_dense(const QuantisedNetwork& network, const QuantisedLayer& layer);

/// Splits weights into blocks of at most one array, as even as possible; gives each block a tile of
/// its own while tiles last, and packs the small ones together when they do not; and puts what
/// moves the most bytes nearest to the bridge, through which all DMA copies pass. All this within
/// the tiles that `choice` leaves to a layer.
/// @throws UserError with numbers if the weights do not fit the chip.
Mapping map_network(const QuantisedNetwork& network, const Chip& chip,
                    const TileChoice& choice = {});

}  // namespace aimc::compiler
