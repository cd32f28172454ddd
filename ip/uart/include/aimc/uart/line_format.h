// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aimc::uart {

/// Rate of a divisor latch of 0, where the chip is not specified: QEMU's choice.
inline constexpr double kBaudOfDivisorZero = 3500.0;

/// Bits of a character on the line, start and stop bits included: 7 to 12, and 7.5 or 8.5 where one
/// and a half stop bits go with five data bits.
/// @param line_control  The line control register; bits that do not shape the frame have no effect.
double frame_bits(std::uint8_t line_control);

/// Bits per second: the clock divided by 16 and by the divisor latch.
/// @param clock_hz  Input clock [Hz].
double baud(double clock_hz, std::uint16_t divisor);

}  // namespace aimc::uart
