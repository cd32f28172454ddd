// SPDX-License-Identifier: Apache-2.0
#include "aimc/memory/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "aimc/common/registry.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"

namespace aimc::memory {
namespace {

using testing::BusMaster;
using testing::TestServices;

struct Bench {
  explicit Bench(const Config& config) : ram("ram", config, services.services), bus("bus") {
    bus.out.bind(ram.mem_in);
  }
  bool direct(tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& dmi) {
    tlm::tlm_generic_payload txn;
    txn.set_command(command);
    txn.set_address(address);
    return bus.out->get_direct_mem_ptr(txn, dmi);
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address, void* data, unsigned length) {
    tlm::tlm_generic_payload txn;
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(static_cast<unsigned char*>(data));
    txn.set_data_length(length);
    return bus.out->transport_dbg(txn);
  }
  TestServices services;
  Memory ram;
  BusMaster bus;
};

TEST(MemoryTest, ReturnsWhatWasWrittenAndAddsTheLatency) {
  Bench bench({.size_bytes = 4096, .read_only = false, .latency_s = 7e-9});
  EXPECT_EQ(bench.bus.write(0x10, 0x12345678), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.bus.delay, sc_core::sc_time(7, sc_core::SC_NS));
  EXPECT_EQ(bench.bus.read(0x10), 0x12345678u);
  EXPECT_EQ(bench.bus.read_bytes(0x0f, 3), (std::vector<std::uint8_t>{0, 0x78, 0x56}));
  EXPECT_EQ(bench.bus.read(0x20), 0u) << "memory starts as zeros";
  EXPECT_EQ(bench.ram.data()[0x11], 0x56);
  EXPECT_EQ(bench.ram.data().size(), 4096u);
}

TEST(MemoryTest, RefusesAccessesThatLeaveIt) {
  Bench bench({.size_bytes = 4096, .read_only = false, .latency_s = 0});
  EXPECT_EQ(bench.bus.write(4092, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.bus.write(4093, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.bus.write(4096, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bench.bus.read(~std::uint64_t{0} - 1);
  EXPECT_EQ(bench.bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.bus.read(4092), 1u) << "a refused write changes nothing";
}

TEST(MemoryTest, HonoursByteEnables) {
  Bench bench({.size_bytes = 64, .read_only = false, .latency_s = 0});
  bench.bus.write(0, 0x11223344);
  std::uint32_t value = 0xaabbccdd;
  unsigned char enables[] = {0xff, 0x00};
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_WRITE_COMMAND);
  txn.set_address(0);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  txn.set_byte_enable_ptr(enables);
  txn.set_byte_enable_length(2);
  sc_core::sc_time delay;
  bench.bus.out->b_transport(txn, delay);
  EXPECT_EQ(txn.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.bus.read(0), 0x11bb33ddu);
  value = 0;
  txn.set_command(tlm::TLM_READ_COMMAND);
  bench.bus.out->b_transport(txn, delay);
  EXPECT_EQ(value, 0x00bb00ddu);
}

TEST(MemoryTest, GrantsDirectAccessToAllOfARam) {
  Bench bench({.size_bytes = 8192, .read_only = false, .latency_s = 3e-9});
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(bench.direct(tlm::TLM_WRITE_COMMAND, 100, dmi));
  EXPECT_TRUE(dmi.is_read_write_allowed());
  EXPECT_EQ(dmi.get_start_address(), 0u);
  EXPECT_EQ(dmi.get_end_address(), 8191u);
  EXPECT_EQ(dmi.get_dmi_ptr(), bench.ram.data().data());
  EXPECT_EQ(dmi.get_read_latency(), sc_core::sc_time(3, sc_core::SC_NS));
  EXPECT_FALSE(bench.direct(tlm::TLM_READ_COMMAND, 8192, dmi));
}

TEST(MemoryTest, KeepsARomFromTheGuestButNotFromTheLoader) {
  Bench bench({.size_bytes = 4096, .read_only = true, .latency_s = 0});
  EXPECT_EQ(bench.bus.write(0, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(bench.direct(tlm::TLM_WRITE_COMMAND, 0, dmi));
  ASSERT_TRUE(bench.direct(tlm::TLM_READ_COMMAND, 0, dmi));
  EXPECT_TRUE(dmi.is_read_allowed());
  EXPECT_FALSE(dmi.is_write_allowed());
  std::uint32_t word = 0xcafef00d;
  EXPECT_EQ(bench.debug(tlm::TLM_WRITE_COMMAND, 8, &word, 4), 4u);
  EXPECT_EQ(bench.bus.read(8), 0xcafef00du);
  EXPECT_EQ(bench.debug(tlm::TLM_WRITE_COMMAND, 4094, &word, 4), 2u) << "the part that fits";
  EXPECT_EQ(bench.debug(tlm::TLM_READ_COMMAND, 4096, &word, 4), 0u);
}

TEST(MemoryTest, KeepsItsContentsOverAReset) {
  Bench bench({.size_bytes = 64, .read_only = false, .latency_s = 0});
  bench.bus.write(0, 42);
  bench.ram.reset();
  EXPECT_EQ(bench.bus.read(0), 42u);
}

TEST(MemoryTest, CountsAccessesAndBytes) {
  Bench bench({.size_bytes = 64, .read_only = false, .latency_s = 0});
  bench.bus.write(0, 1);
  bench.bus.write_bytes(8, std::vector<std::uint8_t>(16));
  bench.bus.read(0);
  bench.bus.write(64, 1);  // refused: not counted
  nlohmann::ordered_json stats;
  bench.ram.report(stats);
  EXPECT_EQ(stats["writes"], 2);
  EXPECT_EQ(stats["bytes_written"], 20);
  EXPECT_EQ(stats["reads"], 1);
  EXPECT_EQ(stats["bytes_read"], 4);
}

TEST(MemoryTest, CostsHostMemoryOnlyWhereItIsTouched) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  Bench bench({.size_bytes = std::uint64_t{1} << 30, .read_only = false, .latency_s = 0});
  bench.bus.write((std::uint64_t{1} << 30) - 4, 7);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 16 * 1024) << "KiB";
}

TEST(MemoryTest, ReadsItsParametersFromAPlatformFile) {
  Registry registry;
  registry.add<Memory>("memory", "RAM or ROM");
  const auto params =
      registry.find("memory", {})
          .parameters("rom",
                      load_yaml_text("{size: 64 KiB, read_only: true, latency: 20 ns}", "p.yaml"));
  ASSERT_EQ(params.size(), 3u);
  EXPECT_EQ(params[0].value, "64 KiB");
  EXPECT_EQ(params[1].value, "true");
  EXPECT_EQ(params[2].value, "20 ns");
}

}  // namespace
}  // namespace aimc::memory
