// SPDX-License-Identifier: Apache-2.0
// What a debugger sees of the memory map.
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

}  // namespace aimc::soc
