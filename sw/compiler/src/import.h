// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

#include "network.h"

namespace aimc::compiler {

/// Turns an ONNX graph into a `Network`: shapes worked out, constants taken in, weights and maps
/// from ONNX's channels-first order into channels-last. Mean and standard deviation of the input
/// come from the metadata `aimc.input_mean` and `aimc.input_std` (comma-separated, one number or
/// one a channel), else 0 and 1.
///
/// @param file  Name for messages.
/// @throws UserError that names file, node, operator, shape, and what would fit.
Network import_onnx(const onnx::ModelProto& model, const std::string& file);

/// Comma-separated numbers: one of `channels`, or one for all. @param what  for messages.
std::vector<float> per_channel(const std::string& text, std::size_t channels,
                               const std::string& what);

}  // namespace aimc::compiler
