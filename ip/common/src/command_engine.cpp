// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/command_engine.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/common/engine_map.h"
#include "aimc/common/engine_regs.h"

namespace aimc {

CommandEngine::CommandEngine(const sc_core::sc_module_name& name, Services& services,
                             const EngineConfig& config, const char* id, const RegisterMap& map)
    : Module(name, services),
      noc_in("noc_in"),
      irq("irq"),
      config_(config),
      period_(to_time(1.0 / config.clock_hz)),
      id_word_(0),
      regs_{&regs::kEngine, &map},
      sram_(config.sram_bytes),
      track_(services.trace.source(this->name())),
      stream_names_{services.trace.intern("send"), services.trace.intern("receive"),
                    services.trace.intern("repeat")} {
  std::memcpy(&id_word_, id, 4);
  noc_in.register_b_transport(this, &CommandEngine::b_transport);
  noc_in.register_transport_dbg(this, &CommandEngine::transport_dbg);
  regs_.on_read(ENGINE_ID_OFFSET, [this](std::uint32_t) { return id_word_; });
  regs_.on_read(ENGINE_SRAM_BYTES_OFFSET,
                [this](std::uint32_t) { return static_cast<std::uint32_t>(sram_.size()); });
  regs_.on_read(ENGINE_QUEUE_DEPTH_OFFSET, [this](std::uint32_t) { return config_.queue_depth; });
  regs_.on_write(ENGINE_CTRL_OFFSET, [this](std::uint32_t value, std::uint32_t) {
    if ((value & ENGINE_CTRL_RESET_MASK) != 0) stop_all();
  });
  const auto lines_changed = [this](std::uint32_t, std::uint32_t) { update(); };
  regs_.on_write(ENGINE_IRQ_ENABLE_OFFSET, lines_changed);
  regs_.on_write(ENGINE_IRQ_STATUS_OFFSET, lines_changed);
  SC_HAS_PROCESS(CommandEngine);
  SC_THREAD(sequencer);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
}

void CommandEngine::connect(PortDirectory& ports) {
  ports.target("noc_in", noc_in, Link::noc, ENGINE_WINDOW_BYTES);
  ports.irq_out("irq", irq);
}

void CommandEngine::reset() {
  stop_all();
  regs_.reset();
  std::fill(sram_.begin(), sram_.end(), std::uint8_t{0});
  update();
}

void CommandEngine::report(nlohmann::ordered_json& stats) const {
  stats["commands"] = commands_;
  stats["errors"] = errors_;
  stats["busy_s"] = to_seconds(busy_);
  stats["bytes_in"] = bytes_in_;
  stats["bytes_out"] = bytes_out_;
  stats["vectors_sent"] = vectors_sent_;
  stats["vectors_received"] = vectors_received_;
  stats["stream_wait_s"] = to_seconds(stream_wait_);
}

void CommandEngine::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  txn.set_dmi_allowed(false);
  const std::uint64_t offset = txn.get_address();
  if (offset >= ENGINE_SRAM_OFFSET) {
    const unsigned width = config_.sram_bytes_per_cycle;
    delay += cycles((txn.get_data_length() + width - 1) / width);
    txn.set_response_status(access_sram(txn));
    if (txn.is_response_ok()) (txn.is_read() ? bytes_out_ : bytes_in_) += txn.get_data_length();
    return;
  }
  delay += period_;
  const bool pushes = txn.is_write() && offset <= ENGINE_QUEUE_PUSH_OFFSET &&
                      offset + txn.get_data_length() > ENGINE_QUEUE_PUSH_OFFSET;
  if (pushes) {
    // A push can be refused, so it cannot be one word of a burst or a part of a word.
    tlm::tlm_response_status status = tlm::TLM_BURST_ERROR_RESPONSE;
    if (txn.get_byte_enable_ptr() != nullptr) {
      status = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    } else if (offset == ENGINE_QUEUE_PUSH_OFFSET && txn.get_data_length() == 4) {
      std::uint32_t descriptor = 0;
      std::memcpy(&descriptor, txn.get_data_ptr(), 4);
      status = push(descriptor) ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    txn.set_response_status(status);
    return;
  }
  txn.set_response_status(regs_.access(txn));
}

unsigned CommandEngine::transport_dbg(tlm::tlm_generic_payload& txn) {
  const std::uint64_t offset = txn.get_address();
  if (offset < ENGINE_SRAM_OFFSET) return regs_.debug(txn);
  return access_sram(txn) == tlm::TLM_OK_RESPONSE ? txn.get_data_length() : 0;
}

tlm::tlm_response_status CommandEngine::access_sram(tlm::tlm_generic_payload& txn) {
  const std::uint64_t address = txn.get_address() - ENGINE_SRAM_OFFSET;
  const unsigned length = txn.get_data_length();
  if (!in_sram(address, length)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  unsigned char* const data = txn.get_data_ptr();
  const unsigned char* const enables = txn.get_byte_enable_ptr();
  const unsigned enable_length = txn.get_byte_enable_length();
  for (unsigned i = 0; enables != nullptr && i < length; ++i) {
    if (enables[i % enable_length] == 0) continue;
    if (txn.is_read()) data[i] = sram_[address + i];
    if (txn.is_write()) sram_[address + i] = data[i];
  }
  if (enables == nullptr && txn.is_read()) std::memcpy(data, &sram_[address], length);
  if (enables == nullptr && txn.is_write()) std::memcpy(&sram_[address], data, length);
  return tlm::TLM_OK_RESPONSE;
}

bool CommandEngine::push(std::uint32_t descriptor) {
  if (queue_.size() + (running_ ? 1 : 0) >= config_.queue_depth) return false;
  queue_.push_back(descriptor);
  update();
  work_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void CommandEngine::stop_all() {
  ++epoch_;
  queue_.clear();
  abort_.notify();
  regs_.drop(ENGINE_STATUS_OFFSET, ENGINE_STATUS_HALTED_MASK);
  regs_.set(ENGINE_ERROR_CODE_OFFSET, ENGINE_ERROR_NONE);
  regs_.drop(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_ERROR_MASK);
  update();
}

void CommandEngine::sequencer() {
  for (;;) {
    const bool halted = (regs_.get(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_HALTED_MASK) != 0;
    if (queue_.empty() || halted) {
      wait(work_ | abort_);
      continue;
    }
    const std::uint32_t descriptor = queue_.front();
    queue_.pop_front();
    run_command(descriptor);
  }
}

void CommandEngine::run_command(std::uint32_t descriptor) {
  const std::uint64_t epoch = epoch_;
  // A copy: the kernel hands out a reference to its running clock.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const sc_core::sc_time begin = sc_core::sc_time_stamp();
  running_ = true;
  update();
  const std::uint32_t opcode = readable(descriptor) ? load_word(descriptor) & 0xff : 0;
  track_.begin(now_ps(), name_of(opcode), descriptor);
  try {
    failed_ = descriptor;
    const Outcome outcome =
        opcode == ENGINE_STREAM_REPEAT ? repeat(descriptor) : perform(descriptor);
    if (epoch == epoch_) {
      if (outcome.error != ENGINE_ERROR_NONE) {
        halt(failed_, outcome);
      } else {
        ++commands_;
        regs_.set(ENGINE_DONE_COUNT_OFFSET, regs_.get(ENGINE_DONE_COUNT_OFFSET) + 1);
        regs_.raise(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK);
      }
    }
  } catch (const Aborted&) {
    // The guest's CTRL.RESET has put registers and queue right already.
  }
  track_.end(now_ps());
  busy_ += sc_core::sc_time_stamp() - begin;
  running_ = false;
  update();
}

void CommandEngine::halt(std::uint32_t descriptor, const Outcome& outcome) {
  ++errors_;
  regs_.set(ENGINE_ERROR_CODE_OFFSET, outcome.error);
  regs_.set(ENGINE_ERROR_COMMAND_OFFSET, descriptor);
  regs_.set(ENGINE_ERROR_ADDRESS_OFFSET, outcome.address);
  regs_.raise(ENGINE_STATUS_OFFSET, ENGINE_STATUS_HALTED_MASK);
  regs_.raise(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_ERROR_MASK);
  services().control.guest_warning(
      name(), fmt::format("command at SRAM {:#x} failed: error {}, address {:#x}", descriptor,
                          outcome.error, outcome.address));
}

void CommandEngine::elapse(const sc_core::sc_time& duration) {
  const std::uint64_t epoch = epoch_;
  if (duration != sc_core::SC_ZERO_TIME) wait(duration, abort_);
  if (epoch != epoch_) throw Aborted();
}

bool CommandEngine::strided_in_sram(std::uint32_t address, std::uint32_t stride,
                                    std::uint64_t count, std::uint64_t bytes,
                                    std::uint32_t* fault) const {
  *fault = address;
  if (count == 0 || bytes == 0) return true;
  if (!in_sram(address, bytes)) return false;
  const std::uint64_t room = (sram_.size() - bytes - address) / std::max<std::uint64_t>(stride, 1);
  if (stride == 0 || count - 1 <= room) return true;
  *fault = static_cast<std::uint32_t>(address + (room + 1) * stride);
  return false;
}

std::uint32_t CommandEngine::load_word(std::uint32_t address) const {
  std::uint32_t value = 0;
  std::memcpy(&value, &sram_.at(address), 4);
  return value;
}

void CommandEngine::store_word(std::uint32_t address, std::uint32_t value) {
  std::memcpy(&sram_.at(address), &value, 4);
}

void CommandEngine::update() {
  const auto level = static_cast<std::uint32_t>(queue_.size() + (running_ ? 1 : 0));
  const std::uint32_t halted = regs_.get(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_HALTED_MASK;
  regs_.set(ENGINE_STATUS_OFFSET,
            halted | ENGINE_STATUS_BUSY_SET(level > 0) | ENGINE_STATUS_LEVEL_SET(level));
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void CommandEngine::drive_irq() {
  irq.write((regs_.get(ENGINE_IRQ_STATUS_OFFSET) & regs_.get(ENGINE_IRQ_ENABLE_OFFSET)) != 0);
}

}  // namespace aimc
