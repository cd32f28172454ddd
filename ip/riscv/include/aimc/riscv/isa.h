// SPDX-License-Identifier: Apache-2.0
/// Which instruction groups a hart has: the `isa` string of the platform file as a bit set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aimc::riscv {

/// One bit per instruction group. A row of the instruction table belongs to exactly one group.
enum Extension : std::uint32_t {
  kExtI = 1u << 0,
  kExtM = 1u << 1,
  kExtA = 1u << 2,
  kExtF = 1u << 3,
  kExtC = 1u << 4,
  kExtZicsr = 1u << 5,
  kExtZifencei = 1u << 6,
  kExtZicntr = 1u << 7,
  kExtZba = 1u << 8,
  kExtZbb = 1u << 9,
  kExtZbs = 1u << 10,
};

using ExtensionSet = std::uint32_t;

/// Everything this core implements: rv32imafc_zicsr_zifencei_zicntr_zba_zbb_zbs.
constexpr ExtensionSet kAllExtensions = kExtI | kExtM | kExtA | kExtF | kExtC | kExtZicsr |
                                        kExtZifencei | kExtZicntr | kExtZba | kExtZbb | kExtZbs;

/// Reads an ISA string such as `rv32imafc_zicsr_zifencei` (any case).
///
/// Zicsr, Zifencei and Zicntr are always on, because machine mode needs the first and the platform
/// the other two; naming them is allowed. So is naming zicclsm (misaligned loads and stores), which
/// the `misaligned` parameter decides, and u (user mode), which every hart has.
/// @param text   The ISA string.
/// @param isa    Receives the groups; untouched when the text is wrong.
/// @param error  Receives one sentence that says what is wrong and what would be right.
/// @return true if the text names a hart this core can be.
bool parse_isa(std::string_view text, ExtensionSet* isa, std::string* error);

/// Value of the `misa` CSR for these groups (MXL = 32 bit).
std::uint32_t misa_value(ExtensionSet isa);

}  // namespace aimc::riscv
