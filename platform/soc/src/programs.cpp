// SPDX-License-Identifier: Apache-2.0
// Programs and data in the platform's memory, seen and written without simulated time.
#include <cstring>

#include "aimc/soc/soc.h"

namespace aimc::soc {

bool Soc::peek(std::uint64_t address, void* data, unsigned length) {
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(static_cast<unsigned char*>(data));
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  txn.set_byte_enable_ptr(nullptr);
  return host_->transport_dbg(txn) == length;
}

void Soc::poke(std::uint64_t address, const std::vector<std::uint8_t>& bytes,
               const std::string& what) {
  if (bytes.empty()) return;
  std::vector<std::uint8_t> copy = bytes;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_WRITE_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(copy.data());
  txn.set_data_length(static_cast<unsigned>(copy.size()));
  txn.set_streaming_width(static_cast<unsigned>(copy.size()));
  txn.set_byte_enable_ptr(nullptr);
  if (host_->transport_dbg(txn) != copy.size())
    user_error("{}: error: {:#010x}-{:#010x} is not memory on this platform", what, address,
               address + copy.size() - 1);
}

void Soc::load_data(std::uint64_t address, std::vector<std::uint8_t> bytes,
                    const std::string& what) {
  for (const ElfImage::Segment& segment : firmware_.segments)
    if (segment.address < address + bytes.size() &&
        address < std::uint64_t{segment.address} + segment.memory_bytes)
      user_error(
          "{}: error: at {:#010x} it would overwrite the firmware's segment {:#010x}-{:#010x}",
          what, address, segment.address, segment.address + segment.memory_bytes - 1);
  poke(address, bytes, what);
  blobs_.push_back({address, std::move(bytes), what});
}

void Soc::load_firmware(ElfImage image) {
  firmware_ = std::move(image);
  tohost_ = firmware_.symbol("tohost");
  for (const ElfImage::Segment& segment : firmware_.segments) {
    // Touching the last byte first tells a segment that does not fit from one that is large.
    std::uint8_t probe = 0;
    if (!peek(segment.address, &probe, 1) ||
        !peek(segment.address + segment.memory_bytes - 1, &probe, 1))
      user_error("{}: error: segment {:#010x}-{:#010x} is not memory on platform {}",
                 firmware_.file, segment.address, segment.address + segment.memory_bytes - 1,
                 description_.name);
  }
  place_programs();
}

void Soc::place_programs() {
  for (const ElfImage::Segment& segment : firmware_.segments) {
    std::vector<std::uint8_t> bytes = segment.bytes;
    bytes.resize(segment.memory_bytes);
    poke(segment.address, bytes, firmware_.file);
  }
  write_reset_vector();
}

/// The reset code of QEMU's virt machine in effect: a0 = hart number, a1 = device tree (none), jump
/// to the program.
void Soc::write_reset_vector() {
  constexpr std::uint64_t kReset = 0x1000;
  const std::uint32_t code[] = {
      0x00000297,  // auipc t0, 0
      0xf1402573,  // csrr  a0, mhartid
      0x00000593,  // li    a1, 0
      0x0182a283,  // lw    t0, 24(t0)
      0x00028067,  // jr    t0
      0x00000000,  // not reached
      firmware_.entry,
  };
  std::vector<std::uint8_t> bytes(sizeof(code));
  std::memcpy(bytes.data(), code, sizeof(code));
  poke(kReset, bytes, "reset vector");
}

/// HTIF: programs for the RISC-V test suites end by writing to the symbol `tohost`. The word is
/// polled, because it is ordinary memory that harts reach without any transaction.
void Soc::watch_tohost() {
  if (!tohost_) return;
  for (;;) {
    wait(to_time(description_.quantum_s));
    std::uint64_t value = 0;
    if (!peek(*tohost_, &value, 8) || value == 0) continue;
    const auto device = static_cast<unsigned>(value >> 56);
    const auto command = static_cast<unsigned>((value >> 48) & 0xff);
    poke(*tohost_, std::vector<std::uint8_t>(8), "tohost");
    if ((value & 1) != 0 && device == 0) {
      finish(static_cast<int>((value & 0xffffffff) >> 1), "tohost");
      return;
    }
    if (device == 1 && command == 1) std::putchar(static_cast<int>(value & 0xff));
  }
}

}  // namespace aimc::soc
