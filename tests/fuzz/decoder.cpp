// SPDX-License-Identifier: Apache-2.0
// Any bytes as code. Four bytes of header choose the hart; the rest is copied behind each other
// into a page of code that cannot be written. The program runs four ways: at one go, in small
// slices, without host pointers, and observed. All four must end in the same state, whatever the
// bytes say.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "aimc/riscv/core.h"
#include "aimc/riscv/disassembler.h"
#include "assembler.h"

namespace {

using namespace aimc::riscv;
namespace as = aimc::riscv::assembler;

constexpr std::uint32_t kCode = 0x80000000u, kData = 0x80001000u, kPage = 4096;
constexpr std::uint32_t kDevice = 0x10000000u;
constexpr std::uint32_t kHandler = kCode + kPage - 64, kMaxCode = kPage - 64;
constexpr std::uint32_t kCycles = 3000;

struct Way {
  bool direct, observed;
  std::uint32_t slice;
};

/// What the header says.
struct Setup {
  CoreConfig config;
  std::uint8_t status, protection;
  explicit Setup(const std::uint8_t* header) : status(header[1]), protection(header[2]) {
    static constexpr ExtensionSet kSmall = kExtI | kExtZicsr | kExtZifencei | kExtZicntr;
    static constexpr ExtensionSet kSets[] = {kAllExtensions, kAllExtensions & ~kExtC,
                                             kAllExtensions & ~kExtF, kSmall};
    config.isa = kSets[header[0] & 3u];
    config.reset_pc = kCode;
    if (header[0] & 4u) config.misaligned = Misaligned::kTrap;
    if (header[0] & 8u) config.pmp_regions = 0;
    if (header[0] & 16u) {
      config.cycles.load = 3;
      config.cycles.div = 17;
      config.cycles.branch_taken = 2;
      config.cycles.csr = 5;
      config.cycles.fp_div = 9;
    }
  }
};

/// One page of code, one of data and a device that says stop or yield now and then.
class Machine : public Bus, private InstructionObserver {
 public:
  Machine(const Setup& setup, const Way& way, const std::vector<std::uint8_t>& memory)
      : memory_(memory), way_(way), core(setup.config, *this) {
    if (way.observed) core.add_instruction_observer(this);
    for (unsigned n = 1; n < 32; ++n)
      core.set_x(n, n % 5 == 4 ? kDevice : kData + 132 * n + (n % 3 == 0 ? n : 0));
    for (unsigned n = 0; n < 32; ++n) core.set_f(n, 0x3f800000u + (n << 21) + n);
    core.write_csr(kCsrMtvec, kHandler | (setup.status >> 7));
    core.write_csr(kCsrMstatus, (setup.status & 3u) << 13 | (setup.status & 4u ? kMstatusMie : 0u) |
                                    (setup.status & 8u ? kMstatusMprv : 0u));
    core.write_csr(kCsrMie, 0x888);
    core.set_interrupt(kInterruptTimer, setup.status & 16u);
    if (setup.status & 64u) core.write_csr(kCsrMcounteren, 7);
    if (setup.config.pmp_regions > 0) protect(setup.protection);
    if (setup.status & 32u) core.set_privilege(Privilege::kUser);
  }

  void run() {
    while (core.cycles() < kCycles) {
      const auto left = static_cast<std::uint32_t>(kCycles - core.cycles());
      const RunResult result = core.run(std::min(left, way_.slice));
      if (result.exit == Exit::kFatal || (result.exit == Exit::kWfi && !core.wake_pending())) break;
    }
  }

  /// Everything that a program can see, as text.
  std::string state() {
    std::string text = core.fatal_reason();
    const auto add = [&text](const char* name, std::uint64_t value) {
      char line[64];
      std::snprintf(line, sizeof line, "%s %llx\n", name, static_cast<unsigned long long>(value));
      text += line;
    };
    add("pc", core.pc());
    add("privilege", static_cast<unsigned>(core.privilege()));
    add("cycles", core.cycles());
    add("instructions", core.instructions());
    for (unsigned n = 0; n < 32; ++n) add(x_name(n), core.x(n));
    for (unsigned n = 0; n < 32; ++n) add(f_name(n), core.f(n));
    for (const std::uint32_t number : core.implemented_csrs())
      add(csr_name(number).c_str(), core.read_csr(number).value_or(0xdead));
    return text;
  }
  const std::vector<std::uint8_t>& memory() const { return memory_; }

 private:
  /// Three entries around the code, the handler and the data, and one that is all the rest.
  void protect(std::uint8_t choice) {
    core.write_csr(kCsrPmpaddr0, (kData + 256u * (choice & 7u)) >> 2);
    core.write_csr(kCsrPmpaddr0 + 1, (kData + 1024) >> 2 | 31u);
    core.write_csr(kCsrPmpaddr0 + 2, (kCode + 128) >> 2);
    core.write_csr(kCsrPmpaddr0 + 3, 0xffffffffu);
    const std::uint32_t rights = choice >> 3 & 7u, lock = choice & 0x80u;
    core.write_csr(kCsrPmpcfg0, 0x1f000000u | (0x10u | rights) << 16 | (0x18u | rights) << 8 |
                                    0x11u | (choice & 0x40u ? lock << 8 : 0u));
  }

  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    if (in_device(address, size)) {
      *data = static_cast<std::uint32_t>(core.cycles() * 4096 + core.instructions());
      return {true, false};
    }
    if (!in_memory(address, size)) return {};
    std::memcpy(data, &memory_[address - kCode], size);
    return {true, way_.direct};
  }
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    if (in_device(address, size)) {
      if (data & 1u) core.request_yield();
      if (data & 2u) core.request_stop();
      core.set_interrupt(kInterruptSoftware, data & 4u);
      return {true, false};
    }
    if (address < kData || !in_memory(address, size)) return {};
    std::memcpy(&memory_[address - kCode], &data, size);
    return {true, way_.direct};
  }
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    if (address - kCode > kPage - 2) return {};
    std::memcpy(data, &memory_[address - kCode], 2);
    return {true, way_.direct};
  }
  bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override {
    if (!way_.direct || !in_memory(address, 1)) return false;
    const bool data = address >= kData;
    if (kind != AccessKind::kLoad && data != (kind == AccessKind::kStore)) return false;
    if (data)
      *region = {kData, kData + kPage - 1, &memory_[kPage]};
    else
      *region = {kCode, kData - 1, memory_.data()};
    return true;
  }
  bool atomic_capable(std::uint32_t address) override { return in_memory(address, 4); }
  std::uint64_t time() override { return core.cycles() / 7; }
  void on_instruction(std::uint32_t pc, std::uint32_t word) override {
    if (disassemble(word, pc, core.config().isa).empty()) std::abort();
  }
  static bool in_memory(std::uint32_t address, unsigned size) {
    return address >= kCode && address - kCode <= 2 * kPage - size;
  }
  static bool in_device(std::uint32_t address, unsigned size) {
    return address - kDevice < 256 && address % size == 0;
  }

  std::vector<std::uint8_t> memory_;
  Way way_;

 public:
  Core core;
};

/// Code, a handler that goes on two bytes further, and data.
std::vector<std::uint8_t> make_memory(const std::uint8_t* code, std::size_t size) {
  std::vector<std::uint8_t> memory(2 * kPage);
  for (std::size_t n = 0; n < kMaxCode; ++n) memory[n] = code[n % size];
  using as::t0;
  const std::uint32_t handler[] = {
      as::csrrw(t0, kCsrMscratch, t0), as::csrr(t0, kCsrMepc),          as::addi(t0, t0, 2),
      as::csrw(kCsrMepc, t0),          as::csrrw(t0, kCsrMscratch, t0), as::mret()};
  std::memcpy(&memory[kHandler - kCode], handler, sizeof handler);
  for (std::size_t n = 0; n < kPage; ++n)
    memory[kPage + n] = static_cast<std::uint8_t>(n * 73 >> (n & 3u));
  return memory;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  const Setup setup(data);
  const auto memory = make_memory(data + 4, std::min<std::size_t>(size - 4, kMaxCode));
  const std::uint32_t slice = 1 + (data[3] & 31u);
  const Way ways[] = {{true, false, kCycles},
                      {true, false, slice},
                      {false, false, kCycles},
                      {data[3] < 128, true, slice + 3}};
  std::string expected;
  std::vector<std::uint8_t> expected_memory;
  for (const Way& way : ways) {
    Machine machine(setup, way, memory);
    machine.run();
    const std::string state = machine.state();
    if (expected.empty()) {
      expected = state;
      expected_memory = machine.memory();
    }
    if (state == expected && machine.memory() == expected_memory) continue;
    std::printf("at one go:\n%s\nslices of %u, %s%s:\n%s\n", expected.c_str(),
                static_cast<unsigned>(way.slice), way.direct ? "host pointers" : "bus",
                way.observed ? ", observed" : "", state.c_str());
    std::abort();
  }
  return 0;
}
