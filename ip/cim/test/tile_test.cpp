// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/tile.h"

#include <gmock/gmock.h>

#include <ostream>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cim_map.h"
#include "aimc/cim/im2col.h"
#include "aimc/testing/register_walk.h"
#include "tile_fixture.h"

namespace aimc::cim {
namespace {

const Block kBlock{3, 50, 5, 33};

TEST_F(TileTest, TellsFirmwareWhatItIs) {
  config.timing.phases = 4;
  make("pcm");
  EXPECT_EQ(bus->read(ENGINE_ID_OFFSET), 0x544d4943u) << "CIMT";
  EXPECT_EQ(bus->read(CIM_KIND_OFFSET), CIM_KIND_PCM);
  const std::uint32_t geometry = bus->read(CIM_GEOMETRY_OFFSET);
  EXPECT_EQ(CIM_GEOMETRY_ROWS_GET(geometry), 64u);
  EXPECT_EQ(CIM_GEOMETRY_COLUMNS_GET(geometry), 40u);
  const std::uint32_t precision = bus->read(CIM_PRECISION_OFFSET);
  EXPECT_EQ(CIM_PRECISION_INPUT_BITS_GET(precision), 8u);
  EXPECT_EQ(CIM_PRECISION_ADC_BITS_GET(precision), 10u) << "codes of +-448";
  EXPECT_EQ(CIM_PRECISION_PHASES_GET(precision), 4u);
  EXPECT_EQ(CIM_PRECISION_WRITABLE_GET(precision), 1u);
}

TEST_F(TileTest, MvmRawEqualsTheIntegerProductWithStrides) {
  make();
  const auto weights = random_bytes(1, kBlock.cells());
  program(kBlock, weights);
  const auto inputs = random_bytes(2, 7 * kBlock.rows);
  for (unsigned n = 0; n < 7; ++n)  // 64 bytes apart
    put(kInputs + n * 64,
        {inputs.begin() + n * kBlock.rows, inputs.begin() + (n + 1) * kBlock.rows});
  cim_command_t command = raw_command(kBlock, 7);
  command.in_stride = 64;
  command.out_stride = 256;
  put(kOutputs + 33 * 4, std::vector<std::int8_t>(4, 0x55));
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  const auto expected = reference_product(kBlock, weights, inputs, 7);
  for (unsigned n = 0; n < 7; ++n)
    EXPECT_EQ(
        get_sums(kOutputs + n * 256, 33),
        std::vector<std::int32_t>(expected.begin() + n * 33, expected.begin() + (n + 1) * 33));
  EXPECT_EQ(get(kOutputs + 33 * 4, 4), std::vector<std::int8_t>(4, 0x55)) << "gap untouched";
  EXPECT_EQ(bus->read(CIM_MVM_COUNT_OFFSET), 7u);
  EXPECT_EQ(bus->read(CIM_PROGRAM_COUNT_OFFSET), kBlock.cells());
}

TEST_F(TileTest, AffineAddsPartialSumsSaturatingAndClampsToInt8) {
  make();
  const Block block{0, 2, 0, 3};
  program(block, {100, -100, 1, 27, -27, 1});
  put(kInputs, {127, 127, -1, -1});
  put_sums(kSums, {INT32_MAX, -1000, 5, 7, 8, 9});  // two vectors
  const std::vector<cim_affine_t> table{{10, 1, 4}, {0xffffffff, 3, 1}, {0, 1, 0}};
  std::memcpy(&tile->sram()[kAffine], table.data(), table.size() * sizeof table[0]);
  cim_command_t command = raw_command(block, 2);
  command.op = CIM_OPCODE_MVM | CIM_COMMAND_OP_PSUM_SET(1);
  command.psum = kSums;
  command.psum_stride = 12;
  command.affine = kAffine;
  command.clamp =
      CIM_COMMAND_CLAMP_LOW_SET(static_cast<std::uint8_t>(-100)) | CIM_COMMAND_CLAMP_HIGH_SET(120);
  command.out_stride = 3;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  // Vector 0: sums 16129, -16129, 254; vector 1: -127, 127, -2.
  // ((-127 + 7) + 10) / 16 = -6.875 -> -7; ((127 + 8) - 1) * 3 / 2 = 201 -> 120; -2 + 9 = 7.
  EXPECT_THAT(get(kOutputs, 6), ::testing::ElementsAre(120, -100, 120, -7, 120, 7));
}

TEST_F(TileTest, DigitalAddsTwoAccumulatorArraysWithoutTheCrossbar) {
  make();
  put_sums(kInputs, {1, 2, 3, INT32_MIN, 5, 6});
  put_sums(kSums, {10, 20, 30, -1, 50, 60});
  cim_command_t command{};
  command.op = CIM_OPCODE_DIGITAL | CIM_COMMAND_OP_RAW_SET(1) | CIM_COMMAND_OP_PSUM_SET(1);
  command.columns = span(0, 3);
  command.count = 2;
  command.in = kInputs;
  command.in_stride = 12;
  command.psum = kSums;
  command.psum_stride = 12;
  command.out = kOutputs;
  command.out_stride = 12;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_THAT(get_sums(kOutputs, 6), ::testing::ElementsAre(11, 22, 33, INT32_MIN, 55, 66));
  command.out = kInputs;  // in place
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_THAT(get_sums(kInputs, 6), ::testing::ElementsAre(11, 22, 33, INT32_MIN, 55, 66));
  EXPECT_EQ(bus->read(CIM_MVM_COUNT_OFFSET), 0u);
}

/// Straight sum over the kernel in 64 bits.
std::vector<std::int32_t> reference_convolution(const PatchShape& s, unsigned columns,
                                                const std::vector<std::int8_t>& map,
                                                const std::vector<std::int8_t>& weights) {
  std::vector<std::int32_t> out;
  for (unsigned oy = 0; oy < s.out_height; ++oy)
    for (unsigned ox = 0; ox < s.out_width; ++ox)
      for (unsigned column = 0; column < columns; ++column) {
        std::int64_t sum = 0;
        for (unsigned ky = 0; ky < s.kernel_height; ++ky)
          for (unsigned kx = 0; kx < s.kernel_width; ++kx) {
            const int y =
                static_cast<int>(oy * s.stride_y + ky * s.dilation_y) - static_cast<int>(s.pad_top);
            const int x = static_cast<int>(ox * s.stride_x + kx * s.dilation_x) -
                          static_cast<int>(s.pad_left);
            if (y < 0 || x < 0 || y >= static_cast<int>(s.height) || x >= static_cast<int>(s.width))
              continue;
            for (unsigned c = 0; c < s.channels; ++c) {
              const std::size_t row = (ky * s.kernel_width + kx) * s.channels + c;
              const auto pixel =
                  static_cast<std::size_t>(y) * s.width + static_cast<std::size_t>(x);
              sum += map[pixel * s.channels + c] * weights[row * columns + column];
            }
          }
        out.push_back(static_cast<std::int32_t>(sum));
      }
  return out;
}

cim_command_t convolution_command(cim_command_t command, const PatchShape& s, unsigned first) {
  command.op = (command.op & ~0xffu) | CIM_OPCODE_CONV;
  command.map = CIM_COMMAND_MAP_HEIGHT_SET(s.height) | CIM_COMMAND_MAP_WIDTH_SET(s.width);
  command.kernel = CIM_COMMAND_KERNEL_HEIGHT_SET(s.kernel_height) |
                   CIM_COMMAND_KERNEL_WIDTH_SET(s.kernel_width) |
                   CIM_COMMAND_KERNEL_CHANNELS_SET(s.channels);
  command.step =
      CIM_COMMAND_STEP_STRIDE_Y_SET(s.stride_y) | CIM_COMMAND_STEP_STRIDE_X_SET(s.stride_x) |
      CIM_COMMAND_STEP_PAD_TOP_SET(s.pad_top) | CIM_COMMAND_STEP_PAD_LEFT_SET(s.pad_left);
  command.out_map =
      CIM_COMMAND_OUT_MAP_HEIGHT_SET(s.out_height) | CIM_COMMAND_OUT_MAP_WIDTH_SET(s.out_width);
  command.patch = CIM_COMMAND_PATCH_FIRST_SET(first) |
                  CIM_COMMAND_PATCH_DILATION_Y_SET(s.dilation_y) |
                  CIM_COMMAND_PATCH_DILATION_X_SET(s.dilation_x);
  return command;
}

TEST_F(TileTest, ConvEqualsTheNaiveConvolutionAlsoWhenSplitByRows) {
  make();
  const RandomStream random(5, "conv");
  for (std::uint32_t trial = 0; trial < 40; ++trial) {
    std::uint32_t element = 0;
    const auto pick = [&](unsigned low, unsigned high) {
      const float u = random.at(1, trial).uniform(element++);
      return low + static_cast<unsigned>(u * static_cast<float>(high - low + 1));
    };
    PatchShape s;
    s.height = pick(1, 8), s.width = pick(1, 8), s.channels = pick(1, 4);
    s.kernel_height = pick(1, 4), s.kernel_width = pick(1, 4);
    s.stride_y = pick(1, 3), s.stride_x = pick(1, 3);
    s.pad_top = pick(0, 3), s.pad_left = pick(0, 3);
    s.dilation_y = pick(1, 2), s.dilation_x = pick(1, 2);
    s.out_height = pick(1, 6), s.out_width = pick(1, 6);
    const unsigned columns = pick(1, 40);
    const auto patch = static_cast<unsigned>(s.patch_elements());
    const auto map = random_bytes(100 + trial, s.map_bytes());
    const auto weights = random_bytes(200 + trial, std::size_t{patch} * columns);
    put(kInputs, map);
    program({0, patch, 0, columns}, weights);
    const auto vectors = static_cast<std::uint32_t>(s.vectors());
    const auto expected = reference_convolution(s, columns, map, weights);

    const Block whole{0, patch, 0, columns};
    ASSERT_EQ(run(convolution_command(raw_command(whole, 0), s, 0)), ENGINE_ERROR_NONE);
    ASSERT_EQ(get_sums(kOutputs, expected.size()), expected) << "trial " << trial;
    if (patch < 2) continue;

    const unsigned cut = pick(1, patch - 1);  // the second part adds the first one's sums
    cim_command_t first = convolution_command(raw_command({0, cut, 0, columns}, 0), s, 0);
    first.out = kSums;
    ASSERT_EQ(run(first), ENGINE_ERROR_NONE);
    cim_command_t second =
        convolution_command(raw_command({cut, patch - cut, 0, columns}, 0), s, cut);
    second.op |= CIM_COMMAND_OP_PSUM_SET(1);
    second.psum = kSums;
    second.psum_stride = columns * 4;
    std::memset(&tile->sram()[kOutputs], 0, vectors * columns * 4);
    ASSERT_EQ(run(second), ENGINE_ERROR_NONE);
    ASSERT_EQ(get_sums(kOutputs, expected.size()), expected) << "trial " << trial << ", split";
  }
}

TEST_F(TileTest, ReadbackReturnsIdealWeightsRowByRow) {
  make();
  const auto weights = random_bytes(1, kBlock.cells());
  program(kBlock, weights);
  cim_command_t command = program_command(kBlock);
  command.op = CIM_OPCODE_READBACK;
  command.out = kOutputs;
  command.out_stride = 40;
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  for (unsigned r = 0; r < kBlock.rows; ++r)
    ASSERT_EQ(get(kOutputs + r * 40, kBlock.columns),
              std::vector<std::int8_t>(weights.begin() + r * 33, weights.begin() + (r + 1) * 33));
}

TEST_F(TileTest, OperandsAreReadAtTheStartAndResultsAppearAtTheEnd) {
  make();
  const Block block{0, 4, 0, 2};
  const auto weights = random_bytes(1, 8);
  program(block, weights);
  const auto inputs = random_bytes(2, 4);
  put(kInputs, inputs);
  put_sums(kOutputs, {-7, -7});
  start(raw_command(block, 1));
  // Dispatch 10 ns, inputs 2.5, array 133, digital 5 + 45: 195.5 ns.
  sc_core::sc_start(100, sc_core::SC_NS);
  put(kInputs, {0, 0, 0, 0});
  sc_core::sc_start(sc_core::sc_time(95.4, sc_core::SC_NS));
  EXPECT_THAT(get_sums(kOutputs, 2), ::testing::ElementsAre(-7, -7));
  EXPECT_EQ(bus->read(ENGINE_DONE_COUNT_OFFSET), 1u) << "the weight load";
  sc_core::sc_start(sc_core::sc_time(0.2, sc_core::SC_NS));
  EXPECT_EQ(get_sums(kOutputs, 2), reference_product(block, weights, inputs, 1));
  EXPECT_EQ(bus->read(ENGINE_DONE_COUNT_OFFSET), 2u);
}

TEST_F(TileTest, InterruptRisesWhenACommandEndsAndDropsWhenCleared) {
  make();
  bus->write(ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_DONE_MASK);
  settle();
  EXPECT_FALSE(irq.read());
  program({0, 1, 0, 1}, {1});
  settle();
  EXPECT_TRUE(irq.read());
  bus->write(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK);
  settle();
  EXPECT_FALSE(irq.read());
}

TEST_F(TileTest, AbortedProgramLeavesItsBlockUnprogrammedAndNeighboursWhole) {
  make("pcm");
  const auto weights = random_bytes(1, kBlock.cells(), -127, 127);
  program(kBlock, weights);
  start(program_command({10, 2, 5, 2}));
  sc_core::sc_start(1, sc_core::SC_US);
  ASSERT_NE(bus->read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_BUSY_MASK, 0u);
  bus->write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  settle();
  EXPECT_EQ(bus->read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_BUSY_MASK, 0u);
  EXPECT_EQ(tile->array().programmed_cells(), kBlock.cells() - 4);
  EXPECT_EQ(run(raw_command(kBlock, 1)), ENGINE_ERROR_NOT_PROGRAMMED);
}

TEST_F(TileTest, AbortedProductWritesNothingAndTheNextOneIsRight) {
  make("ideal", 2);
  const auto weights = random_bytes(1, kBlock.cells());
  program(kBlock, weights);
  const auto inputs = random_bytes(2, 90 * kBlock.rows);
  put(kInputs, inputs);
  cim_command_t command = raw_command(kBlock, 90);
  start(command);
  sc_core::sc_start(1, sc_core::SC_US);
  ASSERT_NE(bus->read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_BUSY_MASK, 0u);
  bus->write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  settle();
  sc_core::sc_start(100, sc_core::SC_US);
  EXPECT_EQ(get_sums(kOutputs, 33), std::vector<std::int32_t>(33, 0));
  ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
  EXPECT_EQ(get_sums(kOutputs, 90 * 33), reference_product(kBlock, weights, inputs, 90));
}

TEST_F(TileTest, ResetInMidWorkClearsSramAndCountersAndKeepsTheWeights) {
  make();
  const auto weights = random_bytes(1, kBlock.cells());
  program(kBlock, weights);
  const auto inputs = random_bytes(2, 50 * kBlock.rows);
  put(kInputs, inputs);
  start(raw_command(kBlock, 50));
  sc_core::sc_start(1, sc_core::SC_US);
  tile->reset();
  settle();
  EXPECT_EQ(bus->read(ENGINE_STATUS_OFFSET), 0u);
  EXPECT_EQ(bus->read(CIM_MVM_COUNT_OFFSET), 0u);
  EXPECT_EQ(bus->read(CIM_PROGRAM_COUNT_OFFSET), 0u);
  EXPECT_EQ(get(kInputs, 4), std::vector<std::int8_t>(4, 0));
  put(kInputs, inputs);
  ASSERT_EQ(run(raw_command(kBlock, 1)), ENGINE_ERROR_NONE);
  EXPECT_EQ(get_sums(kOutputs, 33), reference_product(kBlock, weights, inputs, 1));
}

TEST_F(TileTest, EnergyAndStatisticsFollowTheWork) {
  config.energy = {};
  config.energy.mac = 1e-15;
  config.energy.mac_phase = 2e-15;
  config.energy.dac = 3e-12;
  config.energy.adc = 5e-12;
  config.energy.digital = 7e-12;
  config.timing.phases = 4;
  make("pcm");
  program(kBlock, random_bytes(1, kBlock.cells(), -127, 127));
  put(kInputs, random_bytes(2, 3 * kBlock.rows));
  ASSERT_EQ(run(raw_command(kBlock, 3)), ENGINE_ERROR_NONE);
  EXPECT_NEAR(energy("array"), 3 * 50 * 33 * 9e-15, 1e-18);
  EXPECT_NEAR(energy("dac"), 3 * 50 * 3e-12, 1e-16);
  EXPECT_NEAR(energy("adc"), 3 * 33 * 5e-12, 1e-16);
  EXPECT_NEAR(energy("digital"), 3 * 33 * 7e-12, 1e-16);
  EXPECT_NEAR(energy("programming"), 1650 * 2 * 11 * 61e-12, 1e-12);
  EXPECT_DOUBLE_EQ(tile->static_power_w(), 45e-3);
  const auto stats = report();
  EXPECT_EQ(stats["mvms"], 3);
  EXPECT_EQ(stats["macs"], 3 * 1650);
  EXPECT_EQ(stats["results"], 99);
  EXPECT_EQ(stats["programmed_cells"], 1650);
  EXPECT_DOUBLE_EQ(stats["utilisation"], 1650.0 / (64 * 40));
  EXPECT_NEAR(stats["array_busy_s"].get<double>(), 3 * 520e-9, 1e-15);
  EXPECT_EQ(stats["cells_written"], 1650);
  EXPECT_EQ(stats["kind"], "pcm");
}

TEST_F(TileTest, ClippedConversionsAreCountedInTheRegister) {
  config.adc.gain_spread = 0.0;
  make("pcm");
  const Block block{0, 64, 0, 2};
  program(block, std::vector<std::int8_t>(128, 127));
  put(kInputs, std::vector<std::int8_t>(128, 127));
  ASSERT_EQ(run(raw_command(block, 2)), ENGINE_ERROR_NONE);
  EXPECT_EQ(bus->read(CIM_CLIP_COUNT_OFFSET), 4u);
  EXPECT_EQ(report()["clipped"], 4);
}

TEST_F(TileTest, CellsThatDoNotConvergeAreReported) {
  config.pcm.failed_fraction = 1.0;
  make("pcm");
  program({0, 4, 0, 5}, std::vector<std::int8_t>(20, 1));
  EXPECT_EQ(bus->read(CIM_FAILED_CELLS_OFFSET), 20u);
  EXPECT_EQ(report()["cells_failed"], 20);
}

/// One stream of PCM products; how it is cut into commands and how many threads there are must not
/// show. Each case runs in a process of its own, so all compare with the bare model.
struct Cut {
  unsigned threads;
  std::uint64_t seed;
  std::vector<std::uint32_t> batches;
};
void PrintTo(const Cut& cut, std::ostream* out) {
  *out << cut.batches.size() << " commands, " << cut.threads << " threads, seed " << cut.seed;
}
class TileReproducible : public TileTest, public ::testing::WithParamInterface<Cut> {};

TEST_P(TileReproducible, ResultsAreThoseOfTheBareModelToTheBit) {
  const auto& [threads, seed, batches] = GetParam();
  config.age_s = 3600.0;
  make("pcm", threads, seed);
  const auto weights = random_bytes(1, kBlock.cells(), -127, 127);
  const auto inputs = random_bytes(2, 60 * kBlock.rows);
  program(kBlock, weights);
  put(kInputs, inputs);
  std::uint32_t done = 0;
  for (const std::uint32_t batch : batches) {
    cim_command_t command = raw_command(kBlock, batch);
    command.in += done * kBlock.rows;
    command.out += done * kBlock.columns * 4;
    ASSERT_EQ(run(command), ENGINE_ERROR_NONE);
    done += batch;
  }
  const auto model = make_array(config, RandomStream(seed, "tile"));
  model->program(kBlock, weights.data(), kBlock.columns, 127, 0);
  std::vector<std::int32_t> sums(60 * kBlock.columns);
  model->multiply(kBlock, inputs.data(), kBlock.rows, 60, 0, sums.data());
  EXPECT_EQ(get_sums(kOutputs, sums.size()), sums);
}

INSTANTIATE_TEST_SUITE_P(Cuts, TileReproducible,
                         ::testing::Values(Cut{1, 1, {60}}, Cut{2, 1, {1, 20, 7, 32}},
                                           Cut{4, 9, {30, 30}}));

TEST_F(TileTest, RegistersResetAndRefuseWritesAsTheMapSays) {
  make();
  testing::RegisterWalk walk;
  walk.live = {"GEOMETRY", "PRECISION", "CAPABILITY", "TEMPERATURE"};
  walk.run(*bus, regs::kCim);
}

}  // namespace
}  // namespace aimc::cim
