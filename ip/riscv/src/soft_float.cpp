// SPDX-License-Identifier: Apache-2.0
#include "soft_float.h"

#include <bit>
#include <utility>

namespace aimc::riscv::soft {
namespace {

using U32 = std::uint32_t;
using U64 = std::uint64_t;
__extension__ using U128 = unsigned __int128;

/// A finite number that is not zero: mantissa * 2^exponent, mantissa in [2^23, 2^24).
struct Finite {
  bool negative;
  int exponent;
  U64 mantissa;
};

Finite unpack(U32 a) {
  const int biased = static_cast<int>(a >> 23 & 0xffu);
  U64 mantissa = a & 0x7fffffu;
  int exponent = -149;
  if (biased) {
    mantissa |= 0x800000u;
    exponent = biased - 150;
  } else {
    const int shift = std::countl_zero(static_cast<U32>(mantissa)) - 8;
    mantissa <<= shift;
    exponent -= shift;
  }
  return {(a >> 31) != 0, exponent, mantissa};
}

/// Shifts right and keeps the information "something was lost" in the lowest bit.
template <class T>
T shift_right_jam(T value, unsigned count) {
  if (count == 0) return value;
  if (count >= sizeof(T) * 8) return value != 0;
  return (value >> count) | ((value & ((T{1} << count) - 1)) != 0);
}

bool rounds_up(bool negative, bool odd, bool half, bool rest, RoundingMode rm) {
  switch (rm) {
    case kRoundNearestEven:
      return half && (rest || odd);
    case kRoundNearestMaxMagnitude:
      return half;
    case kRoundDown:
      return negative && (half || rest);
    case kRoundUp:
      return !negative && (half || rest);
    default:
      return false;
  }
}

/// Rounds off the low `drop` (1..63) bits.
U64 round_off(bool negative, U64 value, unsigned drop, RoundingMode rm, bool* inexact) {
  const U64 kept = value >> drop;
  const bool half = (value >> (drop - 1) & 1u) != 0;
  const bool rest = (value & ((U64{1} << (drop - 1)) - 1)) != 0;
  *inexact = half || rest;
  return kept + (rounds_up(negative, kept & 1u, half, rest, rm) ? 1 : 0);
}

/// Packs mantissa * 2^exponent (mantissa not zero, lowest bit may be sticky and then at least
/// 26 bits wide).
U32 round_pack(bool negative, int exponent, U64 mantissa, RoundingMode rm, U32* flags) {
  const U32 sign = negative ? 0x80000000u : 0;
  const int up = std::countl_zero(mantissa) - 1;  // leading bit to bit 62
  mantissa <<= up;
  const int leading = exponent - up + 62;  // exponent of the leading bit
  bool inexact = false;
  U64 rounded = round_off(negative, mantissa, 39, rm, &inexact);
  if (leading < -126) {
    const bool tiny = leading < -127 || rounded < (U64{1} << 24);
    const U64 shifted = shift_right_jam(mantissa, static_cast<unsigned>(-126 - leading));
    rounded = round_off(negative, shifted, 39, rm, &inexact);
    if (inexact) *flags |= kFlagInexact | (tiny ? U32{kFlagUnderflow} : 0u);
    return sign | static_cast<U32>(rounded);  // a carry makes the smallest normal number
  }
  int biased = leading + 127;
  if (rounded >> 24) {
    rounded >>= 1;
    ++biased;
  }
  if (biased >= 255) {
    *flags |= kFlagOverflow | kFlagInexact;
    const bool to_infinity = rm == kRoundNearestEven || rm == kRoundNearestMaxMagnitude ||
                             (rm == kRoundDown && negative) || (rm == kRoundUp && !negative);
    return sign | (to_infinity ? 0x7f800000u : 0x7f7fffffu);
  }
  if (inexact) *flags |= kFlagInexact;
  return sign | static_cast<U32>(biased) << 23 | (static_cast<U32>(rounded) & 0x7fffffu);
}

U32 nan_result(U32 a, U32 b, U32 c, U32* flags) {
  if (is_signaling_nan(a) || is_signaling_nan(b) || is_signaling_nan(c)) *flags |= kFlagInvalid;
  return kCanonicalNan;
}

U32 invalid(U32* flags) {
  *flags |= kFlagInvalid;
  return kCanonicalNan;
}

U64 integer_sqrt(U64 value) {
  U64 root = 0;
  for (U64 bit = U64{1} << 62; bit; bit >>= 2) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  return root;
}

/// Magnitude of a finite number rounded to an integer; at least 2^33 if it does not fit in 33 bits.
U64 round_to_integer(U32 a, RoundingMode rm, bool* inexact) {
  *inexact = false;
  if (is_zero(a)) return 0;
  const Finite f = unpack(a);
  if (f.exponent >= 10) return U64{1} << 33;
  const U64 wide = f.mantissa << 38;  // value = wide * 2^(exponent - 38), wide < 2^62
  const int drop = 38 - f.exponent;
  if (drop >= 63) return round_off(f.negative, 1, 2, rm, inexact);  // below one half
  return round_off(f.negative, wide, static_cast<unsigned>(drop), rm, inexact);
}

}  // namespace

U32 fma(U32 a, U32 b, U32 c, RoundingMode rm, U32* flags) {
  const bool product_negative = ((a ^ b) >> 31) != 0;
  const bool inf_times_zero = (is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b));
  if (inf_times_zero) return invalid(flags);  // also when c is a quiet NaN
  if (is_nan(a) || is_nan(b) || is_nan(c)) return nan_result(a, b, c, flags);
  if (is_infinite(a) || is_infinite(b)) {
    if (is_infinite(c) && product_negative != (c >> 31 != 0)) return invalid(flags);
    return product_negative ? 0xff800000u : 0x7f800000u;
  }
  if (is_infinite(c)) return c;
  const U32 zero_of_difference = rm == kRoundDown ? 0x80000000u : 0;
  if (is_zero(a) || is_zero(b)) {
    if (!is_zero(c)) return c;
    return product_negative == (c >> 31 != 0) ? c : zero_of_difference;
  }
  const Finite x = unpack(a), y = unpack(b);
  // Both terms with their leading bit near the top of 128 bits, so that the smaller one can be
  // shifted down and only the far end be lost into the sticky bit.
  U128 big = U128{x.mantissa * y.mantissa} << 76;
  int big_exponent = x.exponent + y.exponent - 76;
  bool negative = product_negative;
  if (!is_zero(c)) {
    const Finite z = unpack(c);
    U128 small = U128{z.mantissa} << 100;
    int small_exponent = z.exponent - 100;
    bool small_negative = z.negative;
    if (small_exponent > big_exponent) {
      std::swap(big, small);
      std::swap(big_exponent, small_exponent);
      std::swap(negative, small_negative);
    }
    small = shift_right_jam(small, static_cast<unsigned>(big_exponent - small_exponent));
    if (negative == small_negative) {
      big += small;
    } else if (big == small) {
      return zero_of_difference;
    } else if (big > small) {
      big -= small;
    } else {
      big = small - big;
      negative = small_negative;
    }
  }
  if (const U64 high = static_cast<U64>(big >> 64); high) {
    const unsigned down = 65u - static_cast<unsigned>(std::countl_zero(high));
    big = shift_right_jam(big, down);
    big_exponent += static_cast<int>(down);
  }
  return round_pack(negative, big_exponent, static_cast<U64>(big), rm, flags);
}

U32 add(U32 a, U32 b, RoundingMode rm, U32* flags) { return fma(a, 0x3f800000u, b, rm, flags); }

U32 mul(U32 a, U32 b, RoundingMode rm, U32* flags) {
  const U32 sign = (a ^ b) & 0x80000000u;
  if ((is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b))) return invalid(flags);
  if (is_nan(a) || is_nan(b)) return nan_result(a, b, 0, flags);
  if (is_infinite(a) || is_infinite(b)) return sign | 0x7f800000u;
  if (is_zero(a) || is_zero(b)) return sign;
  const Finite x = unpack(a), y = unpack(b);
  return round_pack(sign != 0, x.exponent + y.exponent, x.mantissa * y.mantissa, rm, flags);
}

U32 div(U32 a, U32 b, RoundingMode rm, U32* flags) {
  const U32 sign = (a ^ b) & 0x80000000u;
  if (is_nan(a) || is_nan(b)) return nan_result(a, b, 0, flags);
  if (is_infinite(a)) return is_infinite(b) ? invalid(flags) : sign | 0x7f800000u;
  if (is_infinite(b)) return sign;
  if (is_zero(b)) {
    if (is_zero(a)) return invalid(flags);
    *flags |= kFlagDivideByZero;
    return sign | 0x7f800000u;
  }
  if (is_zero(a)) return sign;
  const Finite x = unpack(a), y = unpack(b);
  const U64 dividend = x.mantissa << 38;
  const U64 quotient = dividend / y.mantissa | (dividend % y.mantissa != 0);
  return round_pack(sign != 0, x.exponent - y.exponent - 38, quotient, rm, flags);
}

U32 sqrt(U32 a, RoundingMode rm, U32* flags) {
  if (is_nan(a)) return nan_result(a, 0, 0, flags);
  if (is_zero(a)) return a;
  if (a >> 31) return invalid(flags);
  if (is_infinite(a)) return a;
  const Finite x = unpack(a);
  const int shift = (x.exponent & 1) ? 39 : 38;  // make the exponent even
  const U64 radicand = x.mantissa << shift;
  const U64 root = integer_sqrt(radicand);
  return round_pack(false, (x.exponent - shift) / 2, root | (root * root != radicand), rm, flags);
}

U32 to_int32(U32 a, RoundingMode rm, U32* flags) {
  const bool negative = a >> 31;
  const U32 limit = negative && !is_nan(a) ? 0x80000000u : 0x7fffffffu;
  bool inexact = false;
  const U64 magnitude =
      is_nan(a) || is_infinite(a) ? U64{1} << 33 : round_to_integer(a, rm, &inexact);
  if (magnitude > (negative ? 0x80000000u : 0x7fffffffu)) {
    *flags |= kFlagInvalid;
    return limit;
  }
  if (inexact) *flags |= kFlagInexact;
  return static_cast<U32>(negative ? 0 - magnitude : magnitude);
}

U32 to_uint32(U32 a, RoundingMode rm, U32* flags) {
  const bool negative = (a >> 31) && !is_nan(a);
  bool inexact = false;
  const U64 magnitude =
      is_nan(a) || is_infinite(a) ? U64{1} << 33 : round_to_integer(a, rm, &inexact);
  if (magnitude > (negative ? 0u : 0xffffffffu)) {
    *flags |= kFlagInvalid;
    return negative ? 0 : 0xffffffffu;
  }
  if (inexact) *flags |= kFlagInexact;
  return static_cast<U32>(magnitude);
}

U32 from_int32(U32 a, RoundingMode rm, U32* flags) {
  if (a == 0) return 0;
  const bool negative = a >> 31;
  return round_pack(negative, 0, negative ? U64{0u - a} : U64{a}, rm, flags);
}

U32 from_uint32(U32 a, RoundingMode rm, U32* flags) {
  return a ? round_pack(false, 0, a, rm, flags) : 0;
}

namespace {
/// Order key: as a signed integer it sorts like the number, -0 below +0.
std::int32_t order_key(U32 a) { return static_cast<std::int32_t>(a >> 31 ? a ^ 0x7fffffffu : a); }
}  // namespace

U32 min(U32 a, U32 b, U32* flags) {
  if (is_signaling_nan(a) || is_signaling_nan(b)) *flags |= kFlagInvalid;
  if (is_nan(a)) return is_nan(b) ? kCanonicalNan : b;
  if (is_nan(b)) return a;
  return order_key(a) <= order_key(b) ? a : b;
}

U32 max(U32 a, U32 b, U32* flags) {
  if (is_signaling_nan(a) || is_signaling_nan(b)) *flags |= kFlagInvalid;
  if (is_nan(a)) return is_nan(b) ? kCanonicalNan : b;
  if (is_nan(b)) return a;
  return order_key(a) >= order_key(b) ? a : b;
}

U32 classify(U32 a) {
  const bool negative = a >> 31;
  if (is_nan(a)) return is_signaling_nan(a) ? 1u << 8 : 1u << 9;
  if (is_infinite(a)) return negative ? 1u << 0 : 1u << 7;
  if (is_zero(a)) return negative ? 1u << 3 : 1u << 4;
  if ((a & 0x7f800000u) == 0) return negative ? 1u << 2 : 1u << 5;
  return negative ? 1u << 1 : 1u << 6;
}

}  // namespace aimc::riscv::soft
