// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "aimc/common/trace.h"
#include "aimc/common/worker_pool.h"

namespace aimc {

/// What a block may ask of the run it is part of.
class SimulationControl {
 public:
  virtual ~SimulationControl() = default;
  /// Ends the run; the program exits with `exit_code`. The first call counts.
  virtual void finish(int exit_code, const std::string& reason) = 0;
  /// Resets the whole platform after the present delta cycle.
  virtual void request_reset() = 0;
  /// Prints one rate-limited warning about the guest, with time and instance.
  virtual void guest_warning(const char* instance, const std::string& message) = 0;
};

/// Handed to every block at construction; outlives all of them.
struct Services {
  trace::Hub& trace;
  WorkerPool& workers;
  SimulationControl& control;
  std::uint64_t seed = 1;
};

}  // namespace aimc
