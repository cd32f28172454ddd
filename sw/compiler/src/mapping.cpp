// SPDX-License-Identifier: Apache-2.0
#include "mapping.h"

#include <algorithm>
#include <numeric>

#include "aimc/common/error.h"
#include "packing.h"

namespace aimc::compiler {

namespace {

std::uint32_t divide_up(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// Part `index` of `total` cut into `parts` pieces that differ by one at most.
std::pair<std::uint32_t, std::uint32_t> share(std::uint32_t total, std::uint32_t parts,
                                              std::uint32_t index) {
  const auto begin = static_cast<std::uint32_t>(std::uint64_t{total} * index / parts);
  const auto end = static_cast<std::uint32_t>(std::uint64_t{total} * (index + 1) / parts);
  return {begin, end - begin};
}

/// Blocks that share a tile, and how many bytes a frame moves in and out of them.
struct Bin {
  FreeSpace space;
  std::vector<std::size_t> blocks;
  std::uint64_t cells = 0;
  std::uint64_t traffic = 0;
};

std::uint64_t block_traffic(const QuantisedNetwork& network, const QuantisedLayer& layer,
                            const Block& block, bool split) {
  const Shape& in = network.tensors[layer.fields.input].shape;
  const Shape& out = network.tensors[layer.fields.output].shape;
  const std::uint64_t bytes_in = is_dense(network, layer) ? block.rows : in.size();
  return bytes_in + std::uint64_t{out.pixels()} * block.columns * (split ? 4 : 1);
}

class Mapper {
 public:
  Mapper(const QuantisedNetwork& network, const Chip& chip, const TileChoice& choice)
      : network_(network), chip_(chip), pools_(choose_tiles(network, chip, choice)) {}

  Mapping run() {
    mapping_.blocks_of_layer.resize(network_.layers.size());
    mapping_.engine_of_layer.assign(network_.layers.size(), chip_.activations[0]);
    for (std::size_t l = 0; l < network_.layers.size(); ++l) split(l);
    for (std::size_t p = 0; p < pools_.pools.size(); ++p) {
      if (!pack(p, false) && !pack(p, true)) too_large(p);
      place(pools_.pools[p]);
    }
    place_activations();
    return std::move(mapping_);
  }

 private:
  void split(std::size_t l) {
    const QuantisedLayer& layer = network_.layers[l];
    if (layer.fields.type != AIMC_LAYER_CONV) return;
    const std::uint32_t rows = matrix_rows(layer), columns = matrix_columns(layer);
    const Pool& pool = pools_.pools[pools_.of_layer[l]];
    const std::uint32_t row_blocks = divide_up(rows, pool.rows);
    const std::uint32_t column_blocks = divide_up(columns, pool.columns);
    for (std::uint32_t c = 0; c < column_blocks; ++c) {
      for (std::uint32_t r = 0; r < row_blocks; ++r) {
        Block block;
        block.layer = l;
        block.row_block = r;
        block.column_block = c;
        std::tie(block.first_row, block.rows) = share(rows, row_blocks, r);
        std::tie(block.first_column, block.columns) = share(columns, column_blocks, c);
        mapping_.blocks_of_layer[l].push_back(mapping_.blocks.size());
        mapping_.blocks.push_back(block);
      }
    }
  }

  std::vector<std::size_t> blocks_of(std::size_t pool) const {
    std::vector<std::size_t> blocks;
    for (std::size_t b = 0; b < mapping_.blocks.size(); ++b)
      if (pools_.of_layer[mapping_.blocks[b].layer] == pool) blocks.push_back(b);
    return blocks;
  }

  /// Fills the bins with the blocks of a pool.
  /// @param dense  packs from the first tile on instead of spreading the blocks.
  bool pack(std::size_t p, bool dense) {
    const Pool& pool = pools_.pools[p];
    bins_.clear();
    std::vector<std::size_t> order = blocks_of(p);
    const auto cells = [&](std::size_t b) {
      return std::uint64_t{mapping_.blocks[b].rows} * mapping_.blocks[b].columns;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return cells(a) > cells(b); });
    for (const std::size_t b : order) {
      Block& block = mapping_.blocks[b];
      Bin* best = nullptr;
      const bool may_open = bins_.size() < pool.tiles.size();
      if (dense || !may_open) {
        for (Bin& bin : bins_) {
          if (!bin.space.fits(block.rows, block.columns)) continue;
          if (best == nullptr || (!dense && bin.cells < best->cells)) best = &bin;
        }
      }
      if (best == nullptr && may_open)
        best = &bins_.emplace_back(Bin{FreeSpace(pool.rows, pool.columns), {}, 0, 0});
      if (best == nullptr) return false;
      const auto place = best->space.take(block.rows, block.columns);
      block.array_row = place->row;
      block.array_column = place->column;
      best->blocks.push_back(b);
      best->cells += cells(b);
      const QuantisedLayer& layer = network_.layers[block.layer];
      best->traffic += block_traffic(network_, layer, block, matrix_rows(layer) > block.rows);
    }
    return true;
  }

  [[noreturn]] void too_large(std::size_t p) const {
    const Pool& pool = pools_.pools[p];
    const std::vector<std::size_t> blocks = blocks_of(p);
    std::uint64_t cells = 0;
    for (const std::size_t b : blocks)
      cells += std::uint64_t{mapping_.blocks[b].rows} * mapping_.blocks[b].columns;
    const std::uint64_t array = std::uint64_t{pool.rows} * pool.columns;
    if (pool.tiles.size() < chip_.tiles.size())
      user_error(Location{network_.file},
                 "the layers mapped to the {} of platform '{}' are too large: their weights are {} "
                 "blocks with {} cells; there are {} such tiles of {}x{} with {} cells",
                 pool.what, chip_.name, blocks.size(), cells, pool.tiles.size(), pool.rows,
                 pool.columns, pool.tiles.size() * array);
    user_error(
        Location{network_.file},
        "the network is too large for platform '{}': its weights are {} blocks with {} cells; "
        "the chip has {} tiles of {}x{} with {} cells. A platform with {} tiles would fit",
        chip_.name, blocks.size(), cells, pool.tiles.size(), pool.rows, pool.columns,
        pool.tiles.size() * array, blocks.size());
  }

  /// Every copy passes the bridge, so the cost of a bin is its traffic times its own distance:
  /// the busiest bin takes the nearest tile. That is the optimum; no swap can lower the sum.
  void place(const Pool& pool) {
    std::vector<std::size_t> order(bins_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return bins_[a].traffic > bins_[b].traffic;
    });
    std::vector<std::size_t> tiles = pool.tiles;
    std::stable_sort(tiles.begin(), tiles.end(), [&](std::size_t a, std::size_t b) {
      return chip_.engines[a].hops < chip_.engines[b].hops;
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const std::size_t b : bins_[order[i]].blocks) mapping_.blocks[b].engine = tiles[i];
      mapping_.shared_tiles = mapping_.shared_tiles || bins_[order[i]].blocks.size() > 1;
    }
  }

  /// A layer stays on the engine of the activation layer before it, which saves a copy; else it
  /// goes to the engine with the least work, of equals to the nearest.
  void place_activations() {
    std::vector<std::uint64_t> work(chip_.engines.size(), 0);
    std::vector<std::size_t> home(network_.tensors.size(), chip_.engines.size());
    const auto least_busy = [&] {
      return *std::min_element(chip_.activations.begin(), chip_.activations.end(),
                               [&](std::size_t a, std::size_t b) {
                                 return std::pair(work[a], chip_.engines[a].hops) <
                                        std::pair(work[b], chip_.engines[b].hops);
                               });
    };
    for (std::size_t l = 0; l < network_.layers.size(); ++l) {
      const aimc_network_layer_t& fields = network_.layers[l].fields;
      if (fields.type == AIMC_LAYER_CONV) continue;
      std::size_t engine = chip_.engines.size();
      if (fields.type != AIMC_LAYER_INPUT) engine = home[fields.input];
      if (engine == chip_.engines.size()) engine = least_busy();
      mapping_.engine_of_layer[l] = engine;
      home[fields.output] = engine;
      work[engine] += std::uint64_t{network_.tensors[fields.output].shape.size()} *
                      fields.kernel_height * fields.kernel_width;
    }
    mapping_.class_engine =
        home[network_.output] < chip_.engines.size() ? home[network_.output] : least_busy();
  }

  const QuantisedNetwork& network_;
  const Chip& chip_;
  Pools pools_;
  Mapping mapping_;
  std::vector<Bin> bins_;
};

}  // namespace

std::uint32_t matrix_columns(const QuantisedLayer& layer) {
  return static_cast<std::uint32_t>(layer.affine.size());
}

std::uint32_t matrix_rows(const QuantisedLayer& layer) {
  return static_cast<std::uint32_t>(layer.weights.size() / layer.affine.size());
}

bool is_dense(const QuantisedNetwork& network, const QuantisedLayer& layer) {
  const aimc_network_layer_t& fields = layer.fields;
  const Shape& in = network.tensors[fields.input].shape;
  const Shape& out = network.tensors[fields.output].shape;
  return fields.type == AIMC_LAYER_CONV && fields.kernel_height == in.height &&
         fields.kernel_width == in.width && out.pixels() == 1 && fields.pad_top == 0 &&
         fields.pad_left == 0 && fields.dilation_y == 1 && fields.dilation_x == 1;
}

Mapping map_network(const QuantisedNetwork& network, const Chip& chip, const TileChoice& choice) {
  return Mapper(network, chip, choice).run();
}

}  // namespace aimc::compiler
