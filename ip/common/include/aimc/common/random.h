// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Random123/philox.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace aimc {

/// Counter-based random numbers: a draw is a pure function of
/// (seed, instance, purpose, operation, element), so a run repeats to the bit whatever the order
/// of events, the batch size or the number of threads.
///
/// Generator: Philox4x32-10 (Salmon et al., SC 2011) from the Random123 library.
class RandomStream {
 public:
  /// @param seed      the run's seed (`--seed`).
  /// @param instance  hierarchical instance name; two instances never share numbers.
  RandomStream(std::uint64_t seed, std::string_view instance);

  /// The stream for one purpose (an enumerator of the user's) and one operation (e.g. the number
  /// of the matrix-vector product).
  RandomStream at(std::uint32_t purpose, std::uint64_t operation = 0) const;

  /// Four 32-bit words of block `index`.
  std::array<std::uint32_t, 4> block(std::uint32_t index) const;

  /// Element `element` uniform in [0, 1), 24 bits.
  float uniform(std::uint32_t element) const;

  /// Fills `out` with standard normal deviates, elements first, first + 1, ...
  ///
  /// Box-Muller with 24-bit uniforms and our own polynomials for log, sine and cosine, so that the
  /// bits do not depend on the C library or on fused multiply-add. |x| <= 5.77.
  void normals(std::span<float> out, std::uint32_t first = 0) const;

 private:
  using Philox = r123::Philox4x32;
  Philox::key_type key_{};
  std::uint32_t purpose_ = 0;
  std::uint64_t operation_ = 0;
};

/// 64-bit FNV-1a hash, used to turn names into keys.
std::uint64_t hash64(std::string_view text, std::uint64_t basis = 0xcbf29ce484222325ull);

}  // namespace aimc
