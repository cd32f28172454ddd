// SPDX-License-Identifier: Apache-2.0
// Switch allocation and traversal.
#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {

void Network::evaluate(unsigned router) {
  Router& state = routers_[router];
  const VcMask asking = state.ready & state.credited;
  const VcMask speculative =
      config_.pipeline.speculative && state.asking != 0 ? speculative_requests(router) : 0;
  if (state.asking != 0) allocate_channels(router);
  if (state.forks != 0) {
    allocate_switch_with_forks(router, asking);
  } else if ((asking | speculative) != 0) {
    allocate_switch(router, asking, speculative);
  }
  if ((state.ready & state.credited) == 0 && state.forks == 0 && !can_allocate(state))
    active_[router >> 6] &= ~(std::uint64_t{1} << (router & 63));
}

// Heads that ask for a channel bid for the switch too if a free channel has room.
VcMask Network::speculative_requests(unsigned router) {
  const Router& state = routers_[router];
  VcMask result = 0;
  for (std::uint64_t asking = state.asking; asking != 0; asking &= asking - 1) {
    const auto pair = static_cast<unsigned>(std::countr_zero(asking));
    const unsigned port = pair / geometry_.groups();
    const unsigned group = pair % geometry_.groups();
    if (config_.multicast_channels != 0 && group == geometry_.multicast_group()) continue;
    for (std::uint32_t free = state.available[port] & geometry_.group_mask(group); free != 0;
         free &= free - 1) {
      if (output(router, port, lowest(free)).credits == 0) continue;
      result |= requests_[std::size_t{router} * ports_ * geometry_.groups() + pair];
      break;
    }
  }
  return result;
}

// Channels of one input that want the same output are thinned out round robin, those without
// speculation first; then one iteration between inputs and outputs.
void Network::allocate_switch(unsigned router, VcMask asking, VcMask speculative) {
  const VcMask all = asking | speculative;
  if (single(all)) {
    const unsigned local = lowest(all);
    const unsigned port = input(router, local).out_port;
    switch_granted(router, local, port, speculative != 0);
    return;
  }
  Router& state = routers_[router];
  std::array<std::array<std::uint8_t, kMaxPorts>, kMaxPorts> winner;  // by input and output
  std::array<std::uint32_t, kMaxPorts> wants{};                       // outputs, by input
  std::array<std::uint32_t, kMaxPorts> wanted{};                      // inputs, by output
  for (VcMask rest = all; rest != 0; rest &= rest - 1) {
    const unsigned local = lowest(rest);
    const unsigned in = port_of_[local];
    const unsigned out = input(router, local).out_port;
    if ((wants[in] >> out & 1u) != 0) {
      const unsigned before = winner[in][out];
      const bool guess = (speculative & bit(local)) != 0;
      if (guess != ((speculative & bit(before)) != 0)) {
        if (guess) continue;
      } else {
        const auto turn = [&](unsigned number) {
          const unsigned v = channel_of_[number];
          return v >= state.next_channel[in] ? v : v + channels_;
        };
        if (turn(before) < turn(local)) continue;
      }
    }
    winner[in][out] = static_cast<std::uint8_t>(local);
    wants[in] |= 1u << out;
    wanted[out] |= 1u << in;
  }
  VcMask served = 0;
  const auto grant = [&](unsigned in, unsigned out) {
    const unsigned local = winner[in][out];
    served |= bit(local);
    switch_granted(router, local, out, (speculative & bit(local)) != 0);
  };
  std::array<std::uint32_t, kMaxPorts> offers{};
  if (config_.allocator == Allocator::islip) {
    for (unsigned out = 0; out < ports_; ++out)
      if (wanted[out] != 0) offers[first_from(wanted[out], state.grant_pointer[out])] |= 1u << out;
    for (unsigned in = 0; in < ports_; ++in)
      if (offers[in] != 0) grant(in, first_from(offers[in], state.accept_pointer[in]));
  } else {
    // Certain requests beat speculative ones at both arbiters.
    const auto sure = [&](unsigned in, unsigned out) {
      return (speculative & bit(winner[in][out])) == 0;
    };
    for (unsigned in = 0; in < ports_; ++in) {
      std::uint32_t certain = 0;
      for (unsigned out = 0; out < ports_; ++out)
        if ((wants[in] >> out & 1u) != 0 && sure(in, out)) certain |= 1u << out;
      if (wants[in] == 0) continue;
      offers[first_from(certain != 0 ? certain : wants[in], state.accept_pointer[in])] |= 1u << in;
    }
    for (unsigned out = 0; out < ports_; ++out) {
      if (offers[out] == 0) continue;
      std::uint32_t certain = 0;
      for (unsigned in = 0; in < ports_; ++in)
        if ((offers[out] >> in & 1u) != 0 && sure(in, out)) certain |= 1u << in;
      grant(first_from(certain != 0 ? certain : offers[out], state.grant_pointer[out]), out);
    }
  }
  for (VcMask losers = all & ~served; losers != 0; losers &= losers - 1) {
    ++waits_[router * ports_ + input(router, lowest(losers)).out_port].switch_conflict;
    if (!late_switch_) continue;
    state.ready &= ~bit(lowest(losers));
    slot_after(config_.pipeline.sw_alloc_delay - 1)
        .switch_grants.push_back(
            {static_cast<std::uint16_t>(router), static_cast<std::uint8_t>(lowest(losers)), kNone});
  }
}

void Network::switch_granted(unsigned router, unsigned local, unsigned port, bool speculative) {
  Router& state = routers_[router];
  const unsigned in = port_of_[local];
  const unsigned v = channel_of_[local];
  state.grant_pointer[port] = static_cast<std::uint8_t>(in + 1 == ports_ ? 0 : in + 1);
  state.accept_pointer[in] = static_cast<std::uint8_t>(port + 1 == ports_ ? 0 : port + 1);
  state.next_channel[in] = static_cast<std::uint8_t>(v + 1 == channels_ ? 0 : v + 1);
  if (late_switch_) {
    state.ready &= ~bit(local);
    slot_after(config_.pipeline.sw_alloc_delay - 1)
        .switch_grants.push_back({static_cast<std::uint16_t>(router),
                                  static_cast<std::uint8_t>(local),
                                  static_cast<std::uint8_t>(port)});
    return;
  }
  // A guess was right if the channel came in the same cycle and has room.
  if (!speculative || (state.ready & state.credited & bit(local)) != 0) send(router, local);
}

// Decisions of allocators that take several cycles come into force at the end of their last one.
void Network::late_grants() {
  Slot& slot = wheel_[cycle_ & wheel_mask_];
  for (const Grant& grant : slot.channel_grants) {
    const InputVc& vc = input(grant.router, grant.input);
    const bool still_free =
        grant.output != kNone &&
        (routers_[grant.router].available[vc.out_port] >> grant.output & 1u) != 0;
    if (still_free) {
      take_channel(grant.router, grant.input, vc.out_port, grant.output);
      activate(grant.router);
    } else {
      request_channel(grant.router, grant.input, vc.out_port, vc.group);
    }
  }
  slot.channel_grants.clear();
  for (const Grant& grant : slot.switch_grants) {
    Router& state = routers_[grant.router];
    state.ready |= bit(grant.input);
    activate(grant.router);
    if (grant.output != kNone && (state.credited & bit(grant.input)) != 0)
      send(grant.router, grant.input);
  }
  slot.switch_grants.clear();
}

void Network::put_on_wire(unsigned router, unsigned port, unsigned channel, Flit flit) {
  ++flit_moves_;
  last_move_ = cycle_;
  flit.channel = static_cast<std::uint8_t>(channel);
  const Pipeline& p = config_.pipeline;
  const Wire& wire = downstream_[router * ports_ + port];
  if (wire.kind == Wire::Kind::router) {
    slot_after(p.switch_delay + p.link_delay + 1)
        .arrivals.push_back({static_cast<std::uint16_t>(wire.other),
                             static_cast<std::uint8_t>(wire.base + channel), flit});
  } else {
    slot_after(p.switch_delay + p.ejection_delay + 1).ejections.push_back({wire.other, flit});
  }
}

void Network::return_credit(unsigned router, unsigned local) {
  const Pipeline& p = config_.pipeline;
  const Wire& wire = upstream_[router * ports_ + port_of_[local]];
  const unsigned v = channel_of_[local];
  if (wire.kind == Wire::Kind::router) {
    slot_after(p.link_delay + 1 + p.credit_delay)
        .credits.push_back(
            {static_cast<std::uint16_t>(wire.other), static_cast<std::uint8_t>(wire.base + v)});
  } else {
    slot_after(p.interface_delay + 1)
        .source_credits.push_back({wire.other, static_cast<std::uint8_t>(v)});
  }
}

void Network::send(unsigned router, unsigned local) {
  Router& state = routers_[router];
  InputVc& vc = input(router, local);
  const Flit flit = flit_at(router, local, vc.head);
  ++vc.head;
  if (vc.head == depth(channel_of_[local])) vc.head = 0;
  --vc.count;
  OutputVc& out = output(router, vc.out_port, vc.out_channel);
  --out.credits;
  ++out.flits;
  put_on_wire(router, vc.out_port, vc.out_channel, flit);
  return_credit(router, local);
  if ((flit.flags & kTail) != 0) {
    out.owner = kNone;
    state.available[vc.out_port] =
        static_cast<std::uint16_t>(state.available[vc.out_port] | 1u << vc.out_channel);
    state.credited &= ~bit(local);
    end_packet(router, local);
    return;
  }
  if (vc.count == 0) state.ready &= ~bit(local);
  if (out.credits == 0) {
    state.credited &= ~bit(local);
    vc.since = cycle_;
  }
}

void Network::end_packet(unsigned router, unsigned local) {
  InputVc& vc = input(router, local);
  routers_[router].ready &= ~bit(local);
  vc.state = State::idle;
  if (vc.count == 0) return;
  vc.state = State::routing;
  start_routing(router, local, config_.pipeline.routing_delay + 1);
}

}  // namespace aimc::noc::flit
