// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/fabric.h"

#include <cmath>

#include "aimc/common/error.h"

namespace aimc::noc {

Fabric::Fabric(const Topology& topology, const FabricConfig& config, Clock clock)
    : topology_(topology),
      config_(config),
      clock_(std::move(clock)),
      period_ps_(static_cast<std::uint64_t>(std::llround(1e12 / config.clock_hz))) {
  if (config.virtual_channels < 2 || config.virtual_channels % 2 != 0)
    user_error(
        "virtual_channels is {}: requests and responses need disjoint channels, so give an even "
        "number of 2 or more",
        config.virtual_channels);
  if (config.vc_buffer_flits == 0) user_error("vc_buffer_flits is 0: give 1 or more");
  if (config.stream_channels == 0)
    user_error("stream_channels is 0: streams and collectives need a channel of their own");
  if (config.stream_buffer_flits == 0) user_error("stream_buffer_flits is 0: give 1 or more");
  if (config.injection_packets == 0) user_error("injection_packets is 0: give 1 or more");
  statistics_.links.resize(topology_.links());
}

unsigned Fabric::link_router(unsigned link) const {
  return topology_.kind(link) == Topology::LinkKind::injection ? kNoRouter : topology_.router(link);
}

std::uint64_t Fabric::zero_load_cycles(unsigned hops, unsigned flits) const {
  return std::uint64_t{config_.router_cycles + config_.link_cycles} * (hops + 1) +
         2 * config_.interface_cycles + (flits - 1);
}

}  // namespace aimc::noc
