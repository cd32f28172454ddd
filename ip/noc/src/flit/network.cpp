// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/network.h"

#include <algorithm>
#include <stdexcept>

namespace aimc::noc::flit {

Network::Network(const Config& config, Receiver& receiver)
    : config_((check(config), config)),
      geometry_(config),
      receiver_(receiver),
      ports_(kNeighbours + config.ports),
      channels_(config.channels()),
      pv_(ports_ * channels_),
      queues_(config.message_classes + (config.multicast_channels != 0 ? 1 : 0)),
      router_flits_(0),
      late_channels_(config.pipeline.vc_alloc_delay > 1),
      late_switch_(config.pipeline.sw_alloc_delay > 1) {
  for (unsigned local = 0; local < pv_; ++local) {
    port_of_.push_back(static_cast<std::uint8_t>(local / channels_));
    channel_of_.push_back(static_cast<std::uint8_t>(local % channels_));
    ring_base_.push_back(router_flits_);
    router_flits_ += depth(local % channels_);
  }
  const unsigned routers = config.routers();
  waits_.resize(std::size_t{routers} * ports_);
  downstream_.resize(std::size_t{routers} * ports_);
  upstream_.resize(std::size_t{routers} * ports_);
  flits_.resize(std::size_t{routers} * router_flits_);
  active_.resize((routers + 63) / 64);
  const Pipeline& p = config.pipeline;
  const unsigned longest =
      std::max({p.switch_delay + std::max(p.link_delay, p.ejection_delay) + 1,
                std::max(p.link_delay, p.ejection_delay) + 1 + p.credit_delay,
                p.interface_delay + 1, p.routing_delay + 1, p.vc_alloc_delay, p.sw_alloc_delay});
  const unsigned slots = std::bit_ceil(longest + 1);
  wheel_.resize(slots);
  wheel_mask_ = slots - 1;
  outputs_.resize(std::size_t{routers} * pv_);
  sources_.resize(config.endpoints());
  wire_up();
  reset();
}

void Network::wire_up() {
  for (unsigned router = 0; router < config_.routers(); ++router) {
    for (unsigned direction = 0; direction < kNeighbours; ++direction) {
      if (!geometry_.alive(router, direction)) continue;
      // The link comes in at the port that looks the other way.
      const unsigned next = geometry_.neighbour(router, direction);
      const unsigned back = direction ^ 1u;
      downstream_[router * ports_ + direction] = {
          Wire::Kind::router, static_cast<std::uint8_t>(back * channels_), next};
      upstream_[next * ports_ + back] = {Wire::Kind::router,
                                         static_cast<std::uint8_t>(direction * channels_), router};
    }
    for (unsigned local = 0; local < config_.ports; ++local) {
      const Wire wire{Wire::Kind::endpoint, 0, router + local * config_.routers()};
      downstream_[router * ports_ + kNeighbours + local] = wire;
      upstream_[router * ports_ + kNeighbours + local] = wire;
    }
  }
}

void Network::reset() {
  const unsigned routers = config_.routers();
  routers_.assign(routers, {});
  inputs_.assign(std::size_t{routers} * pv_, {});
  accept_pointers_.assign(std::size_t{routers} * pv_, 0);
  requests_.assign(std::size_t{routers} * ports_ * geometry_.groups(), 0);
  forks_.assign(config_.multicast_channels != 0 ? std::size_t{routers} * pv_ : 0, {});
  for (unsigned router = 0; router < routers; ++router) {
    for (unsigned port = 0; port < ports_; ++port)
      routers_[router].available[port] = static_cast<std::uint16_t>((1u << channels_) - 1);
    for (unsigned local = 0; local < pv_; ++local) {
      OutputVc& out = outputs_[router * pv_ + local];
      out.credits = static_cast<std::uint16_t>(depth(channel_of_[local]));
      out.owner = kNone;
      out.grant_pointer = 0;
    }
  }
  for (Source& source : sources_) {
    const std::uint64_t sent = source.sent;
    source = {};
    source.sent = sent;
    source.queue.resize(std::size_t{queues_} * config_.injection_queue_packets);
    for (unsigned v = 0; v < channels_; ++v)
      source.credits[v] = static_cast<std::uint16_t>(depth(v));
  }
  sinks_.assign(config_.endpoints(), {});
  active_sources_.clear();
  packets_.clear();
  free_packets_.clear();
  flows_.clear();
  for (Tree& tree : trees_) tree.next_out = 0;
  std::fill(active_.begin(), active_.end(), 0);
  active_words_ = 0;
  for (Slot& slot : wheel_) slot = {};
  events_ = 0;
  in_flight_ = 0;
  begun_ = false;
}

bool Network::reachable(unsigned source, unsigned destination) const {
  const unsigned from = geometry_.router_of(source);
  const unsigned to = geometry_.router_of(destination);
  return geometry_.reachable(from, to, 0) ||
         (config_.routing == Routing::o1turn && geometry_.reachable(from, to, 1));
}

bool Network::can_inject(unsigned endpoint, unsigned message_class) const {
  return sources_[endpoint].count[message_class] < config_.injection_queue_packets;
}

std::uint32_t Network::new_packet(const PacketSpec& spec) {
  std::uint32_t index = 0;
  if (free_packets_.empty()) {
    index = static_cast<std::uint32_t>(packets_.size());
    packets_.emplace_back();
  } else {
    index = free_packets_.back();
    free_packets_.pop_back();
  }
  Packet& packet = packets_[index];
  packet = {};
  packet.tag = spec.tag;
  packet.created = spec.created;
  packet.source = spec.source;
  packet.destination = spec.destination;
  packet.flits = static_cast<std::uint16_t>(spec.flits);
  packet.message_class = static_cast<std::uint8_t>(spec.message_class);
  return index;
}

void Network::inject(const PacketSpec& spec) {
  if (spec.flits < 1 || spec.flits > 0xffff || !can_inject(spec.source, spec.message_class))
    throw std::logic_error("flit network: injection into a full queue or of a packet without size");
  const std::uint32_t index = new_packet(spec);
  if (config_.routing == Routing::o1turn) {
    const unsigned from = geometry_.router_of(spec.source);
    const unsigned to = geometry_.router_of(spec.destination);
    // A counter-based coin, so that runs repeat (constants of the splitmix64 generator).
    std::uint64_t z = config_.seed * 0x9e3779b97f4a7c15ull + ++draws_ * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    unsigned order = static_cast<unsigned>(z >> 63);
    if (!geometry_.reachable(from, to, order)) order ^= 1u;
    packets_[index].order = static_cast<std::uint8_t>(order);
  }
  if (config_.ordered)
    packets_[index].sequence = flows_[flow_key(packets_[index], spec.destination)].next_out++;
  ++in_flight_;
  enqueue(spec.source, spec.message_class, index);
}

void Network::begin_step() {
  if (begun_) return;
  begun_ = true;
  if (wheel_[cycle_ & wheel_mask_].size != 0) take_events();
}

void Network::step() {
  begin_step();
  begun_ = false;
  Slot& slot = wheel_[cycle_ & wheel_mask_];
  if (!active_sources_.empty()) run_sources();
  for (std::uint64_t words = active_words_; words != 0; words &= words - 1) {
    const auto word = static_cast<unsigned>(std::countr_zero(words));
    for (std::uint64_t routers = active_[word]; routers != 0; routers &= routers - 1)
      evaluate(word * 64 + static_cast<unsigned>(std::countr_zero(routers)));
    if (active_[word] == 0) active_words_ &= ~(std::uint64_t{1} << word);
  }
  if (late_channels_ || late_switch_) late_grants();
  if (slot.size != 0) {
    events_ -= slot.size;
    slot.size = 0;
  }
  ++cycle_;
}

void Network::advance(std::uint64_t to_cycle) {
  while (cycle_ < to_cycle) {
    if (!busy()) {
      cycle_ = to_cycle;
      return;
    }
    step();
  }
}

void Network::take_events() {
  Slot& slot = wheel_[cycle_ & wheel_mask_];
  for (const Arrival& arrival : slot.arrivals) arrive(arrival);
  slot.arrivals.clear();
  for (const Local& credit : slot.credits) take_credit(credit);
  slot.credits.clear();
  for (const SourceCredit& credit : slot.source_credits) {
    ++sources_[credit.endpoint].credits[credit.channel];
    activate_source(credit.endpoint);
  }
  slot.source_credits.clear();
  for (const Local& routed : slot.routed) route(routed.router, routed.index);
  slot.routed.clear();
  for (const std::uint32_t endpoint : slot.sinks) drain_sink(endpoint);
  slot.sinks.clear();
  for (const Ejection& ejection : slot.ejections) eject(ejection.endpoint, ejection.flit);
  slot.ejections.clear();
}

void Network::arrive(const Arrival& arrival) {
  const unsigned router = arrival.router;
  const unsigned local = arrival.input;
  InputVc& vc = input(router, local);
  const unsigned size = depth(channel_of_[local]);
  if (vc.count >= size) throw std::logic_error("flit network: a buffer overflows");
  unsigned position = vc.head + vc.count;
  if (position >= size) position -= size;
  flit_at(router, local, position) = arrival.flit;
  ++vc.count;
  switch (vc.state) {
    case State::idle:
      vc.state = State::routing;
      start_routing(router, local, config_.pipeline.routing_delay);
      break;
    case State::active:
      if (vc.count == 1) {
        Router& state = routers_[router];
        state.ready |= bit(local);
        if ((state.credited & bit(local)) == 0) vc.since = cycle_;
        activate(router);
      }
      break;
    case State::forking:
      activate(router);
      break;
    default:
      break;
  }
}

void Network::take_credit(const Local& credit) {
  OutputVc& out = outputs_[credit.router * pv_ + credit.index];
  ++out.credits;
  if (channel_of_[credit.index] >= config_.virtual_channels) {
    activate(credit.router);
    return;
  }
  if (out.owner == kNone) return;
  Router& state = routers_[credit.router];
  const VcMask owner = bit(out.owner);
  if ((state.credited & owner) != 0) return;
  state.credited |= owner;
  if ((state.ready & owner) == 0) return;
  waits_[credit.router * ports_ + port_of_[credit.index]].no_credit +=
      cycle_ - input(credit.router, out.owner).since;
  activate(credit.router);
}

std::uint64_t Network::channel_flits(unsigned router, unsigned port, unsigned channel) const {
  return outputs_[router * pv_ + port * channels_ + channel].flits;
}

std::uint64_t Network::link_flits(unsigned router, unsigned port) const {
  std::uint64_t sum = 0;
  for (unsigned v = 0; v < channels_; ++v) sum += channel_flits(router, port, v);
  return sum;
}

}  // namespace aimc::noc::flit
