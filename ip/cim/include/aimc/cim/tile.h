// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "aimc/cim/array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/command_engine.h"

namespace aimc::cim {

struct Command;
struct Work;

/// Compute-in-memory tile: a crossbar with converters, a local digital unit and local SRAM behind
/// a command queue. Registers and commands: cim.regs.yaml; sockets: see CommandEngine.
///
/// Operands are copied when a command starts; the arithmetic may run on a worker thread while
/// simulated time passes; results appear in SRAM when the command ends. A stopped command writes
/// nothing, except that a stopped PROGRAM leaves its block unprogrammed. A reset clears SRAM,
/// registers and counters; the array keeps its weights, as non-volatile cells do.
class Tile : public CommandEngine {
 public:
  using Config = TileConfig;

  /// @throws UserError if the configuration names an unknown array kind.
  Tile(const sc_core::sc_module_name& name, const Config& config, Services& services);
  ~Tile() override;

  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;
  /// Tiles without weights are switched off.
  double static_power_w() const override {
    return array_->programmed_cells() > 0 ? config_.energy.static_power : 0.0;
  }

  /// The array, for tests and host tools.
  const Array& array() const { return *array_; }

 protected:
  Outcome execute(std::uint32_t descriptor) override;
  std::uint16_t command_name(std::uint32_t opcode) override;

 private:
  using Fault = std::optional<Outcome>;

  void connect_registers();
  // Checks of what the guest wrote, in tile_commands.cpp; each returns the first fault.
  Fault check_block(const Command& command) const;
  Fault check_patch(const Command& command) const;
  Fault check_inputs(const Command& command) const;
  Fault check_outputs(const Command& command) const;
  Fault check_affine(const Command& command) const;
  Fault check_cells(const Command& command) const;
  Fault check_strided(std::uint32_t address, std::uint32_t stride, std::uint64_t count,
                      std::uint64_t bytes) const;

  Outcome program(const Command& command);
  Outcome products(const Command& command);
  Outcome digital(const Command& command);
  Outcome readback(const Command& command);

  std::shared_ptr<Work> snapshot(const Command& command) const;
  /// Computes `work` while `seconds` of simulated time pass, then writes its results to SRAM.
  void perform(const std::shared_ptr<Work>& work, const Command& command, double seconds);
  void count_products(const Command& command, const Work& work);
  void cancel();

  Config config_;
  const struct ArrayKind& kind_;
  std::unique_ptr<Array> array_;
  std::array<std::uint16_t, 6> names_{};

  std::shared_ptr<Work> work_;  // of the running command, while a thread may hold it
  WorkerPool::Handle job_;

  std::uint64_t operation_ = 0;  // products since reset: keys the read noise
  std::uint64_t weight_loads_ = 0;
  std::uint64_t programmed_ = 0;  // cells since reset
  std::uint64_t failed_ = 0;      // of the last PROGRAM
  std::uint64_t clipped_ = 0;     // since reset

  struct Totals {
    std::uint64_t mvms = 0;
    std::uint64_t macs = 0;
    std::uint64_t results = 0;
    std::uint64_t clipped = 0;
    std::uint64_t cells_written = 0;
    std::uint64_t cells_failed = 0;
    std::uint64_t pulses = 0;
    double array_busy_s = 0.0;
    double digital_busy_s = 0.0;
    double program_s = 0.0;
  };
  Totals totals_;
  EnergyLedger::Cause array_energy_, dac_energy_, adc_energy_, digital_energy_, program_energy_;
};

}  // namespace aimc::cim
