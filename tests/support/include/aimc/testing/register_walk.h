// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "aimc/common/register_map.h"
#include "aimc/testing/bus_master.h"

namespace aimc::testing {

/// Visits every register of a block through its socket: reset value, then the write policy of each
/// bit. Arrays are visited at their first, second and last element.
struct RegisterWalk {
  /// Registers whose value shows state, such as a timer: the reset value is not compared.
  std::set<std::string> live;
  /// Registers where an access does more than store: no write is tried.
  std::set<std::string> acting;
  /// Elements of each array that the instance has; 0 for all of the map.
  std::uint32_t elements = 0;
  /// Where the block's registers begin at the socket.
  std::uint64_t base = 0;

  void run(BusMaster& bus, const RegisterMap& map) const {
    std::size_t visited = 0;
    for (const RegisterInfo& info : map.registers) {
      std::uint32_t count = info.count;
      if (count > 1 && elements != 0 && elements < count) count = elements;
      for (const std::uint32_t index : std::set<std::uint32_t>{0, count > 1 ? 1u : 0u, count - 1}) {
        visit(bus, info, index);
        ++visited;
      }
    }
    EXPECT_GE(visited, map.registers.size());
  }

 private:
  static std::uint32_t load(BusMaster& bus, const RegisterInfo& info, std::uint64_t address) {
    std::uint32_t value = 0;
    bus.status = bus.transfer(tlm::TLM_READ_COMMAND, address, &value, info.bytes);
    EXPECT_EQ(bus.status, tlm::TLM_OK_RESPONSE) << info.name << " cannot be read";
    return value;
  }

  void visit(BusMaster& bus, const RegisterInfo& info, std::uint32_t index) const {
    const std::uint64_t address = base + info.offset + std::uint64_t{index} * info.stride;
    SCOPED_TRACE(std::string(info.name) + "[" + std::to_string(index) + "]");
    const std::uint32_t write_only = info.mask(Access::wo);
    const bool is_live = live.contains(info.name);
    const std::uint32_t reset = load(bus, info, address);
    if (!is_live) {
      EXPECT_EQ(reset, info.reset & ~write_only) << "reset value";
    }
    if (acting.contains(info.name)) return;

    const std::uint32_t stored = info.mask(Access::rw);
    const std::uint32_t clearing = info.mask(Access::w1c);
    if ((stored | clearing | write_only) == 0) {
      std::uint32_t ones = 0xffffffffu;
      EXPECT_NE(bus.transfer(tlm::TLM_WRITE_COMMAND, address, &ones, info.bytes),
                tlm::TLM_OK_RESPONSE)
          << "a read-only register took a write";
      if (!is_live) {
        EXPECT_EQ(load(bus, info, address), reset);
      }
      return;
    }
    for (const std::uint32_t pattern : {0xffffffffu, 0x55555555u, 0xaaaaaaaau, 0u}) {
      const std::uint32_t before = load(bus, info, address);
      std::uint32_t data = pattern;
      EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, address, &data, info.bytes),
                tlm::TLM_OK_RESPONSE);
      const std::uint32_t kept = before & ~stored & ~(clearing & pattern);
      EXPECT_EQ(load(bus, info, address), kept | (pattern & stored)) << "after " << pattern;
    }
    std::uint32_t back = reset & stored;
    bus.transfer(tlm::TLM_WRITE_COMMAND, address, &back, info.bytes);
  }
};

}  // namespace aimc::testing
