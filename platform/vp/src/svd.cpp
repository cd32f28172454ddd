// SPDX-License-Identifier: Apache-2.0
// The register maps of all blocks as a CMSIS-SVD file, for debuggers and generators of headers.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>

#include "memory_rows.h"
#include "version.h"

namespace aimc::vp {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// Text for XML, on one line.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c == '\n' ? ' ' : c;
    }
  }
  return result;
}

const char* access_of(const RegisterInfo& info) {
  bool read = false, write = false;
  for (const FieldInfo& field : info.fields) {
    read = read || field.access != Access::wo;
    write = write || field.access != Access::ro;
  }
  return write ? (read ? "read-write" : "write-only") : "read-only";
}

void add_field(Out out, const FieldInfo& field) {
  fmt::format_to(out,
                 "            <field>\n"
                 "              <name>{}</name>\n"
                 "              <description>{}</description>\n"
                 "              <bitOffset>{}</bitOffset>\n"
                 "              <bitWidth>{}</bitWidth>\n"
                 "              <access>{}</access>\n",
                 field.name, escaped(field.brief), field.low_bit, field.width,
                 field.access == Access::ro   ? "read-only"
                 : field.access == Access::wo ? "write-only"
                                              : "read-write");
  if (field.access == Access::w1c)
    fmt::format_to(out, "              <modifiedWriteValues>oneToClear</modifiedWriteValues>\n");
  fmt::format_to(out, "            </field>\n");
}

/// Where blocks of one kind stand: a register's elements are the same in all of them.
using Bases = std::vector<std::uint64_t>;

/// What a register is on this platform, which may differ from what its block's table can say.
struct Found {
  std::uint32_t count;                 ///< Elements up to the last that answers.
  std::optional<std::uint32_t> reset;  ///< Empty: not the same everywhere.
};

Found look_at(const RegisterInfo& info, const Bases& bases, const Peek& peek) {
  std::uint32_t count = 0;
  std::optional<std::uint32_t> reset;
  bool same = true;
  for (const std::uint64_t base : bases) {
    for (std::uint32_t i = 0; i < info.count; ++i) {
      const auto value = peek(base + info.offset + std::uint64_t{i} * info.stride, info.bytes);
      if (!value) continue;
      count = std::max(count, i + 1);
      same = same && reset.value_or(*value) == *value;
      reset = value;
    }
  }
  if (count == 0 || std::strcmp(access_of(info), "write-only") == 0)
    return {std::max(count, info.count), info.reset};
  return {count, same ? reset : std::nullopt};
}

void add_register(Out out, const RegisterInfo& info, const Found& found) {
  fmt::format_to(out, "        <register>\n");
  if (info.count > 1)
    fmt::format_to(out, "          <dim>{}</dim>\n          <dimIncrement>{:#x}</dimIncrement>\n",
                   found.count, info.stride);
  // Tools make a C array of "[%s]", which has no gaps; others are lists of single registers.
  const char* const index = info.count <= 1 ? "" : info.stride == info.bytes ? "[%s]" : "%s";
  fmt::format_to(out,
                 "          <name>{}{}</name>\n"
                 "          <description>{}</description>\n"
                 "          <addressOffset>{:#x}</addressOffset>\n"
                 "          <size>{}</size>\n"
                 "          <access>{}</access>\n"
                 "          <resetValue>{:#x}</resetValue>\n",
                 info.name, index, escaped(info.brief), info.offset, 8 * info.bytes,
                 access_of(info), found.reset.value_or(0));
  if (!found.reset) fmt::format_to(out, "          <resetMask>0x0</resetMask>\n");
  if (!info.fields.empty()) {
    fmt::format_to(out, "          <fields>\n");
    for (const FieldInfo& field : info.fields) add_field(out, field);
    fmt::format_to(out, "          </fields>\n");
  }
  fmt::format_to(out, "        </register>\n");
}

/// @param bases  Of all instances of this kind.
void add_peripheral(Out out, const Row& row, const IpKind& kind, const std::string& like,
                    const Bases& bases, const Peek& peek) {
  const platform::Instance& instance = *row.instance;
  if (like.empty()) {
    fmt::format_to(out, "    <peripheral>\n");
  } else {
    fmt::format_to(out, "    <peripheral derivedFrom=\"{}\">\n", like);
  }
  fmt::format_to(out,
                 "      <name>{}</name>\n"
                 "      <description>{}</description>\n"
                 "      <groupName>{}</groupName>\n"
                 "      <baseAddress>{:#010x}</baseAddress>\n"
                 "      <addressBlock>\n"
                 "        <offset>0x0</offset>\n"
                 "        <size>{:#x}</size>\n"
                 "        <usage>registers</usage>\n"
                 "      </addressBlock>\n",
                 instance.name, escaped(kind.brief), instance.ip, row.base, row.end - row.base + 1);
  if (instance.irq)
    fmt::format_to(out,
                   "      <interrupt>\n"
                   "        <name>{}</name>\n"
                   "        <description>Source of the interrupt controller</description>\n"
                   "        <value>{}</value>\n"
                   "      </interrupt>\n",
                   instance.name, *instance.irq);
  if (like.empty()) {
    fmt::format_to(out, "      <registers>\n");
    for (const RegisterMap* const map : kind.registers)
      for (const RegisterInfo& info : map->registers)
        add_register(out, info, look_at(info, bases, peek));
    fmt::format_to(out, "      </registers>\n");
  }
  fmt::format_to(out, "    </peripheral>\n");
}

}  // namespace

std::string make_svd(const platform::Description& platform, const Registry& registry,
                     const Peek& peek) {
  std::string text;
  const Out out = std::back_inserter(text);
  fmt::format_to(out,
                 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                 "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
                 "<!-- Generated by `aimc-vp describe {0}` as svd; do not edit. -->\n"
                 "<device schemaVersion=\"1.3\" "
                 "xmlns:xs=\"http://www.w3.org/2001/XMLSchema-instance\" "
                 "xs:noNamespaceSchemaLocation=\"CMSIS-SVD.xsd\">\n"
                 "  <name>{0}</name>\n"
                 "  <version>{1}</version>\n"
                 "  <description>{2}</description>\n"
                 "  <addressUnitBits>8</addressUnitBits>\n"
                 "  <width>32</width>\n"
                 "  <size>32</size>\n"
                 "  <access>read-write</access>\n"
                 "  <resetValue>0x0</resetValue>\n"
                 "  <resetMask>0xffffffff</resetMask>\n"
                 "  <peripherals>\n",
                 platform.name, kVersion, escaped(platform.brief));
  std::map<std::string, std::string> first;  // instance of each kind that has been written
  const std::vector<Row> rows = memory_map(platform, registry);
  std::map<std::string, Bases> bases;
  for (const Row& row : rows) bases[row.instance->ip].push_back(row.base);
  for (const Row& row : rows) {
    const IpKind& kind = registry.find(row.instance->ip, row.instance->where);
    if (kind.registers.empty()) continue;
    add_peripheral(out, row, kind, first[kind.name], bases[row.instance->ip], peek);
    if (first[kind.name].empty()) first[kind.name] = row.instance->name;
  }
  text += "  </peripherals>\n</device>\n";
  return text;
}

}  // namespace aimc::vp
