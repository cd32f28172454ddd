// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aimc::vp {

/// What the command line asked for.
struct Options {
  enum class Command { run, platforms, describe };
  enum class Description { text, header, markdown, svd, dts, dtb };

  Command command = Command::run;
  std::string platform;
  std::vector<std::string> overrides;

  // run
  std::string firmware;
  std::string network;
  std::vector<std::string> inputs;
  std::string input_format = "automatic";
  std::string labels;
  std::uint64_t count = 0;  ///< Records to use; 0 for all.
  std::uint64_t seed = 1;
  unsigned threads = 1;
  std::string until;
  std::string quantum;
  std::string stats;
  bool logits = false;
  std::string trace;
  std::vector<std::string> trace_filter;
  bool quiet = false;
  std::string arguments;  ///< Of the program, for semihosting.
  bool semihosting = true;
  std::string semihost_dir;  ///< Files that semihosting may touch; empty for none.
  std::string signature;
  unsigned signature_granularity = 4;
  std::string itrace, itrace_from, itrace_to;  ///< Instruction trace and its window.
  std::string profile;
  std::string uart;        ///< Far end of the serial port.
  std::string uart_input;  ///< File that the guest receives.
  std::string gdb;         ///< [HOST:]PORT to listen at; empty for no debugger.
  bool gdb_wait = false;   ///< Wait for the debugger before the first instruction.

  // describe
  Description description = Description::text;
};

/// Parses the command line. @returns false if there is nothing left to do (help was printed);
/// then `*exit_code` is set.
bool parse_options(int argc, char** argv, Options& options, int* exit_code);

}  // namespace aimc::vp
