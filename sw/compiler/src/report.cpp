// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "aimc/common/quantity.h"
#include "compile.h"

namespace aimc::compiler {

namespace {

constexpr const char* kTypes[] = {"input", "conv",  "max pool", "average pool",
                                  "add",   "table", "leaky",    "softmax"};

std::string time_text(double seconds) { return format_quantity(seconds, Unit::second); }

/// "tile3 tile4" or, of many, "tile3 .. tile18 (16)".
std::string engines_text(const Compilation& compilation, const Chip& chip, std::size_t layer) {
  std::set<std::size_t> engines;
  for (const std::size_t b : compilation.mapping.blocks_of_layer[layer])
    engines.insert(compilation.mapping.blocks[b].engine);
  if (engines.empty()) engines.insert(compilation.mapping.engine_of_layer[layer]);
  std::vector<std::string> names;
  for (const std::size_t engine : engines) names.push_back(chip.engines[engine].name);
  if (names.size() > 4)
    return fmt::format("{} .. {} ({})", names.front(), names.back(), names.size());
  return fmt::format("{}", fmt::join(names, " "));
}

void layer_lines(const Compilation& compilation, const Chip& chip, std::string& text) {
  const auto out = std::back_inserter(text);
  const QuantisedNetwork& network = compilation.quantised;
  fmt::format_to(out, "{:<22}{:<14}{:<13}{:<11}{:>9}{:>7}{:>12}{:>10}{:>11}  {}\n", "layer",
                 "operation", "output", "weights", "cells", "used", "time", "copied", "step",
                 "engines");
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const QuantisedLayer& layer = network.layers[l];
    const QuantisedTensor& tensor = network.tensors[layer.fields.output];
    std::string weights, cells, used;
    if (!layer.weights.empty()) {
      std::set<std::size_t> tiles;
      for (const std::size_t b : compilation.mapping.blocks_of_layer[l])
        tiles.insert(compilation.mapping.blocks[b].engine);
      double capacity = 0;
      for (const std::size_t tile : tiles)
        capacity += double{1} * chip.engines[tile].cim.rows * chip.engines[tile].cim.columns;
      weights = fmt::format("{} x {}", matrix_rows(layer), matrix_columns(layer));
      cells = std::to_string(layer.weights.size());
      used = fmt::format("{:.1f}%", 100.0 * static_cast<double>(layer.weights.size()) / capacity);
    }
    const LayerCost& cost = compilation.emission.layers[l];
    fmt::format_to(out, "{:<22}{:<14}{:<13}{:<11}{:>9}{:>7}{:>12}{:>10}{:>11.4g}  {}\n", layer.name,
                   kTypes[layer.fields.type], to_text(tensor.shape), weights, cells, used,
                   time_text(cost.seconds), fmt::format("{} B", cost.dma_bytes), tensor.step,
                   engines_text(compilation, chip, l));
  }
}

void engine_lines(const Compilation& compilation, const Chip& chip, std::string& text) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "\n{:<10}{:<7}{:>9}{:>9}{:>9}{:>9}{:>7}{:>12}{:>7}\n", "engine", "kind",
                 "tables", "buffers", "SRAM", "cells", "used", "time", "hops");
  for (std::size_t e = 0; e < chip.engines.size(); ++e) {
    const EngineMemory& memory = compilation.emission.memories[e];
    const Engine& engine = chip.engines[e];
    if (memory.table_bytes() == 0) continue;
    std::uint64_t cells = 0;
    for (const Block& block : compilation.mapping.blocks)
      if (block.engine == e) cells += std::uint64_t{block.rows} * block.columns;
    const double capacity = double{1} * engine.cim.rows * engine.cim.columns;
    fmt::format_to(
        out, "{:<10}{:<7}{:>9}{:>9}{:>9}{:>9}{:>7}{:>12}{:>7}\n", engine.name,
        engine.tile ? engine.cim.kind : "", memory.table_bytes(), memory.buffer_bytes(),
        memory.bytes(), engine.tile ? std::to_string(cells) : "",
        engine.tile ? fmt::format("{:.1f}%", 100.0 * static_cast<double>(cells) / capacity) : "",
        time_text(compilation.emission.engine_seconds[e]), engine.hops);
  }
}

}  // namespace

std::string report(const Compilation& compilation, const Chip& chip) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "network '{}' on platform '{}'\n\n", compilation.quantised.name, chip.name);
  layer_lines(compilation, chip, text);
  engine_lines(compilation, chip, text);
  std::set<std::size_t> tiles;
  std::uint64_t cells = 0, bytes = 0, hop_bytes = 0;
  double sum = 0;
  for (const Block& block : compilation.mapping.blocks) {
    tiles.insert(block.engine);
    cells += std::uint64_t{block.rows} * block.columns;
  }
  for (const LayerCost& cost : compilation.emission.layers) {
    bytes += cost.dma_bytes;
    hop_bytes += cost.hop_bytes;
    sum += cost.seconds;
  }
  const auto& busy = compilation.emission.engine_seconds;
  const auto slowest = std::max_element(busy.begin(), busy.end());
  fmt::format_to(out, "\n{} of {} tiles, {} cells in {} blocks", tiles.size(), chip.tiles.size(),
                 cells, compilation.mapping.blocks.size());
  if (compilation.mapping.shared_tiles) text += ", several blocks in a tile";
  fmt::format_to(out, "\nper frame: {} copied, {} byte hops; engines alone {}; busiest {} {}\n",
                 fmt::format("{} B", bytes), hop_bytes, time_text(sum),
                 chip.engines[static_cast<std::size_t>(slowest - busy.begin())].name,
                 time_text(*slowest));
  fmt::format_to(out, "programming: {} on the slowest tile; image {} B\n",
                 time_text(compilation.emission.program_seconds),
                 compilation.emission.image.size());
  return text;
}

}  // namespace aimc::compiler
