// SPDX-License-Identifier: Apache-2.0
#include "aimc/finisher/finisher.h"

#include <algorithm>
#include <cstring>

#include "aimc/finisher/finisher_regs.h"

namespace aimc::finisher {

void describe(ParamTable&, Config&) {}

Finisher::Finisher(const sc_core::sc_module_name& name, const Config&, Services& services)
    : Module(name, services), regs_in("regs_in") {
  regs_in.register_b_transport(this, &Finisher::b_transport);
  regs_in.register_transport_dbg(this, &Finisher::transport_dbg);
}

void Finisher::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, FINISHER_SIZE);
}

void Finisher::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time&) {
  txn.set_dmi_allowed(false);
  const unsigned length = txn.get_data_length();
  if (txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else if (txn.get_address() != FINISHER_COMMAND_OFFSET) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (length != 4 && length != 2) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (txn.is_write()) {
    std::uint32_t value = 0;
    std::memcpy(&value, txn.get_data_ptr(), length);
    txn.set_response_status(act(value));
  } else {
    std::memset(txn.get_data_ptr(), 0, length);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
}

unsigned Finisher::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (!txn.is_read() || txn.get_address() >= 4) return 0;
  const auto count = std::min(txn.get_data_length(), 4u - static_cast<unsigned>(txn.get_address()));
  std::memset(txn.get_data_ptr(), 0, count);
  return count;
}

tlm::tlm_response_status Finisher::act(std::uint32_t value) {
  const auto code = static_cast<int>(FINISHER_COMMAND_CODE_GET(value));
  switch (FINISHER_COMMAND_COMMAND_GET(value)) {
    case FINISHER_COMMAND_PASS:
      services().control.finish(0, "the firmware passed");
      break;
    case FINISHER_COMMAND_FAIL:
      services().control.finish(code, fmt::format("the firmware failed with code {}", code));
      break;
    case FINISHER_COMMAND_RESET:
      services().control.request_reset();
      break;
    default:
      services().control.guest_warning(name(), fmt::format("no such command: {:#x}", value));
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
  }
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace aimc::finisher
