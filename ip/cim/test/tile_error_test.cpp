// SPDX-License-Identifier: Apache-2.0
// Everything a guest can get wrong in a descriptor ends in an error code and an address.
#include <gmock/gmock.h>

#include <cstddef>

#include "tile_fixture.h"

namespace aimc::cim {
namespace {

using Fault = std::pair<std::uint32_t, std::uint32_t>;

Fault bad_argument(std::size_t word) {
  return {ENGINE_ERROR_BAD_ARGUMENT, static_cast<std::uint32_t>(word)};
}

#define WORD(member) offsetof(cim_command_t, member)

class TileErrorTest : public TileTest {
 protected:
  const Block block{0, 64, 0, 40};

  void SetUp() override {
    make();
    program(block, random_bytes(1, block.cells()));
    const cim_affine_t entry{0, 1, 0};
    for (unsigned c = 0; c < 40; ++c)
      std::memcpy(&tile->sram()[kAffine + c * sizeof entry], &entry, sizeof entry);
  }
  cim_command_t mvm() const { return raw_command(block, 2); }
  cim_command_t affine_mvm() const {
    cim_command_t command = mvm();
    command.op = CIM_OPCODE_MVM;
    command.affine = kAffine;
    command.clamp = 0x7f00;
    return command;
  }
  /// 8 x 8 map of 16 channels, 2 x 2 kernel: 64 patch elements.
  cim_command_t conv() const {
    cim_command_t command = raw_command(block, 0);
    command.op = CIM_OPCODE_CONV | CIM_COMMAND_OP_RAW_SET(1);
    command.map = 0x00080008;
    command.kernel = 0x00100202;
    command.step = 0x00000101;
    command.out_map = 0x00070007;
    command.patch = 0x01010000;
    return command;
  }
};

TEST_F(TileErrorTest, TheCommandsUsedHereAreRightAsTheyStand) {
  EXPECT_EQ(run(mvm()), ENGINE_ERROR_NONE);
  EXPECT_EQ(run(affine_mvm()), ENGINE_ERROR_NONE);
  EXPECT_EQ(run(conv()), ENGINE_ERROR_NONE);
}

TEST_F(TileErrorTest, DescriptorOutsideSramOrMisaligned) {
  bus->write(ENGINE_QUEUE_PUSH_OFFSET, kSramBytes - 68);
  sc_core::sc_start(1, sc_core::SC_US);
  EXPECT_EQ(bus->read(ENGINE_ERROR_CODE_OFFSET), ENGINE_ERROR_BAD_DESCRIPTOR);
  EXPECT_EQ(bus->read(ENGINE_ERROR_COMMAND_OFFSET), kSramBytes - 68);
  bus->write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  settle();
  bus->write(ENGINE_QUEUE_PUSH_OFFSET, 2);
  sc_core::sc_start(1, sc_core::SC_US);
  EXPECT_EQ(bus->read(ENGINE_ERROR_CODE_OFFSET), ENGINE_ERROR_BAD_DESCRIPTOR);
}

TEST_F(TileErrorTest, UnknownOpcode) {
  for (const std::uint32_t opcode : {0u, 9u, 255u}) {
    cim_command_t command = mvm();
    command.op = opcode;
    EXPECT_EQ(fail(command).first, ENGINE_ERROR_BAD_OPCODE) << opcode;
  }
}

TEST_F(TileErrorTest, BlockBeyondTheArray) {
  for (const std::uint32_t opcode :
       {CIM_OPCODE_PROGRAM, CIM_OPCODE_MVM, CIM_OPCODE_CONV, CIM_OPCODE_READBACK}) {
    for (const std::uint32_t rows : {span(0, 0), span(1, 64), span(0, 65), span(0xffff, 0xffff)}) {
      cim_command_t command = conv();
      command.op = opcode | CIM_COMMAND_OP_RAW_SET(1);
      command.rows = rows;
      EXPECT_EQ(fail(command), bad_argument(WORD(rows))) << opcode << " rows " << rows;
    }
    for (const std::uint32_t columns : {span(0, 0), span(40, 1), span(1, 40)}) {
      cim_command_t command = conv();
      command.op = opcode | CIM_COMMAND_OP_RAW_SET(1);
      command.columns = columns;
      EXPECT_EQ(fail(command), bad_argument(WORD(columns))) << opcode << " columns " << columns;
    }
  }
}

TEST_F(TileErrorTest, NoVectors) {
  cim_command_t command = mvm();
  command.count = 0;
  EXPECT_EQ(fail(command), bad_argument(WORD(count)));
  command.op = CIM_OPCODE_DIGITAL | CIM_COMMAND_OP_RAW_SET(1);
  EXPECT_EQ(fail(command), bad_argument(WORD(count)));
  command.columns = 0;
  EXPECT_EQ(fail(command), bad_argument(WORD(columns)));
}

TEST_F(TileErrorTest, OverlappingOutputsAreRefusedAndASingleOneNeedsNoStride) {
  cim_command_t command = mvm();
  command.out_stride = 159;
  EXPECT_EQ(fail(command), bad_argument(WORD(out_stride)));
  command.out_stride = 0;
  EXPECT_EQ(fail(command), bad_argument(WORD(out_stride)));
  command.count = 1;
  EXPECT_EQ(run(command), ENGINE_ERROR_NONE);
  command.op = CIM_OPCODE_READBACK;
  EXPECT_EQ(fail(command), bad_argument(WORD(out_stride)));
}

TEST_F(TileErrorTest, OperandsThatLeaveSramNameTheFirstBadAddress) {
  const Fault none{0, 0};
  cim_command_t command = mvm();
  command.in = kSramBytes - 63;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes - 63));
  command.in = kSramBytes - 64 - 99;
  command.in_stride = 100;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes - 63));
  command = mvm();
  command.out = 0xfffffffc;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, 0xfffffffc));
  command = mvm();
  command.op |= CIM_COMMAND_OP_PSUM_SET(1);
  command.psum = kSramBytes - 159;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes - 159));
  command = affine_mvm();
  command.affine = kSramBytes - 24;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes));
  command = program_command(block);
  command.in = kSramBytes - 40;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes));
  command = program_command(block);
  command.op = CIM_OPCODE_READBACK;
  command.out = kSramBytes - 40;
  command.out_stride = 40;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes));
  command = conv();
  command.in = kSramBytes - 1023;
  EXPECT_EQ(fail(command), Fault(ENGINE_ERROR_SRAM_RANGE, kSramBytes - 1023));
  EXPECT_NE(fail(command), none);
}

TEST_F(TileErrorTest, AbsurdCountsAndStridesEndAtOnce) {
  cim_command_t command = mvm();
  command.count = 0xffffffff;
  command.in_stride = 0;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
  command.out_stride = 0xffffffff;
  command.count = 2;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
  command = conv();
  command.map = 0xffffffff;
  command.kernel = 0xffffffff;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
  command = conv();
  command.out_map = 0xffffffff;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
  command = mvm();
  command.op = CIM_OPCODE_DIGITAL;
  command.columns = span(0xffff, 0xffff);
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_BAD_ARGUMENT);
}

TEST_F(TileErrorTest, InputStrideZeroIsLegal) {
  cim_command_t command = mvm();
  command.in_stride = 0;
  command.op |= CIM_COMMAND_OP_PSUM_SET(1);
  command.psum = kSums;
  command.psum_stride = 0;
  EXPECT_EQ(run(command), ENGINE_ERROR_NONE);
}

TEST_F(TileErrorTest, ConvolutionGeometry) {
  const auto with = [this](std::uint32_t cim_command_t::*word, std::uint32_t value) {
    cim_command_t command = conv();
    command.*word = value;
    return fail(command);
  };
  EXPECT_EQ(with(&cim_command_t::map, 0x00080000), bad_argument(WORD(map)));
  EXPECT_EQ(with(&cim_command_t::map, 0x00000008), bad_argument(WORD(map)));
  EXPECT_EQ(with(&cim_command_t::kernel, 0x00100200), bad_argument(WORD(kernel)));
  EXPECT_EQ(with(&cim_command_t::kernel, 0x00100002), bad_argument(WORD(kernel)));
  EXPECT_EQ(with(&cim_command_t::kernel, 0x00000202), bad_argument(WORD(kernel)));
  EXPECT_EQ(with(&cim_command_t::step, 0x00000100), bad_argument(WORD(step)));
  EXPECT_EQ(with(&cim_command_t::step, 0x00000001), bad_argument(WORD(step)));
  EXPECT_EQ(with(&cim_command_t::out_map, 0x00070000), bad_argument(WORD(out_map)));
  EXPECT_EQ(with(&cim_command_t::out_map, 0x00000007), bad_argument(WORD(out_map)));
  EXPECT_EQ(with(&cim_command_t::patch, 0x01010001), bad_argument(WORD(patch)));
  EXPECT_EQ(with(&cim_command_t::patch, 0x00010000), bad_argument(WORD(patch)));
  EXPECT_EQ(with(&cim_command_t::patch, 0x01000000), bad_argument(WORD(patch)));
}

TEST_F(TileErrorTest, AffineTableAndClamp) {
  cim_command_t command = affine_mvm();
  command.clamp = 0x0001;  // low 1, high 0
  EXPECT_EQ(fail(command), bad_argument(WORD(clamp)));
  command = affine_mvm();
  const cim_affine_t shift{0, 1, 63};
  std::memcpy(&tile->sram()[kAffine + 39 * 12], &shift, sizeof shift);
  EXPECT_EQ(fail(command), bad_argument(WORD(affine)));
  const cim_affine_t multiplier{0, 0x80000000, 0};
  std::memcpy(&tile->sram()[kAffine + 39 * 12], &multiplier, sizeof multiplier);
  EXPECT_EQ(fail(command), bad_argument(WORD(affine)));
  command.op |= CIM_COMMAND_OP_RAW_SET(1);
  command.out_stride = 160;
  EXPECT_EQ(run(command), ENGINE_ERROR_NONE) << "RAW uses neither";
}

TEST_F(TileErrorTest, FullScaleAbove127) {
  cim_command_t command = program_command(block);
  command.weights = 128;
  EXPECT_EQ(fail(command), bad_argument(WORD(weights)));
}

TEST_F(TileTest, UnprogrammedCellsCannotBeReadOrMultiplied) {
  make("pcm");
  const Block block{0, 8, 0, 8};
  program(block, random_bytes(1, 64));
  const Fault expected{ENGINE_ERROR_NOT_PROGRAMMED, WORD(rows)};
  EXPECT_EQ(fail(raw_command({0, 9, 0, 8}, 1)), expected);
  EXPECT_EQ(fail(raw_command({0, 8, 0, 9}, 1)), expected);
  cim_command_t command = program_command({1, 8, 0, 8});
  command.op = CIM_OPCODE_READBACK;
  command.out_stride = 8;
  EXPECT_EQ(fail(command), expected);
}

TEST_F(TileTest, ColumnsOfMixedFullScaleCannotBeMultipliedTogether) {
  make("pcm");
  program({0, 8, 0, 8}, random_bytes(1, 64));
  cim_command_t command = program_command({8, 8, 0, 8});
  command.weights = 64;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_EQ(run(raw_command({0, 8, 0, 8}, 1)), ENGINE_ERROR_NONE);
  EXPECT_EQ(run(raw_command({8, 8, 0, 8}, 1)), ENGINE_ERROR_NONE);
  EXPECT_EQ(fail(raw_command({0, 16, 0, 8}, 1)), bad_argument(WORD(rows)));
}

// Two words at random places of a descriptor that was right: none may crash or hang the tile.
TEST_F(TileErrorTest, RandomDescriptorsEndWithSuccessOrAnErrorCode) {
  const RandomStream random(17, "descriptors");
  for (std::uint32_t trial = 0; trial < 3000; ++trial) {
    cim_command_t command = trial % 2 == 0 ? conv() : affine_mvm();
    std::uint32_t words[sizeof command / 4];
    std::memcpy(words, &command, sizeof command);
    const auto draw = random.at(1, trial).block(0);
    words[draw[0] % std::size(words)] = draw[1];
    words[draw[2] % std::size(words)] = draw[3] % 70000;
    words[0] = (words[0] & ~0xffu) | (draw[0] >> 8) % 7;
    std::memcpy(&command, words, sizeof command);
    if ((words[0] & 0xff) == CIM_OPCODE_PROGRAM) command.weights &= 0x7f;
    ASSERT_LE(fail(command).first, static_cast<std::uint32_t>(ENGINE_ERROR_READ_ONLY))
        << "trial " << trial;
  }
  EXPECT_EQ(bus->read(ENGINE_STATUS_OFFSET), 0u);
}

}  // namespace
}  // namespace aimc::cim
