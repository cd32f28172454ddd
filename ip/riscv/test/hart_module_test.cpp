// SPDX-License-Identifier: Apache-2.0
// The hart on a TLM bus: time, interrupts, sleep, faults, reset.
#include "aimc/riscv/hart_module.h"

#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <vector>

#include "aimc/common/error.h"
#include "aimc/testing/services.h"
#include "assembler.h"
#include "bus_memory.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using namespace sc_core;

constexpr std::uint32_t kRam = BusMemory::kRam;
constexpr std::uint32_t kDevice = 0x10000000u;
constexpr std::uint32_t kHandler = kRam + 0x400;

/// RAM with DMI and a device that takes 20 ns and raises a line when written. The rest is a hole.
struct World : BusMemory {
  sc_signal<bool> software{"software"}, timer{"timer"}, external{"external"};
  sc_time device_delay{20, SC_NS};
  std::vector<std::uint64_t> device_times;
  std::vector<std::uint32_t> device_writes;

  explicit World(const sc_module_name& name) : BusMemory(name, 1, 0x10000) {
    latency = sc_time(5, SC_NS);
  }
  void other(tlm::tlm_generic_payload& txn, sc_time& delay) override {
    const unsigned size = txn.get_data_length();
    if (txn.get_address() != kDevice) return BusMemory::other(txn, delay);
    device_times.push_back(now_ps());
    if (txn.is_write()) {
      std::uint32_t value = 0;
      std::memcpy(&value, txn.get_data_ptr(), size);
      device_writes.push_back(value);
      software.write(value & 1u);
    } else {
      std::memset(txn.get_data_ptr(), 0, size);
    }
    delay += device_delay;
  }
};

struct HartTest : ::testing::Test {
  testing::TestServices services;
  World world{"world"};
  std::unique_ptr<HartModule> hart;

  void make(HartModule::Config config = {}) {
    config.reset_pc = kRam;
    hart = std::make_unique<HartModule>("hart", config, services.services);
    hart->bus_out.bind(world.in[0]);
    hart->irq_software[0].bind(world.software);
    hart->irq_timer[0].bind(world.timer);
    hart->irq_external[0].bind(world.external);
    tlm::tlm_global_quantum::instance().set(sc_time(1, SC_US));
  }
  void put(std::uint32_t address, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
      std::memcpy(&world.ram[address - kRam], &word, 4);
      address += 4;
    }
  }
  std::uint32_t x(unsigned index) const { return hart->core().x(index); }
  nlohmann::ordered_json stats() const {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    hart->report(json);
    return json;
  }
};

TEST_F(HartTest, RunsAheadByAtMostTheQuantum) {
  make();
  put(kRam, {addi(a0, a0, 1), jal(zero, -4)});
  for (int n = 1; n <= 20; ++n) {
    sc_start(sc_time(300, SC_NS));
    const std::uint64_t local = hart->local_time_ps();
    EXPECT_GE(local, now_ps());
    EXPECT_LE(local, now_ps() + 1001000) << "one quantum and one block";
  }
  EXPECT_NEAR(x(a0), 3000, 600);
}

TEST_F(HartTest, DeviceAccessesHappenAtTheirExactTime) {
  make();
  // Twice: 100 nops, then a store. First fetch of RAM costs 5 ns, then it is direct.
  put(kRam, {lui(a1, 0x10000), addi(a2, zero, 100), addi(a2, a2, -1), bne(a2, zero, -4),
             sw(zero, 0, a1), jal(zero, -16)});
  sc_start(sc_time(2, SC_US));
  ASSERT_GE(world.device_times.size(), 2u);
  // The bus fetch of the first halfword waits 5 ns; then 1 ns for each of 2 + 200 instructions.
  EXPECT_EQ(world.device_times[0], 5000u + 202000u);
  // sw 1 + 20 ns wait + jal + addi + 200
  EXPECT_EQ(world.device_times[1] - world.device_times[0], 1000u + 20000u + 1000u + 201000u);
}

TEST_F(HartTest, ResultsDoNotDependOnTheQuantum) {
  make();
  tlm::tlm_global_quantum::instance().set(sc_time(10, SC_NS));
  put(kRam, {lui(a1, 0x10000), addi(a2, zero, 100), addi(a2, a2, -1), bne(a2, zero, -4),
             sw(zero, 0, a1), jal(zero, -16)});
  sc_start(sc_time(2, SC_US));
  ASSERT_GE(world.device_times.size(), 2u);
  EXPECT_EQ(world.device_times[0], 5000u + 202000u);
  EXPECT_EQ(world.device_times[1] - world.device_times[0], 1000u + 20000u + 1000u + 201000u);
}

TEST_F(HartTest, ZeroQuantumStillMoves) {
  make();
  tlm::tlm_global_quantum::instance().set(SC_ZERO_TIME);
  put(kRam, {addi(a0, a0, 1), jal(zero, -4)});
  sc_start(sc_time(200, SC_NS));
  EXPECT_NEAR(x(a0), 100, 6);
}

TEST_F(HartTest, WfiJumpsAndWakesAtTheInterrupt) {
  make();
  put(kRam, {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), addi(t0, zero, 0x80),
             csrw(kCsrMie, t0), csrrsi(zero, kCsrMstatus, 8), wfi(), jal(zero, -4)});
  put(kHandler, {csrr(a0, kCsrMcause), csrr(a1, kCsrMcycle), csrrwi(zero, kCsrMie, 0), mret()});
  sc_start(sc_time(1, SC_MS));
  EXPECT_NEAR(stats()["cycles"].get<double>(), 1000000, 10) << "a sleep until the end counts, too";
  EXPECT_NEAR(stats()["sleep_s"].get<double>(), 1e-3, 1e-6);
  world.timer.write(true);
  sc_start(sc_time(1, SC_US));
  EXPECT_EQ(x(a0), kCauseInterrupt | kInterruptTimer);
  EXPECT_NEAR(x(a1), 1000000, 10) << "mcycle counts through sleep";
  EXPECT_LT(hart->core().instructions(), 20u) << "no busy loop";
  EXPECT_NEAR(stats()["sleep_s"].get<double>(), 1e-3, 1e-6);
  EXPECT_EQ(stats()["traps"]["machine timer interrupt"], 1);
}

TEST_F(HartTest, InterruptFromOutsideTheKernelIsTakenAtTheEndOfTheQuantum) {
  make();
  put(kRam,
      {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), lui(t0, 1), srli(t0, t0, 1),
       csrw(kCsrMie, t0), csrrsi(zero, kCsrMstatus, 8), addi(a2, a2, 1), jal(zero, -4)});
  put(kHandler, {csrr(a0, kCsrMcycle), csrrwi(zero, kCsrMie, 0), wfi()});
  sc_start(sc_time(1500, SC_NS));
  world.external.write(true);
  sc_start(sc_time(2, SC_US));
  EXPECT_NEAR(x(a0), 2000, 3);
}

/// Lines that change at given times, in processes of the kernel, also several at one moment.
struct Schedule : sc_module {
  World& world;
  std::vector<std::pair<std::uint64_t, sc_signal<bool>*>> toggles;
  Schedule(const sc_module_name& name, World& target) : sc_module(name), world(target) {
    SC_HAS_PROCESS(Schedule);
    SC_THREAD(play);
  }
  void play() {
    for (const auto& [time_ps, line] : toggles) {
      if (time_ps > now_ps()) wait(sc_time::from_value(time_ps - now_ps()));
      wait(SC_ZERO_TIME);  // as a chain of blocks would need
      wait(SC_ZERO_TIME);
      line->write(!line->read());
    }
  }
};

/// One SystemC simulation per process, so each quantum is a test of its own; the figures are the
/// same in all of them.
struct QuantumTest : HartTest, ::testing::WithParamInterface<int> {};

TEST_P(QuantumTest, InterruptsAreTakenWhenTheyAreDueWhateverTheQuantum) {
  make();
  Schedule schedule("schedule", world);
  // On a clock edge, between two, two lines at one moment, and while the handler runs.
  for (const std::uint64_t ns10 : {14990, 15004, 23333, 23400, 23410, 40000, 40001})
    for (sc_signal<bool>* line : {&world.external, &world.timer})
      schedule.toggles.push_back({ns10 * 100, line});
  put(kRam, {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), addi(t0, zero, -1),
             csrw(kCsrMie, t0), lui(s0, 0x80001), csrrsi(zero, kCsrMstatus, 8), addi(a2, a2, 1),
             alu(4, a3, a3, a2), addi(a2, a2, 3), jal(zero, -12)});
  // Logs mepc, mcause, mcycle and minstret; silences the source that it came from.
  put(kHandler,
      {csrr(t0, kCsrMepc), sw(t0, 0, s0), csrr(t0, kCsrMcause), sw(t0, 4, s0), csrr(t1, kCsrMcycle),
       sw(t1, 8, s0), csrr(t1, kCsrMinstret), sw(t1, 12, s0), addi(s0, s0, 16), addi(t1, zero, 1),
       alu(1, t1, t1, t0), csrrc(zero, kCsrMie, t1), addi(s1, s1, 1), andi(t1, s1, 1),
       bne(t1, zero, 12), addi(t0, zero, -1), csrw(kCsrMie, t0), mret()});
  tlm::tlm_global_quantum::instance().set(sc_time(GetParam(), SC_NS));
  sc_start(sc_time(6, SC_US));
  const auto logged = [this](unsigned entry, unsigned field) {
    std::uint32_t value = 0;
    std::memcpy(&value, &world.ram[0x1000 + 16 * entry + 4 * field], 4);
    return value;
  };
  ASSERT_GT(x(s1), 200u) << "entries in the log";
  EXPECT_EQ(logged(0, 1), kCauseInterrupt | kInterruptExternal);
  EXPECT_NEAR(logged(0, 2), 1500 + 9, 1) << "first fetch and store take 5 ns, handler 4 cycles";
  std::uint64_t digest = 0;
  for (unsigned n = 0; n < 200 * 16; ++n) digest = digest * 31 + world.ram[0x1000 + n];
  EXPECT_EQ(digest, 0xa36358c9884d1c32u);
}
INSTANTIATE_TEST_SUITE_P(Ns, QuantumTest, ::testing::Values(0, 1, 3, 10, 100, 777, 1000, 10000));

TEST_F(HartTest, InterruptRaisedByAnAccessIsTakenRightAfterIt) {
  make();
  put(kRam, {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), csrrsi(zero, kCsrMie, 8),
             csrrsi(zero, kCsrMstatus, 8), lui(a1, 0x10000), addi(a0, zero, 1), sw(a0, 0, a1),
             addi(a2, a2, 1), jal(zero, -4)});
  put(kHandler, {csrr(a3, kCsrMepc), sw(zero, 0, a1), csrr(a4, kCsrMip), mret()});
  sc_start(sc_time(3, SC_US));
  EXPECT_EQ(x(a3), kRam + 32);
  EXPECT_EQ(x(a4), 0u) << "the line is seen low right after the store that lowers it";
  EXPECT_GT(x(a2), 100u);
  EXPECT_EQ(stats()["traps"]["machine software interrupt"], 1) << "no second, spurious one";
}

TEST_F(HartTest, BusErrorsTrapAndWarn) {
  make();
  put(kRam, {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), lui(a1, 0x90000),
             sw(zero, 0, a1)});
  put(kHandler, {csrr(a0, kCsrMcause), csrr(a2, kCsrMtval), csrr(a3, kCsrMepc), wfi()});
  sc_start(sc_time(1, SC_US));
  EXPECT_EQ(x(a0), std::uint32_t{kCauseStoreAccess});
  EXPECT_EQ(x(a2), 0x90000000u);
  EXPECT_EQ(x(a3), kRam + 16);
  ASSERT_EQ(services.warnings.size(), 1u);
  EXPECT_EQ(services.warnings[0],
            "store to 0x90000000 (4 B), pc 0x80000010: TLM_ADDRESS_ERROR_RESPONSE, "
            "access fault raised");
  EXPECT_EQ(stats()["bus_errors"], 1);
}

TEST_F(HartTest, HopelessTrapsEndTheRun) {
  make();
  put(kRam, {ecall()});
  sc_start(sc_time(1, SC_MS));
  EXPECT_TRUE(services.finished);
  EXPECT_EQ(services.exit_code, kHartFatalExit);
  EXPECT_NE(services.reason.find("hart: the first instruction of the trap handler traps"),
            std::string::npos)
      << services.reason;
}

TEST_F(HartTest, TimeCsrFollowsSimulatedTime) {
  make();
  put(kRam, {csrr(a0, kCsrTime), jal(zero, -4)});
  sc_start(sc_time(100, SC_US));
  EXPECT_NEAR(x(a0), 1000, 20) << "10 MHz";
}

TEST_F(HartTest, SlowClock) {
  HartModule::Config config;
  config.clock_hz = 3e6;  // a period that is no whole number of picoseconds
  make(config);
  put(kRam, {addi(a0, a0, 1), lui(a1, 0x10000), sw(zero, 0, a1), jal(zero, -12)});
  sc_start(sc_time(1, SC_MS));
  // 4 cycles and a 20 ns wait that takes a whole one
  EXPECT_NEAR(x(a0), 3000 / 5, 6);
}

TEST_F(HartTest, ResetWhileAsleepRunningAndInAnAccess) {
  make();
  put(kRam, {addi(a0, a0, 1), lui(a1, 0x10000), sw(a0, 0, a1), wfi()});
  sc_start(sc_time(1, SC_US));
  EXPECT_EQ(world.device_writes.size(), 1u);
  hart->reset();
  EXPECT_EQ(x(a0), 0u);
  sc_start(sc_time(1, SC_US));
  EXPECT_EQ(world.device_writes.size(), 2u);
  EXPECT_EQ(world.device_writes.back(), 1u) << "registers start anew";
  world.device_delay = sc_time(1, SC_MS);
  hart->reset();
  sc_start(sc_time(10, SC_US));
  hart->reset();  // in the middle of the store
  world.device_delay = sc_time(20, SC_NS);
  sc_start(sc_time(2, SC_MS));
  EXPECT_EQ(world.device_writes.size(), 4u);
  EXPECT_EQ(world.device_writes.back(), 1u);
  EXPECT_GT(stats()["instructions"].get<int>(), 12);
}

struct EventList : trace::Sink {
  explicit EventList(std::vector<std::string>& out) : lines(out) {}
  void open(const trace::Names& all) override { names = &all; }
  void consume(const trace::Event* events, std::size_t count) override {
    for (std::size_t n = 0; n < count; ++n) {
      const trace::Event& e = events[n];
      const std::string what =
          e.kind == trace::Kind::begin ? "begin " + names->strings[e.name] : "end";
      lines.push_back(std::to_string(e.time_ps / 1000) + " " + what);
    }
  }
  bool close() override { return true; }
  const trace::Names* names = nullptr;
  std::vector<std::string>& lines;
};

TEST_F(HartTest, TimelineShowsSleepAndHandlers) {
  make();
  std::vector<std::string> lines;
  services.hub.add_sink(std::make_unique<EventList>(lines));
  services.hub.select({"+*"});
  services.hub.set_clock([] { return now_ps(); });
  put(kRam, {lui(t0, 0x80000), addi(t0, t0, 0x400), csrw(kCsrMtvec, t0), addi(t0, zero, 0x80),
             csrw(kCsrMie, t0), csrrsi(zero, kCsrMstatus, 8), wfi(), wfi()});
  put(kHandler, {csrrwi(zero, kCsrMie, 0), nop(), mret()});
  sc_start(sc_time(500, SC_NS));
  world.timer.write(true);
  sc_start(sc_time(500, SC_NS));
  hart->reset();
  sc_start(sc_time(1, SC_NS));
  services.hub.close();
  ASSERT_GE(lines.size(), 5u);
  EXPECT_EQ(lines[0], "12 begin sleep");  // 5 ns for the first fetch, 7 instructions
  EXPECT_EQ(lines[1], "501 end");
  EXPECT_EQ(lines[2], "501 begin machine timer interrupt");
  EXPECT_EQ(lines[3], "503 end");
  EXPECT_EQ(lines[4], "505 begin sleep");
}

TEST_F(HartTest, SetStartMovesTheEntryPoint) {
  make();
  hart->set_start(kRam + 0x100);
  put(kRam + 0x100, {addi(a0, zero, 5), wfi()});
  sc_start(sc_time(1, SC_US));
  EXPECT_EQ(x(a0), 5u);
}

TEST_F(HartTest, WrongIsaIsTheUsersError) {
  HartModule::Config config;
  config.isa = "rv64gc";
  EXPECT_THROW(make(config), UserError);
}

TEST_F(HartTest, ParametersHaveNamesAndUnits) {
  HartModule::Config config;
  ParamTable table;
  describe(table, config);
  EXPECT_TRUE(table.has("clock"));
  EXPECT_TRUE(table.has("cycles.branch_taken"));
}

}  // namespace
}  // namespace aimc::riscv
