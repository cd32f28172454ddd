// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "machine.h"

namespace aimc::riscv {

inline constexpr std::uint32_t kRam = TestMachine::kRam;
inline constexpr std::uint32_t kDevice = TestMachine::kDevice;
inline constexpr std::uint32_t kHandler = kRam + 0x400;

/// A machine whose handler disables interrupts and sleeps.
struct TrapMachine : TestMachine {
  explicit TrapMachine(CoreConfig config = {}) : TestMachine(config) {
    put(kHandler, {assembler::csrrwi(assembler::zero, kCsrMie, 0), assembler::wfi()});
    core.write_csr(kCsrMtvec, kHandler);
  }
  void expect_trap(std::uint32_t cause, std::uint32_t epc, std::uint32_t tval) {
    EXPECT_EQ(core.run(1000).exit, Exit::kWfi);
    EXPECT_EQ(core.pc(), kHandler + 8);
    EXPECT_EQ(core.read_csr(kCsrMcause), cause);
    EXPECT_EQ(core.read_csr(kCsrMepc), epc);
    EXPECT_EQ(core.read_csr(kCsrMtval), tval);
  }
};

}  // namespace aimc::riscv
