// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aimc/common/error.h"

namespace aimc {

/// A tree read from YAML in which every value knows where it stands, so that each later complaint
/// can name file, line and column.
class ConfigNode {
 public:
  enum class Kind { null, scalar, list, map };
  using Entry = std::pair<std::string, ConfigNode>;

  ConfigNode() = default;
  static ConfigNode scalar(std::string text, Location where);
  static ConfigNode map(Location where);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_map() const { return kind_ == Kind::map; }
  bool is_list() const { return kind_ == Kind::list; }
  const Location& where() const { return where_; }

  /// Text of a scalar. @throws UserError if this is a list or a map; `what` names it.
  const std::string& text(std::string_view what) const;
  const std::vector<ConfigNode>& items() const { return items_; }
  const std::vector<Entry>& entries() const { return entries_; }

  /// Value of `key`, or null. Keys keep the order of the file.
  const ConfigNode* find(std::string_view key) const;
  /// Value of `key`. @throws UserError that says `what` lacks it.
  const ConfigNode& require(std::string_view key, std::string_view what) const;
  /// Sets `key` (replacing it, or at the end).
  void set(std::string_view key, ConfigNode value);
  /// Lays `other` over this map: maps merge key by key, everything else replaces.
  void merge(const ConfigNode& other);
  /// Adds the items of another list at the end of this one.
  void append(const ConfigNode& other);
  /// @throws UserError for the first key of this map that is not among `known`.
  void check_keys(const std::vector<std::string>& known, std::string_view what) const;

 private:
  friend ConfigNode load_yaml_text(const std::string& text, const std::string& name);
  friend struct YamlReader;

  Kind kind_ = Kind::null;
  Location where_;
  std::string text_;
  std::vector<ConfigNode> items_;
  std::vector<Entry> entries_;
};

/// Reads a YAML file. @throws UserError with file:line:column for a missing file, a syntax error
/// or a key that stands twice.
ConfigNode load_yaml_file(const std::string& path);

/// The same from memory; `name` stands for the file in messages.
ConfigNode load_yaml_text(const std::string& text, const std::string& name);

/// Readers of scalars; each throws UserError with the node's location.
std::uint64_t to_unsigned(const ConfigNode& node, std::string_view what);
bool to_bool(const ConfigNode& node, std::string_view what);

/// True if `text` matches `pattern` with * and ? as in a shell.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace aimc
