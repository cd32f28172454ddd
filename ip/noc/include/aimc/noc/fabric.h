// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "aimc/noc/topology.h"

namespace aimc::noc {

/// Requests and responses travel on disjoint virtual channels.
enum class MessageClass : std::uint8_t { request, response };
inline constexpr unsigned kMessageClasses = 2;

/// One packet on its way from one endpoint to another.
struct Packet {
  std::uint32_t source = 0;       ///< Endpoint number.
  std::uint32_t destination = 0;  ///< Endpoint number.
  MessageClass message_class = MessageClass::request;
  std::uint32_t payload_bytes = 0;
  std::uint32_t flits = 1;       ///< Header and payload, 1 or more.
  std::uint64_t ready_ps = 0;    ///< In: when the source would like to inject the head.
  std::uint64_t arrival_ps = 0;  ///< Out: when the tail has reached the destination.
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
  /// response. `index` counts within the burst.
  virtual void serve(Exchange& exchange, std::size_t index) = 0;
};

/// Parameters of routers and links. The defaults are the four-stage reference router, whose
/// zero-load latency is 5 (h + 1) + 2 + (L - 1) cycles for h hops and L flits.
struct FabricConfig {
  double clock_hz = 400e6;
  unsigned virtual_channels = 4;      ///< Per link, half of them for each message class.
  unsigned vc_buffer_flits = 8;       ///< Per virtual channel.
  unsigned router_cycles = 4;         ///< Head flit through a router.
  unsigned link_cycles = 1;           ///< From router to router, or to the interface.
  unsigned interface_cycles = 1;      ///< Into the first router, and out of the last link.
  unsigned vc_turnaround_cycles = 2;  ///< A virtual channel idles this long between packets.
};

/// Counters that every level of detail keeps in the same way.
struct FabricStatistics {
  struct Class {
    std::uint64_t packets = 0;
    std::uint64_t flits = 0;
    std::uint64_t bytes = 0;           ///< Payload.
    std::uint64_t flit_hops = 0;       ///< Flits times routers passed.
    std::uint64_t latency_sum_ps = 0;  ///< From ready to tail arrival.
    std::uint64_t latency_max_ps = 0;
  };
  struct Link {
    std::uint64_t flits = 0;
    std::uint64_t blocked_ps = 0;  ///< Time that heads waited for this link.
  };
  std::array<Class, kMessageClasses> classes;
  std::vector<Link> links;  ///< By `Topology` link number.

  std::uint64_t packets() const { return classes[0].packets + classes[1].packets; }
  std::uint64_t flits() const { return classes[0].flits + classes[1].flits; }
  std::uint64_t bytes() const { return classes[0].bytes + classes[1].bytes; }
  std::uint64_t flit_hops() const { return classes[0].flit_hops + classes[1].flit_hops; }
};

/// The network between the interfaces, at some level of detail.
///
/// Contract for all levels: packets of one call leave their source in the order given and packets
/// of one (source, destination, class) arrive in that order. A level may compute the times at once
/// (then `arrival_ps` lies in the future) or let simulated time pass inside the call (then it may
/// lie in the past when the call returns); callers run in a thread and cope with both. Calls may
/// come out of time order, but never with `ready_ps` before the clock unless the caller's own
/// waiting made it so. The arguments must stay valid until the call returns; nothing is kept.
class Fabric {
 public:
  using Clock = std::function<std::uint64_t()>;  ///< The kernel's time [ps].

  /// @throws UserError for virtual channels that cannot be split among the classes.
  Fabric(const Topology& topology, const FabricConfig& config, Clock clock);
  virtual ~Fabric() = default;
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  /// Carries one-way packets and fills in their arrival.
  virtual void carry(std::span<Packet> burst) = 0;
  /// Carries each request, has it served on arrival, and carries the response; parts overlap.
  virtual void exchange(std::span<Exchange> burst, Service& service) = 0;
  /// Drops whatever is on the way. Statistics stay.
  virtual void reset() = 0;

  const Topology& topology() const { return topology_; }
  const FabricConfig& config() const { return config_; }
  const FabricStatistics& statistics() const { return statistics_; }
  std::uint64_t period_ps() const { return period_ps_; }
  /// Latency of a packet that meets no other [cycles].
  std::uint64_t zero_load_cycles(unsigned hops, unsigned flits) const;

 protected:
  /// Counts a packet whose arrival is known.
  void count(const Packet& packet) {
    FabricStatistics::Class& c = statistics_.classes[static_cast<unsigned>(packet.message_class)];
    const std::uint64_t latency = packet.arrival_ps - packet.ready_ps;
    ++c.packets;
    c.flits += packet.flits;
    c.bytes += packet.payload_bytes;
    c.flit_hops +=
        std::uint64_t{packet.flits} * (topology_.hops(packet.source, packet.destination) + 1);
    c.latency_sum_ps += latency;
    c.latency_max_ps = std::max(c.latency_max_ps, latency);
  }
  /// Sets up the way back of an exchange.
  static void turn_round(Exchange& exchange) {
    exchange.response.source = exchange.request.destination;
    exchange.response.destination = exchange.request.source;
    exchange.response.message_class = MessageClass::response;
  }
  std::uint64_t now_ps() const { return clock_(); }

  FabricStatistics statistics_;

 private:
  Topology topology_;
  FabricConfig config_;
  Clock clock_;
  std::uint64_t period_ps_;
};

}  // namespace aimc::noc
