// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "aimc/network/format.h"

namespace aimc::firmware {

/// The devices of the runtime as registers with just enough behaviour: queues that end commands one
/// by one, DMA channels that end chains, a sensor, a result port, a PLIC and a hart that sleeps.
/// What ends next is drawn at random whenever the hart sleeps, so every order comes up.
class FakeChip {
 public:
  /// WFI with nothing left that could wake the hart.
  struct SleepsForever : std::runtime_error {
    SleepsForever() : std::runtime_error("the hart sleeps for ever") {}
  };

  static constexpr std::uint32_t kWindow = 0x40000000;

  struct Engine {
    std::uint32_t id = 0;
    std::uint32_t depth = 2;
    std::deque<std::uint32_t> queue;
    std::uint32_t done_count = 0xfffffff0;  // wraps early in each run
    std::uint32_t irq_status = 0, irq_enable = 0;
    bool halted = false;
  };

  explicit FakeChip(unsigned seed);
  ~FakeChip();
  FakeChip(const FakeChip&) = delete;
  FakeChip& operator=(const FakeChip&) = delete;

  std::uint32_t read(std::uint32_t address);
  void write(std::uint32_t address, std::uint32_t value);
  bool irq_disable();
  void irq_enable();
  void wfi();
  bool irq_pending() const;

  /// Memory where the network image is expected.
  std::uint8_t* image() { return reinterpret_cast<std::uint8_t*>(image_.data()); }

  std::map<std::uint32_t, Engine> engines;      ///< By endpoint.
  std::set<std::uint32_t> failing_commands;     ///< End with an error in any engine.
  std::set<std::uint32_t> failing_descriptors;  ///< End with a bus fault.
  std::uint32_t records = 0, record_bytes = 64;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> committed;  ///< Frame, bytes.
  std::uint64_t accesses = 0;
  std::uint64_t cycles = 0;
  void (*handler)(void*) = nullptr;
  void* handler_context = nullptr;

 private:
  struct Channel {
    std::uint32_t status = 0, ctrl = 0, descriptor = 0;
  };
  std::uint32_t read_engine(Engine& engine, std::uint32_t offset);
  void write_engine(Engine& engine, std::uint32_t offset, std::uint32_t value);
  std::uint32_t read_dma(std::uint32_t offset);
  void write_dma(std::uint32_t offset, std::uint32_t value);
  void write_sensor(std::uint32_t offset, std::uint32_t value);
  bool level(std::uint32_t source) const;
  std::uint32_t best_source() const;
  bool end_something();

  std::mt19937 random_;
  std::vector<std::uint64_t> image_;
  Channel channels_[2];
  std::uint32_t selected_ = 0;
  std::uint32_t sensor_ctrl_ = 0, sensor_irq_ = 0, sensor_enable_ = 0, sensor_next_ = 0;
  bool sensor_ready_ = false, sensor_end_ = false;
  std::uint32_t result_frame_ = 0, result_bytes_ = 0;
  std::set<std::uint32_t> enabled_, in_service_;
  bool irqs_on_ = false;
};

extern FakeChip* g_chip;

}  // namespace aimc::firmware
