// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

/// The commands of the activation engine written down a second time: slow, on 128-bit integers,
/// from the descriptor's words alone. Shares no code with the engine.
namespace aimc::activation::testing {

using Bytes = std::vector<std::uint8_t>;
using Words = std::array<std::uint32_t, 16>;  // OP COUNT IN IN2 OUT TABLE BIAS MULTIPLIER ...

/// The bytes due at OUT. SIGMOID and TANH: see `functions` instead.
Bytes reference(const Words& words, const Bytes& sram);

/// SIGMOID and TANH: 128 times the exact value of the function, before rounding to int8.
std::vector<double> functions(const Words& words, const Bytes& sram);

/// What a random command shall be like.
struct Wish {
  std::uint32_t opcode = 1;
  std::uint32_t in_type = 0;  ///< 0 int8, 1 uint8, 2 int32
  bool out_int32 = false;
  bool per_channel = false;
  bool count_pad = false;
  std::uint32_t count = 1;
};

/// A good command with random contents and operands in `sram` (64 KiB); the same for the same seed.
struct Example {
  Words words{};
  Bytes sram;
};
Example example(const Wish& wish, std::uint64_t seed);

}  // namespace aimc::activation::testing
