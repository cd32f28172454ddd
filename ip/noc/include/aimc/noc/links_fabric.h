// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aimc/noc/fast_fabric.h"

namespace aimc::noc {

/// Fixed point-to-point links between cores, as chips without a routed network have them.
struct LinksConfig {
  /// Pairs of cores that are joined in both directions; see `LinkGraph`.
  std::string pairs = "mesh";
  unsigned lanes = 8;           ///< Bits that one link carries in a cycle.
  unsigned preamble_bytes = 2;  ///< In front of each transfer; it selects the way.
  unsigned hop_cycles = 1;      ///< From one link to the next through a core.
  unsigned max_neighbours = 6;  ///< Cores that one core can be joined to.
};

/// Which cores are joined.
///
/// Written as words: "mesh" joins neighbours in x and y; "x,y-x,y" joins two cores; and
/// "x0:x1,y0:y1+dx,dy" joins each core of a rectangle to the one dx, dy further on.
class LinkGraph {
 public:
  /// @throws UserError for a word that cannot be, a core that has more than `max_neighbours`, or
  /// cores that no way joins.
  LinkGraph(const Topology& topology, const LinksConfig& config);

  struct Link {
    std::uint32_t from;
    std::uint32_t to;
  };
  const std::vector<Link>& links() const { return links_; }
  /// Numbers of the links that leave a core.
  const std::vector<std::uint32_t>& out(unsigned core) const { return out_[core]; }

 private:
  void join(unsigned a, unsigned b, const std::string& word);
  void check(const Topology& topology, const LinksConfig& config) const;

  std::vector<Link> links_;
  std::vector<std::vector<std::uint32_t>> out_;
};

/// The level `links`: every way is fixed beforehand, a preamble selects it, and a transfer holds
/// the links of its way one after the other. Ways go up towards a root core and then down, the
/// shortest of these, so that transfers that wait for links never wait in a circle. Links are
/// numbered injections first, then ejections, then links between cores.
class LinksFabric : public FastFabric {
 public:
  LinksFabric(const Topology& topology, const FabricConfig& config, const LinksConfig& links,
              Clock clock);

  unsigned links() const override { return 2 * endpoints_ + static_cast<unsigned>(names_.size()); }
  std::string link_name(unsigned link) const override;
  unsigned link_router(unsigned link) const override;

  /// The parameters of routers and channels that stand for bare links.
  static FabricConfig fabric_config(const FabricConfig& config, const LinksConfig& links);

 private:
  LinksFabric(const Topology& topology, const FabricConfig& config, const LinkGraph& graph,
              Clock clock);
  unsigned endpoints_;
  std::vector<std::string> names_;
  std::vector<unsigned> from_;
};

}  // namespace aimc::noc
