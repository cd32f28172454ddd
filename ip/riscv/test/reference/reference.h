// SPDX-License-Identifier: Apache-2.0
/// What each instruction does, written a second time and as plainly as possible: the tests'
/// opinion, from the ISA manual. It shares no code with the core.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "aimc/riscv/isa.h"

namespace aimc::riscv::reference {

using U32 = std::uint32_t;
using I32 = std::int32_t;

/// Bits `high` to `low` of a word.
constexpr U32 bits(U32 word, unsigned high, unsigned low) {
  U32 value = 0;
  for (unsigned n = low; n <= high; ++n) value |= (word >> n & 1u) << (n - low);
  return value;
}
/// A two's complement number of `width` bits.
constexpr U32 extend(U32 value, unsigned width) {
  for (unsigned n = width; n < 32; ++n) value |= (value >> (width - 1) & 1u) << n;
  return value;
}
constexpr I32 as_signed(U32 value) { return static_cast<I32>(value); }

constexpr U32 rd(U32 word) { return bits(word, 11, 7); }
constexpr U32 rs1(U32 word) { return bits(word, 19, 15); }
constexpr U32 rs2(U32 word) { return bits(word, 24, 20); }
constexpr U32 rs3(U32 word) { return bits(word, 31, 27); }
constexpr U32 funct3(U32 word) { return bits(word, 14, 12); }
constexpr U32 funct7(U32 word) { return bits(word, 31, 25); }
constexpr U32 i_immediate(U32 word) { return extend(bits(word, 31, 20), 12); }
constexpr U32 s_immediate(U32 word) {
  return extend(bits(word, 31, 25) << 5 | bits(word, 11, 7), 12);
}
constexpr U32 b_immediate(U32 word) {
  return extend(bits(word, 31, 31) << 12 | bits(word, 7, 7) << 11 | bits(word, 30, 25) << 5 |
                    bits(word, 11, 8) << 1,
                13);
}
constexpr U32 j_immediate(U32 word) {
  return extend(bits(word, 31, 31) << 20 | bits(word, 19, 12) << 12 | bits(word, 20, 20) << 11 |
                    bits(word, 30, 21) << 1,
                21);
}

struct Trap {
  U32 cause, tval;
};

/// A hart in machine mode with 256 bytes of data at the end of RAM; what is behind them answers
/// with an error.
struct Hart {
  static constexpr U32 kData = 0x8000ff00u, kDataSize = 256;

  U32 x[32] = {}, f[32] = {};
  U32 pc = 0;
  U32 next = 0;         ///< Where execution goes on; preset to the instruction behind.
  U32 target_mask = 1;  ///< Bits of a jump target that must be 0: 1 with C, 3 without.
  bool strict = false;  ///< Unaligned loads and stores trap.
  U32 mstatus = 0, mepc = 0, mscratch = 0, fflags = 0, frm = 0;
  bool user = false;    ///< mret has left machine mode.
  bool sleeps = false;  ///< wfi
  std::optional<U32> reserved;
  std::uint8_t data[kDataSize] = {};
  std::optional<Trap> trap;

  void set_x(U32 index, U32 value) {
    if (index != 0) x[index] = value;
  }
  void raise(U32 cause, U32 tval) { trap = Trap{cause, tval}; }
};

using Execute = void (*)(Hart&, U32 word);
using Rows = std::map<std::string_view, Execute>;

/// By mnemonic. @{
const Rows& integer_rows();  ///< I, M, A, Zicsr, Zifencei and machine mode.
const Rows& float_rows();    ///< F
const Rows& bit_rows();      ///< Zba, Zbb, Zbs
/// @}
/// All of them; null if there is none.
Execute find(std::string_view mnemonic);

/// Name of a 32-bit instruction by opcode and function fields, empty if `isa` has none. A reserved
/// rounding mode is not looked at.
std::string_view mnemonic(U32 word, ExtensionSet isa);

/// An F instruction that rounds, with rounding mode 5 or 6 in the word.
bool reserved_rounding(U32 word);

}  // namespace aimc::riscv::reference
