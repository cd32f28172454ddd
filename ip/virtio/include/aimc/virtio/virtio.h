// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::virtio {

/// The transports have no parameters.
struct Config {};

void describe(ParamTable& params, Config& config);

/// Eight virtio transports with nothing behind: what a program that looks for virtio devices finds
/// on QEMU's virt machine when none was asked for.
class Virtio : public Module {
 public:
  using Config = virtio::Config;

  tlm_utils::simple_target_socket<Virtio> regs_in;

  Virtio(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override {}

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
};

}  // namespace aimc::virtio
