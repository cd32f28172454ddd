// SPDX-License-Identifier: Apache-2.0
// Commands that every engine has beside its own: vectors to and from other endpoints, and lists.
#include <cstring>

#include "aimc/common/command_engine.h"
#include "aimc/common/engine_regs.h"

namespace aimc {

/// Offset of a descriptor word, for ERROR_ADDRESS.
#define AIMC_STREAM_WORD(member) static_cast<std::uint32_t>(offsetof(engine_stream_t, member))

std::uint16_t CommandEngine::name_of(std::uint32_t opcode) {
  const std::uint32_t index = opcode - ENGINE_STREAM_SEND;
  return index < std::size(stream_names_) ? stream_names_[index] : command_name(opcode);
}

// One command, of the engine's own or a stream's.
CommandEngine::Outcome CommandEngine::perform(std::uint32_t descriptor) {
  if (!readable(descriptor)) return {ENGINE_ERROR_BAD_DESCRIPTOR, descriptor};
  elapse(cycles(config_.dispatch_cycles));
  const std::uint32_t opcode = load_word(descriptor) & 0xff;
  if (opcode < ENGINE_STREAM_SEND || opcode > ENGINE_STREAM_REPEAT) return execute(descriptor);
  if (opcode == ENGINE_STREAM_REPEAT) return {ENGINE_ERROR_BAD_OPCODE, descriptor};
  if (!in_sram(descriptor, sizeof(engine_stream_t)))
    return {ENGINE_ERROR_BAD_DESCRIPTOR, descriptor};
  const std::uint32_t channel = load_word(descriptor + AIMC_STREAM_WORD(channel));
  const std::uint32_t address = load_word(descriptor + AIMC_STREAM_WORD(address));
  return opcode == ENGINE_STREAM_SEND ? send(channel, address) : receive(channel, address);
}

CommandEngine::Outcome CommandEngine::check_vector(std::uint32_t channel,
                                                   std::uint32_t address) const {
  const std::uint32_t bytes = stream_ != nullptr ? stream_->vector_bytes(channel) : 0;
  if (bytes == 0) return {ENGINE_ERROR_NO_STREAM, channel};
  if (!in_sram(address, bytes)) return {ENGINE_ERROR_SRAM_RANGE, address};
  return {};
}

sc_core::sc_time CommandEngine::copy_time(std::uint64_t bytes) const {
  return cycles((bytes + config_.sram_bytes_per_cycle - 1) / config_.sram_bytes_per_cycle);
}

void CommandEngine::wait_for_stream() {
  const std::uint64_t epoch = epoch_;
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the kernel's running clock
  const sc_core::sc_time begin = sc_core::sc_time_stamp();
  wait(stream_->changed() | abort_);
  stream_wait_ += sc_core::sc_time_stamp() - begin;
  if (epoch == epoch_) return;
  stream_->give_up();
  throw Aborted();
}

CommandEngine::Outcome CommandEngine::send(std::uint32_t channel, std::uint32_t address) {
  if (const Outcome bad = check_vector(channel, address); bad.error != ENGINE_ERROR_NONE)
    return bad;
  const std::uint32_t bytes = stream_->vector_bytes(channel);
  elapse(copy_time(bytes));
  for (;;) {
    switch (stream_->send(channel, std::span(sram_).subspan(address, bytes))) {
      case StreamPort::Result::done:
        ++vectors_sent_;
        return {};
      case StreamPort::Result::refused:
        return {ENGINE_ERROR_NO_STREAM, channel};
      case StreamPort::Result::blocked:
        wait_for_stream();
    }
  }
}

CommandEngine::Outcome CommandEngine::receive(std::uint32_t channel, std::uint32_t address) {
  if (const Outcome bad = check_vector(channel, address); bad.error != ENGINE_ERROR_NONE)
    return bad;
  const std::uint32_t bytes = stream_->vector_bytes(channel);
  for (;;) {
    std::uint64_t offset = 0;
    switch (stream_->receive(channel, &offset)) {
      case StreamPort::Result::done: {
        const std::uint64_t slot = offset - ENGINE_SRAM_OFFSET;
        if (offset < ENGINE_SRAM_OFFSET || !in_sram(slot, bytes))
          return {ENGINE_ERROR_SRAM_RANGE, static_cast<std::uint32_t>(slot)};
        elapse(copy_time(bytes));
        std::memmove(&sram_[address], &sram_[slot], bytes);
        ++vectors_received_;
        if (stream_->release(channel) != StreamPort::Result::done)
          return {ENGINE_ERROR_NO_STREAM, channel};
        return {};
      }
      case StreamPort::Result::refused:
        return {ENGINE_ERROR_NO_STREAM, channel};
      case StreamPort::Result::blocked:
        wait_for_stream();
    }
  }
}

CommandEngine::Outcome CommandEngine::repeat(std::uint32_t descriptor) {
  if (!in_sram(descriptor, sizeof(engine_stream_t)))
    return {ENGINE_ERROR_BAD_DESCRIPTOR, descriptor};
  elapse(cycles(config_.dispatch_cycles));
  const std::uint32_t list = load_word(descriptor + AIMC_STREAM_WORD(address));
  const std::uint32_t entries = load_word(descriptor + AIMC_STREAM_WORD(entries));
  const std::uint32_t count = load_word(descriptor + AIMC_STREAM_WORD(count));
  if (entries == 0) return {ENGINE_ERROR_BAD_ARGUMENT, AIMC_STREAM_WORD(entries)};
  if (count == 0) return {ENGINE_ERROR_BAD_ARGUMENT, AIMC_STREAM_WORD(count)};
  if (list % 4 != 0 || !in_sram(list, std::uint64_t{entries} * 4))
    return {ENGINE_ERROR_SRAM_RANGE, list};
  for (std::uint32_t round = 0; round < count; ++round) {
    elapse(cycles(1));  // of the loop itself, so that no list stands still in time
    for (std::uint32_t entry = 0; entry < entries; ++entry) {
      failed_ = load_word(list + entry * 4);
      const Outcome outcome = perform(failed_);
      if (outcome.error != ENGINE_ERROR_NONE) return outcome;
    }
  }
  return {};
}

}  // namespace aimc
