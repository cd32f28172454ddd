// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/riscv/core.h"

namespace aimc::riscv {

/// Exit code of the program when the hart can make no progress any more.
inline constexpr int kHartFatalExit = 101;

/// A debugger's hold on one hart. All calls come from the hart's own thread; one that blocks stops
/// simulated time.
class HartDebugger {
 public:
  virtual ~HartDebugger() = default;
  /// Before each slice and each sleep, when the last instruction is complete.
  /// @return false: the hart waits for `debug_resume` instead.
  virtual bool before_slice() = 0;
  /// After each slice. `exit` is kStop when an observer or `request_stop` ended it.
  virtual void after_slice(Exit exit) = 0;
  /// The hart can make no progress. @return true: the debugger has changed that, go on.
  virtual bool on_fatal() = 0;
};

/// A RISC-V hart on a TLM bus.
///
/// Runs in slices: ahead of the kernel in memory with direct access, by at most the global quantum
/// and never beyond the kernel's next event; in step with it at each other access. WFI lets
/// simulated time jump. See README.md for the timing.
class HartModule : public Module, private Bus, private TrapObserver {
 public:
  struct Config {
    double clock_hz = 1e9;
    std::string isa = "rv32imafc_zba_zbb_zbs";
    std::uint32_t hart_id = 0;
    std::uint64_t reset_pc = 0x1000;
    std::string misaligned = "hardware";
    unsigned pmp_regions = Pmp::kMaxRegions;
    std::uint32_t trap_limit = CoreConfig{}.trap_limit;
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
  /// Memory was written without the hart (DMA, debugger, another hart's bus access): decoded code
  /// and reservations go. Joined to the bus's write listeners by the platform.
  void memory_written(std::uint64_t address, std::uint64_t length) {
    if (address <= 0xffffffffu) core_.invalidate(static_cast<std::uint32_t>(address), length);
  }
  /// Makes the hart one of several that share memory.
  void join(std::shared_ptr<HartGroup> group);
  /// Is this the hart's own bus access?
  bool is_own(const tlm::tlm_generic_payload& txn) const { return &txn == &payload_; }
  /// Replaces the source of the `time` CSR (ticks at a simulated time in ps), e.g. by a CLINT whose
  /// mtime can be written.
  void set_time_source(std::function<std::uint64_t(std::uint64_t time_ps)> source) {
    time_source_ = std::move(source);
  }

  /// Loads and stores of these bytes (bounds inclusive) go over the bus from now on, so that the
  /// platform sees them; memory beside them keeps its direct access.
  void withhold_direct(std::uint64_t start, std::uint64_t end);

  /// Null takes the debugger away. Without one a hart does not spend anything on debugging.
  void set_debugger(HartDebugger* debugger) { debugger_ = debugger; }
  /// Lets a hart go on that `before_slice` refused. It loses the time in between as stall cycles.
  void debug_resume() { debug_resume_.notify(sc_core::SC_ZERO_TIME); }
  /// Sets the next instruction; ends a sleep. @return false inside a bus access, which ends first.
  bool debug_set_pc(std::uint32_t pc);
  bool asleep() const { return asleep_; }
  /// Does the hart wait for a bus access? Then pc() is the instruction that makes it.
  bool in_access() const { return in_core_; }

  Core& core() { return core_; }
  const Core& core() const { return core_; }
  /// The hart's own time [ps]; ahead of the kernel inside a quantum.
  std::uint64_t local_time_ps() const;

 private:
  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override;
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override;
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override;
  bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override;
  bool atomic_capable(std::uint32_t address) override;
  std::uint64_t time() override;
  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) override;
  void on_mret(std::uint32_t target) override;

  void execute();
  void on_interrupt_lines();
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);
  BusResult access(tlm::tlm_command command, std::uint32_t address, unsigned size, void* data,
                   const char* what);
  std::uint64_t next_event_ps() const;
  std::uint64_t quantum_end_ps(std::uint64_t now) const;
  std::uint64_t next_horizon_ps(std::uint64_t now) const;
  void rest_until(std::uint64_t time_ps);
  void catch_up();
  void sleep();
  void stop_for_good();
  void reset_core();
  std::uint64_t cycles_to_ps(std::uint64_t cycles) const;
  std::uint64_t ps_to_cycles(std::uint64_t ps) const;
  void account_until(std::uint64_t time_ps);

  Config config_;
  std::shared_ptr<HartGroup> group_;
  unsigned group_index_ = 0;  ///< Of this hart in the group's alarm.
  Core core_;
  tlm::tlm_generic_payload payload_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> withheld_;  ///< From direct access.
  std::uint64_t clock_hz_;
  std::uint64_t period_ps_;  ///< Of the clock; 0 unless it is a whole number.
  std::uint64_t timebase_hz_;
  std::uint64_t origin_ps_ = 0;   ///< When cycle 0 was.
  std::uint64_t horizon_ps_ = 0;  ///< Where the running slice ends.
  bool settle_ = false;           ///< Let the kernel finish this moment before the next slice.
  bool in_core_ = false, reset_pending_ = false, dead_ = false, asleep_ = false;
  sc_core::sc_event wake_;
  HartDebugger* debugger_ = nullptr;
  sc_core::sc_event debug_resume_;
  std::function<std::uint64_t(std::uint64_t)> time_source_;

  std::uint64_t bus_accesses_ = 0, bus_errors_ = 0, sleep_ps_ = 0;
  std::optional<std::uint64_t> sleep_begin_ps_;  ///< While it sleeps.
  // What resets have taken off the core's own counters.
  std::uint64_t earlier_instructions_ = 0, earlier_cycles_ = 0;
  std::array<std::uint64_t, 32> traps_{};  ///< By mcause, interrupts behind exceptions.

  trace::Source& trace_;
  std::uint16_t sleep_name_;
  std::map<std::uint32_t, std::uint16_t> trap_names_;
  unsigned open_slices_ = 0;
};

void describe(ParamTable& table, HartModule::Config& config);

}  // namespace aimc::riscv
