// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aimc::noc {

/// Which way packets take. Multicasts and reductions keep to dimension order (x, then y) always.
enum class Routing : std::uint8_t {
  xy,          ///< Along x, then along y.
  yx,          ///< Along y, then along x.
  o1turn,      ///< Either of the two, on virtual channels of its own.
  west_first,  ///< Adaptive: all hops to the west come first.
  odd_even,    ///< Adaptive: turns depend on the parity of the column.
  up_down,     ///< Static tables over any set of links: up towards a root, then down.
};

/// Links and routers that do not work.
struct Faults {
  std::vector<std::pair<unsigned, unsigned>> links;  ///< Directed: from router, to router.
  std::vector<unsigned> routers;

  bool empty() const { return links.empty() && routers.empty(); }
};

/// Parameters of routers and links. The defaults are the four-stage reference router, whose
/// zero-load latency is 5 (h + 1) + 2 + (L - 1) cycles for h hops and L flits.
struct FabricConfig {
  double clock_hz = 400e6;
  unsigned virtual_channels = 4;      ///< Per link, half for requests and half for responses.
  unsigned vc_buffer_flits = 8;       ///< Per virtual channel.
  unsigned stream_channels = 1;       ///< Per link, beside those: streams and collectives.
  unsigned stream_buffer_flits = 32;  ///< Per stream channel; holds the longest stream packet.
  unsigned router_cycles = 4;         ///< Head flit through a router.
  unsigned link_cycles = 1;           ///< From router to router, or to the interface.
  unsigned interface_cycles = 1;      ///< Into the first router, and out of the last link.
  unsigned vc_turnaround_cycles = 2;  ///< A virtual channel idles this long between packets.
  unsigned adder_cycles = 1;          ///< Adding contributions that meet in a router.
  unsigned injection_packets = 16;    ///< Queue of an interface, per message class.
  Routing routing = Routing::xy;
  Faults faults;
  std::uint64_t watchdog_cycles = 100000;  ///< Packets that stand still this long are reported.
};

}  // namespace aimc::noc
