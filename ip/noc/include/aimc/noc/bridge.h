// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::noc {

struct BridgeConfig {
  std::uint64_t base = 0x40000000;  ///< Where `bus_in` sits on the bus: the network's window base.
  std::uint64_t size = 0x40000000;  ///< Bytes of bus address space that lead into the network.
  double clock_hz = 400e6;
  unsigned to_noc_cycles = 2;  ///< Per transaction from the bus.
  unsigned to_bus_cycles = 2;  ///< Per transaction from the network.
};

void describe(ParamTable& table, BridgeConfig& config);

/// Joins bus and network: `bus_in` -> `noc_out` for the host and the DMA engine, `noc_in` ->
/// `bus_out` for endpoints that reach into host memory.
///
/// Both sockets on the network belong at the same endpoint. `noc_in` is the network's gateway: it
/// takes every address that lies in no endpoint's window, unchanged.
class Bridge : public Module {
 public:
  using Config = BridgeConfig;

  tlm_utils::simple_target_socket<Bridge> bus_in;
  tlm_utils::simple_initiator_socket<Bridge> noc_out;
  tlm_utils::simple_target_socket<Bridge> noc_in;
  tlm_utils::simple_initiator_socket<Bridge> bus_out;

  Bridge(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override {}
  void report(nlohmann::ordered_json& stats) const override;

 private:
  struct Counters {
    std::uint64_t transactions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t errors = 0;
  };
  void to_noc(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned to_noc_debug(tlm::tlm_generic_payload& txn);
  void to_bus(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned to_bus_debug(tlm::tlm_generic_payload& txn);
  static void count(Counters& counters, const tlm::tlm_generic_payload& txn);

  Config config_;
  sc_core::sc_time period_;
  Counters to_noc_;
  Counters to_bus_;
};

}  // namespace aimc::noc
