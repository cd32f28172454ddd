// SPDX-License-Identifier: Apache-2.0
/// The random part of a program: units of one to a dozen instructions.
#pragma once

#include <vector>

#include "code.h"
#include "program.h"

namespace aimc::differential {

/// splitmix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  U32 bits() { return static_cast<U32>(next() >> 32); }
  U32 below(U32 limit) { return static_cast<U32>((next() >> 32) * limit >> 32); }
  bool one_in(U32 n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

class Body {
 public:
  Body(Code& code, const Profile& profile, Random& random)
      : code_(code), profile_(profile), random_(random) {}

  /// Emits `units` units and lands all branches.
  void emit(unsigned units);

 private:
  struct Fixup {
    U32 at;    ///< Address of the jump.
    U32 unit;  ///< Where it goes: the unit with this number.
    U32 word;  ///< The instruction without its offset, for 32-bit forms.
    enum { kBranch, kJal, kCompressedJump, kCompressedBranch, kJalr } kind;
  };
  void emit_unit(unsigned unit);
  void integer();
  void compressed_integer();
  void bit_manipulation();
  void random_word();
  void memory();
  void compressed_memory();
  void atomic();
  void floating();
  void floating_memory();
  void jump(unsigned unit);
  void csr();
  void identity_or_counter(U32 rd);
  void trap();
  void switch_privilege();
  void protection();
  void modify_code();
  U32 address_in_data(bool aligned);
  void land(const Fixup& fixup, U32 target);

  U32 any() { return random_.below(32); }  ///< A register to read.
  U32 destination();                       ///< One that may be written, x0 among them.
  U32 short_any() { return 8 + random_.below(8); }
  U32 short_destination() { return 10 + random_.below(6); }
  U32 rounding();

  Code& code_;
  const Profile& profile_;
  Random& random_;
  std::vector<U32> starts_;
  std::vector<Fixup> fixups_;
};

}  // namespace aimc::differential
