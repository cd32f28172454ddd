// SPDX-License-Identifier: Apache-2.0
// Every way in which a command can be wrong, and the edge on which it is still right.
#include <gmock/gmock.h>

#include <cstddef>
#include <cstring>
#include <vector>

#include "aimc/activation/command.h"
#include "aimc/common/engine_regs.h"

namespace aimc::activation {
namespace {

constexpr std::uint32_t kSram = 4096;

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : sram(kSram, 0) {
    command.count = 4;
    command.multiplier = 1;
    command.multiplier2 = 1;
    command.clamp = ACT_COMMAND_CLAMP_LOW_SET(0x80) | ACT_COMMAND_CLAMP_HIGH_SET(0x7f);
    command.channels = 1;
    command.map = command.kernel = command.out_map = 0x00010001;
    command.step = 0x00000101;
    sram[0] = 1;  // first entry of a SOFTMAX table at 0
  }

  Fault fault(std::uint32_t op) {
    command.op = op;
    return check(command, sram);
  }
  void expect_good(std::uint32_t op) {
    const Fault found = fault(op);
    EXPECT_EQ(found.error, ENGINE_ERROR_NONE) << "op " << op << ", address " << found.address;
  }
  void expect_argument(std::uint32_t op, std::size_t word) {
    const Fault found = fault(op);
    EXPECT_EQ(found.error, ENGINE_ERROR_BAD_ARGUMENT) << "op " << op;
    EXPECT_EQ(found.address, word) << "op " << op;
  }
  void expect_range(std::uint32_t op, std::uint32_t address) {
    const Fault found = fault(op);
    EXPECT_EQ(found.error, ENGINE_ERROR_SRAM_RANGE) << "op " << op;
    EXPECT_EQ(found.address, address) << "op " << op;
  }
  /// Sets `word` to `good`, which all of `opcodes` accept, and to `bad`, which none does.
  void expect_limit(std::uint32_t act_command_t::*word, std::size_t offset, std::uint32_t good,
                    std::uint32_t bad, const std::vector<std::uint32_t>& opcodes) {
    const std::uint32_t before = command.*word;
    for (const std::uint32_t opcode : opcodes) {
      command.*word = good;
      expect_good(opcode);
      command.*word = bad;
      expect_argument(opcode, offset);
    }
    command.*word = before;
  }

  act_command_t command{};
  std::vector<std::uint8_t> sram;
};

const std::vector<std::uint32_t> kCounted{1, 2, 3, 4, 5, 6, 9, 10};
const std::vector<std::uint32_t> kScaled{1, 2, 4, 5, 6, 8};
const std::vector<std::uint32_t> kClamped{1, 2, 6, 8};
const std::vector<std::uint32_t> kPools{7, 8};

TEST_F(CheckTest, OpcodesFromOneToTenExist) {
  for (std::uint32_t opcode = 1; opcode <= 10; ++opcode) expect_good(opcode);
  for (const std::uint32_t opcode : {0u, 11u, 255u}) {
    const Fault found = fault(opcode);
    EXPECT_EQ(found.error, ENGINE_ERROR_BAD_OPCODE);
    EXPECT_EQ(found.address, 0u);
  }
}

TEST_F(CheckTest, EachOpcodeTakesItsTypesAlone) {
  const unsigned last_type[] = {2, 2, 1, 2, 2, 0, 0, 0, 2, 1};
  for (std::uint32_t opcode = 1; opcode <= 10; ++opcode)
    for (std::uint32_t type = 0; type <= 3; ++type) {
      const std::uint32_t op = opcode | ACT_COMMAND_OP_IN_TYPE_SET(type);
      if (type <= last_type[opcode - 1]) {
        expect_good(op);
      } else {
        expect_argument(op, offsetof(act_command_t, op));
      }
    }
}

TEST_F(CheckTest, EachOpcodeTakesItsFlagsAlone) {
  for (std::uint32_t opcode = 1; opcode <= 10; ++opcode)
    for (unsigned bit = 10; bit < 32; ++bit) {
      const bool known = (bit == 10 && opcode <= 2) || (bit == 11 && opcode == 1) ||
                         (bit == 12 && opcode == ACT_OPCODE_AVERAGE_POOL);
      const std::uint32_t op = opcode | 1u << bit;
      if (known) {
        expect_good(op);
      } else {
        expect_argument(op, offsetof(act_command_t, op));
      }
    }
}

TEST_F(CheckTest, LimitsOfCountMultipliersShiftAndClamp) {
  expect_limit(&act_command_t::count, offsetof(act_command_t, count), 1, 0, kCounted);
  expect_limit(&act_command_t::multiplier, offsetof(act_command_t, multiplier), 0x7fffffff,
               0x80000000, kScaled);
  expect_limit(&act_command_t::multiplier2, offsetof(act_command_t, multiplier2), 0x7fffffff,
               0x80000000, {2, 6});
  expect_limit(&act_command_t::shift, offsetof(act_command_t, shift), 62, 63, kScaled);
  expect_limit(&act_command_t::clamp, offsetof(act_command_t, clamp), 0x0505, 0x0405, kClamped);
  expect_limit(&act_command_t::clamp, offsetof(act_command_t, clamp), 0x0080, 0x8000, kClamped);
  expect_limit(&act_command_t::clamp, offsetof(act_command_t, clamp), 0x7f80, 0x17f80, kClamped);
}

TEST_F(CheckTest, UnusedWordsMayHoldAnything) {
  command.bias = command.in2 = command.table = 0xffffffff;
  command.multiplier2 = 0xffffffff;
  command.channels = command.map = command.kernel = command.step = command.out_map = 0;
  expect_good(ACT_OPCODE_AFFINE);
  command.multiplier = command.shift = 0xffffffff;
  command.clamp = 0xffffffff;
  expect_good(ACT_OPCODE_ARG_MAX);
  command.shift = 0;
  command.multiplier = 1;
  expect_good(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_OUT_INT32_MASK);
}

TEST_F(CheckTest, PoolGeometry) {
  const auto channels = &act_command_t::channels;
  expect_limit(channels, offsetof(act_command_t, channels), 1, 0, kPools);
  const auto map = &act_command_t::map;
  expect_limit(map, offsetof(act_command_t, map), 0x00010001, 0x00010000, kPools);
  expect_limit(map, offsetof(act_command_t, map), 0x00010001, 0x00000001, kPools);
  const auto kernel = &act_command_t::kernel;
  expect_limit(kernel, offsetof(act_command_t, kernel), 0x0001ffff, 0x00010000, kPools);
  expect_limit(kernel, offsetof(act_command_t, kernel), 0x00ff0101, 0x01000100, kPools);  // 65536
  expect_limit(kernel, offsetof(act_command_t, kernel), 0xffff0001, 0x00000001, kPools);
  const auto step = &act_command_t::step;
  expect_limit(step, offsetof(act_command_t, step), 0x00000101, 0x00000100, kPools);
  expect_limit(step, offsetof(act_command_t, step), 0x00000101, 0x00000001, kPools);
  command.kernel = 0x00030003;
  expect_limit(step, offsetof(act_command_t, step), 0x02020101, 0x00030101, kPools);
  expect_limit(step, offsetof(act_command_t, step), 0x02020101, 0x03000101, kPools);
  command.map = 0x00040004;
  command.step = 0x01010202;  // windows start at -1, 1, 3
  const auto out_map = &act_command_t::out_map;
  expect_limit(out_map, offsetof(act_command_t, out_map), 0x00030003, 0x00030004, kPools);
  expect_limit(out_map, offsetof(act_command_t, out_map), 0x00030003, 0x00040003, kPools);
  expect_limit(out_map, offsetof(act_command_t, out_map), 0x00030003, 0x00030000, kPools);
  expect_limit(out_map, offsetof(act_command_t, out_map), 0x00030003, 0x00000003, kPools);
}

TEST_F(CheckTest, OperandsMayTouchTheEndOfSramButNotPassIt) {
  for (const std::uint32_t opcode : kCounted) {
    command.in = kSram - 4;
    expect_good(opcode);
    command.in = kSram - 3;
    expect_range(opcode, kSram);
    command.in = kSram;
    expect_range(opcode, kSram);
    command.in = 0xfffffffe;
    expect_range(opcode, 0xfffffffe);
    command.in = 0;
    command.out = kSram - 4;
    expect_good(opcode);
    command.out = kSram - 3;
    expect_range(opcode, kSram);
    command.out = 0;
  }
}

TEST_F(CheckTest, Int32OperandsTakeFourBytesEach) {
  command.in = kSram - 15;
  expect_range(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_IN_TYPE_SET(2), kSram);
  command.in = kSram - 16;
  expect_good(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_IN_TYPE_SET(2));
  command.out = kSram - 15;
  expect_good(ACT_OPCODE_AFFINE);
  expect_range(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_OUT_INT32_MASK, kSram);
  command.count = 0xffffffff;
  command.in = 8;
  expect_range(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_IN_TYPE_SET(2), kSram);
}

TEST_F(CheckTest, SecondOperandAndTablesMustLieInSram) {
  command.in2 = kSram - 3;
  expect_range(ACT_OPCODE_ADD, kSram);
  command.in2 = 5000;
  expect_range(ACT_OPCODE_ADD, 5000);
  command.table = kSram - 255;
  expect_range(ACT_OPCODE_LUT, kSram);
  command.table = kSram - 256;
  expect_good(ACT_OPCODE_LUT);
  expect_range(ACT_OPCODE_SOFTMAX, kSram);
  command.table = kSram - 512;
  sram[command.table + 1] = 1;
  expect_good(ACT_OPCODE_SOFTMAX);
  command.table = kSram - 35;
  command.channels = 3;
  expect_range(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_PER_CHANNEL_MASK, kSram);
  command.table = kSram - 36;
  expect_good(ACT_OPCODE_AFFINE | ACT_COMMAND_OP_PER_CHANNEL_MASK);
}

TEST_F(CheckTest, PoolMapsMustLieInSram) {
  command.map = command.out_map = 0x00100010;
  command.channels = 16;  // 4096 bytes
  for (const std::uint32_t opcode : kPools) {
    expect_good(opcode);
    command.in = 1;
    expect_range(opcode, kSram);
    command.in = 0;
    command.out = 1;
    expect_range(opcode, kSram);
    command.out = 0;
  }
  command.map = 0xffffffff;  // sizes that overflow 32 bits
  command.channels = 0xffffffff;
  for (const std::uint32_t opcode : kPools) expect_range(opcode, kSram);
}

TEST_F(CheckTest, EachEntryOfAChannelTableIsChecked) {
  const std::uint32_t op = ACT_OPCODE_AFFINE | ACT_COMMAND_OP_PER_CHANNEL_MASK;
  command.channels = 3;
  command.table = 64;
  command.multiplier = command.shift = 0xffffffff;  // the table's count instead
  expect_good(op);
  sram[64 + 2 * 12 + 8] = 63;  // shift of the last channel
  expect_argument(op, offsetof(act_command_t, table));
  sram[64 + 2 * 12 + 8] = 62;
  expect_good(op);
  sram[64 + 7] = 0x80;  // multiplier of the first
  expect_argument(op, offsetof(act_command_t, table));
  sram[64 + 7] = 0x7f;
  expect_good(op);
  command.channels = 0;
  expect_argument(op, offsetof(act_command_t, channels));
}

TEST_F(CheckTest, SoftmaxTableMustGiveTheLargestElementAWeight) {
  command.table = 100;
  expect_argument(ACT_OPCODE_SOFTMAX, offsetof(act_command_t, table));
  sram[101] = 1;
  expect_good(ACT_OPCODE_SOFTMAX);
}

TEST_F(CheckTest, FirstWordAtFaultIsNamed) {
  command.count = 0;
  command.shift = 99;
  command.in = 0xffffffff;
  expect_argument(ACT_OPCODE_AFFINE, offsetof(act_command_t, count));
  command.count = 1;
  expect_argument(ACT_OPCODE_AFFINE, offsetof(act_command_t, shift));
  command.shift = 0;
  expect_range(ACT_OPCODE_AFFINE, 0xffffffff);
}

}  // namespace
}  // namespace aimc::activation
