// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/routes.h"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

constexpr unsigned kStart = Topology::kNeighbours;  // no direction yet
constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();

bool along_x(unsigned direction) {
  return direction == Topology::kEast || direction == Topology::kWest;
}
unsigned opposite(unsigned direction) { return direction ^ 1u; }

}  // namespace

const Routes::Way* Routes::way(std::uint32_t source, std::uint32_t destination) const {
  const std::uint64_t key = std::uint64_t{source} << 32 | destination;
  auto at = ways_.find(key);
  if (at == ways_.end()) at = ways_.emplace(key, find(source, destination)).first;
  return at->second.empty() ? nullptr : &at->second;
}

MeshRoutes::MeshRoutes(const Topology& topology, Routing routing, const Faults& faults)
    : topology_(topology),
      routing_(routing),
      dead_links_(topology.links()),
      dead_routers_(topology.routers()) {
  for (const unsigned router : faults.routers) dead_routers_.at(router) = true;
  for (const auto& [from, to] : faults.links)
    for (unsigned direction = 0; direction < Topology::kNeighbours; ++direction)
      if (topology_.neighbour(from, direction) == to)
        dead_links_[topology_.output(from, direction)] = true;
  if (routing_ != Routing::up_down) return;
  // Distances over the links that work in both directions, from the middle of the mesh (or the
  // first router alive): up is towards smaller rank.
  rank_.assign(topology_.routers(), kUnseen);
  unsigned root = topology_.rows() / 2 * topology_.columns() + topology_.columns() / 2;
  while (dead_routers_[root] && root + 1 < topology_.routers()) ++root;
  if (dead_routers_[root])
    root = static_cast<unsigned>(std::find(dead_routers_.begin(), dead_routers_.end(), false) -
                                 dead_routers_.begin());
  if (root >= topology_.routers()) return;
  std::deque<unsigned> queue{root};
  std::uint32_t next = 0;
  rank_[root] = next++;
  while (!queue.empty()) {
    const unsigned router = queue.front();
    queue.pop_front();
    for (unsigned direction = 0; direction < Topology::kNeighbours; ++direction) {
      const unsigned there = topology_.neighbour(router, direction);
      if (there == Topology::kNone || rank_[there] != kUnseen) continue;
      if (!usable(topology_.output(router, direction)) ||
          !usable(topology_.output(there, opposite(direction))))
        continue;
      rank_[there] = next++;
      queue.push_back(there);
    }
  }
}

bool MeshRoutes::usable(unsigned link) const {
  const unsigned router = topology_.router(link);
  if (dead_links_[link] || dead_routers_[router]) return false;
  if (topology_.kind(link) != Topology::LinkKind::mesh) return true;
  return !dead_routers_[topology_.neighbour(router, topology_.slot(link))];
}

Routes::Way MeshRoutes::find(std::uint32_t source, std::uint32_t destination) const {
  switch (routing_) {
    case Routing::xy:
      return along_dimensions(source, destination, true);
    case Routing::yx:
      return along_dimensions(source, destination, false);
    case Routing::o1turn: {
      const bool x_first = (source + destination) % 2 == 0;
      const Way way = along_dimensions(source, destination, x_first);
      return way.empty() ? along_dimensions(source, destination, !x_first) : way;
    }
    default:
      return search(source, destination);
  }
}

Routes::Way MeshRoutes::along_dimensions(std::uint32_t source, std::uint32_t destination,
                                         bool x_first) const {
  Way way;
  bool whole = true;
  topology_.walk(source, destination, x_first, [&](unsigned link, Topology::LinkKind) {
    whole = whole && usable(link);
    way.push_back(link);
  });
  if (!whole) way.clear();
  return way;
}

bool MeshRoutes::turn_allowed(unsigned router, unsigned from, unsigned to) const {
  if (from == kStart) return true;
  if (routing_ == Routing::up_down) return true;  // decided by rank
  if (to == opposite(from)) return false;
  const bool odd_column = router % topology_.columns() % 2 == 1;
  switch (routing_) {
    case Routing::west_first:
      return to != Topology::kWest || from == Topology::kWest;
    case Routing::odd_even:
      if (from == Topology::kEast && !along_x(to)) return odd_column;
      if (to == Topology::kWest && !along_x(from)) return !odd_column;
      return true;
    default:
      return false;
  }
}

// The shortest way that the algorithm's turns allow; among equals the one that goes along x first.
Routes::Way MeshRoutes::search(std::uint32_t source, std::uint32_t destination) const {
  const unsigned begin = source % topology_.routers();
  const unsigned end = destination % topology_.routers();
  if (dead_routers_[begin] || dead_routers_[end]) return {};
  // A state is a router and the direction it was entered in; with up_down, whether it was down.
  constexpr unsigned kStates = Topology::kNeighbours + 1;
  std::vector<std::uint32_t> previous(std::size_t{topology_.routers()} * kStates, kUnseen);
  std::deque<std::uint32_t> queue{begin * kStates + kStart};
  previous[queue.front()] = queue.front();
  std::uint32_t last = begin == end ? queue.front() : kUnseen;
  while (last == kUnseen && !queue.empty()) {
    const std::uint32_t state = queue.front();
    queue.pop_front();
    const unsigned router = state / kStates;
    const unsigned entered = state % kStates;
    for (unsigned direction = 0; direction < Topology::kNeighbours; ++direction) {
      const unsigned there = topology_.neighbour(router, direction);
      if (there == Topology::kNone || !usable(topology_.output(router, direction))) continue;
      if (!turn_allowed(router, entered, direction)) continue;
      if (routing_ == Routing::up_down) {
        if (rank_[there] == kUnseen || rank_[router] == kUnseen) continue;
        const bool up = rank_[there] < rank_[router];
        const bool went_down =
            entered != kStart &&
            rank_[topology_.neighbour(router, opposite(entered))] < rank_[router];
        if (up && went_down) continue;
      }
      const std::uint32_t next = there * kStates + direction;
      if (previous[next] != kUnseen) continue;
      previous[next] = state;
      if (there == end) {
        last = next;
        break;
      }
      queue.push_back(next);
    }
  }
  if (last == kUnseen) return {};
  Way way{topology_.ejection(destination)};
  for (std::uint32_t state = last; previous[state] != state; state = previous[state])
    way.push_back(topology_.output(previous[state] / kStates, state % kStates));
  way.push_back(topology_.injection(source));
  std::reverse(way.begin(), way.end());
  return way;
}

const std::vector<std::string>& routing_words() {
  static const std::vector<std::string> words{"xy",         "yx",       "o1turn",
                                              "west_first", "odd_even", "up_down"};
  return words;
}

Routing routing_of(const std::string& word) {
  const auto& words = routing_words();
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) user_error("routing is '{}': give one of {}", word, join(words));
  return static_cast<Routing>(at - words.begin());
}

}  // namespace aimc::noc
