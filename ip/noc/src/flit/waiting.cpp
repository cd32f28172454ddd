// SPDX-License-Identifier: Apache-2.0
// For the watchdog: who waits for whom.
#include <fmt/format.h>

#include <algorithm>

#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {

// An input channel waits for the one downstream whose buffer is full, or for the one at this router
// that holds the output channel it wants. Following one wait of each finds a ring where every wait
// has a single cause; with several candidates the first stands for all.
std::string Network::waiting_cycle() const {
  const std::size_t none = inputs_.size();
  const auto next_of = [&](std::size_t at) {
    const InputVc& vc = inputs_[at];
    const std::size_t router = at / pv_;
    if (vc.count == 0) return none;
    const auto full = [&](unsigned port, unsigned channel) -> std::size_t {
      const Wire& wire = downstream_[router * ports_ + port];
      if (outputs_[router * pv_ + port * channels_ + channel].credits != 0 ||
          wire.kind != Wire::Kind::router)
        return none;
      return std::size_t{wire.other} * pv_ + wire.base + channel;
    };
    const auto holder = [&](unsigned port, unsigned group) -> std::size_t {
      const unsigned mask = geometry_.group_mask(group);
      if ((routers_[router].available[port] & mask) != 0 || mask == 0) return none;
      const std::uint8_t owner =
          outputs_[router * pv_ + port * channels_ + lowest(std::uint32_t{mask})].owner;
      return owner == kNone ? none : router * pv_ + owner;
    };
    switch (vc.state) {
      case State::active:
        return full(vc.out_port, vc.out_channel);
      case State::allocating:
        return holder(vc.out_port, vc.group);
      default:
        return none;
    }
  };
  std::vector<std::uint32_t> seen(inputs_.size(), 0);
  std::uint32_t walk = 0;
  for (std::size_t start = 0; start < inputs_.size(); ++start) {
    if (inputs_[start].count == 0 || seen[start] != 0) continue;
    ++walk;
    std::size_t at = start;
    for (; at != none && seen[at] == 0; at = next_of(at)) seen[at] = walk;
    if (at == none || seen[at] != walk) continue;
    std::string text;
    const std::size_t first = at;
    do {
      const InputVc& vc = inputs_[at];
      const auto router = static_cast<unsigned>(at / pv_);
      const auto local = static_cast<unsigned>(at % pv_);
      const std::size_t place = std::size_t{router} * router_flits_ + ring_base_[local] + vc.head;
      const Packet& packet = packets_[flits_[place].packet];
      text += fmt::format("{}packet {} from {} to {} at ({},{}) input {} channel {}",
                          text.empty() ? "" : " waits for ", packet.tag, packet.source,
                          packet.destination, geometry_.x(router), geometry_.y(router),
                          port_of_[local], channel_of_[local]);
      at = next_of(at);
    } while (at != first);
    return text + " waits for the first";
  }
  return {};
}

}  // namespace aimc::noc::flit
