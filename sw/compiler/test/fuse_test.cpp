// SPDX-License-Identifier: Apache-2.0
#include "fuse.h"

#include <gmock/gmock.h>

#include "float_executor.h"
#include "toy.h"

namespace aimc::compiler {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

/// Operations left after fusing; checks that pixels still give the same result.
std::vector<Op> fused(const Network& before) {
  Network after = before;
  fuse(after);
  const auto record = noise_records(1, before.tensors[before.input].shape.size(), 4);
  const auto expected = evaluate(before, input_values(before, record, false))[before.output];
  const auto result = evaluate(after, input_values(after, record, false))[after.output];
  EXPECT_THAT(result, Pointwise(FloatNear(1e-3f), expected));
  std::vector<Op> ops;
  for (const Node& node : after.nodes) ops.push_back(node.op);
  return ops;
}

void normalisation(Node& node, std::size_t channels, std::uint64_t seed) {
  node.factor = noise(channels, seed);
  node.bias = noise(channels, seed + 1);
}

using Ops = std::vector<Op>;

TEST(FuseTest, NormalisationAndReluGoIntoTheConvolution) {
  NetworkBuilder b({6, 6, 2});
  const std::size_t a = b.conv(0, {4, 4, 5}, {3, 3}, false);
  const std::size_t c = b.node(Op::affine, a, [](Node& n) { normalisation(n, 5, 7); });
  const std::size_t d = b.node(Op::clamp, c, [](Node& n) { n.clamp.low = 0; });
  EXPECT_EQ(fused(b.finish(d)), Ops{Op::conv});
}

TEST(FuseTest, NormalisationAfterReluBecomesADiagonalConvolution) {
  NetworkBuilder b({6, 6, 2});
  const std::size_t a = b.conv(0, {4, 4, 5}, {3, 3}, true);
  EXPECT_EQ(fused(b.finish(b.node(Op::affine, a, [](Node& n) { normalisation(n, 5, 7); }))),
            (Ops{Op::conv, Op::conv}));
}

TEST(FuseTest, NormalisationOfTheInputGoesIntoItsConversion) {
  NetworkBuilder b({4, 4, 2});
  const std::size_t a = b.node(Op::affine, 0, [](Node& n) {
    n.factor = {0.5f, 2.0f};
    n.bias = {3.0f, -1.0f};
  });
  EXPECT_EQ(fused(b.finish(b.dense(a, 3))), Ops{Op::conv});
}

TEST(FuseTest, ANegativeFactorOnTheInputIsRefused) {
  NetworkBuilder b({4, 4, 1});
  const std::size_t a = b.node(Op::affine, 0, [](Node& n) {
    n.factor = {-1.0f};
    n.bias = {0.0f};
  });
  Network network = b.finish(b.dense(a, 3));
  EXPECT_THAT(message_of([&] { fuse(network); }), HasSubstr("a factor of -1 on the input"));
}

TEST(FuseTest, ReluMovesAheadOfAMaxPool) {
  NetworkBuilder b({6, 6, 2});
  const std::size_t a = b.conv(0, {6, 6, 3}, {1, 1}, false);
  const std::size_t c = b.pool(Op::max_pool, a, {3, 3, 3}, {2, 2, 2, 2});
  const std::size_t d = b.node(Op::clamp, c, [](Node& n) { n.clamp = {-0.5, 0.75}; });
  EXPECT_EQ(fused(b.finish(d)), (Ops{Op::conv, Op::max_pool}));
}

TEST(FuseTest, ReluStaysApartWhenSomeoneNeedsTheUnclampedMap) {
  NetworkBuilder b({4, 4, 2});
  const std::size_t a = b.conv(0, {4, 4, 3}, {1, 1}, false);
  const std::size_t c = b.node(Op::clamp, a, [](Node& n) { n.clamp.low = 0; });
  EXPECT_EQ(fused(b.finish(b.add(a, c))), (Ops{Op::conv, Op::unary, Op::add}));
}

TEST(FuseTest, TwoClampsBecomeOne) {
  NetworkBuilder b({4, 4, 2});
  const std::size_t a = b.conv(0, {4, 4, 3}, {1, 1}, true);
  const std::size_t c = b.node(Op::clamp, a, [](Node& n) { n.clamp = {-1, 0.5}; });
  const std::size_t d = b.node(Op::clamp, c, [](Node& n) { n.clamp = {0.25, 9}; });
  EXPECT_EQ(fused(b.finish(d)), Ops{Op::conv});
}

TEST(FuseTest, TablesInARowBecomeOneAndNegativeSlopesToo) {
  NetworkBuilder b({4, 4, 2});
  const std::size_t a = b.conv(0, {4, 4, 3}, {1, 1}, false);
  const std::size_t c = b.node(Op::leaky, a, [](Node& n) { n.slope = -0.5f; });
  const std::size_t d =
      b.node(Op::unary, c, [](Node& n) { n.function = [](double x) { return x * x; }; });
  const std::size_t e = b.node(Op::clamp, d, [](Node& n) { n.clamp.high = 0.5; });
  EXPECT_EQ(fused(b.finish(e)), (Ops{Op::conv, Op::unary}));
}

TEST(FuseTest, WhatNobodyReadsIsDropped) {
  NetworkBuilder b({4, 4, 2});
  const std::size_t a = b.conv(0, {4, 4, 3}, {1, 1});
  b.dense(b.conv(a, {4, 4, 3}, {1, 1}), 7);
  EXPECT_EQ(fused(b.finish(a)), Ops{Op::conv});
}

}  // namespace
}  // namespace aimc::compiler
