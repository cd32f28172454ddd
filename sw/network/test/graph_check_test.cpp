// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/graph_check.h"

#include <gmock/gmock.h>

#include "sample_image.h"

namespace aimc::network {
namespace {

using ::testing::HasSubstr;

using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Complaint about a frame graph BEGIN, RELEASE, RESULT, then `extra` engine tasks.
std::string check(std::uint32_t extra, const Edges& edges, bool with_result = true) {
  ImageBuilder builder(kLoadAddress);
  add_input(builder, 1, 1, 1);
  const std::uint32_t engine = builder.add_engine(1, 0x40000000, 64, "tile0");
  builder.add_task(Graph::frame, AIMC_TASK_BEGIN, AIMC_NETWORK_NONE, 0, "begin");
  builder.add_task(Graph::frame, AIMC_TASK_RELEASE, AIMC_NETWORK_NONE, 0, "release");
  builder.add_task(Graph::frame, with_result ? AIMC_TASK_RESULT : AIMC_TASK_ENGINE,
                   with_result ? AIMC_NETWORK_NONE : engine, 0, "result");
  for (std::uint32_t i = 0; i < extra; ++i)
    builder.add_task(Graph::frame, AIMC_TASK_ENGINE, engine, 0, "work");
  for (const auto& [from, to] : edges) builder.connect(Graph::frame, from, to);
  const Image image = Image::parse(builder.finish(), "net.aimc");
  return message_of([&] { check_graphs(image); });
}

TEST(GraphCheckTest, TheSampleIsLiveAndSafe) {
  const Image image = Image::parse(sample_bytes(), "net.aimc");
  EXPECT_EQ(message_of([&] { check_graphs(image); }), "");
}

TEST(GraphCheckTest, ARingWithOneTokenIsSafe) { EXPECT_EQ(check(0, {{0, 1}, {1, 2}, {2, 0}}), ""); }

TEST(GraphCheckTest, AnEdgeWithoutAWayBackIsUnsafe) {
  EXPECT_THAT(
      check(0, {{0, 1}, {1, 0}, {1, 2}}),
      HasSubstr("the edge from task 1 (release) to task 2 (result) can hold more than one"));
}

TEST(GraphCheckTest, AnEdgeWhoseOnlyCycleHoldsTwoTokensIsUnsafe) {
  // 0 -> 2 is empty, 2 -> 1 and 1 -> 0 start with a token each.
  EXPECT_THAT(check(0, {{0, 2}, {2, 1}, {1, 0}}), HasSubstr("can hold more than one token"));
}

TEST(GraphCheckTest, ATaskWithoutInputsFiresWithoutEnd) {
  EXPECT_THAT(check(1, {{0, 1}, {1, 2}, {2, 0}, {3, 0}}), HasSubstr("task 3 (work) would fire"));
}

TEST(GraphCheckTest, SelfLoopsAreSafe) {
  EXPECT_EQ(check(1, {{0, 1}, {1, 2}, {2, 0}, {3, 3}}), "");
}

TEST(GraphCheckTest, TheFrameGraphNeedsOneResult) {
  EXPECT_THAT(check(0, {{0, 1}, {1, 2}, {2, 0}}, false),
              HasSubstr("1 BEGIN, 1 RELEASE and 0 RESULT"));
}

}  // namespace
}  // namespace aimc::network
