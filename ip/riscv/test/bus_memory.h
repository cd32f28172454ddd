// SPDX-License-Identifier: Apache-2.0
/// RAM on a TLM bus for tests of `HartModule`: a socket for each hart, DMI, and what a test adds.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

namespace aimc::riscv {

/// RAM at kRam. Other addresses are `other`'s, by default a hole.
struct BusMemory : sc_core::sc_module {
  static constexpr std::uint32_t kRam = 0x80000000u;

  sc_core::sc_vector<tlm_utils::simple_target_socket<BusMemory, 32>> in;
  std::vector<std::uint8_t> ram;
  sc_core::sc_time latency;             ///< Of an access that is not direct.
  sc_core::sc_signal<bool> low{"low"};  ///< For interrupt lines that nobody raises.

  explicit BusMemory(const sc_core::sc_module_name& name, unsigned harts = 1,
                     std::size_t bytes = 0x1000)
      : sc_module(name), in("in", harts), ram(bytes) {
    for (auto& socket : in) {
      socket.register_b_transport(this, &BusMemory::b_transport);
      socket.register_get_direct_mem_ptr(this, &BusMemory::get_direct_mem_ptr);
    }
  }

  std::uint32_t word(std::uint32_t offset) const {
    std::uint32_t value;
    std::memcpy(&value, &ram[offset], 4);
    return value;
  }
  /// Writes words from an offset on. @return the offset behind them.
  std::uint32_t put(std::uint32_t offset, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t value : words) {
      std::memcpy(&ram[offset], &value, 4);
      offset += 4;
    }
    return offset;
  }

 protected:
  virtual void other(tlm::tlm_generic_payload& txn, sc_core::sc_time& /*delay*/) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    const std::uint64_t address = txn.get_address();
    const unsigned size = txn.get_data_length();
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    if (address < kRam || address + size > kRam + ram.size()) return other(txn, delay);
    std::uint8_t* const host = &ram[address - kRam];
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), host, size);
    if (txn.is_write()) std::memcpy(host, txn.get_data_ptr(), size);
    txn.set_dmi_allowed(true);
    delay += latency;
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
    if (txn.get_address() < kRam) return false;
    dmi.set_start_address(kRam);
    dmi.set_end_address(kRam + ram.size() - 1);
    dmi.set_dmi_ptr(ram.data());
    dmi.allow_read_write();
    return true;
  }
};

}  // namespace aimc::riscv
