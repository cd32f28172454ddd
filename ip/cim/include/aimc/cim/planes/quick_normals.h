// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "aimc/common/random.h"

namespace aimc::cim {

/// Normal draws for arrays that need one for every conversion, a few times faster than
/// `RandomStream::normals`.
///
/// Draw `element` of an operation is a function of the stream, the operation and the element: a
/// word of Threefry4x32-12 whose key comes from the stream. Its halves pick two of
/// 4096 normal quantiles, whose sum is a normal draw but for its ends: |x| <= 5.2, moments and
/// shares beyond 3 and 4 sigma agree with the normal law (`plane_test.cpp`).
class QuickNormals {
 public:
  static constexpr float kLargest = 5.2f;

  QuickNormals(const RandomStream& stream, std::uint32_t purpose, std::uint64_t operation)
      : key_(stream.at(purpose, operation).block(0)) {}

  /// Fills `out` with elements first, first + 1, ...
  void fill(std::span<float> out, std::uint32_t first) const;

 private:
  std::array<std::uint32_t, 4> key_;
};

}  // namespace aimc::cim
