// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "aimc/common/calendar.h"
#include "aimc/noc/fabric.h"

namespace aimc::noc {

/// The fast level: whole packets, one reservation per link, times computed at once.
///
/// A packet walks its route. At each link it waits for a virtual channel of its class and for the
/// wires, then takes the wires for L flit times; the tail follows the head at L - 1 cycles. An idle
/// network gives `zero_load_cycles` exactly. See README.md for the rules and what they leave out.
class FastFabric : public Fabric {
 public:
  FastFabric(const Topology& topology, const FabricConfig& config, Clock clock);

  void carry(std::span<Packet> burst) override;
  void exchange(std::span<Exchange> burst, Service& service) override;
  void reset() override;

 private:
  // The virtual channels of one class on one link, as one server.
  struct Channels {
    Calendar calendar;
    std::uint64_t held_until = 0;  // by packets that wait further on
  };
  struct Link {
    Calendar wires;  // shared by the classes
    Channels channels[kMessageClasses];
  };
  void route(Packet& packet, std::uint64_t not_before);

  std::vector<Link> links_;
  std::uint64_t now_ = 0;
  unsigned class_channels_;  // virtual channels of one class
  std::uint64_t buffer_ps_;  // what the buffers of one class behind a link absorb
};

}  // namespace aimc::noc
