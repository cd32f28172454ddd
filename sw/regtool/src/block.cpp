// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

namespace aimc::regtool {
namespace {

std::uint32_t number(const ConfigNode& parent, const char* key, std::uint32_t fallback) {
  const ConfigNode* const node = parent.find(key);
  if (node == nullptr) return fallback;
  const std::uint64_t value = to_unsigned(*node, key);
  if (value > std::numeric_limits<std::uint32_t>::max())
    user_error(node->where(), "'{}': {:#x} does not fit 32 bits", key, value);
  return static_cast<std::uint32_t>(value);
}

std::uint32_t required_number(const ConfigNode& parent, const char* key, const std::string& what) {
  static_cast<void>(parent.require(key, what));
  return number(parent, key, 0);
}

std::string access_of(const ConfigNode& parent, const std::string& what) {
  const ConfigNode& node = parent.require("access", what);
  const std::string& access = node.text("access");
  if (access != "ro" && access != "rw" && access != "wo" && access != "w1c")
    user_error(node.where(), "{}: access '{}'. Known: ro, rw, wo, w1c", what, access);
  return access;
}

void check_reset(const ConfigNode& parent, const std::string& what, const Field& field) {
  if ((std::uint64_t{field.reset} >> field.width) != 0)
    user_error(parent.find("reset")->where(), "{}: reset {:#x} does not fit {} bits", what,
               field.reset, field.width);
}

std::string text(const ConfigNode& parent, const char* key, const std::string& fallback = "") {
  const ConfigNode* const node = parent.find(key);
  return node == nullptr ? fallback : node->text(key);
}

std::string name_of(const ConfigNode& node, std::set<std::string>& taken) {
  const ConfigNode& name = node.require("name", "this entry");
  const std::string& value = name.text("name");
  if (!taken.insert(value).second) user_error(name.where(), "{}: this name stands twice", value);
  return value;
}

const std::vector<ConfigNode>& list(const ConfigNode& parent, const char* key) {
  static const std::vector<ConfigNode> empty;
  const ConfigNode* const node = parent.find(key);
  if (node == nullptr) return empty;
  if (!node->is_list()) user_error(node->where(), "'{}' must be a list", key);
  return node->items();
}

void read_bits(const ConfigNode& node, const std::string& owner, Field& field) {
  const ConfigNode& bits = node.require("bits", owner);
  const std::string& range = bits.text("bits");
  const std::size_t colon = range.find(':');
  const auto part = [&](const std::string& digits) {
    return static_cast<unsigned>(to_unsigned(ConfigNode::scalar(digits, bits.where()), "bits"));
  };
  field.low = part(colon == std::string::npos ? range : range.substr(colon + 1));
  const unsigned high = colon == std::string::npos ? field.low : part(range.substr(0, colon));
  if (high > 31 || high < field.low)
    user_error(bits.where(), "{}: bits {} are not within 31:0, high:low", owner, range);
  field.width = high - field.low + 1;
}

std::vector<Field> read_fields(const ConfigNode& node, const std::string& owner, bool with_access) {
  std::vector<Field> fields;
  std::set<std::string> taken;
  std::uint32_t used = 0;
  for (const ConfigNode& item : list(node, "fields")) {
    item.check_keys({"name", "bits", "access", "reset", "brief"}, owner);
    Field field;
    field.name = name_of(item, taken);
    const std::string full = owner + "." + field.name;
    read_bits(item, full, field);
    field.brief = item.require("brief", full).text("brief");
    field.reset = number(item, "reset", 0);
    check_reset(item, full, field);
    if (with_access) field.access = access_of(item, full);
    if ((used & field.mask()) != 0)
      user_error(item.where(), "{}: bits {} overlap another field", full, field.bits());
    used |= field.mask();
    fields.push_back(std::move(field));
  }
  return fields;
}

Register read_register(const ConfigNode& node, std::set<std::string>& taken) {
  node.check_keys({"name", "offset", "bytes", "access", "reset", "brief", "fields", "array"},
                  "a register");
  Register reg;
  reg.name = name_of(node, taken);
  reg.offset = required_number(node, "offset", reg.name);
  reg.brief = node.require("brief", reg.name).text("brief");
  reg.bytes = number(node, "bytes", 4);
  if (reg.bytes != 1 && reg.bytes != 4)
    user_error(node.where(), "{}: bytes must be 1 or 4", reg.name);
  if (reg.offset % reg.bytes != 0)
    user_error(node.where(), "{}: offset {:#x} is not aligned", reg.name, reg.offset);
  if (const ConfigNode* const array = node.find("array")) {
    array->check_keys({"count", "stride"}, reg.name + ".array");
    reg.count = number(*array, "count", 1);
    reg.stride = number(*array, "stride", 4);
    if (reg.count == 0) user_error(array->where(), "{}: an array of no elements", reg.name);
    if (reg.stride < reg.bytes || reg.stride % reg.bytes != 0)
      user_error(array->where(), "{}: a stride of {} bytes for elements of {}", reg.name,
                 reg.stride, reg.bytes);
  }
  reg.fields = read_fields(node, reg.name, true);
  reg.has_fields = !reg.fields.empty();
  if (!reg.has_fields) {
    Field whole;
    whole.name = "VALUE";
    whole.width = reg.bytes * 8;
    whole.access = access_of(node, reg.name);
    whole.reset = number(node, "reset", 0);
    check_reset(node, reg.name, whole);
    whole.brief = reg.brief;
    reg.fields.push_back(whole);
    return reg;
  }
  for (const char* const key : {"access", "reset"})
    if (const ConfigNode* const stray = node.find(key))
      user_error(stray->where(), "{}: '{}' belongs to the fields here", reg.name, key);
  for (const Field& field : reg.fields)
    if (field.low + field.width > reg.bytes * 8)
      user_error(node.where(), "{}.{}: bits {} of a register of {} bits", reg.name, field.name,
                 field.bits(), reg.bytes * 8);
  return reg;
}

void check_overlaps(const Block& block, const ConfigNode& registers) {
  std::map<std::uint64_t, std::string> used;  // by byte
  for (std::size_t i = 0; i < block.registers.size(); ++i) {
    const Register& reg = block.registers[i];
    for (std::uint32_t n = 0; n < reg.count; ++n) {
      const std::uint64_t offset = reg.offset + std::uint64_t{n} * reg.stride;
      const ConfigNode& node = registers.items()[i];
      if (offset + reg.bytes > block.size)
        user_error(node.where(), "{} at {:#x} lies beyond the block's size {:#x}", reg.name, offset,
                   block.size);
      for (std::uint64_t byte = offset; byte < offset + reg.bytes; ++byte)
        if (const auto [at, fresh] = used.emplace(byte, reg.name); !fresh)
          user_error(node.where(), "{} at {:#x} overlaps {}", reg.name, offset, at->second);
    }
  }
}

}  // namespace

std::string Field::bits() const {
  return width == 1 ? fmt::format("{}", low) : fmt::format("{}:{}", low + width - 1, low);
}

std::uint32_t Register::reset() const {
  std::uint32_t value = 0;
  for (const Field& field : fields) value |= (field.reset << field.low) & field.mask();
  return value;
}

std::string upper(const std::string& text) {
  std::string result = text;
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

Block read_block(const std::string& path) {
  const ConfigNode root = load_yaml_file(path);
  root.check_keys(
      {"ip", "brief", "uses", "size", "constants", "enums", "registers", "structs", "interrupts"},
      "a register description");
  Block block;
  block.source = std::filesystem::path(path).filename().string();
  block.name = root.require("ip", "this file").text("ip");
  block.brief = root.require("brief", block.name).text("brief");
  block.uses = text(root, "uses");
  block.size = required_number(root, "size", block.name);

  std::set<std::string> taken;
  for (const ConfigNode& item : list(root, "constants")) {
    item.check_keys({"name", "value", "brief"}, "a constant");
    block.constants.push_back(
        {name_of(item, taken), text(item, "brief"), number(item, "value", 0)});
  }
  taken.clear();
  for (const ConfigNode& item : list(root, "enums")) {
    item.check_keys({"name", "brief", "values"}, "an enumeration");
    Enumeration enumeration{name_of(item, taken), text(item, "brief"), {}};
    std::set<std::string> values;
    for (const ConfigNode& value : list(item, "values"))
      enumeration.values.push_back(
          {name_of(value, values), text(value, "brief"), number(value, "value", 0)});
    block.enums.push_back(std::move(enumeration));
  }
  taken.clear();
  for (const ConfigNode& item : list(root, "registers"))
    block.registers.push_back(read_register(item, taken));
  if (!block.registers.empty()) check_overlaps(block, *root.find("registers"));
  taken.clear();
  for (const ConfigNode& item : list(root, "structs")) {
    item.check_keys({"name", "brief", "words"}, "a struct");
    Structure structure{name_of(item, taken), text(item, "brief"), {}};
    std::set<std::string> words;
    for (const ConfigNode& word : list(item, "words")) {
      word.check_keys({"name", "brief", "fields"}, structure.name);
      const std::string name = name_of(word, words);
      structure.words.push_back(
          {name, text(word, "brief"), read_fields(word, structure.name + "." + name, false)});
    }
    block.structs.push_back(std::move(structure));
  }
  taken.clear();
  for (const ConfigNode& item : list(root, "interrupts"))
    block.interrupts.push_back({name_of(item, taken), text(item, "brief"), 0});
  return block;
}

}  // namespace aimc::regtool
