// SPDX-License-Identifier: Apache-2.0
#include "at_port.h"

#include <algorithm>

#include "ports.h"

namespace aimc::noc {
namespace {

void release(tlm::tlm_generic_payload& txn) {
  if (txn.has_mm()) txn.release();
}

}  // namespace

// Threads cost memory, so only initiators that speak the protocol get them.
void Noc::AtPort::spawn() {
  spawned_ = true;
  const HierarchyScope scope(noc_);
  for (unsigned i = 0; i < noc_.config_.outstanding; ++i)
    sc_core::sc_spawn([this] { work(); }, sc_core::sc_gen_unique_name("at_worker"));
  sc_core::sc_spawn([this] { respond(); }, sc_core::sc_gen_unique_name("at_responder"));
}

tlm::tlm_sync_enum Noc::AtPort::forward(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    if (responding_ == &txn) {
      responding_ = nullptr;
      ended_.notify(delay);
    }
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ || stalled_ != nullptr) {
    txn.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);  // not what the protocol allows
    return tlm::TLM_COMPLETED;
  }
  if (!spawned_) spawn();
  if (txn.has_mm()) txn.acquire();
  const std::uint64_t time = now_ps() + to_ps(delay);
  if (queue_.size() >= noc_.config_.fabric.injection_packets) {
    stalled_ = &txn;
    stalled_time_ps_ = time;
    return tlm::TLM_ACCEPTED;
  }
  queue_.push_back({&txn, time});
  queued_.notify(sc_core::SC_ZERO_TIME);
  phase = tlm::END_REQ;
  delay += noc_.period_;
  return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum Noc::AtPort::backward(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase) {
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  InitiatorPort& port = *noc_.initiators_[static_cast<std::size_t>(index_)];
  const tlm::tlm_sync_enum result = port.socket->nb_transport_bw(txn, phase, delay);
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  return result;
}

// Entries leave the queue and enter the network in one go, so their order is that of the queue.
void Noc::AtPort::work() {
  for (;;) {
    while (queue_.empty()) sc_core::wait(queued_);
    const Entry entry = queue_.front();
    queue_.pop_front();
    if (!queue_.empty()) queued_.notify(sc_core::SC_ZERO_TIME);
    const std::uint64_t now = now_ps();
    sc_core::sc_time delay =
        sc_core::sc_time::from_value(entry.time_ps > now ? entry.time_ps - now : 0);
    if (stalled_ != nullptr) {
      tlm::tlm_generic_payload& next = *stalled_;
      queue_.push_back({stalled_, std::max(stalled_time_ps_, now)});
      stalled_ = nullptr;
      queued_.notify(sc_core::SC_ZERO_TIME);
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time none;
      noc_.initiators_[static_cast<std::size_t>(index_)]->socket->nb_transport_bw(next, phase,
                                                                                  none);
    }
    noc_.transport(index_, *entry.txn, delay);
    sc_core::wait(delay);
    served_.push_back(entry.txn);
    finished_.notify(sc_core::SC_ZERO_TIME);
  }
}

void Noc::AtPort::respond() {
  for (;;) {
    while (served_.empty()) sc_core::wait(finished_);
    tlm::tlm_generic_payload& txn = *served_.front();
    served_.pop_front();
    responding_ = &txn;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    const tlm::tlm_sync_enum result = backward(txn, phase);
    const bool ends =
        result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (ends) responding_ = nullptr;
    while (responding_ != nullptr) sc_core::wait(ended_);
    release(txn);
  }
}

tlm::tlm_sync_enum Noc::transport_nb(int index, tlm::tlm_generic_payload& txn,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return initiators_[static_cast<std::size_t>(index)]->at.forward(txn, phase, delay);
}

// The shortcut for debuggers and firmware work: pointers past the network, whose time is then lost.
bool Noc::direct_memory(int index, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  dmi.allow_none();
  dmi.set_start_address(0);
  dmi.set_end_address(~std::uint64_t{0});
  if (config_.dmi != "debug") return false;
  const std::uint64_t address = txn.get_address();
  const auto route = decode(address, initiators_[static_cast<std::size_t>(index)]->endpoint);
  if (!route || route->target == nullptr) return false;
  txn.set_address(route->address);
  const bool granted = route->target->socket->get_direct_mem_ptr(txn, dmi);
  txn.set_address(address);
  // Back from the target's addresses to the system's, and not beyond the window.
  const std::uint64_t shift = address - route->address;
  const std::uint64_t last =
      std::min<std::uint64_t>(dmi.get_end_address(), route->address + (route->limit - 1));
  dmi.set_start_address(dmi.get_start_address() + shift);
  dmi.set_end_address(last + shift);
  return granted;
}

// Which of its own addresses a target means does not matter: it happens once in a while.
void Noc::invalidate_memory(sc_dt::uint64, sc_dt::uint64) {
  for (const auto& port : initiators_)
    port->socket->invalidate_direct_mem_ptr(0, ~std::uint64_t{0});
}

}  // namespace aimc::noc
