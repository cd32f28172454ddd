// SPDX-License-Identifier: Apache-2.0
// Programs and data in the platform's memory, seen and written without simulated time.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "aimc/bus/bus.h"
#include "aimc/instrumentation/htif.h"
#include "aimc/memory/memory.h"
#include "aimc/riscv/hart_module.h"
#include "aimc/soc/soc.h"
#include "aimc/soc/soc_memory.h"

namespace aimc::soc {
namespace {

/// A `tohost` with one half zero is taken for complete when it has not changed for so long: ten
/// instructions of a hart at 1 MHz.
constexpr double kTohostSettles = 10e-6;

}  // namespace

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
  join_tohost();
}

void Soc::place_programs() {
  for (const ElfImage::Segment& segment : firmware_.segments) {
    std::vector<std::uint8_t> bytes = segment.bytes;
    bytes.resize(segment.memory_bytes);
    poke(segment.address, bytes, firmware_.file);
  }
  write_reset_vector();
}

/// The reset code of QEMU's virt machine in effect: a0 = hart number, a1 = device tree or 0, jump
/// to the program. A platform without memory there, or with the program there, starts its harts in
/// the program itself.
void Soc::write_reset_vector() {
  constexpr std::uint64_t kReset = 0x1000, kResetBytes = 28;
  std::uint8_t probe = 0;
  if (!peek(kReset, &probe, 1) || holds_program(kReset, kResetBytes)) {
    for (riscv::HartModule* const hart : blocks<riscv::HartModule>())
      hart->set_start(firmware_.entry);
    return;
  }
  constexpr std::uint32_t kTree = 0x2000;  // one instruction loads it
  const bool tree = !device_tree_.empty() && is_memory(kTree, device_tree_.size()) &&
                    !holds_program(kTree, device_tree_.size());
  if (tree) poke(kTree, device_tree_, "device tree");
  const std::uint32_t code[] = {
      0x00000297,                         // auipc t0, 0
      0xf1402573,                         // csrr  a0, mhartid
      tree ? kTree | 0x5b7 : 0x00000593,  // lui a1, 0x2 or li a1, 0
      0x0182a283,                         // lw    t0, 24(t0)
      0x00028067,                         // jr    t0
      0x00000000,                         // not reached
      firmware_.entry,
  };
  static_assert(sizeof(code) == kResetBytes);
  std::vector<std::uint8_t> bytes(sizeof(code));
  std::memcpy(bytes.data(), code, sizeof(code));
  poke(kReset, bytes, "reset vector");
}

bool Soc::holds_program(std::uint64_t address, std::uint64_t bytes) const {
  return std::ranges::any_of(firmware_.segments, [&](const ElfImage::Segment& segment) {
    return segment.address < address + bytes &&
           address < std::uint64_t{segment.address} + segment.memory_bytes;
  });
}

bool Soc::is_memory(std::uint64_t address, std::uint64_t bytes) const {
  return std::ranges::any_of(ranges_, [&](const Range& range) {
    return range.base <= address && address + bytes <= range.end &&
           dynamic_cast<memory::Memory*>(find(range.instance->name)) != nullptr;
  });
}

/// HTIF: programs for the RISC-V test suites end by writing to the symbol `tohost`. The word is
/// ordinary memory, so harts lose their direct access to it and the bus tells of each write.
void Soc::join_tohost() {
  const auto tohost = firmware_.symbol("tohost");
  auto* const bus = find_block<bus::Bus>();
  if (!tohost || bus == nullptr) return;
  if (!is_memory(*tohost, 8)) {
    guest_warning(name(), fmt::format("{}: tohost at {:#010x} is not memory, the program cannot "
                                      "end by it",
                                      firmware_.file, *tohost));
    return;
  }
  htif_memory_ = std::make_unique<ServiceMemory>(*this, "HTIF");
  htif_ = std::make_unique<instrumentation::Htif>(
      *htif_memory_, *tohost, firmware_.symbol("fromhost"),
      instrumentation::Htif::Host{
          [](char c) {
            std::putchar(c);
            if (c == '\n') std::fflush(stdout);
          },
          [this](int code, const std::string& reason) { finish(code, reason); },
          [this](const std::string& message) { guest_warning(name(), message); }});
  const std::uint64_t last = std::uint64_t{*tohost} + 7;
  for (riscv::HartModule* const hart : blocks<riscv::HartModule>())
    hart->withhold_direct(*tohost, last);
  bus->add_write_listener(
      [this, first = std::uint64_t{*tohost}, last](const tlm::tlm_generic_payload&,
                                                   std::uint64_t address, std::uint64_t length) {
        if (address <= last && address + length > first)
          tohost_written_.notify(sc_core::SC_ZERO_TIME);
      });
}

/// Reads the word and does what it says. @returns whether to look again later.
bool Soc::serve_htif(bool settled) {
  htif_memory_->begin();
  const bool again = htif_->serve(settled);
  if (!outcome_) htif_memory_->end(nullptr);
  return again;
}

void Soc::serve_tohost() {
  if (htif_ == nullptr || !serve_htif(false)) return;
  tohost_settled_.cancel();
  tohost_settled_.notify(to_time(kTohostSettles));
}

void Soc::serve_settled_tohost() {
  if (htif_ != nullptr) serve_htif(true);
}

}  // namespace aimc::soc
