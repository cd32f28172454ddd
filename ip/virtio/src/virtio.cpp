// SPDX-License-Identifier: Apache-2.0
#include "aimc/virtio/virtio.h"

#include <cstring>

#include "aimc/virtio/virtio_map.h"
#include "aimc/virtio/virtio_regs.h"

namespace aimc::virtio {
namespace {

/// The word at an offset in any transport: all are the same, and nothing in them changes.
std::uint32_t word_at(std::uint64_t offset) {
  for (const RegisterInfo& info : regs::kVirtio.registers)
    if (info.offset == offset % VIRTIO_STRIDE) return info.reset;
  return 0;
}

bool answers(std::uint64_t offset) { return offset % VIRTIO_STRIDE < VIRTIO_WINDOW; }

}  // namespace

void describe(ParamTable&, Config&) {}

Virtio::Virtio(const sc_core::sc_module_name& name, const Config&, Services& services)
    : Module(name, services), regs_in("regs_in") {
  regs_in.register_b_transport(this, &Virtio::b_transport);
  regs_in.register_transport_dbg(this, &Virtio::transport_dbg);
}

void Virtio::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, VIRTIO_SIZE);
}

/// As in QEMU, a narrow read takes the low part of the register at its address, and between
/// registers there are zeros.
void Virtio::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time&) {
  txn.set_dmi_allowed(false);
  const unsigned length = txn.get_data_length();
  if (txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else if (length != 1 && length != 2 && length != 4) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (!answers(txn.get_address()) || txn.get_address() % length != 0) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else {
    const std::uint32_t value = word_at(txn.get_address());
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), &value, length);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);  // writes find no device
  }
}

unsigned Virtio::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (!txn.is_read()) return 0;
  unsigned done = 0;
  for (; done < txn.get_data_length() && answers(txn.get_address() + done); ++done) {
    const std::uint64_t at = txn.get_address() + done;
    txn.get_data_ptr()[done] =
        static_cast<unsigned char>(word_at(at & ~std::uint64_t{3}) >> (8 * (at % 4)));
  }
  return done;
}

}  // namespace aimc::virtio
