// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "aimc/noc/fabric_config.h"
#include "aimc/noc/topology.h"

namespace aimc::noc {

/// The way of each packet as a list of links: injection, between routers, ejection.
///
/// All packets of one flow take the same way, so they stay in order. Ways keep to the routing
/// algorithm, which is what rules deadlock out, and avoid dead links and routers where the
/// algorithm has another way. Ways are found when first asked for and kept.
class Routes {
 public:
  using Way = std::vector<std::uint32_t>;
  virtual ~Routes() = default;
  /// @returns null if there is none. The pointer stays valid.
  const Way* way(std::uint32_t source, std::uint32_t destination) const;

 protected:
  virtual Way find(std::uint32_t source, std::uint32_t destination) const = 0;

 private:
  mutable std::unordered_map<std::uint64_t, Way> ways_;  // empty: none
};

/// Ways over a mesh.
class MeshRoutes : public Routes {
 public:
  /// @throws UserError for faults that name no link or router of the mesh.
  MeshRoutes(const Topology& topology, Routing routing, const Faults& faults);

 private:
  Way find(std::uint32_t source, std::uint32_t destination) const override;
  Way along_dimensions(std::uint32_t source, std::uint32_t destination, bool x_first) const;
  Way search(std::uint32_t source, std::uint32_t destination) const;
  bool turn_allowed(unsigned router, unsigned from, unsigned to) const;
  bool usable(unsigned link) const;

  Topology topology_;
  Routing routing_;
  std::vector<bool> dead_links_;
  std::vector<bool> dead_routers_;
  std::vector<std::uint32_t> rank_;  // up_down: distance from the root first, then number
};

/// "xy", "o1turn", ... @throws UserError that lists the known ones.
Routing routing_of(const std::string& word);
/// Words for `routing_of`.
const std::vector<std::string>& routing_words();

/// Reads dead links, "1,0-2,0" for both directions or "1,0>2,0" for one, and dead routers, "3,3",
/// separated by spaces. @throws UserError that says what is wrong with which word.
Faults parse_faults(const Topology& topology, const std::string& links, const std::string& routers);

}  // namespace aimc::noc
