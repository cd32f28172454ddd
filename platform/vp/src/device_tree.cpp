// SPDX-License-Identifier: Apache-2.0
// The platform as a device tree, for operating systems and their configuration tools.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "aimc/common/quantity.h"
#include "memory_rows.h"

namespace aimc::vp {
namespace {

using platform::Description;
using platform::Instance;
using Out = std::back_insert_iterator<std::string>;

/// What the drivers of common systems know a block as; our own blocks get our own names.
std::string compatible(const Instance& instance) {
  if (instance.ip == "uart") return "\"ns16550a\"";
  if (instance.ip == "plic") return "\"sifive,plic-1.0.0\", \"riscv,plic0\"";
  if (instance.ip == "clint") return "\"sifive,clint0\", \"riscv,clint0\"";
  if (instance.ip == "finisher") return "\"sifive,test1\", \"sifive,test0\", \"syscon\"";
  std::string name = instance.ip;
  std::replace(name.begin(), name.end(), '_', '-');
  return fmt::format("\"aimc,{}\"", name);
}

std::string node_name(const Instance& instance) {
  if (instance.ip == "uart") return "serial";
  if (instance.ip == "plic") return "interrupt-controller";
  std::string name = instance.ip;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

struct Hart {
  unsigned id;
  const Instance* instance;
};

std::vector<Hart> harts_of(const Description& platform, const Registry& registry) {
  std::vector<Hart> harts;
  for (const Instance* const instance : platform.of_kind("riscv")) {
    const std::string id = parameter(*instance, registry, "hart_id");
    harts.push_back({id.empty() ? 0u : static_cast<unsigned>(std::stoul(id)), instance});
  }
  std::sort(harts.begin(), harts.end(), [](const Hart& a, const Hart& b) { return a.id < b.id; });
  return harts;
}

std::uint64_t hertz(const Instance& instance, const Registry& registry, const char* name) {
  const std::string value = parameter(instance, registry, name);
  if (value.empty()) return 0;
  return static_cast<std::uint64_t>(std::llround(parse_quantity(value, Unit::hertz)));
}

void add_cpus(Out out, const std::vector<Hart>& harts, const Registry& registry) {
  fmt::format_to(out, "\tcpus {{\n\t\t#address-cells = <1>;\n\t\t#size-cells = <0>;\n");
  if (!harts.empty())
    fmt::format_to(out, "\t\ttimebase-frequency = <{}>;\n",
                   hertz(*harts.front().instance, registry, "timebase"));
  for (const Hart& hart : harts)
    fmt::format_to(out,
                   "\t\tcpu@{0:x} {{\n"
                   "\t\t\tdevice_type = \"cpu\";\n"
                   "\t\t\treg = <{0}>;\n"
                   "\t\t\tstatus = \"okay\";\n"
                   "\t\t\tcompatible = \"riscv\";\n"
                   "\t\t\triscv,isa = \"{1}\";\n"
                   "\t\t\tmmu-type = \"riscv,none\";\n"
                   "\t\t\tclock-frequency = <{2}>;\n"
                   "\t\t\tcpu{0}_intc: interrupt-controller {{\n"
                   "\t\t\t\t#address-cells = <0>;\n"
                   "\t\t\t\t#interrupt-cells = <1>;\n"
                   "\t\t\t\tinterrupt-controller;\n"
                   "\t\t\t\tcompatible = \"riscv,cpu-intc\";\n"
                   "\t\t\t}};\n"
                   "\t\t}};\n",
                   hart.id, parameter(*hart.instance, registry, "isa"),
                   hertz(*hart.instance, registry, "clock"));
  fmt::format_to(out, "\t}};\n");
}

/// What the nodes of devices need to know of the rest of the platform.
struct Context {
  const Registry& registry;
  std::vector<Hart> harts;
  std::string controller;    // of interrupts; empty if there is none
  unsigned highest_irq = 0;  // that a device has
};

/// Sources that a driver has to care for: QEMU's 96 or all that are in use. Some systems refuse
/// controllers with many more than they have handlers for.
unsigned sources(const Instance& plic, const Context& context) {
  constexpr unsigned kQemu = 96;
  const auto present =
      static_cast<unsigned>(std::stoul(parameter(plic, context.registry, "sources")));
  return std::min(present, std::max(kQemu, context.highest_irq));
}

void add_extra(Out out, const std::string& indent, const Instance& instance,
               const Context& context) {
  const auto extended = [&](auto&& cells) {
    if (context.harts.empty()) return;
    fmt::format_to(out, "{}interrupts-extended = ", indent);
    for (std::size_t i = 0; i < context.harts.size(); ++i)
      fmt::format_to(out, "{}{}", i == 0 ? "" : ", ", cells(context.harts[i].id));
    fmt::format_to(out, ";\n");
  };
  if (instance.ip == "clint")
    extended([](unsigned id) { return fmt::format("<&cpu{0}_intc 3>, <&cpu{0}_intc 7>", id); });
  if (instance.ip == "plic") {
    // Contexts go in pairs, machine and supervisor; the harts have no supervisor mode.
    extended([](unsigned id) {
      return fmt::format("<&cpu{0}_intc 11>, <&cpu{0}_intc 0xffffffff>", id);
    });
    fmt::format_to(
        out,
        "{0}interrupt-controller;\n{0}#interrupt-cells = <1>;\n{0}#address-cells = <0>;\n"
        "{0}riscv,ndev = <{1}>;\n{0}riscv,max-priority = <7>;\n",
        indent, sources(instance, context));
  }
  if (instance.ip == "uart")
    fmt::format_to(out, "{0}clock-frequency = <{1}>;\n{0}reg-shift = <0>;\n", indent,
                   hertz(instance, context.registry, "clock"));
  if (instance.ip == "noc_bridge")
    fmt::format_to(out, "{0}#address-cells = <2>;\n{0}#size-cells = <2>;\n{0}ranges;\n", indent);
}

/// The lines of a device into the interrupt controller; nothing if the platform has none.
void add_interrupt(Out out, const std::string& indent, const Context& context, unsigned irq) {
  if (context.controller.empty()) return;
  fmt::format_to(out, "{0}interrupt-parent = <&{1}>;\n{0}interrupts = <{2}>;\n", indent,
                 context.controller, irq);
}

void add_device(Out out, const std::string& indent, const Row& row, const std::vector<Row>& inside,
                const Context& context) {
  const Instance& instance = *row.instance;
  fmt::format_to(out, "{}{}: {}@{:x} {{\n", indent, instance.name, node_name(instance), row.base);
  const std::string deeper = indent + "\t";
  const bool bus = !inside.empty();
  fmt::format_to(out, "{}compatible = {}{};\n", deeper, compatible(instance),
                 bus ? ", \"simple-bus\"" : "");
  fmt::format_to(out, "{}reg = <0x0 {:#x} 0x0 {:#x}>;\n", deeper, row.base, row.end - row.base + 1);
  if (instance.irq) add_interrupt(out, deeper, context, *instance.irq);
  add_extra(out, deeper, instance, context);
  for (const Row& one : inside) add_device(out, deeper, one, {}, context);
  fmt::format_to(out, "{}}};\n", indent);
}

/// One node for each transport, with the interrupts that QEMU's have.
void add_virtio(Out out, const Row& row, const Context& context) {
  constexpr std::uint64_t kStride = 0x1000;
  unsigned irq = 1;
  for (std::uint64_t base = row.base; base < row.end; base += kStride, ++irq) {
    fmt::format_to(out,
                   "\t\tvirtio_mmio@{0:x} {{\n\t\t\tcompatible = \"virtio,mmio\";\n"
                   "\t\t\treg = <0x0 {0:#x} 0x0 {1:#x}>;\n",
                   base, kStride);
    add_interrupt(out, "\t\t\t", context, irq);
    fmt::format_to(out, "\t\t}};\n");
  }
}

}  // namespace

std::string make_device_tree(const Description& platform, const Registry& registry) {
  Context context{registry, harts_of(platform, registry), {}};
  const std::vector<Row> rows = memory_map(platform, registry);
  const Instance *serial = nullptr, *finisher = nullptr;
  std::vector<Row> endpoints;
  for (const Row& row : rows) {
    if (row.instance->ip == "uart" && serial == nullptr) serial = row.instance;
    if (row.instance->ip == "finisher") finisher = row.instance;
    if (row.instance->ip == "plic") context.controller = row.instance->name;
    context.highest_irq = std::max(context.highest_irq, row.instance->irq.value_or(0));
    if (row.instance->endpoint && row.instance->ip != "noc_bridge") endpoints.push_back(row);
  }
  std::string text;
  const Out out = std::back_inserter(text);
  fmt::format_to(out,
                 "// SPDX-License-Identifier: Apache-2.0\n"
                 "// Generated by `aimc-vp describe {0} --dts`; do not edit.\n/dts-v1/;\n\n/ {{\n"
                 "\t#address-cells = <2>;\n\t#size-cells = <2>;\n"
                 "\tcompatible = \"aimc,{0}\", \"riscv-virtio\";\n\tmodel = \"{0}\";\n",
                 platform.name);
  if (serial != nullptr)
    fmt::format_to(out, "\tchosen {{\n\t\tstdout-path = &{};\n\t}};\n", serial->name);
  add_cpus(out, context.harts, registry);
  for (const Row& row : rows)
    if (row.instance->ip == "memory" && parameter(*row.instance, registry, "read_only") != "true")
      fmt::format_to(out,
                     "\tmemory@{0:x} {{\n\t\tdevice_type = \"memory\";\n"
                     "\t\treg = <0x0 {0:#x} 0x0 {1:#x}>;\n\t}};\n",
                     row.base, row.end - row.base + 1);
  if (finisher != nullptr)
    for (const auto& [name, value] : {std::pair{"poweroff", 0x5555}, std::pair{"reboot", 0x7777}})
      fmt::format_to(out,
                     "\t{0} {{\n\t\tcompatible = \"syscon-{0}\";\n\t\tregmap = <&{1}>;\n"
                     "\t\toffset = <0x0>;\n\t\tvalue = <{2:#x}>;\n\t}};\n",
                     name, finisher->name, value);
  fmt::format_to(out,
                 "\tsoc {{\n\t\t#address-cells = <2>;\n\t\t#size-cells = <2>;\n"
                 "\t\tcompatible = \"simple-bus\";\n\t\tranges;\n");
  for (const Row& row : rows) {
    if (row.instance->ip == "memory" && parameter(*row.instance, registry, "read_only") != "true")
      continue;
    if (row.instance->endpoint && row.instance->ip != "noc_bridge") continue;
    if (row.instance->ip == "virtio") {
      add_virtio(out, row, context);
      continue;
    }
    add_device(out, "\t\t", row, row.instance->ip == "noc_bridge" ? endpoints : std::vector<Row>(),
               context);
  }
  text += "\t};\n};\n";
  return text;
}

}  // namespace aimc::vp
