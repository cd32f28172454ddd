// SPDX-License-Identifier: Apache-2.0
#include "aimc/soc/soc.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace aimc::soc {
namespace {

using ::testing::HasSubstr;

/// Instances of a platform that extends the shipped host side.
platform::Description describe_with(const std::string& instances, const std::string& rest = "") {
  const auto path = std::filesystem::path(::testing::TempDir()) / "soc_test.yaml";
  std::ofstream(path) << "platform: test\nextends: " << AIMC_SOURCE_DIR
                      << "/platform/configs/_virt_host.yaml\ninstances:\n"
                      << instances << rest;
  return platform::load_description(path.string());
}

/// A program of raw instruction words at the start of RAM.
ElfImage program(const std::vector<std::uint32_t>& words) {
  ElfImage image;
  image.file = "program";
  image.entry = 0x80000000;
  ElfImage::Segment segment;
  segment.address = image.entry;
  segment.memory_bytes = static_cast<std::uint32_t>(4 * words.size());
  for (const std::uint32_t word : words)
    for (unsigned shift = 0; shift < 32; shift += 8)
      segment.bytes.push_back(static_cast<std::uint8_t>(word >> shift));
  image.segments.push_back(segment);
  return image;
}

// lui a0, 0x100; lui a1, 0x5 (or 0x73); addi a1, a1, imm; sw a1, 0(a0); j .
const std::vector<std::uint32_t> kPass = {0x00100537, 0x000055b7, 0x55558593, 0x00b52023,
                                          0x0000006f};
const std::vector<std::uint32_t> kFail7 = {0x00100537, 0x000735b7, 0x33358593, 0x00b52023,
                                           0x0000006f};
const std::vector<std::uint32_t> kSleep = {0x10500073, 0xffdff06f};
const std::vector<std::uint32_t> kSpin = {0x0000006f};

class SocTest : public ::testing::Test {
 protected:
  SocTest() { register_builtin_kinds(registry); }
  std::string error_of(const std::string& instances, const std::string& rest = "") {
    try {
      Soc soc("soc", describe_with(instances, rest), registry, {});
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
  Outcome run(const std::vector<std::uint32_t>& words, double until_s = 1e-3) {
    Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
    soc.load_firmware(program(words));
    return soc.run(until_s);
  }
  Registry registry;
};

TEST_F(SocTest, AProgramThatPassesEndsWithCode0) {
  const Outcome outcome = run(kPass);
  EXPECT_EQ(outcome.end, Outcome::End::finished);
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(SocTest, AProgramThatFailsEndsWithItsOwnCode) { EXPECT_EQ(run(kFail7).exit_code, 7); }

TEST_F(SocTest, AProgramThatNeverEndsIsStoppedAtTheLimit) {
  EXPECT_EQ(run(kSpin).end, Outcome::End::timed_out);
}

TEST_F(SocTest, ASleepThatNothingCanEndIsReportedNotSimulatedForEver) {
  const Outcome outcome = run(kSleep, 0.0);
  EXPECT_EQ(outcome.end, Outcome::End::stuck);
  EXPECT_THAT(outcome.reason, HasSubstr("every hart sleeps"));
}

TEST_F(SocTest, TheHostCanStopARun) {
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.load_firmware(program(kSpin));
  EXPECT_EQ(soc.run(0.0, [] { return false; }).end, Outcome::End::stopped);
}

TEST_F(SocTest, AProgramGetsTheDeviceTreeInA1) {
  // lui a0, 0x100; lw a2, 0(a1); sw a2, 0(a0); j .
  const std::vector<std::uint32_t> finish_by_tree = {0x00100537, 0x0005a603, 0x00c52023,
                                                     0x0000006f};
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.offer_device_tree({0x33, 0x33, 0x09, 0x00});
  soc.load_firmware(program(finish_by_tree));
  EXPECT_EQ(soc.run(1e-3).exit_code, 9);
}

TEST_F(SocTest, ADeviceTreeThatDoesNotFitIsNotOffered) {
  // lui a0, 0x100; lui a2, 5; addi a2, a2, 0x555; add a2, a2, a1; sw a2, 0(a0); j .
  const std::vector<std::uint32_t> pass_if_a1_is_0 = {0x00100537, 0x00005637, 0x55560613,
                                                      0x00b60633, 0x00c52023, 0x0000006f};
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.offer_device_tree(std::vector<std::uint8_t>(0x10000));
  soc.load_firmware(program(pass_if_a1_is_0));
  const Outcome outcome = soc.run(1e-3);
  EXPECT_EQ(outcome.end, Outcome::End::finished);
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(SocTest, AProgramWhereTheResetVectorIsStartsAtItsEntry) {
  ElfImage image = program(kFail7);
  image.entry = image.segments[0].address = 0x1018;  // the vector's last word
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.load_firmware(image);
  EXPECT_EQ(soc.run(1e-3).exit_code, 7);
}

TEST_F(SocTest, AProgramWhereTheDeviceTreeWouldBeIsNotOverwritten) {
  ElfImage image = program(kFail7);
  image.entry = image.segments[0].address = 0x2000;
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.offer_device_tree({0xff, 0xff, 0xff, 0xff});
  soc.load_firmware(image);
  EXPECT_EQ(soc.run(1e-3).exit_code, 7);
}

TEST_F(SocTest, AWriteToTheSymbolTohostEndsTheRunWithItsCode) {
  // auipc a0, 0; addi a1, zero, 2*5+1; sw a1, 16(a0); j .
  ElfImage image = program({0x00000517, 0x00b00593, 0x00b52823, 0x0000006f, 0, 0});
  image.symbols.push_back({"tohost", 0x80000010, 8, false});
  Soc soc("soc", describe_with("  noc: {params: {columns: 1, rows: 1}}\n"), registry, {});
  soc.load_firmware(image);
  const Outcome outcome = soc.run(1e-3);
  EXPECT_EQ(outcome.end, Outcome::End::finished);
  EXPECT_EQ(outcome.exit_code, 5);
}

TEST_F(SocTest, AnEndpointWithoutAPlaceIsRefusedWithItsLine) {
  const std::string message = error_of("  tile: {ip: cim}\n");
  EXPECT_THAT(message, HasSubstr("soc_test.yaml:4:"));
  EXPECT_THAT(message, HasSubstr("where it sits"));
}

TEST_F(SocTest, ADeviceWithoutABaseIsRefused) {
  EXPECT_THAT(error_of("  uart1: {ip: uart}\n"), HasSubstr("'uart1' has no base address"));
}

TEST_F(SocTest, OverlappingRangesNameBothInstancesAndLines) {
  const std::string message = error_of("  uart1: {ip: uart, base: 0x10000080}\n");
  EXPECT_THAT(message, HasSubstr("'uart1'"));
  EXPECT_THAT(message, HasSubstr("overlaps 'uart0'"));
  EXPECT_THAT(message, HasSubstr("_virt_host.yaml:"));
}

TEST_F(SocTest, AWireToNowhereIsRefused) {
  EXPECT_THAT(error_of("  noc: {params: {columns: 1}}\n",
                       "lines:\n  - {from: clint0.irq_timer0, to: hart0.irq_tinner}\n"),
              HasSubstr("no interrupt input 'hart0.irq_tinner'"));
}

TEST_F(SocTest, AWireToNowhereListsThePortsThereAre) {
  EXPECT_THAT(error_of("  noc: {params: {columns: 1}}\n",
                       "lines:\n  - {from: clint0.irq_timer1, to: hart0.irq_timer}\n"),
              HasSubstr("'clint0.irq_timer1'. Known: clint0.irq_software0, clint0.irq_timer0"));
  EXPECT_THAT(error_of("  noc: {params: {columns: 1}}\n",
                       "lines:\n  - {from: clint0.irq_timer0, to: hurt0.irq_timer}\n"),
              HasSubstr("Known: hart0.irq_external, hart0.irq_software, hart0.irq_timer"));
}

TEST_F(SocTest, RangesThatAreNoneAreRefusedWithTheirLine) {
  for (const auto& [entry, reason] :
       std::map<std::string, std::string>{{"base: 0x20000001", "is no multiple of 8"},
                                          {"base: 0x20000000, size: 0", "has 0 bytes"},
                                          {"base: 0xffffff80", "reaches beyond 32 bits"},
                                          {"base: 0x120000000", "reaches beyond 32 bits"},
                                          {"base: 8, size: 0xffffffffffffffff", "beyond 32 bits"}})
    EXPECT_THAT(
        error_of(fmt::format("  uart1: {{ip: uart, {}}}\n", entry)),
        ::testing::AllOf(HasSubstr("soc_test.yaml:4:"), HasSubstr("'uart1'"), HasSubstr(reason)));
}

TEST_F(SocTest, WhatABlockCannotUseIsRefused) {
  EXPECT_THAT(error_of("  hart0: {base: 0x40000000}\n"),
              HasSubstr("soc_test.yaml:4:10: error: 'hart0' has a base address, but nothing"));
  EXPECT_THAT(error_of("  hart0: {irq: 7}\n"),
              HasSubstr("soc_test.yaml:4:10: error: 'hart0' has the source 7, but no interrupt"));
}

TEST_F(SocTest, WhatAnswersAtAnAddressHasAName) {
  Soc soc("soc",
          describe_with("  noc: {params: {columns: 2, rows: 2, ports: 2}}\n"
                        "  bridge0: {ip: noc_bridge, base: 0x40000000, at: {x: 0, y: 0, port: 1}}\n"
                        "  tile: {ip: cim, at: {x: 0-1, y: 0-1}}\n"),
          registry, {});
  const std::map<std::uint64_t, std::string> names{{0x0, ""},
                                                   {0x1000, ""},
                                                   {0x80000000, ""},
                                                   {0x8fffffff, ""},
                                                   {0x90000000, ""},
                                                   {0x0fffffff, ""},
                                                   {0x10000000, "uart0"},
                                                   {0x100000ff, "uart0"},
                                                   {0x10000100, ""},
                                                   {0x0c200004, "plic0"},
                                                   {0x40000000, "tile0"},
                                                   {0x402fffff, "tile2"},
                                                   {0x40400000, "bridge0"},
                                                   {0x7fffffff, "bridge0"},
                                                   {0xffffffff, ""}};
  for (const auto& [address, name] : names)
    EXPECT_EQ(soc.device_at(address), name) << std::hex << address;
}

TEST_F(SocTest, TwoDriversOfOneInterruptAreRefused) {
  EXPECT_THAT(error_of("  uart1: {ip: uart, base: 0x10010000, irq: 10}\n"),
              HasSubstr("is driven by"));
}

TEST_F(SocTest, ParametersAreRecordedOnceForEqualInstances) {
  Soc soc("soc",
          describe_with("  noc: {params: {columns: 2, rows: 2, ports: 2}}\n"
                        "  bridge0: {ip: noc_bridge, base: 0x40000000, at: {x: 0, y: 0, port: 1}}\n"
                        "  tile: {ip: cim, at: {x: 0-1, y: 0-1}}\n"),
          registry, {});
  const nlohmann::ordered_json groups = soc.parameters(registry);
  for (const auto& group : groups) {
    if (group["ip"] == "cim") {
      EXPECT_EQ(group["instances"].size(), 4u);
    }
  }
}

}  // namespace
}  // namespace aimc::soc
