// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "aimc/dma/dma.h"
#include "aimc/dma/dma_regs.h"
#include "cursor.h"

namespace aimc::dma {

/// One channel: its thread, its two clocks (reads and writes) and its counters.
///
/// The thread runs ahead of the kernel by up to the global quantum. All times are in ps.
class Channel {
 public:
  Channel(Dma& dma, unsigned index);

  void start();
  void abort() { aborting_ = busy(); }
  /// Drops all work at once; transactions under way are lost.
  void reset();
  bool busy() const { return starting_ || running_; }
  std::uint32_t bytes_since_reset() const { return static_cast<std::uint32_t>(bytes_ - bytes0_); }
  std::uint32_t descriptors_since_reset() const {
    return static_cast<std::uint32_t>(descriptors_ - descriptors0_);
  }
  void report(nlohmann::ordered_json& stats) const;

 private:
  static constexpr unsigned kMaxOutstanding = 16;

  /// Reset came: unwinds the thread to its start.
  struct Cancelled {};
  struct Fault {
    std::uint32_t code = DMA_ERROR_NONE;
    std::uint32_t address = 0;
  };
  /// Issues transactions of one direction, a few of them overlapping.
  struct Port {
    std::uint64_t next_issue = 0;
    std::uint64_t idle_at = 0;  // all transactions so far have completed
    std::array<std::uint64_t, kMaxOutstanding> completion{};
    unsigned oldest = 0;
    void begin(std::uint64_t time) {
      next_issue = idle_at = time;
      completion.fill(0);
    }
  };

  void run();
  void run_chain();
  Fault run_descriptor(std::uint32_t address, dma_descriptor_t& descriptor);
  Fault copy();
  Fault fill(std::uint32_t limit, std::uint64_t earliest, std::uint32_t& filled);
  Fault drain(std::uint32_t count, std::uint64_t earliest);
  /// One transaction. @returns DMA_ERROR_NONE, or `code` with the first beat that fails.
  Fault move(Port& port, tlm::tlm_command command, std::uint64_t address, unsigned char* data,
             std::uint32_t bytes, std::uint64_t earliest, std::uint32_t* done);
  bool transact(Port& port, tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                std::uint32_t bytes, std::uint64_t earliest);
  std::uint32_t block_bytes() const;
  /// Waits until the kernel has reached `time`. @throws Cancelled
  void catch_up(std::uint64_t time);
  void raise(std::uint32_t status_bits);
  std::uint64_t end() const { return std::max(reads_.idle_at, writes_.idle_at); }

  Dma& dma_;
  const unsigned index_;
  const std::uint64_t period_;
  sc_core::sc_event start_event_;
  sc_core::sc_event cancel_event_;
  bool starting_ = false;
  bool running_ = false;
  bool aborting_ = false;
  std::uint64_t epoch_ = 0;      // counts resets
  std::uint64_t run_epoch_ = 0;  // the epoch in which the present chain began

  Cursor source_;
  Cursor destination_;
  Port reads_;
  Port writes_;
  std::vector<unsigned char> buffer_;
  tlm::tlm_generic_payload txn_;

  std::uint64_t bytes_ = 0;
  std::uint64_t descriptors_ = 0;
  std::uint64_t bytes0_ = 0;  // at the last reset
  std::uint64_t descriptors0_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t aborts_ = 0;
  std::uint64_t busy_ps_ = 0;
  trace::Source& track_;
  std::uint16_t copy_name_;
  std::uint64_t traced_until_ = 0;
};

}  // namespace aimc::dma
