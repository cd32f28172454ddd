// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace aimc::vp {

/// One line on the terminal that says how far a long run is; silent when it is not a terminal.
class Progress {
 public:
  /// @param total  images to come; 0 if unknown.
  Progress(bool enabled, std::uint64_t total) : enabled_(enabled), total_(total) {}

  void show(std::uint64_t images);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool enabled_;
  bool shown_ = false;
  std::uint64_t total_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

}  // namespace aimc::vp
