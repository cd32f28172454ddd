// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace aimc::platform {

/// Compiles device tree source to the flattened form (version 17) that programs get at start.
///
/// Takes what our own generator writes: nodes with labels; properties that are empty or lists of
/// strings, `<cells>` and `&label` paths; references in cells. No includes, expressions, deletions
/// or overlays. @throws std::logic_error for anything else, since the source is ours.
std::vector<std::uint8_t> compile_device_tree(std::string_view source);

}  // namespace aimc::platform
