// SPDX-License-Identifier: Apache-2.0
#include "channels.h"

#include <algorithm>
#include <cstring>

#include "aimc/noc/noc_regs.h"
#include "ports.h"

namespace aimc::noc {

using Result = StreamPort::Result;

/// What one endpoint sees of the channels.
class Noc::Channels::Port : public StreamPort {
 public:
  Port(Channels& channels, unsigned endpoint) : channels_(channels), endpoint_(endpoint) {}
  std::uint32_t vector_bytes(unsigned channel) const override {
    const Channel* const open = channels_.opened(channel);
    return open != nullptr ? open->bytes : 0;
  }
  Result send(unsigned channel, std::span<const std::uint8_t> vector) override {
    return channels_.send(endpoint_, channel, vector);
  }
  Result receive(unsigned channel, std::uint64_t* offset) override {
    return channels_.receive(endpoint_, channel, offset);
  }
  Result release(unsigned channel) override { return channels_.release(endpoint_, channel); }
  void give_up() override { channels_.unblocked(endpoint_); }
  const sc_core::sc_event& changed() const override { return channels_.changed_; }

 private:
  Channels& channels_;
  unsigned endpoint_;
};

Noc::Channels::Channels(const sc_core::sc_module_name& name, Noc& noc)
    : sc_module(name), noc_(noc), channels_(noc.config_.channels) {
  SC_HAS_PROCESS(Channels);
  SC_METHOD(act);
  sensitive << act_event_;
  dont_initialize();
  SC_METHOD(watch);
  sensitive << watch_event_;
  dont_initialize();
}

Noc::Channels::~Channels() = default;

StreamPort& Noc::Channels::port(unsigned endpoint) {
  std::unique_ptr<Port>& port = ports_[endpoint];
  if (!port) port = std::make_unique<Port>(*this, endpoint);
  return *port;
}

void Noc::Channels::reset() {
  for (unsigned channel = 0; channel < channels_.size(); ++channel) {
    close(channel);
    channels_[channel].sources.clear();
    channels_[channel].sinks.clear();
    channels_[channel].error = NOC_ERROR_NONE;
  }
  waits_.clear();
}

Noc::Channels::Channel* Noc::Channels::opened(unsigned channel) {
  if (channel >= channels_.size() || !channels_[channel].open) return nullptr;
  return channels_[channel].kind == NOC_KIND_WINDOW ? nullptr : &channels_[channel];
}

const std::vector<std::uint32_t>* Noc::Channels::window(unsigned channel) const {
  if (channel >= channels_.size()) return nullptr;
  const Channel& c = channels_[channel];
  return c.open && c.kind == NOC_KIND_WINDOW ? &c.sink_endpoints : nullptr;
}

Noc::Channels::Member* Noc::Channels::find(std::vector<Member>& members, unsigned endpoint) {
  const auto at = std::find_if(members.begin(), members.end(),
                               [&](const Member& one) { return one.endpoint == endpoint; });
  return at == members.end() ? nullptr : &*at;
}

std::uint64_t Noc::Channels::credits(const Channel& channel, const Member& source) {
  const std::uint64_t back = *std::min_element(source.credits.begin(), source.credits.end());
  return channel.slots - (source.done - back);
}

unsigned Noc::Channels::packets(const Channel& channel) const {
  const unsigned limit = noc_.config_.max_packet_bytes;
  return (channel.bytes + limit - 1) / limit;
}

Packet Noc::Channels::packet(const Channel& channel, unsigned part) const {
  const unsigned limit = noc_.config_.max_packet_bytes;
  Packet packet;
  packet.message_class = MessageClass::stream;
  packet.payload_bytes = std::min(limit, channel.bytes - part * limit);
  packet.flits = noc_.flits(packet.payload_bytes);
  packet.ready_ps = now_ps();
  return packet;
}

std::uint64_t Noc::Channels::new_tag(Tag tag) {
  tags_.emplace(next_tag_, tag);
  return next_tag_++;
}

// The first source of a vector prepares what all of them share.
Noc::Channels::Vector& Noc::Channels::begin_vector(unsigned number, std::uint64_t sequence) {
  Channel& channel = channels_[number];
  const auto [at, fresh] = channel.vectors.try_emplace(sequence);
  Vector& vector = at->second;
  if (!fresh) return vector;
  vector.data.resize(channel.sources.size());
  vector.packets.assign(channel.sinks.size(), packets(channel));
  vector.sinks_left = static_cast<unsigned>(channel.sinks.size());
  if (channel.kind != NOC_KIND_REDUCE) return vector;
  for (unsigned part = 0; part < packets(channel); ++part) {
    Packet contribution = packet(channel, part);
    contribution.destination = channel.sinks.front().endpoint;
    vector.reductions.push_back(noc_.fabric_->open_reduction(
        contribution, channel.source_endpoints, new_tag({false, number, sequence, 0, 1}), *this));
  }
  return vector;
}

Result Noc::Channels::send(unsigned endpoint, unsigned number,
                           std::span<const std::uint8_t> bytes) {
  Channel* const channel = opened(number);
  Member* const source = channel != nullptr ? find(channel->sources, endpoint) : nullptr;
  if (source == nullptr || bytes.size() != channel->bytes) return Result::refused;
  if (credits(*channel, *source) == 0) {
    ++channel->blocked;
    blocked(endpoint, number, true);
    return Result::blocked;
  }
  unblocked(endpoint);
  const std::uint64_t sequence = source->done++;
  Vector& vector = begin_vector(number, sequence);
  vector.data[static_cast<std::size_t>(source - channel->sources.data())].assign(bytes.begin(),
                                                                                 bytes.end());
  Fabric& fabric = *noc_.fabric_;
  for (unsigned part = 0; part < packets(*channel); ++part) {
    if (channel->kind == NOC_KIND_REDUCE) {
      fabric.contribute(vector.reductions[part], endpoint, now_ps());
      continue;
    }
    Packet one = packet(*channel, part);
    one.source = endpoint;
    const auto sinks = static_cast<unsigned>(channel->sinks.size());
    const std::uint64_t tag = new_tag({false, number, sequence, 0, sinks});
    if (channel->kind == NOC_KIND_MULTICAST) {
      fabric.post_multicast(one, channel->sink_endpoints, tag, *this);
    } else {
      one.destination = channel->sinks.front().endpoint;
      fabric.post(one, tag, *this);
    }
  }
  return Result::done;
}

Result Noc::Channels::receive(unsigned endpoint, unsigned number, std::uint64_t* offset) {
  Channel* const channel = opened(number);
  Member* const sink = channel != nullptr ? find(channel->sinks, endpoint) : nullptr;
  if (sink == nullptr) return Result::refused;
  if (sink->done == sink->released) {
    blocked(endpoint, number, false);
    return Result::blocked;
  }
  unblocked(endpoint);
  *offset = channel->address + sink->released % channel->slots * channel->pitch;
  return Result::done;
}

// The credit travels as a packet without data: from each sink to the source, or from the sink of a
// reduction to all its sources along the tree.
Result Noc::Channels::release(unsigned endpoint, unsigned number) {
  Channel* const channel = opened(number);
  Member* const sink = channel != nullptr ? find(channel->sinks, endpoint) : nullptr;
  if (sink == nullptr || sink->done == sink->released) return Result::refused;
  ++sink->released;
  Packet credit;
  credit.message_class = MessageClass::stream;
  credit.source = endpoint;
  credit.flits = noc_.flits(0);
  credit.ready_ps = now_ps();
  const auto member = static_cast<unsigned>(sink - channel->sinks.data());
  if (channel->kind == NOC_KIND_REDUCE) {
    const auto sources = static_cast<unsigned>(channel->sources.size());
    noc_.fabric_->post_multicast(credit, channel->source_endpoints,
                                 new_tag({true, number, 0, member, sources}), *this);
  } else {
    credit.destination = channel->sources.front().endpoint;
    noc_.fabric_->post(credit, new_tag({true, number, 0, member, 1}), *this);
  }
  return Result::done;
}

// Called by the fabric, now or ahead of time.
void Noc::Channels::arrived(std::uint64_t number, std::uint32_t endpoint, std::uint64_t arrival_ps,
                            bool delivered) {
  const auto at = tags_.find(number);
  if (at == tags_.end()) return;  // its channel was closed meanwhile
  const std::uint64_t now = now_ps();
  const std::uint64_t time = std::max(arrival_ps, now);
  actions_.emplace(time, Action{at->second, endpoint, delivered});
  if (--at->second.left == 0) tags_.erase(at);
  act_event_.notify(sc_core::sc_time::from_value(time - now));
}

void Noc::Channels::act() {
  const std::uint64_t now = now_ps();
  while (!actions_.empty() && actions_.begin()->first <= now) {
    const Action action = actions_.begin()->second;
    actions_.erase(actions_.begin());
    Channel& channel = channels_[action.tag.channel];
    if (!channel.open) continue;
    if (!action.delivered) {
      stop(channel, NOC_ERROR_LOST, "the network lost a packet");
    } else if (action.tag.credit) {
      take_credit(channel, action);
    } else {
      take_packet(channel, action);
    }
  }
  if (!actions_.empty())
    act_event_.notify(sc_core::sc_time::from_value(actions_.begin()->first - now));
  noc_.charge();
}

void Noc::Channels::take_credit(Channel& channel, const Action& action) {
  Member* const source = find(channel.sources, action.endpoint);
  const bool reduce = channel.kind == NOC_KIND_REDUCE;
  ++source->credits[reduce ? 0 : action.tag.member];
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void Noc::Channels::take_packet(Channel& channel, const Action& action) {
  Member* const sink = find(channel.sinks, action.endpoint);
  const auto index = static_cast<std::size_t>(sink - channel.sinks.data());
  if (--channel.vectors.at(action.tag.sequence).packets[index] != 0) return;
  sink->early.insert(action.tag.sequence);
  while (channel.open && sink->early.erase(sink->done) != 0) deliver(channel, sink->done, *sink);
}

void Noc::Channels::deliver(Channel& channel, std::uint64_t sequence, Member& sink) {
  Vector& vector = channel.vectors.at(sequence);
  if (channel.kind == NOC_KIND_REDUCE) add_lanes(channel, vector);
  if (!write(channel, sink, sequence, vector.data.front()))
    return stop(channel, NOC_ERROR_DELIVERY,
                fmt::format("endpoint {} refused a vector", sink.endpoint));
  ++sink.done;
  if (--vector.sinks_left == 0) {
    channel.vectors.erase(sequence);
    ++channel.total;
    ++channel.delivered;
  }
  changed_.notify(sc_core::SC_ZERO_TIME);
}

// Exact in 64 bits, then wrapped: the order matters neither for the sum nor for the count.
void Noc::Channels::add_lanes(Channel& channel, Vector& vector) {
  for (std::uint32_t lane = 0; lane < channel.bytes; lane += 4) {
    std::int64_t sum = 0;
    for (const std::vector<std::uint8_t>& data : vector.data) {
      std::int32_t value = 0;
      std::memcpy(&value, &data[lane], 4);
      sum += value;
    }
    const auto wrapped = static_cast<std::int32_t>(sum);
    if (wrapped != sum) ++channel.overflows;
    std::memcpy(&vector.data.front()[lane], &wrapped, 4);
  }
}

bool Noc::Channels::write(const Channel& channel, const Member& sink, std::uint64_t sequence,
                          std::vector<std::uint8_t>& bytes) {
  tlm::tlm_generic_payload txn;
  txn.set_write();
  txn.set_address(channel.address + sequence % channel.slots * channel.pitch);
  txn.set_data_ptr(bytes.data());
  txn.set_data_length(channel.bytes);
  txn.set_streaming_width(channel.bytes);
  txn.set_byte_enable_ptr(nullptr);
  txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay;
  noc_.targets_[sink.endpoint]->socket->b_transport(txn, delay);
  return txn.is_response_ok();
}

}  // namespace aimc::noc
