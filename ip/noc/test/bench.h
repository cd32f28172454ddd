// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "aimc/noc/noc.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"
#include "endpoint.h"

namespace aimc::noc::testing {

using aimc::testing::BusMaster;
using aimc::testing::Endpoint;
using aimc::testing::TestServices;

constexpr std::uint64_t kPeriod = 2500;
constexpr std::uint64_t kWindow = 0x100000;
constexpr std::uint64_t kBase = 0x40000000;

/// 5 (h + 1) + 2 + (L - 1) cycles.
constexpr std::uint64_t one_way(unsigned hops, unsigned flits) {
  return (5 * (hops + 1) + 2 + flits - 1) * kPeriod;
}
inline std::uint64_t window(unsigned endpoint) { return kBase + endpoint * kWindow; }

inline NocConfig mesh(unsigned columns, unsigned rows, unsigned ports = 1) {
  NocConfig config;
  config.columns = columns;
  config.rows = rows;
  config.ports = ports;
  return config;
}

/// A network with one initiator at endpoint 0, its registers, and a target wherever asked.
struct Bench {
  explicit Bench(const NocConfig& config = mesh(4, 4)) : noc("noc", config, services.services) {
    host.out.bind(noc.attach_initiator("host", {}));
    bus.out.bind(noc.regs_in);
  }
  Endpoint& target(unsigned endpoint, std::uint64_t size = 0) {
    const Node node = noc.fabric().topology().node(endpoint);
    targets.push_back(std::make_unique<Endpoint>(sc_core::sc_gen_unique_name("target")));
    place = noc.attach_target(targets.back()->name(), targets.back()->in,
                              {0, size, node.x, node.y, node.port});
    return *targets.back();
  }
  void start() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }
  nlohmann::ordered_json report() const {
    nlohmann::ordered_json stats;
    noc.report(stats);
    return stats;
  }

  TestServices services;
  Noc noc;
  BusMaster host{"host"};
  BusMaster bus{"bus"};
  std::vector<std::unique_ptr<Endpoint>> targets;
  Interconnect::Place place;
};

}  // namespace aimc::noc::testing
