// SPDX-License-Identifier: Apache-2.0
// Connecting blocks: sockets to interconnects, interrupt lines to each other.
#include <algorithm>

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
  std::vector<Range>& ranges = ranges_;
  for (const Wiring::Entry& entry : wiring.entries)
    for (const PortDirectory::Target& port : entry.ports.targets)
      if (port.link == Link::bus && entry.instance->base)
        ranges.push_back({*entry.instance->base,
                          *entry.instance->base + entry.instance->size.value_or(port.size),
                          entry.instance});
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const Range& b = ranges[i];
    if (b.end > 0x100000000ull)
      user_error(b.instance->where, "'{}' {:#010x}-{:#x} reaches beyond 32 bits", b.instance->name,
                 b.base, b.end - 1);
    for (std::size_t j = 0; j < i; ++j) {
      const Range& a = ranges[j];
      if (a.base < b.end && b.base < a.end)
        user_error(b.instance->where, "'{}' {:#010x}-{:#010x} overlaps '{}' {:#010x}-{:#010x} ({})",
                   b.instance->name, b.base, b.end - 1, a.instance->name, a.base, a.end - 1,
                   a.instance->where.text());
    }
  }
}

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
    if (out == outs.end()) user_error(where, "there is no interrupt output '{}'", from);
    if (in == ins.end()) user_error(where, "there is no interrupt input '{}'", to);
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
    if (!entry.instance->irq || !outs.contains(entry.instance->name + ".irq")) continue;
    if (!ins.contains(fmt::format("plic0.irq_in[{}]", *entry.instance->irq)))
      user_error(entry.instance->where,
                 "'{}' interrupts with source {}, which this platform's plic0 does not have",
                 entry.instance->name, *entry.instance->irq);
    connect(entry.instance->name + ".irq", fmt::format("plic0.irq_in[{}]", *entry.instance->irq),
            entry.instance->where);
  }
  // What is left has no partner: outputs drive a wire of their own, inputs stay low.
  for (const auto& [name, port] : outs)
    if (!wired.contains(name)) port->bind(wire(name));
  sc_core::sc_signal<bool>& low = wire("low");
  std::map<sc_core::sc_in<bool>*, bool> tied;
  for (const auto& [name, port] : ins)
    if (!driven.contains(port) && tied.emplace(port, true).second) port->bind(low);
}

}  // namespace aimc::soc
