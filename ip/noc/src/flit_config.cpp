// SPDX-License-Identifier: Apache-2.0
#include "flit_config.h"

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

flit::Routing routing_of(Routing routing) {
  switch (routing) {
    case Routing::xy:
      return flit::Routing::xy;
    case Routing::yx:
      return flit::Routing::yx;
    case Routing::o1turn:
      return flit::Routing::o1turn;
    case Routing::west_first:
      return flit::Routing::west_first;
    case Routing::odd_even:
      return flit::Routing::odd_even;
    case Routing::up_down:
      break;
  }
  user_error("level 'flit' has no routing 'up_down'. Known: xy, yx, o1turn, west_first, odd_even");
}

flit::Pipeline pipeline_of(const FabricConfig& config) {
  flit::Pipeline pipeline = flit::Pipeline::p4();
  if (config.router_cycles < 2)
    user_error("router_cycles {} is not possible at level 'flit': at least 2",
               config.router_cycles);
  if (config.router_cycles == 2) pipeline = flit::Pipeline::p2();
  // Allocations and the switch take three; what is more or less is route computation.
  if (config.router_cycles > 2) pipeline.routing_delay = config.router_cycles - 3;
  pipeline.link_delay = config.link_cycles;
  pipeline.interface_delay = config.interface_cycles;
  // The last link and the interface behind it.
  pipeline.ejection_delay = config.link_cycles + config.interface_cycles - 1;
  return pipeline;
}

}  // namespace

flit::Config flit_config(const Topology& topology, const FabricConfig& config) {
  flit::Config result;
  result.columns = topology.columns();
  result.rows = topology.rows();
  result.ports = topology.ports() + 1;  // the last one leads to the merge unit
  result.message_classes = 2;
  result.virtual_channels = config.virtual_channels;
  result.buffer_flits = config.vc_buffer_flits;
  result.multicast_channels = config.stream_channels;
  result.multicast_buffer_flits = config.stream_buffer_flits;
  result.pipeline = pipeline_of(config);
  result.routing = routing_of(config.routing);
  result.injection_queue_packets = config.injection_packets;
  result.ordered = true;
  result.dead_routers = config.faults.routers;
  for (const auto& [from, to] : config.faults.links)
    for (unsigned direction = 0; direction < Topology::kNeighbours; ++direction)
      if (topology.neighbour(from, direction) == to)
        result.dead_links.push_back({from, static_cast<flit::Direction>(direction)});
  return result;
}

}  // namespace aimc::noc
