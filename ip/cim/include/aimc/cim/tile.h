// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "aimc/cim/array.h"
#include "aimc/cim/capability.h"
#include "aimc/cim/cost.h"
#include "aimc/common/command_engine.h"

namespace aimc::cim {

struct Command;
struct Work;

/// Compute-in-memory tile: a crossbar with converters, a local digital unit and local SRAM behind
/// a command queue. Registers and commands: cim.regs.yaml; sockets: see CommandEngine.
///
/// Operands are copied when a command starts; the arithmetic may run on a worker thread while
/// simulated time passes; results appear in SRAM when the command ends. A stopped command writes
/// nothing, except that a stopped PROGRAM or REFRESH keeps the rows it has completed; the others
/// are unprogrammed. A reset clears SRAM, registers and counters; the array keeps its weights, as
/// non-volatile cells do.
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
    return programmed_cells() > 0 ? static_watts(config_) : 0.0;
  }

  /// The array, for tests and host tools.
  const Array& array() { return cells(); }

 protected:
  Outcome execute(std::uint32_t descriptor) override;
  std::uint16_t command_name(std::uint32_t opcode) override;

 private:
  using Fault = std::optional<Outcome>;

  Array& cells();
  CellState state(const Block& block) const {
    return array_ ? array_->state(block) : CellState::unprogrammed;
  }
  std::uint64_t programmed_cells() const { return array_ ? array_->programmed_cells() : 0; }
  std::uint32_t worst_writes() const { return array_ ? array_->writes(whole_array()) : 0; }

  // Registers, in tile_registers.cpp.
  void connect_registers();
  void constant(std::uint32_t offset, std::uint32_t value);
  void counter(std::uint32_t offset, const std::uint64_t& value);
  void connect_state();
  std::uint32_t array_status() const;
  double oldest_age_s() const;
  // Checks of what the guest wrote, in tile_commands.cpp; each returns the first fault.
  Fault check_block(const Command& command) const;
  Fault check_patch(const Command& command) const;
  Fault check_inputs(const Command& command) const;
  Fault check_outputs(const Command& command) const;
  Fault check_affine(const Command& command) const;
  Fault check_fp16(const Command& command) const;
  Fault check_cells(const Command& command) const;
  Fault check_failed_map(const Command& command) const;
  Fault check_strided(std::uint32_t address, std::uint32_t stride, std::uint64_t count,
                      std::uint64_t bytes) const;

  Outcome program(const Command& command);
  Outcome products(const Command& command);
  Outcome digital(const Command& command);
  Outcome readback(const Command& command);
  // Upkeep of weights, in tile_upkeep.cpp.
  Outcome verify(const Command& command);
  Outcome refresh(const Command& command);
  Outcome recalibrate(const Command& command);
  /// Lets a weight load take its time; what it does not reach before it is stopped is erased.
  void take_write(const Block& block, const ProgramReport& cost, EnergyLedger::Cause cause);
  void write_failed_map(const Command& command);
  Block whole_array() const { return {0, config_.rows, 0, config_.columns}; }

  std::shared_ptr<Work> snapshot(const Command& command) const;
  void load_channels(const Command& command, Work& work) const;
  /// Computes `work` while `seconds` of simulated time pass, then writes its results to SRAM.
  void perform(const std::shared_ptr<Work>& work, const Command& command, double seconds);
  void count_products(const Command& command, const Work& work);
  void spend(const OperationEnergy& cost);
  void cancel();

  Config config_;  // with the costs of its kind
  const struct ArrayKind& kind_;
  Capability capability_;
  /// The cells, made when they are first needed: most tiles of a large chip stay empty.
  std::unique_ptr<Array> array_;
  std::array<std::uint16_t, 9> names_{};

  std::shared_ptr<Work> work_;  // of the running command, while a thread may hold it
  WorkerPool::Handle job_;

  std::uint64_t operation_ = 0;  // products since reset: keys the read noise
  std::uint64_t weight_loads_ = 0;
  std::uint64_t programmed_ = 0;  // cells since reset
  std::uint64_t failed_ = 0;      // of the last PROGRAM
  std::uint64_t clipped_ = 0;     // since reset
  std::uint64_t extra_ = 0;       // products repeated since reset
  std::uint64_t verify_failed_ = 0;
  std::uint64_t verify_error_ = 0;  // in 1/1000 of a weight step
  std::uint64_t refreshes_ = 0;     // since reset
  std::uint64_t recalibrations_ = 0;
  std::uint32_t rows_done_ = 0;  // of the last weight load
  bool writing_ = false;
  std::uint64_t resets_ = 0;
  std::uint32_t age_high_ = 0;

  struct Totals {
    std::uint64_t mvms = 0;
    std::uint64_t macs = 0;
    std::uint64_t results = 0;
    std::uint64_t clipped = 0;
    std::uint64_t cells_written = 0;
    std::uint64_t cells_failed = 0;
    std::uint64_t pulses = 0;
    std::uint64_t extra_products = 0;
    std::uint64_t verifies = 0;
    std::uint64_t refreshes = 0;
    std::uint64_t recalibrations = 0;
    double array_busy_s = 0.0;
    double digital_busy_s = 0.0;
    double program_s = 0.0;
  };
  Totals totals_;
  EnergyLedger::Cause array_energy_, dac_energy_, adc_energy_, digital_energy_, program_energy_,
      refresh_energy_;
};

}  // namespace aimc::cim
