// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <cstdint>

namespace aimc::firmware {

/// What a driver does to the bus and the hart. Used as a StrictMock: an access that no test expects
/// is a failure.
class Bus {
 public:
  MOCK_METHOD(std::uint32_t, read, (std::uintptr_t address));
  MOCK_METHOD(void, write, (std::uintptr_t address, std::uint32_t value));
  MOCK_METHOD(std::uint8_t, read8, (std::uintptr_t address));
  MOCK_METHOD(void, write8, (std::uintptr_t address, std::uint8_t value));
};

class Hart {
 public:
  MOCK_METHOD(bool, irq_disable, ());
  MOCK_METHOD(void, irq_enable, ());
  MOCK_METHOD(void, wfi, ());
  MOCK_METHOD(std::uint32_t, irq_pending, ());
};

extern Bus* g_bus;
extern Hart* g_hart;

/// A test with a strict bus and hart behind the drivers; accesses are expected in order.
class DriverTest : public ::testing::Test {
 protected:
  DriverTest() {
    g_bus = &bus;
    g_hart = &hart;
  }
  ~DriverTest() override {
    g_bus = nullptr;
    g_hart = nullptr;
  }

  ::testing::StrictMock<Bus> bus;
  ::testing::StrictMock<Hart> hart;
  ::testing::InSequence in_order;
};

}  // namespace aimc::firmware
