// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/semihosting.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "aimc/common/error.h"

namespace aimc::instrumentation {
namespace {

enum Operation : std::uint32_t {
  kOpen = 0x01,
  kClose = 0x02,
  kWriteC = 0x03,
  kWrite0 = 0x04,
  kWrite = 0x05,
  kRead = 0x06,
  kReadC = 0x07,
  kIsError = 0x08,
  kIsTty = 0x09,
  kSeek = 0x0a,
  kFlen = 0x0c,
  kTmpnam = 0x0d,
  kRemove = 0x0e,
  kRename = 0x0f,
  kClock = 0x10,
  kTime = 0x11,
  kSystem = 0x12,
  kErrno = 0x13,
  kGetCmdline = 0x15,
  kHeapInfo = 0x16,
  kExit = 0x18,
  kExitExtended = 0x20,
  kElapsed = 0x30,
  kTickFreq = 0x31,
};

constexpr std::uint32_t kFailed = 0xffffffff;
constexpr std::uint32_t kApplicationExit = 0x20026;
constexpr std::uint32_t kTicksPerSecond = 1000000000;
/// What TIME says at simulated time 0: 2026-01-01 00:00:00 UTC. Not the host's clock, so that two
/// runs are the same.
constexpr std::uint32_t kEpoch = 1767225600;
constexpr std::size_t kMaxHandles = 64;
constexpr std::uint32_t kMaxName = 4096;
constexpr std::uint32_t kMaxText = 1 << 24;  // of WRITE0
constexpr std::uint32_t kChunk = 4096;
/// Magic, then one byte of features: extended exit, separate standard error.
constexpr std::uint8_t kFeatures[] = {'S', 'H', 'F', 'B', 0x03};

constexpr std::uint32_t kBefore = 0x01f01013, kEbreak = 0x00100073, kAfter = 0x40705013;

}  // namespace

Semihosting::Semihosting(const Config& config, GuestMemory& memory, Host host)
    : config_(config),
      memory_(memory),
      host_(std::move(host)),
      input_(STDIN_FILENO, host_.wait_on),
      files_(config.directory) {}

Semihosting::~Semihosting() {
  for (const Handle& one : handles_)
    if (one.fd >= 0) ::close(one.fd);
}

bool Semihosting::is_call(std::uint32_t pc) {
  return memory_.word(pc - 4) == kBefore && memory_.word(pc) == kEbreak &&
         memory_.word(pc + 4) == kAfter;
}

std::uint32_t Semihosting::fail(int error) {
  error_ = error;
  return kFailed;
}

bool Semihosting::words(std::uint32_t block, std::uint32_t* values, unsigned count) {
  if (memory_.read(block, values, count * sizeof *values)) return true;
  error_ = EFAULT;
  return false;
}

bool Semihosting::text(std::uint32_t address, std::uint32_t length, std::string* value) {
  if (length > kMaxName) {
    error_ = ENAMETOOLONG;
    return false;
  }
  value->resize(length);
  if (length == 0 || memory_.read(address, value->data(), length)) return true;
  error_ = EFAULT;
  return false;
}

std::uint32_t Semihosting::call(std::uint32_t operation, std::uint32_t parameter) {
  std::uint32_t pair[2] = {};
  switch (operation) {
    case kOpen:
      return open(parameter);
    case kClose:
      return close(parameter);
    case kWriteC: {
      char c = 0;
      if (!memory_.read(parameter, &c, 1)) return fail(EFAULT);
      std::fputc(c, stdout);
      if (c == '\n') std::fflush(stdout);
      return 0;
    }
    case kWrite0:
      return write_zero_terminated(parameter);
    case kWrite:
      return write(parameter);
    case kRead:
      return read(parameter);
    case kReadC: {
      std::fflush(stdout);
      const std::optional<char> c = input_.get();
      return c ? static_cast<std::uint8_t>(*c) : kFailed;
    }
    case kIsError:
      if (!words(parameter, pair, 1)) return 1;
      return (pair[0] & 0x80000000) != 0 ? 1 : 0;
    case kIsTty: {
      const Handle* const one = words(parameter, pair, 1) ? handle(pair[0]) : nullptr;
      return one == nullptr ? kFailed : one->console ? 1 : 0;
    }
    case kSeek:
      return seek(parameter);
    case kFlen:
      return length(parameter);
    case kTmpnam:
      return temporary_name(parameter);
    case kRemove:
      return remove(parameter);
    case kRename:
      return rename(parameter);
    case kClock:  // in hundredths of a second
      return static_cast<std::uint32_t>(host_.time_ps() / 10000000000u);
    case kTime:
      return static_cast<std::uint32_t>(kEpoch + host_.time_ps() / 1000000000000u);
    case kSystem:
      return fail(EPERM);
    case kErrno:
      return static_cast<std::uint32_t>(error_);
    case kGetCmdline:
      return command_line(parameter);
    case kHeapInfo:
      return heap_info(parameter);
    case kExit:  // on 32-bit harts the parameter is the reason itself
      return exit(parameter, parameter == kApplicationExit ? 0 : 1);
    case kExitExtended:
      if (!words(parameter, pair, 2)) return kFailed;
      return exit(pair[0], pair[0] == kApplicationExit ? pair[1] : 1);
    case kElapsed:
      return elapsed(parameter);
    case kTickFreq:
      return kTicksPerSecond;
    default:
      host_.warn(fmt::format("semihosting has no operation {:#x}", operation));
      return fail(ENOSYS);
  }
}

// Handles -----------------------------------------------------------------------------------------

Semihosting::Handle* Semihosting::handle(std::uint32_t number) {
  if (number == 0 || number > handles_.size() || !handles_[number - 1].used) {
    error_ = EBADF;
    return nullptr;
  }
  return &handles_[number - 1];
}

std::uint32_t Semihosting::add(Handle added) {
  added.used = true;
  auto free =
      std::find_if(handles_.begin(), handles_.end(), [](const Handle& one) { return !one.used; });
  if (free == handles_.end()) free = handles_.insert(free, Handle());
  *free = added;
  return static_cast<std::uint32_t>(free - handles_.begin()) + 1;
}

std::uint32_t Semihosting::open_special(const std::string& name, std::uint32_t mode) {
  Handle special;
  if (name == ":tt") {
    special.console = true;
    special.output = mode < 4 ? nullptr : mode < 8 ? stdout : stderr;
    return add(special);
  }
  if (name == ":semihosting-features" && mode < 2) {
    special.features = true;
    return add(special);
  }
  return fail(ENOENT);
}

std::uint32_t Semihosting::open(std::uint32_t block) {
  constexpr int kModes[] = {O_RDONLY,
                            O_RDWR,
                            O_WRONLY | O_CREAT | O_TRUNC,
                            O_RDWR | O_CREAT | O_TRUNC,
                            O_WRONLY | O_CREAT | O_APPEND,
                            O_RDWR | O_CREAT | O_APPEND};
  std::uint32_t values[3];  // name, mode, length of the name
  std::string name;
  if (!words(block, values, 3) || !text(values[0], values[2], &name)) return kFailed;
  if (values[1] >= 2 * std::size(kModes)) return fail(EINVAL);
  const auto used =
      std::count_if(handles_.begin(), handles_.end(), [](const Handle& one) { return one.used; });
  if (static_cast<std::size_t>(used) >= kMaxHandles) return fail(EMFILE);
  if (name.starts_with(":")) return open_special(name, values[1]);
  Handle file;
  file.fd = files_.open(name, kModes[values[1] / 2], &error_);
  return file.fd < 0 ? kFailed : add(file);
}

std::uint32_t Semihosting::close(std::uint32_t block) {
  std::uint32_t number = 0;
  Handle* const one = words(block, &number, 1) ? handle(number) : nullptr;
  if (one == nullptr) return kFailed;
  if (one->output != nullptr) std::fflush(one->output);
  const int result = one->fd >= 0 ? ::close(one->fd) : 0;
  *one = Handle();
  return result == 0 ? 0 : fail(EIO);
}

// Transfers ---------------------------------------------------------------------------------------

std::uint32_t Semihosting::write_zero_terminated(std::uint32_t address) {
  for (std::uint32_t i = 0; i < kMaxText; ++i) {
    char c = 0;
    if (!memory_.read(address + i, &c, 1)) return fail(EFAULT);
    if (c == '\0') return 0;
    std::fputc(c, stdout);
    if (c == '\n') std::fflush(stdout);
  }
  return fail(EFAULT);
}

/// @returns how many bytes were NOT written.
std::uint32_t Semihosting::write(std::uint32_t block) {
  std::uint32_t values[3];  // handle, address, length
  if (!words(block, values, 3)) return kFailed;
  Handle* const one = handle(values[0]);
  if (one == nullptr || one->features || (one->console && one->output == nullptr)) {
    error_ = EBADF;
    return values[2];
  }
  std::uint32_t left = values[2];
  std::uint8_t chunk[kChunk];
  for (std::uint32_t address = values[1]; left > 0;) {
    const std::uint32_t size = std::min(left, kChunk);
    if (!memory_.read(address, chunk, size)) {
      error_ = EFAULT;
      break;
    }
    if (one->console) {
      std::fwrite(chunk, 1, size, one->output);
      if (std::memchr(chunk, '\n', size) != nullptr) std::fflush(one->output);
    } else {
      const ssize_t count = ::write(one->fd, chunk, size);
      if (count < 0) error_ = errno;
      if (count < 0 || static_cast<std::uint32_t>(count) < size) {
        left -= static_cast<std::uint32_t>(std::max<ssize_t>(count, 0));
        break;
      }
    }
    left -= size;
    address += size;
  }
  return left;
}

/// @returns how many bytes were NOT read.
std::uint32_t Semihosting::read(std::uint32_t block) {
  std::uint32_t values[3];  // handle, address, length
  if (!words(block, values, 3)) return kFailed;
  Handle* const one = handle(values[0]);
  if (one == nullptr || one->output != nullptr) {
    error_ = EBADF;
    return values[2];
  }
  std::uint32_t left = values[2];
  std::uint8_t chunk[kChunk];
  for (std::uint32_t address = values[1]; left > 0;) {
    std::uint32_t size = std::min(left, kChunk);
    ssize_t count = 0;
    if (one->features) {
      count = static_cast<ssize_t>(std::min<std::uint64_t>(size, sizeof kFeatures - one->at));
      std::copy_n(kFeatures + one->at, count, chunk);
      one->at += static_cast<std::uint64_t>(count);
    } else if (one->console) {  // a line, as a terminal gives it
      std::fflush(stdout);
      while (count < static_cast<ssize_t>(size) && (count == 0 || chunk[count - 1] != '\n')) {
        const std::optional<char> c = input_.get();
        if (!c) break;
        chunk[count++] = static_cast<std::uint8_t>(*c);
      }
    } else {
      count = ::read(one->fd, chunk, size);
      if (count < 0) error_ = errno;
    }
    if (count <= 0) break;
    if (!memory_.write(address, chunk, static_cast<std::size_t>(count))) {
      error_ = EFAULT;
      break;
    }
    left -= static_cast<std::uint32_t>(count);
    address += static_cast<std::uint32_t>(count);
    if (static_cast<std::uint32_t>(count) < size || one->console) break;
  }
  return left;
}

std::uint32_t Semihosting::seek(std::uint32_t block) {
  std::uint32_t values[2];  // handle, position
  Handle* const one = words(block, values, 2) ? handle(values[0]) : nullptr;
  if (one == nullptr) return kFailed;
  if (one->console) return fail(ESPIPE);
  if (one->features) {
    if (values[1] > sizeof kFeatures) return fail(EINVAL);
    one->at = values[1];
    return 0;
  }
  return ::lseek(one->fd, values[1], SEEK_SET) < 0 ? fail(errno) : 0;
}

std::uint32_t Semihosting::length(std::uint32_t block) {
  std::uint32_t number = 0;
  Handle* const one = words(block, &number, 1) ? handle(number) : nullptr;
  if (one == nullptr) return kFailed;
  if (one->console) return fail(ESPIPE);
  if (one->features) return sizeof kFeatures;
  struct stat status {};
  if (::fstat(one->fd, &status) != 0) return fail(errno);
  if (status.st_size > 0x7fffffff) return fail(EOVERFLOW);
  return static_cast<std::uint32_t>(status.st_size);
}

// Names -------------------------------------------------------------------------------------------

std::uint32_t Semihosting::temporary_name(std::uint32_t block) {
  std::uint32_t values[3];  // buffer, number, size
  if (!words(block, values, 3)) return kFailed;
  const std::string name = fmt::format("tmp{:03}", values[1] & 0xff);
  if (values[2] < name.size() + 1) return fail(ERANGE);
  return memory_.write(values[0], name.c_str(), name.size() + 1) ? 0 : fail(EFAULT);
}

std::uint32_t Semihosting::remove(std::uint32_t block) {
  std::uint32_t values[2];  // name, length
  std::string name;
  if (!words(block, values, 2) || !text(values[0], values[1], &name)) return kFailed;
  return files_.remove(name, &error_) == 0 ? 0 : kFailed;
}

std::uint32_t Semihosting::rename(std::uint32_t block) {
  std::uint32_t values[4];  // old name, length, new name, length
  std::string from, to;
  if (!words(block, values, 4) || !text(values[0], values[1], &from) ||
      !text(values[2], values[3], &to))
    return kFailed;
  return files_.rename(from, to, &error_) == 0 ? 0 : kFailed;
}

std::uint32_t Semihosting::command_line(std::uint32_t block) {
  std::uint32_t values[2];  // buffer, size; the size becomes the length
  if (!words(block, values, 2)) return kFailed;
  const std::string& line = config_.command_line;
  if (values[1] < line.size() + 1) return fail(ERANGE);
  const auto size = static_cast<std::uint32_t>(line.size());
  if (!memory_.write(values[0], line.c_str(), line.size() + 1) ||
      !memory_.write(block + 4, &size, sizeof size))
    return fail(EFAULT);
  return 0;
}

// The machine -------------------------------------------------------------------------------------

std::uint32_t Semihosting::heap_info(std::uint32_t block) {
  std::uint32_t target = 0;
  const std::uint32_t values[4] = {config_.heap_start, config_.heap_end, config_.heap_end, 0};
  if (!words(block, &target, 1)) return kFailed;
  return memory_.write(target, values, sizeof values) ? 0 : fail(EFAULT);
}

std::uint32_t Semihosting::elapsed(std::uint32_t block) {
  const std::uint64_t ticks = host_.time_ps() / 1000;
  return memory_.write(block, &ticks, sizeof ticks) ? 0 : fail(EFAULT);
}

std::uint32_t Semihosting::exit(std::uint32_t reason, std::uint32_t code) {
  std::fflush(stdout);
  host_.exit(static_cast<int>(code), reason == kApplicationExit
                                         ? "semihosting"
                                         : fmt::format("semihosting, reason {:#x}", reason));
  return 0;
}

}  // namespace aimc::instrumentation
