// SPDX-License-Identifier: Apache-2.0
// Drivers of the host side: hart, CLINT, PLIC, UART, finisher.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aimc/clint/clint_regs.h"
#include "aimc/finisher/finisher_regs.h"
#include "aimc/plic/plic_regs.h"
#include "aimc/uart/uart_regs.h"
#include "hal/clint.h"
#include "hal/cpu.h"
#include "hal/finisher.h"
#include "hal/plic.h"
#include "hal/uart.h"
#include "mock_bus.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

class CpuHal : public DriverTest {};
class ClintHal : public DriverTest {
 protected:
  const clint_t clint{0x2000000};
};
class PlicHal : public DriverTest {
 protected:
  PlicHal() : slots(PLIC_SOURCES) {}
  std::vector<plic_slot_t> slots;
  const plic_t plic{0xc000000, 2, slots.data()};  // machine mode of hart 1
  const std::uintptr_t claim = 0xc000000 + PLIC_CLAIM_OFFSET(2);
};
class UartHal : public DriverTest {
 protected:
  const uart_t uart{0x10000000};
  const std::uintptr_t lsr = 0x10000000 + UART_LSR_OFFSET;
  const std::uintptr_t data = 0x10000000 + UART_DATA_OFFSET;
};
class FinisherHal : public DriverTest {
 protected:
  const finisher_t finisher{0x100000};
};

struct Countdown {
  int checks_until_true;
  static bool done(void* context) {
    return static_cast<Countdown*>(context)->checks_until_true-- == 0;
  }
};

TEST_F(CpuHal, WaitChecksWithInterruptsOffAndSleepsBeforeItLetsThemIn) {
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(true));
  EXPECT_CALL(hart, wfi());
  EXPECT_CALL(hart, irq_enable());
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(true));
  EXPECT_CALL(hart, irq_enable());  // as it was before the call
  Countdown countdown{1};
  cpu_wait_until(Countdown::done, &countdown);
}

TEST_F(CpuHal, WaitDoesNotSleepIfTheConditionHolds) {
  EXPECT_CALL(hart, irq_disable()).WillOnce(Return(false));
  Countdown countdown{0};
  cpu_wait_until(Countdown::done, &countdown);
}

TEST_F(ClintHal, TimeIsReadAgainWhenTheLowHalfWrapsInBetween) {
  EXPECT_CALL(bus, read(0x2000000 + CLINT_MTIME_HIGH_OFFSET)).WillOnce(Return(1));
  EXPECT_CALL(bus, read(0x2000000 + CLINT_MTIME_LOW_OFFSET)).WillOnce(Return(0xffffffff));
  EXPECT_CALL(bus, read(0x2000000 + CLINT_MTIME_HIGH_OFFSET)).WillOnce(Return(2));
  EXPECT_CALL(bus, read(0x2000000 + CLINT_MTIME_LOW_OFFSET)).WillOnce(Return(5));
  EXPECT_CALL(bus, read(0x2000000 + CLINT_MTIME_HIGH_OFFSET)).WillOnce(Return(2));
  EXPECT_EQ(clint_time(&clint), 0x200000005u);
}

TEST_F(ClintHal, SettingTheTimerPassesThroughNoEarlierTime) {
  EXPECT_CALL(bus, write(0x2000000 + CLINT_MTIMECMP_HIGH_OFFSET(3), 0xffffffff));
  EXPECT_CALL(bus, write(0x2000000 + CLINT_MTIMECMP_LOW_OFFSET(3), 0x89abcdef));
  EXPECT_CALL(bus, write(0x2000000 + CLINT_MTIMECMP_HIGH_OFFSET(3), 0x01234567));
  EXPECT_EQ(clint_set_timer(&clint, 3, 0x0123456789abcdefu), HAL_OK);
}

TEST_F(ClintHal, SoftwareInterruptIsRaisedAndCleared) {
  EXPECT_CALL(bus, write(0x2000000 + CLINT_MSIP_OFFSET(1), 1));
  EXPECT_EQ(clint_raise_software_irq(&clint, 1), HAL_OK);
  EXPECT_CALL(bus, write(0x2000000 + CLINT_MSIP_OFFSET(1), 0));
  EXPECT_EQ(clint_clear_software_irq(&clint, 1), HAL_OK);
}

TEST_F(ClintHal, AHartThatDoesNotExistIsRefused) {
  EXPECT_EQ(clint_set_timer(&clint, CLINT_MTIMECMP_LOW_COUNT, 0), HAL_BAD_ARG);
  EXPECT_EQ(clint_raise_software_irq(&clint, CLINT_MSIP_COUNT), HAL_BAD_ARG);
  EXPECT_EQ(clint_clear_software_irq(nullptr, 0), HAL_BAD_ARG);
}

void count(void* context) { ++*static_cast<int*>(context); }

TEST_F(PlicHal, AttachSetsPriorityBeforeItEnablesTheSourceOfItsContext) {
  int calls = 0;
  const std::uintptr_t enable = 0xc000000 + PLIC_ENABLE_OFFSET(0) + 2 * PLIC_ENABLE_STRIDE + 4 * 1;
  EXPECT_CALL(bus, write(0xc000000 + PLIC_PRIORITY_OFFSET(40), 5));
  EXPECT_CALL(bus, read(enable)).WillOnce(Return(0x1));
  EXPECT_CALL(bus, write(enable, 0x101));
  EXPECT_EQ(plic_attach(&plic, 40, 5, count, &calls), HAL_OK);
  EXPECT_EQ(slots[40].handler, count);
}

TEST_F(PlicHal, DetachClearsOnlyItsOwnEnable) {
  slots[33].handler = count;
  const std::uintptr_t enable = 0xc000000 + PLIC_ENABLE_OFFSET(0) + 2 * PLIC_ENABLE_STRIDE + 4;
  EXPECT_CALL(bus, read(enable)).WillOnce(Return(0xff));
  EXPECT_CALL(bus, write(enable, 0xfd));
  EXPECT_EQ(plic_detach(&plic, 33), HAL_OK);
  EXPECT_EQ(slots[33].handler, nullptr);
}

TEST_F(PlicHal, BadSourcesPrioritiesAndHandlersAreRefused) {
  EXPECT_EQ(plic_attach(&plic, 0, 1, count, nullptr), HAL_BAD_ARG);
  EXPECT_EQ(plic_attach(&plic, PLIC_SOURCES, 1, count, nullptr), HAL_BAD_ARG);
  EXPECT_EQ(plic_attach(&plic, 1, 0, count, nullptr), HAL_BAD_ARG);
  EXPECT_EQ(plic_attach(&plic, 1, 8, count, nullptr), HAL_BAD_ARG);
  EXPECT_EQ(plic_attach(&plic, 1, 1, nullptr, nullptr), HAL_BAD_ARG);
  EXPECT_EQ(plic_detach(&plic, 0), HAL_BAD_ARG);
}

TEST_F(PlicHal, DispatchHandlesAllThatIsPendingAndCompletesEach) {
  int calls = 0;
  slots[10] = {count, &calls};
  slots[70] = {count, &calls};
  EXPECT_CALL(bus, read(claim)).WillOnce(Return(70));
  EXPECT_CALL(bus, write(claim, 70));
  EXPECT_CALL(hart, irq_pending()).WillOnce(Return(1u << 11));
  EXPECT_CALL(bus, read(claim)).WillOnce(Return(10));
  EXPECT_CALL(bus, write(claim, 10));
  EXPECT_CALL(hart, irq_pending()).WillOnce(Return(1u << 7));  // the timer is not ours
  plic_dispatch(&plic);
  EXPECT_EQ(calls, 2);
}

TEST_F(PlicHal, DispatchOfAWithdrawnInterruptCompletesNothing) {
  EXPECT_CALL(bus, read(claim)).WillOnce(Return(0));
  plic_dispatch(&plic);
}

TEST_F(PlicHal, DispatchCompletesASourceWithoutHandler) {
  EXPECT_CALL(bus, read(claim)).WillOnce(Return(12));
  EXPECT_CALL(bus, write(claim, 12));
  EXPECT_CALL(hart, irq_pending()).WillOnce(Return(0));
  plic_dispatch(&plic);
}

TEST_F(UartHal, PutcWaitsWhileTheTransmitRegisterIsFull) {
  EXPECT_CALL(bus, read8(lsr)).Times(3).WillRepeatedly(Return(std::uint8_t{0}));
  EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(static_cast<std::uint8_t>(UART_LSR_EMPTY_MASK)));
  EXPECT_CALL(bus, write8(data, 'x'));
  uart_putc(&uart, 'x');
}

TEST_F(UartHal, PutsAddsNoCarriageReturn) {
  for (const char c : std::string("a\n")) {
    EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(static_cast<std::uint8_t>(UART_LSR_EMPTY_MASK)));
    EXPECT_CALL(bus, write8(data, static_cast<std::uint8_t>(c)));
  }
  uart_puts(&uart, "a\n");
}

TEST_F(UartHal, TryFunctionsSayBusyAndTouchNoData) {
  EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(std::uint8_t{0}));
  EXPECT_EQ(uart_try_putc(&uart, 'x'), HAL_BUSY);
  EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(std::uint8_t{0}));
  char c = '?';
  EXPECT_EQ(uart_try_getc(&uart, &c), HAL_BUSY);
  EXPECT_EQ(c, '?');
  EXPECT_EQ(uart_try_getc(&uart, nullptr), HAL_BAD_ARG);
}

TEST_F(UartHal, GetcReturnsTheByteThatArrives) {
  EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(std::uint8_t{0}));
  EXPECT_CALL(bus, read8(lsr)).WillOnce(Return(static_cast<std::uint8_t>(UART_LSR_READY_MASK)));
  EXPECT_CALL(bus, read8(data)).WillOnce(Return(static_cast<std::uint8_t>('k')));
  EXPECT_EQ(uart_getc(&uart), 'k');
}

TEST_F(UartHal, InterruptEnablesAreSetOneByOne) {
  EXPECT_CALL(bus, write8(0x10000000 + UART_IER_OFFSET, UART_IER_RECEIVE_MASK));
  uart_set_irq(&uart, true, false);
  EXPECT_CALL(bus, write8(0x10000000 + UART_IER_OFFSET, UART_IER_TRANSMIT_MASK));
  uart_set_irq(&uart, false, true);
  EXPECT_CALL(bus, read8(0x10000000 + UART_IIR_OFFSET)).WillOnce(Return(std::uint8_t{0xc2}));
  EXPECT_EQ(uart_irq_cause(&uart), 2u) << "the FIFO bits are no cause";
}

TEST_F(FinisherHal, CodeZeroPassesAndOthersFailWithTheirCode) {
  EXPECT_CALL(bus, write(0x100000, FINISHER_COMMAND_PASS));
  finisher_exit(&finisher, 0);
  EXPECT_CALL(bus, write(0x100000, 0x00073333));
  finisher_exit(&finisher, 7);
  EXPECT_CALL(bus, write(0x100000, 0xffff3333));
  finisher_exit(&finisher, 0xffffffff);
}

}  // namespace
}  // namespace aimc::firmware
