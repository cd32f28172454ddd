// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "aimc/common/engine_config.h"
#include "aimc/common/module.h"
#include "aimc/common/register_bank.h"
#include "aimc/common/stream_port.h"

namespace aimc {

/// Frame of every network endpoint that works through a queue of commands: registers and local
/// SRAM in one window, the queue, its sequencer thread, errors, the interrupt line and busy time.
/// An engine adds registers and one function that executes a command.
class CommandEngine : public Module, public StreamClient {
 public:
  tlm_utils::simple_target_socket<CommandEngine> noc_in;
  sc_core::sc_out<bool> irq;

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;
  void attach_stream(StreamPort& port) override { stream_ = &port; }

  /// Local SRAM as the host sees it (tests, debuggers).
  std::span<std::uint8_t> sram() { return sram_; }

 protected:
  /// How a command ended: an `ENGINE_ERROR_*` code and the address or word offset at fault.
  struct Outcome {
    std::uint32_t error = 0;
    std::uint32_t address = 0;
  };
  /// Thrown inside `execute` by `elapse` when the guest or a reset stops the command.
  struct Aborted {};

  /// @param id    four letters for the ID register, e.g. "CIMT".
  /// @param map   the engine's own registers.
  CommandEngine(const sc_core::sc_module_name& name, Services& services, const EngineConfig& config,
                const char* id, const RegisterMap& map);

  /// Executes the command whose descriptor stands at `descriptor`; runs in the sequencer's thread
  /// and lets time pass with `elapse`. Operands are read when the command starts and results
  /// appear in SRAM when it ends.
  virtual Outcome execute(std::uint32_t descriptor) = 0;
  /// Name of the command for the trace; the opcode is in the first word.
  virtual std::uint16_t command_name(std::uint32_t opcode) = 0;

  /// Lets `duration` pass. @throws Aborted if the command is stopped meanwhile.
  void elapse(const sc_core::sc_time& duration);
  sc_core::sc_time cycles(std::uint64_t count) const {
    return period_ * static_cast<double>(count);
  }

  RegisterBank& regs() { return regs_; }
  const RegisterBank& regs() const { return regs_; }
  trace::Source& track() { return track_; }

  /// True if [address, address + bytes) lies in SRAM.
  bool in_sram(std::uint64_t address, std::uint64_t bytes) const {
    return address <= sram_.size() && bytes <= sram_.size() - address;
  }
  /// True if `count` runs of `bytes`, `stride` apart, lie in SRAM; else `*fault` is the first
  /// address that does not.
  bool strided_in_sram(std::uint32_t address, std::uint32_t stride, std::uint64_t count,
                       std::uint64_t bytes, std::uint32_t* fault) const;
  std::uint32_t load_word(std::uint32_t address) const;
  void store_word(std::uint32_t address, std::uint32_t value);

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  tlm::tlm_response_status access_sram(tlm::tlm_generic_payload& txn);
  bool push(std::uint32_t descriptor);
  void stop_all();
  void sequencer();
  void run_command(std::uint32_t descriptor);
  bool readable(std::uint32_t descriptor) const {
    return descriptor % 4 == 0 && in_sram(descriptor, 4);
  }
  Outcome perform(std::uint32_t descriptor);
  Outcome send(std::uint32_t channel, std::uint32_t address);
  Outcome receive(std::uint32_t channel, std::uint32_t address);
  Outcome repeat(std::uint32_t descriptor);
  std::uint16_t name_of(std::uint32_t opcode);
  void wait_for_stream();
  sc_core::sc_time copy_time(std::uint64_t bytes) const;
  Outcome check_vector(std::uint32_t channel, std::uint32_t address) const;
  void halt(std::uint32_t descriptor, const Outcome& outcome);
  void drive_irq();
  void update();

  EngineConfig config_;
  StreamPort* stream_ = nullptr;
  sc_core::sc_time period_;
  std::uint32_t id_word_;
  RegisterBank regs_;
  std::vector<std::uint8_t> sram_;
  std::deque<std::uint32_t> queue_;
  bool running_ = false;
  std::uint32_t failed_ = 0;  // descriptor of the command in work, in a list too
  std::uint64_t epoch_ = 0;   // advances at each stop; a command of an older epoch is dead
  sc_core::sc_event work_;
  sc_core::sc_event abort_;
  sc_core::sc_event irq_changed_;

  trace::Source& track_;
  std::uint16_t stream_names_[3];  // SEND, RECEIVE, REPEAT
  std::uint64_t commands_ = 0;
  std::uint64_t errors_ = 0;
  sc_core::sc_time busy_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t vectors_sent_ = 0;
  std::uint64_t vectors_received_ = 0;
  sc_core::sc_time stream_wait_;  // for credits and for vectors
};

}  // namespace aimc
