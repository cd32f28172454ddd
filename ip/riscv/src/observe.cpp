// SPDX-License-Identifier: Apache-2.0
// What the loop says of an instruction's place, and the observers that it asks and tells.
#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "block.h"
#include "position.h"

namespace aimc::riscv {

/// Makes cycles(), instructions() and pc() say what was done before `entry`.
void Core::locate(const Block* block, const BlockEntry* entry, std::int64_t acc,
                  std::int64_t budget) {
  const std::int64_t before = acc - charge_from(block, entry);
  slice_cycles_ = cycles_used(before, budget);
  slice_instructions_ = static_cast<std::uint32_t>(before);
  pc_ = pc_of(block, entry);
}

/// Observed loop: asks and tells the observers about one instruction.
bool Core::observe(const Block* block, const BlockEntry* entry, std::int64_t acc,
                   std::int64_t budget) {
  // kEnd and a cut are no instructions, and kFpDirty comes back to its instruction.
  const Op op = block->info[entry - block->entries].op;
  if (op == Op::kEnd || op == Op::kFpDirty ||
      entry->handler == handlers_[static_cast<unsigned>(Op::kCut)]) {
    return true;
  }
  locate(block, entry, acc, budget);
  const HostFpu host_fpu(*this);
  const std::uint32_t at = pc_, word = block->info[entry - block->entries].word;
  for (std::size_t n = 0; n < instruction_observers_.size(); ++n) {
    if (!instruction_observers_[n]->may_execute(at, word) || stop_) return false;
  }
  for (std::size_t n = 0; n < instruction_observers_.size(); ++n)
    instruction_observers_[n]->on_instruction(at, word);
  return true;
}

}  // namespace aimc::riscv
