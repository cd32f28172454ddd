// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>

namespace aimc {
namespace {

class WorkerPoolTest : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Threads, WorkerPoolTest, ::testing::Values(1u, 2u, 3u));

TEST_P(WorkerPoolTest, ReturnsEveryResult) {
  WorkerPool pool(GetParam());
  std::vector<int> results(200);
  std::vector<WorkerPool::Handle> jobs;
  for (int i = 0; i < 200; ++i)
    jobs.push_back(pool.submit([&results, i] { results[static_cast<std::size_t>(i)] = i * i; }));
  for (const auto& job : jobs) pool.wait(job);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i * i);
}

TEST_P(WorkerPoolTest, ServesJobsThatAreAwaitedInReverseOrder) {
  WorkerPool pool(GetParam());
  std::atomic<int> ran = 0;
  std::vector<WorkerPool::Handle> jobs;
  for (int i = 0; i < 50; ++i) jobs.push_back(pool.submit([&ran] { ++ran; }));
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) pool.wait(*job);
  EXPECT_EQ(ran, 50) << "each job runs exactly once";
}

TEST_P(WorkerPoolTest, RunsAJobOnceHoweverOftenItIsAwaited) {
  WorkerPool pool(GetParam());
  std::atomic<int> ran = 0;
  const auto job = pool.submit([&ran] { ++ran; });
  pool.wait(job);
  pool.wait(job);
  EXPECT_EQ(ran, 1);
}

TEST_P(WorkerPoolTest, HandsExceptionsToTheWaiter) {
  WorkerPool pool(GetParam());
  const auto bad = pool.submit([] { throw std::runtime_error("no convergence"); });
  const auto good = pool.submit([] {});
  try {
    pool.wait(bad);
    ADD_FAILURE() << "the exception was lost";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no convergence");
  }
  EXPECT_THROW(pool.wait(bad), std::runtime_error) << "again for a second waiter";
  EXPECT_NO_THROW(pool.wait(good)) << "the pool lives on";
}

TEST_P(WorkerPoolTest, MayBeDestroyedWithWorkUndone) {
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(GetParam());
    for (int i = 0; i < 100; ++i) pool.submit([&ran] { ++ran; });
  }
  EXPECT_LE(ran, 100);
}

TEST(WorkerPoolThreadsTest, WorksAheadOnOtherThreads) {
  WorkerPool pool(2);
  std::atomic<bool> ran = false;
  const auto job = pool.submit([&ran] { ran = true; });
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!ran && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_TRUE(ran) << "the worker began without being waited for";
  pool.wait(job);
}

TEST(WorkerPoolThreadsTest, RunsInTheWaiterWithOneThread) {
  WorkerPool pool(1);
  std::thread::id where;
  const auto job = pool.submit([&where] { where = std::this_thread::get_id(); });
  EXPECT_EQ(where, std::thread::id()) << "nothing runs before the wait";
  pool.wait(job);
  EXPECT_EQ(where, std::this_thread::get_id());
}

}  // namespace
}  // namespace aimc
