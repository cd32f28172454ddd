// SPDX-License-Identifier: Apache-2.0
// The setup graph: commands and tables into SRAM, weights through a staging area into the arrays.
#include <algorithm>

#include "aimc/common/error.h"
#include "aimc/results/results_regs.h"
#include "emitter.h"

namespace aimc::compiler {

using network::Graph;

Emitter::Task Emitter::setup_dma(const std::vector<dma_descriptor_t>& chain,
                                 const std::string& name) {
  return builder_.add_task(Graph::setup, AIMC_TASK_DMA, AIMC_NETWORK_NONE, add_chain(chain), name);
}

void Emitter::emit_setup() {
  const std::uint32_t bytes[] = {network_.tensors[network_.output].shape.size()};
  const std::uint32_t constant = builder_.bus_address(builder_.add_words(bytes));
  setup_dma({copy(constant, chip_.results_base + RESULTS_BYTES_OFFSET, 4)}, "result size");
  for (std::size_t e = 0; e < chip_.engines.size(); ++e) {
    std::vector<std::size_t> blocks;
    for (std::size_t b = 0; b < mapping_.blocks.size(); ++b)
      if (mapping_.blocks[b].engine == e) blocks.push_back(b);
    const bool fixed = chip_.engines[e].tile && !writable(chip_.engines[e]);
    if (fixed) {
      for (const std::size_t b : blocks) add_mask(chip_.engines[e], mapping_.blocks[b]);
      blocks.clear();  // nothing to program
    }
    if (!blocks.empty() || memories_[e].table_bytes() > 0) setup_engine(e, blocks);
  }
}

/// Weights of tiles that firmware cannot program are part of the chip: they go into its masks.
void Emitter::add_mask(const Engine& tile, const Block& block) {
  const QuantisedLayer& layer = network_.layers[block.layer];
  const std::uint32_t columns = matrix_columns(layer);
  masks_.add(tile.name, tile.cim.rows, tile.cim.columns,
             {block.array_row, block.rows, block.array_column, block.columns},
             full_scale(layer, block),
             &layer.weights[std::size_t{block.first_row} * columns + block.first_column], columns);
}

/// Weights go in pieces that fit the staging area: copy, PROGRAM, copy over it, PROGRAM, ... The
/// first copy brings the tables along. Engines do not wait for each other.
void Emitter::setup_engine(std::size_t engine, const std::vector<std::size_t>& blocks) {
  struct Piece {
    const Block* block;
    std::uint32_t first, rows;
    std::uint32_t command = 0;
  };
  EngineMemory& memory = memories_[engine];
  const std::string& name = chip_.engines[engine].name;
  // Commands lie below the staging area, so their number comes first. Cutting a block once for each
  // of its rows is the most there can be.
  std::vector<Piece> pieces;
  std::uint32_t staging = 0;
  for (std::uint32_t count = static_cast<std::uint32_t>(blocks.size());;) {
    staging = memory.staging(count * CIM_COMMAND_BYTES);
    pieces.clear();
    for (const std::size_t b : blocks) {
      const Block& block = mapping_.blocks[b];
      const std::uint32_t rows = std::min(block.rows, staging / block.columns);
      if (rows == 0)
        user_error(Location{network_.file},
                   "the local SRAM of {} is too small to load weights: a row of {} B and {} B of "
                   "commands and tables, but it has {} B",
                   name, block.columns, memory.table_bytes(), memory.bytes());
      for (std::uint32_t first = 0; first < block.rows; first += rows)
        pieces.push_back({&block, first, std::min(rows, block.rows - first)});
    }
    if (pieces.size() <= count) break;
    count = static_cast<std::uint32_t>(pieces.size());
  }
  const std::uint32_t stage = memory.bytes() - staging;
  for (Piece& piece : pieces) {
    const QuantisedLayer& layer = network_.layers[piece.block->layer];
    piece.command = memory.add_table(
        bytes_of(program_command(layer, *piece.block, piece.first, piece.rows, stage)));
  }
  const std::uint32_t tables = builder_.bus_address(builder_.add_data(memory.tables()));
  std::vector<dma_descriptor_t> moves = {
      copy(tables, bus(engine, 0), static_cast<std::uint32_t>(memory.table_bytes()))};
  if (pieces.empty()) {
    setup_dma(moves, "tables -> " + name);
    return;
  }
  double seconds = 0;
  Task before = AIMC_NETWORK_NONE;
  for (const Piece& piece : pieces) {
    const Block& block = *piece.block;
    const QuantisedLayer& layer = network_.layers[block.layer];
    const std::uint32_t columns = matrix_columns(layer);
    const std::uint32_t offset =
        weights_[block.layer] + (block.first_row + piece.first) * columns + block.first_column;
    moves.push_back(copy_runs(builder_.bus_address(offset), bus(engine, stage), block.columns,
                              piece.rows, columns, block.columns));
    const std::string what =
        fmt::format("{} r{} c{}", layer.name, block.row_block, block.column_block);
    const Task load = setup_dma(moves, what + " -> " + name);
    if (before != AIMC_NETWORK_NONE) builder_.connect(Graph::setup, before, load);
    before = builder_.add_task(Graph::setup, AIMC_TASK_ENGINE, engine_index(engine), piece.command,
                               "program " + what);
    builder_.connect(Graph::setup, load, before);
    moves.clear();
    seconds += cim::program_seconds(chip_.engines[engine].cim, piece.rows, block.columns);
  }
  program_seconds_ = std::max(program_seconds_, seconds);
}

}  // namespace aimc::compiler
