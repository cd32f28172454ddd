// SPDX-License-Identifier: Apache-2.0
// Main program of tests without SystemC.
#include "aimc/testing/run_tests.h"

int main(int argc, char** argv) { return aimc::testing::run_tests(argc, argv); }
