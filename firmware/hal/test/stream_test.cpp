// SPDX-License-Identifier: Apache-2.0
// Drivers of input, output and network: sensor, results, noc.
#include <gtest/gtest.h>

#include <string>

#include "aimc/common/engine_regs.h"
#include "aimc/noc/noc_regs.h"
#include "aimc/results/results_regs.h"
#include "aimc/sensor/sensor_regs.h"
#include "hal/engine.h"
#include "hal/noc.h"
#include "hal/results.h"
#include "hal/sensor.h"
#include "mock_bus.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

class StreamHal : public DriverTest {
 protected:
  const sensor_t sensor{0x10100000};
  const results_t results{0x10200000};
};

class NocHal : public DriverTest {
 protected:
  void expect_present(std::uint32_t endpoint, std::uint32_t present) {
    EXPECT_CALL(bus, write(0x10400000 + NOC_SELECT_OFFSET, endpoint));
    EXPECT_CALL(bus, read(0x10400000 + NOC_PRESENT_OFFSET)).WillOnce(Return(present));
  }
  const noc_t noc{0x10400000, 0x40000000, 0x100000, 64};
};

constexpr std::uint32_t kBoth = SENSOR_IRQ_STATUS_FRAME_MASK | SENSOR_IRQ_STATUS_END_MASK;

TEST_F(StreamHal, SensorStartClearsEventsAndEnablesItLast) {
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_IRQ_STATUS_OFFSET, kBoth));
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_IRQ_ENABLE_OFFSET, kBoth));
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_CTRL_OFFSET, SENSOR_CTRL_ENABLE_MASK));
  sensor_start(&sensor, true);
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_CTRL_OFFSET, 0));
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_IRQ_ENABLE_OFFSET, 0));
  sensor_stop(&sensor);
}

TEST_F(StreamHal, SensorWithoutInputIsNotFound) {
  sensor_stream_t stream{};
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_RECORD_BYTES_OFFSET)).WillOnce(Return(0));
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_RECORDS_OFFSET)).WillOnce(Return(0));
  EXPECT_EQ(sensor_stream(&sensor, &stream), HAL_NOT_FOUND);
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_RECORD_BYTES_OFFSET)).WillOnce(Return(64));
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_RECORDS_OFFSET)).WillOnce(Return(1797));
  EXPECT_EQ(sensor_stream(&sensor, &stream), HAL_OK);
  EXPECT_EQ(stream.record_bytes, 64u);
  EXPECT_EQ(stream.records, 1797u);
  EXPECT_EQ(sensor_stream(&sensor, nullptr), HAL_BAD_ARG);
}

TEST_F(StreamHal, SensorEventsAreClearedExactlyAsSeen) {
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_IRQ_STATUS_OFFSET))
      .WillOnce(Return(SENSOR_IRQ_STATUS_FRAME_MASK));
  EXPECT_CALL(bus, write(0x10100000 + SENSOR_IRQ_STATUS_OFFSET, SENSOR_IRQ_STATUS_FRAME_MASK));
  const sensor_events_t events = sensor_take_events(&sensor);
  EXPECT_TRUE(events.frame);
  EXPECT_FALSE(events.end);
}

TEST_F(StreamHal, SensorReleaseKeepsItEnabled) {
  EXPECT_CALL(
      bus, write(0x10100000 + SENSOR_CTRL_OFFSET, SENSOR_CTRL_ENABLE_MASK | SENSOR_CTRL_NEXT_MASK));
  sensor_release(&sensor);
  EXPECT_CALL(bus, read(0x10100000 + SENSOR_FRAME_OFFSET)).WillOnce(Return(12));
  EXPECT_EQ(sensor_frame(&sensor), 12u);
  EXPECT_EQ(sensor_window(&sensor), 0x10180000u);
}

TEST_F(StreamHal, ResultsAreCommittedLast) {
  EXPECT_CALL(bus, write(0x10200000 + RESULTS_CLASS_OFFSET, 3));
  results_set_class(&results, 3);
  EXPECT_CALL(bus, write(0x10200000 + RESULTS_FRAME_OFFSET, 5));
  EXPECT_CALL(bus, write(0x10200000 + RESULTS_BYTES_OFFSET, 10));
  EXPECT_CALL(bus, write(0x10200000 + RESULTS_COMMIT_OFFSET, 1));
  EXPECT_EQ(results_commit(&results, 5, 10), HAL_OK);
  EXPECT_EQ(results_commit(&results, 5, RESULTS_WINDOW_BYTES + 1), HAL_BAD_ARG);
  EXPECT_EQ(results_window(&results), 0x10280000u);
  EXPECT_CALL(bus, read(0x10200000 + RESULTS_COMMITTED_OFFSET)).WillOnce(Return(6));
  EXPECT_EQ(results_committed(&results), 6u);
}

TEST_F(NocHal, GeometryComesFromTwoRegisters) {
  EXPECT_CALL(bus, read(0x10400000 + NOC_GEOMETRY_OFFSET)).WillOnce(Return(0x00050003));
  EXPECT_CALL(bus, read(0x10400000 + NOC_ENDPOINTS_OFFSET)).WillOnce(Return(16));
  noc_geometry_t geometry{};
  EXPECT_EQ(noc_geometry(&noc, &geometry), HAL_OK);
  EXPECT_EQ(geometry.columns, 3u);
  EXPECT_EQ(geometry.rows, 5u);
  EXPECT_EQ(geometry.endpoints, 16u);
  EXPECT_EQ(noc_geometry(&noc, nullptr), HAL_BAD_ARG);
}

TEST_F(NocHal, FindSkipsAbsentEndpointsAndOtherKinds) {
  EXPECT_CALL(bus, read(0x10400000 + NOC_ENDPOINTS_OFFSET)).WillOnce(Return(4));
  expect_present(1, 0);
  expect_present(2, 1);
  EXPECT_CALL(bus, read(0x40200000 + ENGINE_ID_OFFSET)).WillOnce(Return(ENGINE_ID_ACTIVATION));
  expect_present(3, 1);
  EXPECT_CALL(bus, read(0x40300000 + ENGINE_ID_OFFSET)).WillOnce(Return(ENGINE_ID_CIM));
  std::uint32_t found = 0;
  EXPECT_EQ(noc_find(&noc, ENGINE_ID_CIM, 1, &found), HAL_OK);
  EXPECT_EQ(found, 3u);
  EXPECT_EQ(noc_endpoint_base(&noc, found), 0x40300000u);
  EXPECT_EQ(noc_endpoint_irq(&noc, found), 67u);
}

TEST_F(NocHal, FindGivesUpAtTheLastEndpoint) {
  EXPECT_CALL(bus, read(0x10400000 + NOC_ENDPOINTS_OFFSET)).WillOnce(Return(2));
  expect_present(1, 0);
  std::uint32_t found = 77;
  EXPECT_EQ(noc_find(&noc, ENGINE_ID_CIM, 1, &found), HAL_NOT_FOUND);
  EXPECT_EQ(found, 77u);
  EXPECT_EQ(noc_find(&noc, ENGINE_ID_CIM, 1, nullptr), HAL_BAD_ARG);
}

TEST(HalResult, EachHasATextOfItsOwn) {
  for (int i = 0; i <= HAL_ABORTED; ++i) {
    const std::string text = hal_result_text(static_cast<hal_result_t>(i));
    EXPECT_NE(text, "unknown result") << i;
    for (int j = 0; j < i; ++j) EXPECT_NE(text, hal_result_text(static_cast<hal_result_t>(j)));
  }
}

}  // namespace
}  // namespace aimc::firmware
