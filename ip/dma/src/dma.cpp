// SPDX-License-Identifier: Apache-2.0
#include "aimc/dma/dma.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/dma/dma_map.h"
#include "aimc/dma/dma_regs.h"
#include "channel.h"

namespace aimc::dma {

void describe(ParamTable& table, DmaConfig& config) {
  table.integer("channels", config.channels, 1u, DMA_CHANNELS_MAX, "independent channels");
  table.quantity("clock", config.clock_hz, Unit::hertz, 1e6, 100e9, "clock of the engine");
  table.integer("burst_bytes", config.burst_bytes, 4u, 65536u,
                "longest transaction, and size of each of a channel's two buffers");
  table.integer("bytes_per_cycle", config.bytes_per_cycle, 1u, 1024u, "width of the data path");
  table.integer("outstanding", config.outstanding, 1u, 16u,
                "transactions of one channel and direction under way at a time");
  table.integer("setup_cycles", config.setup_cycles, 0u, 1000000u,
                "from a descriptor's arrival to its first transaction");
  table.quantity("energy_byte", config.energy_byte_j, Unit::joule, 0, 1e-6, "one byte in and out");
  table.quantity("static_power", config.static_power_w, Unit::watt, 0, 100, "whole engine");
}

Dma::Dma(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      mem_out("mem_out"),
      irq("irq"),
      config_(config),
      period_(to_time(1.0 / config.clock_hz)),
      regs_{&regs::kDma},
      energy_cause_(energy().cause("transfer")) {
  regs_in.register_b_transport(this, &Dma::b_transport);
  regs_in.register_transport_dbg(this, &Dma::transport_dbg);
  for (unsigned i = 0; i < config_.channels; ++i)
    channels_.push_back(std::make_unique<Channel>(*this, i));
  bind_registers();
  SC_HAS_PROCESS(Dma);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
}

Dma::~Dma() = default;

void Dma::bind_registers() {
  regs_.on_read(DMA_CHANNELS_OFFSET, [this](std::uint32_t) { return config_.channels; });
  regs_.on_read(DMA_IRQ_PENDING_OFFSET, [this](std::uint32_t) { return irq_pending(); });
  regs_.on_write(DMA_CH_CTRL_OFFSET(0), [this](std::uint32_t value, std::uint32_t channel) {
    if ((value & DMA_CH_CTRL_START_MASK) != 0) channels_[channel]->start();
    if ((value & DMA_CH_CTRL_ABORT_MASK) != 0) channels_[channel]->abort();
    irq_changed_.notify(sc_core::SC_ZERO_TIME);
  });
  regs_.on_write(DMA_CH_STATUS_OFFSET(0), [this](std::uint32_t, std::uint32_t) {
    irq_changed_.notify(sc_core::SC_ZERO_TIME);
  });
  // Hooks of an array are called for channels that are not there only by a debugger.
  regs_.on_read(DMA_CH_BYTES_OFFSET(0), [this](std::uint32_t channel) {
    return channel < channels_.size() ? channels_[channel]->bytes_since_reset() : 0;
  });
  regs_.on_read(DMA_CH_DESCRIPTORS_OFFSET(0), [this](std::uint32_t channel) {
    return channel < channels_.size() ? channels_[channel]->descriptors_since_reset() : 0;
  });
}

void Dma::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, DMA_SIZE);
  ports.initiator("mem_out", mem_out, Link::bus);
  ports.irq_out("irq", irq);
}

void Dma::reset() {
  for (const auto& channel : channels_) channel->reset();
  regs_.reset();
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Dma::report(nlohmann::ordered_json& stats) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& channel : channels_) {
    nlohmann::ordered_json entry;
    channel->report(entry);
    list.push_back(std::move(entry));
  }
  stats["channels"] = std::move(list);
}

bool Dma::exists(std::uint64_t offset, unsigned length) const {
  const std::uint64_t end = DMA_CH_CTRL_OFFSET(config_.channels);
  return offset + length <= end;
}

void Dma::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += period_;
  txn.set_dmi_allowed(false);
  txn.set_response_status(exists(txn.get_address(), txn.get_data_length())
                              ? regs_.access(txn)
                              : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned Dma::transport_dbg(tlm::tlm_generic_payload& txn) { return regs_.debug(txn); }

std::uint32_t Dma::irq_pending() const {
  std::uint32_t pending = 0;
  for (unsigned i = 0; i < config_.channels; ++i) {
    const std::uint32_t control = regs_.get(DMA_CH_CTRL_OFFSET(i));
    const std::uint32_t status = regs_.get(DMA_CH_STATUS_OFFSET(i));
    const bool done =
        (control & DMA_CH_CTRL_IRQ_DONE_MASK) != 0 && (status & DMA_CH_STATUS_DONE_MASK) != 0;
    const bool error =
        (control & DMA_CH_CTRL_IRQ_ERROR_MASK) != 0 && (status & DMA_CH_STATUS_ERROR_MASK) != 0;
    if (done || error) pending |= 1u << i;
  }
  return pending;
}

void Dma::drive_irq() { irq.write(irq_pending() != 0); }

}  // namespace aimc::dma
