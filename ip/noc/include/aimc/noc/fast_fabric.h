// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "aimc/common/calendar.h"
#include "aimc/noc/fabric.h"
#include "aimc/noc/routes.h"

namespace aimc::noc {

/// The fast level: whole packets, one reservation per link, times computed at once.
///
/// A packet walks its route. At each link it waits for a virtual channel of its class and for the
/// wires, then takes the wires for L flit times; the tail follows the head at L - 1 cycles. An idle
/// network gives `zero_load_cycles` exactly. See README.md for the rules and what they leave out.
class FastFabric : public Fabric {
 public:
  FastFabric(const Topology& topology, const FabricConfig& config, Clock clock);

  void carry(std::span<Packet> burst) override;
  void exchange(std::span<Exchange> burst, Service& service) override;
  void post(const Packet& packet, std::uint64_t tag, Receiver& receiver) override;
  void post_multicast(const Packet& packet, std::span<const std::uint32_t> destinations,
                      std::uint64_t tag, Receiver& receiver) override;
  std::uint64_t open_reduction(const Packet& packet, std::span<const std::uint32_t> sources,
                               std::uint64_t tag, Receiver& receiver) override;
  void contribute(std::uint64_t reduction, std::uint32_t source, std::uint64_t ready_ps) override;
  bool reachable(std::uint32_t source, std::uint32_t destination) const override;
  bool tree_reachable(std::uint32_t source, std::uint32_t destination) const override;
  void reset() override;

  /// Ways of packets; null where all go along x, then y.
  const Routes* routes() const { return unicast_.get(); }

 protected:
  /// For levels with links of their own: `unicast` routes packets, `trees` multicasts and
  /// reductions; null stands for the mesh's dimension order.
  FastFabric(const Topology& topology, const FabricConfig& config, Clock clock, unsigned links,
             std::unique_ptr<Routes> unicast, std::unique_ptr<Routes> trees);

 private:
  // The virtual channels of one class on one link, as one server.
  struct Channels {
    Calendar calendar;
    std::uint64_t held_until = 0;  // by packets that wait further on
  };
  struct Link {
    Calendar wires;  // shared by the classes
    Channels channels[kMessageClasses];
  };
  // What the routers see of a packet.
  struct Shape {
    unsigned group;
    std::uint64_t flits;
    std::uint64_t length_ps;
    std::uint64_t occupancy_ps;  // of the virtual channels of the class, as one server
    std::uint64_t tail_ps;       // tail behind head
  };
  // The head of a packet behind a link.
  struct Head {
    std::uint64_t time = 0;
    Channels* upstream = nullptr;
    std::uint64_t upstream_free = 0;
    unsigned routers = 0;
  };
  // A reduction on its way: one node per link of its tree.
  struct Merge {
    std::uint32_t next = 0;  // link behind it; itself at the root
    unsigned expected = 0;   // contributions that come in
    unsigned arrived = 0;
    Head head;
  };
  struct Reduction {
    Packet packet;
    std::uint64_t tag;
    Receiver* receiver;
    std::map<std::uint32_t, Merge> tree;  // by link
    std::uint64_t first_ready_ps;
  };

  Shape shape(const Packet& packet) const;
  void step(Head& head, unsigned link, bool injection, const Shape& shape);
  std::uint64_t on_edge(std::uint64_t time_ps) const;
  std::uint64_t arrival(const Head& head, const Shape& shape) const;
  void route(Packet& packet, std::uint64_t not_before);
  void lose(Packet& packet);
  void finish(std::uint64_t number, const Head& head, const Shape& shape);

  std::vector<Link> links_;
  std::unique_ptr<Routes> unicast_;  // null: dimension order without faults
  std::unique_ptr<Routes> trees_;
  // The latest packet of a source, destination and class: what is ready after it arrives after it.
  struct Flow {
    std::uint64_t ready_ps = 0;
    std::uint64_t arrival_ps = 0;
  };
  void keep_order(Packet& packet, std::uint64_t length_ps);
  std::unordered_map<std::uint64_t, Flow> flows_;
  std::size_t flows_to_prune_ = 4096;
  std::vector<Head> tree_heads_;  // by link, for the tree in work
  std::vector<std::uint64_t> tree_marks_;
  std::uint64_t tree_mark_ = 0;
  std::map<std::uint64_t, Reduction> reductions_;
  std::uint64_t next_reduction_ = 1;
  std::uint64_t now_ = 0;
  unsigned class_channels_[kMessageClasses];  // virtual channels of one class
  std::uint64_t buffer_flits_[kMessageClasses];
  std::uint64_t buffer_ps_[kMessageClasses];  // what its buffers behind a link absorb
  std::uint64_t credit_loop_;  // cycles from the use of a place in a buffer to its next use
};

}  // namespace aimc::noc
