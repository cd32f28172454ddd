// SPDX-License-Identifier: Apache-2.0
// Several harts on one memory: they take turns in steps of the quantum.
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

constexpr std::uint32_t kRam = BusMemory::kRam;

struct SeveralHarts : ::testing::Test {
  testing::TestServices services;
  BusMemory memory{"memory", 2};
  std::shared_ptr<HartGroup> group = std::make_shared<HartGroup>();
  std::vector<std::unique_ptr<HartModule>> harts;

  /// Hart n starts at kRam + 0x100 n.
  void make() {
    memory.latency = sc_time(7, SC_NS);
    for (std::uint32_t n = 0; n < 2; ++n) {
      HartModule::Config config;
      config.hart_id = n;
      config.reset_pc = kRam + 0x100 * n;
      harts.push_back(std::make_unique<HartModule>(("hart" + std::to_string(n)).c_str(), config,
                                                   services.services));
      HartModule& hart = *harts.back();
      hart.bus_out.bind(memory.in[n]);
      hart.irq_software[0].bind(memory.low);
      hart.irq_timer[0].bind(memory.low);
      hart.irq_external[0].bind(memory.low);
      hart.join(group);
    }
    tlm::tlm_global_quantum::instance().set(sc_time(1, SC_US));
  }
  void put(std::uint32_t address, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
      std::memcpy(&memory.ram[address - kRam], &word, 4);
      address += 4;
    }
  }
};

TEST_F(SeveralHarts, GoOnlyAQuantumAheadOfEachOther) {
  make();
  // Hart 0 waits for a store of hart 1 and answers; each turn takes a quantum at most.
  constexpr std::uint32_t kFlag = 0x200;
  put(kRam, {lui(a1, kRam >> 12), lw(a0, kFlag, a1), beq(a0, zero, -4), sw(zero, kFlag, a1),
             addi(a2, a2, 1), jal(zero, -16)});
  put(kRam + 0x100, {lui(a1, kRam >> 12), addi(a0, zero, 1), sw(a0, kFlag, a1), lw(a2, kFlag, a1),
                     bne(a2, zero, -4), jal(zero, -12)});
  sc_start(sc_time(100, SC_US));
  EXPECT_GE(harts[0]->core().x(12), 45u);
  EXPECT_LE(harts[0]->core().x(12), 201u) << "a turn takes half a quantum at least";
  EXPECT_LT(sc_delta_count(), 1000u) << "they overtake each other in picoseconds";
}

}  // namespace
}  // namespace aimc::riscv
