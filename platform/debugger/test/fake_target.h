// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "aimc/gdb/documents.h"
#include "aimc/gdb/target.h"

namespace aimc::gdb::testing {

/// A machine of registers and 4 KiB of memory at 0x1000 that remembers what it was asked.
class FakeTarget : public Target {
 public:
  static constexpr std::uint32_t kBase = 0x1000;

  unsigned threads() const override { return 12; }
  std::string thread_name(unsigned thread) const override {
    return "soc.hart" + std::to_string(thread - 1);
  }
  std::string thread_state(unsigned thread) const override {
    return thread == 2 ? "asleep <in> \"wfi\" & more" : "machine mode";
  }
  const std::string& description_xml() const override { return description; }
  const std::string& memory_map_xml() const override { return map; }

  std::optional<std::uint32_t> read_register(unsigned thread, unsigned number) override {
    const auto at = registers.find({thread, number});
    if (at != registers.end()) return at->second;
    if (number > kRegisterPc && number < kRegisterCsr0) return std::nullopt;  // no FPU
    return thread * 0x100 + number;
  }
  std::string write_register(unsigned thread, unsigned number, std::uint32_t value) override {
    if (number == kRegisterPc && (value & 1u) != 0) return "pc must be even {#}";
    registers[{thread, number}] = value;
    return {};
  }
  std::size_t read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) override {
    const std::size_t count = room(address, bytes.size());
    if (count > 0) std::copy_n(memory.begin() + (address - kBase), count, bytes.begin());
    return count;
  }
  std::size_t write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
    const std::size_t count = room(address, bytes.size());
    if (count > 0) std::copy_n(bytes.begin(), count, memory.begin() + (address - kBase));
    return count;
  }
  void insert(const StopPoint& point) override { points.push_back(point); }
  void remove(const StopPoint& point) override { std::erase(points, point); }
  void resume(const std::vector<Action>& wanted) override { actions = wanted; }
  void interrupt() override { ++interrupts; }
  void detach() override { ++detaches; }
  void kill() override { ++kills; }
  void restart() override { ++restarts; }
  void monitor(std::string_view command, const Print& print) override {
    print("you said " + std::string(command) + "\n");
  }

  inline static const std::string description =
      target_xml(true, {{1, "fflags"}, {0x300, "mstatus"}});
  inline static const std::string map =
      gdb::memory_map_xml({{0x1000, 0x1000, true}, {0x80000000, 0x8000000, false}});
  std::map<std::pair<unsigned, unsigned>, std::uint32_t> registers;
  std::array<std::uint8_t, 4096> memory{};
  std::vector<StopPoint> points;
  std::vector<Action> actions;
  int interrupts = 0, detaches = 0, kills = 0, restarts = 0;

 private:
  std::size_t room(std::uint32_t address, std::size_t wanted) const {
    if (address < kBase || address - kBase >= memory.size()) return 0;
    return std::min(wanted, memory.size() - (address - kBase));
  }
};

}  // namespace aimc::gdb::testing
