// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aimc::vp {

/// What the command line asked for.
struct Options {
  enum class Command { run, platforms, describe };
  enum class Description { text, header, markdown };

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

  // describe
  Description description = Description::text;
};

/// Parses the command line. @returns false if there is nothing left to do (help was printed);
/// then `*exit_code` is set.
bool parse_options(int argc, char** argv, Options& options, int* exit_code);

}  // namespace aimc::vp
