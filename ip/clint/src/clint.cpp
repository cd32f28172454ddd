// SPDX-License-Identifier: Apache-2.0
#include "aimc/clint/clint.h"

#include <algorithm>
#include <limits>

#include "aimc/clint/clint_map.h"
#include "aimc/clint/clint_regs.h"

namespace aimc::clint {
namespace {

constexpr std::uint64_t kLowHalf = 0xffffffffull;

}  // namespace

void describe(ParamTable& params, Config& config) {
  params.integer("harts", config.harts, 1u, unsigned{CLINT_MSIP_COUNT}, "Harts served");
  params.quantity("mtime", config.mtime_hz, Unit::hertz, 1e3, 1e9, "Frequency of the timer");
}

Clint::Clint(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      irq_software("irq_software", config.harts),
      irq_timer("irq_timer", config.harts),
      config_(config),
      tick_ps_(to_ps(to_time(1.0 / config.mtime_hz))),
      regs_{&regs::kClint} {
  regs_in.register_b_transport(this, &Clint::b_transport);
  regs_in.register_transport_dbg(this, &Clint::transport_dbg);
  const auto changed = [this](std::uint32_t, std::uint32_t) {
    changed_.notify(sc_core::SC_ZERO_TIME);
  };
  regs_.on_write(CLINT_MSIP_OFFSET(0), changed);
  regs_.on_write(CLINT_MTIMECMP_LOW_OFFSET(0), changed);
  regs_.on_write(CLINT_MTIMECMP_HIGH_OFFSET(0), changed);
  regs_.on_read(CLINT_MTIME_LOW_OFFSET, [this](std::uint32_t) {
    return static_cast<std::uint32_t>(mtime(access_ps_) & kLowHalf);
  });
  regs_.on_read(CLINT_MTIME_HIGH_OFFSET, [this](std::uint32_t) {
    return static_cast<std::uint32_t>(mtime(access_ps_) >> 32);
  });
  regs_.on_write(CLINT_MTIME_LOW_OFFSET,
                 [this](std::uint32_t value, std::uint32_t) { set_mtime(value, kLowHalf); });
  regs_.on_write(CLINT_MTIME_HIGH_OFFSET, [this](std::uint32_t value, std::uint32_t) {
    set_mtime(std::uint64_t{value} << 32, ~kLowHalf);
  });
  SC_HAS_PROCESS(Clint);
  SC_METHOD(drive_irqs);
  sensitive << changed_;
}

void Clint::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, CLINT_SIZE);
  for (unsigned hart = 0; hart < config_.harts; ++hart) {
    ports.irq_out(fmt::format("irq_software{}", hart), irq_software[hart]);
    ports.irq_out(fmt::format("irq_timer{}", hart), irq_timer[hart]);
  }
}

void Clint::reset() {
  regs_.reset();
  // The timer starts again at 0, as after power-on.
  offset_ = std::uint64_t{0} - now_ps() / tick_ps_;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

bool Clint::decodes(std::uint64_t offset, unsigned length) const {
  const std::uint64_t end = offset + length;
  if (offset >= CLINT_MTIME_LOW_OFFSET) return true;
  if (offset >= CLINT_MTIMECMP_LOW_OFFSET(0))
    return end <= CLINT_MTIMECMP_LOW_OFFSET(config_.harts);
  return end <= CLINT_MSIP_OFFSET(config_.harts);
}

/// As QEMU: a program for more harts than there are may set up all that it was built for.
void Clint::serve_hole(tlm::tlm_generic_payload& txn) {
  if (txn.is_read()) std::fill_n(txn.get_data_ptr(), txn.get_data_length(), std::uint8_t{0});
  services().control.guest_warning(
      name(), fmt::format("no register at {:#x}: reads as 0, writes are ignored",
                          std::uint64_t{txn.get_address()}));
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

void Clint::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  txn.set_dmi_allowed(false);
  const std::uint64_t offset = txn.get_address();
  const unsigned length = txn.get_data_length();
  if ((length != 4 && length != 8) || offset % length != 0) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (offset > CLINT_MTIME_HIGH_OFFSET) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (!decodes(offset, length)) {
    serve_hole(txn);
  } else {
    access_ps_ = now_ps() + to_ps(delay);
    txn.set_response_status(regs_.access(txn));
  }
}

unsigned Clint::transport_dbg(tlm::tlm_generic_payload& txn) {
  access_ps_ = now_ps();
  return regs_.debug(txn);
}

void Clint::set_mtime(std::uint64_t value, std::uint64_t mask) {
  const std::uint64_t present = mtime(access_ps_);
  offset_ += ((present & ~mask) | value) - present;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

std::uint64_t Clint::mtimecmp(unsigned hart) const {
  return (std::uint64_t{regs_.get(CLINT_MTIMECMP_HIGH_OFFSET(hart))} << 32) |
         regs_.get(CLINT_MTIMECMP_LOW_OFFSET(hart));
}

void Clint::drive_irqs() {
  const std::uint64_t now = now_ps();
  const std::uint64_t ticks = mtime(now);
  std::uint64_t next = std::numeric_limits<std::uint64_t>::max();  // ticks from now
  for (unsigned hart = 0; hart < config_.harts; ++hart) {
    irq_software[hart].write((regs_.get(CLINT_MSIP_OFFSET(hart)) & CLINT_MSIP_PENDING_MASK) != 0);
    const std::uint64_t compare = mtimecmp(hart);
    irq_timer[hart].write(ticks >= compare);
    if (compare > ticks) next = std::min(next, compare - ticks);
  }
  // Beyond the kernel's last moment there is nothing to wait for.
  const std::uint64_t phase = now % tick_ps_;
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - now;
  changed_.cancel();
  if (next <= room / tick_ps_)
    changed_.notify(sc_core::sc_time::from_value(next * tick_ps_ - phase));
}

}  // namespace aimc::clint
