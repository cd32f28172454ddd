// SPDX-License-Identifier: Apache-2.0
// The common part of command engines, and the commands of both kinds.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "hal/act.h"
#include "hal/cim.h"
#include "hal/engine.h"
#include "mock_bus.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

constexpr std::uint32_t kBase = 0x40300000;

class EngineHal : public DriverTest {
 protected:
  void expect_status(std::uint32_t status) {
    EXPECT_CALL(bus, read(kBase + ENGINE_STATUS_OFFSET)).WillOnce(Return(status));
  }
  const engine_t engine{kBase, 0x1000, 4};
};

TEST_F(EngineHal, OpenChecksTheKindAndReadsTheSizes) {
  engine_t opened{};
  EXPECT_CALL(bus, read(kBase + ENGINE_ID_OFFSET)).WillOnce(Return(0x544d4943));
  EXPECT_CALL(bus, read(kBase + ENGINE_SRAM_BYTES_OFFSET)).WillOnce(Return(0x20000));
  EXPECT_CALL(bus, read(kBase + ENGINE_QUEUE_DEPTH_OFFSET)).WillOnce(Return(16));
  EXPECT_EQ(engine_open(&opened, kBase, ENGINE_ID_CIM), HAL_OK);
  EXPECT_EQ(opened.base, kBase);
  EXPECT_EQ(opened.sram_bytes, 0x20000u);
  EXPECT_EQ(opened.queue_depth, 16u);
}

TEST_F(EngineHal, OpenRefusesAnotherKindAndABadAddress) {
  engine_t opened{};
  EXPECT_CALL(bus, read(kBase + ENGINE_ID_OFFSET)).WillOnce(Return(ENGINE_ID_ACTIVATION));
  EXPECT_EQ(engine_open(&opened, kBase, ENGINE_ID_CIM), HAL_NOT_FOUND);
  EXPECT_EQ(opened.base, 0u);
  EXPECT_EQ(engine_open(&opened, kBase + 4, ENGINE_ID_CIM), HAL_BAD_ARG);
  EXPECT_EQ(engine_open(nullptr, kBase, ENGINE_ID_CIM), HAL_BAD_ARG);
}

TEST_F(EngineHal, PushLooksForRoomFirst) {
  expect_status(ENGINE_STATUS_LEVEL_SET(3) | ENGINE_STATUS_BUSY_MASK);
  EXPECT_CALL(bus, write(kBase + ENGINE_QUEUE_PUSH_OFFSET, 0x48));
  EXPECT_EQ(engine_push(&engine, 0x48), HAL_OK);
}

TEST_F(EngineHal, PushToAFullOrHaltedQueueWritesNothing) {
  expect_status(ENGINE_STATUS_LEVEL_SET(4) | ENGINE_STATUS_BUSY_MASK);
  EXPECT_EQ(engine_push(&engine, 0), HAL_BUSY);
  expect_status(ENGINE_STATUS_HALTED_MASK);
  EXPECT_EQ(engine_push(&engine, 0), HAL_DEVICE_ERROR);
  EXPECT_EQ(engine_push(&engine, 2), HAL_BAD_ARG);
  EXPECT_EQ(engine_push(&engine, 0x1000), HAL_BAD_ARG);
  EXPECT_EQ(engine_push(nullptr, 0), HAL_BAD_ARG);
}

TEST_F(EngineHal, WaitEndsWithTheErrorRegisters) {
  expect_status(ENGINE_STATUS_BUSY_MASK);
  expect_status(ENGINE_STATUS_HALTED_MASK | ENGINE_STATUS_BUSY_MASK);
  EXPECT_CALL(bus, read(kBase + ENGINE_ERROR_CODE_OFFSET)).WillOnce(Return(4));
  EXPECT_CALL(bus, read(kBase + ENGINE_ERROR_COMMAND_OFFSET)).WillOnce(Return(0x48));
  EXPECT_CALL(bus, read(kBase + ENGINE_ERROR_ADDRESS_OFFSET)).WillOnce(Return(0x1000));
  engine_error_t error{};
  EXPECT_EQ(engine_wait(&engine, 10, &error), HAL_DEVICE_ERROR);
  EXPECT_EQ(error.code, ENGINE_ERROR_SRAM_RANGE);
  EXPECT_EQ(error.command, 0x48u);
  EXPECT_EQ(error.address, 0x1000u);
}

TEST_F(EngineHal, WaitGivesUpAfterTheGivenNumberOfPolls) {
  expect_status(ENGINE_STATUS_BUSY_MASK);
  expect_status(ENGINE_STATUS_BUSY_MASK);
  EXPECT_EQ(engine_wait(&engine, 2, nullptr), HAL_TIMEOUT);
  expect_status(0);
  EXPECT_EQ(engine_wait(&engine, 2, nullptr), HAL_OK);
}

TEST_F(EngineHal, ControlWritesAreWhatTheySay) {
  EXPECT_CALL(bus, write(kBase + ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK));
  engine_reset(&engine);
  EXPECT_CALL(bus, write(kBase + ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_DONE_MASK));
  engine_set_irq(&engine, true, false);
  EXPECT_CALL(bus, write(kBase + ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_ERROR_MASK));
  engine_set_irq(&engine, false, true);
  EXPECT_CALL(bus, write(kBase + ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK));
  engine_acknowledge_done(&engine);
  EXPECT_CALL(bus, read(kBase + ENGINE_DONE_COUNT_OFFSET)).WillOnce(Return(17));
  EXPECT_EQ(engine_done_count(&engine), 17u);
  expect_status(ENGINE_STATUS_HALTED_MASK);
  EXPECT_TRUE(engine_has_failed(&engine));
}

TEST_F(EngineHal, SramIsCopiedInWordsAndTheRestInBytes) {
  const std::uintptr_t sram = kBase + ENGINE_SRAM_OFFSET + 8;
  EXPECT_CALL(bus, write(sram, 0x64636261));
  EXPECT_CALL(bus, write8(sram + 4, 'e'));
  EXPECT_CALL(bus, write8(sram + 5, 'f'));
  EXPECT_EQ(engine_sram_write(&engine, 8, "abcdef", 6), HAL_OK);
  EXPECT_CALL(bus, read(sram)).WillOnce(Return(0x64636261));
  EXPECT_CALL(bus, read8(sram + 4)).WillOnce(Return(static_cast<std::uint8_t>('z')));
  char text[6] = {};
  EXPECT_EQ(engine_sram_read(&engine, 8, text, 5), HAL_OK);
  EXPECT_EQ(std::string(text), "abcdz");
  EXPECT_EQ(engine_sram_address(&engine, 8), sram);
}

TEST_F(EngineHal, SramCopiesOutsideItsSizeAreRefused) {
  char byte = 0;
  EXPECT_EQ(engine_sram_write(&engine, 2, &byte, 1), HAL_BAD_ARG);
  EXPECT_EQ(engine_sram_write(&engine, 0xffc, &byte, 5), HAL_BAD_ARG);
  EXPECT_EQ(engine_sram_write(&engine, 0x1004, &byte, 0), HAL_BAD_ARG);
  EXPECT_EQ(engine_sram_write(&engine, 0, nullptr, 1), HAL_BAD_ARG);
  EXPECT_EQ(engine_sram_read(&engine, 0xffc, &byte, 0xffffffff), HAL_BAD_ARG);
}

TEST_F(EngineHal, EachErrorHasItsOwnText) {
  EXPECT_EQ(std::string(engine_error_text(ENGINE_ERROR_NOT_PROGRAMMED)), "cells hold no weights");
  EXPECT_EQ(std::string(engine_error_text(77)), "unknown error");
}

TEST_F(EngineHal, CimCapabilityIsReadFromItsRegisters) {
  EXPECT_CALL(bus, read(kBase + CIM_GEOMETRY_OFFSET)).WillOnce(Return(0x00800100));
  EXPECT_CALL(bus, read(kBase + CIM_PRECISION_OFFSET)).WillOnce(Return(0x80040908));
  EXPECT_CALL(bus, read(kBase + CIM_KIND_OFFSET)).WillOnce(Return(CIM_KIND_PCM));
  EXPECT_CALL(bus, read(kBase + CIM_CAPABILITY_OFFSET))
      .WillOnce(Return(CIM_CAPABILITY_VERIFY_MASK | CIM_CAPABILITY_RECALIBRATE_MASK |
                       CIM_CAPABILITY_CONVERTER_SET(CIM_CONVERTER_COUNTER) |
                       CIM_CAPABILITY_ARRANGEMENT_SET(CIM_ARRANGEMENT_DOUBLE_PAIR)));
  EXPECT_CALL(bus, read(kBase + CIM_TEMPERATURE_OFFSET)).WillOnce(Return(3581));
  const char variant[17] = "hermes_and_more!";
  for (std::uint32_t i = 0; i < 4; ++i) {
    std::uint32_t letters = 0;
    std::memcpy(&letters, variant + std::size_t{4} * i, 4);
    EXPECT_CALL(bus, read(kBase + CIM_VARIANT0_OFFSET + 4 * i)).WillOnce(Return(letters));
  }
  cim_capability_t capability{};
  EXPECT_EQ(cim_capability(&engine, &capability), HAL_OK);
  EXPECT_TRUE(capability.verifies);
  EXPECT_FALSE(capability.refreshes);
  EXPECT_TRUE(capability.recalibrates);
  EXPECT_FALSE(capability.forgets);
  EXPECT_EQ(capability.converter, CIM_CONVERTER_COUNTER);
  EXPECT_EQ(capability.arrangement, CIM_ARRANGEMENT_DOUBLE_PAIR);
  EXPECT_EQ(capability.temperature, 3581u);
  EXPECT_STREQ(capability.variant, variant);
  EXPECT_EQ(capability.rows, 256u);
  EXPECT_EQ(capability.columns, 128u);
  EXPECT_EQ(capability.input_bits, 8u);
  EXPECT_EQ(capability.adc_bits, 9u);
  EXPECT_EQ(capability.phases, 4u);
  EXPECT_TRUE(capability.writable);
  EXPECT_EQ(std::string(cim_kind_text(capability.kind)), "pcm");
  EXPECT_EQ(std::string(cim_kind_text(42)), "unknown");
}

TEST_F(EngineHal, CimStateJoinsTheWordsOfTheAge) {
  EXPECT_CALL(bus, read(kBase + CIM_ARRAY_STATUS_OFFSET))
      .WillOnce(Return(CIM_ARRAY_STATUS_HOLDS_MASK | CIM_ARRAY_STATUS_EXPIRED_MASK |
                       CIM_ARRAY_STATUS_ROWS_DONE_SET(77)));
  ::testing::InSequence low_word_first;
  EXPECT_CALL(bus, read(kBase + CIM_AGE_LOW_OFFSET)).WillOnce(Return(5));
  EXPECT_CALL(bus, read(kBase + CIM_AGE_HIGH_OFFSET)).WillOnce(Return(2));
  EXPECT_CALL(bus, read(kBase + CIM_PROGRAMMED_CELLS_OFFSET)).WillOnce(Return(100));
  EXPECT_CALL(bus, read(kBase + CIM_FAILED_CELLS_OFFSET)).WillOnce(Return(3));
  EXPECT_CALL(bus, read(kBase + CIM_WORST_WRITES_OFFSET)).WillOnce(Return(9));
  EXPECT_CALL(bus, read(kBase + CIM_CLIP_COUNT_OFFSET)).WillOnce(Return(4));
  cim_state_t state{};
  EXPECT_EQ(cim_state(&engine, &state), HAL_OK);
  EXPECT_EQ(state.age_us, 0x200000005u);
  EXPECT_EQ(state.programmed_cells, 100u);
  EXPECT_EQ(state.failed_cells, 3u);
  EXPECT_EQ(state.worst_writes, 9u);
  EXPECT_EQ(state.clipped, 4u);
  EXPECT_EQ(state.rows_done, 77u);
  EXPECT_TRUE(state.holds);
  EXPECT_FALSE(state.writing);
  EXPECT_TRUE(state.expired);
  EXPECT_EQ(cim_state(&engine, nullptr), HAL_BAD_ARG);
}

TEST_F(EngineHal, CimVerifiedReadsBothResults) {
  EXPECT_CALL(bus, read(kBase + CIM_VERIFY_FAILED_OFFSET)).WillOnce(Return(12));
  EXPECT_CALL(bus, read(kBase + CIM_VERIFY_ERROR_OFFSET)).WillOnce(Return(1234));
  cim_verify_t found{};
  EXPECT_EQ(cim_verified(&engine, &found), HAL_OK);
  EXPECT_EQ(found.failed, 12u);
  EXPECT_EQ(found.rms_permille, 1234u);
  EXPECT_EQ(cim_verified(nullptr, &found), HAL_BAD_ARG);
}

TEST(CimCommands, UpkeepCarriesBlockWeightsAndTolerance) {
  cim_command_t command;
  EXPECT_EQ(cim_build_verify(&command, {16, 100, 32, 50}, {0x200, 64}, 12), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_VERIFY);
  EXPECT_EQ(command.in, 0x200u);
  EXPECT_EQ(command.in_stride, 64u);
  EXPECT_EQ(CIM_COMMAND_WEIGHTS_TOLERANCE_GET(command.weights), 12u);
  EXPECT_EQ(cim_build_verify(&command, {0, 1, 0, 1}, {0, 1}, 0), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_verify(&command, {0, 1, 0, 1}, {0, 1}, 256), HAL_BAD_ARG);
  EXPECT_EQ(cim_use_failed_map(&command, {0x40, 8}), HAL_BAD_ARG) << "PROGRAM only";
  EXPECT_EQ(cim_build_refresh(&command, {16, 100, 32, 50}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_REFRESH);
  EXPECT_EQ(command.columns, 50u << 16 | 32u);
  EXPECT_EQ(cim_build_recalibrate(&command, 8, {0x300, 256}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_RECALIBRATE);
  EXPECT_EQ(command.count, 8u);
  EXPECT_EQ(command.in, 0x300u);
  EXPECT_EQ(cim_build_program(&command, {0, 4, 0, 20}, {0, 20}, 127), HAL_OK);
  EXPECT_EQ(cim_use_failed_map(&command, {0x40, 3}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_PROGRAM | CIM_COMMAND_OP_FAILED_MAP_MASK);
  EXPECT_EQ(command.out, 0x40u);
  EXPECT_EQ(command.out_stride, 3u);
}

TEST(CimCommands, ProgramNamesTheBlockAndItsWeights) {
  cim_command_t command;
  EXPECT_EQ(cim_build_program(&command, {16, 100, 32, 50}, {0x200, 64}, 127), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_PROGRAM);
  EXPECT_EQ(command.rows, 100u << 16 | 16u);
  EXPECT_EQ(command.columns, 50u << 16 | 32u);
  EXPECT_EQ(command.in, 0x200u);
  EXPECT_EQ(command.in_stride, 64u);
  EXPECT_EQ(command.weights, 127u);
  EXPECT_EQ(cim_build_program(&command, {0, 1, 0, 1}, {0, 1}, 0), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_program(&command, {0, 1, 0, 1}, {0, 1}, 128), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_program(&command, {0, 0, 0, 1}, {0, 1}, 1), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_program(&command, {0x10000, 1, 0, 1}, {0, 1}, 1), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_program(nullptr, {0, 1, 0, 1}, {0, 1}, 1), HAL_BAD_ARG);
}

TEST(CimCommands, MvmIsRawUntilAnAffineIsGiven) {
  cim_command_t command;
  EXPECT_EQ(cim_build_mvm(&command, {0, 256, 0, 64}, 9, {0x100, 256}, {0x2000, 256}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_MVM | CIM_COMMAND_OP_RAW_MASK);
  EXPECT_EQ(command.count, 9u);
  EXPECT_EQ(command.out, 0x2000u);
  EXPECT_EQ(cim_use_partial_sums(&command, {0x3000, 256}), HAL_OK);
  EXPECT_EQ(cim_use_affine(&command, 0x4000, -128, 127), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_MVM | CIM_COMMAND_OP_PSUM_MASK);
  EXPECT_EQ(command.psum, 0x3000u);
  EXPECT_EQ(command.psum_stride, 256u);
  EXPECT_EQ(command.affine, 0x4000u);
  EXPECT_EQ(command.clamp, 0x7f80u);
  EXPECT_EQ(cim_build_mvm(&command, {0, 1, 0, 1}, 0, {0, 0}, {0, 0}), HAL_BAD_ARG);
}

TEST(CimCommands, OutputOptionsNeedAnOutputStageAndAGoodClamp) {
  cim_command_t command;
  EXPECT_EQ(cim_build_readback(&command, {0, 4, 0, 4}, {0x100, 4}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_READBACK);
  EXPECT_EQ(cim_use_affine(&command, 0, 0, 127), HAL_BAD_ARG);
  EXPECT_EQ(cim_use_partial_sums(&command, {0, 0}), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_digital(&command, 64, 3, {0x100, 256}, {0x500, 64}), HAL_OK);
  EXPECT_EQ(command.columns, 64u << 16);
  EXPECT_EQ(command.rows, 0u);
  EXPECT_EQ(cim_use_affine(&command, 0, 5, 4), HAL_BAD_ARG);
  EXPECT_EQ(cim_use_affine(&command, 0, -129, 4), HAL_BAD_ARG);
  EXPECT_EQ(cim_use_affine(&command, 0, 0, 128), HAL_BAD_ARG);
}

TEST(CimCommands, Fp16TakesThePlaceOfTheIntegerStage) {
  cim_command_t command;
  EXPECT_EQ(cim_build_mvm(&command, {0, 256, 0, 64}, 9, {0x100, 256}, {0x2000, 64}), HAL_OK);
  EXPECT_EQ(cim_use_fp16(&command, 0x4000), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_MVM | CIM_COMMAND_OP_FP16_MASK);
  EXPECT_EQ(command.affine, 0x4000u);
  EXPECT_EQ(cim_use_affine(&command, 0x5000, -128, 127), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_MVM);
  EXPECT_EQ(cim_build_readback(&command, {0, 4, 0, 4}, {0x100, 4}), HAL_OK);
  EXPECT_EQ(cim_use_fp16(&command, 0), HAL_BAD_ARG);
}

TEST(CimCommands, ConvCarriesTheWholeGeometry) {
  const cim_conv_t conv = {28, 30, 6, 14, 15, 5, 3, 2, 1, 2, 1, 1, 3, 90};
  cim_command_t command;
  EXPECT_EQ(cim_build_conv(&command, {0, 90, 0, 16}, &conv, 0x100, {0x4000, 64}), HAL_OK);
  EXPECT_EQ(command.op, CIM_OPCODE_CONV | CIM_COMMAND_OP_RAW_MASK);
  EXPECT_EQ(command.map, 30u << 16 | 28u);
  EXPECT_EQ(command.kernel, 6u << 16 | 3u << 8 | 5u);
  EXPECT_EQ(command.step, 1u << 24 | 2u << 16 | 1u << 8 | 2u);
  EXPECT_EQ(command.out_map, 15u << 16 | 14u);
  EXPECT_EQ(command.patch, 3u << 24 | 1u << 16 | 90u);
  cim_conv_t bad = conv;
  bad.stride_x = 0;
  EXPECT_EQ(cim_build_conv(&command, {0, 90, 0, 16}, &bad, 0, {0, 0}), HAL_BAD_ARG);
  bad = conv;
  bad.kernel_height = 256;
  EXPECT_EQ(cim_build_conv(&command, {0, 90, 0, 16}, &bad, 0, {0, 0}), HAL_BAD_ARG);
  EXPECT_EQ(cim_build_conv(&command, {0, 90, 0, 16}, nullptr, 0, {0, 0}), HAL_BAD_ARG);
}

TEST(ActCommands, AffineCarriesTypeBiasScaleAndClamp) {
  act_command_t command;
  EXPECT_EQ(act_build_affine(&command, ACT_INT32, 100, 0x10, 0x20, -5, {3, 4, -1, 127}), HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_AFFINE | 2u << 8);
  EXPECT_EQ(command.count, 100u);
  EXPECT_EQ(command.bias, 0xfffffffbu);
  EXPECT_EQ(command.multiplier, 3u);
  EXPECT_EQ(command.shift, 4u);
  EXPECT_EQ(command.clamp, 0x7fffu);
  EXPECT_EQ(act_build_affine_channels(&command, ACT_UINT8, 64, 0x10, 0x20, 0x30, 4, 0, 127),
            HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_AFFINE | 1u << 8 | ACT_COMMAND_OP_PER_CHANNEL_MASK);
  EXPECT_EQ(command.table, 0x30u);
  EXPECT_EQ(command.channels, 4u);
}

TEST(ActCommands, ValuesBeyondTheirFieldsAreRefused) {
  act_command_t command;
  EXPECT_EQ(act_build_affine(&command, ACT_INT8, 0, 0, 0, 0, {1, 0, 0, 1}), HAL_BAD_ARG);
  EXPECT_EQ(act_build_affine(&command, ACT_INT8, 1, 0, 0, 0, {0x80000000u, 0, 0, 1}), HAL_BAD_ARG);
  EXPECT_EQ(act_build_affine(&command, ACT_INT8, 1, 0, 0, 0, {1, 63, 0, 1}), HAL_BAD_ARG);
  EXPECT_EQ(act_build_affine(&command, ACT_INT8, 1, 0, 0, 0, {1, 0, 1, 0}), HAL_BAD_ARG);
  EXPECT_EQ(act_build_affine(nullptr, ACT_INT8, 1, 0, 0, 0, {1, 0, 0, 1}), HAL_BAD_ARG);
  EXPECT_EQ(act_build_affine_channels(&command, ACT_INT8, 1, 0, 0, 0, 0, 0, 1), HAL_BAD_ARG);
  EXPECT_EQ(act_build_lut(&command, ACT_INT32, 1, 0, 0, 0), HAL_BAD_ARG);
  EXPECT_EQ(act_build_leaky(&command, ACT_INT8, 1, 0, 0, 0, {1, 0, 0, 1}, 0x80000000u),
            HAL_BAD_ARG);
  EXPECT_EQ(act_build_max_pool(&command, nullptr, 0, 0), HAL_BAD_ARG);
}

TEST(ActCommands, TwoOperandsAndTablesStandWhereTheEngineLooks) {
  act_command_t command;
  EXPECT_EQ(act_build_add(&command, 10, 1, 2, 3, {5, 6, 0, 127}, 7), HAL_OK);
  EXPECT_EQ(command.in, 1u);
  EXPECT_EQ(command.in2, 2u);
  EXPECT_EQ(command.out, 3u);
  EXPECT_EQ(command.multiplier2, 7u);
  EXPECT_EQ(act_build_leaky(&command, ACT_INT8, 10, 1, 2, 0, {5, 6, -128, 127}, 9), HAL_OK);
  EXPECT_EQ(command.multiplier2, 9u);
  EXPECT_EQ(act_build_softmax(&command, 10, 1, 2, 0x400), HAL_OK);
  EXPECT_EQ(command.table, 0x400u);
  EXPECT_EQ(act_build_arg_max(&command, 10, 1, 2), HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_ARG_MAX);
  EXPECT_EQ(act_build_tanh(&command, ACT_INT32, 10, 1, 2, 11, 12), HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_TANH | 2u << 8);
  EXPECT_EQ(command.shift, 12u);
  EXPECT_EQ(act_build_sigmoid(&command, ACT_INT32, 10, 1, 2, 11, 63), HAL_BAD_ARG);
}

TEST(ActCommands, PoolsCarryTheWholeGeometry) {
  const act_pool_t pool = {24, 26, 6, 12, 13, 2, 3, 2, 1, 1, 4};
  act_command_t command;
  EXPECT_EQ(act_build_max_pool(&command, &pool, 0x10, 0x20), HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_MAX_POOL);
  EXPECT_EQ(command.map, 26u << 16 | 24u);
  EXPECT_EQ(command.kernel, 3u << 16 | 2u);
  EXPECT_EQ(command.step, 4u << 24 | 1u << 16 | 1u << 8 | 2u);
  EXPECT_EQ(command.out_map, 13u << 16 | 12u);
  EXPECT_EQ(command.channels, 6u);
  EXPECT_EQ(act_build_average_pool(&command, &pool, 0, 0, {1, 1, -128, 127}, true), HAL_OK);
  EXPECT_EQ(command.op, ACT_OPCODE_AVERAGE_POOL | ACT_COMMAND_OP_COUNT_PAD_MASK);
  act_pool_t bad = pool;
  bad.stride_y = 0;
  EXPECT_EQ(act_build_max_pool(&command, &bad, 0, 0), HAL_BAD_ARG);
}

TEST_F(EngineHal, ActLanesAreTheLowHalf) {
  EXPECT_CALL(bus, read(kBase + ACT_LANES_OFFSET)).WillOnce(Return(0xffff0020));
  EXPECT_EQ(act_lanes(&engine), 32u);
}

}  // namespace
}  // namespace aimc::firmware
