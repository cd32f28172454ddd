// SPDX-License-Identifier: Apache-2.0
// Route computation and allocation of virtual channels.
#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {

void Network::start_routing(unsigned router, unsigned local, unsigned wait) {
  if (wait == 0) {
    route(router, local);
    return;
  }
  slot_after(wait).routed.push_back(
      {static_cast<std::uint16_t>(router), static_cast<std::uint8_t>(local)});
}

void Network::route(unsigned router, unsigned local) {
  InputVc& vc = input(router, local);
  const Flit& head = flit_at(router, local, vc.head);
  const Packet& packet = packets_[head.packet];
  if (packet.tree != kNoTree) {
    fork(router, local, head);
    return;
  }
  const unsigned choice = choose_port(router, packet);
  vc.state = State::allocating;
  vc.since = cycle_;
  vc.out_port = static_cast<std::uint8_t>(choice / geometry_.groups());
  vc.group = static_cast<std::uint8_t>(choice % geometry_.groups());
  request_channel(router, local, vc.out_port, vc.group);
}

// Port and group in one number. Among several ways: the one with most free channels, then with most
// buffer space, then the first.
unsigned Network::choose_port(unsigned router, const Packet& packet) const {
  const Geometry::Steps steps =
      geometry_.steps(router, {.source = geometry_.router_of(packet.source),
                               .destination = geometry_.router_of(packet.destination),
                               .local_port = geometry_.local_port_of(packet.destination),
                               .message_class = packet.message_class,
                               .order = packet.order,
                               .salt = static_cast<unsigned>(packet.tag)});
  unsigned best = 0;
  unsigned best_score = 0;
  for (unsigned i = 0; i < steps.count && steps.count > 1; ++i) {
    const Geometry::Step& step = steps.step[i];
    const unsigned mask = geometry_.group_mask(step.group);
    unsigned score = 0;
    for (unsigned v = 0; v < channels_; ++v) {
      if ((mask >> v & 1u) == 0) continue;
      score += outputs_[router * pv_ + step.port * channels_ + v].credits;
      if ((routers_[router].available[step.port] >> v & 1u) != 0) score += 1u << 16;
    }
    if (i == 0 || score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return steps.step[best].port * geometry_.groups() + steps.step[best].group;
}

void Network::request_channel(unsigned router, unsigned local, unsigned port, unsigned group) {
  const unsigned pair = port * geometry_.groups() + group;
  requests_[std::size_t{router} * ports_ * geometry_.groups() + pair] |= bit(local);
  routers_[router].asking |= std::uint64_t{1} << pair;
  activate(router);
}

bool Network::can_allocate(const Router& state) const {
  for (std::uint64_t asking = state.asking; asking != 0; asking &= asking - 1) {
    const auto pair = static_cast<unsigned>(std::countr_zero(asking));
    const unsigned port = pair / geometry_.groups();
    if ((state.available[port] & geometry_.group_mask(pair % geometry_.groups())) != 0) return true;
  }
  return false;
}

void Network::allocate_channels(unsigned router) {
  const Router& state = routers_[router];
  for (std::uint64_t asking = state.asking; asking != 0; asking &= asking - 1) {
    const auto pair = static_cast<unsigned>(std::countr_zero(asking));
    const unsigned port = pair / geometry_.groups();
    const unsigned group = pair % geometry_.groups();
    const std::uint32_t free = state.available[port] & geometry_.group_mask(group);
    if (free == 0) continue;
    if (config_.multicast_channels != 0 && group == geometry_.multicast_group()) {
      allocate_whole(router, port, free);
    } else {
      allocate_channels_of(router, port, group, free);
    }
  }
}

// One iteration of grants and acceptances with round-robin pointers that move only on success.
// iSLIP: free channels grant, inputs accept. Separable: inputs pick a channel, channels pick.
void Network::allocate_channels_of(unsigned router, unsigned port, unsigned group,
                                   std::uint32_t free) {
  const VcMask requests =
      requests_[(std::size_t{router} * ports_ + port) * geometry_.groups() + group];
  const unsigned base = port * channels_;
  const auto accepts_from = [&](unsigned local) {
    const unsigned pointer = accept_pointers_[router * pv_ + local];
    return pointer >= base && pointer < base + channels_ ? pointer - base : 0u;
  };
  if (single(requests)) {
    const unsigned local = lowest(requests);
    channel_granted(router, local, port, first_from(free, accepts_from(local)));
    return;
  }
  VcMask served = 0;
  if (config_.allocator == Allocator::islip) {
    std::array<std::uint16_t, kMaskBits> granted;  // channels, by input; valid where marked
    for (std::uint32_t rest = free; rest != 0; rest &= rest - 1) {
      const unsigned v = lowest(rest);
      const unsigned local = first_from(requests, output(router, port, v).grant_pointer);
      if ((served & bit(local)) == 0) granted[local] = 0;
      served |= bit(local);
      granted[local] = static_cast<std::uint16_t>(granted[local] | 1u << v);
    }
    for (VcMask rest = served; rest != 0; rest &= rest - 1) {
      const unsigned local = lowest(rest);
      channel_granted(router, local, port,
                      first_from(std::uint32_t{granted[local]}, accepts_from(local)));
    }
  } else {
    std::array<VcMask, kMaxChannels> bids{};
    for (VcMask rest = requests; rest != 0; rest &= rest - 1) {
      const unsigned local = lowest(rest);
      bids[first_from(free, accepts_from(local))] |= bit(local);
    }
    for (unsigned v = 0; v < channels_; ++v) {
      if (bids[v] == 0) continue;
      const unsigned local = first_from(bids[v], output(router, port, v).grant_pointer);
      served |= bit(local);
      channel_granted(router, local, port, v);
    }
  }
  if (late_channels_) channel_lost_late(router, requests & ~served, port, group);
}

void Network::channel_granted(unsigned router, unsigned local, unsigned port, unsigned channel) {
  const unsigned number = port * channels_ + channel;
  outputs_[router * pv_ + number].grant_pointer =
      static_cast<std::uint8_t>(local + 1 == pv_ ? 0 : local + 1);
  accept_pointers_[router * pv_ + local] =
      static_cast<std::uint8_t>(number + 1 == pv_ ? 0 : number + 1);
  InputVc& vc = input(router, local);
  Router& state = routers_[router];
  const unsigned pair = port * geometry_.groups() + vc.group;
  VcMask& requests = requests_[std::size_t{router} * ports_ * geometry_.groups() + pair];
  requests &= ~bit(local);
  if (requests == 0) state.asking &= ~(std::uint64_t{1} << pair);
  if (late_channels_) {
    slot_after(config_.pipeline.vc_alloc_delay - 1)
        .channel_grants.push_back({static_cast<std::uint16_t>(router),
                                   static_cast<std::uint8_t>(local),
                                   static_cast<std::uint8_t>(channel)});
  } else {
    take_channel(router, local, port, channel);
  }
}

// An allocator of several cycles keeps those that lost busy until it would have answered.
void Network::channel_lost_late(unsigned router, VcMask losers, unsigned port, unsigned group) {
  const unsigned pair = port * geometry_.groups() + group;
  VcMask& requests = requests_[std::size_t{router} * ports_ * geometry_.groups() + pair];
  requests &= ~losers;
  if (requests == 0) routers_[router].asking &= ~(std::uint64_t{1} << pair);
  for (; losers != 0; losers &= losers - 1)
    slot_after(config_.pipeline.vc_alloc_delay - 1)
        .channel_grants.push_back(
            {static_cast<std::uint16_t>(router), static_cast<std::uint8_t>(lowest(losers)), kNone});
}

void Network::take_channel(unsigned router, unsigned local, unsigned port, unsigned channel) {
  Router& state = routers_[router];
  state.available[port] = static_cast<std::uint16_t>(state.available[port] & ~(1u << channel));
  OutputVc& out = output(router, port, channel);
  out.owner = static_cast<std::uint8_t>(local);
  InputVc& vc = input(router, local);
  vc.state = State::active;
  vc.out_channel = static_cast<std::uint8_t>(channel);
  waits_[router * ports_ + port].no_channel += cycle_ - vc.since;
  vc.since = cycle_;
  state.ready |= bit(local);
  if (out.credits != 0) state.credited |= bit(local);
}

}  // namespace aimc::noc::flit
