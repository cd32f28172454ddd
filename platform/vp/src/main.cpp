// SPDX-License-Identifier: Apache-2.0
// aimc-vp: boots firmware on a platform, and tells what platforms there are.
#include <fcntl.h>

#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
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

namespace {

/// A program's exit code as the status of a process, which has eight bits: what does not fit must
/// not look like another code, least of all like 0.
int exit_status(int code) { return code >= 0 && code <= 255 ? code : 255; }

/// Whoever starts us with a standard stream closed must not get the guest's output in a file that
/// happens to be opened under its number. What is written to such a standard output is reported.
void occupy_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream)
    if (::fcntl(stream, F_GETFD) == -1)
      static_cast<void>(::open("/dev/null", stream == 2 ? O_WRONLY : O_RDONLY));
}

/// One line. Does not throw, unlike fmt::print, when standard error is full or closed; what a
/// message quotes of a binary file does not reach the terminal.
void say(std::string message) {
  for (char& c : message)
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = '?';
  std::fprintf(stderr, "%s\n", message.c_str());
}

/// The exit code, if all that was to be printed has been.
int printed(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  say("aimc-vp: cannot print: standard output is closed or full");
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using aimc::vp::Options;
  occupy_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files (ulimit -f) is told as a full disk is
  // Standard output belongs to the guest.
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  spdlog::set_default_logger(spdlog::stderr_color_mt("aimc-vp"));
  spdlog::set_pattern("[%l] %v");
  Options options;
  int exit_code = 0;
  if (!aimc::vp::parse_options(argc, argv, options, &exit_code)) return printed(exit_code);
  try {
    switch (options.command) {
      case Options::Command::run:
        return exit_status(aimc::vp::run(options));
      case Options::Command::platforms:
        return printed(aimc::vp::list_platforms());
      case Options::Command::describe:
        return printed(aimc::vp::describe(options));
    }
  } catch (const aimc::UserError& error) {
    say(error.what());
    return aimc::kUserErrorExit;
  } catch (const std::filesystem::filesystem_error& error) {
    say(fmt::format("{}: error: {}", error.path1().string(), error.code().message()));
    return aimc::kUserErrorExit;
  } catch (const std::system_error& error) {  // fmt: a standard stream is closed or full
    say(fmt::format("aimc-vp: cannot print: {}", error.what()));
    return 1;
  } catch (const std::exception& error) {
    say(fmt::format("internal error: {}", error.what()));
    say("This is a defect of aimc-vp; please report it with the command line.");
    return aimc::kInternalErrorExit;
  }
  return exit_code;
}
