// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "aimc/noc/fabric_config.h"
#include "aimc/noc/fabric_statistics.h"
#include "aimc/noc/topology.h"

namespace aimc::noc {

/// One packet on its way from one endpoint to another.
struct Packet {
  std::uint32_t source = 0;       ///< Endpoint number.
  std::uint32_t destination = 0;  ///< Endpoint number.
  MessageClass message_class = MessageClass::request;
  std::uint32_t payload_bytes = 0;
  std::uint32_t flits = 1;       ///< Header and payload, 1 or more.
  std::uint64_t ready_ps = 0;    ///< In: when the source would like to inject the head.
  std::uint64_t arrival_ps = 0;  ///< Out: when the tail has reached the destination.
  /// Out: no way leads there, or the network lost it; `arrival_ps` is when the source knows.
  bool lost = false;
};

/// A request and the response it causes.
struct Exchange {
  Packet request;
  Packet response;  ///< The fabric swaps the ends in; the service fills in the rest.
};

/// What stands behind the network interface of a destination.
class Service {
 public:
  virtual ~Service() = default;
  /// The request has arrived: do what it asks, then set payload, flits and `ready_ps` of the
  /// response. `index` counts within the burst. Not called for a request that is lost.
  virtual void serve(Exchange& exchange, std::size_t index) = 0;
};

/// Hears of the arrival of what was posted.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// The tail has reached `endpoint` at `arrival_ps`, or, if not `delivered`, the source knows at
  /// that time that it never will. A level that computes calls from within `post` and names a time
  /// to come; one that simulates calls when it happens. Must not wait; may post.
  virtual void arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
                       bool delivered) = 0;
};

/// The network between the interfaces, at some level of detail.
///
/// Contract for all levels: packets of one call leave their source in the order given and packets
/// of one (source, destination, class) arrive in that order. A level may compute the times at once
/// (then `arrival_ps` lies in the future) or let simulated time pass inside `carry` and `exchange`
/// (then it may lie in the past when the call returns); callers run in a thread and cope with both.
/// Calls may come out of time order, but never with `ready_ps` before the clock unless the caller's
/// own waiting made it so. The arguments must stay valid until the call returns; nothing is kept
/// but the receiver of what was posted.
class Fabric {
 public:
  using Clock = std::function<std::uint64_t()>;  ///< The kernel's time [ps].
  /// Says that packets wait for each other for ever, naming them.
  using Alarm = std::function<void(const std::string& message)>;

  /// @throws UserError for virtual channels that cannot be split among the classes.
  Fabric(const Topology& topology, const FabricConfig& config, Clock clock);
  virtual ~Fabric() = default;
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  /// Carries one-way packets and fills in their arrival.
  virtual void carry(std::span<Packet> burst) = 0;
  /// Carries each request, has it served on arrival, and carries the response; parts overlap.
  virtual void exchange(std::span<Exchange> burst, Service& service) = 0;

  /// Sends a packet; `receiver` hears of its arrival. Never waits.
  virtual void post(const Packet& packet, std::uint64_t tag, Receiver& receiver) = 0;
  /// Sends one packet to several endpoints along the tree of their dimension-order routes: one
  /// injection, each link of the tree once. `receiver` hears once per destination. Class `stream`.
  virtual void post_multicast(const Packet& packet, std::span<const std::uint32_t> destinations,
                              std::uint64_t tag, Receiver& receiver) = 0;
  /// Prepares the addition of one packet from each of `sources` on the way to
  /// `packet.destination`: contributions follow their dimension-order routes and routers add those
  /// that meet, so each link of the tree is used once. `receiver` hears once, at the root. `packet`
  /// gives class (`stream`), payload and flits of each contribution. @returns its number.
  virtual std::uint64_t open_reduction(const Packet& packet, std::span<const std::uint32_t> sources,
                                       std::uint64_t tag, Receiver& receiver) = 0;
  /// The contribution of one of the sources; each contributes once, in any order. Never waits.
  virtual void contribute(std::uint64_t reduction, std::uint32_t source,
                          std::uint64_t ready_ps) = 0;

  /// True if a packet of this class gets there and back (no dead link or router in the way).
  virtual bool reachable(std::uint32_t source, std::uint32_t destination) const = 0;
  /// The same for multicasts and reductions.
  virtual bool tree_reachable(std::uint32_t source, std::uint32_t destination) const = 0;
  /// Drops whatever is on the way, receivers included. Statistics stay.
  virtual void reset() = 0;

  /// Brings the counters of links up to date, for levels that keep them elsewhere.
  virtual void refresh_statistics() {}

  /// The links that statistics speak of; the mesh's unless a level has others.
  virtual unsigned links() const { return topology_.links(); }
  virtual std::string link_name(unsigned link) const { return topology_.link_name(link); }
  /// The router whose output the link is, or `kNoRouter` for an injection link.
  virtual unsigned link_router(unsigned link) const;
  static constexpr unsigned kNoRouter = ~0u;

  const Topology& topology() const { return topology_; }
  const FabricConfig& config() const { return config_; }
  const FabricStatistics& statistics() const { return statistics_; }
  std::uint64_t period_ps() const { return period_ps_; }
  /// Latency of a packet that meets no other [cycles].
  std::uint64_t zero_load_cycles(unsigned hops, unsigned flits) const;
  void set_alarm(Alarm alarm) { alarm_ = std::move(alarm); }

 protected:
  /// Counts a packet whose arrival is known; `routers` is how many it passed.
  void count(const Packet& packet, unsigned routers) {
    statistics_.count(packet.message_class, packet.flits, packet.payload_bytes, routers,
                      packet.arrival_ps - packet.ready_ps, period_ps_);
  }
  void count(const Packet& packet) {
    count(packet, topology_.hops(packet.source, packet.destination) + 1);
  }
  /// Sets up the way back of an exchange.
  static void turn_round(Exchange& exchange) {
    exchange.response.source = exchange.request.destination;
    exchange.response.destination = exchange.request.source;
    exchange.response.message_class = MessageClass::response;
    exchange.request.lost = exchange.response.lost = false;
  }
  std::uint64_t now_ps() const { return clock_(); }
  void raise_alarm(const std::string& message) const {
    if (alarm_) alarm_(message);
  }

  FabricStatistics statistics_;

 private:
  Topology topology_;
  FabricConfig config_;
  Clock clock_;
  Alarm alarm_;
  std::uint64_t period_ps_;
};

}  // namespace aimc::noc
