// SPDX-License-Identifier: Apache-2.0
/// A core with RAM, symbols and a commit log, for tests of what is seen of a running core.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "aimc/instrumentation/commit_log.h"
#include "machine.h"

namespace aimc::instrumentation {

using riscv::TestMachine;
constexpr std::uint32_t kRam = TestMachine::kRam;

/// The test machine's RAM as a debugger sees it.
class Ram : public GuestMemory {
 public:
  explicit Ram(TestMachine& machine) : machine_(machine) {}
  bool read(std::uint32_t address, void* data, std::size_t length) override {
    if (address - kRam >= TestMachine::kRamSize ||
        length > TestMachine::kRamSize - (address - kRam))
      return false;
    std::memcpy(data, &machine_.ram[address - kRam], length);
    return true;
  }
  bool write(std::uint32_t, const void*, std::size_t) override { return false; }

 private:
  TestMachine& machine_;
};

/// Runs a core up to an instruction, not over it.
class StopAt : public riscv::InstructionObserver {
 public:
  StopAt(riscv::Core& core, std::uint32_t pc) : core_(core), pc_(pc) {
    core_.add_instruction_observer(this);
    for (int i = 0; i < 1000 && core_.pc() != pc_; ++i) core_.run(1000);
    EXPECT_EQ(core_.pc(), pc_);
  }
  ~StopAt() override { core_.remove_instruction_observer(this); }
  StopAt(const StopAt&) = delete;
  StopAt& operator=(const StopAt&) = delete;
  bool may_execute(std::uint32_t pc, std::uint32_t) override { return pc != pc_; }
  void on_instruction(std::uint32_t, std::uint32_t) override {}

 private:
  riscv::Core& core_;
  std::uint32_t pc_;
};

class TraceTest : public ::testing::Test {
 protected:
  explicit TraceTest(const riscv::CoreConfig& config = {}) : machine(config) {}

  void symbol(const std::string& name, std::uint32_t address, std::uint32_t size) {
    image.symbols.push_back({name, address, size, true, true});
  }
  void run_to(std::uint32_t pc) { StopAt(machine.core, pc); }
  /// Runs up to an instruction.
  std::string log(std::uint32_t until, const TracePoint& from = {}, const TracePoint& to = {}) {
    std::string text;
    CommitLog log([&text](std::string_view part) { text += part; }, from, to);
    log.attach(machine.core, memory, [this] { return machine.core.cycles() * 1000; });
    run_to(until);
    log.finish();
    return text;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }

  TestMachine machine;
  Ram memory{machine};
  soc::ElfImage image{
      .file = "x.elf", .entry = kRam, .segments = {{kRam, 0x1000, {}}}, .symbols = {}};
};

}  // namespace aimc::instrumentation
