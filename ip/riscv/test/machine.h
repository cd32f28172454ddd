// SPDX-License-Identifier: Apache-2.0
/// A core with some RAM, a device and much of nothing, for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <vector>

#include "aimc/riscv/core.h"
#include "assembler.h"

namespace aimc::riscv {

/// RAM 64 KiB at 0x80000000; device registers at 0x10000000 (256 bytes of plain storage that only
/// answers aligned accesses); everything else answers with an error.
class TestMachine : public Bus {
 public:
  static constexpr std::uint32_t kRam = 0x80000000u, kRamSize = 0x10000u;
  static constexpr std::uint32_t kDevice = 0x10000000u, kDeviceSize = 256;

  explicit TestMachine(CoreConfig config = {}) : ram(kRamSize), core(at_ram(config), *this) {}

  static CoreConfig at_ram(CoreConfig config) {
    if (config.reset_pc == CoreConfig{}.reset_pc) config.reset_pc = kRam;
    return config;
  }

  /// Writes instructions one after the other. @return the address behind them.
  std::uint32_t put(std::uint32_t address, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
      write(address, word);
      address += 4;
    }
    return address;
  }
  void put16(std::uint32_t address, std::initializer_list<std::uint16_t> halves) {
    for (const std::uint16_t half : halves) {
      std::memcpy(&ram[address - kRam], &half, 2);
      address += 2;
    }
  }
  void write(std::uint32_t address, std::uint32_t value) {
    std::memcpy(&ram[address - kRam], &value, 4);
  }
  std::uint32_t read(std::uint32_t address) const {
    std::uint32_t value;
    std::memcpy(&value, &ram[address - kRam], 4);
    return value;
  }
  /// Runs until pc stands at `address` or `limit` cycles are gone, one block at a time.
  bool run_to(std::uint32_t address, unsigned limit = 10000) {
    for (unsigned n = 0; n < limit && core.pc() != address; ++n) last = core.run(1);
    return core.pc() == address;
  }

  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    ++bus_loads;
    cycles_at_access = core.cycles();
    instructions_at_access = core.instructions();
    if (on_access) on_access(address);
    return access(address, size, data, nullptr);
  }
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    ++bus_stores;
    cycles_at_access = core.cycles();
    instructions_at_access = core.instructions();
    if (on_access) on_access(address);
    return access(address, size, nullptr, &data);
  }
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    ++bus_fetches;
    std::uint32_t word = 0;
    const BusResult result = access(address, 2, &word, nullptr);
    *data = static_cast<std::uint16_t>(word);
    return result;
  }
  bool direct(std::uint32_t address, AccessKind kind, DirectRegion* region) override {
    if (!allow_direct || address - kRam >= kRamSize) return false;
    if (kind == AccessKind::kStore && read_only) return false;
    *region = {kRam, kRam + kRamSize - 1, ram.data()};
    return true;
  }
  bool atomic_capable(std::uint32_t address) override { return address - kRam < kRamSize; }
  std::uint64_t time() override { return time_value; }

  std::vector<std::uint8_t> ram;
  std::uint8_t device[kDeviceSize] = {};
  bool allow_direct = true, read_only = false;
  unsigned bus_loads = 0, bus_stores = 0, bus_fetches = 0;
  std::uint64_t cycles_at_access = 0, instructions_at_access = 0;
  std::uint64_t time_value = 0;
  std::function<void(std::uint32_t)> on_access;
  RunResult last{};
  Core core;

 private:
  BusResult access(std::uint32_t address, unsigned size, std::uint32_t* in,
                   const std::uint32_t* out) {
    std::uint8_t* host = nullptr;
    if (address - kRam < kRamSize && address - kRam + size <= kRamSize) {
      host = &ram[address - kRam];
    } else if (address - kDevice < kDeviceSize && address % size == 0) {
      host = &device[address - kDevice];
    }
    if (host == nullptr) return {};
    if (out != nullptr && read_only) return {};
    if (in != nullptr) std::memcpy(in, host, size);
    if (out != nullptr) std::memcpy(host, out, size);
    return {true, allow_direct && address >= kRam};
  }
};

}  // namespace aimc::riscv
