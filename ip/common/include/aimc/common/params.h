// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "aimc/common/config.h"
#include "aimc/common/quantity.h"

namespace aimc {

/// What `describe` prints of one parameter.
struct ParamInfo {
  std::string name;  ///< Dotted below groups, e.g. "adc.bits".
  std::string brief;
  Unit unit = Unit::none;
  std::string value;   ///< Present value as text with its unit.
  std::string limits;  ///< "1 .. 16", "hardware | trap", or empty.
};

/// Binds the fields of a `Config` struct to names, units, limits and a line of explanation.
///
/// An IP writes one function `void describe(ParamTable&, Config&)`. From it come the reading of
/// platform files, `--set`, `aimc-vp describe`, and the record of parameters in each result.
class ParamTable {
 public:
  /// Integer parameter in [low, high].
  template <class Integer>
  requires std::is_integral_v<Integer> &&
      (!std::is_same_v<Integer, bool>)void integer(const std::string& name, Integer& field,
                                                   Integer low, Integer high,
                                                   const std::string& brief) {
    add_integer(
        name, [&field] { return static_cast<std::int64_t>(field); },
        [&field](std::int64_t value) { field = static_cast<Integer>(value); },
        static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), brief);
  }
  /// Quantity in the SI unit of `unit`, in [low, high].
  void quantity(const std::string& name, double& field, Unit unit, double low, double high,
                const std::string& brief);
  /// Size in bytes, written with a unit ("256 KiB") or as a plain number.
  void bytes(const std::string& name, std::uint64_t& field, std::uint64_t low, std::uint64_t high,
             const std::string& brief);
  /// Address or register value; printed in hexadecimal.
  void address(const std::string& name, std::uint64_t& field, const std::string& brief);
  void flag(const std::string& name, bool& field, const std::string& brief);
  void text(const std::string& name, std::string& field, const std::string& brief);
  /// One word of a closed list.
  void choice(const std::string& name, std::string& field, std::vector<std::string> words,
              const std::string& brief);

  /// Opens a group: names added until `end_group` are prefixed "name.". Groups may nest.
  void begin_group(const std::string& name) { prefix_ += name + "."; }
  void end_group();

  /// Reads a map (nested maps are groups) into the bound fields.
  /// @param what  names the instance in messages.
  /// @throws UserError for an unknown key (lists the known ones with units) or a bad value.
  void read(const ConfigNode& node, std::string_view what);
  /// Sets one parameter by its dotted name. @throws UserError as `read`.
  void set(std::string_view name, const ConfigNode& value, std::string_view what);
  bool has(std::string_view name) const;

  std::vector<ParamInfo> list() const;

 private:
  struct Param {
    std::string name;
    std::string brief;
    Unit unit;
    std::string limits;
    std::function<std::string()> get;
    std::function<void(const ConfigNode&, std::string_view)> set;
  };
  void add_integer(const std::string& name, const std::function<std::int64_t()>& get,
                   std::function<void(std::int64_t)> set, std::int64_t low, std::int64_t high,
                   const std::string& brief);
  void read_into(const ConfigNode& node, const std::string& prefix, std::string_view what);

  std::string prefix_;
  std::vector<Param> params_;
};

}  // namespace aimc
