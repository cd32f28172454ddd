// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/noc.h"

#include <algorithm>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/noc/fast_fabric.h"
#include "aimc/noc/noc_map.h"
#include "aimc/noc/noc_regs.h"
#include "aimc/noc/routes.h"
#include "channels.h"
#include "flit_host.h"
#include "multicast.h"
#include "ports.h"
#include "transfer.h"

namespace aimc::noc {
namespace {

// At the level `links` a flit is what the lanes of a link carry in a cycle, and the preamble stands
// for the header.
NocConfig for_level(const NocConfig& config) {
  if (config.level != "links") return config;
  if (config.links.lanes % 8 != 0)
    user_error("links.lanes is {}: give a multiple of 8", config.links.lanes);
  NocConfig bare = config;
  bare.flit_bytes = config.links.lanes / 8;
  bare.header_flits = (config.links.preamble_bytes + bare.flit_bytes - 1) / bare.flit_bytes;
  // The same energy for a byte and a hop.
  const double share = static_cast<double>(bare.flit_bytes) / config.flit_bytes;
  bare.energy_flit_hop_j *= share;
  bare.energy_add_j *= share;
  return bare;
}

NocConfig checked(const NocConfig& given) {
  const NocConfig config = for_level(given);
  if (config.max_packet_bytes % config.flit_bytes != 0)
    user_error("max_packet_bytes is {}: give a multiple of flit_bytes ({})",
               config.max_packet_bytes, config.flit_bytes);
  return config;
}

}  // namespace

Noc::Noc(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      config_(checked(config)),
      topology_(config.columns, config.rows, config.ports),
      fabric_(make_fabric()),
      regs_{&regs::kNoc},
      period_(sc_core::sc_time::from_value(fabric_->period_ps())),
      targets_(topology_.endpoints()),
      channels_(std::make_unique<Channels>("channels", *this)),
      energy_cause_(energy().cause("link+router")),
      add_cause_(energy().cause("adder")),
      read_name_(services.trace.intern("read")),
      write_name_(services.trace.intern("write")) {
  regs_in.register_b_transport(this, &Noc::access_registers);
  regs_in.register_transport_dbg(this, &Noc::debug_registers);
  fabric_->set_alarm([this](const std::string& message) { alarm(message); });
  bind_registers();
}

std::unique_ptr<Fabric> Noc::make_fabric() const {
  FabricConfig fabric = config_.fabric;
  fabric.routing = routing_of(config_.routing);
  fabric.faults = parse_faults(topology_, config_.dead_links, config_.dead_routers);
  if (config_.level == "links")
    return std::make_unique<LinksFabric>(topology_, fabric, config_.links, [] { return now_ps(); });
  if (flits(config_.max_packet_bytes) > fabric.stream_buffer_flits)
    user_error(
        "stream_buffer_flits is {}: packets of streams need {} flits, and a buffer must hold a "
        "whole one, or trees could block each other",
        fabric.stream_buffer_flits, flits(config_.max_packet_bytes));
  if (config_.level == "flit") return SystemcFlitHost::make_fabric(topology_, fabric);
  return std::make_unique<FastFabric>(topology_, fabric, [] { return now_ps(); });
}

void Noc::bind_registers() {
  regs_.on_read(NOC_GEOMETRY_OFFSET, [this](std::uint32_t) {
    return NOC_GEOMETRY_COLUMNS_SET(topology_.columns()) | NOC_GEOMETRY_ROWS_SET(topology_.rows());
  });
  regs_.on_read(NOC_ENDPOINTS_OFFSET, [this](std::uint32_t) { return topology_.endpoints(); });
  regs_.on_read(NOC_FLIT_BYTES_OFFSET, [this](std::uint32_t) { return config_.flit_bytes; });
  const auto counts = [&](std::uint32_t offset, std::uint64_t (FabricStatistics::*value)() const,
                          std::uint64_t& at_reset) {
    regs_.on_read(offset, [this, value, &at_reset](std::uint32_t) {
      return static_cast<std::uint32_t>((fabric_->statistics().*value)() - at_reset);
    });
  };
  counts(NOC_PACKETS_OFFSET, &FabricStatistics::packets, packets_at_reset_);
  counts(NOC_FLITS_OFFSET, &FabricStatistics::flits, flits_at_reset_);
  counts(NOC_LOST_OFFSET, &FabricStatistics::lost, lost_at_reset_);
  regs_.on_read(NOC_PRESENT_OFFSET, [this](std::uint32_t) {
    const std::uint32_t endpoint = regs_.get(NOC_SELECT_OFFSET);
    return static_cast<std::uint32_t>(endpoint < targets_.size() && targets_[endpoint] != nullptr &&
                                      targets_[endpoint].get() != gateway_);
  });
  regs_.on_read(NOC_LEVEL_OFFSET, [this](std::uint32_t) {
    return static_cast<std::uint32_t>(config_.level == "flit"    ? NOC_LEVEL_FLIT
                                      : config_.level == "links" ? NOC_LEVEL_LINKS
                                                                 : NOC_LEVEL_FAST);
  });
  channels_->bind_registers(regs_);
}

Noc::~Noc() = default;

void Noc::connect(PortDirectory& ports) { ports.target("regs_in", regs_in, Link::bus, NOC_SIZE); }

void Noc::reset() {
  fabric_->reset();
  channels_->reset();
  for (Multicast* const multicast : multicasts_) multicast->abort();
  regs_.reset();
  packets_at_reset_ = fabric_->statistics().packets();
  flits_at_reset_ = fabric_->statistics().flits();
  lost_at_reset_ = fabric_->statistics().lost();
}

StreamPort& Noc::stream_port(const Place& place) {
  return channels_->port(checked_endpoint("stream", place));
}

void Noc::alarm(const std::string& message) {
  ++alarms_;
  regs_.raise(NOC_WATCHDOG_OFFSET, NOC_WATCHDOG_STUCK_MASK);
  services().control.guest_warning(name(), message);
}

// By difference: a fabric that lets time pass may have carried parts of other calls meanwhile.
void Noc::charge() {
  const FabricStatistics& counters = fabric_->statistics();
  const std::uint64_t hops = counters.flit_hops();
  energy().add(energy_cause_,
               static_cast<double>(hops - hops_in_energy_) * config_.energy_flit_hop_j);
  energy().add(add_cause_, static_cast<double>(counters.additions - additions_in_energy_) *
                               config_.energy_add_j);
  hops_in_energy_ = hops;
  additions_in_energy_ = counters.additions;
}

double Noc::static_power_w() const { return config_.static_power_w * topology_.routers(); }

unsigned Noc::checked_endpoint(const std::string& name, const Place& place) const {
  const Node node{place.x, place.y, place.port};
  if (!topology_.contains(node))
    user_error(
        "{}: node x={} y={} port={} is not on network {}: x is 0..{}, y is 0..{}, port is 0..{}",
        name, place.x, place.y, place.port, this->name(), topology_.columns() - 1,
        topology_.rows() - 1, topology_.ports() - 1);
  return topology_.endpoint(node);
}

TargetSocket& Noc::attach_initiator(const std::string& name, const Place& place) {
  const unsigned endpoint = checked_endpoint(name, place);
  const HierarchyScope scope(*this);
  const auto index = static_cast<int>(initiators_.size());
  auto port = std::make_unique<InitiatorPort>(index, endpoint, *this, services().trace);
  port->socket.register_b_transport(this, &Noc::transport, index);
  port->socket.register_transport_dbg(this, &Noc::transport_debug, index);
  port->socket.register_nb_transport_fw(this, &Noc::transport_nb, index);
  port->socket.register_get_direct_mem_ptr(this, &Noc::direct_memory, index);
  initiators_.push_back(std::move(port));
  return initiators_.back()->socket;
}

Interconnect::Place Noc::attach_target(const std::string& name, TargetSocket& target,
                                       const Place& place) {
  const unsigned endpoint = checked_endpoint(name, place);
  const bool is_gateway = place.size == kGatewaySize;
  if (targets_[endpoint] != nullptr)
    user_error("{}: endpoint {} (x={} y={} port={}) of network {} is taken by {}", name, endpoint,
               place.x, place.y, place.port, this->name(), targets_[endpoint]->owner);
  if (is_gateway && gateway_ != nullptr)
    user_error("{}: network {} already has a gateway, {}", name, this->name(), gateway_->owner);
  if (!is_gateway && place.size > config_.window_bytes)
    user_error("{}: needs {:#x} bytes, the windows of network {} have {:#x}", name, place.size,
               this->name(), config_.window_bytes);
  const HierarchyScope scope(*this);
  targets_[endpoint] = std::make_unique<TargetPort>(name, endpoint);
  targets_[endpoint]->socket.bind(target);
  targets_[endpoint]->socket.register_invalidate_direct_mem_ptr(this, &Noc::invalidate_memory);
  if (is_gateway) {
    gateway_ = targets_[endpoint].get();
    gateway_endpoint_ = endpoint;
  }
  Place result = place;
  result.base = config_.window_base + endpoint * config_.window_bytes;
  result.size = config_.window_bytes;
  return result;
}

// Empty: no packet can be sent, because nothing on the network claims the address.
std::optional<Noc::Route> Noc::decode(std::uint64_t address, unsigned source) {
  const std::uint64_t offset = address - config_.window_base;
  const std::uint64_t number = offset / config_.window_bytes;
  if (address >= config_.window_base && number >= targets_.size() &&
      number < targets_.size() + config_.channels) {
    const std::uint64_t within = offset % config_.window_bytes;
    const auto* const sinks = channels_->window(static_cast<unsigned>(number - targets_.size()));
    if (sinks == nullptr) return std::nullopt;
    return Route{0, nullptr, within, config_.window_bytes - within, sinks};
  }
  if (address >= config_.window_base && number < targets_.size()) {
    const auto endpoint = static_cast<unsigned>(offset / config_.window_bytes);
    TargetPort* const target = targets_[endpoint].get();
    const std::uint64_t within = offset % config_.window_bytes;
    // The gateway answers outside of the windows only; its own window is empty, or accesses could
    // go in circles between bus and network.
    return Route{endpoint, target == gateway_ ? nullptr : target, within,
                 config_.window_bytes - within};
  }
  if (gateway_ == nullptr || source == gateway_endpoint_) return std::nullopt;
  return Route{gateway_endpoint_, gateway_, address, kGatewaySize};
}

unsigned Noc::flits(std::uint64_t payload_bytes) const {
  const std::uint64_t body = (payload_bytes + config_.flit_bytes - 1) / config_.flit_bytes;
  return static_cast<unsigned>(std::max<std::uint64_t>(config_.header_flits + body, 1));
}

void Noc::access_registers(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += period_;
  txn.set_dmi_allowed(false);
  // A value that cannot be right is a bus error; that takes words one by one.
  if (txn.is_write() && txn.get_address() + txn.get_data_length() > NOC_CH_CTRL_OFFSET(0) &&
      txn.get_byte_enable_ptr() == nullptr) {
    std::uint32_t value = 0;
    if (txn.get_data_length() != 4) {
      txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
      return;
    }
    std::memcpy(&value, txn.get_data_ptr(), 4);
    if (txn.get_address() < NOC_SIZE && !channels_->accepts(txn.get_address(), value)) {
      txn.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
  }
  txn.set_response_status(regs_.access(txn));
}

unsigned Noc::debug_registers(tlm::tlm_generic_payload& txn) { return regs_.debug(txn); }

void Noc::transport(int index, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  InitiatorPort& port = *initiators_[static_cast<std::size_t>(index)];
  const std::uint64_t begin = now_ps() + to_ps(delay);
  txn.set_dmi_allowed(false);
  if (txn.get_data_length() == 0 || txn.get_streaming_width() < txn.get_data_length()) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  std::uint64_t end = begin + fabric_->period_ps();
  if (const std::optional<Route> route = decode(txn.get_address(), port.endpoint)) {
    if (route->sinks == nullptr) {
      end = Transfer(*this, *route, txn).run(port.endpoint, begin);
    } else if (!txn.is_write()) {
      txn.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    } else if (txn.get_data_length() > route->limit) {
      txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else {
      end = Multicast(*this, *route->sinks, route->address, txn).run(port.endpoint, begin);
    }
  } else {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  if (txn.get_response_status() != tlm::TLM_OK_RESPONSE) ++errors_;
  charge();
  const std::uint64_t now = now_ps();
  delay = sc_core::sc_time::from_value(end > now ? end - now : 0);
  port.lanes.slice(begin, std::max(begin, end), txn.is_read() ? read_name_ : write_name_,
                   txn.get_data_length());
}

unsigned Noc::transport_debug(int index, tlm::tlm_generic_payload& txn) {
  const InitiatorPort& port = *initiators_[static_cast<std::size_t>(index)];
  const std::optional<Route> route = decode(txn.get_address(), port.endpoint);
  if (!route || route->target == nullptr) return 0;
  const std::uint64_t address = txn.get_address();
  const unsigned length = txn.get_data_length();
  txn.set_address(route->address);
  txn.set_data_length(static_cast<unsigned>(std::min<std::uint64_t>(length, route->limit)));
  const unsigned done = route->target->socket->transport_dbg(txn);
  txn.set_address(address);
  txn.set_data_length(length);
  return done;
}

}  // namespace aimc::noc
