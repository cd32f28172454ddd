// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/links_fabric.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

namespace aimc::noc {
namespace {

constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();

/// Shortest ways of the kind up*-down* over a graph.
class GraphRoutes : public Routes {
 public:
  GraphRoutes(const Topology& topology, LinkGraph graph, const Faults& faults)
      : topology_(topology), graph_(std::move(graph)), dead_(graph_.links().size()) {
    const auto dead = [&](unsigned core) {
      return std::find(faults.routers.begin(), faults.routers.end(), core) != faults.routers.end();
    };
    for (std::size_t i = 0; i < dead_.size(); ++i) {
      const LinkGraph::Link& link = graph_.links()[i];
      dead_[i] = dead(link.from) || dead(link.to) ||
                 std::find(faults.links.begin(), faults.links.end(),
                           std::pair<unsigned, unsigned>(link.from, link.to)) != faults.links.end();
    }
    for (unsigned core = 0; core < topology.routers(); ++core) dead_cores_.push_back(dead(core));
    rank_from(topology.rows() / 2 * topology.columns() + topology.columns() / 2);
  }

 private:
  // Breadth first over links that work both ways. Cores that are cut off stay without a rank.
  void rank_from(unsigned root) {
    rank_.assign(topology_.routers(), kUnseen);
    while (root < rank_.size() && dead_cores_[root]) ++root;
    if (root == rank_.size()) return;
    std::deque<unsigned> queue{root};
    std::uint32_t next = 0;
    rank_[root] = next++;
    while (!queue.empty()) {
      const unsigned core = queue.front();
      queue.pop_front();
      for (const std::uint32_t number : graph_.out(core)) {
        const unsigned there = graph_.links()[number].to;
        if (rank_[there] != kUnseen || dead_[number] || dead_[number ^ 1u]) continue;
        rank_[there] = next++;
        queue.push_back(there);
      }
    }
  }

  Way find(std::uint32_t source, std::uint32_t destination) const override {
    const unsigned begin = source % topology_.routers();
    const unsigned end = destination % topology_.routers();
    if (rank_[begin] == kUnseen || rank_[end] == kUnseen) return {};
    // States: core, and whether the way has gone down. `came` is the link that led to each.
    constexpr std::uint32_t kBegin = kUnseen - 1;
    std::vector<std::uint32_t> came(std::size_t{topology_.routers()} * 2, kUnseen);
    std::deque<std::uint32_t> queue{begin * 2};
    came[begin * 2] = kBegin;
    std::uint32_t last = begin == end ? begin * 2 : kUnseen;
    while (last == kUnseen && !queue.empty()) {
      const std::uint32_t state = queue.front();
      queue.pop_front();
      for (const std::uint32_t number : graph_.out(state / 2)) {
        const unsigned there = graph_.links()[number].to;
        if (dead_[number] || rank_[there] == kUnseen) continue;
        const bool down = rank_[there] > rank_[state / 2];
        if (!down && state % 2 == 1) continue;
        const std::uint32_t next = there * 2 + (down ? 1 : 0);
        if (came[next] != kUnseen) continue;
        came[next] = number * 2 + state % 2;
        if (there == end) {
          last = next;
          break;
        }
        queue.push_back(next);
      }
    }
    if (last == kUnseen) return {};
    const unsigned endpoints = topology_.endpoints();
    Way way{endpoints + destination};
    for (std::uint32_t state = last; came[state] != kBegin;) {
      const std::uint32_t number = came[state] / 2;
      way.push_back(2 * endpoints + number);
      state = graph_.links()[number].from * 2 + came[state] % 2;
    }
    way.push_back(source);
    std::reverse(way.begin(), way.end());
    return way;
  }

  Topology topology_;
  LinkGraph graph_;
  std::vector<bool> dead_;
  std::vector<bool> dead_cores_;
  std::vector<std::uint32_t> rank_;
};

}  // namespace

FabricConfig LinksFabric::fabric_config(const FabricConfig& config, const LinksConfig& links) {
  FabricConfig bare = config;
  bare.virtual_channels = 2;  // bookkeeping only: classes share the wires
  bare.stream_channels = 1;
  bare.vc_turnaround_cycles = 0;
  // A transfer that waits soon holds the link behind it; wires have no credits to wait for.
  bare.vc_buffer_flits = bare.stream_buffer_flits = links.hop_cycles + 2 * bare.link_cycles + 2;
  bare.router_cycles = links.hop_cycles;
  return bare;
}

LinksFabric::LinksFabric(const Topology& topology, const FabricConfig& config,
                         const LinksConfig& links, Clock clock)
    : LinksFabric(topology, fabric_config(config, links), LinkGraph(topology, links),
                  std::move(clock)) {}

LinksFabric::LinksFabric(const Topology& topology, const FabricConfig& config,
                         const LinkGraph& graph, Clock clock)
    : FastFabric(topology, config, std::move(clock),
                 2 * topology.endpoints() + static_cast<unsigned>(graph.links().size()),
                 std::make_unique<GraphRoutes>(topology, graph, config.faults),
                 std::make_unique<GraphRoutes>(topology, graph, config.faults)),
      endpoints_(topology.endpoints()) {
  const unsigned columns = topology.columns();
  for (const LinkGraph::Link& link : graph.links()) {
    names_.push_back(fmt::format("{},{}->{},{}", link.from % columns, link.from / columns,
                                 link.to % columns, link.to / columns));
    from_.push_back(link.from);
  }
}

std::string LinksFabric::link_name(unsigned link) const {
  if (link >= 2 * endpoints_) return names_[link - 2 * endpoints_];
  const unsigned endpoint = link % endpoints_;
  const Node at = topology().node(endpoint);
  return link < endpoints_ ? fmt::format("ni{}->{},{}", endpoint, at.x, at.y)
                           : fmt::format("{},{}->ni{}", at.x, at.y, endpoint);
}

unsigned LinksFabric::link_router(unsigned link) const {
  if (link < endpoints_) return kNoRouter;
  if (link < 2 * endpoints_) return (link - endpoints_) % topology().routers();
  return from_[link - 2 * endpoints_];
}

}  // namespace aimc::noc
