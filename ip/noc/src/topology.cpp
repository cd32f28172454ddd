// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/topology.h"

#include <fmt/format.h>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {
constexpr unsigned kMaxSide = 64;
constexpr unsigned kMaxPorts = 4;
unsigned distance(unsigned a, unsigned b) { return a < b ? b - a : a - b; }
}  // namespace

Topology::Topology(unsigned columns, unsigned rows, unsigned ports)
    : columns_(columns), rows_(rows), ports_(ports) {
  if (columns < 1 || columns > kMaxSide || rows < 1 || rows > kMaxSide)
    user_error("a mesh of {} x {} routers is not possible: columns and rows must be 1..{}", columns,
               rows, kMaxSide);
  if (ports < 1 || ports > kMaxPorts)
    user_error("{} local ports per router are not possible: give 1..{}", ports, kMaxPorts);
}

unsigned Topology::hops(unsigned source, unsigned destination) const {
  const Node a = node(source);
  const Node b = node(destination);
  return distance(a.x, b.x) + distance(a.y, b.y);
}

unsigned Topology::neighbour(unsigned router, unsigned direction) const {
  const unsigned x = router % columns_;
  const unsigned y = router / columns_;
  switch (direction) {
    case kEast:
      return x + 1 < columns_ ? router + 1 : kNone;
    case kWest:
      return x > 0 ? router - 1 : kNone;
    case kSouth:
      return y + 1 < rows_ ? router + columns_ : kNone;
    case kNorth:
      return y > 0 ? router - columns_ : kNone;
    default:
      return kNone;
  }
}

Topology::LinkKind Topology::kind(unsigned link) const {
  const unsigned slot = link % stride();
  if (slot < kNeighbours) return LinkKind::mesh;
  return slot < kNeighbours + ports_ ? LinkKind::ejection : LinkKind::injection;
}

std::string Topology::link_name(unsigned link) const {
  const unsigned slot = link % stride();
  const unsigned x = router(link) % columns_;
  const unsigned y = router(link) / columns_;
  switch (slot) {
    case kEast:
      return fmt::format("{},{}->{},{}", x, y, x + 1, y);
    case kWest:
      return fmt::format("{},{}->{},{}", x, y, x - 1, y);
    case kSouth:
      return fmt::format("{},{}->{},{}", x, y, x, y + 1);
    case kNorth:
      return fmt::format("{},{}->{},{}", x, y, x, y - 1);
    default:
      break;
  }
  const bool ejects = kind(link) == LinkKind::ejection;
  const unsigned port = slot - kNeighbours - (ejects ? 0 : ports_);
  const unsigned number = endpoint({x, y, port});
  return ejects ? fmt::format("{},{}->ni{}", x, y, number)
                : fmt::format("ni{}->{},{}", number, x, y);
}

}  // namespace aimc::noc
