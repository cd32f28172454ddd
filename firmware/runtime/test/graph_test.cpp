// SPDX-License-Identifier: Apache-2.0
// The graph executor against a machine of its own: tasks are written as names with edges, and the
// test decides when a device has ended.
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "runtime/graph.h"

namespace aimc::firmware {
namespace {

/// A graph under construction, the machine it runs on and a log of what it asked for.
class GraphTest : public ::testing::Test {
 protected:
  std::uint32_t add(std::uint32_t type, std::uint32_t engine = AIMC_NETWORK_NONE) {
    const auto index = static_cast<std::uint32_t>(tasks.size());
    tasks.push_back({type, engine, 100 + index, 0, 0, 0, 0, 0});
    targets.emplace_back();
    return index;
  }
  void edge(std::uint32_t from, std::uint32_t to, bool token = false) {
    targets[from].push_back(to);
    ++tasks[to].inputs;
    if (!token) ++tasks[to].missing;
  }
  /// Edge with its credit back, so that no task can run twice at once.
  void link(std::uint32_t from, std::uint32_t to) {
    edge(from, to);
    edge(to, from, true);
  }

  void start(std::uint32_t channels = 2, std::uint32_t depth = 2) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      tasks[i].first_edge = static_cast<std::uint32_t>(edges.size());
      tasks[i].edges = static_cast<std::uint32_t>(targets[i].size());
      edges.insert(edges.end(), targets[i].begin(), targets[i].end());
    }
    missing.resize(tasks.size());
    next.resize(tasks.size());
    for (auto& engine : engines) engine.depth = depth;
    static const graph_machine_t calls = {push, start_dma, begin, release, commit};
    const network_graph_t description = {tasks.data(), static_cast<std::uint32_t>(tasks.size()),
                                         edges.data()};
    graph_init(&graph, &description, {missing.data(), next.data()}, engines,
               static_cast<std::uint32_t>(std::size(engines)), channels, &calls, this);
    graph_start(&graph);
  }

  /// Ends `count` commands of an engine.
  void engine_done(std::uint32_t engine, std::uint32_t count = 1) {
    for (std::uint32_t i = 0; i < count; ++i) queued[engine].pop_front();
    graph_engine_done(&graph, engine, engines[engine].done_count + count);
  }
  void dma_done(std::uint32_t channel) {
    running[channel] = 0;
    graph_dma_done(&graph, channel);
  }
  std::string take_log() {
    std::string text;
    text.swap(log);
    return text;
  }

  void note(const char* what, std::uint32_t where, std::uint32_t argument) {
    log.append(what).append(std::to_string(where)).append(":");
    log.append(std::to_string(argument)).append(" ");
  }
  static GraphTest& self(void* machine) { return *static_cast<GraphTest*>(machine); }
  static void push(void* machine, std::uint32_t engine, std::uint32_t command) {
    self(machine).queued[engine].push_back(command);
    EXPECT_LE(self(machine).queued[engine].size(), self(machine).engines[engine].depth);
    self(machine).note("e", engine, command);
  }
  static void start_dma(void* machine, std::uint32_t channel, std::uint32_t descriptor) {
    EXPECT_EQ(self(machine).running[channel], 0u) << "channel " << channel << " is busy";
    self(machine).running[channel] = descriptor;
    self(machine).note("d", channel, descriptor);
  }
  static std::uint32_t begin(void* machine) {
    self(machine).log += "begin ";
    return self(machine).record++;
  }
  static void release(void* machine) { self(machine).log += "release "; }
  static void commit(void* machine, std::uint32_t frame) {
    self(machine).log.append("commit").append(std::to_string(frame)).append(" ");
  }

  std::vector<aimc_network_task_t> tasks;
  std::vector<std::vector<std::uint32_t>> targets;
  std::vector<std::uint32_t> edges, missing, next;
  graph_engine_t engines[3] = {};
  graph_t graph{};
  std::deque<std::uint32_t> queued[3];
  std::uint32_t running[GRAPH_MAX_CHANNELS] = {};
  std::uint32_t record = 0;
  std::string log;
};

TEST_F(GraphTest, TasksWithoutInputsRunAtOnceAndOnce) {
  add(AIMC_TASK_DMA);
  add(AIMC_TASK_ENGINE, 1);
  start();
  EXPECT_EQ(take_log(), "d0:100 e1:101 ");
  EXPECT_FALSE(graph_all_done(&graph));
  dma_done(0);
  engine_done(1);
  EXPECT_TRUE(graph_all_done(&graph));
  EXPECT_EQ(take_log(), "");
}

TEST_F(GraphTest, AJoinWaitsForAllItsInputs) {
  const auto a = add(AIMC_TASK_DMA), b = add(AIMC_TASK_ENGINE, 0), c = add(AIMC_TASK_ENGINE, 2);
  edge(a, c);
  edge(b, c);
  start();
  take_log();
  engine_done(0);
  EXPECT_EQ(take_log(), "");
  dma_done(0);
  EXPECT_EQ(take_log(), "e2:102 ");
  engine_done(2);
  EXPECT_TRUE(graph_all_done(&graph));
}

TEST_F(GraphTest, AQueueNeverHoldsMoreThanItsDepth) {
  for (int i = 0; i < 5; ++i) add(AIMC_TASK_ENGINE, 0);
  start(1, 2);
  EXPECT_EQ(take_log(), "e0:100 e0:101 ");
  engine_done(0);
  EXPECT_EQ(take_log(), "e0:102 ");
  engine_done(0, 2);
  EXPECT_EQ(take_log(), "e0:103 e0:104 ");
  engine_done(0, 2);
  EXPECT_TRUE(graph_all_done(&graph));
}

TEST_F(GraphTest, AnEnginesTasksEndInTheOrderTheyWereQueued) {
  const auto a = add(AIMC_TASK_ENGINE, 0), b = add(AIMC_TASK_ENGINE, 0);
  const auto after_a = add(AIMC_TASK_DMA), after_b = add(AIMC_TASK_DMA);
  edge(a, after_a);
  edge(b, after_b);
  start();
  take_log();
  EXPECT_EQ(graph_engine_task(&graph, 0), a);
  engine_done(0);
  EXPECT_EQ(take_log(), "d0:102 ");
  EXPECT_EQ(graph_engine_task(&graph, 0), b);
  engine_done(0);
  EXPECT_EQ(take_log(), "d1:103 ");
  EXPECT_EQ(graph_engine_task(&graph, 0), GRAPH_NO_TASK);
}

TEST_F(GraphTest, TheDoneCounterMayWrap) {
  engines[0].done_count = 0xffffffff;
  add(AIMC_TASK_ENGINE, 0);
  add(AIMC_TASK_ENGINE, 0);
  start();
  EXPECT_TRUE(graph_engine_done(&graph, 0, 1));
  EXPECT_TRUE(graph_all_done(&graph));
  EXPECT_FALSE(graph_engine_done(&graph, 0, 1)) << "nothing new";
}

TEST_F(GraphTest, DmaTasksTakeAnyFreeChannelAndWaitWhenThereIsNone) {
  for (int i = 0; i < 4; ++i) add(AIMC_TASK_DMA);
  start(2);
  EXPECT_EQ(take_log(), "d0:100 d1:101 ");
  dma_done(1);
  EXPECT_EQ(take_log(), "d1:102 ");
  EXPECT_EQ(graph_channel_task(&graph, 1), 2u);
  dma_done(0);
  EXPECT_EQ(take_log(), "d0:103 ");
  dma_done(0);
  dma_done(1);
  EXPECT_TRUE(graph_all_done(&graph));
}

/// sensor -> copy in -> engine -> copy out -> commit, one buffer each: two frames overlap.
class PipelineTest : public GraphTest {
 protected:
  void build() {
    const auto begin = add(AIMC_TASK_BEGIN), in = add(AIMC_TASK_DMA);
    const auto release = add(AIMC_TASK_RELEASE), compute = add(AIMC_TASK_ENGINE, 0);
    const auto out = add(AIMC_TASK_DMA), result = add(AIMC_TASK_RESULT);
    edge(begin, in);
    edge(in, release);
    edge(release, begin, true);
    link(in, compute);
    link(compute, out);
    edge(out, result);
    edge(result, out, true);
    start();
  }
};

TEST_F(PipelineTest, AFrameRunsThroughAndTheNextBeginsBehindTheRelease) {
  build();
  EXPECT_EQ(take_log(), "");
  graph_record_presented(&graph);
  EXPECT_EQ(take_log(), "begin d0:101 ");
  dma_done(0);
  EXPECT_EQ(take_log(), "release e0:103 ");
  graph_record_presented(&graph);
  EXPECT_EQ(take_log(), "begin ") << "the engine's input is still in use";
  engine_done(0);
  EXPECT_EQ(take_log(), "d0:101 d1:104 ") << "both frames in flight";
  dma_done(1);
  EXPECT_EQ(take_log(), "commit0 ");
  dma_done(0);
  EXPECT_EQ(take_log(), "release e0:103 ");
  graph_stream_ended(&graph);
  EXPECT_FALSE(graph_stream_done(&graph));
  engine_done(0);
  dma_done(0);
  EXPECT_EQ(take_log(), "d0:104 commit1 ");
  EXPECT_TRUE(graph_stream_done(&graph));
  EXPECT_EQ(graph.result, GRAPH_OK);
}

TEST_F(PipelineTest, WaitingForTheSensorIsNotAStallButAfterItsEndItIsTheEnd) {
  build();
  EXPECT_FALSE(graph_is_stalled(&graph));
  EXPECT_FALSE(graph_stream_done(&graph));
  graph_stream_ended(&graph);
  EXPECT_TRUE(graph_stream_done(&graph)) << "an empty stream";
}

TEST_F(PipelineTest, AnyTimingOfTheDevicesCommitsEveryFrameInOrder) {
  build();
  std::mt19937 random(7);  // one fixed stream of choices: what ends next
  std::uint32_t presented = 0;
  const std::uint32_t frames = 200;
  std::string all;
  for (int step = 0; step < 100000 && !graph_stream_done(&graph); ++step) {
    switch (random() % 4) {
      case 0:
        // The sensor shows the next record only when the last one has been released.
        if (presented < frames && !graph.record_presented &&
            all.find("begin") == std::string::npos) {
          ++presented;
          graph_record_presented(&graph);
        }
        break;
      case 1:
        if (!queued[0].empty()) engine_done(0);
        break;
      default: {
        const std::uint32_t channel = random() % 2;
        if (running[channel] != 0) dma_done(channel);
      }
    }
    const std::string news = take_log();
    if (news.find("begin") != std::string::npos) all += "begin";
    if (news.find("release") != std::string::npos) all.clear();
    if (presented == frames && all.empty() && graph.begun == frames) graph_stream_ended(&graph);
    ASSERT_EQ(graph.result, GRAPH_OK);
    if (!graph_stream_done(&graph) && presented < frames) {
      ASSERT_TRUE(graph.in_flight > 0 || !graph_is_stalled(&graph));
    }
  }
  EXPECT_TRUE(graph_stream_done(&graph));
  EXPECT_EQ(graph.committed, frames);
}

TEST_F(GraphTest, AGraphThatCannotGoOnIsStalledAndNamesAStarvedTask) {
  const auto a = add(AIMC_TASK_DMA), b = add(AIMC_TASK_ENGINE, 0);
  edge(a, b);
  edge(b, b);  // waits for itself
  start();
  EXPECT_FALSE(graph_is_stalled(&graph));
  dma_done(0);
  EXPECT_TRUE(graph_is_stalled(&graph));
  EXPECT_FALSE(graph_all_done(&graph));
  EXPECT_EQ(graph_starved_task(&graph), b);
}

TEST_F(GraphTest, ATaskThatWouldRunTwiceAtOnceIsAnError) {
  const auto a = add(AIMC_TASK_DMA), b = add(AIMC_TASK_ENGINE, 0);
  edge(a, a, true);  // runs for ever, without a credit from b
  edge(a, b);
  start();
  dma_done(0);
  EXPECT_EQ(graph.result, GRAPH_OK);
  dma_done(0);
  EXPECT_EQ(graph.result, GRAPH_FIRED_TWICE);
  EXPECT_EQ(graph.result_task, b);
}

TEST_F(GraphTest, EndsThatNothingBeganAreErrors) {
  add(AIMC_TASK_ENGINE, 0);
  start();
  graph_engine_done(&graph, 0, 2);
  EXPECT_EQ(graph.result, GRAPH_UNEXPECTED_DONE);
}

TEST_F(GraphTest, AnEndOnAnIdleChannelIsAnError) {
  add(AIMC_TASK_ENGINE, 0);
  start();
  graph_dma_done(&graph, 1);
  EXPECT_EQ(graph.result, GRAPH_UNEXPECTED_DONE);
}

TEST_F(GraphTest, AResultWithoutARecordIsAnError) {
  add(AIMC_TASK_RESULT);
  start();
  EXPECT_EQ(graph.result, GRAPH_NO_FRAME);
  EXPECT_EQ(std::string(graph_result_text(graph.result)), "a result without a record");
}

TEST_F(GraphTest, FramesBeyondTheRingWaitForACommit) {
  const auto begin = add(AIMC_TASK_BEGIN), gate = add(AIMC_TASK_ENGINE, 0);
  edge(begin, begin, true);  // takes up records as fast as they come
  (void)gate;
  start();
  for (std::uint32_t i = 0; i < RUNTIME_MAX_FRAMES + 1; ++i) graph_record_presented(&graph);
  EXPECT_EQ(graph.begun, RUNTIME_MAX_FRAMES);
  EXPECT_TRUE(graph.record_presented);
  engine_done(0);
  EXPECT_TRUE(graph_is_stalled(&graph)) << "nothing is left that could commit";
}

}  // namespace
}  // namespace aimc::firmware
