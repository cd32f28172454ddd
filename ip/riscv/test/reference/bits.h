// SPDX-License-Identifier: Apache-2.0
/// Zba, Zbb and Zbs bit by bit: loops instead of the built-in functions that the core uses.
#pragma once

#include "reference.h"

namespace aimc::riscv::reference {

constexpr bool bit(U32 value, unsigned n) { return (value >> n & 1u) != 0; }

/// A word whose bit n is `value_of(n)`.
template <typename Bit>
constexpr U32 each_bit(Bit value_of) {
  U32 result = 0;
  for (unsigned n = 0; n < 32; ++n) {
    if (value_of(n)) result |= U32{1} << n;
  }
  return result;
}

constexpr U32 shift_add(unsigned amount, U32 a, U32 b) {
  for (unsigned n = 0; n < amount; ++n) a += a;
  return a + b;
}
constexpr U32 andn(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, n) && !bit(b, n); });
}
constexpr U32 orn(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, n) || !bit(b, n); });
}
constexpr U32 xnor(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, n) == bit(b, n); });
}
constexpr U32 clz(U32 a) {
  U32 count = 0;
  while (count < 32 && !bit(a, 31 - count)) ++count;
  return count;
}
constexpr U32 ctz(U32 a) {
  U32 count = 0;
  while (count < 32 && !bit(a, count)) ++count;
  return count;
}
constexpr U32 cpop(U32 a) {
  U32 count = 0;
  for (unsigned n = 0; n < 32; ++n) count += bit(a, n) ? 1 : 0;
  return count;
}
constexpr U32 sext_b(U32 a) {
  return each_bit([=](unsigned n) { return bit(a, n < 8 ? n : 7); });
}
constexpr U32 sext_h(U32 a) {
  return each_bit([=](unsigned n) { return bit(a, n < 16 ? n : 15); });
}
constexpr U32 zext_h(U32 a) {
  return each_bit([=](unsigned n) { return n < 16 && bit(a, n); });
}
constexpr U32 min(U32 a, U32 b) { return as_signed(a) < as_signed(b) ? a : b; }
constexpr U32 max(U32 a, U32 b) { return as_signed(a) < as_signed(b) ? b : a; }
constexpr U32 minu(U32 a, U32 b) { return a < b ? a : b; }
constexpr U32 maxu(U32 a, U32 b) { return a < b ? b : a; }
/// The low five bits of `b` are the distance.
constexpr U32 rol(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, (n + 32 - b % 32) % 32); });
}
constexpr U32 ror(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, (n + b % 32) % 32); });
}
constexpr U32 orc_b(U32 a) {
  return each_bit([=](unsigned n) {
    bool any = false;
    for (unsigned m = 0; m < 8; ++m) any = any || bit(a, n / 8 * 8 + m);
    return any;
  });
}
constexpr U32 rev8(U32 a) {
  return each_bit([=](unsigned n) { return bit(a, (3 - n / 8) * 8 + n % 8); });
}
constexpr U32 bclr(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return n != b % 32 && bit(a, n); });
}
constexpr U32 bext(U32 a, U32 b) { return bit(a, b % 32) ? 1 : 0; }
constexpr U32 binv(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return bit(a, n) != (n == b % 32); });
}
constexpr U32 bset(U32 a, U32 b) {
  return each_bit([=](unsigned n) { return n == b % 32 || bit(a, n); });
}

}  // namespace aimc::riscv::reference
