// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aimc/instrumentation/console_input.h"
#include "aimc/instrumentation/guest_memory.h"
#include "aimc/instrumentation/host_files.h"

namespace aimc::instrumentation {

/// RISC-V semihosting: the guest asks the host for console, files, time and its own end by
///
///     slli x0, x0, 0x1f;  ebreak;  srai x0, x0, 7
///
/// with an operation in a0 and a parameter in a1; the answer comes back in a0.
class Semihosting {
 public:
  struct Config {
    std::string directory{};     ///< Of the guest's files; empty: no files.
    std::string command_line{};  ///< For GET_CMDLINE.
    std::uint32_t heap_start = 0;
    std::uint32_t heap_end = 0;  ///< Also where the stack begins.
  };
  struct Host {
    std::function<void(int code, const std::string& reason)> exit;
    std::function<std::uint64_t()> time_ps;  ///< Simulated time.
    std::function<void(const std::string& message)> warn;
    /// Asked while the program waits for console input; false: there will be none. See
    /// ConsoleInput.
    std::function<bool()> wait_on{};
  };

  /// @throws UserError if the directory cannot be opened.
  Semihosting(const Config& config, GuestMemory& memory, Host host);
  ~Semihosting();
  Semihosting(const Semihosting&) = delete;
  Semihosting& operator=(const Semihosting&) = delete;

  /// Is the EBREAK at `pc` a call, by the instructions around it?
  bool is_call(std::uint32_t pc);
  /// Serves a call. @returns the value for a0.
  std::uint32_t call(std::uint32_t operation, std::uint32_t parameter);

 private:
  struct Handle {
    int fd = -1;
    bool used = false;
    bool console = false;
    bool features = false;  ///< The pseudo-file ":semihosting-features".
    std::uint64_t at = 0;   ///< Position in it.
    std::FILE* output = nullptr;
  };

  std::uint32_t fail(int error);
  bool words(std::uint32_t block, std::uint32_t* values, unsigned count);
  bool text(std::uint32_t address, std::uint32_t length, std::string* value);
  Handle* handle(std::uint32_t number);
  std::uint32_t open(std::uint32_t block);
  std::uint32_t open_special(const std::string& name, std::uint32_t mode);
  std::uint32_t add(Handle handle);
  std::uint32_t close(std::uint32_t block);
  std::uint32_t write_zero_terminated(std::uint32_t address);
  std::uint32_t write(std::uint32_t block);
  std::uint32_t read(std::uint32_t block);
  std::uint32_t seek(std::uint32_t block);
  std::uint32_t length(std::uint32_t block);
  std::uint32_t temporary_name(std::uint32_t block);
  std::uint32_t remove(std::uint32_t block);
  std::uint32_t rename(std::uint32_t block);
  std::uint32_t command_line(std::uint32_t block);
  std::uint32_t heap_info(std::uint32_t block);
  std::uint32_t elapsed(std::uint32_t block);
  std::uint32_t exit(std::uint32_t reason, std::uint32_t code);

  const Config config_;
  GuestMemory& memory_;
  Host host_;
  ConsoleInput input_;
  HostFiles files_;
  std::vector<Handle> handles_;
  int error_ = 0;
};

}  // namespace aimc::instrumentation
