// SPDX-License-Identifier: Apache-2.0
// Whole commands against the reference of reference.h, on random operands and parameters.
#include "aimc/activation/command.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "reference.h"

namespace aimc::activation {
namespace {

using testing::Bytes;
using testing::Example;
using testing::example;
using testing::Wish;
using testing::Words;

act_command_t command_of(const Words& words) {
  act_command_t command;
  static_assert(sizeof(command) == sizeof(words));
  std::memcpy(&command, words.data(), sizeof(command));
  return command;
}

/// Runs the command through check and datapath.
Bytes run(const Example& given) {
  const act_command_t command = command_of(given.words);
  EXPECT_EQ(check(command, given.sram).error, 0u);
  static Datapath datapath;  // one for all, so that buffers carry over between commands
  const auto result = datapath.run(command, given.sram);
  return Bytes(result.begin(), result.end());
}

/// Lengths around the default 16 lanes, and a long one.
constexpr std::uint32_t kLengths[] = {1, 2, 15, 16, 17, 255, 5000};

void expect_reference(Wish wish) {
  for (const std::uint32_t count : kLengths) {
    wish.count = count;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const Example given = example(wish, seed);
      ASSERT_EQ(run(given), testing::reference(given.words, given.sram))
          << "count " << count << ", seed " << seed;
    }
  }
}

TEST(Commands, AffineEqualsTheReferenceForEveryTypeAndTable) {
  for (const std::uint32_t type : {0u, 1u, 2u})
    for (const bool out_int32 : {false, true})
      for (const bool per_channel : {false, true}) {
        SCOPED_TRACE(::testing::Message() << type << ' ' << out_int32 << ' ' << per_channel);
        expect_reference(
            {.opcode = 1, .in_type = type, .out_int32 = out_int32, .per_channel = per_channel});
      }
}

TEST(Commands, LeakyEqualsTheReferenceForEveryType) {
  for (const std::uint32_t type : {0u, 1u, 2u})
    for (const bool out_int32 : {false, true})
      expect_reference({.opcode = 2, .in_type = type, .out_int32 = out_int32});
}

TEST(Commands, LutEqualsTheReferenceForBothTypes) {
  for (const std::uint32_t type : {0u, 1u}) expect_reference({.opcode = 3, .in_type = type});
}

TEST(Commands, AddEqualsTheReference) { expect_reference({.opcode = 6}); }

TEST(Commands, ArgMaxEqualsTheReferenceForEveryType) {
  for (const std::uint32_t type : {0u, 1u, 2u}) expect_reference({.opcode = 9, .in_type = type});
}

TEST(Commands, SoftmaxEqualsTheReferenceForBothTypes) {
  for (const std::uint32_t type : {0u, 1u}) expect_reference({.opcode = 10, .in_type = type});
}

TEST(Commands, SigmoidAndTanhStayWithinTheStatedErrorForEveryType) {
  for (const std::uint32_t opcode : {4u, 5u})
    for (const std::uint32_t type : {0u, 1u, 2u})
      for (const std::uint32_t count : kLengths) {
        const Example given = example({.opcode = opcode, .in_type = type, .count = count}, count);
        const Bytes out = run(given);
        const std::vector<double> exact = testing::functions(given.words, given.sram);
        ASSERT_EQ(out.size(), exact.size());
        for (std::size_t i = 0; i < out.size(); ++i) {
          const int value = static_cast<std::int8_t>(out[i]);
          ASSERT_NEAR(value, exact[i], value == 127 ? 1.0 : opcode == 4 ? 0.65 : 0.80) << i;
        }
      }
}

// 3000 random geometries each: windows partly outside on every side, strides beyond the kernel,
// outputs smaller than they could be.
TEST(Commands, PoolsEqualTheReferenceForAnyGeometry) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    for (const Wish& wish :
         {Wish{.opcode = 7}, Wish{.opcode = 8}, Wish{.opcode = 8, .count_pad = true}}) {
      const Example given = example(wish, seed);
      ASSERT_EQ(run(given), testing::reference(given.words, given.sram)) << "seed " << seed;
    }
  }
}

TEST(Commands, OperandsMayOverlapTheResult) {
  Example given = example({.opcode = 1, .in_type = 0, .out_int32 = true, .count = 100}, 3);
  given.words[4] = given.words[2] + 1;  // OUT in the middle of IN
  EXPECT_EQ(run(given), testing::reference(given.words, given.sram));
}

TEST(Commands, VectorMayFillTheWholeMemory) {
  Example given = example({.opcode = 1}, 5);
  given.words[1] = static_cast<std::uint32_t>(given.sram.size());
  given.words[2] = given.words[4] = 0;
  EXPECT_EQ(run(given), testing::reference(given.words, given.sram));
}

class Cost : public ::testing::Test {
 protected:
  Work cost(std::uint32_t op, std::uint32_t count) {
    act_command_t command{};
    command.op = op;
    command.count = count;
    return work(command, config);
  }
  Config config;
};

TEST_F(Cost, GrowsWithEachFullSetOfLanes) {
  config.lanes = 16;
  config.pipeline_cycles = 8;
  EXPECT_EQ(cost(ACT_OPCODE_AFFINE, 1).cycles, 9u);
  EXPECT_EQ(cost(ACT_OPCODE_AFFINE, 15).cycles, 9u);
  EXPECT_EQ(cost(ACT_OPCODE_AFFINE, 16).cycles, 9u);
  EXPECT_EQ(cost(ACT_OPCODE_AFFINE, 17).cycles, 10u);
  EXPECT_EQ(cost(ACT_OPCODE_ADD, 17).operations, 17u);
  EXPECT_EQ(cost(ACT_OPCODE_ADD, 17).elements, 17u);
  config.lanes = 1;
  config.pipeline_cycles = 0;
  EXPECT_EQ(cost(ACT_OPCODE_AFFINE, 17).cycles, 17u);
}

TEST_F(Cost, SoftmaxMakesThreePasses) {
  EXPECT_EQ(cost(ACT_OPCODE_SOFTMAX, 17).cycles, 3u * 2u + 8u);
  EXPECT_EQ(cost(ACT_OPCODE_SOFTMAX, 17).operations, 51u);
  EXPECT_EQ(cost(ACT_OPCODE_SOFTMAX, 17).elements, 17u);
}

TEST_F(Cost, ArgMaxYieldsOneElement) {
  EXPECT_EQ(cost(ACT_OPCODE_ARG_MAX, 17).operations, 17u);
  EXPECT_EQ(cost(ACT_OPCODE_ARG_MAX, 17).elements, 1u);
}

TEST_F(Cost, PoolsPayForEachWindowPosition) {
  act_command_t command{};
  command.op = ACT_OPCODE_MAX_POOL;
  command.channels = 3;
  command.kernel = ACT_COMMAND_KERNEL_HEIGHT_SET(2) | ACT_COMMAND_KERNEL_WIDTH_SET(5);
  command.out_map = ACT_COMMAND_OUT_MAP_HEIGHT_SET(4) | ACT_COMMAND_OUT_MAP_WIDTH_SET(7);
  const Work pool = work(command, config);
  EXPECT_EQ(pool.elements, 84u);
  EXPECT_EQ(pool.operations, 840u);
  EXPECT_EQ(pool.cycles, 53u + 8u);  // 52.5 sets of 16
}

}  // namespace
}  // namespace aimc::activation
