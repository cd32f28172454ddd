// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

namespace aimc::instrumentation {

/// Characters that a user types, or that a file or pipe holds, for a program that waits for them.
class ConsoleInput {
 public:
  /// @param fd       Read from; stays open.
  /// @param wait_on  Asked every few milliseconds while nothing comes; false: nobody waits any
  ///                 longer. Empty: waits however long it takes.
  ConsoleInput(int fd, std::function<bool()> wait_on) : fd_(fd), wait_on_(std::move(wait_on)) {}

  /// The next character; empty at the end of the input, or if nobody waits.
  std::optional<char> get();

 private:
  bool fill();

  int fd_;
  std::function<bool()> wait_on_;
  std::array<char, 4096> buffer_{};
  std::size_t at_ = 0, size_ = 0;
};

}  // namespace aimc::instrumentation
