// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/core.h"

#include "block.h"

namespace aimc::riscv {

Core::Core(const CoreConfig& config, Bus& bus) : config_(config), bus_(bus) {
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
  mstatus_ = kMstatusMpp;  // MPP can only be M
  // mip_ stays: it shows the interrupt inputs, which a reset of the hart does not change.
  mie_ = mtvec_ = mscratch_ = mepc_ = mcause_ = mtval_ = mcountinhibit_ = 0;
  frm_ = fflags_ = 0;
  mcycle_ = minstret_ = Counter{};
  cycles_base_ = instructions_base_ = slice_cycles_ = slice_instructions_ = 0;
  reserved_ = stop_ = false;
  guard_ = TrapLoopGuard{};
  fatal_reason_.clear();
  update_attention();
  update_fp_mode();
}

void Core::set_pc(std::uint32_t value) { pc_ = value & ~1u; }

RunResult Core::run(std::int64_t budget) {
  for (auto& cache : blocks_) cache->collect();
  const bool observed = instruction_observer_ != nullptr;
  active_ = observed ? 1 : 0;
  update_fp_mode();
  budget = budget < 1 ? 1 : budget > kMaxBudget ? kMaxBudget : budget;
  fp_enter();
  const Exit exit = observed ? execute<true>(budget) : execute<false>(budget);
  fp_leave();
  stop_ = false;
  update_attention();
  const RunResult result{exit, slice_cycles_, slice_instructions_};
  cycles_base_ += slice_cycles_;
  instructions_base_ += slice_instructions_;
  slice_cycles_ = slice_instructions_ = 0;
  return result;
}

}  // namespace aimc::riscv
