// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/noc.h"
#include "aimc/noc/routes.h"

namespace aimc::noc {

void describe(ParamTable& table, NocConfig& config) {
  table.integer("columns", config.columns, 1u, 64u, "routers in x");
  table.integer("rows", config.rows, 1u, 64u, "routers in y");
  table.integer("ports", config.ports, 1u, 4u, "local ports of each router");
  table.choice("level", config.level, {"fast", "flit", "links"}, "level of detail of the routers");
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
  table.integer("stream_channels", fabric.stream_channels, 1u, 32u,
                "per link, beside the others, for streams, multicasts and reductions");
  table.integer("stream_buffer_flits", fabric.stream_buffer_flits, 1u, 4096u,
                "buffer of one of these, at least the longest packet");
  table.integer("injection_packets", fabric.injection_packets, 1u, 65536u,
                "queue of an interface for each class of messages");
  table.integer("outstanding", config.outstanding, 1u, 64u,
                "non-blocking transactions of one initiator in the network");
  table.integer("adder_cycles", fabric.adder_cycles, 0u, 1000u,
                "adding packets of a reduction that meet in a router");
  table.choice("routing", config.routing, routing_words(), "way of packets");
  table.text("dead_links", config.dead_links,
             "links that do not work: x,y-x,y for both directions, x,y>x,y for one");
  table.text("dead_routers", config.dead_routers, "routers that do not work: x,y x,y");
  table.integer("watchdog_cycles", fabric.watchdog_cycles, std::uint64_t{100},
                std::uint64_t{1000000000}, "what waits longer in a circle is reported");
  table.integer("channels", config.channels, 0u, 32u, "channels of vectors between endpoints");
  table.choice("dmi", config.dmi, {"denied", "debug"},
               "debug: direct memory pointers past the network, without its time");
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
  table.quantity("energy_add", config.energy_add_j, Unit::joule, 0, 1e-6,
                 "one flit added to another in a router");
  table.begin_group("links");
  table.text("pairs", config.links.pairs,
             "cores joined at level links: mesh, x,y-x,y, x0:x1,y0:y1+dx,dy");
  table.integer("lanes", config.links.lanes, 8u, 1024u, "bits that a link carries in a cycle");
  table.integer("preamble_bytes", config.links.preamble_bytes, 0u, 64u,
                "in front of each transfer; selects the way");
  table.integer("hop_cycles", config.links.hop_cycles, 0u, 1000u, "through a core on the way");
  table.integer("max_neighbours", config.links.max_neighbours, 1u, 64u,
                "cores that one core can be joined to");
  table.end_group();
  table.quantity("static_power", config.static_power_w, Unit::watt, 0, 10, "per router");
}

}  // namespace aimc::noc
