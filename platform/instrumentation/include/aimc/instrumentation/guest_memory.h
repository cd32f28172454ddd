// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace aimc::instrumentation {

/// The guest's memory as the host may see and change it: no simulated time, no side effects.
class GuestMemory {
 public:
  virtual ~GuestMemory() = default;
  /// @returns false if not every byte is memory; `data` is then undefined.
  virtual bool read(std::uint32_t address, void* data, std::size_t length) = 0;
  /// @returns false if not every byte is memory that can be written.
  virtual bool write(std::uint32_t address, const void* data, std::size_t length) = 0;

  /// Name of the device that answers at an address; empty for memory and where nothing answers.
  virtual std::string device_at(std::uint32_t address) const {
    static_cast<void>(address);
    return "";
  }

  std::optional<std::uint32_t> word(std::uint32_t address) {
    std::uint32_t value = 0;
    if (!read(address, &value, sizeof value)) return std::nullopt;
    return value;
  }
};

}  // namespace aimc::instrumentation
