// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/float_operation.h"

#include "soft_float.h"

namespace aimc::riscv {
namespace {

constexpr std::uint32_t kSign = 0x80000000u;

/// Order of two numbers, none of them a NaN; -0 equals +0.
bool less(std::uint32_t p, std::uint32_t q) {
  if (soft::is_zero(p) && soft::is_zero(q)) return false;
  const bool p_negative = p >> 31, q_negative = q >> 31;
  if (p_negative != q_negative) return p_negative;
  return p_negative ? p > q : p < q;
}

std::uint32_t compare(Op op, std::uint32_t a, std::uint32_t b, std::uint32_t* flags) {
  const bool unordered = soft::is_nan(a) || soft::is_nan(b);
  const bool signaling = soft::is_signaling_nan(a) || soft::is_signaling_nan(b);
  // Only feq is a quiet comparison.
  if (op == Op::kFeq ? signaling : unordered) *flags |= kFlagInvalid;
  if (unordered) return 0;
  if (op == Op::kFlt) return less(a, b);
  return op == Op::kFle ? !less(b, a) : !less(a, b) && !less(b, a);
}

}  // namespace

std::optional<FloatResult> float_operation(Op op, const FloatOperands& operands, RoundingMode rm) {
  const std::uint32_t a = operands.a, b = operands.b, c = operands.c;
  FloatResult result;
  std::uint32_t& value = result.value;
  std::uint32_t* const flags = &result.flags;
  switch (op) {
    case Op::kFmadd:
      value = soft::fma(a, b, c, rm, flags);
      break;
    case Op::kFmsub:
      value = soft::fma(a, b, c ^ kSign, rm, flags);
      break;
    case Op::kFnmsub:
      value = soft::fma(a ^ kSign, b, c, rm, flags);
      break;
    case Op::kFnmadd:
      value = soft::fma(a ^ kSign, b, c ^ kSign, rm, flags);
      break;
    case Op::kFadd:
      value = soft::add(a, b, rm, flags);
      break;
    case Op::kFsub:
      value = soft::add(a, b ^ kSign, rm, flags);
      break;
    case Op::kFmul:
      value = soft::mul(a, b, rm, flags);
      break;
    case Op::kFdiv:
      value = soft::div(a, b, rm, flags);
      break;
    case Op::kFsqrt:
      value = soft::sqrt(a, rm, flags);
      break;
    case Op::kFmin:
      value = soft::min(a, b, flags);
      break;
    case Op::kFmax:
      value = soft::max(a, b, flags);
      break;
    case Op::kFcvtSW:
      value = soft::from_int32(operands.integer, rm, flags);
      break;
    case Op::kFcvtSWu:
      value = soft::from_uint32(operands.integer, rm, flags);
      break;
    case Op::kFcvtWS:
      value = soft::to_int32(a, rm, flags);
      break;
    case Op::kFcvtWuS:
      value = soft::to_uint32(a, rm, flags);
      break;
    case Op::kFeq:
    case Op::kFlt:
    case Op::kFle:
      value = compare(op, a, b, flags);
      break;
    default:
      return std::nullopt;
  }
  return result;
}

}  // namespace aimc::riscv
