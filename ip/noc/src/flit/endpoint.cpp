// SPDX-License-Identifier: Apache-2.0
// Injection queues and sinks.
#include <algorithm>
#include <stdexcept>

#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {

void Network::activate_source(unsigned endpoint) {
  Source& source = sources_[endpoint];
  if (source.active) return;
  for (unsigned q = 0; q < queues_; ++q) source.active = source.active || source.count[q] != 0;
  if (source.active) active_sources_.push_back(endpoint);
}

void Network::enqueue(unsigned endpoint, unsigned queue, std::uint32_t packet) {
  Source& source = sources_[endpoint];
  const unsigned size = config_.injection_queue_packets;
  const unsigned place = (source.head[queue] + source.count[queue]) % size;
  source.queue[queue * size + place] = packet;
  ++source.count[queue];
  activate_source(endpoint);
}

// Sources that cannot send leave the list until a credit or a packet comes.
void Network::run_sources() {
  const std::size_t present = active_sources_.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < present; ++i) {
    const std::uint32_t endpoint = active_sources_[i];
    const bool sent = send_from(endpoint, sources_[endpoint]);
    Source& source = sources_[endpoint];
    bool more = false;
    for (unsigned q = 0; q < queues_; ++q) more = more || source.count[q] != 0;
    if (sent && more) {
      active_sources_[kept++] = endpoint;
    } else {
      source.active = false;
    }
  }
  // What receivers added meanwhile comes behind.
  kept = static_cast<std::size_t>(
      std::move(active_sources_.begin() + static_cast<std::ptrdiff_t>(present),
                active_sources_.end(),
                active_sources_.begin() + static_cast<std::ptrdiff_t>(kept)) -
      active_sources_.begin());
  active_sources_.resize(kept);
}

// Round robin over the channels of the class, beginning behind the one used last.
bool Network::pick_channel(Source& source, unsigned queue) {
  const unsigned begin = geometry_.class_begin(queue);
  const unsigned size = geometry_.class_size(queue);
  const Packet& packet =
      packets_[source.queue[queue * config_.injection_queue_packets + source.head[queue]]];
  // Multicast packets go only where they fit as a whole.
  const unsigned room = packet.tree == kNoTree ? 1 : packet.flits;
  const unsigned last = source.last_channel[queue];
  for (unsigned i = 1; i <= size; ++i) {
    const unsigned v = last == kNone ? begin + i - 1 : begin + (last - begin + i) % size;
    if ((source.busy_channels >> v & 1u) != 0 || source.credits[v] < room) continue;
    source.channel[queue] = static_cast<std::uint8_t>(v);
    return true;
  }
  return false;
}

bool Network::send_from(unsigned endpoint, Source& source) {
  for (unsigned i = 1; i <= queues_; ++i) {
    const unsigned q = (source.last_class + i) % queues_;
    if (source.count[q] == 0) continue;
    if (source.channel[q] == kNone ? !pick_channel(source, q)
                                   : source.credits[source.channel[q]] == 0)
      continue;
    const unsigned v = source.channel[q];
    const std::uint32_t index = source.queue[q * config_.injection_queue_packets + source.head[q]];
    Packet& packet = packets_[index];
    const unsigned sequence = source.next_flit[q];
    const bool head = sequence == 0;
    const bool tail = sequence + 1u == packet.flits;
    if (head) {
      packet.injected = cycle_;
      source.busy_channels = static_cast<std::uint16_t>(source.busy_channels | 1u << v);
      source.last_channel[q] = static_cast<std::uint8_t>(v);
    }
    source.last_class = static_cast<std::uint8_t>(q);
    --source.credits[v];
    ++source.sent;
    const auto flags = static_cast<std::uint8_t>((head ? kHead : 0) | (tail ? kTail : 0));
    const unsigned port = kNeighbours + geometry_.local_port_of(endpoint);
    slot_after(config_.pipeline.interface_delay + 1)
        .arrivals.push_back(
            {static_cast<std::uint16_t>(geometry_.router_of(endpoint)),
             static_cast<std::uint8_t>(port * channels_ + v),
             {index, static_cast<std::uint16_t>(sequence), static_cast<std::uint8_t>(v), flags}});
    ++source.next_flit[q];
    if (tail) {
      source.busy_channels = static_cast<std::uint16_t>(source.busy_channels & ~(1u << v));
      source.channel[q] = kNone;
      source.next_flit[q] = 0;
      source.head[q] =
          static_cast<std::uint16_t>((source.head[q] + 1u) % config_.injection_queue_packets);
      --source.count[q];
      receiver_.left(endpoint, q);
    }
    return true;
  }
  return false;
}

void Network::stall_sink(unsigned endpoint, std::uint64_t until) {
  sinks_[endpoint].stalled_until = until;
}

void Network::eject(unsigned endpoint, const Flit& flit) {
  Sink& sink = sinks_[endpoint];
  if (sink.waiting.empty() && sink.stalled_until <= cycle_) {
    consume(endpoint, flit);
    return;
  }
  sink.waiting.push_back(flit);
  if (!sink.draining) {
    sink.draining = true;
    slot_after(1).sinks.push_back(endpoint);
  }
}

void Network::drain_sink(unsigned endpoint) {
  Sink& sink = sinks_[endpoint];
  std::uint64_t again = 1;
  if (sink.stalled_until <= cycle_) {
    const Flit flit = sink.waiting.front();
    sink.waiting.erase(sink.waiting.begin());
    consume(endpoint, flit);
  } else {
    again = std::min<std::uint64_t>(sink.stalled_until - cycle_, wheel_mask_);
  }
  sink.draining = !sink.waiting.empty();
  if (sink.draining) slot_after(static_cast<unsigned>(again)).sinks.push_back(endpoint);
}

void Network::consume(unsigned endpoint, const Flit& flit) {
  const unsigned router = geometry_.router_of(endpoint);
  const unsigned port = kNeighbours + geometry_.local_port_of(endpoint);
  slot_after(config_.pipeline.ejection_delay + 1 + config_.pipeline.credit_delay)
      .credits.push_back({static_cast<std::uint16_t>(router),
                          static_cast<std::uint8_t>(port * channels_ + flit.channel)});
  ++ejected_flits_;
  // Flits of one packet are neighbours on their channel and in order, or something is lost.
  Sink& sink = sinks_[endpoint];
  std::uint16_t& expected = sink.sequence[flit.channel];
  if ((flit.flags & kHead) != 0) sink.packet[flit.channel] = flit.packet;
  if (expected != flit.sequence || sink.packet[flit.channel] != flit.packet)
    throw std::logic_error("flit network: a flit is lost, doubled or out of order");
  ++expected;
  if ((flit.flags & kTail) == 0) return;
  expected = 0;
  Packet& packet = packets_[flit.packet];
  if (packet.tree == kNoTree && packet.destination != endpoint)
    throw std::logic_error("flit network: a packet arrives at the wrong endpoint");
  if (flit.sequence + 1u != packet.flits)
    throw std::logic_error("flit network: a packet arrives with the wrong length");
  Delivery delivery;
  delivery.tag = packet.tag;
  delivery.source = packet.source;
  delivery.destination = endpoint;
  delivery.message_class = packet.message_class;
  delivery.flits = packet.flits;
  delivery.routers = geometry_.hops(geometry_.router_of(packet.source), router) + 1;
  delivery.created = packet.created;
  delivery.injected = packet.injected;
  delivery.arrived = cycle_;
  const std::uint64_t flow = flow_key(packet, endpoint);
  const std::uint32_t sequence = packet.sequence;
  if (--packet.deliveries == 0) free_packets_.push_back(flit.packet);
  if (config_.ordered) {
    hand_over(flow, sequence, delivery);
    return;
  }
  --in_flight_;
  receiver_.delivered(delivery);
}

std::uint64_t Network::flow_key(const Packet& packet, unsigned endpoint) const {
  const std::uint64_t from =
      packet.tree == kNoTree
          ? std::uint64_t{packet.source} * config_.message_classes + packet.message_class
          : (std::uint64_t{1} << 31) + packet.tree;
  return from << 32 | endpoint;
}

void Network::hand_over(std::uint64_t key, std::uint32_t sequence, const Delivery& delivery) {
  Flow& flow = flows_[key];
  if (sequence != flow.next_in) {
    flow.early.emplace(sequence, delivery);
    return;
  }
  ++flow.next_in;
  --in_flight_;
  receiver_.delivered(delivery);
  // The receiver may inject, which may move flows.
  for (Flow* at = &flows_[key]; !at->early.empty() && at->early.begin()->first == at->next_in;
       at = &flows_[key]) {
    Delivery late = at->early.begin()->second;
    at->early.erase(at->early.begin());
    ++at->next_in;
    late.arrived = cycle_;
    --in_flight_;
    receiver_.delivered(late);
  }
}

}  // namespace aimc::noc::flit
