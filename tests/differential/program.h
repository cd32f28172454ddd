// SPDX-License-Identifier: Apache-2.0
/// Random bare-metal programs that run alike on this core and on QEMU's `virt` machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aimc::differential {

/// What a program is made of: weights of the kinds of units in its body, and the hart it needs.
struct Profile {
  const char* name;
  const char* isa;       ///< For our core.
  const char* qemu_cpu;  ///< The same hart for QEMU.
  bool compressed, atomic, floating, bits;
  // Weights.
  unsigned integer, memory, branch, csr, trap, protection;
  bool locks = false;  ///< Some PMP entries are locked on the way, against machine mode too.
};

/// All profiles; program n of a sweep takes profile n modulo their number.
const std::vector<Profile>& profiles();

constexpr std::uint32_t kRamBase = 0x80000000u;
constexpr std::uint32_t kImageSize = 0x120000u;

/// Makes the image of one program, to be loaded at kRamBase and started there. It repeats a random
/// body `iterations` times, then prints registers, digests and trap counts to the UART as lines of
/// hexadecimal words, and leaves through the finisher.
std::vector<std::uint8_t> make_program(const Profile& profile, std::uint64_t seed,
                                       std::uint32_t iterations);

}  // namespace aimc::differential
