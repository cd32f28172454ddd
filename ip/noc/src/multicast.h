// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "aimc/noc/noc.h"

namespace aimc::noc {

/// A bus write to a channel's window on its way: each packet goes out once, and the answers of all
/// sinks come back as one, merged where they meet.
class Noc::Multicast : private Receiver {
 public:
  /// `address` is the offset in the window of each of `sinks`.
  Multicast(Noc& noc, const std::vector<std::uint32_t>& sinks, std::uint64_t address,
            tlm::tlm_generic_payload& txn);
  ~Multicast() override;
  /// @returns when the last answer has arrived [ps]; the payload carries the status.
  std::uint64_t run(unsigned source, std::uint64_t begin_ps);
  /// The network forgets what is on the way.
  void abort();

 private:
  void arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
               bool delivered) override;
  void write_part(std::size_t part, std::uint32_t endpoint, sc_core::sc_time& delay);
  void fail(tlm::tlm_response_status status) {
    if (status_ == tlm::TLM_OK_RESPONSE) status_ = status;
  }

  Noc& noc_;
  const std::vector<std::uint32_t> sinks_;
  const std::uint64_t address_;
  tlm::tlm_generic_payload& txn_;
  std::vector<std::uint64_t> answers_;  // reductions, by part
  std::size_t left_ = 0;                // parts without an answer
  std::uint64_t end_ps_ = 0;
  tlm::tlm_response_status status_ = tlm::TLM_OK_RESPONSE;
  sc_core::sc_event answered_;
};

}  // namespace aimc::noc
