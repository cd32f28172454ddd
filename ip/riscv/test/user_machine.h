// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trap_machine.h"

namespace aimc::riscv {

/// Fields of one byte of pmpcfg.
inline constexpr std::uint32_t kPmpR = 1, kPmpW = 2, kPmpX = 4, kPmpTor = 1 << 3, kPmpNa4 = 2 << 3,
                               kPmpNapot = 3 << 3, kPmpLock = 0x80;

/// pmpaddr of a naturally aligned range of 2^k >= 8 bytes.
constexpr std::uint32_t napot(std::uint32_t address, std::uint32_t size) {
  return address >> 2 | (size / 8 - 1);
}

/// A trap machine whose user mode may do everything (unless the configuration has no PMP): by the
/// last entry, so that tests can put others before it. Stands in machine mode.
struct UserMachine : TrapMachine {
  explicit UserMachine(CoreConfig config = {}) : TrapMachine(config) {
    core.write_csr(kCsrPmpaddr15, ~0u);
    set_entry(15, kPmpNapot | kPmpR | kPmpW | kPmpX);
  }
  /// Sets one byte of pmpcfg, as a program would that reads the word first.
  void set_entry(unsigned entry, std::uint32_t config) {
    const std::uint32_t csr = kCsrPmpcfg0 + entry / 4, shift = 8 * (entry % 4);
    const std::uint32_t old = core.read_csr(csr).value_or(0);
    core.write_csr(csr, (old & ~(0xffu << shift)) | config << shift);
  }
  void set_entry(unsigned entry, std::uint32_t config, std::uint32_t address) {
    core.write_csr(kCsrPmpaddr0 + entry, address);
    set_entry(entry, config);
  }
  void enter_user(std::uint32_t pc = kRam) {
    core.set_privilege(Privilege::kUser);
    core.set_pc(pc);
  }
  /// Back to where the next case starts.
  void restart(std::uint32_t pc = kRam) {
    core.set_privilege(Privilege::kMachine);
    core.set_pc(pc);
  }
  std::uint32_t mstatus() { return *core.read_csr(kCsrMstatus); }
};

}  // namespace aimc::riscv
