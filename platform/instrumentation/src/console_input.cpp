// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/console_input.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace aimc::instrumentation {
namespace {

constexpr int kTurnMs = 20;

/// Is there something to read, or the end? A signal ends the wait, so that it can be asked for.
bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, kTurnMs) > 0;
}

}  // namespace

bool ConsoleInput::fill() {
  for (;;) {
    while (wait_on_ && !readable(fd_))
      if (!wait_on_()) return false;
    const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    at_ = 0;
    size_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0;
  }
}

std::optional<char> ConsoleInput::get() {
  if (at_ == size_ && !fill()) return std::nullopt;
  return buffer_[at_++];
}

}  // namespace aimc::instrumentation
