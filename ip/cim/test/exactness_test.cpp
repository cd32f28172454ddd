// SPDX-License-Identifier: Apache-2.0
// Digital arrays against integers on 10^6 random vectors of each precision.
#include "exactness.h"

#include "aimc/testing/fidelity.h"

namespace aimc::cim {
namespace {

TEST(Fidelity, V27DigitalSramEqualsTheIntegersOnAMillionVectorsOfEachPrecision) {
  aimc::testing::compare_exact("V27", "wrong sums, digital SRAM, 64 precisions x 10^6 vectors", 0,
                               static_cast<long long>(wrong_in_sram("adder_tree")));
}

TEST(Fidelity, V27DigitalRomEqualsTheIntegersOnAMillionVectors) {
  std::size_t wrong = wrong_in_rom("ternary", 8, 8);
  for (const unsigned bits : {1u, 2u, 4u, 8u}) wrong += wrong_in_rom("digital", bits, bits);
  aimc::testing::compare_exact("V27", "wrong sums, ROM, 5 precisions x 10^6 vectors", 0,
                               static_cast<long long>(wrong));
}

}  // namespace
}  // namespace aimc::cim
