// SPDX-License-Identifier: Apache-2.0
/// Instructions as text, from the same table as the decoder.
#pragma once

#include <cstdint>
#include <string>

#include "aimc/riscv/isa.h"

namespace aimc::riscv {

/// One instruction in GNU assembler syntax without aliases, e.g. `addi a0,a0,-1`.
///
/// @param word  As in memory; 16-bit instructions in the low half, shown as what they expand to.
/// @param pc    Address, for branch targets.
/// Words that are no instruction come out as `.word 0x...` or `.half 0x...`.
std::string disassemble(std::uint32_t word, std::uint32_t pc, ExtensionSet isa = kAllExtensions);

/// ABI names: x_name(10) = "a0", f_name(10) = "fa0".
const char* x_name(unsigned index);
const char* f_name(unsigned index);

/// Name of a CSR, e.g. "mstatus"; hexadecimal if it has none here.
std::string csr_name(std::uint32_t address);

}  // namespace aimc::riscv
