// SPDX-License-Identifier: Apache-2.0
// mcycle, minstret and time against simulated time: through sleeps, bus waits and the ends of
// quanta of every length.
#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "aimc/riscv/hart_module.h"
#include "aimc/testing/services.h"
#include "assembler.h"
#include "bus_memory.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using namespace sc_core;

constexpr std::uint32_t kRam = BusMemory::kRam, kDevice = 0x10000000u;

/// RAM with DMI, a device that logs what is written and takes 20 ns, and a timer line that rises
/// every 3.7 us and falls at each write.
struct World : BusMemory {
  struct Write {
    std::uint32_t offset, value;
    std::uint64_t time_ps, awake;  ///< awake: cycles in which the hart executed something
  };
  sc_signal<bool, SC_MANY_WRITERS> timer{"timer"};
  std::vector<Write> writes;
  const Core* core = nullptr;

  explicit World(const sc_module_name& name) : BusMemory(name) {
    SC_HAS_PROCESS(World);
    SC_THREAD(tick);
  }
  void tick() {
    for (;;) {
      wait(3700, SC_NS);
      timer.write(true);
    }
  }
  void other(tlm::tlm_generic_payload& txn, sc_time& delay) override {
    std::uint32_t value = 0;
    std::memcpy(&value, txn.get_data_ptr(), 4);
    writes.push_back({static_cast<std::uint32_t>(txn.get_address()) - kDevice, value, now_ps(),
                      core->cycles() - core->stall_cycles()});
    timer.write(false);
    delay += sc_time(20, SC_NS);
  }
};

struct CounterTime : ::testing::TestWithParam<unsigned> {
  testing::TestServices services;
  World world{"world"};
  std::unique_ptr<HartModule> hart;

  void put(std::initializer_list<std::uint32_t> words) {
    std::uint32_t offset = 0;
    for (const std::uint32_t word : words) {
      std::memcpy(&world.ram[offset], &word, 4);
      offset += 4;
    }
  }
};

TEST_P(CounterTime, CountersAreExactWhateverTheQuantum) {
  HartModule::Config config;  // 1 GHz, one cycle each, time at 10 MHz
  config.reset_pc = kRam;
  hart = std::make_unique<HartModule>("hart", config, services.services);
  hart->bus_out.bind(world.in[0]);
  hart->irq_software[0].bind(world.low);
  hart->irq_timer[0].bind(world.timer);
  hart->irq_external[0].bind(world.low);
  world.core = &hart->core();
  put({lui(s0, kDevice >> 12), addi(t0, zero, 0x80), csrw(kCsrMie, t0), csrr(a0, kCsrMcycle),
       sw(a0, 0, s0),                             // loop:
       csrr(a0, kCsrMinstret), sw(a0, 4, s0),     //
       csrr(a0, kCsrTime), sw(a0, 8, s0),         //
       addi(s1, s1, 37), andi(a1, s1, 0x1ff),     // a pause that varies
       addi(a1, a1, -1), blt(zero, a1, -4),       //
       andi(a2, s1, 3), bne(a2, zero, 8), wfi(),  // one in four sleeps
       jal(zero, -4 * 13)});
  const unsigned quantum_ns = GetParam();
  tlm::tlm_global_quantum::instance().set(sc_time(quantum_ns, SC_NS));
  sc_start(sc_time(400, SC_US));

  unsigned sleeps = 0;
  std::uint64_t before = 0;
  for (const World::Write& write : world.writes) {
    const std::uint64_t read_ns = write.time_ps / 1000 - 1;  // by the instruction before
    if (write.offset == 0) {
      ASSERT_EQ(write.value, read_ns) << "mcycle";
    }
    if (write.offset == 4) {
      ASSERT_EQ(write.value, write.awake - 1) << "minstret";
    }
    if (write.offset == 8) {
      ASSERT_EQ(write.value, read_ns / 100) << "time";
    }
    if (read_ns - before > 1500) ++sleeps;
    before = read_ns;
  }
  EXPECT_EQ(world.writes.size(), 1301u) << "the same for every quantum";
  EXPECT_EQ(world.writes.back().time_ps, 399994000u);
  EXPECT_GT(sleeps, 50u);
}

INSTANTIATE_TEST_SUITE_P(Ns, CounterTime, ::testing::Values(0, 1, 7, 100, 1000, 3700, 100000));

}  // namespace
}  // namespace aimc::riscv
