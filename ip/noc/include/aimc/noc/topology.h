// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace aimc::noc {

/// Column and row of a router and the number of one of its local ports.
struct Node {
  unsigned x = 0;
  unsigned y = 0;
  unsigned port = 0;
};

/// A mesh of `columns` x `rows` routers, each with `ports` local ports, and its directed links.
///
/// Endpoints are numbered y * columns + x + port * columns * rows. Links are numbered densely: each
/// router owns its outputs (four neighbours, then one ejection per local port) and the injection
/// links of its local ports. Links that would leave the mesh have numbers and carry nothing.
class Topology {
 public:
  enum class LinkKind : std::uint8_t { injection, mesh, ejection };

  /// @throws UserError if a dimension is outside of 1..64 or `ports` outside of 1..4.
  Topology(unsigned columns, unsigned rows, unsigned ports);

  unsigned columns() const { return columns_; }
  unsigned rows() const { return rows_; }
  unsigned ports() const { return ports_; }
  unsigned routers() const { return columns_ * rows_; }
  unsigned endpoints() const { return routers() * ports_; }
  unsigned links() const { return routers() * stride(); }

  bool contains(const Node& node) const {
    return node.x < columns_ && node.y < rows_ && node.port < ports_;
  }
  unsigned endpoint(const Node& node) const {
    return node.y * columns_ + node.x + node.port * routers();
  }
  Node node(unsigned endpoint) const {
    const unsigned router = endpoint % routers();
    return {router % columns_, router / columns_, endpoint / routers()};
  }
  /// Links between routers on the way from one endpoint to the other.
  unsigned hops(unsigned source, unsigned destination) const;

  LinkKind kind(unsigned link) const;
  /// The router that a link leaves or, for an injection link, enters.
  unsigned router(unsigned link) const { return link / stride(); }
  /// "x,y->x,y" between routers, "ni3->x,y" and "x,y->ni3" at endpoint 3.
  std::string link_name(unsigned link) const;

  /// Directions of a router's links to its neighbours; the opposite differs in the last bit.
  enum : unsigned { kEast, kWest, kSouth, kNorth, kNeighbours };
  static constexpr unsigned kNone = ~0u;
  /// The router next to `router`, or `kNone` at the edge.
  unsigned neighbour(unsigned router, unsigned direction) const;
  /// Numbers of links: from a router to a neighbour, into the network and out of it.
  unsigned output(unsigned router, unsigned direction) const {
    return router * stride() + direction;
  }
  unsigned injection(unsigned endpoint) const {
    return endpoint % routers() * stride() + kNeighbours + ports_ + endpoint / routers();
  }
  unsigned ejection(unsigned endpoint) const {
    return endpoint % routers() * stride() + kNeighbours + endpoint / routers();
  }
  /// Direction of a mesh link.
  unsigned slot(unsigned link) const { return link % stride(); }

  /// Calls `visit(link, kind)` for each link from `source` to `destination` in order: injection,
  /// along one dimension, along the other, ejection.
  template <class Visit>
  void walk(unsigned source, unsigned destination, bool x_first, Visit&& visit) const {
    Node at = node(source);
    const Node to = node(destination);
    visit(injection(source), LinkKind::injection);
    if (!x_first) walk_y(at, to, visit);
    walk_x(at, to, visit);
    if (x_first) walk_y(at, to, visit);
    visit(ejection(destination), LinkKind::ejection);
  }
  template <class Visit>
  void walk(unsigned source, unsigned destination, Visit&& visit) const {
    walk(source, destination, true, visit);
  }

 private:
  template <class Visit>
  void walk_x(Node& at, const Node& to, Visit&& visit) const {
    while (at.x != to.x) {
      const bool east = at.x < to.x;
      visit(first_link(at) + (east ? kEast : kWest), LinkKind::mesh);
      at.x += east ? 1u : ~0u;
    }
  }
  template <class Visit>
  void walk_y(Node& at, const Node& to, Visit&& visit) const {
    while (at.y != to.y) {
      const bool south = at.y < to.y;
      visit(first_link(at) + (south ? kSouth : kNorth), LinkKind::mesh);
      at.y += south ? 1u : ~0u;
    }
  }
  unsigned stride() const { return kNeighbours + 2 * ports_; }
  unsigned first_link(const Node& at) const { return (at.y * columns_ + at.x) * stride(); }

  unsigned columns_;
  unsigned rows_;
  unsigned ports_;
};

}  // namespace aimc::noc
