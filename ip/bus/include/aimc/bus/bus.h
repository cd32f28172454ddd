// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aimc/common/calendar.h"
#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::bus {

struct Config {
  double clock_hz = 400e6;
  unsigned hop_cycles = 2;       ///< Arbitration and routing, request and response together.
  unsigned bytes_per_cycle = 8;  ///< Of each target port.
};

void describe(ParamTable& params, Config& config);

/// Loosely timed crossbar: every initiator reaches every target, and two transactions meet only at
/// the port of a common target.
///
/// An access waits for its target port, holds it for length / bytes_per_cycle cycles and gives it
/// back before the target has answered (split transactions). All of this is added to `delay`.
class Bus : public Module, public Interconnect {
 public:
  using Config = bus::Config;
  /// Told of a write that has been done: transaction (its address is the target's own), bus address
  /// of the first byte, bytes touched.
  using WriteListener =
      std::function<void(const tlm::tlm_generic_payload&, std::uint64_t, std::uint64_t)>;
  /// Told of a transaction that has been done: name of the initiator's port, transaction (address
  /// as the initiator gave it), bytes touched.
  using Observer =
      std::function<void(const std::string&, const tlm::tlm_generic_payload&, std::uint64_t)>;

  Bus(const sc_core::sc_module_name& name, const Config& config, Services& services);

  Link link() const override { return Link::bus; }
  void connect(PortDirectory& ports) override { static_cast<void>(ports); }
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

  /// Calls `listener` after each write, a debugger's too, that reaches a target which has given
  /// direct access away: what others hold of that memory (decoded code, reservations) is stale.
  void add_write_listener(WriteListener listener) {
    write_listeners_.push_back(std::move(listener));
  }
  /// Calls `observer` after each read and write that went well, whatever its target; direct and
  /// debug accesses are none. For debuggers.
  void add_observer(Observer observer) { observers_.push_back(std::move(observer)); }

  TargetSocket& attach_initiator(const std::string& name, const Place& place) override;
  /// @throws UserError if the range is empty, wraps, or overlaps another target's.
  Place attach_target(const std::string& name, TargetSocket& target, const Place& place) override;

 private:
  struct Initiator {
    explicit Initiator(const std::string& port) : name(port), socket((port + "_in").c_str()) {}
    std::string name;
    tlm_utils::simple_target_socket_tagged<Bus> socket;
    std::size_t last_hit = 0;  // into ranges_
  };
  struct Target {
    Target(const std::string& target_name, const Place& place, trace::Hub& hub,
           const std::string& lanes_path);
    std::string name;
    std::uint64_t base;
    std::uint64_t size;
    tlm_utils::simple_initiator_socket_tagged<Bus> socket;
    Calendar calendar;
    trace::Lanes lanes;
    bool direct = false;  ///< Has granted direct access to somebody.
    std::uint64_t transactions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t errors = 0;
    std::uint64_t busy_ps = 0;
    std::uint64_t wait_ps = 0;
  };
  struct Range {
    std::uint64_t base;
    std::uint64_t last;
    Target* target;
  };

  Target* decode(int initiator, std::uint64_t address);
  void tell_listeners(const Target& target, const tlm::tlm_generic_payload& txn,
                      std::uint64_t length) const;
  void b_transport(int initiator, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& txn);
  void invalidate_direct_mem_ptr(int target, sc_dt::uint64 first, sc_dt::uint64 last);
  /// Books the target's port from the caller's local time and moves `delay` past the transfer.
  void book(Target& target, const tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);

  Config config_;
  std::uint64_t cycle_ps_;
  std::uint16_t read_name_;
  std::uint16_t write_name_;
  std::vector<std::unique_ptr<Initiator>> initiators_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::vector<Range> ranges_;  // sorted by base
  std::vector<WriteListener> write_listeners_;
  std::vector<Observer> observers_;
  std::uint64_t unmapped_ = 0;
};

}  // namespace aimc::bus
