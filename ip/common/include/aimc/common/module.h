// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "aimc/common/energy.h"
#include "aimc/common/services.h"

namespace aimc {

using TargetSocket =
    tlm::tlm_base_target_socket_b<32, tlm::tlm_fw_transport_if<>, tlm::tlm_bw_transport_if<>>;

/// The interconnect a socket belongs to unless the platform file says otherwise.
enum class Link { bus, noc };

/// The sockets and interrupt lines of a block, by name, so that a platform file can connect them.
/// The name equals the member's identifier.
class PortDirectory {
 public:
  struct Target {
    std::string name;
    TargetSocket* socket;
    Link link;
    std::uint64_t size;  ///< Bytes of address space the block decodes.
  };
  struct Initiator {
    std::string name;
    std::function<void(TargetSocket&)> bind;
    Link link;
  };
  struct IrqOut {
    std::string name;
    sc_core::sc_out<bool>* port;
  };
  struct IrqIn {
    std::string name;
    sc_core::sc_vector<sc_core::sc_in<bool>>* ports;
  };

  void target(std::string name, TargetSocket& socket, Link link, std::uint64_t size) {
    targets.push_back({std::move(name), &socket, link, size});
  }
  template <class Socket>
  void initiator(std::string name, Socket& socket, Link link) {
    initiators.push_back(
        {std::move(name), [&socket](TargetSocket& target) { socket.bind(target); }, link});
  }
  void irq_out(std::string name, sc_core::sc_out<bool>& port) {
    irq_outs.push_back({std::move(name), &port});
  }
  void irq_in(std::string name, sc_core::sc_vector<sc_core::sc_in<bool>>& ports) {
    irq_ins.push_back({std::move(name), &ports});
  }

  std::vector<Target> targets;
  std::vector<Initiator> initiators;
  std::vector<IrqOut> irq_outs;
  std::vector<IrqIn> irq_ins;
};

/// Base of every block of the platform.
///
/// Rules: `b_transport` of a target adds to `delay` and does not wait (interconnects may); work
/// happens in the block's own thread; `transport_dbg` has no side effects; `reset` returns
/// everything to its reset value, in mid-work too.
class Module : public sc_core::sc_module {
 public:
  Module(const sc_core::sc_module_name& name, Services& services)
      : sc_module(name), services_(services) {}

  /// Lists the sockets and lines.
  virtual void connect(PortDirectory& ports) = 0;
  /// Back to power-on, memories of the model excepted where hardware would keep them.
  virtual void reset() = 0;
  /// Adds the block's statistics to `stats`, a JSON object; names are documented in its README.
  virtual void report(nlohmann::ordered_json& stats) const { static_cast<void>(stats); }
  /// Power drawn all the time [W]; becomes the cause "static" of the energy report.
  virtual double static_power_w() const { return 0.0; }

  EnergyLedger& energy() { return energy_; }
  const EnergyLedger& energy() const { return energy_; }

 protected:
  Services& services() const { return services_; }

 private:
  Services& services_;
  EnergyLedger energy_;
};

/// A bus or network that blocks attach to before the simulation starts.
class Interconnect {
 public:
  /// Where a block sits: an address range on a bus, a node on a network.
  struct Place {
    std::uint64_t base = 0;
    std::uint64_t size = 0;  ///< Bytes the target decodes; on a network may mark a gateway.
    unsigned x = 0;
    unsigned y = 0;
    unsigned port = 0;
  };
  virtual ~Interconnect() = default;
  /// Which of the platform's links this is.
  virtual Link link() const = 0;
  /// Makes a socket for an initiator called `name` to bind to.
  virtual TargetSocket& attach_initiator(const std::string& name, const Place& place) = 0;
  /// Binds a target called `name`. @returns the range it answers at.
  /// @throws UserError if the place is taken or out of range.
  virtual Place attach_target(const std::string& name, TargetSocket& target,
                              const Place& place) = 0;
};

/// Seconds to simulated time, rounded to the kernel's resolution (1 ps).
inline sc_core::sc_time to_time(double seconds) {
  return sc_core::sc_time::from_value(static_cast<std::uint64_t>(std::llround(seconds * 1e12)));
}
/// Simulated time in ps. The kernel's resolution is 1 ps throughout.
inline std::uint64_t to_ps(const sc_core::sc_time& time) { return time.value(); }
inline std::uint64_t now_ps() { return sc_core::sc_time_stamp().value(); }
inline double to_seconds(const sc_core::sc_time& time) {
  return 1e-12 * static_cast<double>(time.value());
}

}  // namespace aimc
