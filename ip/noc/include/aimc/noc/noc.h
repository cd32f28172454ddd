// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_bank.h"
#include "aimc/common/stream_port.h"
#include "aimc/noc/fabric.h"
#include "aimc/noc/links_fabric.h"

namespace aimc::noc {

/// Address space of a target that takes what no endpoint's window covers: the gateway to the bus.
/// A block says so by listing its target port with this size.
inline constexpr std::uint64_t kGatewaySize = ~std::uint64_t{0};

struct NocConfig {
  unsigned columns = 4;
  unsigned rows = 4;
  unsigned ports = 1;  ///< Local ports of each router.
  std::string level = "fast";
  FabricConfig fabric;
  LinksConfig links;  ///< For the level `links`.
  unsigned flit_bytes = 16;
  unsigned header_flits = 1;
  unsigned max_packet_bytes = 256;  ///< Payload of one packet.
  std::uint64_t window_base = 0x40000000;
  std::uint64_t window_bytes = 0x100000;  ///< Per endpoint.
  unsigned irq_base = 64;                 ///< Endpoint n interrupts with source irq_base + n.
  unsigned outstanding = 4;               ///< Non-blocking transactions of one initiator.
  unsigned channels = 16;                 ///< Channels of vectors, see `StreamPort`.
  std::string routing = "xy";             ///< One of `routing_words()`.
  std::string dead_links;                 ///< As `parse_faults` reads them.
  std::string dead_routers;
  std::string dmi = "denied";        ///< Or "debug": initiators may bypass the network.
  double energy_flit_hop_j = 1e-12;  ///< One flit through one router and the link behind it.
  double energy_add_j = 0.5e-12;     ///< One flit added to another in a router.
  double static_power_w = 1e-4;      ///< Per router.
};

void describe(ParamTable& table, NocConfig& config);

/// Mesh network between initiators and targets: the network interfaces and, behind `Fabric`, the
/// routers.
///
/// Initiators present addresses of the whole system. An address in the window of endpoint n goes
/// there, with the offset in the window as address; any other goes to the gateway with its address
/// unchanged. What nobody answers returns TLM_ADDRESS_ERROR_RESPONSE after the way there and back.
class Noc : public Module, public Interconnect, public StreamNetwork {
 public:
  using Config = NocConfig;

  tlm_utils::simple_target_socket<Noc> regs_in;

  /// @throws UserError for a geometry or sizes that cannot be.
  Noc(const sc_core::sc_module_name& name, const Config& config, Services& services);
  ~Noc() override;

  Link link() const override { return Link::noc; }
  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;
  double static_power_w() const override;

  /// Several initiators may share an endpoint; they share its injection link too.
  TargetSocket& attach_initiator(const std::string& name, const Place& place) override;
  /// `place.size` is what the target decodes: at most a window, 0 for a whole window, or
  /// `kGatewaySize`. @returns the place with base and size of the endpoint's window.
  Place attach_target(const std::string& name, TargetSocket& target, const Place& place) override;

  StreamPort& stream_port(const Place& place) override;

  const Config& config() const { return config_; }
  const Fabric& fabric() const { return *fabric_; }

 private:
  struct InitiatorPort;
  struct TargetPort;
  class Transfer;
  class Multicast;
  class Channels;
  class AtPort;
  struct Route {
    unsigned endpoint;
    TargetPort* target;     // null: nobody there
    std::uint64_t address;  // as the target sees it
    std::uint64_t limit;    // bytes from `address` on that the target may be asked for
    const std::vector<std::uint32_t>* sinks = nullptr;  // of a multicast window
  };

  void access_registers(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned debug_registers(tlm::tlm_generic_payload& txn);
  void transport(int port, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_debug(int port, tlm::tlm_generic_payload& txn);
  tlm::tlm_sync_enum transport_nb(int port, tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay);
  bool direct_memory(int port, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  void invalidate_memory(sc_dt::uint64 start, sc_dt::uint64 end);
  std::optional<Route> decode(std::uint64_t address, unsigned source);
  unsigned flits(std::uint64_t payload_bytes) const;
  unsigned checked_endpoint(const std::string& name, const Place& place) const;
  std::unique_ptr<Fabric> make_fabric() const;
  void bind_registers();
  void charge();
  void report_links(nlohmann::ordered_json& stats) const;
  void alarm(const std::string& message);

  Config config_;
  Topology topology_;
  std::unique_ptr<Fabric> fabric_;
  RegisterBank regs_;
  sc_core::sc_time period_;
  std::vector<std::unique_ptr<InitiatorPort>> initiators_;
  std::vector<std::unique_ptr<TargetPort>> targets_;  // by endpoint number; null where nobody is
  TargetPort* gateway_ = nullptr;
  unsigned gateway_endpoint_ = 0;
  std::unique_ptr<Channels> channels_;
  std::set<Multicast*> multicasts_;  // on the way
  EnergyLedger::Cause energy_cause_;
  EnergyLedger::Cause add_cause_;
  std::uint16_t read_name_;
  std::uint16_t write_name_;
  std::uint64_t errors_ = 0;
  std::uint64_t hops_in_energy_ = 0;
  std::uint64_t additions_in_energy_ = 0;
  std::uint64_t alarms_ = 0;
  std::uint64_t lost_at_reset_ = 0;
  std::uint64_t packets_at_reset_ = 0;
  std::uint64_t flits_at_reset_ = 0;
};

}  // namespace aimc::noc
