// SPDX-License-Identifier: Apache-2.0
// Time and energy against published figures of whole systems and macros. All of these are
// arithmetic on parameters: no random draws, so no false alarms.
#include <gtest/gtest.h>

#include "aimc/cim/cost.h"
#include "aimc/cim/system_cost.h"
#include "aimc/testing/fidelity.h"

namespace aimc::cim {
namespace {

using testing::compare_near;

TileConfig hermes(unsigned phases) {
  TileConfig config;
  config.kind = "pcm";
  config.timing.phases = phases;
  return config;
}

TEST(Fidelity, V1ProductOfAHermesTile) {
  compare_near("V1", "MVM time, 1 phase [ns]", 133, array_seconds(hermes(1)) * 1e9, 1);
  compare_near("V1", "MVM time, 4 phases [ns]", 520, array_seconds(hermes(4)) * 1e9, 1);
}

TEST(Fidelity, V2ThroughputOf64HermesTiles) {
  compare_near("V2", "64 tiles, 1 phase [TOPS]", 63.1, 64 * peak_ops(hermes(1)) * 1e-12,
               0.005 * 63.1);
  compare_near("V2", "64 tiles, 4 phases [TOPS]", 16.1, 64 * peak_ops(hermes(4)) * 1e-12,
               0.005 * 16.1);
}

TEST(Fidelity, V3EnergyOfProductsOn64HermesTiles) {
  const auto joules = [](unsigned phases) {
    const TileConfig config = hermes(phases);
    return 64 * 2.0 * config.rows * config.columns / peak_ops_per_joule(config);
  };
  compare_near("V3", "64 products, 1 phase [uJ]", 0.86, joules(1) * 1e6, 0.02 * 0.86);
  compare_near("V3", "64 products, 4 phases [uJ]", 3.38, joules(4) * 1e6, 0.02 * 3.38);
  compare_near("V3", "1 phase [TOPS/W]", 9.76, peak_ops_per_joule(hermes(1)) * 1e-12, 0.02 * 9.76);
  compare_near("V3", "4 phases [TOPS/W]", 2.48, peak_ops_per_joule(hermes(4)) * 1e-12, 0.02 * 2.48);
}

TEST(Fidelity, V4ResidualLayerOn8HermesTiles) {
  const Cascade layer{8, 8, 256, 0};  // 2016 rows in 8 tiles, 224 columns
  const SystemCost one = cascade_cost(hermes(1), layer), four = cascade_cost(hermes(4), layer);
  compare_near("V4", "2016 x 224 layer, 1 phase [ns]", 1131, one.seconds * 1e9, 0.05 * 1131);
  compare_near("V4", "2016 x 224 layer, 4 phases [ns]", 1518, four.seconds * 1e9, 0.05 * 1518);
  compare_near("V4", "2016 x 224 layer, 1 phase [uJ]", 0.97, one.joules * 1e6, 0.10 * 0.97);
  compare_near("V4", "2016 x 224 layer, 4 phases [uJ]", 1.51, four.joules * 1e6, 0.10 * 1.51);
}

TEST(Fidelity, V5LstmStepOn32HermesTiles) {
  const Cascade unit{32, 4, 256, 36};  // 504 + 504 rows in 4 tiles, 2016 gates in 8; gate unit
  const SystemCost one = cascade_cost(hermes(1), unit), four = cascade_cost(hermes(4), unit);
  compare_near("V5", "LSTM step, 1 phase [ns]", 1043, one.seconds * 1e9, 0.05 * 1043);
  compare_near("V5", "LSTM step, 4 phases [ns]", 1430, four.seconds * 1e9, 0.05 * 1430);
  compare_near("V5", "LSTM step, 1 phase [uJ]", 3.46, one.joules * 1e6, 0.10 * 3.46);
  compare_near("V5", "LSTM step, 4 phases [uJ]", 5.24, four.joules * 1e6, 0.10 * 5.24);
}

/// PULP cluster with a PCM tile: 250 MHz, 128-bit port, 130 ns a product; one clock to start.
TEST(Fidelity, V16StreamOfAPulpCluster) {
  TileConfig config;
  config.engine.clock_hz = 250e6;
  config.engine.sram_bytes_per_cycle = 16;
  config.timing.outputs_per_cycle = 16;
  config.timing.setup_s = 1e-9;
  config.timing.start_cycles = 1;
  compare_near("V16", "peak [GOPS]", 1008, peak_ops(config) * 1e-9, 0.005 * 1008);
  compare_near("V16", "stream [GOPS]", 958, streamed_ops(config) * 1e-9, 0.03 * 958);
}

struct NeurramPoint {
  unsigned out_bits, in_bits;
  double tops, tops_per_watt, word_lines, neurons, inputs;  // energies in fJ an operation
};
constexpr NeurramPoint kNeurram[] = {{3, 1, 2.122, 43.08, 8.99, 10.62, 3.446},
                                     {4, 2, 1.793, 40.33, 8.271, 12.39, 3.956},
                                     {6, 4, 0.7439, 15.95, 21.76, 29.11, 11.51},
                                     {8, 6, 0.4177, 8.257, 37.22, 52.48, 19.24},
                                     {10, 8, 0.2639, 6.437, 50.52, 75.86, 27.51}};

TileConfig neurram(const NeurramPoint& point) {
  TileConfig config;
  config.kind = "reram";
  config.costs = "pcm";  // so that `effective` brings the costs of ReRAM
  config = effective(config);
  config.rows = 128;  // pairs of rows hold signed weights
  config.columns = 256;
  config.dac.bits = std::max(point.in_bits, 2u);  // one bit and a sign cost as much as one bit
  config.adc.levels = (1u << (point.out_bits - 1)) - 1;
  return config;
}

TEST(Fidelity, V21NeurramThroughputAndEfficiency) {
  for (const NeurramPoint& point : kNeurram) {
    const TileConfig config = neurram(point);
    const std::string bits = fmt::format("{}/{} bits out/in", point.out_bits, point.in_bits);
    compare_near("V21", bits + " [TOPS]", point.tops, 48 * peak_ops(config) * 1e-12,
                 0.10 * point.tops);
    compare_near("V21", bits + " [TOPS/W]", point.tops_per_watt, peak_ops_per_joule(config) * 1e-12,
                 0.10 * point.tops_per_watt);
  }
}

/// The reference tables count two operations a multiplication: fJ an operation.
TEST(Fidelity, V22NeurramEnergyByPart) {
  for (const NeurramPoint& point : kNeurram) {
    const TileConfig config = neurram(point);
    const OperationEnergy energy = product_energy(config, config.rows, config.columns, 1);
    const double femto = 1e15 / (2.0 * config.rows * config.columns);
    const std::string bits = fmt::format("{}/{} bits, ", point.out_bits, point.in_bits);
    compare_near("V22", bits + "word lines [fJ/op]", point.word_lines, energy.array * femto,
                 0.10 * point.word_lines);
    compare_near("V22", bits + "neurons and control [fJ/op]", point.neurons, energy.adc * femto,
                 0.10 * point.neurons);
    compare_near("V22", bits + "input pulses [fJ/op]", point.inputs, energy.dac * femto,
                 0.10 * point.inputs);
  }
}

struct ColonnadePoint {
  unsigned bits;                             // of inputs and weights
  double at_06, at_07, at_08, microseconds;  // fJ a MAC; latency at 0.8 V
};
constexpr ColonnadePoint kColonnade[] = {{1, 17.1, 42.6, 68.1, 0.13},
                                         {4, 104, 261, 423, 0.58},
                                         {8, 292, 725, 1170, 1.37},
                                         {16, 990, 2516, 3995, 3.60}};

TEST(Fidelity, V26ColonnadeEnergyAndLatency) {
  for (const ColonnadePoint& point : kColonnade) {
    const std::string bits = fmt::format("{} bits, ", point.bits);
    const auto femtojoules = [&](double volts) {
      return bit_serial_cost(point.bits, volts).bit_pair_joules * 1e15 * point.bits * point.bits;
    };
    compare_near("V26", bits + "0.6 V [fJ/MAC]", point.at_06, femtojoules(0.6), 0.05 * point.at_06);
    compare_near("V26", bits + "0.7 V [fJ/MAC]", point.at_07, femtojoules(0.7), 0.05 * point.at_07);
    compare_near("V26", bits + "0.8 V [fJ/MAC]", point.at_08, femtojoules(0.8), 0.05 * point.at_08);
    compare_near("V26", bits + "latency [us]", point.microseconds,
                 bit_serial_cost(point.bits).step_seconds * point.bits * 1e6,
                 0.05 * point.microseconds);
  }
}

/// The tile charges the same: 128 x 16 weights of 8 bits in 128 x 128 cells.
TEST(Costs, ABitSerialTileTakesWhatColonnadeTakes) {
  TileConfig config;
  config.kind = "sram";
  config.sram.variant = "bit_serial";
  config.rows = 128;
  config.columns = 16;
  config = effective(config);
  EXPECT_NEAR(array_seconds(config), 1.37e-6, 0.05 * 1.37e-6);
  const OperationEnergy energy = product_energy(config, 128, 16, 1);
  EXPECT_NEAR(energy.array, 128 * 16 * 1.17e-12, 0.05 * 128 * 16 * 1.17e-12);
  EXPECT_EQ(energy.adc, 0.0);
}

TEST(Costs, TheFilesFiguresHoldForTheirKindAndAPresetForAnother) {
  TileConfig config;
  config.kind = "pcm";
  config.costs = "pcm";
  config.timing.phases = 4;
  config.timing.outputs_per_cycle = 3;
  config.energy.digital = 1e-12;
  EXPECT_EQ(effective(config).timing.phases, 4u);
  config.kind = "reram";
  const TileConfig reram = effective(config);
  EXPECT_EQ(reram.timing.input, "integrate");
  EXPECT_EQ(reram.timing.phases, 1u);
  EXPECT_EQ(reram.timing.outputs_per_cycle, 3u) << "the digital unit is the platform's";
  EXPECT_EQ(reram.energy.digital, 1e-12);
  config.kind = "ideal";
  EXPECT_EQ(effective(config).timing.phases, 4u) << "no preset";
  config.kind = "fefet";
  config.costs = "any";
  EXPECT_EQ(effective(config).timing.phases, 4u);
  config.kind = "mram";
  EXPECT_EQ(effective(config).timing.phases, 1u) << "its converters are its own";
}

TEST(Costs, GroupsOfRowsAndSharedConvertersFollowEachOther) {
  TileConfig config;
  config.kind = "pcm";
  config.timing.input = "bit_serial";
  config.timing.setup_s = 0.0;
  config.timing.phase_gap_s = 0.0;
  config.timing.dac_step_s = 2e-9;
  config.timing.adc_s = 10e-9;
  config.timing.rows_at_once = 64;
  config.timing.columns_per_adc = 4;
  const ReadPlan plan = read_plan(config, 130);
  EXPECT_EQ(plan.groups, 3u);
  EXPECT_EQ(plan.conversions, 8u);
  EXPECT_NEAR(array_seconds(config, 130), 3 * (8 * 2e-9 + 4 * 8 * 10e-9), 1e-15);
  config.energy = {};
  config.energy.mac = config.energy.mac_phase = 0.0;
  config.energy.adc = 1e-12;
  EXPECT_NEAR(product_energy(config, 130, 10, 7).adc, 7 * 10 * 3 * 8 * 1e-12, 1e-20);
}

TEST(Costs, RefreshingOfDynamicMemoryStealsTimeAndTakesPower) {
  TileConfig config;
  config.kind = "dram";
  config.dram.refresh = false;
  const TileConfig idle = effective(config);
  config.dram.refresh = true;
  config.dram.row_refresh_s = 0.25 * config.dram.sharing.refresh_interval_s / config.rows;
  const TileConfig busy = effective(config);
  EXPECT_NEAR(array_seconds(busy) / array_seconds(idle), 1.0 / 0.75, 1e-9);
  EXPECT_GT(static_watts(busy), static_watts(idle));
}

TEST(Costs, AreaIsTheSumOfItsCauses) {
  TileConfig config;
  config.rows = 100;
  config.columns = 20;
  config.engine.sram_bytes = 1000;
  config.area = {1e-12, 2e-12, 3e-12, 4e-12, 5e-12};
  const TileArea area = tile_area(config);
  EXPECT_NEAR(area.array, 2000e-12, 1e-18);
  EXPECT_NEAR(area.dac, 200e-12, 1e-18);
  EXPECT_NEAR(area.adc, 60e-12, 1e-18);
  EXPECT_NEAR(area.total(), (2000 + 200 + 60 + 4 + 5000) * 1e-12, 1e-18);
  config.kind = "sram";  // eight columns of cells for a column of weights
  EXPECT_NEAR(tile_area(config).array, 16000e-12, 1e-18);
}

/// ISAAC, ISCA 2016: a multiply unit (IMA) and a tile of 12; the router serves four tiles.
TEST(Fidelity, V32IsaacTilePower) {
  constexpr Component kUnit[] = {{"ADC", 1, 16},
                                 {"DAC", 1, 4},
                                 {"array", 1, 2.4},
                                 {"sample and hold", 1, 0.01},
                                 {"shift and add", 1, 0.2},
                                 {"input register", 1, 1.24},
                                 {"output register", 1, 0.23}};
  const double unit = component_watts(kUnit) * 1e3;
  const Component tile[] = {{"IMA", 12, unit},    {"eDRAM", 1, 20.7},
                            {"bus", 1, 7},        {"router", 0.25, 42},
                            {"sigmoid", 1, 0.52}, {"shift and add", 1, 0.05},
                            {"max-pool", 1, 0.4}, {"output register", 1, 1.68}};
  compare_near("V32", "ISAAC tile [mW]", 330, component_watts(tile) * 1e3, 0.01 * 330);
  compare_near("V32", "converters' share of an ISAAC tile", 0.58, 12 * 16 / 330.0, 0.01);
}

/// PUMA, ASPLOS 2019: a core of two matrix units, a tile of 8 cores.
TEST(Fidelity, V32PumaTilePower) {
  constexpr Component kCore[] = {{"control pipeline", 1, 0.25}, {"instruction memory", 1, 1.52},
                                 {"register file", 1, 0.477},   {"matrix unit", 2, 19.09},
                                 {"vector unit", 1, 1.9},       {"special functions", 1, 0.055}};
  const double core = component_watts(kCore) * 1e3;
  const Component tile[] = {
      {"core", 8, core},          {"control", 1, 0.5}, {"instruction memory", 1, 1.91},
      {"eDRAM", 1, 17.66},        {"bus", 1, 7},       {"attribute memory", 1, 2.77},
      {"receive buffer", 1, 9.14}};
  compare_near("V32", "PUMA core [mW]", 42.37, core, 0.015 * 42.37);
  compare_near("V32", "PUMA tile [mW]", 373.8, component_watts(tile) * 1e3, 0.015 * 373.8);
}

}  // namespace
}  // namespace aimc::cim
