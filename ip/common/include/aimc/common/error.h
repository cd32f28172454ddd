// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aimc {

/// A place in a user's file. `line` and `column` count from 1; 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  /// "file:line:column", as far as known.
  std::string text() const;
};

/// A mistake of the user's: one message that says where, what, and what would have been right.
/// The program prints it and exits with code 2 (`kUserErrorExit`).
class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string& message) : std::runtime_error(message) {}
  UserError(const Location& where, const std::string& message);

  /// True if the message begins with a place in a file.
  bool located() const { return located_; }

 private:
  bool located_ = false;
};

inline constexpr int kUserErrorExit = 2;       ///< Bad options, files or descriptions.
inline constexpr int kInternalErrorExit = 70;  ///< A broken invariant of ours.

template <class... Args>
[[noreturn]] void user_error(const Location& where, fmt::format_string<Args...> format,
                             Args&&... args) {
  throw UserError(where, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void user_error(fmt::format_string<Args...> format, Args&&... args) {
  throw UserError(fmt::format(format, std::forward<Args>(args)...));
}

/// "a, b, c": the list at the end of most "unknown X" messages.
std::string join(const std::vector<std::string>& items, const char* separator = ", ");

}  // namespace aimc
