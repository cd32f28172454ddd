// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "aimc/noc/noc.h"

namespace aimc::noc {

/// The non-blocking side of an initiator's interface: the base protocol with four phases.
///
/// A request is accepted (END_REQ) when the interface's queue has room, which is how back-pressure
/// reaches the initiator. Up to `outstanding` transactions are in the network at once; their
/// responses (BEGIN_RESP) follow each other, one at a time. Transactions to one destination are
/// answered in their order.
class Noc::AtPort {
 public:
  AtPort(Noc& noc, int index) : noc_(noc), index_(index) {}
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);

 private:
  struct Entry {
    tlm::tlm_generic_payload* txn;
    std::uint64_t time_ps;  // when it reaches the interface
  };
  void spawn();
  void work();
  void respond();
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase);

  Noc& noc_;
  int index_;
  bool spawned_ = false;
  std::deque<Entry> queue_;
  tlm::tlm_generic_payload* stalled_ = nullptr;  // its request has not been accepted yet
  std::uint64_t stalled_time_ps_ = 0;
  std::deque<tlm::tlm_generic_payload*> served_;
  tlm::tlm_generic_payload* responding_ = nullptr;
  sc_core::sc_event queued_;
  sc_core::sc_event finished_;
  sc_core::sc_event ended_;
};

}  // namespace aimc::noc
