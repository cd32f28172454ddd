// SPDX-License-Identifier: Apache-2.0
// Multicast: routers copy a packet where the tree of its ways branches.
//
// A packet takes a channel only where its whole length fits (virtual cut-through), so a copy that
// has begun always ends without help of its siblings, and each branch waits only for buffers
// further along its X-then-Y way. Copies progress on their own; the buffer keeps a flit until the
// slowest has it.
#include <algorithm>
#include <map>
#include <stdexcept>

#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {

unsigned Network::add_tree(unsigned source, std::span<const unsigned> destinations) {
  std::map<std::uint32_t, std::uint16_t> ports;
  Tree tree;
  tree.source = source;
  for (const unsigned endpoint : destinations) {
    const unsigned to = geometry_.router_of(endpoint);
    unsigned at = geometry_.router_of(source);
    const auto add = [&](unsigned port) {
      ports[at] = static_cast<std::uint16_t>(ports[at] | 1u << port);
    };
    while (at != to) {
      const bool along_x = geometry_.x(at) != geometry_.x(to);
      const unsigned direction = along_x ? (geometry_.x(at) < geometry_.x(to) ? kEast : kWest)
                                         : (geometry_.y(at) < geometry_.y(to) ? kSouth : kNorth);
      if (!geometry_.alive(at, direction))
        throw std::logic_error("flit network: a multicast tree crosses a dead link");
      add(direction);
      at = geometry_.neighbour(at, direction);
    }
    const unsigned port = kNeighbours + geometry_.local_port_of(endpoint);
    if ((ports[at] >> port & 1u) == 0) ++tree.leaves;
    add(port);
  }
  tree.ports.assign(ports.begin(), ports.end());
  trees_.push_back(std::move(tree));
  return static_cast<unsigned>(trees_.size() - 1);
}

unsigned Network::tree_links(unsigned tree) const {
  unsigned links = 0;
  for (const auto& [router, ports] : trees_[tree].ports)
    links += static_cast<unsigned>(std::popcount(ports));
  return links;
}

void Network::multicast(const PacketSpec& spec, unsigned tree) {
  const unsigned queue = config_.message_classes;
  if (config_.multicast_channels == 0 || spec.flits > config_.multicast_buffer_flits ||
      !can_inject(spec.source, queue))
    throw std::logic_error("flit network: a multicast packet that does not fit");
  const std::uint32_t index = new_packet(spec);
  packets_[index].tree = tree;
  packets_[index].deliveries = trees_[tree].leaves;
  packets_[index].message_class = static_cast<std::uint8_t>(queue);
  packets_[index].sequence = trees_[tree].next_out++;
  in_flight_ += trees_[tree].leaves;
  enqueue(spec.source, queue, index);
}

void Network::fork(unsigned router, unsigned local, const Flit& head) {
  const Packet& packet = packets_[head.packet];
  const auto& ports = trees_[packet.tree].ports;
  const auto found =
      std::lower_bound(ports.begin(), ports.end(), router,
                       [](const auto& entry, unsigned number) { return entry.first < number; });
  Fork& fork = forks_[router * pv_ + local];
  fork = {};
  fork.packet = head.packet;
  fork.flits = packet.flits;
  fork.ports = found->second;
  fork.channel.fill(kNone);
  fork.sent.fill(packet.flits);
  InputVc& vc = input(router, local);
  vc.state = State::forking;
  vc.since = cycle_;
  routers_[router].forks |= bit(local);
  for (std::uint32_t rest = fork.ports; rest != 0; rest &= rest - 1) {
    fork.sent[lowest(rest)] = 0;
    request_channel(router, local, lowest(rest), geometry_.multicast_group());
  }
}

// Channels with room for the whole packet, given round robin.
void Network::allocate_whole(unsigned router, unsigned port, std::uint32_t free) {
  Router& state = routers_[router];
  const unsigned pair = port * geometry_.groups() + geometry_.multicast_group();
  VcMask& requests = requests_[std::size_t{router} * ports_ * geometry_.groups() + pair];
  for (; free != 0 && requests != 0; free &= free - 1) {
    const unsigned v = lowest(free);
    OutputVc& out = output(router, port, v);
    VcMask fitting = 0;
    for (VcMask rest = requests; rest != 0; rest &= rest - 1)
      if (forks_[router * pv_ + lowest(rest)].flits <= out.credits) fitting |= rest & (~rest + 1);
    if (fitting == 0) continue;
    const unsigned local = first_from(fitting, out.grant_pointer);
    out.grant_pointer = static_cast<std::uint8_t>(local + 1 == pv_ ? 0 : local + 1);
    out.owner = static_cast<std::uint8_t>(local);
    state.available[port] = static_cast<std::uint16_t>(state.available[port] & ~(1u << v));
    Fork& fork = forks_[router * pv_ + local];
    fork.channel[port] = static_cast<std::uint8_t>(v);
    // It bids for the switch from the next cycle on, or with speculation at once.
    if (!config_.pipeline.speculative)
      fork.fresh = static_cast<std::uint16_t>(fork.fresh | 1u << port);
    waits_[router * ports_ + port].no_channel += cycle_ - input(router, local).since;
    requests &= ~bit(local);
  }
  if (requests == 0) state.asking &= ~(std::uint64_t{1} << pair);
}

// As `allocate_switch`, but an input with a multicast packet accepts all outputs that want the same
// flit: the crossbar copies.
void Network::allocate_switch_with_forks(unsigned router, VcMask asking) {
  Router& state = routers_[router];
  std::array<std::array<std::uint8_t, kMaxPorts>, kMaxPorts> winner;
  std::array<std::uint32_t, kMaxPorts> wants{};
  std::array<std::uint32_t, kMaxPorts> wanted{};
  const auto bid = [&](unsigned local, unsigned out) {
    const unsigned in = port_of_[local];
    if ((wants[in] >> out & 1u) != 0) {
      const auto turn = [&](unsigned number) {
        const unsigned v = channel_of_[number];
        return v >= state.next_channel[in] ? v : v + channels_;
      };
      if (turn(winner[in][out]) < turn(local)) return;
    }
    winner[in][out] = static_cast<std::uint8_t>(local);
    wants[in] |= 1u << out;
    wanted[out] |= 1u << in;
  };
  for (VcMask rest = asking; rest != 0; rest &= rest - 1)
    bid(lowest(rest), input(router, lowest(rest)).out_port);
  for (VcMask rest = state.forks; rest != 0; rest &= rest - 1) {
    const unsigned local = lowest(rest);
    Fork& fork = forks_[router * pv_ + local];
    const unsigned fresh = fork.fresh;
    fork.fresh = 0;
    const unsigned here = fork.popped + input(router, local).count;
    for (std::uint32_t ports = fork.ports & ~fresh; ports != 0; ports &= ports - 1) {
      const unsigned out = lowest(ports);
      if (fork.channel[out] != kNone && fork.sent[out] < std::min<unsigned>(here, fork.flits))
        bid(local, out);
    }
  }
  std::array<std::uint32_t, kMaxPorts> offers{};
  for (unsigned out = 0; out < ports_; ++out)
    if (wanted[out] != 0) offers[first_from(wanted[out], state.grant_pointer[out])] |= 1u << out;
  for (unsigned in = 0; in < ports_; ++in) {
    if (offers[in] == 0) continue;
    const unsigned first = first_from(offers[in], state.accept_pointer[in]);
    const unsigned local = winner[in][first];
    if ((state.forks & bit(local)) == 0) {
      switch_granted(router, local, first, false);
      continue;
    }
    state.accept_pointer[in] = static_cast<std::uint8_t>(first + 1 == ports_ ? 0 : first + 1);
    state.next_channel[in] = static_cast<std::uint8_t>(
        channel_of_[local] + 1u == channels_ ? 0 : channel_of_[local] + 1);
    const Fork& fork = forks_[router * pv_ + local];
    const unsigned position = fork.sent[first];
    std::uint32_t copies = 0;
    for (std::uint32_t rest = offers[in]; rest != 0; rest &= rest - 1)
      if (winner[in][lowest(rest)] == local && fork.sent[lowest(rest)] == position)
        copies |= 1u << lowest(rest);
    for (; copies != 0; copies &= copies - 1) {
      state.grant_pointer[lowest(copies)] =
          static_cast<std::uint8_t>(in + 1 == ports_ ? 0 : in + 1);
      send_copy(router, local, lowest(copies));
    }
  }
}

void Network::send_copy(unsigned router, unsigned local, unsigned port) {
  Router& state = routers_[router];
  InputVc& vc = input(router, local);
  Fork& fork = forks_[router * pv_ + local];
  const unsigned size = depth(channel_of_[local]);
  unsigned position = vc.head + fork.sent[port] - fork.popped;
  if (position >= size) position -= size;
  const unsigned v = fork.channel[port];
  OutputVc& out = output(router, port, v);
  --out.credits;
  ++out.flits;
  put_on_wire(router, port, v, flit_at(router, local, position));
  if (++fork.sent[port] == fork.flits) {
    out.owner = kNone;
    state.available[port] = static_cast<std::uint16_t>(state.available[port] | 1u << v);
    fork.ports = static_cast<std::uint16_t>(fork.ports & ~(1u << port));
  }
  const unsigned slowest = *std::min_element(fork.sent.begin(), fork.sent.end());
  while (fork.popped < slowest) {
    ++fork.popped;
    if (++vc.head == size) vc.head = 0;
    --vc.count;
    return_credit(router, local);
  }
  if (fork.popped < fork.flits) return;
  state.forks &= ~bit(local);
  end_packet(router, local);
}

}  // namespace aimc::noc::flit
