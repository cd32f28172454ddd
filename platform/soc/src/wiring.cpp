// SPDX-License-Identifier: Apache-2.0
// Connecting blocks: sockets to interconnects, interrupt lines to each other.
#include <algorithm>

#include <spdlog/spdlog.h>

#include "aimc/common/stream_port.h"
#include "aimc/soc/soc.h"

namespace aimc::soc {

/// All ports of all blocks while they are being connected.
struct Soc::Wiring {
  struct Entry {
    const platform::Instance* instance;
    PortDirectory ports;
  };
  std::vector<Entry> entries;
  Interconnect* bus = nullptr;
  Interconnect* noc = nullptr;
};

void Soc::connect_instances() {
  Wiring wiring;
  for (const platform::Instance& instance : description_.instances) {
    Module& module = *modules_.at(instance.name);
    wiring.entries.push_back({&instance, {}});
    module.connect(wiring.entries.back().ports);
    auto* const interconnect = dynamic_cast<Interconnect*>(&module);
    if (interconnect == nullptr) continue;
    Interconnect*& slot = interconnect->link() == Link::noc ? wiring.noc : wiring.bus;
    if (slot != nullptr)
      user_error(instance.where, "'{}' is a second {}; a platform has one", instance.name,
                 interconnect->link() == Link::noc ? "network" : "bus");
    slot = interconnect;
  }
  if (wiring.bus == nullptr) user_error("{}: error: the platform has no bus", description_.file);
  check_ranges(wiring);

  host_.bind(wiring.bus->attach_initiator("host", {}));
  for (Wiring::Entry& entry : wiring.entries) {
    const platform::Instance& instance = *entry.instance;
    const auto interconnect = [&](Link link, const std::string& port) -> Interconnect& {
      if (link == Link::bus) return *wiring.bus;
      if (wiring.noc == nullptr)
        user_error(instance.where, "'{}.{}' needs a network, but the platform has none",
                   instance.name, port);
      if (!instance.node)
        user_error(instance.where, "'{}' must say where it sits on the network: at: {{x: , y: }}",
                   instance.name);
      return *wiring.noc;
    };
    Interconnect::Place node;
    if (instance.node) node = {0, 0, instance.node->x, instance.node->y, instance.node->port};
    for (const PortDirectory::Initiator& port : entry.ports.initiators)
      port.bind(interconnect(port.link, port.name)
                    .attach_initiator(instance.name + "." + port.name, node));
    for (const PortDirectory::Target& port : entry.ports.targets) {
      Interconnect::Place place = node;
      place.size = port.size;
      if (port.link == Link::bus) {
        if (!instance.base) user_error(instance.where, "'{}' has no base address", instance.name);
        place.base = *instance.base;
        place.size = instance.size.value_or(port.size);
      }
      interconnect(port.link, port.name).attach_target(instance.name, *port.socket, place);
    }
    auto* const client = dynamic_cast<StreamClient*>(modules_.at(instance.name).get());
    auto* const streams = dynamic_cast<StreamNetwork*>(wiring.noc);
    if (client != nullptr && streams != nullptr && instance.node)
      client->attach_stream(streams->stream_port(node));
  }
  connect_lines(wiring);
}

void Soc::check_ranges(const Wiring& wiring) {
  constexpr std::uint64_t kAlignment = 8;  // of the widest register
  std::vector<Range>& ranges = ranges_;
  for (const Wiring::Entry& entry : wiring.entries) {
    const platform::Instance& instance = *entry.instance;
    if (!instance.base) continue;
    const std::size_t before = ranges.size();
    for (const PortDirectory::Target& port : entry.ports.targets)
      if (port.link == Link::bus)
        ranges.push_back(
            {*instance.base, *instance.base + instance.size.value_or(port.size), &instance});
    if (ranges.size() == before && !instance.node)  // endpoints are given the base of their window
      user_error(instance.where, "'{}' has a base address, but nothing that answers on the bus",
                 instance.name);
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const Range& b = ranges[i];
    if (b.end == b.base) user_error(b.instance->where, "'{}' has 0 bytes", b.instance->name);
    if (b.end < b.base || b.end > 0x100000000ull)
      user_error(b.instance->where, "'{}' at {:#010x} with {:#x} bytes reaches beyond 32 bits",
                 b.instance->name, b.base, b.end - b.base);
    if (b.base % kAlignment != 0)
      user_error(b.instance->where, "'{}' begins at {:#010x}, which is no multiple of {}",
                 b.instance->name, b.base, kAlignment);
    for (std::size_t j = 0; j < i; ++j) {
      const Range& a = ranges[j];
      if (a.base < b.end && b.base < a.end)
        user_error(b.instance->where, "'{}' {:#010x}-{:#010x} overlaps '{}' {:#010x}-{:#010x} ({})",
                   b.instance->name, b.base, b.end - 1, a.instance->name, a.base, a.end - 1,
                   a.instance->where.text());
    }
  }
}

namespace {

/// A hart without interrupts is possible, but mostly a forgotten line: its program waits for ever.
/// What has interrupt inputs and starts bus accesses is a hart, whatever its kind.
template <class Entries, class IsDriven>
void warn_of_deaf(const Entries& entries, const IsDriven& is_driven) {
  for (const auto& entry : entries) {
    if (entry.ports.initiators.empty() || entry.ports.irq_ins.empty()) continue;
    const auto& inputs = entry.ports.irq_ins;
    const auto reached = [&](const PortDirectory::IrqIn& in) {
      return std::any_of(in.ports->begin(), in.ports->end(), is_driven);
    };
    if (std::any_of(inputs.begin(), inputs.end(), reached)) continue;
    std::vector<std::string> names;
    for (const PortDirectory::IrqIn& in : inputs)
      names.push_back(entry.instance->name + "." + in.name);
    spdlog::warn("{}: no interrupt can reach '{}': no entry of 'lines' leads to {}",
                 entry.instance->where.text(), entry.instance->name, join(names, " or "));
  }
}

/// Names for a message: the ports of the same instance, or all but those of vectors.
template <class Ports>
std::string like(const Ports& ports, const std::string& wrong) {
  const std::string prefix = wrong.substr(0, wrong.find('.')) + ".";
  std::vector<std::string> same, all;
  for (const auto& [name, port] : ports) {
    if (name.starts_with(prefix)) same.push_back(name);
    if (!name.ends_with(']')) all.push_back(name);
  }
  constexpr std::size_t kMost = 20;
  std::vector<std::string>& chosen = same.empty() ? all : same;
  if (chosen.size() <= kMost) return join(chosen);
  chosen.resize(kMost);
  return join(chosen) + ", ...";
}

}  // namespace

void Soc::connect_lines(Wiring& wiring) {
  const auto wire = [this](const std::string& name) -> sc_core::sc_signal<bool>& {
    std::string plain = name;
    std::replace(plain.begin(), plain.end(), '.', '_');
    wires_.push_back(std::make_unique<sc_core::sc_signal<bool>>(("wire_" + plain).c_str()));
    return *wires_.back();
  };
  std::map<std::string, sc_core::sc_out<bool>*> outs;
  std::map<std::string, sc_core::sc_in<bool>*> ins;
  for (Wiring::Entry& entry : wiring.entries) {
    for (const PortDirectory::IrqOut& out : entry.ports.irq_outs)
      outs[entry.instance->name + "." + out.name] = out.port;
    for (const PortDirectory::IrqIn& in : entry.ports.irq_ins) {
      const std::string base = entry.instance->name + "." + in.name;
      if (in.ports->size() == 1) ins[base] = &(*in.ports)[0];
      for (std::size_t i = 0; i < in.ports->size(); ++i)
        ins[fmt::format("{}[{}]", base, i)] = &(*in.ports)[i];
    }
  }
  std::map<sc_core::sc_in<bool>*, std::string> driven;
  std::map<std::string, sc_core::sc_signal<bool>*> wired;
  const auto connect = [&](const std::string& from, const std::string& to, const Location& where) {
    const auto out = outs.find(from);
    const auto in = ins.find(to);
    if (out == outs.end())
      user_error(where, "there is no interrupt output '{}'. Known: {}", from, like(outs, from));
    if (in == ins.end())
      user_error(where, "there is no interrupt input '{}'. Known: {}", to, like(ins, to));
    const auto [taken, fresh] = driven.emplace(in->second, from);
    if (!fresh) user_error(where, "'{}' is driven by '{}' and by '{}'", to, taken->second, from);
    sc_core::sc_signal<bool>*& signal = wired[from];  // one output may drive several inputs
    if (signal == nullptr) {
      signal = &wire(from);
      out->second->bind(*signal);
    }
    in->second->bind(*signal);
  };
  for (const platform::Line& line : description_.lines) connect(line.from, line.to, line.where);
  for (const Wiring::Entry& entry : wiring.entries) {
    if (!entry.instance->irq) continue;
    if (!outs.contains(entry.instance->name + ".irq")) {
      // Endpoints of the network are given a source whether they use it or not.
      if (entry.instance->node) continue;
      user_error(entry.instance->where, "'{}' has the source {}, but no interrupt output 'irq'",
                 entry.instance->name, *entry.instance->irq);
    }
    if (!modules_.contains("plic0"))
      user_error(entry.instance->where,
                 "'{}' interrupts with source {}, but there is no interrupt controller 'plic0'",
                 entry.instance->name, *entry.instance->irq);
    if (!ins.contains(fmt::format("plic0.irq_in[{}]", *entry.instance->irq)))
      user_error(entry.instance->where,
                 "'{}' interrupts with source {}, which this platform's plic0 does not have",
                 entry.instance->name, *entry.instance->irq);
    connect(entry.instance->name + ".irq", fmt::format("plic0.irq_in[{}]", *entry.instance->irq),
            entry.instance->where);
  }
  warn_of_deaf(wiring.entries, [&](sc_core::sc_in<bool>& port) { return driven.contains(&port); });
  // What is left has no partner: outputs drive a wire of their own, inputs stay low.
  for (const auto& [name, port] : outs)
    if (!wired.contains(name)) port->bind(wire(name));
  sc_core::sc_signal<bool>& low = wire("low");
  std::map<sc_core::sc_in<bool>*, bool> tied;
  for (const auto& [name, port] : ins)
    if (!driven.contains(port) && tied.emplace(port, true).second) port->bind(low);
}

}  // namespace aimc::soc
