// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "aimc/noc/flit/config.h"

namespace aimc::noc::flit {

/// Where routers are, what they are wired to, and which ways and channels the routing allows.
///
/// Output channels come in groups: packets on different ways of O1TURN, on either side of a ring's
/// dateline, and of different classes use different groups, which keeps their waiting apart.
class Geometry {
 public:
  struct Step {
    unsigned port = 0;   ///< A direction, or kNeighbours + local port.
    unsigned group = 0;  ///< Of the channels on that link.
  };
  /// At most two ways at a time.
  struct Steps {
    std::array<Step, 2> step;
    unsigned count = 0;
    void add(Step s) { step[count++] = s; }
  };
  /// What the choice of a way depends on.
  struct Way {
    unsigned source = 0;  ///< Router.
    unsigned destination = 0;
    unsigned local_port = 0;
    unsigned message_class = 0;
    unsigned order = 0;  ///< 1: Y first.
    unsigned salt = 0;   ///< Any number fixed for the packet; spreads use of groups at the end.
  };

  explicit Geometry(const Config& config);

  unsigned columns() const { return columns_; }
  unsigned routers() const { return columns_ * rows_; }
  unsigned x(unsigned router) const { return x_[router]; }
  unsigned y(unsigned router) const { return router / columns_; }
  unsigned router_of(unsigned endpoint) const {
    return endpoint < routers() ? endpoint : endpoint % routers();
  }
  unsigned local_port_of(unsigned endpoint) const {
    return endpoint < routers() ? 0 : endpoint / routers();
  }
  /// Router behind an output, or `kNoRouter`.
  static constexpr unsigned kNoRouter = ~0u;
  unsigned neighbour(unsigned router, unsigned direction) const {
    return neighbours_[router * kNeighbours + direction];
  }
  bool alive(unsigned router, unsigned direction) const {
    return alive_[router * kNeighbours + direction] != 0;
  }
  /// Links between the routers of a shortest way.
  unsigned hops(unsigned source, unsigned destination) const;
  bool reachable(unsigned source_router, unsigned destination_router, unsigned order) const;

  unsigned groups() const { return static_cast<unsigned>(group_masks_.size()); }
  /// Channels of a group; bit v is channel v.
  std::uint16_t group_mask(unsigned group) const { return group_masks_[group]; }
  unsigned multicast_group() const { return groups() - 1; }
  /// First and number of the channels of a class; the class after the last is multicast.
  unsigned class_begin(unsigned message_class) const;
  unsigned class_size(unsigned message_class) const;

  /// Next steps from `at`, all of which lead on to the destination past what is dead.
  Steps steps(unsigned at, const Way& way) const;

 private:
  unsigned toward(unsigned from, unsigned to, unsigned length, unsigned positive) const;
  bool passes_dateline(unsigned at, unsigned direction, const Way& way) const;
  unsigned group_for(unsigned at, unsigned direction, const Way& way) const;
  void directions(unsigned at, const Way& way, std::array<unsigned, 2>& out, unsigned& count) const;
  void odd_even(unsigned at, const Way& way, unsigned horizontal, unsigned vertical,
                std::array<unsigned, 2>& out, unsigned& count) const;
  bool viable(unsigned at, const Way& way) const;

  Routing routing_;
  bool torus_;
  bool faults_;
  unsigned columns_;
  unsigned rows_;
  unsigned classes_;
  unsigned class_channels_;
  unsigned channels_;
  unsigned multicast_channels_;
  unsigned parts_;  // groups of one class
  std::vector<std::uint16_t> group_masks_;
  std::vector<std::uint8_t> x_;
  std::vector<std::uint32_t> neighbours_;
  std::vector<std::uint8_t> alive_;
  mutable std::unordered_map<std::uint64_t, bool> viable_;  // filled as asked, only with faults
};

}  // namespace aimc::noc::flit
