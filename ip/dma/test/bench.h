// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <functional>
#include <vector>

#include "aimc/dma/dma.h"
#include "aimc/dma/dma_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"

namespace aimc::dma::testing {

constexpr std::uint64_t kPeriod = 2500;
constexpr std::uint32_t kRam = 0x80000000;
constexpr std::uint32_t kTileA = 0x40000000;
constexpr std::uint32_t kTileB = 0x40100000;
constexpr std::uint32_t kRegionBytes = 0x10000;

/// Three memories with 64 KiB each and nothing in between; keeps a log of accesses.
class Memories : public sc_core::sc_module {
 public:
  struct Access {
    bool write;
    std::uint32_t address;
    unsigned length;
    std::uint64_t time_ps;
    bool operator==(const Access&) const = default;
  };
  tlm_utils::simple_target_socket<Memories> in;

  explicit Memories(const sc_core::sc_module_name& name) : sc_module(name), in("in") {
    in.register_b_transport(this, &Memories::b_transport);
  }
  std::uint8_t* at(std::uint32_t address, unsigned length = 1) {
    for (Region& region : regions)
      if (address >= region.base && address - region.base + std::uint64_t{length} <= kRegionBytes)
        return &region.bytes[address - region.base];
    return nullptr;
  }
  /// Accesses of data, descriptor fetches left out.
  std::vector<Access> data_accesses(bool write) const {
    std::vector<Access> list;
    for (const Access& access : log)
      if (access.write == write && (write || access.length != DMA_DESCRIPTOR_BYTES))
        list.push_back(access);
    return list;
  }
  bool touched(std::uint32_t base) const {
    for (const Access& access : log)
      if (access.address - base < kRegionBytes && access.length != DMA_DESCRIPTOR_BYTES)
        return true;
    return false;
  }

  std::vector<Access> log;
  std::uint64_t read_ps = 0;
  std::uint64_t write_ps = 0;
  bool waits = false;               ///< Lets time pass in the call, as an interconnect may.
  std::uint64_t refuse_at = ~0ull;  ///< Accesses that cover this address fail.

 private:
  struct Region {
    std::uint32_t base;
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kRegionBytes);
  };
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    const auto address = static_cast<std::uint32_t>(txn.get_address());
    const unsigned length = txn.get_data_length();
    log.push_back({txn.is_write(), address, length, now_ps() + to_ps(delay)});
    delay += sc_core::sc_time::from_value(txn.is_write() ? write_ps : read_ps);
    if (waits) {
      wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    std::uint8_t* const cells = txn.get_address() >> 32 == 0 ? at(address, length) : nullptr;
    if (cells == nullptr || (refuse_at >= address && refuse_at < address + std::uint64_t{length})) {
      txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (txn.is_write()) std::memcpy(cells, txn.get_data_ptr(), length);
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), cells, length);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  std::vector<Region> regions{{kRam}, {kTileA}, {kTileB}};
};

struct Bench {
  explicit Bench(const DmaConfig& config = {}, double quantum_s = 10e-6)
      : dma("dma", config, services.services) {
    tlm::tlm_global_quantum::instance().set(to_time(quantum_s));
    host.out.bind(dma.regs_in);
    dma.mem_out.bind(memories.in);
    dma.irq.bind(line);
    for (std::uint32_t i = 0; i < kRegionBytes; ++i)
      *memories.at(kTileA + i) = static_cast<std::uint8_t>(i * 7 + (i >> 8) + 1);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  /// Stores a descriptor in RAM.
  void store(std::uint32_t address, const dma_descriptor_t& descriptor) {
    std::memcpy(memories.at(address, sizeof(descriptor)), &descriptor, sizeof(descriptor));
  }
  void start(unsigned channel, std::uint32_t address,
             std::uint32_t control = DMA_CH_CTRL_IRQ_DONE_MASK | DMA_CH_CTRL_IRQ_ERROR_MASK) {
    host.write(DMA_CH_DESCRIPTOR_OFFSET(channel), address);
    host.write(DMA_CH_CTRL_OFFSET(channel), control | DMA_CH_CTRL_START_MASK);
  }
  void run(double seconds = 1e-3) { sc_core::sc_start(to_time(seconds)); }
  std::uint32_t status(unsigned channel = 0) { return host.read(DMA_CH_STATUS_OFFSET(channel)); }
  std::uint32_t fault_code(unsigned channel = 0) {
    return host.read(DMA_CH_FAULT_CODE_OFFSET(channel));
  }
  std::uint32_t fault_address(unsigned channel = 0) {
    return host.read(DMA_CH_FAULT_ADDRESS_OFFSET(channel));
  }
  std::vector<std::uint8_t> bytes(std::uint32_t address, unsigned count) {
    const std::uint8_t* const first = memories.at(address, count);
    return {first, first + count};
  }

  aimc::testing::TestServices services;
  Dma dma;
  Memories memories{"memories"};
  aimc::testing::BusMaster host{"host"};
  sc_core::sc_signal<bool> line{"line"};
};

inline dma_descriptor_t linear(std::uint32_t source, std::uint32_t destination, std::uint32_t bytes,
                               std::uint32_t next = 0, bool irq = false) {
  dma_descriptor_t descriptor{};
  descriptor.control = irq ? DMA_DESCRIPTOR_CONTROL_IRQ_MASK : 0;
  descriptor.next = next;
  descriptor.source = source;
  descriptor.destination = destination;
  descriptor.bytes = bytes;
  descriptor.count1 = descriptor.count2 = 1;
  return descriptor;
}

}  // namespace aimc::dma::testing
