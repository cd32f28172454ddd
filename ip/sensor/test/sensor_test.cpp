// SPDX-License-Identifier: Apache-2.0
#include "aimc/sensor/sensor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/common/registry.h"
#include "aimc/sensor/sensor_map.h"
#include "aimc/sensor/sensor_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc::sensor {
namespace {

using sc_core::sc_start;
using sc_core::SC_US;

constexpr std::uint32_t kEnable = SENSOR_CTRL_ENABLE_MASK;
constexpr std::uint32_t kNext = SENSOR_CTRL_ENABLE_MASK | SENSOR_CTRL_NEXT_MASK;
constexpr std::uint32_t kReady = SENSOR_STATUS_READY_MASK;
constexpr std::uint32_t kEnd = SENSOR_STATUS_END_MASK;

/// Three records of six bytes; frame f holds 10f+1 .. 10f+6.
class SensorTest : public ::testing::Test {
 protected:
  explicit SensorTest(double interval_s = 0.0)
      : sensor("sensor", {.interval_s = interval_s, .latency_s = 5e-9}, services.services),
        bus("bus"),
        irq("irq_line") {
    bus.out.bind(sensor.regs_in);
    sensor.irq.bind(irq);
    std::vector<std::uint8_t> bytes;
    for (unsigned frame = 0; frame < 3; ++frame)
      for (unsigned i = 1; i <= 6; ++i) bytes.push_back(static_cast<std::uint8_t>(10 * frame + i));
    sensor.set_records(bytes, 6);
    settle();
  }
  void settle() {
    for (int i = 0; i < 5; ++i) sc_start(sc_core::SC_ZERO_TIME);
  }
  void control(std::uint32_t value) {
    bus.write(SENSOR_CTRL_OFFSET, value);
    settle();
  }
  std::uint32_t status() { return bus.read(SENSOR_STATUS_OFFSET); }
  std::uint8_t first_byte() { return bus.read_bytes(SENSOR_WINDOW_OFFSET, 1)[0]; }

  testing::TestServices services;
  Sensor sensor;
  testing::BusMaster bus;
  sc_core::sc_signal<bool> irq;
};

class PacedSensorTest : public SensorTest {
 protected:
  PacedSensorTest() : SensorTest(10e-6) {}
};

TEST_F(SensorTest, HasTheRegistersOfItsDescription) {
  testing::RegisterWalk walk;
  walk.live = {"RECORD_BYTES", "RECORDS"};
  walk.acting = {"CTRL"};
  walk.run(bus, regs::kSensor);
  EXPECT_EQ(bus.read(SENSOR_RECORD_BYTES_OFFSET), 6u);
  EXPECT_EQ(bus.read(SENSOR_RECORDS_OFFSET), 3u);
}

TEST_F(SensorTest, PresentsNothingBeforeItIsEnabled) {
  sc_start(10, SC_US);
  EXPECT_EQ(status(), 0u);
  EXPECT_EQ(first_byte(), 0);
}

TEST_F(SensorTest, PresentsRecordAfterRecordAndThenEnds) {
  control(kEnable);
  for (unsigned frame = 0; frame < 3; ++frame) {
    EXPECT_EQ(status(), kReady);
    EXPECT_EQ(bus.read(SENSOR_FRAME_OFFSET), frame);
    const auto base = static_cast<std::uint8_t>(10 * frame);
    EXPECT_EQ(bus.read_bytes(SENSOR_WINDOW_OFFSET + 2, 6),
              (std::vector<std::uint8_t>{
                  static_cast<std::uint8_t>(base + 3), static_cast<std::uint8_t>(base + 4),
                  static_cast<std::uint8_t>(base + 5), static_cast<std::uint8_t>(base + 6), 0, 0}))
        << "the window is 0 beyond the record";
    control(kNext);
  }
  EXPECT_EQ(status(), kEnd);
  EXPECT_EQ(first_byte(), 0);
  control(kNext);
  EXPECT_EQ(status(), kEnd);
}

TEST_F(SensorTest, InterruptsForEachFrameUntilCleared) {
  bus.write(SENSOR_IRQ_ENABLE_OFFSET, SENSOR_IRQ_ENABLE_FRAME_MASK);
  control(kEnable);
  EXPECT_TRUE(irq.read());
  bus.write(SENSOR_IRQ_STATUS_OFFSET, SENSOR_IRQ_STATUS_FRAME_MASK);
  settle();
  EXPECT_FALSE(irq.read());
  control(kNext);
  EXPECT_TRUE(irq.read());
  bus.write(SENSOR_IRQ_ENABLE_OFFSET, 0);
  settle();
  EXPECT_FALSE(irq.read());
}

TEST_F(SensorTest, InterruptsAtTheEndOfTheStream) {
  bus.write(SENSOR_IRQ_ENABLE_OFFSET, SENSOR_IRQ_ENABLE_END_MASK);
  control(kEnable);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(irq.read());
    control(kNext);
  }
  EXPECT_TRUE(irq.read());
  bus.write(SENSOR_IRQ_STATUS_OFFSET, SENSOR_IRQ_STATUS_END_MASK);
  settle();
  EXPECT_FALSE(irq.read());
}

TEST_F(SensorTest, EndsAtOnceWithoutRecords) {
  sensor.set_records({}, 6);
  control(kEnable);
  EXPECT_EQ(status(), kEnd);
}

TEST_F(SensorTest, IgnoresNextWhileNoRecordIsPresented) {
  control(kNext);  // enables, and has nothing to release
  EXPECT_EQ(bus.read(SENSOR_FRAME_OFFSET), 0u);
  EXPECT_EQ(status(), kReady);
}

TEST_F(SensorTest, HoldsBackRecordsWhileDisabled) {
  control(kEnable);
  control(SENSOR_CTRL_NEXT_MASK);  // releases and disables
  sc_start(1, SC_US);
  EXPECT_EQ(status(), 0u);
  control(kEnable);
  EXPECT_EQ(status(), kReady);
  EXPECT_EQ(bus.read(SENSOR_FRAME_OFFSET), 1u);
  control(0);
  EXPECT_EQ(status(), kReady) << "the present record stays";
}

TEST_F(PacedSensorTest, KeepsTheIntervalBetweenPresentations) {
  sc_start(1, SC_US);
  control(kEnable);
  EXPECT_EQ(status(), kReady) << "the first record comes at once";
  sc_start(4, SC_US);
  control(kNext);
  sc_start(5, SC_US);
  EXPECT_EQ(status(), 0u) << "9 us after the first";
  sc_start(2, SC_US);
  EXPECT_EQ(status(), kReady);
  sc_start(20, SC_US);
  control(kNext);
  EXPECT_EQ(status(), kReady) << "a late reader gets the next record at once";
  EXPECT_EQ(sensor.presented_ps(), (std::vector<std::uint64_t>{1'000'000, 11'000'000, 32'000'000}));
}

TEST_F(PacedSensorTest, StartsAgainAfterAResetBetweenTwoRecords) {
  bus.write(SENSOR_IRQ_ENABLE_OFFSET, SENSOR_IRQ_ENABLE_FRAME_MASK);
  control(kEnable);
  control(kNext);
  sensor.reset();
  settle();
  EXPECT_FALSE(irq.read());
  sc_start(30, SC_US);
  EXPECT_EQ(status(), 0u) << "the record that was due must not come";
  EXPECT_TRUE(sensor.presented_ps().empty());
  control(kEnable);
  EXPECT_EQ(status(), kReady);
  EXPECT_EQ(bus.read(SENSOR_FRAME_OFFSET), 0u);
  EXPECT_EQ(first_byte(), 1);
}

TEST_F(SensorTest, RefusesWritesToTheWindowAndAccessesBeyondIt) {
  EXPECT_EQ(bus.write(SENSOR_WINDOW_OFFSET, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
  bus.read(SENSOR_WINDOW_OFFSET + SENSOR_WINDOW_BYTES - 3);
  EXPECT_EQ(bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bus.read(SENSOR_WINDOW_OFFSET - 4);
  EXPECT_EQ(bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(SensorTest, AddsItsLatencyAndGrantsNoDirectAccess) {
  bus.read(SENSOR_WINDOW_OFFSET);
  EXPECT_EQ(bus.delay, sc_core::sc_time(5, sc_core::SC_NS));
  tlm::tlm_generic_payload txn;
  tlm::tlm_dmi dmi;
  txn.set_address(SENSOR_WINDOW_OFFSET);
  EXPECT_FALSE(bus.out->get_direct_mem_ptr(txn, dmi));
}

TEST_F(SensorTest, RefusesRecordsThatDoNotFit) {
  EXPECT_THROW(sensor.set_records(std::vector<std::uint8_t>(7), 6), UserError);
  EXPECT_THROW(sensor.set_records({}, 0), UserError);
  EXPECT_THROW(sensor.set_records({}, SENSOR_WINDOW_BYTES + 1), UserError);
}

TEST_F(SensorTest, CountsFramesAndBytes) {
  control(kEnable);
  bus.read_bytes(SENSOR_WINDOW_OFFSET, 6);
  control(kNext);
  nlohmann::ordered_json stats;
  sensor.report(stats);
  EXPECT_EQ(stats["frames"], 2);
  EXPECT_EQ(stats["bytes_read"], 6);
}

TEST(SensorKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Sensor>("sensor", "", {&regs::kSensor});
  const IpKind& kind = registry.find("sensor", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{interval: 5}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::sensor
