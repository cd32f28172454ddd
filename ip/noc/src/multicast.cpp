// SPDX-License-Identifier: Apache-2.0
#include "multicast.h"

#include <algorithm>

#include "ports.h"

namespace aimc::noc {

Noc::Multicast::Multicast(Noc& noc, const std::vector<std::uint32_t>& sinks, std::uint64_t address,
                          tlm::tlm_generic_payload& txn)
    : noc_(noc), sinks_(sinks), address_(address), txn_(txn) {
  noc_.multicasts_.insert(this);
}

Noc::Multicast::~Multicast() { noc_.multicasts_.erase(this); }

void Noc::Multicast::abort() {
  left_ = 0;
  fail(tlm::TLM_GENERIC_ERROR_RESPONSE);
  answered_.notify(sc_core::SC_ZERO_TIME);
}

// Tags: 2 * part for data, one more for the answer.
std::uint64_t Noc::Multicast::run(unsigned source, std::uint64_t begin_ps) {
  end_ps_ = begin_ps;
  const bool whole = std::all_of(sinks_.begin(), sinks_.end(), [&](std::uint32_t sink) {
    return noc_.fabric_->tree_reachable(source, sink);
  });
  if (!whole) {
    txn_.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return begin_ps + noc_.fabric_->period_ps();
  }
  const unsigned limit = noc_.config_.max_packet_bytes;
  const unsigned length = txn_.get_data_length();
  left_ = (length + limit - 1) / limit;
  const std::size_t parts = left_;
  for (std::size_t part = 0; part < parts; ++part) {
    Packet packet;
    packet.source = source;
    packet.message_class = MessageClass::stream;
    packet.ready_ps = begin_ps;
    Packet answer = packet;
    answer.destination = source;
    answer.flits = noc_.flits(0);
    answers_.push_back(noc_.fabric_->open_reduction(answer, sinks_, 2 * part + 1, *this));
    packet.payload_bytes = std::min(limit, length - static_cast<unsigned>(part) * limit);
    packet.flits = noc_.flits(packet.payload_bytes);
    noc_.fabric_->post_multicast(packet, sinks_, 2 * part, *this);
  }
  while (left_ > 0) sc_core::wait(answered_);
  txn_.set_response_status(status_);
  return end_ps_;
}

void Noc::Multicast::arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
                             bool delivered) {
  const std::uint64_t now = now_ps();
  const std::size_t part = tag / 2;
  if (!delivered) fail(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (tag % 2 == 1) {
    end_ps_ = std::max(end_ps_, arrival_ps);
    if (left_ > 0 && --left_ == 0) answered_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  if (!delivered) return;
  sc_core::sc_time delay = sc_core::sc_time::from_value(arrival_ps > now ? arrival_ps - now : 0);
  write_part(part, endpoint, delay);
  noc_.fabric_->contribute(answers_[part], endpoint, now + to_ps(delay));
}

void Noc::Multicast::write_part(std::size_t part, std::uint32_t endpoint, sc_core::sc_time& delay) {
  const unsigned limit = noc_.config_.max_packet_bytes;
  const auto offset = static_cast<unsigned>(part) * limit;
  const unsigned length = std::min(limit, txn_.get_data_length() - offset);
  tlm::tlm_generic_payload txn;
  txn.set_write();
  txn.set_address(address_ + offset);
  txn.set_data_ptr(txn_.get_data_ptr() + offset);
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  std::vector<unsigned char> enables;
  if (txn_.get_byte_enable_ptr() != nullptr) {
    enables.resize(length);
    for (unsigned i = 0; i < length; ++i)
      enables[i] = txn_.get_byte_enable_ptr()[(offset + i) % txn_.get_byte_enable_length()];
  }
  txn.set_byte_enable_ptr(enables.empty() ? nullptr : enables.data());
  txn.set_byte_enable_length(static_cast<unsigned>(enables.size()));
  txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  noc_.targets_[endpoint]->socket->b_transport(txn, delay);
  if (!txn.is_response_ok()) fail(txn.get_response_status());
}

}  // namespace aimc::noc
