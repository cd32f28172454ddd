// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_bank.h"

namespace aimc::dma {

struct DmaConfig {
  unsigned channels = 8;
  double clock_hz = 400e6;
  unsigned burst_bytes = 256;     ///< Longest transaction; also each of a channel's two buffers.
  unsigned bytes_per_cycle = 16;  ///< Width of the data path, in and out.
  unsigned outstanding = 4;       ///< Transactions of one channel and direction under way.
  unsigned setup_cycles = 8;      ///< From a descriptor's arrival to its first transaction.
  double energy_byte_j = 1e-12;   ///< One byte in and out.
  double static_power_w = 1e-3;
};

void describe(ParamTable& table, DmaConfig& config);

/// Copies between any two places of the address map, driven by descriptors in memory.
///
/// Ports: `regs_in` (bus), `mem_out` (bus), `irq`. Registers and descriptor: dma.regs.yaml.
class Dma : public Module {
 public:
  using Config = DmaConfig;

  tlm_utils::simple_target_socket<Dma> regs_in;
  tlm_utils::simple_initiator_socket<Dma> mem_out;
  sc_core::sc_out<bool> irq;

  Dma(const sc_core::sc_module_name& name, const Config& config, Services& services);
  ~Dma() override;

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;
  double static_power_w() const override { return config_.static_power_w; }

 private:
  friend class Channel;
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  void bind_registers();
  bool exists(std::uint64_t offset, unsigned length) const;
  std::uint32_t irq_pending() const;
  void drive_irq();

  Config config_;
  sc_core::sc_time period_;
  RegisterBank regs_;
  std::vector<std::unique_ptr<class Channel>> channels_;
  sc_core::sc_event irq_changed_;
  EnergyLedger::Cause energy_cause_;
};

}  // namespace aimc::dma
