// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aimc/noc/noc.h"

namespace aimc::noc {

void describe(ParamTable& table, NocConfig& config) {
  table.integer("columns", config.columns, 1u, 64u, "routers in x");
  table.integer("rows", config.rows, 1u, 64u, "routers in y");
  table.integer("ports", config.ports, 1u, 4u, "local ports of each router");
  table.choice("level", config.level, {"fast"}, "level of detail of the routers");
  FabricConfig& fabric = config.fabric;
  table.quantity("clock", fabric.clock_hz, Unit::hertz, 1e6, 100e9, "clock of routers and links");
  table.integer("flit_bytes", config.flit_bytes, 1u, 1024u, "payload of one flit");
  table.integer("header_flits", config.header_flits, 0u, 8u,
                "flits in front of the payload; 0 where the header has wires of its own");
  table.integer("max_packet_bytes", config.max_packet_bytes, 1u, 65536u,
                "payload of one packet; longer transactions are split");
  table.integer("virtual_channels", fabric.virtual_channels, 2u, 32u,
                "per link, half for requests and half for responses");
  table.integer("vc_buffer_flits", fabric.vc_buffer_flits, 1u, 1024u,
                "buffer of one virtual channel");
  table.integer("router_cycles", fabric.router_cycles, 0u, 1000u, "head flit through a router");
  table.integer("link_cycles", fabric.link_cycles, 0u, 1000u, "flit along a link");
  table.integer("interface_cycles", fabric.interface_cycles, 0u, 1000u,
                "network interface to router, each direction");
  table.integer("vc_turnaround_cycles", fabric.vc_turnaround_cycles, 0u, 1000u,
                "idle cycles of a virtual channel between two packets");
  table.address("window_base", config.window_base, "bus address of endpoint 0");
  table.bytes("window_bytes", config.window_bytes, 0x1000, 0x10000000,
              "address space of one endpoint");
  table.integer("irq_base", config.irq_base, 0u, 1023u, "interrupt source of endpoint 0");
  table.quantity("energy_flit_hop", config.energy_flit_hop_j, Unit::joule, 0, 1e-6,
                 "one flit through one router and the link behind it");
  table.quantity("static_power", config.static_power_w, Unit::watt, 0, 10, "per router");
}

namespace {

nlohmann::ordered_json class_report(const FabricStatistics::Class& counters) {
  nlohmann::ordered_json json;
  json["packets"] = counters.packets;
  json["flits"] = counters.flits;
  json["bytes"] = counters.bytes;
  const double sum = 1e-12 * static_cast<double>(counters.latency_sum_ps);
  json["latency_mean_s"] =
      counters.packets == 0 ? 0.0 : sum / static_cast<double>(counters.packets);
  json["latency_max_s"] = 1e-12 * static_cast<double>(counters.latency_max_ps);
  return json;
}

}  // namespace

void Noc::report(nlohmann::ordered_json& stats) const {
  const FabricStatistics& counters = fabric_->statistics();
  stats["packets"] = counters.packets();
  stats["flits"] = counters.flits();
  stats["bytes"] = counters.bytes();
  stats["flit_hops"] = counters.flit_hops();
  stats["errors"] = errors_;
  stats["request"] = class_report(counters.classes[0]);
  stats["response"] = class_report(counters.classes[1]);
  const auto elapsed = static_cast<double>(now_ps());
  const double period = static_cast<double>(fabric_->period_ps());
  nlohmann::ordered_json links = nlohmann::ordered_json::object();
  std::vector<std::uint64_t> routers(topology_.routers());
  double busiest = 0.0;
  for (unsigned i = 0; i < topology_.links(); ++i) {
    const FabricStatistics::Link& link = counters.links[i];
    if (link.flits == 0) continue;
    const double busy = elapsed > 0 ? static_cast<double>(link.flits) * period / elapsed : 0.0;
    busiest = std::max(busiest, busy);
    links[topology_.link_name(i)] = {{"flits", link.flits},
                                     {"busy_share", busy},
                                     {"blocked_s", 1e-12 * static_cast<double>(link.blocked_ps)}};
    // Each flit leaves each router on its way once, so outputs alone give the traffic.
    if (topology_.kind(i) != Topology::LinkKind::injection)
      routers[topology_.router(i)] += link.flits;
  }
  stats["busiest_link_share"] = busiest;
  stats["links"] = std::move(links);
  nlohmann::ordered_json flits = nlohmann::ordered_json::object();
  for (unsigned i = 0; i < routers.size(); ++i)
    if (routers[i] != 0)
      flits[fmt::format("{},{}", i % topology_.columns(), i / topology_.columns())] = routers[i];
  stats["router_flits"] = std::move(flits);
}

}  // namespace aimc::noc
