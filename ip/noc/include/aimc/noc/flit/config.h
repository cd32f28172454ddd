// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aimc::noc::flit {

/// Stages of a router [cycles]. Meanings follow the established simulators: a flit that arrives at
/// cycle t computes its route in t .. t + routing_delay - 1, then asks for a virtual channel, then
/// for the switch, crosses it and then the link.
struct Pipeline {
  unsigned routing_delay = 1;  ///< 0: the route was computed one hop ahead.
  unsigned vc_alloc_delay = 1;
  unsigned sw_alloc_delay = 1;
  unsigned switch_delay = 1;     ///< Crossbar traversal.
  unsigned link_delay = 1;       ///< Router to router, flits and credits alike.
  unsigned credit_delay = 1;     ///< From reception of a credit until a router may use it.
  unsigned interface_delay = 1;  ///< From an endpoint into its router.
  unsigned ejection_delay = 1;   ///< From a router to an endpoint.
  bool speculative = false;      ///< Heads ask for switch and virtual channel in the same cycle.

  static Pipeline p4() { return {}; }
  static Pipeline p2() {
    Pipeline pipeline;
    pipeline.routing_delay = 0;
    pipeline.speculative = true;
    return pipeline;
  }
};

enum class Allocator : std::uint8_t { islip, separable };
enum class Routing : std::uint8_t { xy, yx, o1turn, west_first, odd_even, minimal };

/// Names as users write them. @throws UserError naming what is known.
Allocator allocator_from(std::string_view name);
Routing routing_from(std::string_view name);
std::string_view to_string(Routing routing);

/// Ports of a router: four neighbours, then local ports.
enum Direction : unsigned { kEast, kWest, kSouth, kNorth, kNeighbours };

/// A directed link that does not work, by the router it leaves.
struct DeadLink {
  unsigned router = 0;
  Direction direction = kEast;
};

/// A network of input-queued virtual-channel routers.
struct Config {
  unsigned columns = 8;
  unsigned rows = 8;
  unsigned ports = 1;  ///< Endpoints at each router; endpoint = router + port * columns * rows.
  bool torus = false;
  unsigned message_classes = 1;   ///< Virtual channels are split evenly among these.
  unsigned virtual_channels = 2;  ///< Per link, all classes together, without those for multicast.
  unsigned buffer_flits = 4;      ///< Per virtual channel.
  unsigned multicast_channels = 0;  ///< Further channels of a class of their own, for multicast.
  unsigned multicast_buffer_flits = 0;  ///< Holds the longest multicast packet.
  Pipeline pipeline;
  Allocator allocator = Allocator::islip;
  Routing routing = Routing::xy;
  unsigned injection_queue_packets = 16;  ///< Per endpoint and class.
  /// Packets of one source, destination and class (or multicast tree) are handed over in the order
  /// of injection: the interface holds those that overtook others on another channel.
  bool ordered = false;
  bool allow_deadlock = false;  ///< Leaves out the check for it; for tests of watchdogs.
  std::vector<DeadLink> dead_links;
  std::vector<unsigned> dead_routers;
  std::uint64_t seed = 1;  ///< Only O1TURN draws.

  unsigned routers() const { return columns * rows; }
  unsigned endpoints() const { return routers() * ports; }
  unsigned channels() const { return virtual_channels + multicast_channels; }
};

/// @throws UserError for what cannot be built or could deadlock; the message gives the reason.
void check(const Config& config);

/// Looks for a cycle in the dependencies between (link, channel group) pairs that the routing
/// allows. @returns the cycle in words, empty if there is none. The rules depend on relative
/// position and column parity only, so sides longer than 7 are judged by one of 6 or 7 routers.
std::string dependency_cycle(const Config& config);

}  // namespace aimc::noc::flit
