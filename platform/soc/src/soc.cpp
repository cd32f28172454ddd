// SPDX-License-Identifier: Apache-2.0
#include "aimc/soc/soc.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include <spdlog/spdlog.h>
#include <tlm_utils/tlm_quantumkeeper.h>

namespace aimc::soc {
namespace {
constexpr unsigned kMaxWarnings = 20;
constexpr double kSlice = 1e-3;  // simulated time between two looks at the host
}  // namespace

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

Soc::Soc(const sc_core::sc_module_name& name, const platform::Description& description,
         const Registry& registry, const Options& options)
    : sc_module(name),
      description_(description),
      workers_(options.threads),
      services_{hub_, workers_, *this, options.seed},
      host_("host") {
  // Standard output belongs to the guest: the kernel's notices stay off it.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  hub_.set_clock([] { return now_ps(); });
  tlm_utils::tlm_quantumkeeper::set_global_quantum(to_time(description.quantum_s));
  create_instances(registry);
  connect_instances();
  join_builtin_blocks(*this);
  SC_HAS_PROCESS(Soc);
  SC_METHOD(do_reset);
  sensitive << reset_event_;
  dont_initialize();
  SC_THREAD(watch_tohost);
}

Soc::~Soc() = default;

void Soc::create_instances(const Registry& registry) {
  for (const platform::Instance& instance : description_.instances) {
    const IpKind& kind = registry.find(instance.ip, instance.where);
    order_.push_back(instance.name);
    if (modules_.contains(instance.name))
      user_error(instance.where, "there are two instances called '{}'", instance.name);
    modules_.emplace(instance.name, kind.create(instance.name, instance.params, services_));
  }
}

void Soc::connect_instances() {
  Wiring wiring;
  for (const platform::Instance& instance : description_.instances) {
    Module& module = *modules_.at(instance.name);
    wiring.entries.push_back({&instance, {}});
    module.connect(wiring.entries.back().ports);
    auto* const interconnect = dynamic_cast<Interconnect*>(&module);
    if (interconnect == nullptr) continue;
    Interconnect*& slot = instance.ip == "noc" || instance.node ? wiring.noc : wiring.bus;
    if (slot == nullptr) slot = interconnect;
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
      if (port.link == Link::bus) {
        if (!instance.base) user_error(instance.where, "'{}' has no base address", instance.name);
        place.base = *instance.base;
        place.size = instance.size.value_or(port.size);
      }
      interconnect(port.link, port.name).attach_target(instance.name, *port.socket, place);
    }
  }
  connect_lines(wiring);
}

void Soc::check_ranges(const Wiring& wiring) const {
  struct Range {
    std::uint64_t base;
    std::uint64_t end;
    const platform::Instance* instance;
  };
  std::vector<Range> ranges;
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
  const auto connect = [&](const std::string& from, const std::string& to, const Location& where) {
    const auto out = outs.find(from);
    const auto in = ins.find(to);
    if (out == outs.end()) user_error(where, "there is no interrupt output '{}'", from);
    if (in == ins.end()) user_error(where, "there is no interrupt input '{}'", to);
    const auto [taken, fresh] = driven.emplace(in->second, from);
    if (!fresh) user_error(where, "'{}' is driven by '{}' and by '{}'", to, taken->second, from);
    sc_core::sc_signal<bool>& signal = wire(from);
    out->second->bind(signal);
    in->second->bind(signal);
    outs.erase(out);
  };
  for (const platform::Line& line : description_.lines) connect(line.from, line.to, line.where);
  for (const Wiring::Entry& entry : wiring.entries)
    if (entry.instance->irq && outs.contains(entry.instance->name + ".irq"))
      connect(entry.instance->name + ".irq", fmt::format("plic0.irq_in[{}]", *entry.instance->irq),
              entry.instance->where);
  // What is left has no partner: outputs drive a wire of their own, inputs stay low.
  for (const auto& [name, port] : outs) port->bind(wire(name));
  sc_core::sc_signal<bool>& low = wire("low");
  std::map<sc_core::sc_in<bool>*, bool> tied;
  for (const auto& [name, port] : ins)
    if (!driven.contains(port) && tied.emplace(port, true).second) port->bind(low);
}

bool Soc::peek(std::uint64_t address, void* data, unsigned length) {
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(static_cast<unsigned char*>(data));
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  txn.set_byte_enable_ptr(nullptr);
  return host_->transport_dbg(txn) == length;
}

void Soc::poke(std::uint64_t address, const std::vector<std::uint8_t>& bytes,
               const std::string& what) {
  if (bytes.empty()) return;
  std::vector<std::uint8_t> copy = bytes;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_WRITE_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(copy.data());
  txn.set_data_length(static_cast<unsigned>(copy.size()));
  txn.set_streaming_width(static_cast<unsigned>(copy.size()));
  txn.set_byte_enable_ptr(nullptr);
  if (host_->transport_dbg(txn) != copy.size())
    user_error("{}: error: {:#010x}-{:#010x} is not memory on this platform", what, address,
               address + copy.size() - 1);
}

void Soc::load_data(std::uint64_t address, std::vector<std::uint8_t> bytes,
                    const std::string& what) {
  poke(address, bytes, what);
  blobs_.push_back({address, std::move(bytes), what});
}

void Soc::load_firmware(ElfImage image) {
  firmware_ = std::move(image);
  tohost_ = firmware_.symbol("tohost");
  for (const ElfImage::Segment& segment : firmware_.segments) {
    // Touching the last byte first tells a segment that does not fit from one that is large.
    std::uint8_t probe = 0;
    if (!peek(segment.address, &probe, 1) ||
        !peek(segment.address + segment.memory_bytes - 1, &probe, 1))
      user_error("{}: error: segment {:#010x}-{:#010x} is not memory on platform {}",
                 firmware_.file, segment.address, segment.address + segment.memory_bytes - 1,
                 description_.name);
  }
  place_programs();
}

void Soc::place_programs() {
  for (const ElfImage::Segment& segment : firmware_.segments) {
    std::vector<std::uint8_t> bytes = segment.bytes;
    bytes.resize(segment.memory_bytes);
    poke(segment.address, bytes, firmware_.file);
  }
  write_reset_vector();
}

/// The reset code of QEMU's virt machine in effect: a0 = hart number, a1 = device tree (none), jump
/// to the program.
void Soc::write_reset_vector() {
  constexpr std::uint64_t kReset = 0x1000;
  const std::uint32_t code[] = {
      0x00000297,  // auipc t0, 0
      0xf1402573,  // csrr  a0, mhartid
      0x00000593,  // li    a1, 0
      0x0182a283,  // lw    t0, 24(t0)
      0x00028067,  // jr    t0
      0x00000000,  // not reached
      firmware_.entry,
  };
  std::vector<std::uint8_t> bytes(sizeof(code));
  std::memcpy(bytes.data(), code, sizeof(code));
  poke(kReset, bytes, "reset vector");
}

Outcome Soc::run(double until_s, const std::function<bool()>& keep_going) {
  const sc_core::sc_time limit =
      until_s > 0.0 ? to_time(until_s) : sc_core::sc_max_time() - sc_core::sc_time_stamp();
  const sc_core::sc_time end = sc_core::sc_time_stamp() + limit;
  while (!outcome_) {
    if (keep_going && !keep_going()) {
      outcome_ = Outcome{Outcome::End::stopped, 130, "stopped by the user"};
      break;
    }
    const sc_core::sc_time left = end - sc_core::sc_time_stamp();
    if (left == sc_core::SC_ZERO_TIME) {
      outcome_ = Outcome{Outcome::End::timed_out, 124,
                         fmt::format("the firmware did not end within {}",
                                     format_quantity(until_s, Unit::second))};
      break;
    }
    sc_core::sc_start(std::min(left, to_time(kSlice)));
    if (!outcome_ && !sc_core::sc_pending_activity()) {
      // Nobody waits for a time, and nothing outside can wake the platform.
      outcome_ = Outcome{Outcome::End::stuck, 125,
                         "nothing is left to happen: every hart sleeps and no event is pending"};
    }
  }
  return *outcome_;
}

Module* Soc::find(const std::string& instance) const {
  const auto at = modules_.find(instance);
  return at == modules_.end() ? nullptr : at->second.get();
}

void Soc::finish(int exit_code, const std::string& reason) {
  if (outcome_) return;
  outcome_ = Outcome{Outcome::End::finished, exit_code, reason};
  sc_core::sc_stop();
}

void Soc::request_reset() {
  reset_requested_ = true;
  reset_event_.notify(sc_core::SC_ZERO_TIME);
}

void Soc::do_reset() {
  for (const std::string& name : order_) modules_.at(name)->reset();
  place_programs();
  for (const Blob& blob : blobs_) poke(blob.address, blob.bytes, blob.what);
}

void Soc::guest_warning(const char* instance, const std::string& message) {
  if (warnings_ > kMaxWarnings) return;
  const double now = 1e-12 * static_cast<double>(now_ps());
  spdlog::warn("{}  {}  {}", format_quantity(now, Unit::second), instance,
               ++warnings_ > kMaxWarnings ? "more warnings are not printed" : message);
}

/// HTIF: programs for the RISC-V test suites end by writing to the symbol `tohost`. The word is
/// polled, because it is ordinary memory that harts reach without any transaction.
void Soc::watch_tohost() {
  if (!tohost_) return;
  for (;;) {
    wait(to_time(description_.quantum_s));
    std::uint64_t value = 0;
    if (!peek(*tohost_, &value, 8) || value == 0) continue;
    const auto device = static_cast<unsigned>(value >> 56);
    const auto command = static_cast<unsigned>((value >> 48) & 0xff);
    poke(*tohost_, std::vector<std::uint8_t>(8), "tohost");
    if ((value & 1) != 0 && device == 0) {
      finish(static_cast<int>((value & 0xffffffff) >> 1), "tohost");
      return;
    }
    if (device == 1 && command == 1) std::putchar(static_cast<int>(value & 0xff));
  }
}

}  // namespace aimc::soc
