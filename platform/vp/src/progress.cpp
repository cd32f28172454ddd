// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <fmt/format.h>

#include <systemc>

#include "aimc/common/quantity.h"

namespace aimc::vp {

void Progress::show(std::uint64_t images) {
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - last_ < std::chrono::milliseconds(250)) return;
  last_ = now;
  shown_ = true;
  const double wall = std::chrono::duration<double>(now - begin_).count();
  const double simulated = sc_core::sc_time_stamp().to_seconds();
  fmt::print(stderr, "\r\033[K{} images, {} simulated, {:.0f} s",
             total_ == 0 ? std::to_string(images) : fmt::format("{} of {}", images, total_),
             aimc::format_quantity(simulated, aimc::Unit::second), wall);
  std::fflush(stderr);
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

}  // namespace aimc::vp
