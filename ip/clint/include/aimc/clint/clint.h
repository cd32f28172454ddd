// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_bank.h"

namespace aimc::clint {

struct Config {
  unsigned harts = 1;
  double mtime_hz = 10e6;  ///< Ticks of the machine timer; QEMU's virt machine has 10 MHz.
};

void describe(ParamTable& params, Config& config);

/// Core-local interruptor: software interrupts and the machine timer.
///
/// The timer is a function of simulated time, so nothing runs while it counts; one event stands at
/// the next compare value of any hart.
class Clint : public Module {
 public:
  using Config = clint::Config;

  tlm_utils::simple_target_socket<Clint> regs_in;
  sc_core::sc_vector<sc_core::sc_out<bool>> irq_software;
  sc_core::sc_vector<sc_core::sc_out<bool>> irq_timer;

  Clint(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override;

  /// Value of the machine timer at a simulated time [ps], as the harts' `time` CSR shows it.
  std::uint64_t mtime(std::uint64_t time_ps) const { return time_ps / tick_ps_ + offset_; }

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool decodes(std::uint64_t offset, unsigned length) const;
  void serve_hole(tlm::tlm_generic_payload& txn);
  void set_mtime(std::uint64_t value, std::uint64_t mask);
  void drive_irqs();
  std::uint64_t mtimecmp(unsigned hart) const;

  Config config_;
  std::uint64_t tick_ps_;
  std::uint64_t offset_ = 0;     // of the timer against simulated time, modulo 2^64
  std::uint64_t access_ps_ = 0;  // local time of the access being served
  RegisterBank regs_;
  sc_core::sc_event changed_;
};

}  // namespace aimc::clint
