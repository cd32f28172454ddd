// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/core.h"

#include <algorithm>

#include "aimc/riscv/instruction.h"
#include "block.h"
#include "pairs.h"

namespace aimc::riscv {

Core::Core(const CoreConfig& config, Bus& bus)
    : config_(config), bus_(bus), pmp_(config.pmp_regions) {
  for (auto& cache : blocks_) cache = std::make_unique<BlockCache>();
  reset();
}

Core::~Core() = default;

void Core::reset() {
  for (auto& cache : blocks_) {
    cache->flush();
    cache->collect();
  }
  for (auto& regions : direct_) regions.clear();
  load_ = store_ = fetch_ = Window{};
  x_.fill(0);
  f_.fill(0);
  fetch_mask_ = config_.isa & kExtC ? 1u : 3u;
  pc_ = config_.reset_pc & ~fetch_mask_;
  mstatus_ = 0;  // as on QEMU: a first mret that names no mode goes to user mode
  // mip_ stays: it shows the interrupt inputs, which a reset of the hart does not change.
  mie_ = mtvec_ = mscratch_ = mepc_ = mcause_ = mtval_ = mcountinhibit_ = 0;
  mcounteren_ = menvcfg_ = 0;
  pmp_.reset();
  frm_ = fflags_ = 0;
  mcycle_ = minstret_ = Counter{};
  cycles_base_ = instructions_base_ = stall_cycles_ = slice_cycles_ = slice_instructions_ = 0;
  stop_ = yield_ = false;
  drop_reservation();
  privilege_ = data_privilege_ = Privilege::kMachine;
  guard_ = TrapLoopGuard{};
  fatal_reason_.clear();
  update_attention();
  update_mode();
}

void Core::set_privilege(Privilege level) {
  if (level == Privilege::kUser || level == Privilege::kMachine) change_privilege(level);
}

/// Everything that depends on the privilege level follows.
void Core::change_privilege(Privilege level) {
  privilege_ = level;
  const bool as_mpp = level == Privilege::kMachine && (mstatus_ & kMstatusMprv);
  data_privilege_ = !as_mpp                    ? level
                    : (mstatus_ & kMstatusMpp) ? Privilege::kMachine
                                               : Privilege::kUser;
  drop_windows();
  update_attention();
  update_mode();
}

void Core::set_pc(std::uint32_t value) { pc_ = value & ~1u; }

/// Reservations that other harts have made or given up move the store window.
void Core::see_reservations() {
  if (group_ == nullptr || group_version_ == group_->version()) return;
  group_version_ = group_->version();
  store_ = Window{};
}

void Core::join(HartGroup* group) {
  group_ = group;
  group_->add(this);
}

bool Core::is_run(const void* handler) const {
  return runs_ != nullptr && std::find(runs_, runs_ + kRunKinds, handler) != runs_ + kRunKinds;
}

void Core::cut_block(Block* block, unsigned cycles) {
  uncut_block();
  // The first entry that begins too late. Entries take a cycle or more: it is not behind `cycles`.
  unsigned at = std::min<unsigned>(cycles, block->entry_count);
  while (at > 0 && block->info[at - 1].cycles_before >= cycles) --at;
  if (at == block->entry_count) return;  // only the last instruction runs over
  cut_.entry = &block->entries[at];
  cut_.handler = cut_.entry->handler;
  cut_.group = nullptr;
  cut_.entry->handler = handlers_[static_cast<unsigned>(Op::kCut)];
  for (unsigned back = 1; back < kRunLength && back <= at; ++back) {
    BlockEntry& head = block->entries[at - back];
    const void* const alone = handlers_[static_cast<unsigned>(block->info[at - back].op)];
    if (head.handler == alone || (back > 1 && !is_run(head.handler))) continue;
    cut_.group = &head;
    cut_.group_handler = head.handler;
    head.handler = alone;
    return;
  }
}

void Core::restore_cut() {
  cut_.entry->handler = cut_.handler;
  if (cut_.group != nullptr) cut_.group->handler = cut_.group_handler;
  cut_.entry = nullptr;
}

RunResult Core::run(std::int64_t budget) {
  for (auto& cache : blocks_) cache->collect();
  const bool observed = !instruction_observers_.empty();
  active_ = observed ? 1 : 0;
  update_mode();
  see_reservations();
  budget = budget < 1 ? 1 : budget > kMaxBudget ? kMaxBudget : budget;
  fp_enter();
  const Exit exit = observed ? execute<true>(budget) : execute<false>(budget);
  fp_leave();
  stop_ = yield_ = false;
  update_attention();
  const RunResult result{exit, slice_cycles_, slice_instructions_};
  cycles_base_ += slice_cycles_;
  instructions_base_ += slice_instructions_;
  slice_cycles_ = slice_instructions_ = 0;
  return result;
}

}  // namespace aimc::riscv
