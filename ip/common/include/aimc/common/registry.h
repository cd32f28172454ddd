// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_map.h"

namespace aimc {

/// One kind of block that a platform file may instantiate.
struct IpKind {
  std::string name;
  std::string brief;
  std::vector<const RegisterMap*> registers;
  /// Bytes on the bus of a block that holds more than its registers; 0: it does not.
  std::uint64_t address_space;
  /// Parameters at their defaults, for `describe` and checks.
  std::function<std::vector<ParamInfo>()> defaults;
  /// Parameters as `config` sets them.
  std::function<std::vector<ParamInfo>(const std::string& instance, const ConfigNode& config)>
      parameters;
  std::function<std::unique_ptr<Module>(const std::string& instance, const ConfigNode& config,
                                        Services& services)>
      create;
};

/// Kinds by name. Filled by explicit calls: a self-registering object in a static library can
/// vanish without a word.
class Registry {
 public:
  /// Adds `Block`, which has a nested `Config`, a constructor (name, const Config&, Services&) and,
  /// found by argument-dependent lookup, `void describe(ParamTable&, Block::Config&)`. One with
  /// data windows beside its registers has a constant `kAddressSpace`.
  template <class Block>
  void add(const std::string& name, const std::string& brief,
           std::vector<const RegisterMap*> registers = {}) {
    using Config = typename Block::Config;
    const auto parse = [](const std::string& instance, const ConfigNode& node, Config& config) {
      ParamTable table;
      describe(table, config);
      table.read(node, instance);
      return table.list();
    };
    std::uint64_t address_space = 0;
    if constexpr (requires { Block::kAddressSpace; }) address_space = Block::kAddressSpace;
    add({name, brief, std::move(registers), address_space,
         [parse] {
           Config config;
           return parse("", ConfigNode(), config);
         },
         [parse](const std::string& instance, const ConfigNode& node) {
           Config config;
           return parse(instance, node, config);
         },
         [parse](const std::string& instance, const ConfigNode& node, Services& services) {
           Config config;
           parse(instance, node, config);
           return std::make_unique<Block>(instance.c_str(), config, services);
         }});
  }
  /// @throws UserError if the name is taken.
  void add(IpKind kind);
  /// @throws UserError at `where` that lists the known kinds.
  const IpKind& find(const std::string& name, const Location& where) const;
  const std::vector<IpKind>& kinds() const { return kinds_; }

 private:
  std::vector<IpKind> kinds_;
};

}  // namespace aimc
