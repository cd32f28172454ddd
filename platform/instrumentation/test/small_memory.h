// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "aimc/instrumentation/guest_memory.h"

namespace aimc::instrumentation {

/// 64 KiB at 0x80000000 and nothing else.
class SmallMemory : public GuestMemory {
 public:
  static constexpr std::uint32_t kBase = 0x80000000, kSize = 0x10000;

  bool read(std::uint32_t address, void* data, std::size_t length) override {
    if (!holds(address, length)) return false;
    std::memcpy(data, &bytes[address - kBase], length);
    return true;
  }
  bool write(std::uint32_t address, const void* data, std::size_t length) override {
    if (!holds(address, length)) return false;
    std::memcpy(&bytes[address - kBase], data, length);
    return true;
  }
  void put(std::uint32_t address, std::uint32_t value) { write(address, &value, sizeof value); }
  void put(std::uint32_t address, const std::string& text) {
    write(address, text.c_str(), text.size() + 1);
  }
  std::string text(std::uint32_t address) const {
    return reinterpret_cast<const char*>(&bytes[address - kBase]);
  }

  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kSize);

 private:
  static bool holds(std::uint32_t address, std::size_t length) {
    return address - kBase < kSize && length <= kSize - (address - kBase);
  }
};

}  // namespace aimc::instrumentation
