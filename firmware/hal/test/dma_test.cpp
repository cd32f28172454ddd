// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "hal/dma.h"
#include "hal/mmio.h"
#include "mock_bus.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

constexpr std::uintptr_t kBase = 0x10300000;
constexpr std::uint32_t kAllEvents =
    DMA_CH_STATUS_DONE_MASK | DMA_CH_STATUS_ERROR_MASK | DMA_CH_STATUS_ABORTED_MASK;
constexpr std::uint32_t kEnables = DMA_CH_CTRL_IRQ_DONE_MASK | DMA_CH_CTRL_IRQ_ERROR_MASK;

class DmaHal : public DriverTest {
 protected:
  void expect_channels(std::uint32_t count) {
    EXPECT_CALL(bus, read(kBase + DMA_CHANNELS_OFFSET)).WillOnce(Return(count));
  }
  void expect_status(std::uint32_t channel, std::uint32_t status) {
    EXPECT_CALL(bus, read(kBase + DMA_CH_STATUS_OFFSET(channel))).WillOnce(Return(status));
  }
  void expect_fault(std::uint32_t channel, std::uint32_t code) {
    EXPECT_CALL(bus, read(kBase + DMA_CH_FAULT_CODE_OFFSET(channel))).WillOnce(Return(code));
  }

  const dma_t dma{kBase};
};

TEST_F(DmaHal, StartClearsOldEventsAndIsTheLastWrite) {
  expect_channels(4);
  expect_status(2, DMA_CH_STATUS_DONE_MASK);
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(2), kAllEvents));
  EXPECT_CALL(bus, write(kBase + DMA_CH_DESCRIPTOR_OFFSET(2), 0x80001000));
  EXPECT_CALL(bus, write(kBase + DMA_CH_CTRL_OFFSET(2), DMA_CH_CTRL_START_MASK));
  EXPECT_EQ(dma_start(&dma, 2, 0x80001000, false), HAL_OK);
}

TEST_F(DmaHal, StartWithInterruptEnablesDoneAndError) {
  expect_channels(4);
  expect_status(0, 0);
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(0), kAllEvents));
  EXPECT_CALL(bus, write(kBase + DMA_CH_DESCRIPTOR_OFFSET(0), 0x80));
  EXPECT_CALL(bus, write(kBase + DMA_CH_CTRL_OFFSET(0), DMA_CH_CTRL_START_MASK | kEnables));
  EXPECT_EQ(dma_start(&dma, 0, 0x80, true), HAL_OK);
}

TEST_F(DmaHal, StartOfABusyChannelWritesNothing) {
  expect_channels(4);
  expect_status(1, DMA_CH_STATUS_BUSY_MASK);
  EXPECT_EQ(dma_start(&dma, 1, 0x80, true), HAL_BUSY);
}

TEST_F(DmaHal, BadArgumentsOfStartWriteNothing) {
  EXPECT_EQ(dma_start(nullptr, 0, 0x80, false), HAL_BAD_ARG);
  EXPECT_EQ(dma_start(&dma, DMA_CHANNELS_MAX, 0x80, false), HAL_BAD_ARG);
  EXPECT_EQ(dma_start(&dma, 0, 0x82, false), HAL_BAD_ARG);
  EXPECT_EQ(dma_start(&dma, 0, 0, false), HAL_BAD_ARG);
  expect_channels(4);
  EXPECT_EQ(dma_start(&dma, 4, 0x80, false), HAL_BAD_ARG);
}

TEST_F(DmaHal, StartOfAnIdleChannelTakesTwoWrites) {
  EXPECT_CALL(bus, write(kBase + DMA_CH_DESCRIPTOR_OFFSET(3), 0x40));
  EXPECT_CALL(bus, write(kBase + DMA_CH_CTRL_OFFSET(3), DMA_CH_CTRL_START_MASK | kEnables));
  dma_start_idle(&dma, 3, 0x40);
}

TEST_F(DmaHal, WaitPollsUntilTheChainEnds) {
  expect_status(1, DMA_CH_STATUS_BUSY_MASK);
  expect_status(1, DMA_CH_STATUS_BUSY_MASK | DMA_CH_STATUS_DONE_MASK);
  expect_status(1, DMA_CH_STATUS_DONE_MASK);
  EXPECT_EQ(dma_wait(&dma, 1, nullptr), HAL_OK);
}

TEST_F(DmaHal, AFailedAccessIsABusFaultWithItsAddress) {
  expect_status(1, DMA_CH_STATUS_ERROR_MASK);
  expect_fault(1, DMA_ERROR_WRITE);
  EXPECT_CALL(bus, read(kBase + DMA_CH_FAULT_ADDRESS_OFFSET(1))).WillOnce(Return(0x70000004));
  EXPECT_CALL(bus, read(kBase + DMA_CH_CURRENT_OFFSET(1))).WillOnce(Return(0x80002000));
  dma_fault_t fault{};
  EXPECT_EQ(dma_poll(&dma, 1, &fault), HAL_BUS_FAULT);
  EXPECT_EQ(fault.code, DMA_ERROR_WRITE);
  EXPECT_EQ(fault.address, 0x70000004u);
  EXPECT_EQ(fault.descriptor, 0x80002000u);
}

TEST_F(DmaHal, ABadDescriptorIsADeviceErrorAndAnAbortIsItself) {
  expect_status(0, DMA_CH_STATUS_ERROR_MASK);
  expect_fault(0, DMA_ERROR_DESCRIPTOR_BAD);
  EXPECT_EQ(dma_poll(&dma, 0, nullptr), HAL_DEVICE_ERROR);
  expect_status(0, DMA_CH_STATUS_ABORTED_MASK);
  EXPECT_EQ(dma_poll(&dma, 0, nullptr), HAL_ABORTED);
  EXPECT_EQ(dma_poll(&dma, DMA_CHANNELS_MAX, nullptr), HAL_BAD_ARG);
}

TEST_F(DmaHal, AcknowledgeClearsBeforeItLooks) {
  bool failed = true;
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(5), DMA_CH_STATUS_DONE_MASK));
  expect_status(5, 0);
  EXPECT_TRUE(dma_acknowledge(&dma, 5, &failed));
  EXPECT_FALSE(failed);
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(5), DMA_CH_STATUS_DONE_MASK));
  expect_status(5, DMA_CH_STATUS_BUSY_MASK);  // a descriptor's own interrupt: the chain goes on
  EXPECT_FALSE(dma_acknowledge(&dma, 5, &failed));
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(5), DMA_CH_STATUS_DONE_MASK));
  expect_status(5, DMA_CH_STATUS_ERROR_MASK);
  EXPECT_TRUE(dma_acknowledge(&dma, 5, &failed));
  EXPECT_TRUE(failed);
}

TEST_F(DmaHal, AbortKeepsTheInterruptEnables) {
  EXPECT_CALL(bus, read(kBase + DMA_CH_CTRL_OFFSET(0))).WillOnce(Return(kEnables));
  EXPECT_CALL(bus, write(kBase + DMA_CH_CTRL_OFFSET(0), kEnables | DMA_CH_CTRL_ABORT_MASK));
  dma_abort(&dma, 0);
}

TEST_F(DmaHal, HandlerNotesTheEndOfEachPendingChannelAndMasksTheFailedOne) {
  dma_waiter_t waiter{&dma, 0};
  EXPECT_CALL(bus, read(kBase + DMA_IRQ_PENDING_OFFSET)).WillOnce(Return(0b1010));
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(1), DMA_CH_STATUS_DONE_MASK));
  expect_status(1, 0);
  EXPECT_CALL(bus, write(kBase + DMA_CH_STATUS_OFFSET(3), DMA_CH_STATUS_DONE_MASK));
  expect_status(3, DMA_CH_STATUS_ERROR_MASK);
  EXPECT_CALL(bus, write(kBase + DMA_CH_CTRL_OFFSET(3), 0));
  dma_handle_irq(&waiter);
  EXPECT_EQ(waiter.finished, 0b1010u);
}

TEST_F(DmaHal, WaitingByInterruptSleepsOnceAndForgetsTheEvent) {
  dma_waiter_t waiter{&dma, 0};
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(false));
  EXPECT_CALL(hart, wfi());
  EXPECT_CALL(hart, irq_enable()).WillOnce([&] { waiter.finished = 0b101; });
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(true));
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(false));
  expect_status(2, 0);
  EXPECT_EQ(dma_wait_irq(&waiter, 2, nullptr), HAL_OK);
  EXPECT_EQ(waiter.finished, 0b001u) << "another channel's event stays";
  EXPECT_EQ(dma_wait_irq(nullptr, 2, nullptr), HAL_BAD_ARG);
}

TEST_F(DmaHal, DescriptorsSayWhatTheCopyIs) {
  dma_descriptor_t d{};
  EXPECT_EQ(dma_copy_1d(&d, 0x200, 0x100, 64), HAL_OK);
  EXPECT_EQ(d.source, 0x100u);
  EXPECT_EQ(d.destination, 0x200u);
  EXPECT_EQ(d.bytes, 64u);
  EXPECT_EQ(d.count1, 1u);
  EXPECT_EQ(d.count2, 1u);
  EXPECT_EQ(d.next, 0u);
  EXPECT_EQ(dma_copy_2d(&d, {0x200, 16, 0}, {0x100, -32, 0}, 16, 5), HAL_OK);
  EXPECT_EQ(d.count1, 5u);
  EXPECT_EQ(d.source_stride1, 0xffffffe0u);
  EXPECT_EQ(d.destination_stride1, 16u);
  EXPECT_EQ(dma_copy_3d(&d, {0x200, 16, 80}, {0x100, 64, 640}, 16, 5, 7), HAL_OK);
  EXPECT_EQ(d.count2, 7u);
  EXPECT_EQ(d.source_stride2, 640u);
  EXPECT_EQ(d.destination_stride2, 80u);
}

TEST_F(DmaHal, EmptyCopiesAndNullDescriptorsAreRefused) {
  dma_descriptor_t d{};
  EXPECT_EQ(dma_copy_1d(&d, 0, 0, 0), HAL_BAD_ARG);
  EXPECT_EQ(dma_copy_2d(&d, {0, 0, 0}, {0, 0, 0}, 1, 0), HAL_BAD_ARG);
  EXPECT_EQ(dma_copy_3d(&d, {0, 0, 0}, {0, 0, 0}, 1, 1, 0), HAL_BAD_ARG);
  EXPECT_EQ(dma_copy_1d(nullptr, 0, 0, 1), HAL_BAD_ARG);
}

TEST_F(DmaHal, LinkLeadsToTheNextDescriptorOrEndsTheChain) {
  dma_descriptor_t d[2] = {};
  dma_link(&d[0], &d[1]);
  EXPECT_EQ(d[0].next, mmio_bus_address(&d[1]));
  dma_link(&d[0], nullptr);
  EXPECT_EQ(d[0].next, 0u);
}

TEST_F(DmaHal, EachErrorHasItsOwnText) {
  EXPECT_EQ(std::string(dma_error_text(DMA_ERROR_READ)), "source access failed");
  EXPECT_EQ(std::string(dma_error_text(99)), "unknown error");
}

}  // namespace
}  // namespace aimc::firmware
