// SPDX-License-Identifier: Apache-2.0
#include "aimc/clint/clint.h"

#include <gtest/gtest.h>

#include "aimc/clint/clint_map.h"
#include "aimc/clint/clint_regs.h"
#include "aimc/common/registry.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc::clint {
namespace {

using sc_core::SC_NS;
using sc_core::sc_start;
using sc_core::SC_US;

/// Three harts, 10 MHz: a tick is 100 ns.
class ClintTest : public ::testing::Test {
 protected:
  ClintTest()
      : clint("clint", {.harts = 3, .mtime_hz = 10e6}, services.services),
        bus("bus"),
        software("software", 3),
        timer("timer", 3) {
    bus.out.bind(clint.regs_in);
    for (unsigned hart = 0; hart < 3; ++hart) {
      clint.irq_software[hart].bind(software[hart]);
      clint.irq_timer[hart].bind(timer[hart]);
    }
    settle();
  }
  /// Lets signals follow without letting time pass.
  void settle() {
    for (int i = 0; i < 4; ++i) sc_start(sc_core::SC_ZERO_TIME);
  }
  tlm::tlm_response_status write64(std::uint64_t address, std::uint64_t value) {
    return bus.transfer(tlm::TLM_WRITE_COMMAND, address, &value, 8);
  }
  std::uint64_t read64(std::uint64_t address) {
    std::uint64_t value = 0;
    bus.status = bus.transfer(tlm::TLM_READ_COMMAND, address, &value, 8);
    return value;
  }
  testing::TestServices services;
  Clint clint;
  testing::BusMaster bus;
  sc_core::sc_vector<sc_core::sc_signal<bool>> software;
  sc_core::sc_vector<sc_core::sc_signal<bool>> timer;
};

TEST_F(ClintTest, HasTheRegistersOfItsDescription) {
  testing::RegisterWalk walk;
  walk.elements = 3;
  walk.acting = {"MTIME_LOW", "MTIME_HIGH"};
  walk.run(bus, regs::kClint);
}

TEST_F(ClintTest, RaisesAndDropsTheSoftwareInterruptOfOneHart) {
  bus.write(CLINT_MSIP_OFFSET(1), 0xffffffff);
  settle();
  EXPECT_FALSE(software[0].read());
  EXPECT_TRUE(software[1].read());
  EXPECT_FALSE(software[2].read());
  EXPECT_EQ(bus.read(CLINT_MSIP_OFFSET(1)), 1u) << "only bit 0 exists";
  bus.write(CLINT_MSIP_OFFSET(1), 0);
  settle();
  EXPECT_FALSE(software[1].read());
}

TEST_F(ClintTest, CountsTicksOfSimulatedTime) {
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 0u);
  sc_start(1234, SC_NS);
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 12u);
  EXPECT_EQ(bus.read(CLINT_MTIME_LOW_OFFSET), 12u);
  EXPECT_EQ(bus.read(CLINT_MTIME_HIGH_OFFSET), 0u);
  EXPECT_EQ(clint.mtime(now_ps()), 12u);
}

TEST_F(ClintTest, CountsTheLocalTimeOfADecoupledReader) {
  std::uint64_t value = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(CLINT_MTIME_LOW_OFFSET);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(8);
  txn.set_streaming_width(8);
  sc_core::sc_time ahead(750, SC_NS);
  bus.out->b_transport(txn, ahead);
  EXPECT_EQ(value, 7u);
}

TEST_F(ClintTest, RaisesTheTimerInterruptAtTheExactMoment) {
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 50);
  write64(CLINT_MTIMECMP_LOW_OFFSET(1), 51);
  sc_start(5 * 1000 - 1, SC_NS);
  EXPECT_FALSE(timer[0].read());
  sc_start(2, SC_NS);
  EXPECT_TRUE(timer[0].read());
  EXPECT_FALSE(timer[1].read());
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 60);
  settle();
  EXPECT_FALSE(timer[0].read()) << "a later compare value drops the line";
  sc_start(1, SC_US);
  EXPECT_TRUE(timer[0].read());
}

TEST_F(ClintTest, ServesTheTimersOfSeveralHartsInOrder) {
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 30);
  write64(CLINT_MTIMECMP_LOW_OFFSET(1), 10);
  write64(CLINT_MTIMECMP_LOW_OFFSET(2), 20);
  sc_start(1001, SC_NS);
  EXPECT_TRUE(!timer[0].read() && timer[1].read() && !timer[2].read());
  sc_start(1000, SC_NS);
  EXPECT_TRUE(!timer[0].read() && timer[1].read() && timer[2].read());
  sc_start(1000, SC_NS);
  EXPECT_TRUE(timer[0].read() && timer[1].read() && timer[2].read());
}

TEST_F(ClintTest, TakesTheTwoHalvesOfACompareValueOneByOne) {
  // The way that the privileged specification recommends for 32-bit harts.
  bus.write(CLINT_MTIMECMP_HIGH_OFFSET(0), 0xffffffff);
  bus.write(CLINT_MTIMECMP_LOW_OFFSET(0), 10);
  bus.write(CLINT_MTIMECMP_HIGH_OFFSET(0), 0);
  EXPECT_EQ(read64(CLINT_MTIMECMP_LOW_OFFSET(0)), 10u);
  sc_start(999, SC_NS);
  EXPECT_FALSE(timer[0].read());
  sc_start(2, SC_NS);
  EXPECT_TRUE(timer[0].read());
}

TEST_F(ClintTest, RaisesAtOnceForACompareValueInThePast) {
  sc_start(10, SC_US);
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 100);
  settle();
  EXPECT_TRUE(timer[0].read());
}

TEST_F(ClintTest, MovesTheInterruptWhenTheTimerIsWritten) {
  sc_start(50, SC_NS);
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 0x1'0000'0005);
  write64(CLINT_MTIME_LOW_OFFSET, 0x1'0000'0000);
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 0x1'0000'0000u);
  sc_start(449, SC_NS);
  EXPECT_FALSE(timer[0].read());
  sc_start(2, SC_NS);
  EXPECT_TRUE(timer[0].read());
  bus.write(CLINT_MTIME_HIGH_OFFSET, 0);
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 5u) << "the low half runs on";
  settle();
  EXPECT_FALSE(timer[0].read());
}

TEST_F(ClintTest, NeedsNoEventWhileNothingIsDue) {
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 1'000'000);
  settle();
  EXPECT_EQ(sc_core::sc_time_to_pending_activity(), sc_core::sc_time(100, sc_core::SC_MS));
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), ~std::uint64_t{0});
  settle();
  EXPECT_FALSE(sc_core::sc_pending_activity());
}

TEST_F(ClintTest, RefusesAccessesThatQemuRefuses) {
  std::uint8_t byte = 0;
  EXPECT_NE(bus.transfer(tlm::TLM_READ_COMMAND, CLINT_MSIP_OFFSET(0), &byte, 1),
            tlm::TLM_OK_RESPONSE);
  std::uint16_t half = 0;
  EXPECT_NE(bus.transfer(tlm::TLM_WRITE_COMMAND, CLINT_MTIME_LOW_OFFSET, &half, 2),
            tlm::TLM_OK_RESPONSE);
  bus.read(CLINT_MTIME_LOW_OFFSET + 2);
  EXPECT_NE(bus.status, tlm::TLM_OK_RESPONSE);
  read64(CLINT_MTIMECMP_LOW_OFFSET(0) + 4);
  EXPECT_NE(bus.status, tlm::TLM_OK_RESPONSE) << "8 bytes must be aligned";
  for (const std::uint64_t behind : {0xc000ull, 0xfffcull}) {
    bus.read(behind);
    EXPECT_EQ(bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  EXPECT_TRUE(services.warnings.empty());
}

TEST_F(ClintTest, ReadsHolesAndAbsentHartsAs0AsQemuDoesButWarns) {
  // MSIP and MTIMECMP of hart 3, and words between the registers.
  for (const std::uint64_t hole : {0x0cull, 0x4018ull, 0x5000ull, 0xbff4ull}) {
    services.warnings.clear();
    EXPECT_EQ(bus.write(hole, 0xffffffff), tlm::TLM_OK_RESPONSE) << std::hex << hole;
    EXPECT_EQ(bus.read(hole), 0u) << std::hex << hole;
    EXPECT_EQ(bus.status, tlm::TLM_OK_RESPONSE) << std::hex << hole;
    ASSERT_EQ(services.warnings.size(), 2u);
    EXPECT_NE(services.warnings[0].find(fmt::format("{:#x}", hole)), std::string::npos);
  }
  settle();
  for (unsigned hart = 0; hart < 3; ++hart) EXPECT_FALSE(software[hart].read());
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 0u);
}

TEST_F(ClintTest, IsDueAtPowerOnUntilACompareValueIsWritten) {
  for (unsigned hart = 0; hart < 3; ++hart) EXPECT_TRUE(timer[hart].read());
  // Zephyr's and the specification's order; the line drops with the first write.
  bus.write(CLINT_MTIMECMP_HIGH_OFFSET(1), 0xffffffff);
  settle();
  EXPECT_TRUE(timer[0].read());
  EXPECT_FALSE(timer[1].read());
}

TEST_F(ClintTest, ReturnsToPowerOnByReset) {
  bus.write(CLINT_MSIP_OFFSET(0), 1);
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 5);
  write64(CLINT_MTIME_LOW_OFFSET, 1000);
  sc_start(1, SC_US);
  write64(CLINT_MTIMECMP_LOW_OFFSET(0), 1'000'000);
  settle();
  EXPECT_TRUE(!timer[0].read() && software[0].read());
  clint.reset();
  settle();
  EXPECT_TRUE(timer[0].read()) << "the compare value is 0 again";
  EXPECT_FALSE(software[0].read());
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 0u);
  EXPECT_EQ(read64(CLINT_MTIMECMP_LOW_OFFSET(0)), 0u);
  sc_start(1, SC_US);
  EXPECT_EQ(read64(CLINT_MTIME_LOW_OFFSET), 10u);
}

TEST_F(ClintTest, ListsOneLineOfEachKindForEachHart) {
  PortDirectory ports;
  clint.connect(ports);
  ASSERT_EQ(ports.irq_outs.size(), 6u);
  EXPECT_EQ(ports.irq_outs[0].name, "irq_software0");
  EXPECT_EQ(ports.irq_outs[5].name, "irq_timer2");
  EXPECT_EQ(ports.targets.at(0).size, 0x10000u);
}

TEST(ClintKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Clint>("clint", "", {&regs::kClint});
  const IpKind& kind = registry.find("clint", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{harts: 9}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::clint
