// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit_fabric.h"

#include <algorithm>
#include <limits>

#include "aimc/common/error.h"
#include "flit_config.h"

namespace aimc::noc {
namespace {
constexpr unsigned kStreamQueue = static_cast<unsigned>(MessageClass::stream);
}  // namespace

FlitFabric::FlitFabric(const Topology& topology, const FabricConfig& config, Clock clock,
                       std::unique_ptr<FlitHost> host)
    : Fabric(topology, config, std::move(clock)),
      host_(std::move(host)),
      network_(flit_config(topology, config), *this),
      trees_(topology, Routing::xy, config.faults),
      queues_(network_.config().endpoints() * kMessageClasses) {
  statistics_.links.resize(topology.links());
  for (FabricStatistics::Link& link : statistics_.links)
    link.vc_flits.resize(network_.config().channels());
}

FlitFabric::~FlitFabric() = default;

bool FlitFabric::reachable(std::uint32_t source, std::uint32_t destination) const {
  return network_.reachable(source, destination) && network_.reachable(destination, source);
}

bool FlitFabric::tree_reachable(std::uint32_t source, std::uint32_t destination) const {
  return trees_.way(source, destination) != nullptr && trees_.way(destination, source) != nullptr;
}

void FlitFabric::carry(std::span<Packet> burst) {
  const void* const key = burst.data();
  for (Packet& packet : burst) {
    packet.arrival_ps = 0;
    send_and_note(packet, key);
  }
  for (const Packet& packet : burst)
    while (packet.arrival_ps == 0) host_->suspend(key);
}

void FlitFabric::exchange(std::span<Exchange> burst, Service& service) {
  const void* const key = burst.data();
  for (Exchange& exchange : burst) {
    turn_round(exchange);
    exchange.request.arrival_ps = exchange.response.arrival_ps = 0;
    send_and_note(exchange.request, key);
  }
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Exchange& exchange = burst[i];
    while (exchange.request.arrival_ps == 0) host_->suspend(key);
    if (exchange.request.lost) {
      exchange.response.arrival_ps = exchange.request.arrival_ps;
      continue;
    }
    service.serve(exchange, i);
    send_and_note(exchange.response, key);
  }
  for (const Exchange& exchange : burst)
    while (exchange.response.arrival_ps == 0) host_->suspend(key);
}

// Sends a packet whose arrival the thread of `key` waits for.
void FlitFabric::send_and_note(Packet& packet, const void* key) {
  packet.lost = false;
  if (packet.message_class == MessageClass::stream
          ? !tree_reachable(packet.source, packet.destination)
          : !reachable(packet.source, packet.destination)) {
    packet.lost = true;
    packet.arrival_ps = packet.ready_ps + period_ps();
    ++statistics_.classes[static_cast<unsigned>(packet.message_class)].lost;
    return;
  }
  Flight flight;
  flight.packet = packet;
  flight.caller = &packet;
  flight.waiting = key;
  launch(new_flight(flight), packet.ready_ps);
}

void FlitFabric::post(const Packet& packet, std::uint64_t tag, noc::Receiver& receiver) {
  if (packet.message_class == MessageClass::stream) {
    const std::uint32_t destination = packet.destination;
    post_stream(packet, std::span(&destination, 1), tag, receiver, false);
    return;
  }
  Flight flight;
  flight.packet = packet;
  flight.tag = tag;
  flight.receiver = &receiver;
  if (!reachable(packet.source, packet.destination)) {
    ++statistics_.classes[static_cast<unsigned>(packet.message_class)].lost;
    receiver.arrived(tag, packet.destination, packet.ready_ps + period_ps(), false);
    return;
  }
  launch(new_flight(flight), packet.ready_ps);
}

std::uint64_t FlitFabric::new_flight(const Flight& flight) {
  std::uint64_t index = flights_.size();
  if (free_flights_.empty()) {
    flights_.push_back(flight);
  } else {
    index = free_flights_.back();
    free_flights_.pop_back();
    flights_[index] = flight;
  }
  flights_[index].active = true;
  return index;
}

void FlitFabric::launch(std::uint64_t flight, std::uint64_t ready_ps) {
  launches_.emplace(cycle_at(ready_ps), flight);
  if (!driving_) host_->drive_after(0);
}

// Into the queue of the interface. It has room for `injection_packets`; the rest waits in front.
void FlitFabric::submit(std::uint64_t index) {
  Flight& flight = flights_[index];
  const Packet& packet = flight.packet;
  if (packet.message_class == MessageClass::stream) {
    if (packet.flits > config().stream_buffer_flits)
      user_error("a stream packet of {} flits does not fit stream_buffer_flits {}", packet.flits,
                 config().stream_buffer_flits);
    if (flight.tree == ~0u) flight.tree = tree_of(packet.source, std::span(&packet.destination, 1));
  }
  const auto queue = static_cast<unsigned>(packet.message_class);
  queues_[packet.source * kMessageClasses + queue].push_back(index);
  moved_at_ = network_.cycle();
  feed(packet.source, queue);
}

void FlitFabric::feed(unsigned endpoint, unsigned queue) {
  std::deque<std::uint64_t>& waiting = queues_[endpoint * kMessageClasses + queue];
  while (!waiting.empty() && network_.can_inject(endpoint, queue)) {
    const std::uint64_t index = waiting.front();
    waiting.pop_front();
    const Flight& flight = flights_[index];
    const flit::PacketSpec spec{.source = endpoint,
                                .destination = flight.packet.destination,
                                .message_class = queue,
                                .flits = flight.packet.flits,
                                .created = network_.cycle(),
                                .tag = index};
    if (queue == kStreamQueue) {
      network_.multicast(spec, flight.tree);
    } else {
      network_.inject(spec);
    }
  }
}

void FlitFabric::left(unsigned endpoint, unsigned message_class) { feed(endpoint, message_class); }

// Merge units act at once; everybody else hears when the kernel's time has come.
void FlitFabric::delivered(const flit::Delivery& delivery) {
  const std::uint64_t time_ps = time_of(delivery.arrived);
  const Flight& flight = flights_[delivery.tag];
  if (flight.reduction != 0 && !flight.last) {
    merge_arrived(delivery.tag, time_ps);
    return;
  }
  arrivals_.push_back({delivery.tag, delivery.destination, time_ps, true});
}

void FlitFabric::drive() {
  const std::uint64_t now = now_ps();
  while (!arrivals_.empty() && arrivals_.front().time_ps <= now) {
    const Arrival arrival = arrivals_.front();
    arrivals_.pop_front();
    hand_over(arrival);
  }
  const std::uint64_t quiet = host_->quiet_ps();
  if (quiet == 0) {
    host_->drive_after(0);
    return;
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t horizon = quiet > kMost - now ? kMost : now + quiet;
  driving_ = true;
  const std::uint64_t next = run_until(horizon);
  driving_ = false;
  if (next != kMost) host_->drive_after(next > now ? next - now : 0);
}

// @returns when to be driven again, the largest number for never.
std::uint64_t FlitFabric::run_until(std::uint64_t horizon) {
  while (arrivals_.empty()) {
    if (!network_.busy()) {
      if (launches_.empty()) {
        refresh_statistics();
        return std::numeric_limits<std::uint64_t>::max();
      }
      const std::uint64_t cycle = std::max(launches_.begin()->first, network_.cycle());
      if (time_of(cycle) >= horizon) return time_of(cycle);
      network_.advance(cycle);
    } else if (time_of(network_.cycle()) >= horizon) {
      return time_of(network_.cycle());
    }
    // Who hears of an arrival may answer in the same cycle.
    network_.begin_step();
    if (!arrivals_.empty()) break;
    while (!launches_.empty() && launches_.begin()->first <= network_.cycle()) {
      const std::uint64_t flight = launches_.begin()->second;
      launches_.erase(launches_.begin());
      submit(flight);
    }
    network_.step();
    if (network_.in_flight() != 0 &&
        network_.cycle() - std::max(moved_at_, network_.last_move()) > config().watchdog_cycles)
      lose_all();
  }
  return arrivals_.front().time_ps;
}

void FlitFabric::hand_over(const Arrival& arrival) {
  Flight& flight = flights_[arrival.flight];
  if (!flight.active) return;
  flight.packet.arrival_ps = arrival.time_ps;
  flight.packet.lost = !arrival.delivered;
  const Flight copy = flight;
  if (--flight.copies == 0) {
    flight.active = false;
    free_flights_.push_back(arrival.flight);
    settle(copy);
  }
  if (copy.caller != nullptr) {
    copy.caller->arrival_ps = arrival.time_ps;
    copy.caller->lost = !arrival.delivered;
    host_->resume(copy.waiting);
  }
  if (copy.receiver != nullptr)
    copy.receiver->arrived(copy.tag, arrival.endpoint, arrival.time_ps, arrival.delivered);
}

// Counts what has come to its end.
void FlitFabric::settle(const Flight& flight) {
  Packet packet = flight.packet;
  if (packet.lost) {
    ++statistics_.classes[static_cast<unsigned>(packet.message_class)].lost;
    if (flight.reduction != 0) reductions_.erase(flight.reduction);
    return;
  }
  if (flight.reduction != 0) {
    finish_reduction(flight);
  } else if (flight.multicast) {
    ++statistics_.multicasts;
    count(packet, network_.tree_links(flight.tree));
  } else {
    count(packet);
  }
}

}  // namespace aimc::noc
