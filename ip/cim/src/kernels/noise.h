// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/common/random.h"
#include "kernels.h"

namespace aimc::cim {

/// Noise of one purpose of an instance; its key is a Philox block of the instance's stream.
inline NoiseSource noise_source(const RandomStream& random, std::uint32_t purpose, bool on) {
  const auto words = random.at(purpose).block(0);
  return {{words[0], words[1], words[2], words[3]}, on};
}

}  // namespace aimc::cim
