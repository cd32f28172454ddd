// SPDX-License-Identifier: Apache-2.0
#include "aimc/uart/line_format.h"

#include "aimc/uart/uart_regs.h"

namespace aimc::uart {

double frame_bits(std::uint8_t line_control) {
  const unsigned data = 5 + UART_LCR_WORD_GET(line_control);
  const unsigned parity = UART_LCR_PARITY_GET(line_control);
  const bool longer = UART_LCR_STOP_GET(line_control) != 0;
  const double stop = !longer ? 1.0 : data == 5 ? 1.5 : 2.0;
  return 1.0 + data + parity + stop;
}

double baud(double clock_hz, std::uint16_t divisor) {
  return divisor == 0 ? kBaudOfDivisorZero : clock_hz / (16.0 * divisor);
}

}  // namespace aimc::uart
