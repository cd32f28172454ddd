// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::finisher {

/// The finisher has no parameters.
struct Config {};

void describe(ParamTable& params, Config& config);

/// Ends or resets the simulation on a write, compatible with the test device of QEMU's virt
/// machine.
class Finisher : public Module {
 public:
  using Config = finisher::Config;

  tlm_utils::simple_target_socket<Finisher> regs_in;

  Finisher(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override {}

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  tlm::tlm_response_status act(std::uint32_t value);
};

}  // namespace aimc::finisher
