// SPDX-License-Identifier: Apache-2.0
// aimc-vp: boots firmware on a platform, and tells what platforms there are.
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <systemc>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "aimc/common/error.h"
#include "describe.h"
#include "options.h"
#include "run.h"

// The SystemC library wants this symbol; we start the kernel ourselves.
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  using aimc::vp::Options;
  // Standard output belongs to the guest.
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  spdlog::set_default_logger(spdlog::stderr_color_mt("aimc-vp"));
  spdlog::set_pattern("[%l] %v");
  Options options;
  int exit_code = 0;
  if (!aimc::vp::parse_options(argc, argv, options, &exit_code)) return exit_code;
  try {
    switch (options.command) {
      case Options::Command::run:
        return aimc::vp::run(options);
      case Options::Command::platforms:
        return aimc::vp::list_platforms();
      case Options::Command::describe:
        return aimc::vp::describe(options);
    }
  } catch (const aimc::UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return aimc::kUserErrorExit;
  } catch (const std::system_error& error) {  // fmt: standard output is closed or full
    fmt::print(stderr, "aimc-vp: cannot print: {}\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr,
               "internal error: {}\nThis is a defect of aimc-vp; please report it with the command "
               "line.\n",
               error.what());
    return aimc::kInternalErrorExit;
  }
  return exit_code;
}
