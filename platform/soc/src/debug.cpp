// SPDX-License-Identifier: Apache-2.0
// What a debugger sees of the memory map.
#include <algorithm>

#include "aimc/memory/memory.h"
#include "aimc/soc/soc.h"

namespace aimc::soc {
namespace {

/// Goes from target to target, because a debug access ends where its target ends.
template <class Socket>
std::size_t transfer(Socket& socket, tlm::tlm_command command, std::uint64_t address,
                     unsigned char* data, std::size_t length) {
  constexpr std::size_t kPart = 1u << 16;
  std::size_t done = 0;
  while (done < length) {
    tlm::tlm_generic_payload txn;
    const auto part = static_cast<unsigned>(std::min(length - done, kPart));
    txn.set_command(command);
    txn.set_address(address + done);
    txn.set_data_ptr(data + done);
    txn.set_data_length(part);
    txn.set_streaming_width(part);
    txn.set_byte_enable_ptr(nullptr);
    const unsigned moved = socket->transport_dbg(txn);
    if (moved == 0) break;
    done += std::min(moved, part);
  }
  return done;
}

}  // namespace

std::size_t Soc::debug_read(std::uint64_t address, std::span<std::uint8_t> bytes) {
  return transfer(host_, tlm::TLM_READ_COMMAND, address, bytes.data(), bytes.size());
}

std::size_t Soc::debug_write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  return transfer(host_, tlm::TLM_WRITE_COMMAND, address, copy.data(), copy.size());
}

std::string Soc::device_at(std::uint64_t address) const {
  const auto range = std::ranges::find_if(
      ranges_, [address](const Range& one) { return one.base <= address && address < one.end; });
  if (range == ranges_.end()) return "";
  const platform::Instance& target = *range->instance;
  if (dynamic_cast<memory::Memory*>(find(target.name)) != nullptr) return "";
  if (!target.node) return target.name;
  // A bridge shows the windows of the network's endpoints.
  const platform::NetworkFrame& network = description_.network;
  if (address < network.window_base) return target.name;
  const std::uint64_t endpoint = (address - network.window_base) / network.window_bytes;
  const auto at = std::ranges::find_if(
      description_.instances, [endpoint](const auto& one) { return one.endpoint == endpoint; });
  return at == description_.instances.end() ? target.name : at->name;
}

}  // namespace aimc::soc
