// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/config.h"

#include <fnmatch.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "aimc/common/output_file.h"

namespace aimc {

ConfigNode ConfigNode::scalar(std::string text, Location where) {
  ConfigNode node;
  node.kind_ = Kind::scalar;
  node.text_ = std::move(text);
  node.where_ = std::move(where);
  return node;
}

ConfigNode ConfigNode::map(Location where) {
  ConfigNode node;
  node.kind_ = Kind::map;
  node.where_ = std::move(where);
  return node;
}

const std::string& ConfigNode::text(std::string_view what) const {
  if (kind_ != Kind::scalar) user_error(where_, "'{}' must be a single value", what);
  return text_;
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.first == key; });
  return at == entries_.end() ? nullptr : &at->second;
}

const ConfigNode& ConfigNode::require(std::string_view key, std::string_view what) const {
  const ConfigNode* const value = find(key);
  if (value == nullptr) user_error(where_, "{} has no '{}'", what, key);
  return *value;
}

void ConfigNode::set(std::string_view key, ConfigNode value) {
  for (Entry& entry : entries_) {
    if (entry.first != key) continue;
    entry.second = std::move(value);
    return;
  }
  entries_.emplace_back(std::string(key), std::move(value));
}

void ConfigNode::merge(const ConfigNode& other) {
  if (!is_map() || !other.is_map()) {
    *this = other;
    return;
  }
  where_ = other.where_;  // the nearest place to mend what is wrong with the sum
  for (const Entry& entry : other.entries_) {
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& mine) { return mine.first == entry.first; });
    if (at == entries_.end()) {
      entries_.push_back(entry);
    } else {
      at->second.merge(entry.second);
    }
  }
}

void ConfigNode::append(const ConfigNode& other) {
  items_.insert(items_.end(), other.items_.begin(), other.items_.end());
}

void ConfigNode::check_keys(const std::vector<std::string>& known, std::string_view what) const {
  for (const Entry& entry : entries_) {
    if (std::find(known.begin(), known.end(), entry.first) != known.end()) continue;
    user_error(entry.second.where(), "{} has no key '{}'. Known: {}", what, entry.first,
               join(known));
  }
}

struct YamlReader {
  // Aliases can make a small file endless, or larger than any memory.
  static constexpr unsigned kMaxDepth = 64;
  static constexpr unsigned kMaxValues = 1'000'000;

  std::string file;
  unsigned depth = 0;
  unsigned values = 0;

  Location at(const YAML::Mark& mark) const { return {file, mark.line + 1, mark.column + 1}; }

  ConfigNode read(const YAML::Node& yaml) {
    if (depth >= kMaxDepth)
      user_error(at(yaml.Mark()), "maps and lists inside each other more than {} deep", kMaxDepth);
    if (++values > kMaxValues)
      user_error(at(yaml.Mark()), "with its aliases the file has more than {} values", kMaxValues);
    ++depth;
    ConfigNode node = read_value(yaml);
    --depth;
    return node;
  }

  ConfigNode read_value(const YAML::Node& yaml) {
    ConfigNode node;
    node.where_ = at(yaml.Mark());
    if (yaml.IsScalar()) {
      node.kind_ = ConfigNode::Kind::scalar;
      node.text_ = yaml.Scalar();
    } else if (yaml.IsSequence()) {
      node.kind_ = ConfigNode::Kind::list;
      for (const YAML::Node& item : yaml) node.items_.push_back(read(item));
    } else if (yaml.IsMap()) {
      node.kind_ = ConfigNode::Kind::map;
      for (const auto& pair : yaml) {
        const std::string& key = pair.first.Scalar();
        if (node.find(key) != nullptr)
          user_error(at(pair.first.Mark()), "'{}' stands twice in one map", key);
        ConfigNode value = read(pair.second);
        // The mark of a null value is wherever the parser stands; its key's place is the useful
        // one.
        if (value.is_null() || value.where_.line <= 0) value.where_ = at(pair.first.Mark());
        node.entries_.emplace_back(key, std::move(value));
      }
    }
    return node;
  }
};

ConfigNode load_yaml_text(const std::string& text, const std::string& name) {
  YamlReader reader{name};
  try {
    return reader.read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    user_error(reader.at(error.mark), "{}", error.msg);
  }
}

ConfigNode load_yaml_file(const std::string& path) {
  return load_yaml_text(read_file(path, "file"), path);
}

std::uint64_t to_unsigned(const ConfigNode& node, std::string_view what) {
  const std::string& text = node.text(what);
  std::string digits = text;
  std::erase(digits, '_');
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  const char* const begin = digits.data() + (hex ? 2 : 0);
  const char* const end = digits.data() + digits.size();
  std::uint64_t value = 0;
  const auto [rest, status] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (status != std::errc() || rest != end || begin == end)
    user_error(node.where(), "'{}' must be a whole number such as 16 or 0x10, not '{}'", what,
               text);
  return value;
}

bool to_bool(const ConfigNode& node, std::string_view what) {
  const std::string& text = node.text(what);
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  user_error(node.where(), "'{}' must be true or false, not '{}'", what, text);
}

bool glob_match(std::string_view pattern, std::string_view text) {
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), 0) == 0;
}

}  // namespace aimc
