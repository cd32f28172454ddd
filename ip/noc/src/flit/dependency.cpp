// SPDX-License-Identifier: Apache-2.0
// The check of Dally and Seitz: packets cannot deadlock if "holds this channel while waiting for
// that one" has no cycle.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aimc/noc/flit/geometry.h"

namespace aimc::noc::flit {
namespace {

unsigned judged_length(unsigned length) {
  constexpr unsigned kEven = 6;
  return length <= kEven + 1 ? length : kEven + length % 2;
}

class Graph {
 public:
  Graph(const Config& config, const Geometry& geometry)
      : geometry_(geometry),
        groups_(geometry.groups()),
        next_(std::size_t{geometry.routers()} * kNeighbours * groups_) {
    const unsigned orders = config.routing == Routing::o1turn ? 2 : 1;
    for (unsigned source = 0; source < geometry.routers(); ++source)
      for (unsigned to = 0; to < geometry.routers(); ++to)
        for (unsigned order = 0; order < orders; ++order)
          add_ways({.source = source, .destination = to, .order = order});
  }

  std::string cycle() {
    colour_.assign(next_.size(), Colour::white);
    for (std::size_t node = 0; node < next_.size(); ++node)
      if (colour_[node] == Colour::white && visit(node)) return text();
    return {};
  }

 private:
  enum class Colour : std::uint8_t { white, grey, black };

  // Groups without channels are the shortage that makes two groups one.
  std::size_t node(unsigned router, const Geometry::Step& step) const {
    unsigned group = step.group;
    while (group > 0 && geometry_.group_mask(group) == 0) --group;
    if (geometry_.group_mask(group) == 0) {
      group = step.group;
      while (geometry_.group_mask(group) == 0) ++group;
    }
    return (std::size_t{router} * kNeighbours + step.port) * groups_ + group;
  }

  void add_ways(const Geometry::Way& way) {
    std::set<std::pair<unsigned, std::size_t>> seen;
    std::vector<std::pair<unsigned, std::size_t>> open{{way.source, next_.size()}};
    while (!open.empty()) {
      const auto [at, held] = open.back();
      open.pop_back();
      if (at == way.destination || !seen.insert({at, held}).second) continue;
      const Geometry::Steps steps = geometry_.steps(at, way);
      for (unsigned i = 0; i < steps.count; ++i) {
        const std::size_t wanted = node(at, steps.step[i]);
        if (held < next_.size()) next_[held].insert(wanted);
        open.emplace_back(geometry_.neighbour(at, steps.step[i].port), wanted);
      }
    }
  }

  bool visit(std::size_t at) {
    colour_[at] = Colour::grey;
    path_.push_back(at);
    for (const std::size_t next : next_[at]) {
      if (colour_[next] == Colour::grey) {
        path_.erase(path_.begin(), std::find(path_.begin(), path_.end(), next));
        return true;
      }
      if (colour_[next] == Colour::white && visit(next)) return true;
    }
    path_.pop_back();
    colour_[at] = Colour::black;
    return false;
  }

  std::string text() const {
    std::string result = "links";
    for (const std::size_t at : path_) {
      const auto router = static_cast<unsigned>(at / groups_ / kNeighbours);
      const unsigned to =
          geometry_.neighbour(router, static_cast<unsigned>(at / groups_ % kNeighbours));
      result += fmt::format(" ({},{})->({},{})", geometry_.x(router), geometry_.y(router),
                            geometry_.x(to), geometry_.y(to));
    }
    return result + " can wait for each other in a ring";
  }

  const Geometry& geometry_;
  unsigned groups_;
  std::vector<std::set<std::size_t>> next_;
  std::vector<Colour> colour_;
  std::vector<std::size_t> path_;
};

}  // namespace

std::string dependency_cycle(const Config& config) {
  Config small = config;
  small.columns = judged_length(config.columns);
  small.rows = judged_length(config.rows);
  small.message_classes = 1;  // classes have their own channels and wait in the same way
  small.virtual_channels = config.virtual_channels / config.message_classes;
  small.multicast_channels = 0;  // X-then-Y with whole packets buffered: as plain xy
  small.dead_links.clear();      // faults take dependencies away
  small.dead_routers.clear();
  const Geometry geometry(small);
  return Graph(small, geometry).cycle();
}

}  // namespace aimc::noc::flit
