// SPDX-License-Identifier: Apache-2.0
#include "aimc/bus/bus.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"

namespace aimc::bus {
namespace {

constexpr unsigned kLanes = 4;

/// Objects made after a module's constructor still become its children while one of these lives.
class InsideOf {
 public:
  explicit InsideOf(sc_core::sc_module* module) : context_(module->simcontext()) {
    context_->hierarchy_push(module);
  }
  ~InsideOf() { context_->hierarchy_pop(); }
  InsideOf(const InsideOf&) = delete;
  InsideOf& operator=(const InsideOf&) = delete;

 private:
  sc_core::sc_simcontext* context_;
};

/// Bytes of address space that a transaction touches; streaming transfers repeat the first ones.
std::uint64_t span(const tlm::tlm_generic_payload& txn) {
  const unsigned width = txn.get_streaming_width();
  return width == 0 ? txn.get_data_length() : std::min(width, txn.get_data_length());
}

}  // namespace

void describe(ParamTable& params, Config& config) {
  params.quantity("clock", config.clock_hz, Unit::hertz, 1e6, 1e10, "Clock of the crossbar");
  params.integer("hop_cycles", config.hop_cycles, 0u, 1000u,
                 "Cycles for arbitration and routing of one transaction");
  params.integer("bytes_per_cycle", config.bytes_per_cycle, 1u, 1024u, "Width of a target port");
}

Bus::Target::Target(const std::string& target_name, const Place& place, trace::Hub& hub,
                    const std::string& lanes_path)
    : name(target_name),
      base(place.base),
      size(place.size),
      socket((target_name + "_out").c_str()),
      lanes(hub, lanes_path, kLanes) {}

Bus::Bus(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      config_(config),
      cycle_ps_(to_ps(to_time(1.0 / config.clock_hz))),
      read_name_(services.trace.intern("read")),
      write_name_(services.trace.intern("write")) {}

void Bus::reset() {
  for (const auto& target : targets_) target->calendar.clear();
}

TargetSocket& Bus::attach_initiator(const std::string& name, const Place&) {
  const InsideOf scope(this);
  const int id = static_cast<int>(initiators_.size());
  initiators_.push_back(std::make_unique<Initiator>(name));
  auto& socket = initiators_.back()->socket;
  socket.register_b_transport(this, &Bus::b_transport, id);
  socket.register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, id);
  socket.register_transport_dbg(this, &Bus::transport_dbg, id);
  return socket;
}

Interconnect::Place Bus::attach_target(const std::string& name, TargetSocket& target,
                                       const Place& place) {
  if (place.size == 0 || place.base + (place.size - 1) < place.base)
    user_error("'{}' at {:#x} with {:#x} bytes is not a range of addresses", name, place.base,
               place.size);
  const std::uint64_t last = place.base + (place.size - 1);
  for (const Range& other : ranges_) {
    if (last < other.base || place.base > other.last) continue;
    user_error("'{}' {:#x}-{:#x} overlaps '{}' {:#x}-{:#x}", name, place.base, last,
               other.target->name, other.base, other.last);
  }
  const InsideOf scope(this);
  const int id = static_cast<int>(targets_.size());
  targets_.push_back(std::make_unique<Target>(name, place, services().trace,
                                              std::string(this->name()) + "." + name));
  Target& added = *targets_.back();
  added.socket.register_invalidate_direct_mem_ptr(this, &Bus::invalidate_direct_mem_ptr, id);
  added.socket.bind(target);
  ranges_.push_back({place.base, last, &added});
  std::sort(ranges_.begin(), ranges_.end(),
            [](const Range& a, const Range& b) { return a.base < b.base; });
  return place;
}

Bus::Target* Bus::decode(int initiator, std::uint64_t address) {
  std::size_t& hit = initiators_[static_cast<std::size_t>(initiator)]->last_hit;
  if (hit < ranges_.size() && address >= ranges_[hit].base && address <= ranges_[hit].last)
    return ranges_[hit].target;
  const auto above =
      std::upper_bound(ranges_.begin(), ranges_.end(), address,
                       [](std::uint64_t value, const Range& range) { return value < range.base; });
  if (above == ranges_.begin()) return nullptr;
  const auto found = above - 1;
  if (address > found->last) return nullptr;
  hit = static_cast<std::size_t>(found - ranges_.begin());
  return found->target;
}

void Bus::book(Target& target, const tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  const std::uint64_t now = now_ps();
  const unsigned width = config_.bytes_per_cycle;
  const std::uint64_t cycles = (std::uint64_t{txn.get_data_length()} + width - 1) / width;
  const std::uint64_t earliest = now + to_ps(delay) + config_.hop_cycles * cycle_ps_;
  const std::uint64_t duration = cycles * cycle_ps_;
  target.calendar.forget(now);
  const std::uint64_t start = target.calendar.book(earliest, duration);
  delay = sc_core::sc_time::from_value(start + duration - now);
  target.busy_ps += duration;
  target.wait_ps += start - earliest;
  // Drawn before the target may wait: no event may be older than the kernel's time.
  if (target.lanes.on())
    target.lanes.slice(start, start + duration, txn.is_write() ? write_name_ : read_name_,
                       target.base + txn.get_address());
}

void Bus::b_transport(int initiator, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  const std::uint64_t address = txn.get_address();
  Target* const target = decode(initiator, address);
  if (target == nullptr || span(txn) > target->size - (address - target->base)) {
    ++unmapped_;
    delay += sc_core::sc_time::from_value(config_.hop_cycles * cycle_ps_);
    txn.set_dmi_allowed(false);
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  txn.set_address(address - target->base);
  book(*target, txn, delay);
  ++target->transactions;
  target->bytes += txn.get_data_length();
  target->socket->b_transport(txn, delay);
  if (target->direct && txn.is_write() && txn.is_response_ok())
    tell_listeners(*target, txn, span(txn));
  txn.set_address(address);
  if (txn.get_response_status() != tlm::TLM_OK_RESPONSE) {
    ++target->errors;
    return;
  }
  for (const Observer& observer : observers_)
    observer(initiators_[static_cast<std::size_t>(initiator)]->name, txn, span(txn));
}

void Bus::tell_listeners(const Target& target, const tlm::tlm_generic_payload& txn,
                         std::uint64_t length) const {
  for (const WriteListener& listener : write_listeners_)
    listener(txn, target.base + txn.get_address(), length);
}

bool Bus::get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = txn.get_address();
  Target* const target = decode(initiator, address);
  if (target == nullptr) {
    dmi.allow_none();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
  }
  txn.set_address(address - target->base);
  const bool granted = target->socket->get_direct_mem_ptr(txn, dmi);
  if (granted) target->direct = true;
  txn.set_address(address);
  // A target may answer for more than the platform shows of it.
  const std::uint64_t end = std::min<std::uint64_t>(dmi.get_end_address(), target->size - 1);
  dmi.set_start_address(target->base +
                        std::min<std::uint64_t>(dmi.get_start_address(), target->size - 1));
  dmi.set_end_address(target->base + end);
  const auto hop = sc_core::sc_time::from_value(config_.hop_cycles * cycle_ps_);
  dmi.set_read_latency(dmi.get_read_latency() + hop);
  dmi.set_write_latency(dmi.get_write_latency() + hop);
  return granted;
}

unsigned Bus::transport_dbg(int initiator, tlm::tlm_generic_payload& txn) {
  const std::uint64_t address = txn.get_address();
  const unsigned length = txn.get_data_length();
  Target* const target = decode(initiator, address);
  if (target == nullptr) return 0;
  const std::uint64_t room = target->size - (address - target->base);
  txn.set_address(address - target->base);
  if (length > room) txn.set_data_length(static_cast<unsigned>(room));
  const unsigned done = target->socket->transport_dbg(txn);
  if (target->direct && txn.is_write() && done > 0) tell_listeners(*target, txn, done);
  txn.set_data_length(length);
  txn.set_address(address);
  return done;
}

void Bus::invalidate_direct_mem_ptr(int target, sc_dt::uint64 first, sc_dt::uint64 last) {
  const Target& source = *targets_[static_cast<std::size_t>(target)];
  if (first >= source.size) return;
  last = std::min<sc_dt::uint64>(last, source.size - 1);
  for (const auto& initiator : initiators_)
    initiator->socket->invalidate_direct_mem_ptr(source.base + first, source.base + last);
}

void Bus::report(nlohmann::ordered_json& stats) const {
  std::uint64_t transactions = 0;
  std::uint64_t bytes = 0;
  std::uint64_t errors = 0;
  nlohmann::ordered_json targets = nlohmann::ordered_json::object();
  for (const auto& target : targets_) {
    transactions += target->transactions;
    bytes += target->bytes;
    errors += target->errors;
    targets[target->name] = {{"transactions", target->transactions},
                             {"bytes", target->bytes},
                             {"errors", target->errors},
                             {"busy_s", 1e-12 * static_cast<double>(target->busy_ps)},
                             {"wait_s", 1e-12 * static_cast<double>(target->wait_ps)}};
  }
  stats["transactions"] = transactions;
  stats["bytes"] = bytes;
  stats["errors"] = errors;
  stats["unmapped"] = unmapped_;
  stats["targets"] = targets;
}

}  // namespace aimc::bus
