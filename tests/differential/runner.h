// SPDX-License-Identifier: Apache-2.0
/// Runs a program on this core and on QEMU.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program.h"

namespace aimc::differential {

struct Result {
  std::string output;       ///< What the program printed.
  std::string first_traps;  ///< The first traps, one in a line, as QEMU's log says it; ours.
  std::string problem;      ///< Why it did not end as it should; empty if it did.
  std::vector<std::uint8_t> memory;  ///< At the end; this core only.
  std::uint64_t instructions = 0;    ///< Retired; this core only.
  std::uint64_t traps = 0;           ///< This core only.
};

Result run_here(const Profile& profile, const std::vector<std::uint8_t>& image);

/// Is there a qemu-system-riscv32?
bool qemu_available();
/// @param trap_log  File for QEMU's log of traps; empty: none.
Result run_qemu(const Profile& profile, const std::vector<std::uint8_t>& image,
                const std::string& trap_log = {});

}  // namespace aimc::differential
