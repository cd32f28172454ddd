// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

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

  std::string device_at(std::uint32_t address) const override { return soc_.device_at(address); }

 private:
  Soc& soc_;
};

/// The same for a service that programs call: observers of the platform learn what a call has read
/// and written, when it is complete.
class ServiceMemory : public SocMemory {
 public:
  /// @param service  Its name in messages; must live as long.
  ServiceMemory(Soc& soc, const char* service) : SocMemory(soc), soc_(soc), service_(service) {}

  bool read(std::uint32_t address, void* data, std::size_t length) override {
    const bool done = SocMemory::read(address, data, length);
    if (done) note(address, length, false);
    return done;
  }
  bool write(std::uint32_t address, const void* data, std::size_t length) override {
    const bool done = SocMemory::write(address, data, length);
    if (done) note(address, length, true);
    return done;
  }

  /// A call begins; accesses outside of calls are not told.
  void begin() {
    accesses_.clear();
    in_call_ = true;
  }
  /// The call is complete. A debugger may stop the platform inside of this.
  void end(const Module* hart) {
    in_call_ = false;
    for (Soc::HostAccess& access : std::exchange(accesses_, {})) {
      access.hart = hart;
      for (const Soc::HostObserver& observer : soc_.host_observers()) observer(access);
    }
  }

 private:
  /// Neighbours become one: texts are read character by character.
  void note(std::uint64_t address, std::uint64_t length, bool write) {
    if (!in_call_ || length == 0 || soc_.host_observers().empty()) return;
    if (!accesses_.empty() && accesses_.back().write == write &&
        accesses_.back().address + accesses_.back().length == address) {
      accesses_.back().length += length;
    } else {
      accesses_.push_back({service_, nullptr, address, length, write});
    }
  }

  Soc& soc_;
  const char* service_;
  bool in_call_ = false;
  std::vector<Soc::HostAccess> accesses_;
};

}  // namespace aimc::soc
