// SPDX-License-Identifier: Apache-2.0
/// What an instruction of the F extension computes, from its operands alone.
#pragma once

#include <cstdint>
#include <optional>

#include "aimc/riscv/csr.h"
#include "aimc/riscv/instruction.h"

namespace aimc::riscv {

/// Bit patterns of the operands; an instruction looks at those it has.
struct FloatOperands {
  std::uint32_t a = 0;        ///< rs1 as an f register
  std::uint32_t b = 0;        ///< rs2
  std::uint32_t c = 0;        ///< rs3
  std::uint32_t integer = 0;  ///< rs1 as an x register
};

struct FloatResult {
  std::uint32_t value = 0;  ///< For the f or x register that the instruction writes.
  std::uint32_t flags = 0;  ///< Raised by this instruction (FpFlag).
};

/// Computes in integers, for any rounding mode, whatever the host's FPU is set to.
/// @param rm  The mode of instructions that round; not kRoundDynamic.
/// @return empty for instructions that can raise no flag (moves, sign injection, class) and for
///         those that are not of F.
std::optional<FloatResult> float_operation(Op op, const FloatOperands& operands, RoundingMode rm);

}  // namespace aimc::riscv
