// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace aimc {

/// Host threads that compute array results ahead while simulated time catches up.
///
/// A job is a pure function of inputs copied at `submit`, so its result does not depend on when or
/// where it runs; only wall time does.
class WorkerPool {
 public:
  class Job;
  using Handle = std::shared_ptr<Job>;

  /// @param threads  host threads in all, the simulation's own included; 1 starts no worker and
  ///                 runs each job in `wait`.
  explicit WorkerPool(unsigned threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  Handle submit(std::function<void()> work);
  /// Returns when the job has run, running it here if no worker has begun it.
  /// @throws what the job threw.
  void wait(const Handle& job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable finished_;
  std::deque<Handle> queue_;
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

}  // namespace aimc
