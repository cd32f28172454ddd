// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/fast_fabric.h"

namespace aimc::noc {
namespace {

std::unique_ptr<Routes> unicast_routes(const Topology& topology, const FabricConfig& config) {
  if (config.routing == Routing::xy && config.faults.empty()) return nullptr;
  return std::make_unique<MeshRoutes>(topology, config.routing, config.faults);
}

}  // namespace

FastFabric::FastFabric(const Topology& topology, const FabricConfig& config, Clock clock)
    : FastFabric(topology, config, std::move(clock), topology.links(),
                 unicast_routes(topology, config),
                 std::make_unique<MeshRoutes>(topology, Routing::xy, config.faults)) {}

FastFabric::FastFabric(const Topology& topology, const FabricConfig& config, Clock clock,
                       unsigned links, std::unique_ptr<Routes> unicast,
                       std::unique_ptr<Routes> trees)
    : Fabric(topology, config, std::move(clock)),
      links_(links),
      unicast_(std::move(unicast)),
      trees_(std::move(trees)),
      tree_heads_(links),
      tree_marks_(links),
      credit_loop_(config.router_cycles + 2 * config.link_cycles + 2) {
  statistics_.links.resize(links);
  for (FabricStatistics::Link& link : statistics_.links) link.vc_flits.resize(kMessageClasses);
  for (unsigned group = 0; group < kMessageClasses; ++group) {
    const bool stream = group == static_cast<unsigned>(MessageClass::stream);
    class_channels_[group] = stream ? config.stream_channels : config.virtual_channels / 2;
    buffer_flits_[group] = stream ? config.stream_buffer_flits : config.vc_buffer_flits;
    buffer_ps_[group] = buffer_flits_[group] * class_channels_[group] * period_ps();
  }
}

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
    if (!reachable(exchange.request.source, exchange.request.destination)) {
      lose(exchange.request);
      exchange.response.arrival_ps = exchange.request.arrival_ps;
      continue;
    }
    route(exchange.request, last_request);
    last_request = exchange.request.arrival_ps;
    service.serve(exchange, i);
    now_ = now_ps();  // the service may have waited
    route(exchange.response, last_response);
    last_response = exchange.response.arrival_ps;
  }
}

void FastFabric::post(const Packet& packet, std::uint64_t tag, Receiver& receiver) {
  now_ = now_ps();
  Packet copy = packet;
  route(copy, 0);
  receiver.arrived(tag, copy.destination, copy.arrival_ps, !copy.lost);
}

bool FastFabric::reachable(std::uint32_t source, std::uint32_t destination) const {
  if (!unicast_) return true;
  return unicast_->way(source, destination) != nullptr &&
         unicast_->way(destination, source) != nullptr;
}

void FastFabric::reset() {
  for (Link& link : links_) {
    link.wires.clear();
    for (Channels& channels : link.channels) {
      channels.calendar.clear();
      channels.held_until = 0;
    }
  }
  reductions_.clear();
  flows_.clear();
}

std::uint64_t FastFabric::on_edge(std::uint64_t time_ps) const {
  return (time_ps + period_ps() - 1) / period_ps() * period_ps();
}

// A channel takes its next packet only after a turn-around, and a buffer shorter than the credit
// loop lets its length of flits pass in each loop. The channels of a class share their load.
FastFabric::Shape FastFabric::shape(const Packet& packet) const {
  const std::uint64_t period = period_ps();
  const auto group = static_cast<unsigned>(packet.message_class);
  const std::uint64_t flits = packet.flits;
  const std::uint64_t buffer = buffer_flits_[group];
  const std::uint64_t length = flits * period;
  const std::uint64_t by_credits = (flits * credit_loop_ * period + buffer - 1) / buffer;
  const std::uint64_t one = std::max((flits + config().vc_turnaround_cycles) * period, by_credits);
  const std::uint64_t tail = buffer >= credit_loop_
                                 ? flits - 1
                                 : (flits - 1) / buffer * credit_loop_ + (flits - 1) % buffer;
  return {group, flits, length, std::max(length, one / class_channels_[group]), tail * period};
}

std::uint64_t FastFabric::arrival(const Head& head, const Shape& shape) const {
  return head.time + config().interface_cycles * period_ps() + shape.tail_ps;
}

void FastFabric::lose(Packet& packet) {
  packet.lost = true;
  packet.arrival_ps = on_edge(packet.ready_ps) + period_ps();
  ++statistics_.classes[static_cast<unsigned>(packet.message_class)].lost;
}

// Takes the head through one router (but for the injection) and along one link.
void FastFabric::step(Head& head, unsigned index, bool injection, const Shape& shape) {
  const FabricConfig& c = config();
  const std::uint64_t period = period_ps();
  if (!injection) {
    head.time += c.router_cycles * period;
    ++head.routers;
  }
  Link& link = links_[index];
  Channels& channels = link.channels[shape.group];
  link.wires.forget(now_);
  channels.calendar.forget(now_);
  const std::uint64_t granted = channels.calendar.book(head.time, shape.occupancy_ps);
  const std::uint64_t start = link.wires.book(granted, shape.length_ps);
  const std::uint64_t wait = start - head.time;
  FabricStatistics::Link& counters = statistics_.links[index];
  counters.flits += shape.flits;
  counters.vc_flits[shape.group] += shape.flits;
  counters.blocked_ps += wait;
  counters.blocked_channel_ps += granted - head.time;
  counters.blocked_switch_ps += start - granted;
  // What the buffers behind the upstream link cannot hold keeps its channels taken; the wires
  // stay free for the other class. Packets that wait at the same time hold it once, not in turn.
  if (wait > buffer_ps_[shape.group] && head.upstream != nullptr) {
    const std::uint64_t from = std::max(head.upstream_free, head.upstream->held_until);
    const std::uint64_t until = start - buffer_ps_[shape.group];
    if (until > from) {
      head.upstream->calendar.book(from, until - from);
      head.upstream->held_until = until;
    }
  }
  head.upstream = &channels;
  head.upstream_free = start + shape.occupancy_ps;
  head.time = start + (injection ? c.interface_cycles : c.link_cycles) * period;
}

// `not_before`: tail arrival of the packet in front of the same flow, which must stay in front even
// where a gap in the bookings would let this one slip by.
void FastFabric::route(Packet& packet, std::uint64_t not_before) {
  const Shape form = shape(packet);
  Head head;
  head.time = on_edge(packet.ready_ps);
  if (!unicast_) {
    topology().walk(packet.source, packet.destination, [&](unsigned link, Topology::LinkKind kind) {
      step(head, link, kind == Topology::LinkKind::injection, form);
    });
  } else {
    const Routes::Way* const way = unicast_->way(packet.source, packet.destination);
    if (way == nullptr) return lose(packet);
    bool injection = true;
    for (const std::uint32_t link : *way) {
      step(head, link, injection, form);
      injection = false;
    }
  }
  packet.arrival_ps = arrival(head, form);
  if (not_before != 0) packet.arrival_ps = std::max(packet.arrival_ps, not_before + form.length_ps);
  keep_order(packet, form.length_ps);
  count(packet, head.routers);
}

void FastFabric::keep_order(Packet& packet, std::uint64_t length_ps) {
  const std::uint64_t key = std::uint64_t{packet.source} << 34 |
                            std::uint64_t{packet.destination} << 2 |
                            static_cast<unsigned>(packet.message_class);
  const auto [at, fresh] = flows_.try_emplace(key);
  Flow& last = at->second;
  if (!fresh) {
    if (packet.ready_ps < last.ready_ps) return;  // called late, but earlier in time
    if (packet.arrival_ps < last.arrival_ps + length_ps && last.arrival_ps > packet.ready_ps)
      packet.arrival_ps = std::max(packet.arrival_ps, last.arrival_ps + length_ps);
  }
  last = {packet.ready_ps, packet.arrival_ps};
  if (flows_.size() <= flows_to_prune_) return;
  std::erase_if(flows_, [this](const auto& flow) { return flow.second.arrival_ps <= now_; });
  flows_to_prune_ = std::max<std::size_t>(4096, 2 * flows_.size());
}

}  // namespace aimc::noc
