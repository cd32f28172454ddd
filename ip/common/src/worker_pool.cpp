// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/worker_pool.h"

#include <algorithm>

namespace aimc {

class WorkerPool::Job {
 public:
  explicit Job(std::function<void()> work) : work_(std::move(work)) {}

  void run() {
    try {
      work_();
    } catch (...) {
      error_ = std::current_exception();
    }
    work_ = nullptr;
  }

  bool done = false;  // guarded by the pool's mutex

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::function<void()> work_;
  std::exception_ptr error_;
};

WorkerPool::WorkerPool(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

WorkerPool::Handle WorkerPool::submit(std::function<void()> work) {
  auto job = std::make_shared<Job>(std::move(work));
  if (!workers_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(job);
    }
    queued_.notify_one();
  }
  return job;
}

void WorkerPool::wait(const Handle& job) {
  std::unique_lock lock(mutex_);
  if (!job->done) {
    const auto at = std::find(queue_.begin(), queue_.end(), job);
    const bool not_begun = at != queue_.end() || workers_.empty();
    if (not_begun) {
      if (at != queue_.end()) queue_.erase(at);
      lock.unlock();
      job->run();
      lock.lock();
      job->done = true;
    } else {
      finished_.wait(lock, [&] { return job->done; });
    }
  }
  lock.unlock();
  job->rethrow();
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const Handle job = queue_.front();
    queue_.pop_front();
    lock.unlock();
    job->run();
    lock.lock();
    job->done = true;
    finished_.notify_all();
  }
}

}  // namespace aimc
