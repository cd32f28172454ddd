// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

#include "aimc/common/module.h"

namespace aimc::testing {

/// A memory that remembers how it was asked; fails above its size or when told to.
class Endpoint : public sc_core::sc_module {
 public:
  struct Access {
    bool write;
    std::uint64_t address;
    unsigned length;
    std::uint64_t time_ps;  // with the delay so far
    bool operator==(const Access&) const = default;
  };
  tlm_utils::simple_target_socket<Endpoint> in;

  explicit Endpoint(const sc_core::sc_module_name& name, std::size_t size = 0x10000)
      : sc_module(name), in("in"), bytes(size) {
    in.register_b_transport(this, &Endpoint::b_transport);
    in.register_transport_dbg(this, &Endpoint::debug);
  }

  std::vector<std::uint8_t> bytes;
  std::vector<Access> accesses;
  std::uint64_t base = 0;         // address of the first byte
  std::uint64_t fail_at = ~0ull;  // an access that covers this address is refused
  std::uint64_t latency_ps = 0;
  bool waits = false;  // lets time pass in the call, as a bus behind a gateway may

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    const std::uint64_t address = txn.get_address();
    const unsigned length = txn.get_data_length();
    accesses.push_back({txn.is_write(), address, length, now_ps() + to_ps(delay)});
    delay += sc_core::sc_time::from_value(latency_ps);
    if (waits) {
      wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    txn.set_dmi_allowed(true);  // an interconnect that denies DMI has to take this back
    const bool in_range = address >= base && address - base + length <= bytes.size();
    if (!in_range || (fail_at >= address && fail_at < address + length)) {
      txn.set_response_status(in_range ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                       : tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    move(txn);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  unsigned debug(tlm::tlm_generic_payload& txn) {
    const std::uint64_t address = txn.get_address();
    if (address < base || address - base + txn.get_data_length() > bytes.size()) return 0;
    move(txn);
    return txn.get_data_length();
  }
  void move(tlm::tlm_generic_payload& txn) {
    const unsigned char* const enables = txn.get_byte_enable_ptr();
    for (unsigned i = 0; i < txn.get_data_length(); ++i) {
      if (enables != nullptr && enables[i % txn.get_byte_enable_length()] == 0) continue;
      std::uint8_t& cell = bytes[txn.get_address() - base + i];
      if (txn.is_write()) {
        cell = txn.get_data_ptr()[i];
      } else {
        txn.get_data_ptr()[i] = cell;
      }
    }
  }
};

}  // namespace aimc::testing
