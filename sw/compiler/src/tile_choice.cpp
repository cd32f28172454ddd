// SPDX-License-Identifier: Apache-2.0
#include "tile_choice.h"

#include <algorithm>
#include <set>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/config.h"

namespace aimc::compiler {

namespace {

std::string kinds_of(const Chip& chip) {
  std::set<std::string> kinds;
  for (const std::size_t tile : chip.tiles) kinds.insert(chip.engines[tile].cim.kind);
  return join(std::vector<std::string>(kinds.begin(), kinds.end()));
}

std::vector<std::string> layers_with_weights(const QuantisedNetwork& network) {
  std::vector<std::string> names;
  for (const QuantisedLayer& layer : network.layers)
    if (layer.fields.type == AIMC_LAYER_CONV) names.push_back(layer.name);
  return names;
}

Pool make_pool(const Chip& chip, std::vector<std::size_t> tiles, std::string what) {
  Pool pool;
  pool.tiles = std::move(tiles);
  pool.what = std::move(what);
  pool.rows = pool.columns = ~0u;
  for (const std::size_t tile : pool.tiles) {
    pool.rows = std::min(pool.rows, chip.engines[tile].cim.rows);
    pool.columns = std::min(pool.columns, chip.engines[tile].cim.columns);
  }
  return pool;
}

std::string rule_text(const TileRule& rule) {
  if (rule.kind.empty()) return fmt::format("tiles '{}'", rule.tiles);
  if (rule.tiles == "*") return fmt::format("tiles of kind {}", rule.kind);
  return fmt::format("tiles '{}' of kind {}", rule.tiles, rule.kind);
}

std::vector<std::size_t> tiles_of_rule(const Chip& chip, const TileRule& rule) {
  std::vector<std::size_t> tiles;
  for (const std::size_t tile : chip.tiles) {
    const Engine& engine = chip.engines[tile];
    if (!rule.kind.empty() && engine.cim.kind != rule.kind) continue;
    if (glob_match(rule.tiles, engine.name)) tiles.push_back(tile);
  }
  if (tiles.empty())
    user_error(rule.where, "platform '{}' has no {}; its tiles are of kind {}", chip.name,
               rule_text(rule), kinds_of(chip));
  return tiles;
}

/// The pool of a rule's tiles; rules with the same tiles share one.
std::size_t pool_of_rule(const Chip& chip, const TileRule& rule, Pools& pools) {
  std::vector<std::size_t> tiles = tiles_of_rule(chip, rule);
  for (std::size_t p = 0; p < pools.pools.size(); ++p) {
    const std::vector<std::size_t>& other = pools.pools[p].tiles;
    if (other == tiles) return p;
    const auto taken = std::find_first_of(tiles.begin(), tiles.end(), other.begin(), other.end());
    if (taken != tiles.end())
      user_error(rule.where,
                 "{} would share {} with the {} of another rule; rules name the same "
                 "tiles or none in common",
                 rule_text(rule), chip.engines[*taken].name, pools.pools[p].what);
  }
  pools.pools.push_back(make_pool(chip, std::move(tiles), rule_text(rule)));
  return pools.pools.size() - 1;
}

}  // namespace

TileChoice read_tile_choice(const std::string& path) {
  const ConfigNode top = load_yaml_file(path);
  top.check_keys({"map"}, "a mapping file");
  const ConfigNode& map = top.require("map", "the mapping file");
  if (!map.is_list())
    user_error(map.where(), "'map' must be a list such as - {{layers: \"conv*\", kind: rom}}");
  TileChoice choice;
  for (const ConfigNode& entry : map.items()) {
    entry.check_keys({"layers", "kind", "tiles"}, "a rule");
    TileRule rule;
    rule.where = entry.where();
    rule.layers = entry.require("layers", "a rule").text("layers");
    if (const ConfigNode* const kind = entry.find("kind")) {
      rule.kind = kind->text("kind");
      const std::vector<std::string> known = cim::array_kind_names();
      if (std::find(known.begin(), known.end(), rule.kind) == known.end())
        user_error(kind->where(), "there is no kind '{}'. Known: {}", rule.kind, join(known));
    }
    if (const ConfigNode* const tiles = entry.find("tiles")) rule.tiles = tiles->text("tiles");
    if (rule.kind.empty() && entry.find("tiles") == nullptr)
      user_error(entry.where(), "a rule needs 'kind' or 'tiles', e.g. kind: rom");
    choice.rules.push_back(std::move(rule));
  }
  return choice;
}

Pools choose_tiles(const QuantisedNetwork& network, const Chip& chip, const TileChoice& choice) {
  Pools pools;
  constexpr std::size_t kRest = ~std::size_t{0};
  pools.of_layer.assign(network.layers.size(), kRest);
  for (const TileRule& rule : choice.rules) {
    bool used = false;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const QuantisedLayer& layer = network.layers[l];
      if (layer.fields.type != AIMC_LAYER_CONV || !glob_match(rule.layers, layer.name)) continue;
      used = true;
      if (pools.of_layer[l] == kRest) pools.of_layer[l] = pool_of_rule(chip, rule, pools);
    }
    if (!used)
      user_error(rule.where, "no layer with weights matches '{}'. Layers: {}", rule.layers,
                 join(layers_with_weights(network)));
  }
  std::set<std::size_t> taken;
  for (const Pool& pool : pools.pools) taken.insert(pool.tiles.begin(), pool.tiles.end());
  std::vector<std::size_t> rest;
  for (const std::size_t tile : chip.tiles)
    if (!taken.contains(tile) && writable(chip.engines[tile])) rest.push_back(tile);
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    if (network.layers[l].fields.type != AIMC_LAYER_CONV || pools.of_layer[l] != kRest) continue;
    if (rest.empty())
      user_error(Location{network.file},
                 "layer '{}' has no tile: platform '{}' has no tile left that firmware can "
                 "program; say with --mapping where its layers go",
                 network.layers[l].name, chip.name);
    pools.of_layer[l] = pools.pools.size();
  }
  if (!rest.empty()) pools.pools.push_back(make_pool(chip, std::move(rest), "programmable tiles"));
  return pools;
}

}  // namespace aimc::compiler
