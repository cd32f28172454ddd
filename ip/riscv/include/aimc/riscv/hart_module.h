// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/riscv/core.h"

namespace aimc::riscv {

/// Exit code of the program when the hart can make no progress any more.
inline constexpr int kHartFatalExit = 101;

/// A RISC-V hart on a TLM bus.
///
/// Runs in slices: ahead of the kernel by at most the global quantum in memory with direct access,
/// in step with it at each other access. WFI lets simulated time jump. See README.md for the
/// timing.
class HartModule : public Module, private Bus, private TrapObserver {
 public:
  struct Config {
    double clock_hz = 1e9;
    std::string isa = "rv32imafc_zicsr_zifencei";
    std::uint32_t hart_id = 0;
    std::uint64_t reset_pc = 0x1000;
    std::string misaligned = "hardware";
    double timebase_hz = 10e6;  ///< Rate of the `time` CSR.
    CycleTable cycles;
  };

  tlm_utils::simple_initiator_socket<HartModule> bus_out;  ///< Instructions and data.
  // Vectors of one line each, because that is what PortDirectory connects.
  sc_core::sc_vector<sc_core::sc_in<bool>> irq_software;
  sc_core::sc_vector<sc_core::sc_in<bool>> irq_timer;
  sc_core::sc_vector<sc_core::sc_in<bool>> irq_external;

  /// @throws UserError for an ISA string the core cannot be.
  HartModule(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

  /// Where the hart starts after the next reset, and now if it has not run yet (ELF entry point).
  void set_start(std::uint32_t pc);
  /// Memory was written without the hart (DMA, debugger): decoded code and reservations go.
  void memory_written(std::uint32_t address, std::uint64_t length) {
    core_.invalidate(address, length);
  }
  /// Replaces the source of the `time` CSR (ticks at a simulated time in ps), e.g. by a CLINT whose
  /// mtime can be written.
  void set_time_source(std::function<std::uint64_t(std::uint64_t time_ps)> source) {
    time_source_ = std::move(source);
  }

  Core& core() { return core_; }
  const Core& core() const { return core_; }
  /// The hart's own time [ps]; ahead of the kernel inside a quantum.
  std::uint64_t local_time_ps() const;

 private:
  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override;
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override;
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override;
  bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override;
  std::uint64_t time() override;
  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) override;
  void on_mret(std::uint32_t target) override;

  void execute();
  void on_interrupt_lines();
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);
  BusResult access(tlm::tlm_command command, std::uint32_t address, unsigned size, void* data,
                   const char* what);
  void catch_up();
  void sleep();
  void stop_for_good();
  void reset_core();
  std::uint64_t cycles_to_ps(std::uint64_t cycles) const;
  std::uint64_t ps_to_cycles(std::uint64_t ps) const;
  void account_until_now();

  Config config_;
  Core core_;
  tlm::tlm_generic_payload payload_;
  std::uint64_t clock_hz_, timebase_hz_;
  std::uint64_t origin_ps_ = 0;  ///< When cycle 0 was.
  bool in_core_ = false, reset_pending_ = false, dead_ = false;
  unsigned resets_ = 0;
  sc_core::sc_event wake_;
  std::function<std::uint64_t(std::uint64_t)> time_source_;

  std::uint64_t bus_accesses_ = 0, bus_errors_ = 0, sleep_ps_ = 0;
  // What resets have taken off the core's own counters.
  std::uint64_t earlier_instructions_ = 0, earlier_cycles_ = 0;
  std::map<std::uint32_t, std::uint64_t> traps_;  ///< By mcause.

  trace::Source& trace_;
  std::uint16_t sleep_name_;
  std::map<std::uint32_t, std::uint16_t> trap_names_;
  unsigned open_slices_ = 0;
};

void describe(ParamTable& table, HartModule::Config& config);

}  // namespace aimc::riscv
