// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

#include "aimc/activation/command.h"
#include "aimc/cim/cim_regs.h"
#include "aimc/cim/rom/rom_image.h"
#include "aimc/dma/dma_regs.h"
#include "aimc/network/image.h"
#include "chip.h"

namespace aimc::compiler {

/// What the result port took.
struct Committed {
  std::vector<std::int8_t> logits;
  std::uint32_t predicted = 0;
};

/// A chip without time: runs the task graphs of an image over byte arrays, with exact arrays and
/// the activation engine's own arithmetic. Of the tasks that may fire it takes any, at random, so a
/// missing edge shows as a wrong logit sooner or later.
class ChipExecutor {
 public:
  ChipExecutor(const network::Image& image, const Chip& chip, std::uint64_t seed);

  /// Gives tiles the weights of their masks.
  void insert(const cim::RomImage& masks);
  /// Runs the setup graph. @throws std::runtime_error for whatever hardware would report.
  void setup();
  /// Streams `records` through the frame graph until all have been committed.
  std::vector<Committed> stream(const std::vector<std::vector<std::uint8_t>>& records);
  /// Most frames that were in flight at once.
  std::size_t most_in_flight() const { return most_in_flight_; }

 private:
  struct EngineState {
    const Engine* engine = nullptr;
    std::vector<std::uint8_t> sram;
    std::vector<std::int16_t> cells;  ///< Weight, or kErased.
  };
  static constexpr std::int16_t kErased = 1000;

  std::uint8_t* at(std::uint64_t address, std::uint64_t bytes);
  void execute(const aimc_network_task_t& task);
  void run_dma(std::uint32_t address);
  void run_tile(EngineState& state, std::uint32_t address);
  void run_activation(EngineState& state, std::uint32_t address);
  void program(EngineState& state, const cim_command_t& command);
  void multiply(EngineState& state, const cim_command_t& command);
  std::int32_t product(const EngineState& state, const cim_command_t& command, std::uint32_t vector,
                       std::uint32_t column) const;
  static const std::uint8_t* sram_at(const EngineState& state, std::uint64_t address,
                                     std::uint64_t bytes);

  const network::Image& image_;
  std::vector<EngineState> engines_;  ///< In the order of the image.
  std::vector<std::uint8_t> ram_;
  std::vector<std::uint8_t> sensor_;
  std::vector<std::uint8_t> results_;
  std::uint32_t ram_base_, sensor_base_, results_base_;
  std::mt19937_64 random_;
  activation::Datapath datapath_;
  std::size_t most_in_flight_ = 0;
};

}  // namespace aimc::compiler
