// SPDX-License-Identifier: Apache-2.0
#include "transfer.h"

#include <algorithm>

#include "ports.h"

namespace aimc::noc {

Noc::Transfer::Transfer(Noc& noc, const Route& route, tlm::tlm_generic_payload& txn)
    : noc_(noc),
      route_(route),
      txn_(txn),
      data_(txn.get_data_ptr()),
      enables_(txn.get_byte_enable_ptr()),
      enable_length_(txn.get_byte_enable_length()),
      length_(txn.get_data_length()) {}

std::uint64_t Noc::Transfer::run(unsigned source, std::uint64_t begin_ps) {
  const std::uint64_t address = txn_.get_address();
  const unsigned streaming_width = txn_.get_streaming_width();
  const unsigned limit = noc_.config_.max_packet_bytes;
  std::array<Exchange, kPartsAtOnce> parts;
  std::uint64_t end = begin_ps;
  for (std::uint64_t offset = 0; offset < length_;) {
    first_offset_ = offset;
    std::size_t count = 0;
    for (; count < kPartsAtOnce && offset < length_; ++count) {
      const auto bytes = static_cast<unsigned>(std::min<std::uint64_t>(limit, length_ - offset));
      Packet& request = parts[count].request;
      request = {};
      request.source = source;
      request.destination = route_.endpoint;
      request.payload_bytes = txn_.is_write() ? bytes : 0;
      request.flits = noc_.flits(request.payload_bytes);
      request.ready_ps = begin_ps;  // the injection link spaces the parts out
      offset += bytes;
    }
    noc_.fabric_->exchange(std::span(parts).first(count), *this);
    for (std::size_t i = 0; i < count; ++i) {
      end = std::max(end, parts[i].response.arrival_ps);
      const bool lost = parts[i].request.lost || parts[i].response.lost;
      if (lost && status_ == tlm::TLM_OK_RESPONSE) status_ = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
  }
  txn_.set_address(address);
  txn_.set_data_ptr(data_);
  txn_.set_data_length(length_);
  txn_.set_streaming_width(streaming_width);
  txn_.set_byte_enable_ptr(enables_);
  txn_.set_byte_enable_length(enable_length_);
  txn_.set_dmi_allowed(false);
  txn_.set_response_status(status_);
  return end;
}

void Noc::Transfer::serve(Exchange& exchange, std::size_t index) {
  const unsigned limit = noc_.config_.max_packet_bytes;
  const std::uint64_t offset = first_offset_ + index * limit;
  const auto length = static_cast<unsigned>(std::min<std::uint64_t>(limit, length_ - offset));
  const std::uint64_t arrival = exchange.request.arrival_ps;
  const std::uint64_t now = now_ps();
  sc_core::sc_time delay = sc_core::sc_time::from_value(arrival > now ? arrival - now : 0);
  const tlm::tlm_response_status status = access(offset, length, delay);
  if (status != tlm::TLM_OK_RESPONSE && status_ == tlm::TLM_OK_RESPONSE) status_ = status;
  exchange.response.payload_bytes = txn_.is_read() && status == tlm::TLM_OK_RESPONSE ? length : 0;
  exchange.response.flits = noc_.flits(exchange.response.payload_bytes);
  exchange.response.ready_ps = now_ps() + to_ps(delay);
}

tlm::tlm_response_status Noc::Transfer::access(std::uint64_t offset, unsigned length,
                                               sc_core::sc_time& delay) {
  if (route_.target == nullptr || offset + length > route_.limit)
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  txn_.set_address(route_.address + offset);
  txn_.set_data_ptr(data_ + offset);
  txn_.set_data_length(length);
  txn_.set_streaming_width(length);
  if (enables_ != nullptr) enable_bytes(offset, length);
  txn_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  route_.target->socket->b_transport(txn_, delay);
  return txn_.get_response_status();
}

// The pattern repeats from the start of the transaction; a part may begin in its middle.
void Noc::Transfer::enable_bytes(std::uint64_t offset, unsigned length) {
  const auto phase = static_cast<unsigned>(offset % enable_length_);
  if (phase == 0 || phase + length <= enable_length_) {
    txn_.set_byte_enable_ptr(enables_ + phase);
    txn_.set_byte_enable_length(enable_length_ - phase);
    return;
  }
  part_enables_.resize(length);
  for (unsigned i = 0; i < length; ++i) part_enables_[i] = enables_[(offset + i) % enable_length_];
  txn_.set_byte_enable_ptr(part_enables_.data());
  txn_.set_byte_enable_length(length);
}

}  // namespace aimc::noc
