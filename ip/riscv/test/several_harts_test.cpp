// SPDX-License-Identifier: Apache-2.0
// Several harts on one memory: they take turns in steps of the quantum.
#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "aimc/riscv/hart_module.h"
#include "aimc/testing/services.h"
#include "assembler.h"

namespace aimc::riscv {
namespace {

using namespace assembler;
using namespace sc_core;

constexpr std::uint32_t kRam = 0x80000000u;

/// RAM with DMI, for two harts. An access over the bus takes 7 ns.
struct Memory : sc_module {
  tlm_utils::simple_target_socket<Memory, 32> first{"first"}, second{"second"};
  std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(0x1000);
  sc_signal<bool> low{"low"};

  explicit Memory(const sc_module_name& name) : sc_module(name) {
    for (auto* const socket : {&first, &second}) {
      socket->register_b_transport(this, &Memory::b_transport);
      socket->register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
    }
  }
  void b_transport(tlm::tlm_generic_payload& txn, sc_time& delay) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += sc_time(7, SC_NS);
    std::uint8_t* const host = &ram[txn.get_address() - kRam];
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), host, txn.get_data_length());
    if (txn.is_write()) std::memcpy(host, txn.get_data_ptr(), txn.get_data_length());
    txn.set_dmi_allowed(true);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
    if (txn.get_address() < kRam) return false;
    dmi.set_start_address(kRam);
    dmi.set_end_address(kRam + ram.size() - 1);
    dmi.set_dmi_ptr(ram.data());
    dmi.allow_read_write();
    return true;
  }
};

struct SeveralHarts : ::testing::Test {
  testing::TestServices services;
  Memory memory{"memory"};
  std::shared_ptr<HartGroup> group = std::make_shared<HartGroup>();
  std::vector<std::unique_ptr<HartModule>> harts;

  /// Hart n starts at kRam + 0x100 n.
  void make() {
    for (std::uint32_t n = 0; n < 2; ++n) {
      HartModule::Config config;
      config.hart_id = n;
      config.reset_pc = kRam + 0x100 * n;
      harts.push_back(std::make_unique<HartModule>(("hart" + std::to_string(n)).c_str(), config,
                                                   services.services));
      HartModule& hart = *harts.back();
      hart.bus_out.bind(n == 0 ? memory.first : memory.second);
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
