// SPDX-License-Identifier: Apache-2.0
// Streams, multicasts and reductions at the flit level.
//
// A reduction is a tree of merge units. A unit hands on one packet when all its contributions have
// arrived as a whole (store and forward). So no packet waits in the network for another one: each
// is consumed where it is addressed to, and the ways between units are plain X-then-Y ways. Hence
// no deadlock, whatever the number of reductions that are open.
#include <algorithm>
#include <set>

#include "aimc/noc/flit_fabric.h"

namespace aimc::noc {

void FlitFabric::post_multicast(const Packet& packet, std::span<const std::uint32_t> destinations,
                                std::uint64_t tag, noc::Receiver& receiver) {
  post_stream(packet, destinations, tag, receiver, true);
}

void FlitFabric::post_stream(const Packet& packet, std::span<const std::uint32_t> destinations,
                             std::uint64_t tag, noc::Receiver& receiver, bool multicast) {
  std::vector<std::uint32_t> there;
  std::vector<std::uint32_t> lost;
  for (const std::uint32_t destination : destinations)
    (tree_reachable(packet.source, destination) ? there : lost).push_back(destination);
  std::sort(there.begin(), there.end());
  there.erase(std::unique(there.begin(), there.end()), there.end());
  if (!there.empty()) {
    Flight flight;
    flight.packet = packet;
    flight.packet.message_class = MessageClass::stream;
    flight.tag = tag;
    flight.receiver = &receiver;
    flight.tree = tree_of(packet.source, there);
    flight.copies = static_cast<unsigned>(there.size());
    flight.multicast = multicast;
    launch(new_flight(flight), packet.ready_ps);
  }
  for (const std::uint32_t destination : lost) {
    ++statistics_.classes[static_cast<unsigned>(MessageClass::stream)].lost;
    receiver.arrived(tag, destination, packet.ready_ps + period_ps(), false);
  }
}

unsigned FlitFabric::tree_of(std::uint32_t source, std::span<const std::uint32_t> destinations) {
  std::vector<std::uint32_t> key(destinations.begin(), destinations.end());
  key.push_back(source);
  const auto found = tree_numbers_.find(key);
  if (found != tree_numbers_.end()) return found->second;
  const unsigned tree = network_.add_tree(source, destinations);
  tree_numbers_.emplace(std::move(key), tree);
  return tree;
}

std::uint64_t FlitFabric::open_reduction(const Packet& packet,
                                         std::span<const std::uint32_t> sources, std::uint64_t tag,
                                         noc::Receiver& receiver) {
  const flit::Geometry& mesh = network_.geometry();
  const unsigned root = mesh.router_of(packet.destination);
  const std::uint64_t number = next_reduction_++;
  Reduction& reduction = reductions_[number];
  reduction.packet = packet;
  reduction.packet.message_class = MessageClass::stream;
  reduction.tag = tag;
  reduction.receiver = &receiver;
  const auto toward_root = [&](unsigned at) {
    if (mesh.x(at) != mesh.x(root)) return mesh.x(at) < mesh.x(root) ? at + 1 : at - 1;
    return at < root ? at + mesh.columns() : at - mesh.columns();
  };
  // What comes into each router of the tree: routers next to it and its own endpoints.
  std::map<unsigned, std::set<unsigned>> into;
  for (const std::uint32_t source : sources) {
    if (!tree_reachable(source, packet.destination)) {
      reduction.possible = false;
      return number;
    }
    unsigned at = mesh.router_of(source);
    into[at].insert(mesh.routers() + source);
    for (; at != root; at = toward_root(at)) into[toward_root(at)].insert(at);
  }
  std::map<unsigned, unsigned> merge_at;
  for (const auto& [router, inputs] : into) {
    if (inputs.size() < 2) continue;
    merge_at[router] = static_cast<unsigned>(reduction.merges.size());
    Merge merge;
    merge.router = router;
    merge.expected = static_cast<unsigned>(inputs.size());
    reduction.merges.push_back(merge);
  }
  const auto first_merge = [&](unsigned at) {
    while (!merge_at.contains(at) && at != root) at = toward_root(at);
    const auto found = merge_at.find(at);
    return found == merge_at.end() ? static_cast<unsigned>(reduction.merges.size()) : found->second;
  };
  for (Merge& merge : reduction.merges)
    merge.next = merge.router == root ? static_cast<unsigned>(reduction.merges.size())
                                      : first_merge(toward_root(merge.router));
  for (const std::uint32_t source : sources)
    reduction.first[source] = first_merge(mesh.router_of(source));
  return number;
}

void FlitFabric::contribute(std::uint64_t number, std::uint32_t source, std::uint64_t ready_ps) {
  const auto found = reductions_.find(number);
  if (found == reductions_.end()) return;
  Reduction& reduction = found->second;
  if (!reduction.possible || !reduction.first.contains(source)) {
    ++statistics_.classes[static_cast<unsigned>(MessageClass::stream)].lost;
    noc::Receiver& receiver = *reduction.receiver;
    const std::uint64_t tag = reduction.tag;
    const std::uint32_t root = reduction.packet.destination;
    reductions_.erase(found);
    receiver.arrived(tag, root, ready_ps + period_ps(), false);
    return;
  }
  reduction.first_ready_ps = std::min(reduction.first_ready_ps, ready_ps);
  send_contribution(number, source, reduction.first[source], ready_ps);
}

void FlitFabric::send_contribution(std::uint64_t number, unsigned endpoint, unsigned merge,
                                   std::uint64_t ready_ps) {
  Reduction& reduction = reductions_[number];
  const flit::Geometry& mesh = network_.geometry();
  Flight flight;
  flight.packet = reduction.packet;
  flight.packet.source = endpoint;
  flight.packet.ready_ps = ready_ps;
  flight.reduction = number;
  flight.merge = merge;
  flight.last = merge == reduction.merges.size();
  if (flight.last) {
    flight.tag = reduction.tag;
    flight.receiver = reduction.receiver;
  } else {
    flight.packet.destination =
        reduction.merges[merge].router + topology().ports() * mesh.routers();
  }
  reduction.routers +=
      mesh.hops(mesh.router_of(endpoint), mesh.router_of(flight.packet.destination)) + 1;
  launch(new_flight(flight), ready_ps);
}

void FlitFabric::merge_arrived(std::uint64_t index, std::uint64_t time_ps) {
  const Flight flight = flights_[index];
  flights_[index].active = false;
  free_flights_.push_back(index);
  const auto found = reductions_.find(flight.reduction);
  if (found == reductions_.end()) return;
  Merge& merge = found->second.merges[flight.merge];
  if (++merge.arrived < merge.expected) return;
  statistics_.additions += std::uint64_t{merge.expected - 1} * flight.packet.flits;
  send_contribution(flight.reduction, flight.packet.destination, merge.next,
                    time_ps + config().adder_cycles * period_ps());
}

void FlitFabric::finish_reduction(const Flight& flight) {
  const auto found = reductions_.find(flight.reduction);
  if (found == reductions_.end()) return;
  Packet packet = flight.packet;
  packet.ready_ps = found->second.first_ready_ps;
  ++statistics_.reductions;
  count(packet, found->second.routers);
  reductions_.erase(found);
}

}  // namespace aimc::noc
