// SPDX-License-Identifier: Apache-2.0
// F. A result is found by asking for each candidate, by bisection, on which side of it the exact
// value lies. The comparisons are exact in 113-bit arithmetic, so there is no rounding but the one
// that is written out here, and no flag of the host is looked at.
#include <bit>
#include <cmath>
#include <utility>

#include "reference.h"

namespace aimc::riscv::reference {
namespace {

#if __LDBL_MANT_DIG__ == 113
using Quad = long double;
#else
__extension__ typedef __float128 Quad;
#endif

constexpr U32 kNx = 1, kUf = 2, kOf = 4, kDz = 8, kNv = 16;
constexpr U32 kRne = 0, kRtz = 1, kRdn = 2, kRup = 3, kRmm = 4;
constexpr U32 kSign = 0x80000000u, kInf = 0x7f800000u, kNan = 0x7fc00000u;

bool is_nan(U32 a) { return (a & ~kSign) > kInf; }
bool is_signaling(U32 a) { return is_nan(a) && bits(a, 22, 22) == 0; }
bool is_inf(U32 a) { return (a & ~kSign) == kInf; }
bool is_zero(U32 a) { return (a & ~kSign) == 0; }
bool is_negative(U32 a) { return (a & kSign) != 0; }

/// 2^exponent.
Quad power(int exponent) { return static_cast<Quad>(std::ldexp(1.0, exponent)); }
/// Magnitude of the float with these bits; of infinity's the power of two that would come next.
Quad magnitude(U32 a) {
  const U32 positive = a & ~kSign;
  return positive == kInf ? power(128) : static_cast<Quad>(std::bit_cast<float>(positive));
}
Quad value(U32 a) { return is_negative(a) ? -magnitude(a) : magnitude(a); }
Quad absolute(Quad a) { return a < 0 ? -a : a; }

/// Is a result of this magnitude still below the normal numbers after rounding to 24 bits?
template <typename Side>
bool is_tiny(Side side, U32 rm, bool negative) {
  if (side(power(-126)) >= 0) return false;
  if (rm == kRne || rm == kRmm) return side(power(-126) - power(-151)) < 0;
  const bool away = negative ? rm == kRdn : rm == kRup;
  return !away || side(power(-126) - power(-150)) <= 0;
}

/// Rounds the exact magnitude m > 0. `side(c)` is the sign of m - c.
template <typename Side>
U32 round(Side side, bool negative, U32 rm, U32* flags) {
  const U32 sign = negative ? kSign : 0;
  U32 low = 0, high = kInf + 1;  // m is at least low's and less than high's
  while (high - low > 1) {
    const U32 middle = (low + high) / 2;
    (side(magnitude(middle)) >= 0 ? low : high) = middle;
  }
  if (low != kInf && side(magnitude(low)) == 0) return sign | low;
  *flags |= kNx;
  const bool away = negative ? rm == kRdn : rm == kRup;
  if (low == kInf) {
    *flags |= kOf;
    return sign | (away || rm == kRne || rm == kRmm ? kInf : kInf - 1);
  }
  if (is_tiny(side, rm, negative)) *flags |= kUf;
  const int half = side((magnitude(low) + magnitude(low + 1)) / 2);
  const bool nearest_up = half > 0 || (half == 0 && (rm == kRmm || low % 2 == 1));
  const bool up = away || ((rm == kRne || rm == kRmm) && nearest_up);
  const U32 result = up ? low + 1 : low;
  if (result == kInf) *flags |= kOf;
  return sign | result;
}
/// Rounds an exact number that is not 0.
U32 round(Quad exact, U32 rm, U32* flags) {
  const Quad m = absolute(exact);
  return round([m](Quad c) { return m > c ? 1 : m < c ? -1 : 0; }, exact < 0, rm, flags);
}

/// p + q, where each has at most 48 significant bits.
U32 sum(Quad p, bool p_negative, Quad q, bool q_negative, U32 rm, U32* flags) {
  if (absolute(p) < absolute(q)) {
    std::swap(p, q);
    std::swap(p_negative, q_negative);
  }
  // Far below the last bit only the sign matters, and the sum shall be exact in 113 bits.
  const Quad least = absolute(p) * power(-60);
  if (q != 0 && absolute(q) < least) q = q < 0 ? -least : least;
  if (p + q != 0) return round(p + q, rm, flags);
  if (p_negative == q_negative) return p_negative ? kSign : 0;
  return rm == kRdn ? kSign : 0;
}

/// NaN operands: the result is the canonical NaN, and invalid if one of them signals.
bool any_nan(U32 a, U32 b, U32* flags) {
  if (is_signaling(a) || is_signaling(b)) *flags |= kNv;
  return is_nan(a) || is_nan(b);
}
U32 invalid(U32* flags) {
  *flags |= kNv;
  return kNan;
}

U32 add(U32 a, U32 b, U32 rm, U32* flags) {
  if (any_nan(a, b, flags)) return kNan;
  if (is_inf(a) && is_inf(b) && a != b) return invalid(flags);
  if (is_inf(a) || is_inf(b)) return is_inf(a) ? a : b;
  return sum(value(a), is_negative(a), value(b), is_negative(b), rm, flags);
}
U32 sub(U32 a, U32 b, U32 rm, U32* flags) { return add(a, is_nan(b) ? b : b ^ kSign, rm, flags); }
U32 mul(U32 a, U32 b, U32 rm, U32* flags) {
  if (any_nan(a, b, flags)) return kNan;
  const U32 sign = (a ^ b) & kSign;
  if (is_inf(a) || is_inf(b)) return is_zero(a) || is_zero(b) ? invalid(flags) : sign | kInf;
  return is_zero(a) || is_zero(b) ? sign : round(value(a) * value(b), rm, flags);
}
U32 div(U32 a, U32 b, U32 rm, U32* flags) {
  if (any_nan(a, b, flags)) return kNan;
  const U32 sign = (a ^ b) & kSign;
  if ((is_inf(a) && is_inf(b)) || (is_zero(a) && is_zero(b))) return invalid(flags);
  if (is_inf(a)) return sign | kInf;
  if (is_zero(b)) *flags |= kDz;
  if (is_zero(b)) return sign | kInf;
  if (is_inf(b) || is_zero(a)) return sign;
  const Quad above = magnitude(a), below = magnitude(b);
  const auto side = [=](Quad c) { return above > c * below ? 1 : above < c * below ? -1 : 0; };
  return round(side, sign != 0, rm, flags);
}
U32 sqrt(U32 a, U32 rm, U32* flags) {
  if (any_nan(a, a, flags)) return kNan;
  if (is_zero(a)) return a;
  if (is_negative(a)) return invalid(flags);
  if (is_inf(a)) return a;
  const Quad square = value(a);
  const auto side = [=](Quad c) { return square > c * c ? 1 : square < c * c ? -1 : 0; };
  return round(side, false, rm, flags);
}
/// a * b + c.
U32 fused(U32 a, U32 b, U32 c, U32 rm, U32* flags) {
  const bool undefined = (is_inf(a) && is_zero(b)) || (is_zero(a) && is_inf(b));
  if (undefined) *flags |= kNv;
  if (any_nan(a, b, flags) | any_nan(c, c, flags)) return kNan;
  if (undefined) return kNan;
  const U32 sign = (a ^ b) & kSign;
  if (is_inf(a) || is_inf(b)) return is_inf(c) && c != (sign | kInf) ? invalid(flags) : sign | kInf;
  if (is_inf(c)) return c;
  return sum(value(a) * value(b), sign != 0, value(c), is_negative(c), rm, flags);
}

/// To an integer between `least` and `most`.
U32 to_integer(U32 a, double least, double most, U32 rm, U32* flags) {
  const auto word = [](double v) { return static_cast<U32>(static_cast<std::int64_t>(v)); };
  if (is_nan(a)) *flags |= kNv;
  if (is_nan(a)) return word(most);
  const double exact = is_inf(a) ? (is_negative(a) ? -1e300 : 1e300) : std::bit_cast<float>(a);
  const double below = std::floor(exact), rest = exact - below;
  const bool odd = std::fmod(below, 2.0) != 0;
  const bool tie_up = rm == kRmm ? exact > 0 : odd;
  bool up = rm == kRup && rest > 0;
  if (rm == kRtz) up = exact < 0 && rest > 0;
  if (rm == kRne || rm == kRmm) up = rest > 0.5 || (rest == 0.5 && tie_up);
  const double rounded = up ? below + 1 : below;
  if (rounded < least || rounded > most) {
    *flags |= kNv;
    return word(rounded < least ? least : most);
  }
  if (rest != 0) *flags |= kNx;
  return word(rounded);
}
U32 to_signed(U32 a, U32 rm, U32* flags) {
  return to_integer(a, -2147483648.0, 2147483647.0, rm, flags);
}
U32 to_unsigned(U32 a, U32 rm, U32* flags) { return to_integer(a, 0, 4294967295.0, rm, flags); }
U32 from_signed(U32 a, U32 rm, U32* flags) { return a ? round(Quad(as_signed(a)), rm, flags) : 0; }
U32 from_unsigned(U32 a, U32 rm, U32* flags) { return a ? round(Quad(a), rm, flags) : 0; }

U32 classify(U32 a) {
  const U32 m = a & ~kSign;
  if (is_nan(a)) return is_signaling(a) ? 1u << 8 : 1u << 9;
  const unsigned rank = m == kInf ? 0 : m >= 0x00800000u ? 1 : m != 0 ? 2 : 3;
  return 1u << (is_negative(a) ? rank : 7 - rank);
}
U32 smaller(U32 a, U32 b, bool wants_larger, U32* flags) {
  const bool nan = any_nan(a, b, flags);
  if (nan && is_nan(a)) return is_nan(b) ? kNan : b;
  if (nan) return a;
  if (is_zero(a) && is_zero(b)) return is_negative(wants_larger ? b : a) ? a : b;
  return (value(a) < value(b)) != wants_larger ? a : b;
}

// Instructions.

/// Rounding mode of the instruction; false after raising an illegal instruction.
bool rounding(Hart& h, U32 w, U32* rm) {
  *rm = funct3(w) == 7 ? h.frm : funct3(w);
  if (*rm > 4) h.raise(2, w);
  return *rm <= 4;
}
template <U32 (*kFunction)(U32, U32, U32, U32*)>
void two(Hart& h, U32 w) {
  U32 rm;
  if (rounding(h, w, &rm)) h.f[rd(w)] = kFunction(h.f[rs1(w)], h.f[rs2(w)], rm, &h.fflags);
}
template <U32 (*kFunction)(U32, U32, U32*)>
void one(Hart& h, U32 w) {
  U32 rm;
  if (rounding(h, w, &rm)) h.f[rd(w)] = kFunction(h.f[rs1(w)], rm, &h.fflags);
}
template <bool kNegateProduct, bool kNegateAddend>
void three(Hart& h, U32 w) {
  U32 rm;
  if (!rounding(h, w, &rm)) return;
  const auto negate = [](U32 a, bool yes) { return yes && !is_nan(a) ? a ^ kSign : a; };
  h.f[rd(w)] = fused(negate(h.f[rs1(w)], kNegateProduct), h.f[rs2(w)],
                     negate(h.f[rs3(w)], kNegateAddend), rm, &h.fflags);
}
template <U32 (*kFunction)(U32, U32, U32*)>
void convert_to(Hart& h, U32 w) {
  U32 rm;
  if (rounding(h, w, &rm)) h.set_x(rd(w), kFunction(h.f[rs1(w)], rm, &h.fflags));
}
template <U32 (*kFunction)(U32, U32, U32*)>
void convert_from(Hart& h, U32 w) {
  U32 rm;
  if (rounding(h, w, &rm)) h.f[rd(w)] = kFunction(h.x[rs1(w)], rm, &h.fflags);
}
template <bool kLarger>
void extreme(Hart& h, U32 w) {
  h.f[rd(w)] = smaller(h.f[rs1(w)], h.f[rs2(w)], kLarger, &h.fflags);
}
/// fsgnj, fsgnjn, fsgnjx.
template <unsigned kKind>
void sign(Hart& h, U32 w) {
  const U32 a = h.f[rs1(w)], b = h.f[rs2(w)];
  const bool negative = kKind == 0   ? is_negative(b)
                        : kKind == 1 ? !is_negative(b)
                                     : is_negative(a) != is_negative(b);
  h.f[rd(w)] = bits(a, 30, 0) | (negative ? kSign : 0);
}
/// feq, flt, fle.
template <unsigned kKind>
void compare(Hart& h, U32 w) {
  const U32 a = h.f[rs1(w)], b = h.f[rs2(w)];
  bool result = false;
  if (any_nan(a, b, &h.fflags)) {
    if (kKind != 0) h.fflags |= kNv;
  } else {
    result = kKind == 0   ? value(a) == value(b)
             : kKind == 1 ? value(a) < value(b)
                          : value(a) <= value(b);
  }
  h.set_x(rd(w), result ? 1 : 0);
}
void move_to(Hart& h, U32 w) { h.set_x(rd(w), h.f[rs1(w)]); }
void move_from(Hart& h, U32 w) { h.f[rd(w)] = h.x[rs1(w)]; }
void classes(Hart& h, U32 w) { h.set_x(rd(w), classify(h.f[rs1(w)])); }

}  // namespace

const Rows& float_rows() {
  static const Rows kRows = {
      {"fadd.s", two<add>},
      {"fsub.s", two<sub>},
      {"fmul.s", two<mul>},
      {"fdiv.s", two<div>},
      {"fsqrt.s", one<sqrt>},
      {"fmadd.s", three<false, false>},
      {"fmsub.s", three<false, true>},
      {"fnmsub.s", three<true, false>},
      {"fnmadd.s", three<true, true>},
      {"fsgnj.s", sign<0>},
      {"fsgnjn.s", sign<1>},
      {"fsgnjx.s", sign<2>},
      {"fmin.s", extreme<false>},
      {"fmax.s", extreme<true>},
      {"feq.s", compare<0>},
      {"flt.s", compare<1>},
      {"fle.s", compare<2>},
      {"fclass.s", classes},
      {"fmv.x.w", move_to},
      {"fmv.w.x", move_from},
      {"fcvt.w.s", convert_to<to_signed>},
      {"fcvt.wu.s", convert_to<to_unsigned>},
      {"fcvt.s.w", convert_from<from_signed>},
      {"fcvt.s.wu", convert_from<from_unsigned>},
  };
  return kRows;
}

}  // namespace aimc::riscv::reference
