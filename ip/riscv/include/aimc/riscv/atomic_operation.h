// SPDX-License-Identifier: Apache-2.0
/// What an AMO stores.
#pragma once

#include <algorithm>
#include <cstdint>

#include "aimc/riscv/instruction.h"

namespace aimc::riscv {

/// @param op       One of Op::kAmoSwap .. Op::kAmoMaxu.
/// @param old      The word in memory.
/// @param operand  rs2.
constexpr std::uint32_t amo_result(Op op, std::uint32_t old, std::uint32_t operand) {
  const auto a = static_cast<std::int32_t>(old), b = static_cast<std::int32_t>(operand);
  switch (op) {
    case Op::kAmoAdd:
      return old + operand;
    case Op::kAmoXor:
      return old ^ operand;
    case Op::kAmoAnd:
      return old & operand;
    case Op::kAmoOr:
      return old | operand;
    case Op::kAmoMin:
      return a < b ? old : operand;
    case Op::kAmoMax:
      return a > b ? old : operand;
    case Op::kAmoMinu:
      return std::min(old, operand);
    case Op::kAmoMaxu:
      return std::max(old, operand);
    default:
      return operand;  // swap
  }
}

}  // namespace aimc::riscv
