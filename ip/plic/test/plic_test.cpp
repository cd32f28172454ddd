// SPDX-License-Identifier: Apache-2.0
#include "aimc/plic/plic.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "aimc/common/registry.h"
#include "aimc/plic/plic_map.h"
#include "aimc/plic/plic_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc::plic {
namespace {

class Bench {
 public:
  Bench(unsigned sources, unsigned harts)
      : plic("plic", {.sources = sources, .harts = harts}, services.services),
        bus("bus"),
        lines("lines", sources + 1),
        outputs("outputs", harts) {
    bus.out.bind(plic.regs_in);
    plic.irq_in.bind(lines);
    plic.irq_external.bind(outputs);
    settle();
  }
  /// Lets signals follow without letting time pass.
  void settle() {
    for (int i = 0; i < 5; ++i) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void set_line(unsigned source, bool level) {
    lines[source].write(level);
    settle();
  }
  void configure(unsigned context, unsigned source, std::uint32_t priority) {
    bus.write(PLIC_PRIORITY_OFFSET(source), priority);
    const std::uint32_t word = PLIC_ENABLE_OFFSET(context * 32 + source / 32);
    bus.write(word, bus.read(word) | 1u << (source % 32));
    settle();
  }
  void set_threshold(unsigned context, std::uint32_t value) {
    bus.write(PLIC_THRESHOLD_OFFSET(context), value);
    settle();
  }
  std::uint32_t claim(unsigned context = 0) {
    const std::uint32_t source = bus.read(PLIC_CLAIM_OFFSET(context));
    settle();
    return source;
  }
  void complete(std::uint32_t source, unsigned context = 0) {
    bus.write(PLIC_CLAIM_OFFSET(context), source);
    settle();
  }
  bool pending(unsigned source) {
    return (bus.read(PLIC_PENDING_OFFSET(source / 32)) >> (source % 32) & 1) != 0;
  }
  testing::TestServices services;
  Plic plic;
  testing::BusMaster bus;
  sc_core::sc_vector<sc_core::sc_signal<bool>> lines;
  sc_core::sc_vector<sc_core::sc_signal<bool>> outputs;
};

TEST(PlicTest, InterruptsClaimsAndCompletes) {
  Bench bench(127, 1);
  bench.configure(0, 10, 1);
  bench.set_line(10, true);
  EXPECT_TRUE(bench.pending(10));
  EXPECT_TRUE(bench.outputs[0].read());
  EXPECT_EQ(bench.claim(), 10u);
  EXPECT_FALSE(bench.outputs[0].read()) << "a claimed source interrupts no more";
  EXPECT_FALSE(bench.pending(10));
  EXPECT_EQ(bench.claim(), 0u);
  bench.set_line(10, false);
  bench.complete(10);
  EXPECT_FALSE(bench.outputs[0].read());
}

TEST(PlicTest, InterruptsAgainAfterCompletionIfTheLineIsStillHigh) {
  Bench bench(127, 1);
  bench.configure(0, 64, 3);
  bench.set_line(64, true);
  EXPECT_EQ(bench.claim(), 64u);
  bench.complete(64);
  EXPECT_TRUE(bench.outputs[0].read());
  EXPECT_EQ(bench.claim(), 64u);
}

TEST(PlicTest, LetsNothingThroughBetweenClaimAndCompletion) {
  Bench bench(127, 1);
  bench.configure(0, 5, 3);
  bench.set_line(5, true);
  EXPECT_EQ(bench.claim(), 5u);
  bench.set_line(5, false);
  bench.set_line(5, true);
  EXPECT_FALSE(bench.pending(5));
  bench.set_line(5, false);
  bench.complete(5);
  EXPECT_FALSE(bench.pending(5)) << "the line was low at completion";
}

TEST(PlicTest, KeepsARequestWhenItsLineDrops) {
  Bench bench(127, 1);
  bench.configure(0, 7, 1);
  bench.set_line(7, true);
  bench.set_line(7, false);
  EXPECT_TRUE(bench.outputs[0].read());
  EXPECT_EQ(bench.claim(), 7u);
}

TEST(PlicTest, ClaimsByPriorityThenByNumber) {
  Bench bench(127, 1);
  bench.configure(0, 3, 2);
  bench.configure(0, 40, 7);
  bench.configure(0, 41, 7);
  bench.configure(0, 100, 5);
  for (const unsigned source : {3u, 41u, 100u, 40u}) bench.set_line(source, true);
  EXPECT_EQ(bench.claim(), 40u);
  EXPECT_EQ(bench.claim(), 41u);
  EXPECT_EQ(bench.claim(), 100u);
  EXPECT_EQ(bench.claim(), 3u);
  EXPECT_EQ(bench.claim(), 0u);
}

TEST(PlicTest, InterruptsOnlyAboveTheThreshold) {
  Bench bench(127, 1);
  bench.configure(0, 9, 3);
  bench.set_line(9, true);
  bench.set_threshold(0, 3);
  EXPECT_FALSE(bench.outputs[0].read());
  bench.set_threshold(0, 2);
  EXPECT_TRUE(bench.outputs[0].read());
  bench.set_threshold(0, 7);
  EXPECT_EQ(bench.claim(), 9u) << "the threshold masks interrupts, not claims";
}

TEST(PlicTest, IgnoresSourcesOfPriority0AndDisabledOnes) {
  Bench bench(127, 1);
  bench.configure(0, 9, 0);
  bench.bus.write(PLIC_PRIORITY_OFFSET(11), 7);
  bench.set_line(9, true);
  bench.set_line(11, true);
  EXPECT_TRUE(bench.pending(9) && bench.pending(11));
  EXPECT_FALSE(bench.outputs[0].read());
  EXPECT_EQ(bench.claim(), 0u);
  bench.configure(0, 11, 7);
  EXPECT_TRUE(bench.outputs[0].read());
  bench.bus.write(PLIC_ENABLE_OFFSET(0), 0);
  bench.settle();
  EXPECT_FALSE(bench.outputs[0].read());
}

TEST(PlicTest, TakesCompletionsFromAnyContextAsQemuDoesButWarns) {
  Bench bench(127, 2);
  bench.configure(0, 9, 1);
  bench.set_line(9, true);
  EXPECT_EQ(bench.claim(0), 9u);
  bench.complete(0);
  bench.complete(10);
  bench.complete(200);
  EXPECT_FALSE(bench.pending(9)) << "a number that is not the claimed one completes nothing";
  EXPECT_TRUE(bench.services.warnings.empty());
  bench.complete(9, 2);
  EXPECT_TRUE(bench.pending(9));
  EXPECT_EQ(bench.services.warnings.size(), 1u);
}

TEST(PlicTest, SourcesThatTheirHandlerDisablesInterruptAgainWhenEnabled) {
  Bench bench(127, 1);
  bench.configure(0, 9, 1);
  bench.set_line(9, true);
  EXPECT_EQ(bench.claim(), 9u);
  bench.bus.write(PLIC_ENABLE_OFFSET(0), 0);
  bench.complete(9);
  EXPECT_EQ(bench.services.warnings.size(), 1u);
  EXPECT_FALSE(bench.outputs[0].read());
  bench.configure(0, 9, 1);
  EXPECT_TRUE(bench.outputs[0].read());
  EXPECT_EQ(bench.claim(), 9u);
  bench.complete(9);
  EXPECT_EQ(bench.services.warnings.size(), 1u) << "the usual way says nothing";
}

TEST(PlicTest, ServesEachHartByItsMachineContext) {
  Bench bench(127, 2);
  bench.configure(2, 9, 1);  // machine mode of hart 1
  bench.configure(1, 8, 1);  // supervisor mode of hart 0
  bench.set_line(9, true);
  bench.set_line(8, true);
  EXPECT_FALSE(bench.outputs[0].read());
  EXPECT_TRUE(bench.outputs[1].read());
  EXPECT_EQ(bench.claim(1), 8u) << "the other contexts can still be polled";
  EXPECT_EQ(bench.claim(2), 9u);
  EXPECT_FALSE(bench.outputs[1].read());
}

TEST(PlicTest, HasTheRegistersOfItsDescription) {
  Bench bench(1023, 8);
  testing::RegisterWalk walk;
  walk.acting = {"CLAIM", "PENDING"};
  // Element 0 of PRIORITY and bit 0 of the first ENABLE word do not exist; see below.
  RegisterMap map = regs::kPlic;
  std::vector<RegisterInfo> registers(map.registers.begin(), map.registers.end());
  for (RegisterInfo& info : registers) {
    if (std::string(info.name) != "PRIORITY" && std::string(info.name) != "ENABLE") continue;
    info.offset += info.stride;
    --info.count;
  }
  map.registers = registers;
  walk.run(bench.bus, map);
  bench.bus.write(PLIC_PRIORITY_OFFSET(0), 7);
  EXPECT_EQ(bench.bus.read(PLIC_PRIORITY_OFFSET(0)), 0u);
  bench.bus.write(PLIC_ENABLE_OFFSET(0), 0xffffffff);
  EXPECT_EQ(bench.bus.read(PLIC_ENABLE_OFFSET(0)), 0xfffffffeu);
}

TEST(PlicTest, ReadsSourcesBeyondItsOwnAsZero) {
  Bench bench(40, 1);
  bench.bus.write(PLIC_PRIORITY_OFFSET(41), 7);
  EXPECT_EQ(bench.bus.read(PLIC_PRIORITY_OFFSET(41)), 0u);
  EXPECT_EQ(bench.bus.status, tlm::TLM_OK_RESPONSE);
  bench.bus.write(PLIC_ENABLE_OFFSET(1), 0xffffffff);
  EXPECT_EQ(bench.bus.read(PLIC_ENABLE_OFFSET(1)), 0x1ffu);
}

TEST(PlicTest, RefusesNarrowAndUnalignedAccesses) {
  Bench bench(127, 1);
  for (const std::uint64_t wrong : {0x600000ull, 0x2ull}) {
    bench.bus.read(wrong);
    EXPECT_EQ(bench.bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << wrong;
    EXPECT_EQ(bench.bus.write(wrong, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << wrong;
  }
  std::uint8_t byte = 0;
  EXPECT_EQ(bench.bus.transfer(tlm::TLM_READ_COMMAND, 4, &byte, 1), tlm::TLM_BURST_ERROR_RESPONSE);
  std::uint16_t half = 0;
  EXPECT_EQ(bench.bus.transfer(tlm::TLM_WRITE_COMMAND, 4, &half, 2), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(PlicTest, ReadsHolesAndForeignContextsAs0AsQemuDoesButWarns) {
  Bench bench(127, 1);
  // Behind PENDING, ENABLE of context 2, between claim and the next context, contexts 2 and 1023.
  for (const std::uint64_t hole : {0x1080ull, 0x2100ull, 0x200008ull, 0x202000ull, 0x5ffffcull}) {
    bench.services.warnings.clear();
    EXPECT_EQ(bench.bus.write(hole, 7), tlm::TLM_OK_RESPONSE) << std::hex << hole;
    EXPECT_EQ(bench.bus.read(hole), 0u) << std::hex << hole;
    EXPECT_EQ(bench.bus.status, tlm::TLM_OK_RESPONSE) << std::hex << hole;
    EXPECT_EQ(bench.services.warnings.size(), 2u) << std::hex << hole;
  }
  bench.configure(0, 9, 1);
  bench.services.warnings.clear();
  EXPECT_EQ(bench.bus.write(PLIC_PENDING_OFFSET(0), 1u << 9), tlm::TLM_OK_RESPONSE);
  EXPECT_FALSE(bench.pending(9)) << "requests cannot be written";
  EXPECT_EQ(bench.services.warnings.size(), 1u);
}

TEST(PlicTest, DebugReadsDoNotClaim) {
  Bench bench(127, 1);
  bench.configure(0, 10, 1);
  bench.set_line(10, true);
  std::uint32_t value = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(PLIC_CLAIM_OFFSET(0));
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  EXPECT_EQ(bench.bus.out->transport_dbg(txn), 4u);
  EXPECT_EQ(value, 10u);
  EXPECT_EQ(bench.claim(), 10u);
}

TEST(PlicTest, ResetDropsAllButTheLinesThatAreHigh) {
  Bench bench(127, 1);
  bench.configure(0, 10, 1);
  bench.configure(0, 11, 1);
  bench.set_line(10, true);
  bench.set_line(11, true);
  EXPECT_EQ(bench.claim(), 10u);
  bench.set_line(11, false);
  bench.plic.reset();
  bench.settle();
  EXPECT_FALSE(bench.outputs[0].read());
  EXPECT_EQ(bench.bus.read(PLIC_PRIORITY_OFFSET(10)), 0u);
  EXPECT_EQ(bench.bus.read(PLIC_ENABLE_OFFSET(0)), 0u);
  EXPECT_TRUE(bench.pending(10));
  EXPECT_FALSE(bench.pending(11));
}

TEST(PlicTest, CountsClaims) {
  Bench bench(127, 1);
  bench.configure(0, 10, 1);
  bench.set_line(10, true);
  bench.claim();
  bench.claim();
  nlohmann::ordered_json stats;
  bench.plic.report(stats);
  EXPECT_EQ(stats["claims"], 1);
  EXPECT_EQ(stats["spurious_claims"], 1);
}

TEST(PlicTest, ClaimsAsABruteForceModelDoes) {
  constexpr unsigned kSources = 500;
  Bench bench(kSources, 1);
  std::mt19937 random(7);  // NOLINT: the same sequence on each run is wanted
  std::vector<std::uint32_t> priority(kSources + 1);
  std::vector<bool> enabled(kSources + 1);
  std::vector<bool> waiting(kSources + 1);
  for (unsigned source = 1; source <= kSources; ++source) {
    priority[source] = random() % 8;
    enabled[source] = random() % 4 != 0;
    waiting[source] = random() % 2 == 0;
    bench.bus.write(PLIC_PRIORITY_OFFSET(source), priority[source]);
    if (enabled[source]) bench.configure(0, source, priority[source]);
    bench.lines[source].write(waiting[source]);
  }
  bench.settle();
  for (;;) {
    unsigned expected = 0;
    for (unsigned source = kSources; source > 0; --source)
      if (waiting[source] && enabled[source] && priority[source] > 0 &&
          (expected == 0 || priority[source] >= priority[expected]))
        expected = source;
    ASSERT_EQ(bench.bus.read(PLIC_CLAIM_OFFSET(0)), expected);
    if (expected == 0) break;
    waiting[expected] = false;
  }
}

TEST(PlicKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Plic>("plic", "", {&regs::kPlic});
  const IpKind& kind = registry.find("plic", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{sources: 1024}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::plic
