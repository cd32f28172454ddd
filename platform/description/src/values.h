// SPDX-License-Identifier: Apache-2.0
// Values of a platform file, with their limits. Each throws UserError at the value's place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aimc/common/config.h"

namespace aimc::platform {

/// A whole number within limits; larger ones must not lose their upper half.
unsigned to_small(const ConfigNode& node, const std::string& what, unsigned low, unsigned high);
/// Places on the network: "0-3,5-8" -> 0 1 2 3 5 6 7 8.
std::vector<unsigned> parse_ranges(const ConfigNode& node, const std::string& what);
/// Address or size of endpoints, which must not lie askew: they are reached by words.
std::uint64_t to_window(const ConfigNode& node, const std::string& what);
/// Letters, digits, and what else is allowed.
bool is_plain(const std::string& name, std::string_view also);
/// The platform's name, which gets into comments and strings of what is generated.
std::string platform_name(const ConfigNode& node);

}  // namespace aimc::platform
