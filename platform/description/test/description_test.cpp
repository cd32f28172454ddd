// SPDX-License-Identifier: Apache-2.0
#include "aimc/platform/description.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace aimc::platform {
namespace {

const char* const kHost = R"(platform: toy
network_image: 0x80100000
instances:
  bus0: {ip: bus}
  ram0: {ip: memory, base: 0x80000000, params: {size: 4 MiB}}
  noc: {ip: noc, base: 0x10400000, params: {columns: 3, rows: 2}}
  bridge0: {ip: noc_bridge, base: 0x40000000, at: {x: 2, y: 1, port: 1}}
)";

class DescriptionTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "toy.yaml") {
    const auto path = std::filesystem::path(::testing::TempDir()) / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::string error_of(const std::string& text, const std::vector<std::string>& set = {}) {
    try {
      load_description(write(text), set);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(DescriptionTest, OneEntryWithSeveralNodesBecomesNumberedInstancesRowByRow) {
  const Description toy =
      load_description(write(std::string(kHost) + "  tile: {ip: cim, at: {x: 0-1, y: \"0,1\"}}\n"));
  ASSERT_EQ(toy.of_kind("cim").size(), 4u);
  const Instance& last = *toy.find("tile3");
  EXPECT_EQ(last.node->x, 1u);
  EXPECT_EQ(last.node->y, 1u);
  EXPECT_EQ(last.endpoint, 4u) << "endpoint = y * columns + x";
  EXPECT_EQ(last.base, 0x40000000u + 4 * 0x100000u);
  EXPECT_EQ(last.irq, 64u + 4u);
}

TEST_F(DescriptionTest, ASecondLocalPortContinuesTheNumbersAboveTheMesh) {
  const Description toy = load_description(
      write(std::string(kHost) + "  extra: {ip: cim, at: {x: 1, y: 0, port: 1}}\n"));
  EXPECT_EQ(toy.find("extra")->endpoint, 1u + 6u);
}

TEST_F(DescriptionTest, AnExtendingFileOverlaysItsBaseKeyByKey) {
  write(kHost, "base.yaml");
  const Description toy = load_description(
      write("platform: child\nextends: base.yaml\ninstances:\n  noc: {params: {columns: 5}}\n"));
  EXPECT_EQ(toy.name, "child");
  EXPECT_EQ(toy.network.columns, 5u);
  EXPECT_EQ(toy.network.rows, 2u) << "kept from the base";
  EXPECT_EQ(toy.files.size(), 2u) << "both files";
}

TEST_F(DescriptionTest, SetReachesEveryInstanceThatMatchesAndNestedGroups) {
  const std::string file =
      write(std::string(kHost) + "  tile: {ip: cim, at: {x: 0-2, y: 0}, params: {kind: pcm}}\n");
  const Description toy = load_description(file, {"tile*.kind=ideal", "tile1.adc.bits=6"});
  for (const Instance* const tile : toy.of_kind("cim"))
    EXPECT_EQ(tile->params.find("kind")->text("kind"), "ideal");
  EXPECT_EQ(toy.find("tile1")->params.find("adc")->find("bits")->text("bits"), "6");
  EXPECT_EQ(toy.find("tile0")->params.find("adc"), nullptr);
}

TEST_F(DescriptionTest, EveryMistakeNamesPlaceAndRemedy) {
  EXPECT_THAT(error_of("platform: toy\nnetwork_image: 1\ninstanzen: {}\n"),
              ::testing::HasSubstr("toy.yaml:3:"));
  EXPECT_NE(error_of("platform: toy\nnetwork_image: 1\ninstanzen: {}\n").find("Known: platform"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kHost) + "  t: {ip: cim, at: {x: 3, y: 0}}\n")
                .find("outside the 3 x 2 mesh"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kHost) +
                     "  a: {ip: cim, at: {x: 0, y: 0}}\n  b: {ip: cim, at: {x: 0, y: 0}}\n")
                .find("'b' and 'a' both sit at (0, 0)"),
            std::string::npos);
  EXPECT_NE(error_of(kHost, {"tile*.kind=pcm"}).find("no instance matches 'tile*'"),
            std::string::npos);
  EXPECT_NE(error_of(kHost, {"nonsense"}).find("instance.parameter=value"), std::string::npos);
  EXPECT_NE(error_of("platform: [\n").find("toy.yaml:"), std::string::npos);
}

TEST_F(DescriptionTest, LinesOfAnExtendingFileAddToThoseOfItsBase) {
  write(std::string(kHost) + "lines:\n  - {from: a.x, to: b.y}\n", "base.yaml");
  const Description toy = load_description(
      write("platform: child\nextends: base.yaml\nlines:\n  - {from: c.x, to: d.y}\n"));
  ASSERT_EQ(toy.lines.size(), 2u);
  EXPECT_EQ(toy.lines[0].from, "a.x");
  EXPECT_EQ(toy.lines[1].from, "c.x");
}

TEST_F(DescriptionTest, EndpointsThatNoBridgeReachesAreRefused) {
  const std::string tile = "  tile: {ip: cim, at: {x: 0, y: 0}}\n";
  EXPECT_NE(error_of(std::string(kHost) + tile, {"noc.window_base=0x7ff00000"}), "no error");
  EXPECT_NE(
      error_of(std::string(kHost) + tile, {"bridge0.size=4 KiB"}).find("'bridge0' answers at"),
      std::string::npos);
  EXPECT_NE(error_of(std::string(kHost) + tile, {"bridge0.base=0x20000000"})
                .find("must equal the instance's base"),
            std::string::npos);
}

TEST_F(DescriptionTest, TwoHartsCannotHaveOneNumber) {
  EXPECT_NE(error_of(std::string(kHost) + "  hart0: {ip: riscv}\n  hart1: {ip: riscv}\n")
                .find("both have hart_id 0"),
            std::string::npos);
}

TEST_F(DescriptionTest, SourceZeroAndOddNamesAreRefused) {
  EXPECT_NE(error_of(std::string(kHost) + "  uart0: {ip: uart, irq: 0}\n")
                .find("'uart0.irq' is 0; it must be in 1 .. 1023"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kHost) + "  a.b: {ip: uart}\n").find("cannot be called 'a.b'"),
            std::string::npos);
}

TEST_F(DescriptionTest, NumbersBeyond32BitsDoNotLoseTheirUpperHalf) {
  for (const char* const entry :
       {"{ip: uart, irq: 4294967306}", "{ip: cim, at: {x: 4294967296, y: 0}}",
        "{ip: cim, at: {x: 0, y: 0, port: 4294967296}}"})
    EXPECT_THAT(
        error_of(fmt::format("{}  one: {}\n", kHost, entry)),
        ::testing::AllOf(::testing::HasSubstr("toy.yaml:8:"), ::testing::HasSubstr("is 42949"),
                         ::testing::HasSubstr("it must be in")));
}

TEST_F(DescriptionTest, WindowsOfEndpointsMustNotLieAskew) {
  for (const char* const set : {"noc.window_base=0x40000010", "noc.window_bytes=5000 B"})
    EXPECT_THAT(error_of(kHost, {set}),
                ::testing::AllOf(::testing::HasSubstr(set),
                                 ::testing::HasSubstr("it must be a multiple of 0x1000")));
  EXPECT_THAT(error_of(kHost, {"noc.window_bytes=8 KiB"}), ::testing::Eq("no error"));
}

TEST_F(DescriptionTest, PlacesBeyondAnyMeshAreRefusedBeforeTheyBecomeInstances) {
  EXPECT_THAT(error_of(std::string(kHost) + "  t: {ip: cim, at: {x: 0-4095, y: 0-4095}}\n"),
              ::testing::HasSubstr("'t.at.x' is 4095; it must be in 0 .. 63"));
  EXPECT_THAT(error_of(std::string(kHost) + "  t: {ip: cim, at: {x: \"0-63,0-63\", y: 0}}\n"),
              ::testing::HasSubstr("'t.at.x' names more than 64 places"));
}

TEST_F(DescriptionTest, ParametersMustBeAMap) {
  EXPECT_THAT(error_of(std::string(kHost) + "  ram1: {ip: memory, params: [size]}\n"),
              ::testing::HasSubstr("toy.yaml:8:30: error: the parameters of 'ram1' must be a map"));
}

TEST_F(DescriptionTest, ABridgeMustSayWhereItAnswers) {
  std::string text = kHost;
  text.replace(text.find(", base: 0x40000000"), 18, "");
  EXPECT_THAT(error_of(text),
              ::testing::HasSubstr("'bridge0' must say where it answers on the bus: base: 0x4000"));
}

TEST_F(DescriptionTest, ANameThatCannotBePartOfACommentIsRefused) {
  for (const char* const name : {"\"a\\nb\"", "'*/'", "''", "'a b'"})
    EXPECT_THAT(error_of(fmt::format("platform: {}\n{}", name, kHost + 14)),
                ::testing::HasSubstr("a platform cannot be called"))
        << name;
}

TEST_F(DescriptionTest, WhatIsWrongWithAnEntryIsSaidWhereItWasOverlaid) {
  write(kHost, "base.yaml");
  EXPECT_THAT(
      error_of("platform: child\nextends: base.yaml\ninstances:\n  ram0: {at: {x: 9, y: 9}}\n"),
      ::testing::HasSubstr("toy.yaml:4:"));
}

TEST_F(DescriptionTest, AnUnknownNameListsTheShippedPlatforms) {
  try {
    load_description("no_such_chip");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("hermes64"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("tiny"), std::string::npos);
  }
}

TEST_F(DescriptionTest, AFileThatExtendsItselfIsRefused) {
  EXPECT_NE(error_of("platform: toy\nextends: toy.yaml\n").find("closes a circle"),
            std::string::npos);
}

}  // namespace
}  // namespace aimc::platform
