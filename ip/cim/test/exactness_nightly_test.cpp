// SPDX-License-Identifier: Apache-2.0
#include "exactness.h"

namespace aimc::cim {
namespace {

TEST(NightlyExactness, EveryExactVariantAndPrecisionOnAMillionVectors) {
  for (const char* const variant : {"bit_serial", "xnor", "charge"})
    EXPECT_EQ(wrong_in_sram(variant), 0u) << variant;
  std::size_t wrong = 0;
  for (unsigned bits = 1; bits <= 8; ++bits)
    for (unsigned input_bits = 1; input_bits <= 8; ++input_bits)
      wrong += wrong_in_rom("digital", bits, input_bits);
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace aimc::cim
