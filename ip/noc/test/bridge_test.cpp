// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/bridge.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/noc/noc.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"
#include "endpoint.h"

namespace aimc::noc {
namespace {

using aimc::testing::BusMaster;
using aimc::testing::Endpoint;
using aimc::testing::TestServices;

constexpr std::uint64_t kPeriod = 2500;
constexpr std::uint64_t kBase = 0x40000000;
constexpr std::uint64_t kWindow = 0x100000;
constexpr std::uint64_t one_way(unsigned hops, unsigned flits) {
  return (5 * (hops + 1) + 2 + flits - 1) * kPeriod;
}

/// Bus master -> bridge at endpoint 0 -> network -> tile at endpoint 3; an initiator of the tile ->
/// network -> bridge -> RAM.
struct Bench {
  Bench() {
    PortDirectory ports;
    bridge.connect(ports);
    for (const auto& target : ports.targets)
      if (target.link == Link::noc)
        gateway = noc.attach_target("bridge", *target.socket, {0, target.size, 0, 0, 0});
    for (const auto& initiator : ports.initiators)
      initiator.bind(initiator.link == Link::noc ? noc.attach_initiator("bridge", {}) : ram.in);
    tile_window = noc.attach_target("tile", tile.in, {0, 0, 3, 0, 0});
    tile_master.out.bind(noc.attach_initiator("tile", {0, 0, 3, 0, 0}));
    host.out.bind(bridge.bus_in);
    registers.out.bind(noc.regs_in);
    ram.base = 0x80000000;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  static NocConfig config() {
    NocConfig mesh;
    mesh.columns = 4;
    mesh.rows = 1;
    return mesh;
  }

  TestServices services;
  Noc noc{"noc", config(), services.services};
  Bridge bridge{"bridge", BridgeConfig(), services.services};
  Endpoint ram{"ram"};
  Endpoint tile{"tile"};
  BusMaster host{"host"};
  BusMaster tile_master{"tile_master"};
  BusMaster registers{"registers"};
  Interconnect::Place gateway;
  Interconnect::Place tile_window;
};

TEST(BridgeTest, LeadsTheBusWindowToEndpoints) {
  Bench bench;
  EXPECT_EQ(bench.host.write(3 * kWindow + 0x40, 0x12345678), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.tile.bytes[0x40], 0x78);
  EXPECT_EQ(to_ps(bench.host.delay), 2 * kPeriod + one_way(3, 2) + one_way(3, 1));
  EXPECT_EQ(bench.host.read(3 * kWindow + 0x40), 0x12345678u);
}

TEST(BridgeTest, LeadsEndpointsToTheBusWithTheAddressUnchanged) {
  Bench bench;
  bench.ram.latency_ps = 4 * kPeriod;
  EXPECT_EQ(bench.tile_master.write(0x80000100, 0xcafe), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.ram.accesses[0].address, 0x80000100u);
  EXPECT_EQ(bench.ram.accesses[0].time_ps, one_way(3, 2) + 2 * kPeriod);
  EXPECT_EQ(to_ps(bench.tile_master.delay),
            one_way(3, 2) + 2 * kPeriod + 4 * kPeriod + one_way(3, 1));
  EXPECT_EQ(bench.tile_master.read(0x80000100), 0xcafeu);
}

TEST(BridgeTest, ReturnsErrorsOfBothSides) {
  Bench bench;
  EXPECT_EQ(bench.host.write(2 * kWindow, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.tile_master.write(0x90000000, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  nlohmann::ordered_json stats;
  bench.bridge.report(stats);
  EXPECT_EQ(stats["to_noc"]["errors"], 1);
  EXPECT_EQ(stats["to_bus"]["errors"], 1);
  EXPECT_EQ(stats["to_bus"]["transactions"], 1);
}

TEST(BridgeTest, DoesNotLeadAddressesInACircle) {
  Bench bench;
  // Beyond the last endpoint the gateway is the source itself; its own window is empty.
  EXPECT_EQ(bench.host.write(4 * kWindow, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.tile_master.write(kBase, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_TRUE(bench.ram.accesses.empty());
  EXPECT_EQ(bench.registers.read(0x18), 0u);  // PRESENT of endpoint 0
}

TEST(BridgeTest, RoutesDebugAccessesBothWays) {
  Bench bench;
  bench.tile.bytes[1] = 11;
  bench.ram.bytes[2] = 22;
  std::uint8_t byte = 0;
  tlm::tlm_generic_payload txn;
  txn.set_read();
  txn.set_data_ptr(&byte);
  txn.set_data_length(1);
  txn.set_address(3 * kWindow + 1);
  EXPECT_EQ(bench.host.out->transport_dbg(txn), 1u);
  EXPECT_EQ(byte, 11);
  txn.set_address(0x80000002);
  EXPECT_EQ(bench.tile_master.out->transport_dbg(txn), 1u);
  EXPECT_EQ(byte, 22);
}

TEST(BridgeTest, KeepsTimeWhenTheBusBehindItWaits) {
  Bench bench;
  bench.ram.waits = true;
  bench.ram.latency_ps = 4 * kPeriod;
  std::uint64_t end = 0;
  sc_core::sc_spawn([&] {
    std::vector<std::uint8_t> data(64);
    EXPECT_EQ(bench.tile_master.write_bytes(0x80000000, data), tlm::TLM_OK_RESPONSE);
    end = now_ps() + to_ps(bench.tile_master.delay);
  });
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  EXPECT_EQ(end, one_way(3, 5) + 2 * kPeriod + 4 * kPeriod + one_way(3, 1));
}

TEST(BridgeTest, IsTheOnlyGateway) {
  TestServices services;
  Noc noc("noc", Bench::config(), services.services);
  Endpoint first("first");
  Endpoint second("second");
  noc.attach_target("first", first.in, {0, kGatewaySize, 0, 0, 0});
  EXPECT_THROW(noc.attach_target("second", second.in, {0, kGatewaySize, 1, 0, 0}), UserError);
}

}  // namespace
}  // namespace aimc::noc
