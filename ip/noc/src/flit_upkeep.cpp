// SPDX-License-Identifier: Apache-2.0
// Watchdog, reset and counters of the flit level.
#include <algorithm>

#include "aimc/noc/flit_fabric.h"

namespace aimc::noc {

void FlitFabric::lose_all() {
  const std::string ring = network_.waiting_cycle();
  raise_alarm(ring.empty() ? "packets stand still" : ring);
  network_.reset();
  for (std::deque<std::uint64_t>& queue : queues_) queue.clear();
  const std::uint64_t time = time_of(network_.cycle());
  for (std::uint64_t index = 0; index < flights_.size(); ++index) {
    Flight& flight = flights_[index];
    if (!flight.active) continue;
    const bool later = std::any_of(launches_.begin(), launches_.end(),
                                   [index](const auto& launch) { return launch.second == index; });
    if (later) continue;
    flight.copies = 1;
    arrivals_.push_back({index, flight.packet.destination, time, false});
  }
}

void FlitFabric::reset() {
  network_.reset();
  launches_.clear();
  arrivals_.clear();
  reductions_.clear();
  for (std::deque<std::uint64_t>& queue : queues_) queue.clear();
  const std::vector<Flight> dropped = std::move(flights_);
  flights_.clear();
  free_flights_.clear();
  for (const Flight& flight : dropped) {
    if (!flight.active || flight.caller == nullptr) continue;
    flight.caller->lost = true;
    flight.caller->arrival_ps = std::max<std::uint64_t>(now_ps(), 1);
    host_->resume(flight.waiting);
  }
}

void FlitFabric::refresh_statistics() {
  const Topology& mesh = topology();
  const unsigned stride = Topology::kNeighbours + 2 * mesh.ports();
  for (unsigned router = 0; router < mesh.routers(); ++router) {
    for (unsigned port = 0; port < Topology::kNeighbours + mesh.ports(); ++port) {
      FabricStatistics::Link& link = statistics_.links[router * stride + port];
      link.flits = network_.link_flits(router, port);
      for (unsigned v = 0; v < link.vc_flits.size(); ++v)
        link.vc_flits[v] = network_.channel_flits(router, port, v);
      const flit::WaitStatistics& waits = network_.waits(router, port);
      link.blocked_channel_ps = waits.no_channel * period_ps();
      link.blocked_switch_ps = waits.switch_conflict * period_ps();
      link.blocked_credit_ps = waits.no_credit * period_ps();
      link.blocked_ps = link.blocked_channel_ps + link.blocked_switch_ps + link.blocked_credit_ps;
    }
    for (unsigned port = 0; port < mesh.ports(); ++port)
      statistics_.links[router * stride + Topology::kNeighbours + mesh.ports() + port].flits =
          network_.injected_flits(router + port * mesh.routers());
  }
}

}  // namespace aimc::noc
