// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <algorithm>
#include <cctype>

namespace aimc::platform {

unsigned to_small(const ConfigNode& node, const std::string& what, unsigned low, unsigned high) {
  const std::uint64_t value = to_unsigned(node, what);
  if (value < low || value > high)
    user_error(node.where(), "'{}' is {}; it must be in {} .. {}", what, value, low, high);
  return static_cast<unsigned>(value);
}

std::vector<unsigned> parse_ranges(const ConfigNode& node, const std::string& what) {
  constexpr unsigned kMaxPlace = 63;  // of the largest mesh
  std::vector<unsigned> values;
  const std::string& text = node.text(what);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin);
    const std::size_t dash = part.find('-');
    const auto number = [&](const std::string& digits) {
      return to_small(ConfigNode::scalar(digits, node.where()), what, 0, kMaxPlace);
    };
    const unsigned low = number(part.substr(0, dash));
    const unsigned high = dash == std::string::npos ? low : number(part.substr(dash + 1));
    if (high < low) user_error(node.where(), "'{}': '{}' is not a range such as 0-7", what, part);
    if (values.size() > kMaxPlace)
      user_error(node.where(), "'{}' names more than {} places", what, kMaxPlace + 1);
    for (unsigned value = low; value <= high; ++value) values.push_back(value);
    begin = comma + 1;
  }
  return values;
}

std::uint64_t to_window(const ConfigNode& node, const std::string& what) {
  constexpr std::uint64_t kAlignment = 4096;
  const std::uint64_t value = to_unsigned(node, what);
  if (value % kAlignment != 0)
    user_error(node.where(), "'{}' is {:#x}; it must be a multiple of {:#x}", what, value,
               kAlignment);
  return value;
}

bool is_plain(const std::string& name, std::string_view also) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [also](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || also.find(c) != also.npos;
  });
}

std::string platform_name(const ConfigNode& node) {
  const std::string& name = node.text("platform");
  if (!is_plain(name, "_-."))
    user_error(node.where(), "a platform cannot be called '{}': use letters, digits, _, - and .",
               name);
  return name;
}

}  // namespace aimc::platform
