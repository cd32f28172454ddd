// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/params.h"

#include <gmock/gmock.h>

#include "aimc/common/engine_config.h"

namespace aimc {
namespace {

using ::testing::HasSubstr;

struct Toy {
  unsigned rows = 256;
  int bias = -3;
  double latency = 133e-9;
  double gain = 0.5;
  std::uint64_t size = 65536;
  std::uint64_t base = 0x1000;
  bool noisy = true;
  std::string kind = "ideal";
  std::string label = "x";
  unsigned bits = 8;
};

void describe(ParamTable& table, Toy& toy) {
  table.integer("rows", toy.rows, 1u, 1024u, "Rows");
  table.integer("bias", toy.bias, -8, 7, "Bias");
  table.quantity("latency", toy.latency, Unit::second, 0.0, 1e-3, "Latency");
  table.quantity("gain", toy.gain, Unit::none, 0.0, 1.0, "Gain");
  table.bytes("size", toy.size, 4096, 1 << 20, "Size");
  table.address("base", toy.base, "Base");
  table.flag("noisy", toy.noisy, "Noise");
  table.choice("kind", toy.kind, {"ideal", "pcm"}, "Kind of cell");
  table.text("label", toy.label, "Free text");
  table.begin_group("adc");
  table.integer("bits", toy.bits, 1u, 16u, "Bits");
  table.end_group();
}

class ParamsTest : public ::testing::Test {
 protected:
  ParamsTest() { describe(table, toy); }
  void read(const std::string& yaml) { table.read(load_yaml_text(yaml, "p.yaml"), "tile0"); }
  std::string message(const std::string& yaml) {
    try {
      read(yaml);
    } catch (const UserError& error) {
      return error.what();
    }
    ADD_FAILURE() << yaml << " was accepted";
    return "";
  }
  Toy toy;
  ParamTable table;
};

TEST_F(ParamsTest, KeepsDefaultsWithoutAFile) {
  table.read(ConfigNode(), "tile0");
  EXPECT_EQ(toy.rows, 256u);
  EXPECT_EQ(toy.latency, 133e-9);
}

TEST_F(ParamsTest, ReadsEachKindOfParameter) {
  read(
      "{rows: 0x80, bias: -8, latency: 1 us, gain: 0.25, size: 8 KiB, base: 0x2000, noisy: off, "
      "kind: pcm, label: hello, adc: {bits: 6}}");
  EXPECT_EQ(toy.rows, 128u);
  EXPECT_EQ(toy.bias, -8);
  EXPECT_EQ(toy.latency, 1e-6);
  EXPECT_EQ(toy.gain, 0.25);
  EXPECT_EQ(toy.size, 8192u);
  EXPECT_EQ(toy.base, 0x2000u);
  EXPECT_FALSE(toy.noisy);
  EXPECT_EQ(toy.kind, "pcm");
  EXPECT_EQ(toy.label, "hello");
  EXPECT_EQ(toy.bits, 6u);
}

TEST_F(ParamsTest, ReadsAGroupByItsDottedNameToo) {
  read("{adc.bits: 4}");
  EXPECT_EQ(toy.bits, 4u);
  table.set("adc.bits", ConfigNode::scalar("5", {}), "tile0");
  EXPECT_EQ(toy.bits, 5u);
  EXPECT_TRUE(table.has("adc.bits"));
  EXPECT_FALSE(table.has("bits"));
}

TEST_F(ParamsTest, RefusesUnknownNamesAndListsTheKnownOnesWithUnits) {
  EXPECT_EQ(message("{rows: 1,\n lateny: 1 ns}"),
            "p.yaml:2:10: error: 'tile0' has no parameter 'lateny'. Known: rows, bias, latency "
            "[s], gain, size [B], base, noisy, kind, label, adc.bits");
  EXPECT_THAT(message("{adc: {bit: 1}}"), HasSubstr("no parameter 'adc.bit'"));
  EXPECT_THAT(message("{group: {}}"), HasSubstr("no parameter 'group'")) << "even if empty";
  EXPECT_THAT(message("{rows: {}}"), HasSubstr("'tile0.rows' must be a single value"));
}

TEST_F(ParamsTest, RefusesValuesOutOfRange) {
  EXPECT_EQ(message("{rows: 0}"), "p.yaml:1:8: error: 'tile0.rows' is 0; it must be in 1 .. 1024");
  EXPECT_THAT(message("{rows: 1025}"), HasSubstr("1 .. 1024"));
  EXPECT_THAT(message("{bias: -9}"), HasSubstr("-8 .. 7"));
  EXPECT_EQ(message("{latency: 2 ms}"),
            "p.yaml:1:11: error: 'tile0.latency' is 2 ms; it must be in 0 s .. 1 ms");
  EXPECT_THAT(message("{gain: 1.5}"), HasSubstr("0 .. 1"));
  EXPECT_THAT(message("{size: 2 MiB}"), HasSubstr("4 KiB .. 1 MiB"));
  EXPECT_THAT(message("{size: 1e30}"), HasSubstr("4 KiB .. 1 MiB"));
  EXPECT_THAT(message("{size: -8192}"), HasSubstr("4 KiB .. 1 MiB"));
  EXPECT_THAT(message("{size: 5000.5}"), HasSubstr("whole number of bytes"));
}

TEST_F(ParamsTest, RefusesValuesOfTheWrongKind) {
  EXPECT_THAT(message("{latency: 5}"), HasSubstr("'tile0.latency': '5' is not a quantity in s"));
  EXPECT_THAT(message("{rows: many}"), HasSubstr("'tile0.rows' must be a whole number"));
  EXPECT_THAT(message("{noisy: perhaps}"), HasSubstr("true or false"));
  EXPECT_THAT(message("{kind: rram}"), HasSubstr("'tile0.kind' is 'rram'. Known: ideal, pcm"));
  EXPECT_THAT(message("{rows: [1]}"), HasSubstr("single value"));
  EXPECT_THAT(message("[1]"), HasSubstr("the parameters of 'tile0' must be a map"));
}

TEST_F(ParamsTest, ListsValuesWithUnitsAndLimits) {
  const std::vector<ParamInfo> list = table.list();
  ASSERT_EQ(list.size(), 10u);
  EXPECT_EQ(list[0].name, "rows");
  EXPECT_EQ(list[0].value, "256");
  EXPECT_EQ(list[0].limits, "1 .. 1024");
  EXPECT_EQ(list[2].value, "133 ns");
  EXPECT_EQ(list[4].value, "64 KiB");
  EXPECT_EQ(list[5].value, "0x00001000");
  EXPECT_EQ(list[6].value, "true");
  EXPECT_EQ(list[7].limits, "ideal | pcm");
  EXPECT_EQ(list[9].name, "adc.bits");
  EXPECT_EQ(list[9].brief, "Bits");
}

TEST(ParamGroupTest, NestsAndCloses) {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  ParamTable table;
  table.begin_group("x");
  table.begin_group("y");
  table.integer("a", a, 0u, 9u, "");
  table.end_group();
  table.integer("b", b, 0u, 9u, "");
  table.end_group();
  table.integer("c", c, 0u, 9u, "");
  table.read(load_yaml_text("{x: {y: {a: 1}, b: 2}, c: 3}", "p.yaml"), "i");
  EXPECT_EQ(a, 1u);
  EXPECT_EQ(b, 2u);
  EXPECT_EQ(c, 3u);
}

TEST(EngineConfigTest, ReadsItsParameters) {
  EngineConfig config;
  ParamTable table;
  describe(table, config);
  table.read(load_yaml_text("{sram_bytes: 64 KiB, queue_depth: 4, clock: 1 GHz, "
                            "sram_bytes_per_cycle: 32, dispatch_cycles: 0}",
                            "p.yaml"),
             "tile0");
  EXPECT_EQ(config.sram_bytes, 65536u);
  EXPECT_EQ(config.queue_depth, 4u);
  EXPECT_EQ(config.clock_hz, 1e9);
  EXPECT_EQ(config.sram_bytes_per_cycle, 32u);
  EXPECT_EQ(config.dispatch_cycles, 0u);
}

}  // namespace
}  // namespace aimc
