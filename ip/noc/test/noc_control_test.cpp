// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/noc.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "aimc/common/error.h"
#include "aimc/common/registry.h"
#include "aimc/noc/noc_map.h"
#include "aimc/noc/noc_regs.h"
#include "bench.h"

namespace aimc::noc {
namespace {

using namespace aimc::noc::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Access = Endpoint::Access;

TEST(NocControlTest, DebugAccessTakesNoTimeAndLeavesNoTrace) {
  Bench bench;
  Endpoint& target = bench.target(9);
  target.bytes[7] = 42;
  bench.start();
  std::uint8_t byte = 0;
  tlm::tlm_generic_payload txn;
  txn.set_read();
  txn.set_address(window(9) + 7);
  txn.set_data_ptr(&byte);
  txn.set_data_length(1);
  EXPECT_EQ(bench.host.out->transport_dbg(txn), 1u);
  EXPECT_EQ(byte, 42);
  EXPECT_EQ(txn.get_address(), window(9) + 7);
  txn.set_address(window(10));
  EXPECT_EQ(bench.host.out->transport_dbg(txn), 0u);
  EXPECT_EQ(bench.bus.read(NOC_PACKETS_OFFSET), 0u);
  EXPECT_TRUE(target.accesses.empty());
}

TEST(NocControlTest, ShowsGeometryAndTrafficInRegisters) {
  Bench bench(mesh(3, 5));
  bench.target(4);
  bench.start();
  EXPECT_EQ(bench.bus.read(NOC_GEOMETRY_OFFSET), 0x00050003u);
  EXPECT_EQ(bench.bus.read(NOC_ENDPOINTS_OFFSET), 15u);
  EXPECT_EQ(bench.bus.read(NOC_FLIT_BYTES_OFFSET), 16u);
  bench.host.write(window(4), 1);
  EXPECT_EQ(bench.bus.read(NOC_PACKETS_OFFSET), 2u);
  EXPECT_EQ(bench.bus.read(NOC_FLITS_OFFSET), 3u);
  for (const auto& [endpoint, present] :
       {std::pair{3u, 0u}, {4u, 1u}, {14u, 0u}, {15u, 0u}, {0xffffffffu, 0u}}) {
    EXPECT_EQ(bench.bus.write(NOC_SELECT_OFFSET, endpoint), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench.bus.read(NOC_PRESENT_OFFSET), present) << endpoint;
  }
  EXPECT_EQ(bench.bus.write(NOC_PACKETS_OFFSET, 0), tlm::TLM_COMMAND_ERROR_RESPONSE);
  bench.bus.read(NOC_SIZE);
  EXPECT_EQ(bench.bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(NocControlTest, ResetClearsBookingsCountersAndSelection) {
  Bench bench;
  Endpoint& target = bench.target(1);
  bench.start();
  std::vector<std::uint8_t> data(4096);
  bench.host.write_bytes(window(1), data);
  bench.bus.write(NOC_SELECT_OFFSET, 1);
  bench.noc.reset();
  EXPECT_EQ(bench.bus.read(NOC_PACKETS_OFFSET), 0u);
  EXPECT_EQ(bench.bus.read(NOC_FLITS_OFFSET), 0u);
  EXPECT_EQ(bench.bus.read(NOC_SELECT_OFFSET), 0u);
  target.accesses.clear();
  bench.host.write(window(1), 1);
  EXPECT_EQ(target.accesses[0].time_ps, one_way(1, 2));
}

TEST(NocControlTest, ReportsTrafficOfLinksRoutersAndClasses) {
  NocConfig config = mesh(3, 3);
  config.energy_flit_hop_j = 2e-12;
  config.static_power_w = 1e-3;
  Bench bench(config);
  bench.target(4);
  bench.start();
  std::vector<std::uint8_t> data(16);
  bench.host.write_bytes(window(4), data);
  sc_core::sc_start(sc_core::sc_time::from_value(100 * kPeriod));
  const auto stats = bench.report();
  EXPECT_EQ(stats["request"]["packets"], 1);
  EXPECT_EQ(stats["request"]["flits"], 2);
  EXPECT_EQ(stats["request"]["bytes"], 16);
  EXPECT_DOUBLE_EQ(stats["request"]["latency_mean_s"], 1e-12 * one_way(2, 2));
  EXPECT_DOUBLE_EQ(stats["response"]["latency_max_s"], 1e-12 * one_way(2, 1));
  EXPECT_EQ(stats["links"].size(), 8u);
  EXPECT_EQ(stats["links"]["0,0->1,0"]["flits"], 2);
  EXPECT_DOUBLE_EQ(stats["links"]["0,0->1,0"]["busy_share"], 0.02);
  EXPECT_EQ(stats["links"]["1,1->0,1"]["flits"], 1);
  EXPECT_FALSE(stats["links"].contains("0,1->0,2"));
  // 2 flits there over 0,0 1,0 1,1 and one back over 1,1 0,1 0,0.
  EXPECT_EQ(stats["router_flits"],
            (nlohmann::ordered_json{{"0,0", 3}, {"1,0", 2}, {"0,1", 1}, {"1,1", 3}}));
  EXPECT_DOUBLE_EQ(bench.noc.energy().total(), 9 * 2e-12);
  EXPECT_EQ(bench.noc.energy().entries()[0].cause, "link+router");
  EXPECT_DOUBLE_EQ(bench.noc.static_power_w(), 9e-3);
}

struct Recorder : trace::Sink {
  explicit Recorder(std::vector<std::string>& text) : lines(text) {}
  void open(const trace::Names& all) override { names = &all; }
  void consume(const trace::Event* events, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      lines.push_back(fmt::format("{} {} {} {}", names->tracks[events[i].track].path,
                                  names->strings[events[i].name], events[i].value,
                                  events[i].time_ps / kPeriod));
  }
  bool close() override { return true; }
  const trace::Names* names = nullptr;
  std::vector<std::string>& lines;
};

TEST(NocControlTest, DrawsASlicePerTransactionOnLanesOfTheSource) {
  Bench bench(mesh(2, 1));
  bench.target(1);
  bench.start();
  std::vector<std::string> lines;
  bench.services.hub.add_sink(std::make_unique<Recorder>(lines));
  bench.services.hub.select({});
  bench.host.write(window(1), 1);
  bench.host.read_bytes(window(1), 40);
  bench.services.hub.close();
  // Both begin at 0, so the second is drawn on the next lane; it injects behind the two flits of
  // the first.
  EXPECT_THAT(lines, ElementsAre("noc.ni0.0 write 4 0", "noc.ni0.1 read 40 0", "noc.ni0.0  0 25",
                                 "noc.ni0.1  0 29"));
}

TEST(NocControlTest, RefusesPlacesThatAreTakenOrDoNotExist) {
  Bench bench;
  bench.target(5);
  Endpoint spare("spare");
  const auto message = [&](const Interconnect::Place& place) -> std::string {
    try {
      bench.noc.attach_target("tile", spare.in, place);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({0, 0, 1, 1, 0}), HasSubstr("is taken by"));
  EXPECT_THAT(message({0, 0, 4, 0, 0}), HasSubstr("x is 0..3"));
  EXPECT_THAT(message({0, 0, 0, 0, 1}), HasSubstr("port is 0..0"));
  EXPECT_THAT(message({0, kWindow + 1, 0, 0, 0}), HasSubstr("0x100001"));
  EXPECT_THROW(bench.noc.attach_initiator("dma", {0, 0, 0, 4, 0}), UserError);
  BusMaster driver("driver");
  driver.out.bind(spare.in);
  bench.start();
}

TEST(NocControlTest, RefusesPacketsThatAreNoWholeNumberOfFlits) {
  NocConfig config;
  config.max_packet_bytes = 100;
  TestServices services;
  EXPECT_THROW(Noc("noc", config, services.services), UserError);
}

TEST(NocControlTest, IsMadeFromAPlatformFile) {
  Registry registry;
  registry.add<Noc>("noc", "mesh network", {&regs::kNoc});
  const IpKind& kind = registry.find("noc", {});
  const auto parameters = kind.parameters(
      "noc", load_yaml_text("{columns: 8, rows: 2, clock: 1 GHz, window_bytes: 2 MiB}", "test"));
  EXPECT_EQ(parameters[0].value, "8");
  EXPECT_EQ(kind.defaults().size(), parameters.size());
  EXPECT_THROW(kind.parameters("noc", load_yaml_text("{columns: 65}", "test")), UserError);
  EXPECT_THROW(kind.parameters("noc", load_yaml_text("{rows: 0}", "test")), UserError);
  EXPECT_THROW(kind.parameters("noc", load_yaml_text("{level: exact}", "test")), UserError);
}

}  // namespace
}  // namespace aimc::noc
