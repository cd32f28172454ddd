// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <systemc>
#include <unordered_map>

#include "aimc/noc/flit_fabric.h"

namespace aimc::noc {

/// Lets SystemC's time pass for the flit level.
class SystemcFlitHost : public FlitHost {
 public:
  /// A flit fabric that lives in this kernel. Call while modules are being built.
  static std::unique_ptr<Fabric> make_fabric(const Topology& topology, const FabricConfig& config);

  std::uint64_t quiet_ps() const override;
  void drive_after(std::uint64_t delay_ps) override;
  void suspend(const void* key) override;
  void resume(const void* key) override;

 private:
  SystemcFlitHost() = default;
  void start(FlitFabric& fabric);

  sc_core::sc_event wake_;
  std::unordered_map<const void*, std::unique_ptr<sc_core::sc_event>> sleepers_;
};

}  // namespace aimc::noc
