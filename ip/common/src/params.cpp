// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/params.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace aimc {
namespace {

std::string range_text(const std::string& low, const std::string& high) {
  return fmt::format("{} .. {}", low, high);
}

std::int64_t to_integer(const ConfigNode& node, std::string_view what) {
  const std::string& text = node.text(what);
  if (text.starts_with('-')) {
    std::int64_t value = 0;
    const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status == std::errc() && rest == text.data() + text.size()) return value;
  }
  return static_cast<std::int64_t>(to_unsigned(node, what));
}

}  // namespace

void ParamTable::add_integer(const std::string& name, const std::function<std::int64_t()>& get,
                             std::function<void(std::int64_t)> set, std::int64_t low,
                             std::int64_t high, const std::string& brief) {
  const std::string limits = range_text(std::to_string(low), std::to_string(high));
  params_.push_back(
      {prefix_ + name, brief, Unit::none, limits, [get] { return std::to_string(get()); },
       [set = std::move(set), low, high, limits](const ConfigNode& node, std::string_view what) {
         const std::int64_t value = to_integer(node, what);
         if (value < low || value > high)
           user_error(node.where(), "'{}' is {}; it must be in {}", what, value, limits);
         set(value);
       }});
}

void ParamTable::quantity(const std::string& name, double& field, Unit unit, double low,
                          double high, const std::string& brief) {
  const std::string limits = range_text(format_quantity(low, unit), format_quantity(high, unit));
  params_.push_back(
      {prefix_ + name, brief, unit, limits, [&field, unit] { return format_quantity(field, unit); },
       [&field, unit, low, high, limits](const ConfigNode& node, std::string_view what) {
         double value = 0.0;
         try {
           value = parse_quantity(node.text(what), unit);
         } catch (const UserError& error) {
           user_error(node.where(), "'{}': {}", what, error.what());
         }
         if (value < low || value > high)
           user_error(node.where(), "'{}' is {}; it must be in {}", what,
                      format_quantity(value, unit), limits);
         field = value;
       }});
}

void ParamTable::bytes(const std::string& name, std::uint64_t& field, std::uint64_t low,
                       std::uint64_t high, const std::string& brief) {
  const auto text = [](std::uint64_t value) {
    return format_quantity(static_cast<double>(value), Unit::byte);
  };
  const std::string limits = range_text(text(low), text(high));
  params_.push_back(
      {prefix_ + name, brief, Unit::byte, limits, [&field, text] { return text(field); },
       [&field, low, high, limits](const ConfigNode& node, std::string_view what) {
         const std::string& written = node.text(what);
         std::uint64_t value = 0;
         if (written.starts_with("0x")) {
           value = to_unsigned(node, what);
         } else {
           try {
             const double amount = parse_quantity(written, Unit::byte);
             if (amount != std::floor(amount))
               user_error("'{}' is not a whole number of bytes", written);
             // Beyond any limit, and the conversion would be undefined.
             value = amount >= 0x1p63 || amount < 0 ? std::numeric_limits<std::uint64_t>::max()
                                                    : static_cast<std::uint64_t>(amount);
           } catch (const UserError& error) {
             user_error(node.where(), "'{}': {}", what, error.what());
           }
         }
         if (value < low || value > high)
           user_error(node.where(), "'{}' is {}; it must be in {}", what, written, limits);
         field = value;
       }});
}

void ParamTable::address(const std::string& name, std::uint64_t& field, const std::string& brief) {
  params_.push_back({prefix_ + name, brief, Unit::none, "",
                     [&field] { return fmt::format("{:#010x}", field); },
                     [&field](const ConfigNode& node, std::string_view what) {
                       field = to_unsigned(node, what);
                     }});
}

void ParamTable::flag(const std::string& name, bool& field, const std::string& brief) {
  params_.push_back(
      {prefix_ + name, brief, Unit::none, "true | false",
       [&field] { return std::string(field ? "true" : "false"); },
       [&field](const ConfigNode& node, std::string_view what) { field = to_bool(node, what); }});
}

void ParamTable::text(const std::string& name, std::string& field, const std::string& brief) {
  params_.push_back(
      {prefix_ + name, brief, Unit::none, "", [&field] { return field; },
       [&field](const ConfigNode& node, std::string_view what) { field = node.text(what); }});
}

void ParamTable::choice(const std::string& name, std::string& field, std::vector<std::string> words,
                        const std::string& brief) {
  const std::string limits = join(words, " | ");
  params_.push_back(
      {prefix_ + name, brief, Unit::none, limits, [&field] { return field; },
       [&field, words = std::move(words)](const ConfigNode& node, std::string_view what) {
         const std::string& word = node.text(what);
         if (std::find(words.begin(), words.end(), word) == words.end())
           user_error(node.where(), "'{}' is '{}'. Known: {}", what, word, join(words));
         field = word;
       }});
}

void ParamTable::end_group() {
  prefix_.pop_back();
  const std::size_t dot = prefix_.rfind('.');
  prefix_.resize(dot == std::string::npos ? 0 : dot + 1);
}

void ParamTable::read(const ConfigNode& node, std::string_view what) {
  if (node.is_null()) return;
  if (!node.is_map()) user_error(node.where(), "the parameters of '{}' must be a map", what);
  read_into(node, "", what);
}

void ParamTable::read_into(const ConfigNode& node, const std::string& prefix,
                           std::string_view what) {
  for (const ConfigNode::Entry& entry : node.entries()) {
    const std::string group = prefix + entry.first + ".";
    const bool known = std::any_of(params_.begin(), params_.end(), [&](const Param& param) {
      return param.name.starts_with(group);
    });
    if (entry.second.is_map() && known) {
      read_into(entry.second, group, what);
    } else {
      set(prefix + entry.first, entry.second, what);
    }
  }
}

void ParamTable::set(std::string_view name, const ConfigNode& value, std::string_view what) {
  for (const Param& param : params_) {
    if (param.name != name) continue;
    param.set(value, fmt::format("{}.{}", what, name));
    return;
  }
  std::vector<std::string> known;
  for (const Param& param : params_)
    known.push_back(param.unit == Unit::none
                        ? param.name
                        : fmt::format("{} [{}]", param.name, symbol(param.unit)));
  user_error(value.where(), "'{}' has no parameter '{}'. Known: {}", what, name, join(known));
}

bool ParamTable::has(std::string_view name) const {
  return std::any_of(params_.begin(), params_.end(),
                     [&](const Param& param) { return param.name == name; });
}

std::vector<ParamInfo> ParamTable::list() const {
  std::vector<ParamInfo> infos;
  for (const Param& param : params_)
    infos.push_back({param.name, param.brief, param.unit, param.get(), param.limits});
  return infos;
}

}  // namespace aimc
