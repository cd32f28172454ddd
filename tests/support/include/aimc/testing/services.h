// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "aimc/common/services.h"

namespace aimc::testing {

/// Services for a block under test; remembers what the block asked for.
class TestServices : public SimulationControl {
 public:
  explicit TestServices(unsigned threads = 1, std::uint64_t seed = 1)
      : workers(threads), services{hub, workers, *this, seed} {}

  void finish(int code, const std::string& why) override {
    if (finished) return;
    finished = true;
    exit_code = code;
    reason = why;
  }
  void request_reset() override { ++resets; }
  void guest_warning(const char*, const std::string& message) override {
    warnings.push_back(message);
  }

  trace::Hub hub;
  WorkerPool workers;
  Services services;
  bool finished = false;
  int exit_code = -1;
  std::string reason;
  int resets = 0;
  std::vector<std::string> warnings;
};

}  // namespace aimc::testing
