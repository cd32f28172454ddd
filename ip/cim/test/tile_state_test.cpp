// SPDX-License-Identifier: Apache-2.0
// What firmware can learn of an array, and the commands that keep its weights.
#include <gmock/gmock.h>

#include <cmath>
#include <cstdio>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/local_digital_unit.h"
#include "aimc/cim/rom/rom_image.h"
#include "tile_fixture.h"

namespace aimc::cim {
namespace {

const Block kBlock{3, 50, 5, 33};

class TileStateTest : public TileTest {
 protected:
  static cim_command_t with_opcode(cim_command_t command, std::uint32_t opcode) {
    command.op = opcode;
    return command;
  }
  std::uint64_t age_us() {
    const std::uint64_t low = bus->read(CIM_AGE_LOW_OFFSET);
    return std::uint64_t{bus->read(CIM_AGE_HIGH_OFFSET)} << 32 | low;
  }
  std::uint32_t status(std::uint32_t mask) { return bus->read(CIM_ARRAY_STATUS_OFFSET) & mask; }
  void stop() {
    bus->write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
    settle();
  }
};

TEST_F(TileStateTest, CapabilityTellsConvertersCodingAndArrangement) {
  make("pcm");
  const std::uint32_t can = bus->read(CIM_CAPABILITY_OFFSET);
  EXPECT_EQ(CIM_CAPABILITY_VERIFY_GET(can), 1u);
  EXPECT_EQ(CIM_CAPABILITY_REFRESH_GET(can), 1u);
  EXPECT_EQ(CIM_CAPABILITY_RECALIBRATE_GET(can), 1u);
  EXPECT_EQ(CIM_CAPABILITY_VOLATILE_GET(can), 0u);
  EXPECT_EQ(CIM_CAPABILITY_CONVERTER_GET(can), CIM_CONVERTER_COUNTER);
  EXPECT_EQ(CIM_CAPABILITY_CODING_GET(can), CIM_CODING_PULSE_WIDTH);
  EXPECT_EQ(CIM_CAPABILITY_ARRANGEMENT_GET(can), CIM_ARRANGEMENT_DOUBLE_PAIR);
  EXPECT_EQ(bus->read(CIM_TEMPERATURE_OFFSET), 3000u) << "300 K";
}

TEST_F(TileStateTest, VariantIsSpelledOutInFourRegisters) {
  make("sram");
  char letters[17] = {};
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t word = bus->read(CIM_VARIANT0_OFFSET + 4 * i);
    std::memcpy(letters + std::size_t{4} * i, &word, 4);
  }
  EXPECT_EQ(std::string(letters), config.sram.variant);
  const std::uint32_t can = bus->read(CIM_CAPABILITY_OFFSET);
  EXPECT_EQ(CIM_CAPABILITY_CONVERTER_GET(can), CIM_CONVERTER_NONE) << "digital sums";
  EXPECT_EQ(CIM_CAPABILITY_RECALIBRATE_GET(can), 0u);
}

TEST_F(TileStateTest, AgeIsTheSetAgePlusTheTimeSinceProgramming) {
  config.age_s = 31557600.0;  // a year: more microseconds than 32 bits hold
  make();
  EXPECT_EQ(age_us(), 0u) << "nothing is programmed";
  EXPECT_EQ(status(CIM_ARRAY_STATUS_HOLDS_MASK), 0u);
  program(kBlock, random_bytes(1, kBlock.cells()));
  EXPECT_EQ(status(CIM_ARRAY_STATUS_HOLDS_MASK), CIM_ARRAY_STATUS_HOLDS_MASK);
  EXPECT_EQ(bus->read(CIM_PROGRAMMED_CELLS_OFFSET), kBlock.cells());
  const std::uint64_t before = age_us();
  EXPECT_GE(before, 31557600000000u);
  EXPECT_LT(before, 31557600000000u + 1000u);
  sc_core::sc_start(5, sc_core::SC_MS);
  EXPECT_EQ(age_us() - before, 5000u);
  EXPECT_NEAR(report()["age_s"].get<double>(), 31557600.005, 0.001);
}

TEST_F(TileStateTest, AStoppedWeightLoadKeepsTheRowsItHasCompletedAndCanGoOn) {
  config.ideal.row_write_s = 1e-6;
  make();
  const auto weights = random_bytes(1, kBlock.cells());
  put(kWeights, weights);
  start(program_command(kBlock));
  sc_core::sc_start(20500, sc_core::SC_NS);
  EXPECT_EQ(status(CIM_ARRAY_STATUS_WRITING_MASK), CIM_ARRAY_STATUS_WRITING_MASK);
  stop();
  EXPECT_EQ(status(CIM_ARRAY_STATUS_WRITING_MASK), 0u);
  const unsigned done = CIM_ARRAY_STATUS_ROWS_DONE_GET(bus->read(CIM_ARRAY_STATUS_OFFSET));
  EXPECT_EQ(done, 20u);
  EXPECT_EQ(bus->read(CIM_PROGRAMMED_CELLS_OFFSET), 20 * kBlock.columns);
  EXPECT_EQ(report()["cells_written"], 20 * kBlock.columns);
  put(kInputs, random_bytes(2, kBlock.rows));
  EXPECT_EQ(fail(raw_command(kBlock, 1)).first, ENGINE_ERROR_NOT_PROGRAMMED);

  Block rest = kBlock;
  rest.first_row += done;
  rest.rows -= done;
  cim_command_t command = program_command(rest);
  command.in = kWeights + done * kBlock.columns;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_EQ(CIM_ARRAY_STATUS_ROWS_DONE_GET(bus->read(CIM_ARRAY_STATUS_OFFSET)), rest.rows);
  ASSERT_EQ(run(raw_command(kBlock, 1)), ENGINE_ERROR_NONE);
  cim_command_t verify = with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY);
  put(kWeights, weights);
  ASSERT_EQ(run(verify), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 0u) << "all rows hold what they should";
}

TEST_F(TileStateTest, AWeightLoadStoppedBeforeItsFirstRowLeavesNothing) {
  config.ideal.row_write_s = 1e-6;
  make();
  put(kWeights, random_bytes(1, kBlock.cells()));
  start(program_command(kBlock));
  sc_core::sc_start(500, sc_core::SC_NS);
  stop();
  EXPECT_EQ(bus->read(CIM_PROGRAMMED_CELLS_OFFSET), 0u);
  EXPECT_EQ(status(CIM_ARRAY_STATUS_HOLDS_MASK), 0u);
}

TEST_F(TileStateTest, VerifyCountsCellsBeyondTheTolerance) {
  make();
  auto weights = random_bytes(1, kBlock.cells(), -100, 100);
  program(kBlock, weights);
  cim_command_t verify = with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY);
  ASSERT_EQ(run(verify), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 0u);
  EXPECT_EQ(bus->read(CIM_VERIFY_ERROR_OFFSET), 0u);
  for (unsigned i = 0; i < 7; ++i) weights[i * 40] = static_cast<std::int8_t>(weights[i * 40] + 2);
  put(kWeights, weights);
  ASSERT_EQ(run(verify), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 7u) << "off by 2, one step is tolerated";
  const double rms = std::sqrt(7 * 4.0 / (50 * 33));
  EXPECT_NEAR(bus->read(CIM_VERIFY_ERROR_OFFSET), 1000 * rms, 1.0);
  verify.weights = CIM_COMMAND_WEIGHTS_TOLERANCE_SET(17);  // 17/8 of a step
  ASSERT_EQ(run(verify), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 0u);
  EXPECT_EQ(report()["verifies"], 3);
}

TEST_F(TileStateTest, FailedCellsAreMappedBitByBit) {
  config.pcm.failed_fraction = 0.2;
  make("pcm");
  const Block block{0, 40, 0, 37};
  put(kWeights, random_bytes(1, block.cells()));
  cim_command_t command = program_command(block);
  command.op |= CIM_COMMAND_OP_FAILED_MAP_MASK;
  command.out = kOutputs;
  command.out_stride = 8;
  put(kOutputs, std::vector<std::int8_t>(40 * 8, 0x55));
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  std::uint64_t failed = 0;
  const auto map = get(kOutputs, 40 * 8);
  for (unsigned r = 0; r < 40; ++r) {
    for (unsigned c = 0; c < 37; ++c) {
      const bool bit = (map[r * 8 + c / 8] >> c % 8 & 1) != 0;
      EXPECT_EQ(bit, tile->array().failed(r, c)) << r << ", " << c;
      failed += bit ? 1 : 0;
    }
    EXPECT_EQ(map[r * 8 + 4] & 0xe0, 0) << "bits behind the last column";
    EXPECT_EQ(map[r * 8 + 5], 0x55) << "bytes behind the last column";
  }
  EXPECT_GT(failed, 0u);
  EXPECT_EQ(bus->read(CIM_FAILED_CELLS_OFFSET), failed);
  command.out_stride = 4;
  EXPECT_EQ(fail(command).second, offsetof(cim_command_t, out_stride));
}

TEST_F(TileStateTest, RefreshStartsTheAgeAnewAndCountsWrites) {
  make();
  const auto weights = random_bytes(1, kBlock.cells());
  program(kBlock, weights);
  EXPECT_EQ(bus->read(CIM_WORST_WRITES_OFFSET), 1u);
  sc_core::sc_start(5, sc_core::SC_MS);
  EXPECT_GE(age_us(), 5000u);
  ASSERT_EQ(run(with_opcode(program_command(kBlock), CIM_OPCODE_REFRESH)), ENGINE_ERROR_NONE);
  EXPECT_LT(age_us(), 100u);
  EXPECT_EQ(bus->read(CIM_WORST_WRITES_OFFSET), 2u);
  EXPECT_EQ(bus->read(CIM_REFRESH_COUNT_OFFSET), 1u);
  EXPECT_GT(energy("refresh"), 0.0);
  ASSERT_EQ(run(with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY)), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 0u) << "the same weights";
}

TEST_F(TileStateTest, RecalibrationRestoresWhatDriftTook) {
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  config.age_s = 86400.0;
  make("pcm");
  const Block block{0, 64, 0, 40};
  program(block, random_bytes(1, block.cells()));
  cim_command_t command{};
  command.op = CIM_OPCODE_RECALIBRATE;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_RECALIBRATE_COUNT_OFFSET), 1u);
  put(kInputs, random_bytes(3, 4 * 64));
  command.in = kInputs;
  command.in_stride = 64;
  command.count = 4;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_EQ(report()["recalibrations"], 2);
  command.count = 100000;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
}

TEST_F(TileStateTest, DigitalSumsNeedNoRecalibration) {
  make();
  cim_command_t command{};
  command.op = CIM_OPCODE_RECALIBRATE;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_UNSUPPORTED);
}

TEST_F(TileStateTest, UpkeepOfCellsWithoutWeightsOrBeyondTheArrayIsRefused) {
  make();
  EXPECT_EQ(fail(with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY)).first,
            ENGINE_ERROR_NOT_PROGRAMMED);
  const Block beyond{0, 65, 0, 40};
  for (const std::uint32_t opcode : {CIM_OPCODE_VERIFY, CIM_OPCODE_REFRESH})
    EXPECT_EQ(fail(with_opcode(program_command(beyond), opcode)).first, ENGINE_ERROR_BAD_ARGUMENT);
  program(kBlock, random_bytes(1, kBlock.cells()));
  cim_command_t verify = with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY);
  verify.in = kSramBytes - 4;
  EXPECT_EQ(fail(verify).first, ENGINE_ERROR_SRAM_RANGE);
}

TEST_F(TileStateTest, CellsOlderThanTheirRetentionAreAnErrorUntilTheyAreWrittenAgain) {
  config.dram.refresh = false;
  config.dram.variant = "gain_cell";  // 1.6 ms
  make("dram");
  const std::uint32_t can = bus->read(CIM_CAPABILITY_OFFSET);
  EXPECT_EQ(CIM_CAPABILITY_VOLATILE_GET(can), 1u);
  program(kBlock, random_bytes(1, kBlock.cells()));
  put(kInputs, random_bytes(2, kBlock.rows));
  EXPECT_EQ(run(raw_command(kBlock, 1)), ENGINE_ERROR_NONE);
  EXPECT_EQ(status(CIM_ARRAY_STATUS_EXPIRED_MASK), 0u);
  sc_core::sc_start(2, sc_core::SC_MS);
  EXPECT_EQ(status(CIM_ARRAY_STATUS_EXPIRED_MASK), CIM_ARRAY_STATUS_EXPIRED_MASK);
  const auto expired =
      std::pair<std::uint32_t, std::uint32_t>(ENGINE_ERROR_EXPIRED, offsetof(cim_command_t, rows));
  EXPECT_EQ(fail(raw_command(kBlock, 1)), expired);
  EXPECT_EQ(fail(with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY)), expired);
  EXPECT_EQ(fail(with_opcode(program_command(kBlock), CIM_OPCODE_REFRESH)), expired);
  program(kBlock, random_bytes(1, kBlock.cells()));
  EXPECT_EQ(run(raw_command(kBlock, 1)), ENGINE_ERROR_NONE);
}

TEST_F(TileStateTest, SetAgeExpiresToo) {
  config.dram.refresh = false;
  config.dram.variant = "gain_cell";
  config.age_s = 1.0;
  make("dram");
  program(kBlock, random_bytes(1, kBlock.cells()));
  EXPECT_EQ(fail(raw_command(kBlock, 1)).first, ENGINE_ERROR_EXPIRED);
}

TEST_F(TileStateTest, Fp16StageScalesAddsTheIncomingValueAndSaturates) {
  make();
  const Block block{0, 64, 0, 40};
  const auto weights = random_bytes(1, block.cells());
  program(block, weights);
  const auto inputs = random_bytes(2, 3 * block.rows);
  const auto incoming = random_bytes(3, 3 * block.columns);
  put(kInputs, inputs);
  put(kSums, incoming);
  std::vector<DigitalChannel> channels(block.columns);
  for (unsigned c = 0; c < block.columns; ++c) {
    DigitalChannel& channel = channels[c];
    channel.scale = Half::of(0.37 + 0.05 * c);
    channel.bias = Half::of(c - 20.0);
    channel.residual = true;
    channel.residual_scale = Half::of(0.5);
    channel.first_relu = c % 2 == 0;
    channel.second_relu = c % 3 == 0;
    const cim_fp16_t entry = {CIM_FP16_AFFINE_SCALE_SET(channel.scale.bits()) |
                                  CIM_FP16_AFFINE_BIAS_SET(channel.bias.bits()),
                              CIM_FP16_RESIDUAL_SCALE_SET(channel.residual_scale.bits()) |
                                  CIM_FP16_RESIDUAL_FIRST_RELU_SET(channel.first_relu ? 1u : 0u) |
                                  CIM_FP16_RESIDUAL_SECOND_RELU_SET(channel.second_relu ? 1u : 0u),
                              9};
    std::memcpy(&tile->sram()[kAffine + c * sizeof entry], &entry, sizeof entry);
  }
  cim_command_t command = raw_command(block, 3);
  command.op = CIM_OPCODE_MVM | CIM_COMMAND_OP_FP16_MASK | CIM_COMMAND_OP_PSUM_MASK;
  command.out_stride = block.columns;
  command.affine = kAffine;
  command.psum = kSums;
  command.psum_stride = block.columns;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  const auto sums = reference_product(block, weights, inputs, 3);
  const auto results = get(kOutputs, sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_EQ(results[i],
              channels[i % block.columns].result(Half::of(sums[i] / 512.0), incoming[i]))
        << i;
  command.op |= CIM_COMMAND_OP_RAW_MASK;
  EXPECT_EQ(fail(command).second, offsetof(cim_command_t, op)) << "FP16 gives int8 only";
  command.op &= ~CIM_COMMAND_OP_RAW_MASK;
  const std::uint32_t shift = 32;
  std::memcpy(&tile->sram()[kAffine + 8], &shift, 4);
  EXPECT_EQ(fail(command).second, offsetof(cim_command_t, affine));
  command.affine = kSramBytes - 12 * 40 + 4;
  EXPECT_EQ(fail(command).first, ENGINE_ERROR_SRAM_RANGE);
}

class RomTileTest : public TileStateTest {
 protected:
  void SetUp() override {
    file_ = ::testing::TempDir() + "/aimc_tile_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".rom";
  }
  void TearDown() override { std::remove(file_.c_str()); }
  /// A mask with one block, for the instance called `section`.
  void write_mask(const std::string& section) {
    weights_ = random_bytes(1, kBlock.cells());
    RomImage image;
    image.add(section, 64, 40, kBlock, 127, weights_.data(), kBlock.columns);
    image.write(file_);
    config.rom.image = file_;
  }

  std::string file_;
  std::vector<std::int8_t> weights_;
};

TEST_F(RomTileTest, MultipliesWithItsMaskAndRefusesToBeWritten) {
  write_mask("tile");
  make("rom");
  EXPECT_EQ(CIM_PRECISION_WRITABLE_GET(bus->read(CIM_PRECISION_OFFSET)), 0u);
  EXPECT_EQ(CIM_CAPABILITY_REFRESH_GET(bus->read(CIM_CAPABILITY_OFFSET)), 0u);
  const auto inputs = random_bytes(2, 2 * kBlock.rows);
  put(kInputs, inputs);
  ASSERT_EQ(run(raw_command(kBlock, 2)), ENGINE_ERROR_NONE);
  EXPECT_EQ(get_sums(kOutputs, 2 * kBlock.columns), reference_product(kBlock, weights_, inputs, 2));
  const auto read_only = std::pair<std::uint32_t, std::uint32_t>(ENGINE_ERROR_READ_ONLY, 0u);
  EXPECT_EQ(fail(program_command(kBlock)), read_only);
  EXPECT_EQ(fail(with_opcode(program_command(kBlock), CIM_OPCODE_REFRESH)), read_only);
  put(kWeights, weights_);
  ASSERT_EQ(run(with_opcode(program_command(kBlock), CIM_OPCODE_VERIFY)), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_VERIFY_FAILED_OFFSET), 0u);
}

TEST_F(RomTileTest, ATileWithoutASectionInTheChipsFileIsBlank) {
  write_mask("another_tile");
  make("rom");
  EXPECT_EQ(bus->read(CIM_PROGRAMMED_CELLS_OFFSET), 0u);
  EXPECT_EQ(fail(raw_command(kBlock, 1)).first, ENGINE_ERROR_NOT_PROGRAMMED);
}

}  // namespace
}  // namespace aimc::cim
