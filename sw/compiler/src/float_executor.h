// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network.h"

namespace aimc::compiler {

/// Feature maps of one evaluation, in the order of `Network::tensors`.
using FloatMaps = std::vector<std::vector<float>>;

/// Evaluates a network in floating point; works before and after `fuse`.
/// @param input  Values of the input tensor, channels fastest.
FloatMaps evaluate(const Network& network, std::vector<float> input);

/// Values of the input tensor from one sensor record.
/// @param planar  The record holds one plane per channel instead of one pixel after the other.
std::vector<float> input_values(const Network& network, std::span<const std::uint8_t> record,
                                bool planar);

}  // namespace aimc::compiler
