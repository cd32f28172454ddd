// SPDX-License-Identifier: Apache-2.0
#include "channel.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

namespace aimc::dma {
namespace {
constexpr std::uint32_t kBeatBytes = 4;  // of the search for the address at fault
}

Channel::Channel(Dma& dma, unsigned index)
    : dma_(dma),
      index_(index),
      period_(to_ps(dma.period_)),
      buffer_(dma.config_.burst_bytes),
      track_(dma.services().trace.source(fmt::format("{}.ch{}", dma.name(), index))),
      copy_name_(dma.services().trace.intern("copy")) {
  txn_.set_byte_enable_ptr(nullptr);
  sc_core::sc_spawn([this] { run(); }, fmt::format("ch{}", index).c_str());
}

void Channel::start() {
  if (busy()) return;
  starting_ = true;
  dma_.regs_.raise(DMA_CH_STATUS_OFFSET(index_), DMA_CH_STATUS_BUSY_MASK);
  dma_.regs_.set(DMA_CH_FAULT_CODE_OFFSET(index_), DMA_ERROR_NONE);
  dma_.regs_.set(DMA_CH_FAULT_ADDRESS_OFFSET(index_), 0);
  start_event_.notify(sc_core::SC_ZERO_TIME);
}

void Channel::reset() {
  ++epoch_;
  starting_ = running_ = aborting_ = false;
  bytes0_ = bytes_;
  descriptors0_ = descriptors_;
  cancel_event_.notify();
}

void Channel::run() {
  for (;;) {
    if (!starting_) {
      sc_core::wait(start_event_);
      continue;
    }
    starting_ = false;
    running_ = true;
    run_epoch_ = epoch_;
    const std::uint64_t begin = now_ps();
    try {
      run_chain();
      running_ = aborting_ = false;
      dma_.regs_.drop(DMA_CH_STATUS_OFFSET(index_), DMA_CH_STATUS_BUSY_MASK);
    } catch (const Cancelled&) {
      // Reset has put registers and flags right, and may have been followed by a new START.
    }
    busy_ps_ += now_ps() - begin;
  }
}

void Channel::run_chain() {
  RegisterBank& regs = dma_.regs_;
  std::uint32_t address = regs.get(DMA_CH_DESCRIPTOR_OFFSET(index_));
  bool complete = false;
  reads_.begin(now_ps());
  writes_.begin(now_ps());
  do {
    regs.set(DMA_CH_CURRENT_OFFSET(index_), address);
    const std::uint64_t begin = std::max({end(), now_ps(), traced_until_});
    track_.begin(begin, copy_name_, address);
    dma_descriptor_t descriptor{};
    Fault fault;
    try {
      fault = run_descriptor(address, descriptor);
    } catch (const Cancelled&) {
      traced_until_ = std::max(begin, now_ps());
      track_.end(traced_until_);
      throw;
    }
    traced_until_ = std::max(begin, end());
    track_.end(traced_until_);
    if (fault.code != DMA_ERROR_NONE) {
      catch_up(end());
      ++errors_;
      regs.set(DMA_CH_FAULT_CODE_OFFSET(index_), fault.code);
      regs.set(DMA_CH_FAULT_ADDRESS_OFFSET(index_), fault.address);
      raise(DMA_CH_STATUS_ERROR_MASK);
      return;
    }
    if (!source_.done()) break;  // aborted
    ++descriptors_;
    complete = descriptor.next == 0;
    const bool wants_irq = (descriptor.control & DMA_DESCRIPTOR_CONTROL_IRQ_MASK) != 0;
    if (wants_irq || complete) {
      catch_up(end());
      raise(DMA_CH_STATUS_DONE_MASK);
    }
    address = descriptor.next;
  } while (!complete && !aborting_);
  if (!complete) {
    catch_up(end());
    ++aborts_;
    raise(DMA_CH_STATUS_ABORTED_MASK);
  }
}

Channel::Fault Channel::run_descriptor(std::uint32_t address, dma_descriptor_t& descriptor) {
  if (address % 4 != 0) return {DMA_ERROR_DESCRIPTOR_BAD, address};
  // The previous descriptor's writes come first: it may have written this descriptor's data.
  const std::uint64_t begin = end();
  static_assert(sizeof(descriptor) == DMA_DESCRIPTOR_BYTES);
  unsigned char raw[DMA_DESCRIPTOR_BYTES];
  if (!transact(reads_, tlm::TLM_READ_COMMAND, address, raw, sizeof(raw), begin))
    return {DMA_ERROR_DESCRIPTOR_READ, address};
  std::memcpy(&descriptor, raw, sizeof(raw));
  if (descriptor.bytes == 0 || descriptor.count1 == 0 || descriptor.count2 == 0)
    return {DMA_ERROR_DESCRIPTOR_BAD, address};
  reads_.next_issue = reads_.idle_at + dma_.config_.setup_cycles * period_;
  source_.start(descriptor.source, descriptor.bytes, descriptor.count1, descriptor.source_stride1,
                descriptor.count2, descriptor.source_stride2);
  destination_.start(descriptor.destination, descriptor.bytes, descriptor.count1,
                     descriptor.destination_stride1, descriptor.count2,
                     descriptor.destination_stride2);
  return copy();
}

// Whole runs only, so that a short run is never cut in two by the end of a block.
std::uint32_t Channel::block_bytes() const {
  const std::uint32_t burst = dma_.config_.burst_bytes;
  const std::uint64_t a = source_.run() < burst ? source_.run() : 1;
  const std::uint64_t b = destination_.run() < burst ? destination_.run() : 1;
  std::uint64_t unit = std::lcm(a, b);
  if (unit > burst) unit = a;
  return static_cast<std::uint32_t>(burst / unit * unit);
}

// Two buffers in turn: block k is read while block k - 1 is written, once block k - 2 has left.
Channel::Fault Channel::copy() {
  const std::uint32_t limit = block_bytes();
  std::array<std::uint64_t, 2> buffer_free{};
  for (unsigned turn = 0; !source_.done() && !aborting_; turn ^= 1) {
    std::uint32_t filled = 0;
    const Fault read_fault = fill(limit, buffer_free[turn], filled);
    // What came before a fault is copied all the same.
    const Fault write_fault = drain(filled, reads_.idle_at);
    if (write_fault.code != DMA_ERROR_NONE) return write_fault;
    if (read_fault.code != DMA_ERROR_NONE) return read_fault;
    buffer_free[turn] = writes_.idle_at;
  }
  return {};
}

Channel::Fault Channel::fill(std::uint32_t limit, std::uint64_t earliest, std::uint32_t& filled) {
  Fault fault;
  while (filled < limit && !source_.done() && fault.code == DMA_ERROR_NONE) {
    const Cursor::Piece piece = source_.next(limit - filled);
    std::uint32_t done = 0;
    fault = move(reads_, tlm::TLM_READ_COMMAND, piece.address, buffer_.data() + filled, piece.bytes,
                 earliest, &done);
    filled += done;
  }
  return fault;
}

Channel::Fault Channel::drain(std::uint32_t count, std::uint64_t earliest) {
  std::uint32_t at = 0;
  while (at < count) {
    const Cursor::Piece piece = destination_.next(count - at);
    std::uint32_t done = 0;
    const Fault fault = move(writes_, tlm::TLM_WRITE_COMMAND, piece.address, buffer_.data() + at,
                             piece.bytes, earliest, &done);
    bytes_ += done;
    dma_.energy().add(dma_.energy_cause_, dma_.config_.energy_byte_j * done);
    if (fault.code != DMA_ERROR_NONE) return fault;
    at += piece.bytes;
  }
  return {};
}

// A refused burst moved nothing and does not say where it failed: its beats are tried one by one up
// to the one at fault.
Channel::Fault Channel::move(Port& port, tlm::tlm_command command, std::uint64_t address,
                             unsigned char* data, std::uint32_t bytes, std::uint64_t earliest,
                             std::uint32_t* done) {
  *done = bytes;
  if (transact(port, command, address, data, bytes, earliest)) return {};
  const std::uint32_t code = command == tlm::TLM_READ_COMMAND ? DMA_ERROR_READ : DMA_ERROR_WRITE;
  for (std::uint32_t at = 0; at < bytes;) {
    const auto into_beat = static_cast<std::uint32_t>((address + at) % kBeatBytes);
    const std::uint32_t beat = std::min(kBeatBytes - into_beat, bytes - at);
    if (beat == bytes || !transact(port, command, address + at, data + at, beat, port.idle_at)) {
      *done = at;
      return {code, static_cast<std::uint32_t>(address + at)};
    }
    at += beat;
  }
  return {};  // the beats went through where the burst did not, e.g. a target that takes words only
}

bool Channel::transact(Port& port, tlm::tlm_command command, std::uint64_t address,
                       unsigned char* data, std::uint32_t bytes, std::uint64_t earliest) {
  const std::uint64_t time = std::max({port.next_issue, earliest, port.completion[port.oldest]});
  // Only reads let the kernel catch up: nothing that is still to come lies before the next read.
  const std::uint64_t quantum = to_ps(tlm::tlm_global_quantum::instance().get());
  if (&port == &reads_ && time > now_ps() + quantum) catch_up(time);
  txn_.set_command(command);
  txn_.set_address(address);
  txn_.set_data_ptr(data);
  txn_.set_data_length(bytes);
  txn_.set_streaming_width(bytes);
  txn_.set_dmi_allowed(false);
  txn_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const std::uint64_t now = now_ps();
  sc_core::sc_time delay = sc_core::sc_time::from_value(time > now ? time - now : 0);
  dma_.mem_out->b_transport(txn_, delay);
  if (epoch_ != run_epoch_) throw Cancelled();  // the interconnect has waited
  ++transactions_;
  const std::uint64_t completion = now_ps() + to_ps(delay);
  const std::uint32_t width = dma_.config_.bytes_per_cycle;
  port.next_issue = time + (bytes + width - 1) / width * period_;
  port.completion[port.oldest] = completion;
  if (++port.oldest == dma_.config_.outstanding) port.oldest = 0;
  port.idle_at = std::max({port.idle_at, completion, port.next_issue});
  return txn_.get_response_status() == tlm::TLM_OK_RESPONSE;
}

void Channel::catch_up(std::uint64_t time) {
  const std::uint64_t now = now_ps();
  if (time > now) sc_core::wait(sc_core::sc_time::from_value(time - now), cancel_event_);
  if (epoch_ != run_epoch_) throw Cancelled();
}

void Channel::raise(std::uint32_t status_bits) {
  dma_.regs_.raise(DMA_CH_STATUS_OFFSET(index_), status_bits);
  dma_.irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Channel::report(nlohmann::ordered_json& stats) const {
  stats["bytes"] = bytes_;
  stats["descriptors"] = descriptors_;
  stats["transactions"] = transactions_;
  stats["busy_s"] = 1e-12 * static_cast<double>(busy_ps_);
  stats["errors"] = errors_;
  stats["aborts"] = aborts_;
}

}  // namespace aimc::dma
