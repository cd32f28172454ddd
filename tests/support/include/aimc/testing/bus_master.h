// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <systemc>
#include <vector>

namespace aimc::testing {

/// Drives a target socket from the test body. Calls work outside of SystemC processes as long as
/// the target does not wait; `delay` of the last access can be asked for.
class BusMaster : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<BusMaster> out;

  explicit BusMaster(const sc_core::sc_module_name& name) : sc_module(name), out("out") {}

  tlm::tlm_response_status transfer(tlm::tlm_command command, std::uint64_t address, void* data,
                                    unsigned length) {
    tlm::tlm_generic_payload txn;
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(static_cast<unsigned char*>(data));
    txn.set_data_length(length);
    txn.set_streaming_width(length);
    txn.set_byte_enable_ptr(nullptr);
    txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    delay = sc_core::SC_ZERO_TIME;
    out->b_transport(txn, delay);
    return txn.get_response_status();
  }
  tlm::tlm_response_status write(std::uint64_t address, std::uint32_t value) {
    return transfer(tlm::TLM_WRITE_COMMAND, address, &value, 4);
  }
  /// @returns the word; `status` keeps the response.
  std::uint32_t read(std::uint64_t address) {
    std::uint32_t value = 0xdeadbeef;
    status = transfer(tlm::TLM_READ_COMMAND, address, &value, 4);
    return value;
  }
  tlm::tlm_response_status write_bytes(std::uint64_t address, std::span<const std::uint8_t> bytes) {
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    return transfer(tlm::TLM_WRITE_COMMAND, address, copy.data(),
                    static_cast<unsigned>(copy.size()));
  }
  std::vector<std::uint8_t> read_bytes(std::uint64_t address, std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    status = transfer(tlm::TLM_READ_COMMAND, address, bytes.data(), static_cast<unsigned>(count));
    return bytes;
  }

  sc_core::sc_time delay;
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

}  // namespace aimc::testing
