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

std::vector<std::uint8_t> counting(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

TEST(NocTest, WritesAndReadsBackAtTheOffsetInTheWindow) {
  Bench bench;
  Endpoint& target = bench.target(5);
  EXPECT_EQ(bench.place.base, window(5));
  EXPECT_EQ(bench.place.size, kWindow);
  bench.start();
  const auto data = counting(20);
  EXPECT_EQ(bench.host.write_bytes(window(5) + 0x123, data), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(target.bytes[0x123], 1);
  EXPECT_EQ(target.bytes[0x123 + 19], 20);
  EXPECT_EQ(bench.host.read_bytes(window(5) + 0x123, 20), data);
  EXPECT_EQ(bench.host.status, tlm::TLM_OK_RESPONSE);
}

TEST(NocTest, TakesTheClosedFormThereAndBack) {
  Bench bench;
  Endpoint& target = bench.target(7);  // 3 hops along x, 1 along y
  target.latency_ps = 10 * kPeriod;
  bench.start();
  std::vector<std::uint8_t> data(64);
  bench.host.write_bytes(window(7), data);  // header + 4 flits there, header back
  EXPECT_EQ(target.accesses[0].time_ps, one_way(4, 5));
  EXPECT_EQ(to_ps(bench.host.delay), one_way(4, 5) + 10 * kPeriod + one_way(4, 1));
  bench.noc.reset();
  bench.host.read_bytes(window(7), 64);
  EXPECT_EQ(to_ps(bench.host.delay), one_way(4, 1) + 10 * kPeriod + one_way(4, 5));
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

TEST(NocTest, RestoresThePayloadAndDeniesDmi) {
  Bench bench;
  bench.target(3);
  bench.start();
  std::vector<std::uint8_t> data(600);
  std::uint8_t enables[] = {0xff, 0};
  tlm::tlm_generic_payload txn;
  txn.set_write();
  txn.set_address(window(3) + 8);
  txn.set_data_ptr(data.data());
  txn.set_data_length(600);
  txn.set_streaming_width(600);
  txn.set_byte_enable_ptr(enables);
  txn.set_byte_enable_length(2);
  sc_core::sc_time delay;
  bench.host.out->b_transport(txn, delay);
  EXPECT_EQ(txn.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(txn.get_address(), window(3) + 8);
  EXPECT_EQ(txn.get_data_ptr(), data.data());
  EXPECT_EQ(txn.get_data_length(), 600u);
  EXPECT_EQ(txn.get_streaming_width(), 600u);
  EXPECT_EQ(txn.get_byte_enable_ptr(), enables);
  EXPECT_EQ(txn.get_byte_enable_length(), 2u);
  EXPECT_FALSE(txn.is_dmi_allowed());
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(bench.host.out->get_direct_mem_ptr(txn, dmi));
}

TEST(NocTest, SplitsLongTransactionsAndPipelinesTheParts) {
  Bench bench;
  Endpoint& target = bench.target(1);
  bench.start();
  const auto data = counting(600);
  EXPECT_EQ(bench.host.write_bytes(window(1) + 4, data), tlm::TLM_OK_RESPONSE);
  const std::uint64_t first = one_way(1, 17);
  // The packets follow each other at 17 flits; the last one is shorter, 1 + 6 flits.
  EXPECT_THAT(target.accesses,
              ElementsAre(Access{true, 4, 256, first}, Access{true, 260, 256, first + 17 * kPeriod},
                          Access{true, 516, 88, first + (17 + 7) * kPeriod}));
  EXPECT_EQ(to_ps(bench.host.delay), first + 24 * kPeriod + one_way(1, 1));
  EXPECT_EQ(bench.host.read_bytes(window(1) + 4, 600), data);
}

TEST(NocTest, CarriesTransactionsOfManyPackets) {
  NocConfig config = mesh(2, 1);
  config.max_packet_bytes = 16;
  Bench bench(config);
  Endpoint& target = bench.target(1);
  bench.start();
  const auto data = counting(1000);
  EXPECT_EQ(bench.host.write_bytes(window(1), data), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(target.accesses.size(), 63u);
  EXPECT_EQ(bench.host.read_bytes(window(1), 1000), data);
  // 62 packets of two flits each and one more; no pause between groups of packets.
  EXPECT_EQ(target.accesses[62].time_ps, one_way(1, 2) + 62 * 2 * kPeriod);
}

TEST(NocTest, HonoursByteEnablesInEachPart) {
  Bench bench;
  Endpoint& target = bench.target(2);
  bench.start();
  const std::vector<std::uint8_t> pattern{0xff, 0, 0};  // 256 is no multiple of 3
  std::vector<std::uint8_t> data(600, 0xaa);
  std::vector<std::uint8_t> enables = pattern;
  tlm::tlm_generic_payload txn;
  txn.set_write();
  txn.set_address(window(2));
  txn.set_data_ptr(data.data());
  txn.set_data_length(600);
  txn.set_streaming_width(600);
  txn.set_byte_enable_ptr(enables.data());
  txn.set_byte_enable_length(3);
  sc_core::sc_time delay;
  bench.host.out->b_transport(txn, delay);
  EXPECT_EQ(txn.get_response_status(), tlm::TLM_OK_RESPONSE);
  for (unsigned i = 0; i < 600; ++i) ASSERT_EQ(target.bytes[i], i % 3 == 0 ? 0xaa : 0) << i;
  // And in the other direction, with a pattern as long as the data.
  std::fill(target.bytes.begin(), target.bytes.end(), std::uint8_t{0x55});
  std::fill(data.begin(), data.end(), std::uint8_t{0});
  enables.assign(600, 0);
  enables[0] = enables[255] = enables[256] = enables[599] = 0xff;
  txn.set_read();
  txn.set_byte_enable_ptr(enables.data());
  txn.set_byte_enable_length(600);
  bench.host.out->b_transport(txn, delay);
  for (unsigned i = 0; i < 600; ++i) ASSERT_EQ(data[i], enables[i] != 0 ? 0x55 : 0) << i;
}

TEST(NocTest, AnswersWithAnErrorWhereNobodyIsAndTakesTheTimeOfTheWay) {
  Bench bench;
  bench.start();
  EXPECT_EQ(bench.host.write(window(15), 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(to_ps(bench.host.delay), one_way(6, 2) + one_way(6, 1));
  bench.noc.reset();
  bench.host.read(window(15));
  EXPECT_EQ(bench.host.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(to_ps(bench.host.delay), one_way(6, 1) + one_way(6, 1));
}

TEST(NocTest, AnswersWithAnErrorOutsideOfTheWindows) {
  Bench bench;
  bench.target(0);
  bench.target(15);
  bench.start();
  for (const std::uint64_t address : {window(16), std::uint64_t{0x80000000}, kBase - 4}) {
    bench.host.read(address);
    EXPECT_EQ(bench.host.status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << address;
    EXPECT_GT(bench.host.delay, sc_core::SC_ZERO_TIME);
  }
}

TEST(NocTest, KeepsTransactionsWithinTheWindowOfTheirEndpoint) {
  Bench bench;
  Endpoint& target = bench.target(0);
  Endpoint& neighbour = bench.target(1);
  target.bytes.resize(kWindow);
  bench.start();
  const std::vector<std::uint8_t> data(300, 1);
  EXPECT_EQ(bench.host.write_bytes(window(1) - 299, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(target.accesses.size(), 1u);  // the first part lies inside
  EXPECT_TRUE(neighbour.accesses.empty());
  EXPECT_EQ(bench.host.write_bytes(window(1) - 300, data), tlm::TLM_OK_RESPONSE);
}

TEST(NocTest, ReturnsTheErrorOfAnyPart) {
  Bench bench;
  Endpoint& target = bench.target(6);
  target.fail_at = 300;
  bench.start();
  const auto data = counting(700);
  EXPECT_EQ(bench.host.write_bytes(window(6), data), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(target.accesses.size(), 3u);
  EXPECT_EQ(target.bytes[255], data[255]);
  EXPECT_EQ(target.bytes[256], 0);
  EXPECT_EQ(target.bytes[512], data[512]);
  EXPECT_EQ(bench.report()["errors"], 1);
}

TEST(NocTest, RefusesEmptyAndStreamingTransactions) {
  Bench bench;
  bench.target(1);
  bench.start();
  std::uint32_t word = 0;
  EXPECT_EQ(bench.host.transfer(tlm::TLM_READ_COMMAND, window(1), &word, 0),
            tlm::TLM_BURST_ERROR_RESPONSE);
  tlm::tlm_generic_payload txn;
  txn.set_read();
  txn.set_address(window(1));
  std::uint32_t words[2];
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(words));
  txn.set_data_length(8);
  txn.set_streaming_width(4);
  sc_core::sc_time delay;
  bench.host.out->b_transport(txn, delay);
  EXPECT_EQ(txn.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(NocTest, MakesTwoInitiatorsWaitForASharedLink) {
  NocConfig config = mesh(3, 1);
  Bench bench(config);
  BusMaster other("other");
  other.out.bind(bench.noc.attach_initiator("other", {0, 0, 1, 0, 0}));
  Endpoint& target = bench.target(2);
  bench.start();
  std::vector<std::uint8_t> data(256);
  bench.host.write_bytes(window(2), data);
  other.write_bytes(window(2), data);
  // The host's head reaches the shared link after 1 + 4 + 1 + 4 cycles and takes it for 17.
  EXPECT_EQ(target.accesses[0].time_ps, one_way(2, 17));
  EXPECT_EQ(target.accesses[1].time_ps, one_way(2, 17) + 17 * kPeriod);
}

TEST(NocTest, GivesACallThatIsEarlierInTimeTheLinkFirst) {
  Bench bench;
  Endpoint& target = bench.target(1);
  bench.start();
  std::vector<std::uint8_t> data(64);
  tlm::tlm_generic_payload txn;
  txn.set_write();
  txn.set_data_ptr(data.data());
  txn.set_data_length(64);
  txn.set_streaming_width(64);
  txn.set_address(window(1));
  sc_core::sc_time late(1, sc_core::SC_US);
  bench.host.out->b_transport(txn, late);
  sc_core::sc_time early = sc_core::SC_ZERO_TIME;
  bench.host.out->b_transport(txn, early);
  EXPECT_EQ(target.accesses[0].time_ps, 1000000 + one_way(1, 5));
  EXPECT_EQ(target.accesses[1].time_ps, one_way(1, 5));
}

TEST(NocTest, ServesSeveralPortsOfOneRouter) {
  Bench bench(mesh(2, 2, 4));
  std::vector<Endpoint*> targets;
  for (unsigned port = 0; port < 4; ++port) targets.push_back(&bench.target(3 + 4 * port));
  bench.start();
  for (unsigned port = 0; port < 4; ++port)
    EXPECT_EQ(bench.host.write(window(3 + 4 * port), port + 1), tlm::TLM_OK_RESPONSE);
  for (unsigned port = 0; port < 4; ++port) EXPECT_EQ(targets[port]->bytes[0], port + 1);
  EXPECT_EQ(bench.bus.read(NOC_ENDPOINTS_OFFSET), 16u);
}

class NocSizeTest : public ::testing::TestWithParam<std::pair<unsigned, unsigned>> {};

TEST_P(NocSizeTest, ReachesEveryEndpoint) {
  const auto [columns, rows] = GetParam();
  Bench bench(mesh(columns, rows));
  for (unsigned endpoint = 0; endpoint < columns * rows; ++endpoint)
    bench.target(endpoint).bytes[0] = static_cast<std::uint8_t>(endpoint);
  bench.start();
  for (unsigned endpoint = 0; endpoint < columns * rows; ++endpoint) {
    bench.noc.reset();
    EXPECT_EQ(bench.host.read_bytes(window(endpoint), 1)[0], static_cast<std::uint8_t>(endpoint));
    const unsigned hops = endpoint % columns + endpoint / columns;
    EXPECT_EQ(to_ps(bench.host.delay), one_way(hops, 1) + one_way(hops, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Meshes, NocSizeTest,
                         ::testing::Values(std::pair{1u, 1u}, std::pair{3u, 5u},
                                           std::pair{16u, 16u}),
                         [](const auto& entry) {
                           return std::to_string(entry.param.first) + "x" +
                                  std::to_string(entry.param.second);
                         });

}  // namespace
}  // namespace aimc::noc
