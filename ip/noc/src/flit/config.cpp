// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "aimc/common/error.h"
#include "aimc/noc/flit/geometry.h"
#include "aimc/noc/flit/vc_mask.h"

namespace aimc::noc::flit {
namespace {
constexpr unsigned kMaxSide = 64;
constexpr unsigned kMaxLocalPorts = 5;
constexpr unsigned kMaxChannels = 16;
constexpr unsigned kMaxBuffer = 1024;
constexpr unsigned kMaxDelay = 64;
constexpr std::uint64_t kMaxBuffers = std::uint64_t{1}
                                      << 26;  // flits of 8 bytes in the host's memory

constexpr std::array<std::pair<std::string_view, Routing>, 6> kRoutings{
    {{"xy", Routing::xy},
     {"yx", Routing::yx},
     {"o1turn", Routing::o1turn},
     {"west_first", Routing::west_first},
     {"odd_even", Routing::odd_even},
     {"minimal", Routing::minimal}}};

void check_sizes(const Config& c) {
  if (c.columns < 1 || c.columns > kMaxSide || c.rows < 1 || c.rows > kMaxSide)
    user_error("a mesh of {} x {} routers is not possible: columns and rows must be 1..{}",
               c.columns, c.rows, kMaxSide);
  if (c.ports < 1 || c.ports > kMaxLocalPorts)
    user_error("{} local ports at each router are not possible: must be 1..{}", c.ports,
               kMaxLocalPorts);
  if (c.message_classes < 1 || c.message_classes > 2)
    user_error("{} message classes are not possible: must be 1 or 2", c.message_classes);
  if (c.virtual_channels < 1 || c.channels() > kMaxChannels)
    user_error("{} virtual channels are not possible: must be 1..{}, multicast included",
               c.channels(), kMaxChannels);
  if ((kNeighbours + c.ports) * c.channels() > kMaskBits)
    user_error("{} virtual channels at each of {} ports of a router are more than {}", c.channels(),
               kNeighbours + c.ports, kMaskBits);
  if (c.virtual_channels % c.message_classes != 0)
    user_error("{} virtual channels cannot be split evenly among {} message classes",
               c.virtual_channels, c.message_classes);
  if (c.buffer_flits < 1 || c.buffer_flits > kMaxBuffer)
    user_error("buffers of {} flits are not possible: must be 1..{}", c.buffer_flits, kMaxBuffer);
  if (c.multicast_channels != 0 &&
      (c.multicast_buffer_flits < 1 || c.multicast_buffer_flits > kMaxBuffer))
    user_error("multicast buffers of {} flits are not possible: must be 1..{}",
               c.multicast_buffer_flits, kMaxBuffer);
  const std::uint64_t buffers = std::uint64_t{c.routers()} * (kNeighbours + c.ports) *
                                (std::uint64_t{c.virtual_channels} * c.buffer_flits +
                                 std::uint64_t{c.multicast_channels} * c.multicast_buffer_flits);
  if (buffers > kMaxBuffers)
    user_error("{} routers with buffers of {} flits in all are more than {}", c.routers(), buffers,
               kMaxBuffers);
  if (c.injection_queue_packets < 1)
    user_error("an injection queue without room for a packet is not possible");
}

void check_pipeline(const Pipeline& p) {
  if (p.vc_alloc_delay < 1 || p.sw_alloc_delay < 1 || p.switch_delay < 1 || p.link_delay < 1 ||
      p.interface_delay < 1 || p.ejection_delay < 1)
    user_error("allocation, switch and links take at least one cycle each");
  const unsigned longest =
      std::max({p.routing_delay, p.vc_alloc_delay, p.sw_alloc_delay, p.switch_delay, p.link_delay,
                p.credit_delay, p.interface_delay, p.ejection_delay});
  if (longest > kMaxDelay) user_error("a delay of {} cycles is above {}", longest, kMaxDelay);
  if (p.speculative && (p.vc_alloc_delay != 1 || p.sw_alloc_delay != 1))
    user_error("speculative switch allocation needs allocation delays of 1");
}

void check_faults(const Config& c) {
  for (const DeadLink& link : c.dead_links)
    if (link.router >= c.routers() || link.direction >= kNeighbours)
      user_error("there is no router {} with a link of that kind to be dead", link.router);
  for (const unsigned router : c.dead_routers)
    if (router >= c.routers())
      user_error("there is no router {} to be dead: {} routers", router, c.routers());
}

}  // namespace

Allocator allocator_from(std::string_view name) {
  if (name == "islip") return Allocator::islip;
  if (name == "separable") return Allocator::separable;
  user_error("unknown allocator '{}'. Known: islip, separable", name);
}

Routing routing_from(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [text, routing] : kRoutings) {
    if (text == name) return routing;
    known.emplace_back(text);
  }
  user_error("unknown routing '{}'. Known: {}", name, join(known));
}

std::string_view to_string(Routing routing) {
  for (const auto& [text, value] : kRoutings)
    if (value == routing) return text;
  return "?";
}

void check(const Config& config) {
  check_sizes(config);
  check_pipeline(config.pipeline);
  check_faults(config);
  if (config.allow_deadlock) return;
  const bool turning = config.routing == Routing::xy || config.routing == Routing::yx ||
                       config.routing == Routing::o1turn;
  if (config.torus && !turning && config.routing != Routing::minimal)
    user_error(
        "routing '{}' forbids turns by direction, which rings around a torus undo: it could "
        "deadlock. On a torus use xy, yx or o1turn",
        to_string(config.routing));
  if (config.torus && config.multicast_channels != 0)
    user_error("multicast trees on a torus are not modelled: they would need dateline channels");
  const std::string cycle = dependency_cycle(config);
  if (!cycle.empty())
    user_error(
        "routing '{}' with {} virtual channel{} per message class on a {} could deadlock: {}",
        to_string(config.routing), config.virtual_channels / config.message_classes,
        config.virtual_channels == config.message_classes ? "" : "s",
        config.torus ? "torus" : "mesh", cycle);
  const Geometry geometry(config);
  constexpr unsigned kPairs = 64;
  if ((kNeighbours + config.ports) * geometry.groups() > kPairs)
    user_error("{} groups of virtual channels at {} ports of a router are more than {} in all",
               geometry.groups(), kNeighbours + config.ports, kPairs);
  for (unsigned group = 0; group < geometry.groups(); ++group)
    if (geometry.group_mask(group) == 0)
      user_error("routing '{}' on a {} needs more than {} virtual channels per message class",
                 to_string(config.routing), config.torus ? "torus" : "mesh",
                 config.virtual_channels / config.message_classes);
}

}  // namespace aimc::noc::flit
