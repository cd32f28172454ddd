// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/instrumentation/guest_memory.h"
#include "aimc/soc/soc.h"

namespace aimc::soc {

/// The bus of a platform as the host's services see it.
class SocMemory : public instrumentation::GuestMemory {
 public:
  explicit SocMemory(Soc& soc) : soc_(soc) {}

  bool read(std::uint32_t address, void* data, std::size_t length) override {
    return soc_.debug_read(address, {static_cast<std::uint8_t*>(data), length}) == length;
  }
  bool write(std::uint32_t address, const void* data, std::size_t length) override {
    return soc_.debug_write(address, {static_cast<const std::uint8_t*>(data), length}) == length;
  }

 private:
  Soc& soc_;
};

}  // namespace aimc::soc
