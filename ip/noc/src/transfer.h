// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "aimc/noc/noc.h"

namespace aimc::noc {

/// One TLM transaction on its way: cut into packets, served part by part, put together again.
class Noc::Transfer : public Service {
 public:
  Transfer(Noc& noc, const Route& route, tlm::tlm_generic_payload& txn);
  /// @returns when the last response has arrived [ps]; the payload carries the status.
  std::uint64_t run(unsigned source, std::uint64_t begin_ps);

  void serve(Exchange& exchange, std::size_t index) override;

 private:
  static constexpr std::size_t kPartsAtOnce = 16;
  tlm::tlm_response_status access(std::uint64_t offset, unsigned length, sc_core::sc_time& delay);
  void enable_bytes(std::uint64_t offset, unsigned length);

  Noc& noc_;
  const Route& route_;
  tlm::tlm_generic_payload& txn_;
  // The payload as the initiator sent it.
  unsigned char* const data_;
  unsigned char* const enables_;
  const unsigned enable_length_;
  const unsigned length_;
  std::vector<unsigned char> part_enables_;  // only where a part cannot use the initiator's array
  std::uint64_t first_offset_ = 0;           // of the parts in the present call
  tlm::tlm_response_status status_ = tlm::TLM_OK_RESPONSE;
};

}  // namespace aimc::noc
