// SPDX-License-Identifier: Apache-2.0
// Main program of tests with SystemC.
#include <cstdlib>
#include <systemc>

#include "aimc/testing/run_tests.h"

// The SystemC library wants this symbol; the tests start the kernel themselves.
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return aimc::testing::run_tests(argc, argv);
}
