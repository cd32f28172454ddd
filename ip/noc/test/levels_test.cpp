// SPDX-License-Identifier: Apache-2.0
// The same programs at every level of detail: same data, same answers, nothing lost.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <numeric>
#include <random>

#include "aimc/noc/noc.h"
#include "aimc/noc/noc_regs.h"
#include "bench.h"

namespace aimc::noc {
namespace {

using namespace aimc::noc::testing;
using Bytes = std::vector<std::uint8_t>;

/// Random numbers that fit where unsigned goes.
struct Dice {
  explicit Dice(unsigned seed) : engine(seed) {}
  unsigned operator()() { return static_cast<unsigned>(engine()); }
  std::mt19937 engine;
};

NocConfig at_level(const std::string& level) {
  NocConfig config = mesh(4, 4);
  config.level = level;
  config.max_packet_bytes = 64;
  return config;
}

/// A 4 x 4 network with an initiator and a target everywhere, and programs in threads.
struct Chip : Bench {
  explicit Chip(const NocConfig& config) : Bench(config) {
    for (unsigned n = 0; n < 16; ++n) {
      masters.push_back(std::make_unique<BusMaster>(("master" + std::to_string(n)).c_str()));
      masters.back()->out.bind(noc.attach_initiator("master", {0, 0, n % 4, n / 4, 0}));
      target(n);
      targets[n]->latency_ps = 300 * n;
    }
  }
  void program(std::function<void()> body) {
    sc_core::sc_spawn([this, body = std::move(body)] {
      body();
      ++done;
    });
  }
  /// Keeps a program's time: what an access took has passed when it goes on.
  void settle(BusMaster& master) {
    if (master.delay != sc_core::SC_ZERO_TIME) sc_core::wait(master.delay);
  }
  void run(double us) { sc_core::sc_start(us, sc_core::SC_US); }
  StreamPort& port(unsigned n) { return noc.stream_port({0, 0, n % 4, n / 4, 0}); }
  void open(unsigned channel, std::uint32_t kind, std::uint32_t bytes,
            const std::vector<unsigned>& sources, const std::vector<unsigned>& sinks) {
    bus.write(NOC_CH_KIND_OFFSET(channel), kind);
    bus.write(NOC_CH_BYTES_OFFSET(channel), bytes);
    bus.write(NOC_CH_SLOTS_OFFSET(channel), 2);
    bus.write(NOC_CH_ADDRESS_OFFSET(channel), 0x8000);
    bus.write(NOC_CH_PITCH_OFFSET(channel), bytes);
    for (const unsigned source : sources) bus.write(NOC_CH_ADD_SOURCE_OFFSET(channel), source);
    for (const unsigned sink : sinks) bus.write(NOC_CH_ADD_SINK_OFFSET(channel), sink);
    bus.write(NOC_CH_CTRL_OFFSET(channel), NOC_CH_CTRL_OPEN_MASK);
    ASSERT_EQ(bus.read(NOC_CH_ERROR_OFFSET(channel)), NOC_ERROR_NONE);
  }
  std::vector<std::unique_ptr<BusMaster>> masters;
  unsigned done = 0;
};

class LevelsTest : public ::testing::TestWithParam<std::string> {};

// Each master owns a part of every target, so it knows what it must find there.
TEST_P(LevelsTest, RandomTransactionsOfSixteenInitiatorsKeepEveryByte) {
  Chip chip(at_level(GetParam()));
  constexpr unsigned kPart = 1024;
  unsigned wrong = 0;
  unsigned accesses = 0;
  for (unsigned n = 0; n < 16; ++n) {
    chip.program([&, n] {
      BusMaster& master = *chip.masters[n];
      Dice draw(n + 1);
      std::vector<Bytes> expected(16, Bytes(kPart));
      for (int i = 0; i < 60; ++i) {
        const unsigned where = draw() % 16;
        const unsigned length = 1 + draw() % 200;
        const unsigned offset = draw() % (kPart - length);
        const std::uint64_t address = window(where) + n * kPart + offset;
        if (draw() % 2 == 0) {
          Bytes data(length);
          for (auto& byte : data) byte = static_cast<std::uint8_t>(draw());
          wrong += master.write_bytes(address, data) != tlm::TLM_OK_RESPONSE;
          std::copy(data.begin(), data.end(), expected[where].begin() + offset);
        } else {
          const Bytes data = master.read_bytes(address, length);
          wrong += master.status != tlm::TLM_OK_RESPONSE ||
                   !std::equal(data.begin(), data.end(), expected[where].begin() + offset);
        }
        chip.settle(master);
        ++accesses;
        if (draw() % 4 == 0) sc_core::wait(draw() % 100, sc_core::SC_NS);
      }
      for (unsigned where = 0; where < 16; ++where)
        wrong += !std::equal(expected[where].begin(), expected[where].end(),
                             chip.targets[where]->bytes.begin() + n * kPart);
    });
  }
  chip.run(2000);
  EXPECT_EQ(chip.done, 16u);
  EXPECT_EQ(accesses, 16u * 60);
  EXPECT_EQ(wrong, 0u);
  const auto stats = chip.report();
  EXPECT_EQ(stats["request"]["packets"], stats["response"]["packets"]);
  EXPECT_EQ(stats["errors"], 0);
}

TEST_P(LevelsTest, AnswersWhereNobodyIsAndOutsideOfTheWindows) {
  Bench bench(at_level(GetParam()));
  bench.target(5);
  std::vector<tlm::tlm_response_status> statuses;
  sc_core::sc_spawn([&] {
    for (const std::uint64_t address : {window(5), window(6), window(99), window(5) + 0x20000})
      statuses.push_back(bench.host.write(address, 1));
  });
  sc_core::sc_start(100, sc_core::SC_US);
  EXPECT_EQ(statuses,
            (std::vector{tlm::TLM_OK_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE,
                         tlm::TLM_ADDRESS_ERROR_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE}));
}

// Sums and vectors must not depend on the level, however the sources are timed.
TEST_P(LevelsTest, ReductionsAndMulticastsUnderTrafficGiveTheIntegerSums) {
  Chip chip(at_level(GetParam()));
  const std::vector<unsigned> sources{1, 2, 3, 6, 9, 12, 14, 15};
  constexpr unsigned kLanes = 224;
  constexpr unsigned kRounds = 12;
  chip.program([&] {
    chip.open(0, NOC_KIND_REDUCE, kLanes * 4, sources, {0});
    chip.open(1, NOC_KIND_MULTICAST, 256, {0}, {1, 5, 10, 15});
  });
  std::vector<std::vector<std::int32_t>> sums(kRounds, std::vector<std::int32_t>(kLanes));
  for (const unsigned source : sources) {
    chip.program([&, source] {
      Dice draw(source);
      sc_core::wait(1, sc_core::SC_NS);
      for (unsigned round = 0; round < kRounds; ++round) {
        std::vector<std::int32_t> lanes(kLanes);
        for (unsigned i = 0; i < kLanes; ++i) {
          lanes[i] = static_cast<std::int32_t>(draw()) / 16;
          sums[round][i] += lanes[i];
        }
        Bytes bytes(kLanes * 4);
        std::memcpy(bytes.data(), lanes.data(), bytes.size());
        sc_core::wait(draw() % 500, sc_core::SC_NS);
        while (chip.port(source).send(0, bytes) != StreamPort::Result::done)
          sc_core::wait(chip.port(source).changed());
        BusMaster& master = *chip.masters[source];  // requests and responses beside it
        master.read_bytes(window(0), 100);
        chip.settle(master);
      }
    });
  }
  unsigned wrong = 0;
  chip.program([&] {
    sc_core::wait(1, sc_core::SC_NS);
    for (unsigned round = 0; round < kRounds; ++round) {
      std::uint64_t offset = 0;
      while (chip.port(0).receive(0, &offset) != StreamPort::Result::done)
        sc_core::wait(chip.port(0).changed());
      wrong += std::memcmp(&chip.targets[0]->bytes[offset], sums[round].data(), kLanes * 4) != 0;
      chip.port(0).release(0);
      const Bytes vector(256, static_cast<std::uint8_t>(round));
      while (chip.port(0).send(1, vector) != StreamPort::Result::done)
        sc_core::wait(chip.port(0).changed());
    }
  });
  for (const unsigned sink : {1u, 5u, 10u, 15u}) {
    chip.program([&, sink] {
      sc_core::wait(1, sc_core::SC_NS);
      for (unsigned round = 0; round < kRounds; ++round) {
        std::uint64_t offset = 0;
        while (chip.port(sink).receive(1, &offset) != StreamPort::Result::done)
          sc_core::wait(chip.port(sink).changed());
        for (unsigned i = 0; i < 256; ++i) wrong += chip.targets[sink]->bytes[offset + i] != round;
        chip.port(sink).release(1);
      }
    });
  }
  chip.run(3000);
  EXPECT_EQ(chip.done, 1u + 8 + 1 + 4);
  EXPECT_EQ(wrong, 0u);
}

TEST_P(LevelsTest, AWindowWriteReachesAllSinks) {
  Chip chip(at_level(GetParam()));
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  chip.program([&] {
    chip.bus.write(NOC_CH_KIND_OFFSET(2), NOC_KIND_WINDOW);
    for (const unsigned sink : {0u, 3u, 10u, 15u}) chip.bus.write(NOC_CH_ADD_SINK_OFFSET(2), sink);
    chip.bus.write(NOC_CH_CTRL_OFFSET(2), NOC_CH_CTRL_OPEN_MASK);
    status = chip.masters[6]->write_bytes(window(16 + 2) + 0x100, Bytes(300, 0x5a));
  });
  chip.run(100);
  EXPECT_EQ(status, tlm::TLM_OK_RESPONSE);
  for (const unsigned sink : {0u, 3u, 10u, 15u})
    for (unsigned i = 0; i < 300; ++i) ASSERT_EQ(chip.targets[sink]->bytes[0x100 + i], 0x5a);
  EXPECT_EQ(chip.targets[5]->bytes[0x100], 0);
}

// 256 bytes to sixteen endpoints: fifteen links between routers, sixteen out, one in, each once.
TEST_P(LevelsTest, AMulticastToSixteenUsesEachLinkOfItsTreeOnce) {
  NocConfig config = at_level(GetParam());
  config.max_packet_bytes = 256;
  Chip chip(config);
  std::vector<unsigned> sinks(16);
  std::iota(sinks.begin(), sinks.end(), 0u);
  chip.program([&] {
    chip.open(0, NOC_KIND_MULTICAST, 256, {5}, sinks);
    EXPECT_EQ(chip.port(5).send(0, Bytes(256, 0x42)), StreamPort::Result::done);
  });
  chip.run(100);
  for (unsigned sink = 0; sink < 16; ++sink)
    ASSERT_EQ(chip.targets[sink]->bytes[0x8000 + 255], 0x42) << sink;
  const auto stats = chip.report();
  const std::uint64_t flits = GetParam() == "links" ? 2 + 256 : 1 + 16;
  EXPECT_EQ(stats["links"].size(), 1u + 15 + 16);
  for (const auto& [name, link] : stats["links"].items()) EXPECT_EQ(link["flits"], flits) << name;
}

TEST_P(LevelsTest, AResetInMidTrafficEndsEveryAccess) {
  Chip chip(at_level(GetParam()));
  for (unsigned n = 0; n < 16; ++n) {
    chip.program([&, n] {
      for (unsigned i = 0; i < 20; ++i) {
        chip.masters[n]->write_bytes(window((n + i) % 16), Bytes(500));
        chip.settle(*chip.masters[n]);
      }
    });
  }
  const auto open_window = [&] {
    chip.bus.write(NOC_CH_KIND_OFFSET(0), NOC_KIND_WINDOW);
    for (unsigned sink = 0; sink < 16; ++sink) chip.bus.write(NOC_CH_ADD_SINK_OFFSET(0), sink);
    chip.bus.write(NOC_CH_CTRL_OFFSET(0), NOC_CH_CTRL_OPEN_MASK);
  };
  BusMaster multicaster("multicaster");
  multicaster.out.bind(chip.noc.attach_initiator("multicaster", {0, 0, 2, 2, 0}));
  chip.program([&] {
    open_window();
    for (unsigned i = 0; i < 20; ++i) {
      multicaster.write_bytes(window(16), Bytes(500));
      chip.settle(multicaster);
    }
  });
  for (int i = 0; i < 5; ++i) {
    chip.run(0.5);
    chip.noc.reset();
    open_window();
  }
  chip.run(1000);
  EXPECT_EQ(chip.done, 17u);
}

INSTANTIATE_TEST_SUITE_P(All, LevelsTest, ::testing::Values("fast", "flit", "links"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace aimc::noc
