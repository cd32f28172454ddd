// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aimc/activation/activation_config.h"
#include "aimc/cim/cost.h"
#include "aimc/platform/description.h"

namespace aimc::compiler {

/// A CIM tile or an activation engine of the platform.
struct Engine {
  std::string name;
  bool tile = false;
  std::uint32_t base = 0;  ///< Bus address of its window.
  std::uint32_t irq = 0;
  platform::Node node;
  std::uint32_t sram_bytes = 0;
  unsigned hops = 0;    ///< Routers between it and the bridge, where every DMA copy passes.
  cim::TileConfig cim;  ///< tile
  activation::Config activation;  ///< not tile
};

/// True if firmware can program the tile's array.
bool writable(const Engine& tile);

/// What the compiler has to know of a platform.
struct Chip {
  std::string name;
  std::vector<Engine> engines;     ///< Tiles first, then activation engines.
  std::vector<std::size_t> tiles;  ///< Indices in `engines`.
  std::vector<std::size_t> activations;
  std::uint32_t image_base = 0;
  std::uint32_t image_limit = 0;  ///< Bytes of RAM from there.
  std::uint32_t sensor_window = 0;
  std::uint32_t sensor_window_bytes = 0;
  std::uint32_t results_base = 0;
};

/// @throws UserError if the platform lacks tiles, an activation engine, a sensor or a result port.
Chip read_chip(const platform::Description& description);

}  // namespace aimc::compiler
