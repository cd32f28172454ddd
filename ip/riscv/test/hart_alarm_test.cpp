// SPDX-License-Identifier: Apache-2.0
// Several harts rest until the same moment: what else happens then comes first.
#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>
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
constexpr unsigned kHarts = 3;
constexpr std::uint64_t kQuantumPs = 1000000, kCyclePs = 1000;

/// Raises a line, through signals in a row as a timer and an interrupt controller do. That it will
/// is not known before `gap_ps` of simulated time earlier, when harts may have begun to rest.
struct Device : sc_module {
  sc_signal<bool>& line;
  sc_signal<bool> first{"first"}, second{"second"};
  std::uint64_t at_ps, gap_ps;

  Device(const sc_module_name& name, sc_signal<bool>& raised, std::uint64_t time, std::uint64_t gap)
      : sc_module(name), line(raised), at_ps(time), gap_ps(gap) {
    SC_HAS_PROCESS(Device);
    SC_THREAD(wait_and_raise);
    SC_METHOD(pass_on);
    sensitive << first;
    SC_METHOD(pass_further);
    sensitive << second;
  }
  void wait_and_raise() {
    wait(sc_time::from_value(at_ps - gap_ps));
    wait(sc_time::from_value(gap_ps));
    first.write(true);
  }
  void pass_on() { second.write(first.read()); }
  void pass_further() { line.write(second.read()); }
};

struct Moment : TrapObserver {
  explicit Moment(HartModule& observed) : hart(observed) { hart.core().add_trap_observer(this); }
  void on_trap(std::uint32_t, std::uint32_t, std::uint32_t) override {
    taken_ps = hart.local_time_ps();
  }
  void on_mret(std::uint32_t) override {}
  HartModule& hart;
  std::uint64_t taken_ps = 0;
};

/// Picoseconds behind the end of a turn, picoseconds from knowing to happening, and whether the
/// device's processes are made before the harts'.
using Case = std::tuple<int, std::uint64_t, bool>;

struct Coincidence : ::testing::TestWithParam<Case> {
  testing::TestServices services;
  BusMemory memory{"memory", kHarts};
  std::unique_ptr<Device> device;
  sc_signal<bool> low{"low"}, line{"line"};
  std::shared_ptr<HartGroup> group = std::make_shared<HartGroup>();
  std::vector<std::unique_ptr<HartModule>> harts;
  std::vector<std::unique_ptr<Moment>> moments;

  void make_harts() {
    const std::uint32_t program[] = {lui(t0, kRam >> 12),    addi(t0, t0, 0x100),
                                     csrw(0x305, t0),                          // mtvec
                                     addi(t1, zero, -1),     csrw(0x304, t1),  // mie
                                     csrrwi(zero, 0x300, 8),                   // mstatus.MIE
                                     addi(a0, a0, 1),        jal(zero, -4)};
    const std::uint32_t handler[] = {csrw(0x304, zero), jal(zero, 0)};
    std::memcpy(memory.ram.data(), program, sizeof program);
    std::memcpy(&memory.ram[0x100], handler, sizeof handler);
    for (unsigned n = 0; n < kHarts; ++n) {
      HartModule::Config config;
      config.hart_id = n;
      config.reset_pc = kRam;
      harts.push_back(std::make_unique<HartModule>(("hart" + std::to_string(n)).c_str(), config,
                                                   services.services));
      HartModule& hart = *harts.back();
      hart.bus_out.bind(memory.in[n]);
      hart.irq_software[0].bind(low);
      hart.irq_timer[0].bind(line);
      hart.irq_external[0].bind(low);
      hart.join(group);
      moments.push_back(std::make_unique<Moment>(hart));
    }
  }
};

TEST_P(Coincidence, AnInterruptAtTheMomentWhenHartsGoOnIsNotMissed) {
  const auto [offset, gap, device_first] = GetParam();
  const std::uint64_t end = HartGroup::turn_end_ps(3 * kQuantumPs, kQuantumPs);
  const auto at_ps = static_cast<std::uint64_t>(static_cast<std::int64_t>(end) + offset);
  tlm::tlm_global_quantum::instance().set(sc_time::from_value(kQuantumPs));
  const auto make_device = [&] { device = std::make_unique<Device>("device", line, at_ps, gap); };
  if (device_first) make_device();
  make_harts();
  if (!device_first) make_device();
  sc_start(sc_time::from_value(at_ps + 4 * kQuantumPs));
  for (const auto& moment : moments) {
    EXPECT_GE(moment->taken_ps, at_ps);
    EXPECT_LE(moment->taken_ps, at_ps + 2 * kCyclePs) << "it waited for the end of a turn";
  }
}

INSTANTIATE_TEST_SUITE_P(Turns, Coincidence,
                         ::testing::Combine(::testing::Values(0, 1, 2, 1000, 1001, 400000),
                                            ::testing::Values(1u, 2u, 1000u), ::testing::Bool()));

}  // namespace
}  // namespace aimc::riscv
