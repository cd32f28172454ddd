// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aimc/cim/rom/rom_image.h"
#include "aimc/network/builder.h"
#include "commands.h"
#include "engine_memory.h"
#include "mapping.h"

namespace aimc::compiler {

/// What a layer costs in each frame, for the report.
struct LayerCost {
  double seconds = 0;           ///< On its busiest engine, without transport.
  std::uint64_t dma_bytes = 0;  ///< Copied for its operands and partial sums.
  std::uint64_t hop_bytes = 0;  ///< The same times the routers between.
};

/// The finished image and what the report says of it.
struct Emission {
  std::vector<std::uint8_t> image;
  std::vector<LayerCost> layers;
  std::vector<EngineMemory> memories;  ///< Of all engines of the chip.
  std::vector<double> engine_seconds;  ///< Busy time per frame of each engine.
  double program_seconds = 0;          ///< Longest programming time of a tile.
  cim::RomImage masks;                 ///< Of tiles that firmware cannot program.
};

/// Turns a mapped network into buffers, commands, copies and task graphs, and writes the image.
///
/// Each feature map has a home: the buffers into which its producers write, one for each column
/// block. An engine that needs it and is not its home gets a replica, filled by DMA. A buffer is
/// single: its writers wait in the next frame until all its readers are done (credit edges).
class Emitter {
 public:
  Emitter(const QuantisedNetwork& network, const Chip& chip, const Mapping& mapping);
  Emission run();

 private:
  using Task = std::uint32_t;
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  /// A piece of SRAM (or a window of a device) with the frame tasks that write and read it.
  struct Buffer {
    std::size_t engine = kNowhere;
    std::uint32_t address = 0;  ///< In local SRAM.
    std::vector<Task> writers;
    std::vector<Task> readers;
  };
  /// Columns [first, first + count) of a feature map, one row per pixel without gaps.
  struct Part {
    std::size_t buffer;
    std::uint32_t first, count;
  };
  /// Bytes [begin, end) of a feature map.
  struct Range {
    std::uint32_t begin, end;
  };
  struct Replica {
    std::size_t buffer;
    std::uint32_t begin;
  };
  /// Where an engine finds a feature map: byte k stands at address + k - begin.
  struct Operand {
    std::size_t buffer;
    std::uint32_t begin;
  };

  // emitter.cpp
  void add_network();
  void add_needs();
  void need(std::size_t tensor, std::size_t engine, Range range);
  void finish_buffers();
  std::size_t add_buffer(std::size_t engine, std::uint64_t bytes, const std::string& what);
  std::uint32_t bus(std::size_t engine, std::uint32_t address) const;
  std::uint32_t bus(const Buffer& buffer) const { return bus(buffer.engine, buffer.address); }
  std::uint32_t engine_index(std::size_t engine);
  std::uint32_t add_chain(const std::vector<dma_descriptor_t>& chain);
  Task dma_task(const std::vector<dma_descriptor_t>& chain, const std::string& name);
  template <class Command>
  Task engine_task(std::size_t engine, const Command& command, const std::string& name) {
    const std::uint32_t address = memories_[engine].add_table(bytes_of(command));
    return builder_.add_task(network::Graph::frame, AIMC_TASK_ENGINE, engine_index(engine), address,
                             name);
  }
  void connect(Task from, Task to) { builder_.connect(network::Graph::frame, from, to); }
  void write(std::size_t buffer, Task task) { buffers_[buffer].writers.push_back(task); }
  void read(std::size_t buffer, Task task) { buffers_[buffer].readers.push_back(task); }
  /// Tasks that hand one buffer on in place: each waits for the one before, the first for the last.
  void chain(const std::vector<Task>& tasks);
  void spend(std::size_t layer, std::size_t engine, double seconds);
  void count_copy(std::size_t layer, const dma_descriptor_t& descriptor, std::size_t from,
                  std::size_t to);

  // emit_layers.cpp
  void emit_input();
  void emit_activation(std::size_t layer);
  void emit_conv(std::size_t layer);
  void emit_columns(std::size_t layer, const std::vector<std::size_t>& blocks);
  Task product(const Block& block, const TileOperands& operands);
  void reduce(std::size_t layer, const Block& shape, std::size_t engine, std::size_t own,
              const std::vector<Task>& own_tasks,
              const std::vector<std::pair<std::size_t, Task>>& partials, std::size_t out);
  void deliver(std::size_t tensor, std::size_t layer);
  dma_descriptor_t part_copy(std::size_t tensor, const Part& part, const Replica& replica,
                             Range range) const;
  void emit_result();
  Operand operand(std::size_t tensor, std::size_t engine) const;
  std::uint32_t affine_table(std::size_t engine, const Block& block);

  // emit_setup.cpp
  void emit_setup();
  void setup_engine(std::size_t engine, const std::vector<std::size_t>& blocks);
  void add_mask(const Engine& tile, const Block& block);
  Task setup_dma(const std::vector<dma_descriptor_t>& chain, const std::string& name);

  const QuantisedNetwork& network_;
  const Chip& chip_;
  const Mapping& mapping_;
  network::ImageBuilder builder_;
  std::vector<EngineMemory> memories_;
  std::map<std::size_t, std::uint32_t> engine_indices_;   ///< Chip engine to image engine.
  std::vector<std::uint32_t> weights_;                    ///< Offset in DATA, by layer.
  std::vector<std::map<std::size_t, Range>> needs_;       ///< By tensor: engine and range.
  std::vector<std::vector<Part>> parts_;                  ///< By tensor.
  std::vector<std::map<std::size_t, Replica>> replicas_;  ///< By tensor: engine.
  std::vector<Buffer> buffers_;
  std::vector<LayerCost> costs_;
  std::vector<double> engine_seconds_;
  std::vector<std::map<std::size_t, double>> layer_seconds_;  ///< By layer: engine.
  double program_seconds_ = 0;
  cim::RomImage masks_;
};

}  // namespace aimc::compiler
