// SPDX-License-Identifier: Apache-2.0
// Multicasts and reductions at the fast level: a tree of links, each reserved once.
#include <algorithm>

#include "aimc/noc/fast_fabric.h"

namespace aimc::noc {

bool FastFabric::tree_reachable(std::uint32_t source, std::uint32_t destination) const {
  return trees_->way(source, destination) != nullptr && trees_->way(destination, source) != nullptr;
}

// Ways from one source share their beginnings, so the links seen before need no second walk.
void FastFabric::post_multicast(const Packet& packet, std::span<const std::uint32_t> destinations,
                                std::uint64_t tag, Receiver& receiver) {
  now_ = now_ps();
  const Shape form = shape(packet);
  ++tree_mark_;
  struct Arrival {
    std::uint32_t endpoint;
    std::uint64_t time_ps;
    bool delivered;
  };
  std::vector<Arrival> arrivals;
  arrivals.reserve(destinations.size());
  unsigned links = 0;
  std::uint64_t latest = 0;
  for (const std::uint32_t destination : destinations) {
    const Routes::Way* const way = trees_->way(packet.source, destination);
    if (way == nullptr) {
      Packet copy = packet;
      lose(copy);
      arrivals.push_back({destination, copy.arrival_ps, false});
      continue;
    }
    Head head;
    head.time = on_edge(packet.ready_ps);
    for (std::size_t i = 0; i < way->size(); ++i) {
      const std::uint32_t link = (*way)[i];
      if (tree_marks_[link] != tree_mark_) {
        step(head, link, i == 0, form);
        tree_marks_[link] = tree_mark_;
        tree_heads_[link] = head;
        ++links;
      }
      head = tree_heads_[link];
    }
    arrivals.push_back({destination, arrival(head, form), true});
    latest = std::max(latest, arrivals.back().time_ps);
  }
  if (links > 0) {
    Packet last = packet;
    last.arrival_ps = latest;
    ++statistics_.multicasts;
    count(last, links - 1);  // all but the injection follow a router
  }
  // Last, because the receiver may send again.
  for (const Arrival& one : arrivals)
    receiver.arrived(tag, one.endpoint, one.time_ps, one.delivered);
}

std::uint64_t FastFabric::open_reduction(const Packet& packet,
                                         std::span<const std::uint32_t> sources, std::uint64_t tag,
                                         Receiver& receiver) {
  const std::uint64_t number = next_reduction_++;
  Reduction& reduction = reductions_[number];
  reduction = {packet, tag, &receiver, {}, ~std::uint64_t{0}};
  for (const std::uint32_t source : sources) {
    const Routes::Way* const way = trees_->way(source, packet.destination);
    if (way == nullptr) {
      reduction.tree.clear();  // the sum can never be whole
      return number;
    }
    for (std::size_t i = 0; i < way->size(); ++i) {
      const auto [at, fresh] = reduction.tree.try_emplace((*way)[i]);
      ++at->second.expected;
      if (!fresh) break;  // from here on another source has been along
      at->second.next = (*way)[std::min(i + 1, way->size() - 1)];
    }
  }
  return number;
}

void FastFabric::contribute(std::uint64_t number, std::uint32_t source, std::uint64_t ready_ps) {
  const auto found = reductions_.find(number);
  if (found == reductions_.end()) return;
  Reduction& reduction = found->second;
  now_ = now_ps();
  reduction.first_ready_ps = std::min(reduction.first_ready_ps, ready_ps);
  const Routes::Way* const way = trees_->way(source, reduction.packet.destination);
  if (reduction.tree.empty() || way == nullptr) {
    Packet lost = reduction.packet;
    lost.ready_ps = ready_ps;
    lose(lost);
    Receiver& receiver = *reduction.receiver;
    const std::uint64_t tag = reduction.tag;
    reductions_.erase(found);
    receiver.arrived(tag, lost.destination, lost.arrival_ps, false);
    return;
  }
  const Shape form = shape(reduction.packet);
  Head head;
  head.time = on_edge(ready_ps);
  for (std::uint32_t link = way->front();;) {
    Merge& merge = reduction.tree.at(link);
    ++merge.arrived;
    if (head.time >= merge.head.time) merge.head = head;  // the routers behind it count once
    if (merge.arrived < merge.expected) return;
    head = merge.head;
    if (merge.expected > 1) {
      head.time += config().adder_cycles * period_ps();
      statistics_.additions += (merge.expected - 1) * form.flits;
    }
    step(head, link, link == way->front(), form);
    if (merge.next == link) return finish(number, head, form);
    link = merge.next;
  }
}

void FastFabric::finish(std::uint64_t number, const Head& head, const Shape& form) {
  const auto found = reductions_.find(number);
  const Reduction reduction = std::move(found->second);
  reductions_.erase(found);
  Packet packet = reduction.packet;
  packet.ready_ps = reduction.first_ready_ps;
  packet.arrival_ps = arrival(head, form);
  ++statistics_.reductions;
  unsigned routers = 0;  // passed by flits: every link but the injections follows one
  for (const auto& [link, merge] : reduction.tree) routers += link_router(link) != kNoRouter;
  count(packet, routers);
  reduction.receiver->arrived(reduction.tag, packet.destination, packet.arrival_ps, true);
}

}  // namespace aimc::noc
