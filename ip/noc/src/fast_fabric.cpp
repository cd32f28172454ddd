// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/fast_fabric.h"

namespace aimc::noc {

FastFabric::FastFabric(const Topology& topology, const FabricConfig& config, Clock clock)
    : Fabric(topology, config, std::move(clock)),
      links_(topology.links()),
      class_channels_(config.virtual_channels / kMessageClasses),
      buffer_ps_(std::uint64_t{config.vc_buffer_flits} * class_channels_ * period_ps()) {}

void FastFabric::carry(std::span<Packet> burst) {
  now_ = now_ps();
  for (std::size_t i = 0; i < burst.size(); ++i) {
    const bool same_flow = i > 0 && burst[i].source == burst[i - 1].source &&
                           burst[i].destination == burst[i - 1].destination &&
                           burst[i].message_class == burst[i - 1].message_class;
    route(burst[i], same_flow ? burst[i - 1].arrival_ps : 0);
  }
}

void FastFabric::exchange(std::span<Exchange> burst, Service& service) {
  std::uint64_t last_request = 0;
  std::uint64_t last_response = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Exchange& exchange = burst[i];
    turn_round(exchange);
    now_ = now_ps();
    route(exchange.request, last_request);
    last_request = exchange.request.arrival_ps;
    service.serve(exchange, i);
    now_ = now_ps();  // the service may have waited
    route(exchange.response, last_response);
    last_response = exchange.response.arrival_ps;
  }
}

void FastFabric::reset() {
  for (Link& link : links_) {
    link.wires.clear();
    for (Channels& channels : link.channels) {
      channels.calendar.clear();
      channels.held_until = 0;
    }
  }
}

// `not_before`: tail arrival of the packet in front of the same flow, which must stay in front even
// where a gap in the bookings would let this one slip by.
void FastFabric::route(Packet& packet, std::uint64_t not_before) {
  const FabricConfig& c = config();
  const std::uint64_t period = period_ps();
  const auto group = static_cast<unsigned>(packet.message_class);
  const std::uint64_t length = packet.flits * period;
  // A channel takes its next packet only after a turn-around; V channels share that load.
  const std::uint64_t occupancy =
      std::max(length, (packet.flits + c.vc_turnaround_cycles) * period / class_channels_);
  std::uint64_t time = (packet.ready_ps + period - 1) / period * period;
  Channels* upstream = nullptr;
  std::uint64_t upstream_free = 0;
  topology().walk(packet.source, packet.destination, [&](unsigned index, Topology::LinkKind kind) {
    if (kind != Topology::LinkKind::injection) time += c.router_cycles * period;
    Link& link = links_[index];
    Channels& channels = link.channels[group];
    link.wires.forget(now_);
    channels.calendar.forget(now_);
    std::uint64_t start = channels.calendar.book(time, occupancy);
    start = link.wires.book(start, length);
    const std::uint64_t wait = start - time;
    FabricStatistics::Link& counters = statistics_.links[index];
    counters.flits += packet.flits;
    counters.blocked_ps += wait;
    // What the buffers behind the upstream link cannot hold keeps its channels taken; the wires
    // stay free for the other class. Packets that wait at the same time hold it once, not in turn.
    if (wait > buffer_ps_ && upstream != nullptr) {
      const std::uint64_t from = std::max(upstream_free, upstream->held_until);
      const std::uint64_t until = start - buffer_ps_;
      if (until > from) {
        upstream->calendar.book(from, until - from);
        upstream->held_until = until;
      }
    }
    upstream = &channels;
    upstream_free = start + occupancy;
    time = start;
    time += (kind == Topology::LinkKind::injection ? c.interface_cycles : c.link_cycles) * period;
  });
  packet.arrival_ps = time + c.interface_cycles * period + length - period;
  if (not_before != 0) packet.arrival_ps = std::max(packet.arrival_ps, not_before + length);
  count(packet);
}

}  // namespace aimc::noc
