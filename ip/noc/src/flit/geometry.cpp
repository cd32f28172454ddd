// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/geometry.h"

#include <algorithm>

namespace aimc::noc::flit {
namespace {
unsigned parts_of(const Config& config) {
  return (config.torus ? 2u : 1u) * (config.routing == Routing::o1turn ? 2u : 1u);
}
}  // namespace

Geometry::Geometry(const Config& config)
    : routing_(config.routing),
      torus_(config.torus),
      faults_(!config.dead_links.empty() || !config.dead_routers.empty()),
      columns_(config.columns),
      rows_(config.rows),
      classes_(config.message_classes),
      class_channels_(config.virtual_channels / config.message_classes),
      channels_(config.virtual_channels),
      multicast_channels_(config.multicast_channels),
      parts_(parts_of(config)) {
  for (unsigned c = 0; c < classes_; ++c) {
    for (unsigned part = 0; part < parts_; ++part) {
      const unsigned first = c * class_channels_ + part * class_channels_ / parts_;
      const unsigned last = c * class_channels_ + (part + 1) * class_channels_ / parts_;
      group_masks_.push_back(static_cast<std::uint16_t>((1u << last) - (1u << first)));
    }
  }
  if (multicast_channels_ != 0)
    group_masks_.push_back(
        static_cast<std::uint16_t>((1u << (channels_ + multicast_channels_)) - (1u << channels_)));
  x_.resize(routers());
  neighbours_.assign(routers() * kNeighbours, kNoRouter);
  alive_.assign(routers() * kNeighbours, 0);
  for (unsigned router = 0; router < routers(); ++router) {
    const unsigned at_x = router % columns_;
    const unsigned at_y = router / columns_;
    x_[router] = static_cast<std::uint8_t>(at_x);
    const bool wrap_x = torus_ && columns_ > 1;
    const bool wrap_y = torus_ && rows_ > 1;
    std::uint32_t* const next = &neighbours_[router * kNeighbours];
    if (at_x + 1 < columns_ || wrap_x) next[kEast] = at_y * columns_ + (at_x + 1) % columns_;
    if (at_x > 0 || wrap_x) next[kWest] = at_y * columns_ + (at_x + columns_ - 1) % columns_;
    if (at_y + 1 < rows_ || wrap_y) next[kSouth] = (at_y + 1) % rows_ * columns_ + at_x;
    if (at_y > 0 || wrap_y) next[kNorth] = (at_y + rows_ - 1) % rows_ * columns_ + at_x;
    for (unsigned d = 0; d < kNeighbours; ++d)
      alive_[router * kNeighbours + d] = next[d] != kNoRouter;
  }
  for (const DeadLink& link : config.dead_links)
    alive_[link.router * kNeighbours + link.direction] = 0;
  for (const unsigned dead : config.dead_routers) {
    for (unsigned d = 0; d < kNeighbours; ++d) {
      alive_[dead * kNeighbours + d] = 0;
      const unsigned next = neighbour(dead, d);
      if (next == kNoRouter) continue;
      for (unsigned back = 0; back < kNeighbours; ++back)
        if (neighbour(next, back) == dead) alive_[next * kNeighbours + back] = 0;
    }
  }
}

unsigned Geometry::class_begin(unsigned message_class) const {
  return message_class == classes_ ? channels_ : message_class * class_channels_;
}

unsigned Geometry::class_size(unsigned message_class) const {
  return message_class == classes_ ? multicast_channels_ : class_channels_;
}

unsigned Geometry::hops(unsigned source, unsigned destination) const {
  const auto distance = [this](unsigned a, unsigned b, unsigned length) {
    const unsigned direct = a < b ? b - a : a - b;
    return torus_ ? std::min(direct, length - direct) : direct;
  };
  return distance(x(source), x(destination), columns_) + distance(y(source), y(destination), rows_);
}

// The direction along one dimension; `positive` is the one of growing coordinates.
unsigned Geometry::toward(unsigned from, unsigned to, unsigned length, unsigned positive) const {
  if (!torus_) return to > from ? positive : positive + 1;
  const unsigned ahead = (to + length - from) % length;
  return 2 * ahead <= length ? positive : positive + 1;
}

// True on the link across the end of a ring and on those behind it: coordinates then lie on the
// other side of where the packet entered the ring.
bool Geometry::passes_dateline(unsigned at, unsigned direction, const Way& way) const {
  const unsigned next = neighbour(at, direction);
  switch (direction) {
    case kEast:
      return x(next) < x(way.source);
    case kWest:
      return x(next) > x(way.source);
    case kSouth:
      return y(next) < y(way.source);
    default:
      return y(next) > y(way.source);
  }
}

unsigned Geometry::group_for(unsigned at, unsigned direction, const Way& way) const {
  unsigned part = 0;
  if (torus_) {
    // Whoever arrives waits for nothing more, so either side will do.
    part = direction < kNeighbours ? passes_dateline(at, direction, way) : way.salt & 1;
  }
  if (routing_ == Routing::o1turn) part = part * 2 + way.order;
  return way.message_class * parts_ + part;
}

void Geometry::odd_even(unsigned at, const Way& way, unsigned horizontal, unsigned vertical,
                        std::array<unsigned, 2>& out, unsigned& count) const {
  const bool odd_column = (x(at) & 1) != 0;
  if (horizontal == kWest) {
    out[count++] = kWest;
    if (!odd_column && vertical != kNeighbours) out[count++] = vertical;
    return;
  }
  const unsigned left = x(way.destination) - x(at);
  if (vertical == kNeighbours) {
    out[count++] = kEast;
    return;
  }
  if ((x(way.destination) & 1) != 0 || left != 1) out[count++] = kEast;
  if (odd_column || x(at) == x(way.source)) out[count++] = vertical;
}

// Productive directions that the rules allow, whether alive or not.
void Geometry::directions(unsigned at, const Way& way, std::array<unsigned, 2>& out,
                          unsigned& count) const {
  const unsigned horizontal = x(at) == x(way.destination)
                                  ? +kNeighbours
                                  : toward(x(at), x(way.destination), columns_, kEast);
  const unsigned vertical =
      y(at) == y(way.destination) ? +kNeighbours : toward(y(at), y(way.destination), rows_, kSouth);
  count = 0;
  if (horizontal == kNeighbours || vertical == kNeighbours) {
    // Only one dimension is left. Odd-even has no rule against going straight.
    out[count++] = horizontal == kNeighbours ? vertical : horizontal;
    return;
  }
  switch (routing_) {
    case Routing::xy:
      out[count++] = horizontal;
      break;
    case Routing::yx:
      out[count++] = vertical;
      break;
    case Routing::o1turn:
      out[count++] = way.order == 0 ? horizontal : vertical;
      break;
    case Routing::west_first:
      out[count++] = horizontal;
      if (horizontal != kWest) out[count++] = vertical;
      break;
    case Routing::odd_even:
      odd_even(at, way, horizontal, vertical, out, count);
      break;
    case Routing::minimal:
      out[count++] = horizontal;
      out[count++] = vertical;
      break;
  }
}

bool Geometry::viable(unsigned at, const Way& way) const {
  if (at == way.destination) return true;
  const bool first_column = x(at) == x(way.source);  // all that odd-even asks about the source
  const std::uint64_t key =
      ((std::uint64_t{at} * routers() + way.destination) * 2 + way.order) * 2 +
      static_cast<unsigned>(first_column);
  if (const auto known = viable_.find(key); known != viable_.end()) return known->second;
  std::array<unsigned, 2> out{};
  unsigned count = 0;
  directions(at, way, out, count);
  bool any = false;
  for (unsigned i = 0; i < count && !any; ++i)
    any = alive(at, out[i]) && viable(neighbour(at, out[i]), way);
  viable_.emplace(key, any);
  return any;
}

bool Geometry::reachable(unsigned source_router, unsigned destination_router,
                         unsigned order) const {
  if (!faults_) return true;
  // A dead router answers nobody, itself included.
  const auto cut_off = [this](unsigned router) {
    bool wired = false;
    for (unsigned d = 0; d < kNeighbours; ++d) {
      if (alive(router, d)) return false;
      wired = wired || neighbour(router, d) != kNoRouter;
    }
    return wired;
  };
  if (cut_off(source_router) || cut_off(destination_router)) return false;
  return viable(source_router,
                {.source = source_router, .destination = destination_router, .order = order});
}

Geometry::Steps Geometry::steps(unsigned at, const Way& way) const {
  Steps result;
  if (at == way.destination) {
    const unsigned port = kNeighbours + way.local_port;
    result.add({port, group_for(at, port, way)});
    return result;
  }
  std::array<unsigned, 2> out{};
  unsigned count = 0;
  directions(at, way, out, count);
  for (unsigned i = 0; i < count; ++i) {
    if (faults_ && !(alive(at, out[i]) && viable(neighbour(at, out[i]), way))) continue;
    result.add({out[i], group_for(at, out[i], way)});
  }
  return result;
}

}  // namespace aimc::noc::flit
