// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/bridge.h"

#include <nlohmann/json.hpp>

#include "aimc/noc/noc.h"

namespace aimc::noc {

void describe(ParamTable& table, BridgeConfig& config) {
  table.address("base", config.base, "bus address of the network's window");
  table.bytes("size", config.size, 0x1000, 0x80000000, "bus address space of the window");
  table.quantity("clock", config.clock_hz, Unit::hertz, 1e6, 100e9, "clock of the bridge");
  table.integer("to_noc_cycles", config.to_noc_cycles, 0u, 10000u, "latency, bus to network");
  table.integer("to_bus_cycles", config.to_bus_cycles, 0u, 10000u, "latency, network to bus");
}

Bridge::Bridge(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      bus_in("bus_in"),
      noc_out("noc_out"),
      noc_in("noc_in"),
      bus_out("bus_out"),
      config_(config),
      period_(to_time(1.0 / config.clock_hz)) {
  bus_in.register_b_transport(this, &Bridge::to_noc);
  bus_in.register_transport_dbg(this, &Bridge::to_noc_debug);
  noc_in.register_b_transport(this, &Bridge::to_bus);
  noc_in.register_transport_dbg(this, &Bridge::to_bus_debug);
}

void Bridge::connect(PortDirectory& ports) {
  ports.target("bus_in", bus_in, Link::bus, config_.size);
  ports.initiator("noc_out", noc_out, Link::noc);
  ports.target("noc_in", noc_in, Link::noc, kGatewaySize);
  ports.initiator("bus_out", bus_out, Link::bus);
}

void Bridge::report(nlohmann::ordered_json& stats) const {
  const auto direction = [](const Counters& counters) {
    return nlohmann::ordered_json{{"transactions", counters.transactions},
                                  {"bytes", counters.bytes},
                                  {"errors", counters.errors}};
  };
  stats["to_noc"] = direction(to_noc_);
  stats["to_bus"] = direction(to_bus_);
}

void Bridge::count(Counters& counters, const tlm::tlm_generic_payload& txn) {
  ++counters.transactions;
  counters.bytes += txn.get_data_length();
  if (txn.get_response_status() != tlm::TLM_OK_RESPONSE) ++counters.errors;
}

void Bridge::to_noc(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  const std::uint64_t offset = txn.get_address();
  delay += config_.to_noc_cycles * period_;
  txn.set_address(config_.base + offset);
  noc_out->b_transport(txn, delay);
  txn.set_address(offset);
  txn.set_dmi_allowed(false);
  count(to_noc_, txn);
}

unsigned Bridge::to_noc_debug(tlm::tlm_generic_payload& txn) {
  const std::uint64_t offset = txn.get_address();
  txn.set_address(config_.base + offset);
  const unsigned done = noc_out->transport_dbg(txn);
  txn.set_address(offset);
  return done;
}

void Bridge::to_bus(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += config_.to_bus_cycles * period_;
  bus_out->b_transport(txn, delay);
  txn.set_dmi_allowed(false);
  count(to_bus_, txn);
}

unsigned Bridge::to_bus_debug(tlm::tlm_generic_payload& txn) { return bus_out->transport_dbg(txn); }

}  // namespace aimc::noc
