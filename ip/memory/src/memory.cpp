// SPDX-License-Identifier: Apache-2.0
#include "aimc/memory/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"

namespace aimc::memory {

void describe(ParamTable& params, Config& config) {
  params.bytes("size", config.size_bytes, 1, std::uint64_t{2} << 30, "Size");
  params.flag("read_only", config.read_only, "A guest's write is a bus error");
  params.quantity("latency", config.latency_s, Unit::second, 0.0, 1e-3, "Time of one access");
}

Memory::Memory(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      mem_in("mem_in"),
      config_(config),
      latency_(to_time(config.latency_s)) {
  void* const pages = mmap(nullptr, config.size_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED)
    user_error("'{}': the host cannot give {} of memory", this->name(),
               format_quantity(static_cast<double>(config.size_bytes), Unit::byte));
  data_ = static_cast<std::uint8_t*>(pages);
  mem_in.register_b_transport(this, &Memory::b_transport);
  mem_in.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
  mem_in.register_transport_dbg(this, &Memory::transport_dbg);
}

Memory::~Memory() { munmap(data_, config_.size_bytes); }

void Memory::connect(PortDirectory& ports) {
  ports.target("mem_in", mem_in, Link::bus, config_.size_bytes);
}

tlm::tlm_response_status Memory::access(tlm::tlm_generic_payload& txn) {
  const std::uint64_t address = txn.get_address();
  const unsigned length = txn.get_data_length();
  if (address >= config_.size_bytes || length > config_.size_bytes - address)
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (txn.is_write() && config_.read_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (txn.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  unsigned char* const bytes = txn.get_data_ptr();
  const unsigned char* const enables = txn.get_byte_enable_ptr();
  if (enables == nullptr) {
    if (txn.is_read()) std::memcpy(bytes, data_ + address, length);
    if (txn.is_write()) std::memcpy(data_ + address, bytes, length);
  } else {
    const unsigned enable_length = txn.get_byte_enable_length();
    if (enable_length == 0) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    for (unsigned i = 0; i < length; ++i) {
      if (enables[i % enable_length] == 0) continue;
      if (txn.is_read()) bytes[i] = data_[address + i];
      if (txn.is_write()) data_[address + i] = bytes[i];
    }
  }
  (txn.is_write() ? writes_ : reads_) += 1;
  (txn.is_write() ? bytes_written_ : bytes_read_) += length;
  return tlm::TLM_OK_RESPONSE;
}

void Memory::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += latency_;
  txn.set_dmi_allowed(true);
  txn.set_response_status(access(txn));
}

bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(config_.size_bytes - 1);
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  dmi.set_dmi_ptr(data_);
  if (txn.get_address() >= config_.size_bytes || (txn.is_write() && config_.read_only)) {
    dmi.allow_none();
    return false;
  }
  if (config_.read_only) {
    dmi.allow_read();
  } else {
    dmi.allow_read_write();
  }
  return true;
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& txn) {
  const std::uint64_t address = txn.get_address();
  if (address >= config_.size_bytes) return 0;
  const auto count = static_cast<unsigned>(
      std::min<std::uint64_t>(txn.get_data_length(), config_.size_bytes - address));
  if (txn.is_read()) std::memcpy(txn.get_data_ptr(), data_ + address, count);
  // Loaders and debuggers write ROM too.
  if (txn.is_write()) std::memcpy(data_ + address, txn.get_data_ptr(), count);
  return count;
}

void Memory::report(nlohmann::ordered_json& stats) const {
  stats["reads"] = reads_;
  stats["writes"] = writes_;
  stats["bytes_read"] = bytes_read_;
  stats["bytes_written"] = bytes_written_;
}

}  // namespace aimc::memory
