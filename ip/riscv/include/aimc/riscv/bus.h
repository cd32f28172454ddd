// SPDX-License-Identifier: Apache-2.0
/// The seam between the core and the world: what the core asks of memory and time.
#pragma once

#include <cstdint>

namespace aimc::riscv {

enum class AccessKind : std::uint8_t { kFetch, kLoad, kStore };

/// A range of guest addresses the core may reach through a host pointer.
struct DirectRegion {
  std::uint64_t start = 0;       ///< First guest address.
  std::uint64_t end = 0;         ///< Last guest address, inclusive.
  std::uint8_t* host = nullptr;  ///< Host address of `start`.
};

/// Answer to one access.
struct BusResult {
  bool ok = false;           ///< false becomes an access fault of the instruction.
  bool direct_hint = false;  ///< The core may ask `direct` about this address.
};

/// Implemented by the TLM wrapper and by test benches. The core calls it only for addresses it
/// holds no direct region for. During a call, `Core::cycles()` and `Core::instructions()` are exact
/// up to the instruction that makes the access.
class Bus {
 public:
  virtual ~Bus() = default;

  /// Reads `size` (1, 2 or 4) bytes, little-endian, into the low bytes of `*data`.
  /// The address may be unaligned; a device that cannot do that answers `ok = false`.
  virtual BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) = 0;

  /// Writes the low `size` bytes of `data`.
  virtual BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) = 0;

  /// Reads one halfword of an instruction; the address is even.
  virtual BusResult fetch(std::uint32_t address, std::uint16_t* data) = 0;

  /// Asks for a direct region that contains `address` and may be used for `kind`.
  virtual bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) = 0;

  /// May LR, SC and AMO reach this address although it has no direct region? Memory whose direct
  /// access is withdrawn (for a watchpoint, say) answers true, devices false.
  virtual bool atomic_capable(std::uint32_t /*address*/) { return false; }

  /// Value of the `time` CSR at this moment.
  virtual std::uint64_t time() = 0;
};

}  // namespace aimc::riscv
