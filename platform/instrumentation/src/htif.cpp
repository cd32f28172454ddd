// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/htif.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace aimc::instrumentation {
namespace {

// System calls of the RISC-V proxy kernel, as far as test programs use them.
constexpr std::uint64_t kSysWrite = 64;
constexpr std::uint64_t kSysExit = 93;
constexpr std::uint64_t kSysGetMainVars = 2011;

constexpr unsigned kDeviceSystem = 0, kDeviceConsole = 1;
constexpr std::uint64_t kMaxExitCode = std::numeric_limits<int>::max();
constexpr unsigned kConsoleRead = 0, kConsoleWrite = 1;

}  // namespace

Htif::Htif(GuestMemory& memory, std::uint32_t tohost, std::optional<std::uint32_t> fromhost,
           Host host)
    : memory_(memory), tohost_(tohost), fromhost_(fromhost), host_(std::move(host)) {}

bool Htif::serve(bool settled) {
  std::uint64_t value = 0;
  const std::uint64_t waiting = std::exchange(waiting_, 0);
  if (!memory_.read(tohost_, &value, sizeof value) || value == 0) return false;
  const bool whole = (value >> 32) != 0 && (value & 0xffffffff) != 0;
  if (!whole && !(settled && value == waiting)) {
    waiting_ = value;
    return value != waiting;
  }
  const std::uint64_t taken = 0;
  memory_.write(tohost_, &taken, sizeof taken);
  command(value);
  return false;
}

void Htif::command(std::uint64_t value) {
  const auto device = static_cast<unsigned>(value >> 56);
  const auto code = static_cast<unsigned>(value >> 48 & 0xff);
  const std::uint64_t payload = value & 0xffffffffffff;
  if (device == kDeviceSystem && code == 0) {
    if ((payload & 1) != 0) {
      // A code that an int cannot hold is still no pass.
      host_.exit(static_cast<int>(std::min(payload >> 1, kMaxExitCode)), "tohost");
    } else {
      system_call(static_cast<std::uint32_t>(payload));
    }
  } else if (device == kDeviceConsole && code == kConsoleWrite) {
    host_.put(static_cast<char>(payload & 0xff));
    answer(value & 0xffff000000000000);
  } else if (device == kDeviceConsole && code == kConsoleRead) {
    // No key is ever pressed; programs that poll go on, as they do without a console.
  } else {
    host_.warn(fmt::format("tohost: value {:#018x} asks for device {}, command {}: ignored", value,
                           device, code));
  }
}

void Htif::answer(std::uint64_t value) {
  if (fromhost_) memory_.write(*fromhost_, &value, sizeof value);
}

std::int64_t Htif::write_console(std::uint64_t file, std::uint64_t address, std::uint64_t length) {
  if (file != 1 && file != 2) return -EBADF;
  for (std::uint64_t i = 0; i < length; ++i) {
    char c = 0;
    if (address + i > 0xffffffff || !memory_.read(static_cast<std::uint32_t>(address + i), &c, 1))
      return -EFAULT;
    host_.put(c);
  }
  return static_cast<std::int64_t>(length);
}

/// The word points to eight 64-bit words: number, arguments; the first takes the result.
void Htif::system_call(std::uint32_t block) {
  std::uint64_t words[8];
  if (!memory_.read(block, words, sizeof words)) {
    host_.warn(
        fmt::format("tohost: {:#x} is neither an exit code (odd) nor the address of a system "
                    "call in memory: ignored",
                    block));
    return;
  }
  std::int64_t result = -ENOSYS;
  switch (words[0]) {
    case kSysWrite:
      result = write_console(words[1], words[2], words[3]);
      break;
    case kSysExit:
      host_.exit(static_cast<int>(words[1] & 0xff), "tohost");
      result = 0;
      break;
    case kSysGetMainVars:
      break;  // no arguments here: the program takes its defaults
    default:
      host_.warn(fmt::format("tohost: system call {} is not offered", words[0]));
  }
  words[0] = static_cast<std::uint64_t>(result);
  memory_.write(block, words, sizeof words[0]);
  answer(1);
}

}  // namespace aimc::instrumentation
