// SPDX-License-Identifier: Apache-2.0
#include "aimc/platform/description.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "aimc/common/params.h"
#include "aimc/common/quantity.h"
#include "values.h"

namespace aimc::platform {
namespace {

namespace fs = std::filesystem;

/// Directories with shipped platforms, most specific first.
std::vector<fs::path> platform_directories() {
  std::vector<fs::path> directories;
  if (const char* const path = std::getenv("AIMC_PLATFORM_PATH")) directories.emplace_back(path);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error)
    directories.push_back(program.parent_path().parent_path() / "share/aimc-vp/platforms");
  directories.emplace_back(AIMC_PLATFORM_DIR);
  return directories;
}

fs::path find_platform(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".yaml"))
    return name_or_path;
  for (const fs::path& directory : platform_directories()) {
    fs::path file = directory / (name_or_path + ".yaml");
    if (fs::exists(file)) return file;
  }
  user_error("there is no platform '{}'. Shipped: {}; or give a path to a .yaml file", name_or_path,
             join(shipped_platforms()));
}

/// Reads a file and lays it over the file it extends. Maps merge key by key; `lines` add up.
ConfigNode load_with_bases(const fs::path& path, std::set<std::string>& open,
                           const Location& from = {}) {
  if (!open.insert(fs::weakly_canonical(path).string()).second)
    user_error(from, "extending {} closes a circle", path.string());
  ConfigNode top = load_yaml_file(path.string());
  if (!top.is_map()) user_error(top.where(), "a platform file must be a map");
  const ConfigNode* const base = top.find("extends");
  if (base == nullptr) return top;
  const fs::path base_path = path.parent_path() / base->text("extends");
  if (!fs::exists(base_path))
    user_error(base->where(),
               "'extends' names {}, which does not exist; write the path of a .yaml file as seen "
               "from this one",
               base_path.string());
  ConfigNode merged = load_with_bases(base_path, open, base->where());
  const ConfigNode* const inherited = merged.find("lines");
  const ConfigNode* const own = top.find("lines");
  if (inherited != nullptr && own != nullptr && inherited->is_list() && own->is_list()) {
    ConfigNode both = *inherited;
    both.append(*own);
    top.set("lines", std::move(both));
  }
  merged.merge(top);
  return merged;
}

/// Sets "adc.bits" in a tree of groups.
void set_path(ConfigNode& params, std::string_view path, const ConfigNode& value) {
  if (!params.is_map()) params = ConfigNode::map(value.where());
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    params.set(path, value);
    return;
  }
  const std::string_view group = path.substr(0, dot);
  ConfigNode inner = ConfigNode::map(value.where());
  if (const ConfigNode* const present = params.find(group)) inner = *present;
  set_path(inner, path.substr(dot + 1), value);
  params.set(group, std::move(inner));
}

void apply_override(Description& description, std::string_view target, const ConfigNode& value) {
  const std::size_t dot = target.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == target.size())
    user_error(value.where(), "'{}' must name an instance and a parameter, e.g. tile*.kind",
               target);
  bool found = false;
  for (Instance& instance : description.instances) {
    if (!glob_match(target.substr(0, dot), instance.name)) continue;
    set_path(instance.params, target.substr(dot + 1), value);
    found = true;
  }
  if (found) return;
  std::vector<std::string> names;
  for (const Instance& instance : description.instances) names.push_back(instance.name);
  user_error(value.where(), "no instance matches '{}'. Instances: {}", target.substr(0, dot),
             join(names));
}

void apply_set_option(Description& description, const std::string& text) {
  const std::size_t equals = text.find('=');
  const Location where{"--set " + text, 0, 0};
  if (equals == std::string::npos)
    user_error(where, "write it as instance.parameter=value, e.g. tile*.kind=ideal");
  apply_override(description, std::string_view(text).substr(0, equals),
                 ConfigNode::scalar(text.substr(equals + 1), where));
}

/// Value of a whole-number parameter of the network, within its limits.
unsigned param_unsigned(const Instance& instance, const char* name, unsigned fallback, unsigned low,
                        unsigned high) {
  ParamTable table;
  unsigned value = fallback;
  table.integer(name, value, low, high, "");
  const ConfigNode* const node = instance.params.is_map() ? instance.params.find(name) : nullptr;
  if (node != nullptr) table.set(name, *node, instance.name);
  return value;
}

std::uint64_t param_bytes(const Instance& instance, const char* name, std::uint64_t fallback) {
  const ConfigNode& params = instance.params;
  ParamTable table;
  std::uint64_t value = fallback;
  table.bytes(name, value, 0, std::uint64_t{1} << 40, "");
  const ConfigNode* const node = params.is_map() ? params.find(name) : nullptr;
  if (node != nullptr) table.set(name, *node, instance.name);
  return value;
}

void add_instances(Description& description, const std::string& key, const ConfigNode& entry) {
  entry.check_keys({"ip", "base", "size", "irq", "at", "params"}, fmt::format("'{}'", key));
  Instance instance;
  instance.name = key;
  if (!is_plain(key, "_"))
    user_error(entry.where(), "an instance cannot be called '{}': use letters, digits and _", key);
  instance.where = entry.where();
  instance.ip = entry.require("ip", fmt::format("'{}'", key)).text("ip");
  if (const ConfigNode* const node = entry.find("base"))
    instance.base = to_unsigned(*node, key + ".base");
  if (const ConfigNode* const node = entry.find("size"))
    instance.size = to_unsigned(*node, key + ".size");
  if (const ConfigNode* const node = entry.find("irq"))
    instance.irq = to_small(*node, key + ".irq", 1, 1023);
  if (const ConfigNode* const node = entry.find("params")) {
    if (!node->is_map() && !node->is_null())
      user_error(node->where(), "the parameters of '{}' must be a map", key);
    instance.params = *node;
  }
  const ConfigNode* const at = entry.find("at");
  if (at == nullptr) {
    description.instances.push_back(std::move(instance));
    return;
  }
  at->check_keys({"x", "y", "port"}, key + ".at");
  const std::vector<unsigned> columns = parse_ranges(at->require("x", key + ".at"), key + ".at.x");
  const std::vector<unsigned> rows = parse_ranges(at->require("y", key + ".at"), key + ".at.y");
  const ConfigNode* const port = at->find("port");
  const unsigned port_number = port == nullptr ? 0 : to_small(*port, key + ".at.port", 0, 63);
  unsigned index = 0;
  for (const unsigned y : rows) {
    for (const unsigned x : columns) {
      Instance one = instance;
      if (columns.size() * rows.size() > 1) one.name = fmt::format("{}{}", key, index++);
      one.node = Node{x, y, port_number};
      description.instances.push_back(std::move(one));
    }
  }
}

/// Fills in what follows from the network: endpoint numbers, window addresses, interrupts.
void place_endpoints(Description& description) {
  NetworkFrame& network = description.network;
  const std::vector<const Instance*> networks = description.of_kind("noc");
  if (!networks.empty()) {
    const Instance& noc = *networks.front();
    network.instance = noc.name;
    network.columns = param_unsigned(noc, "columns", 2, 1, 64);
    network.rows = param_unsigned(noc, "rows", 2, 1, 64);
    network.irq_base = param_unsigned(noc, "irq_base", network.irq_base, 1, 1023);
    network.window_bytes = param_bytes(noc, "window_bytes", network.window_bytes);
    if (const ConfigNode* const base =
            noc.params.is_map() ? noc.params.find("window_base") : nullptr)
      network.window_base = to_window(*base, "noc.window_base");
    if (const ConfigNode* const bytes =
            noc.params.is_map() ? noc.params.find("window_bytes") : nullptr)
      to_window(ConfigNode::scalar(std::to_string(network.window_bytes), bytes->where()),
                "noc.window_bytes");
  }
  std::vector<const Instance*> taken;
  for (Instance& instance : description.instances) {
    if (!instance.node) continue;
    const Node& node = *instance.node;
    if (networks.empty())
      user_error(instance.where, "'{}' sits on a network, but the platform has none",
                 instance.name);
    if (node.x >= network.columns || node.y >= network.rows)
      user_error(instance.where, "'{}' sits at ({}, {}), outside the {} x {} mesh", instance.name,
                 node.x, node.y, network.columns, network.rows);
    const unsigned endpoint =
        node.y * network.columns + node.x + node.port * network.columns * network.rows;
    for (const Instance* const other : taken)
      if (other->endpoint == endpoint)
        user_error(instance.where, "'{}' and '{}' both sit at ({}, {}) port {}", instance.name,
                   other->name, node.x, node.y, node.port);
    instance.endpoint = endpoint;
    if (!instance.base && instance.ip == "noc_bridge")
      user_error(instance.where, "'{}' must say where it answers on the bus: base: {:#x}",
                 instance.name, network.window_base);
    if (!instance.irq) instance.irq = network.irq_base + endpoint;
    if (!instance.base) instance.base = network.window_base + endpoint * network.window_bytes;
    taken.push_back(&instance);
  }
}

/// The window of the network must lie where a bridge answers, or no endpoint can be reached.
void check_bridges(Description& description) {
  std::uint64_t end = description.network.window_base;
  const Instance* farthest = nullptr;
  for (const Instance& instance : description.instances) {
    if (!instance.endpoint) continue;
    const std::uint64_t window_end =
        description.network.window_base +
        (std::uint64_t{*instance.endpoint} + 1) * description.network.window_bytes;
    if (window_end > end) {
      end = window_end;
      farthest = &instance;
    }
  }
  const std::vector<const Instance*> bridges = description.of_kind("noc_bridge");
  if (farthest == nullptr) return;
  if (bridges.empty())
    user_error(farthest->where, "'{}' sits on the network, but no noc_bridge leads there",
               farthest->name);
  for (Instance& instance : description.instances) {
    if (instance.ip != "noc_bridge") continue;
    const std::uint64_t base = *instance.base;
    const ConfigNode* const given =
        instance.params.is_map() ? instance.params.find("base") : nullptr;
    if (given != nullptr && to_unsigned(*given, "base") != base)
      user_error(given->where(), "'{}.base' must equal the instance's base {:#x}", instance.name,
                 base);
    set_path(instance.params, "base",
             ConfigNode::scalar(fmt::format("{:#x}", base), instance.where));
    const std::uint64_t size = instance.size.value_or(param_bytes(instance, "size", 0x40000000));
    if (base <= description.network.window_base && end <= base + size) continue;
    user_error(instance.where,
               "'{}' answers at {:#010x}-{:#010x}, but the windows of the endpoints reach from "
               "{:#010x} to {:#010x} ('{}')",
               instance.name, base, base + size - 1, description.network.window_base, end - 1,
               farthest->name);
  }
}

/// Harts are told apart by their number.
void check_harts(const Description& description) {
  std::map<unsigned, const Instance*> taken;
  for (const Instance* const hart : description.of_kind("riscv")) {
    const unsigned id = param_unsigned(*hart, "hart_id", 0, 0, 4095);
    const auto [other, fresh] = taken.emplace(id, hart);
    if (!fresh)
      user_error(hart->where, "'{}' and '{}' both have hart_id {}", hart->name, other->second->name,
                 id);
  }
}

void find_memory(Description& description, const ConfigNode& top) {
  const ConfigNode* const name = top.find("ram");
  const std::string ram_name = name == nullptr ? "ram0" : name->text("ram");
  const Instance* const ram = description.find(ram_name);
  if (ram == nullptr || !ram->base)
    user_error(top.where(), "the platform has no memory '{}' with a base address", ram_name);
  description.ram_base = *ram->base;
  description.ram_bytes = param_bytes(*ram, "size", 0);
  description.network_image_base =
      to_unsigned(top.require("network_image", "the platform"), "network_image");
  if (description.network_image_base % 8 != 0)
    user_error(top.require("network_image", "the platform").where(),
               "network_image {:#x} must be a multiple of 8", description.network_image_base);
  if (description.network_image_base < description.ram_base ||
      description.network_image_base >= description.ram_base + description.ram_bytes)
    user_error(
        top.require("network_image", "the platform").where(),
        "network_image {:#x} lies outside '{}', which has {} from {:#x}; make '{}' larger or "
        "move network_image",
        description.network_image_base, ram_name,
        format_quantity(static_cast<double>(description.ram_bytes), Unit::byte),
        description.ram_base, ram_name);
}

}  // namespace

const Instance* Description::find(const std::string& instance) const {
  for (const Instance& one : instances)
    if (one.name == instance) return &one;
  return nullptr;
}

std::vector<const Instance*> Description::of_kind(const std::string& ip) const {
  std::vector<const Instance*> found;
  for (const Instance& one : instances)
    if (one.ip == ip) found.push_back(&one);
  return found;
}

std::vector<std::string> shipped_platforms() {
  std::set<std::string> names;
  for (const fs::path& directory : platform_directories()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error))
      if (entry.path().extension() == ".yaml" && !entry.path().stem().string().starts_with("_"))
        names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

Description load_description(const std::string& name_or_path,
                             const std::vector<std::string>& overrides) {
  const fs::path path = find_platform(name_or_path);
  std::set<std::string> open;
  const ConfigNode top = load_with_bases(path, open);
  top.check_keys({"platform", "brief", "extends", "quantum", "ram", "network_image", "instances",
                  "lines", "set"},
                 "a platform file");
  Description description;
  description.file = path.string();
  description.files.assign(open.begin(), open.end());
  description.overrides = overrides;
  description.name = platform_name(top.require("platform", "the platform file"));
  if (const ConfigNode* const brief = top.find("brief")) description.brief = brief->text("brief");
  ParamTable timing;
  timing.quantity("quantum", description.quantum_s, Unit::second, 1e-9, 1.0, "");
  if (const ConfigNode* const quantum = top.find("quantum"))
    timing.set("quantum", *quantum, description.name);

  const ConfigNode& instances = top.require("instances", "the platform file");
  if (!instances.is_map()) user_error(instances.where(), "'instances' must be a map");
  for (const ConfigNode::Entry& entry : instances.entries())
    add_instances(description, entry.first, entry.second);
  if (const ConfigNode* const set = top.find("set")) {
    if (!set->is_map()) user_error(set->where(), "'set' must be a map");
    for (const ConfigNode::Entry& entry : set->entries())
      apply_override(description, entry.first, entry.second);
  }
  for (const std::string& text : overrides) apply_set_option(description, text);
  if (const ConfigNode* const lines = top.find("lines")) {
    if (!lines->is_list()) user_error(lines->where(), "'lines' must be a list");
    for (const ConfigNode& line : lines->items()) {
      line.check_keys({"from", "to"}, "a line");
      description.lines.push_back({line.require("from", "a line").text("from"),
                                   line.require("to", "a line").text("to"), line.where()});
    }
  }
  place_endpoints(description);
  check_bridges(description);
  check_harts(description);
  find_memory(description, top);
  return description;
}

}  // namespace aimc::platform
