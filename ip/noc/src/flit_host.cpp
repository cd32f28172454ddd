// SPDX-License-Identifier: Apache-2.0
#include "flit_host.h"

#include "aimc/common/module.h"

namespace aimc::noc {

std::unique_ptr<Fabric> SystemcFlitHost::make_fabric(const Topology& topology,
                                                     const FabricConfig& config) {
  std::unique_ptr<SystemcFlitHost> owned(new SystemcFlitHost);
  SystemcFlitHost& host = *owned;
  auto fabric = std::make_unique<FlitFabric>(
      topology, config, [] { return now_ps(); }, std::move(owned));
  host.start(*fabric);
  return fabric;
}

void SystemcFlitHost::start(FlitFabric& fabric) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&wake_);
  sc_core::sc_spawn([&fabric] { fabric.drive(); }, sc_core::sc_gen_unique_name("flit_driver"),
                    &options);
}

std::uint64_t SystemcFlitHost::quiet_ps() const {
  if (sc_core::sc_pending_activity_at_current_time()) return 0;
  return to_ps(sc_core::sc_time_to_pending_activity());
}

// An event keeps its earliest notification.
void SystemcFlitHost::drive_after(std::uint64_t delay_ps) {
  wake_.notify(sc_core::sc_time::from_value(delay_ps));
}

void SystemcFlitHost::suspend(const void* key) {
  std::unique_ptr<sc_core::sc_event>& event = sleepers_[key];
  if (!event) event = std::make_unique<sc_core::sc_event>();
  sc_core::wait(*event);
  sleepers_.erase(key);
}

void SystemcFlitHost::resume(const void* key) {
  const auto found = sleepers_.find(key);
  if (found != sleepers_.end()) found->second->notify(sc_core::SC_ZERO_TIME);
}

}  // namespace aimc::noc
