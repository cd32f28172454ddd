// SPDX-License-Identifier: Apache-2.0
// Decodes instructions into blocks.
#include <cstring>

#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "block.h"
#include "fpu.h"
#include "pairs.h"

namespace aimc::riscv {
namespace {

std::uint16_t cycles_of(const CycleTable& table, CostClass cost) {
  switch (cost) {
    case CostClass::kMul:
      return table.mul;
    case CostClass::kDiv:
      return table.div;
    case CostClass::kLoad:
      return table.load;
    case CostClass::kStore:
      return table.store;
    case CostClass::kAtomic:
      return table.atomic;
    case CostClass::kBranch:
      return table.branch;
    case CostClass::kJump:
      return table.jump;
    case CostClass::kCsr:
      return table.csr;
    case CostClass::kSystem:
      return table.system;
    case CostClass::kFp:
      return table.fp;
    case CostClass::kFpDiv:
      return table.fp_div;
    case CostClass::kFpSqrt:
      return table.fp_sqrt;
    default:
      return table.alu;
  }
}

Op shifted(Op op, Op from, Op to) {
  return static_cast<Op>(static_cast<int>(op) - static_cast<int>(from) + static_cast<int>(to));
}

Op aligned_variant(Op op) {
  switch (op) {
    case Op::kLh:
      return Op::kLhAligned;
    case Op::kLw:
      return Op::kLwAligned;
    case Op::kLhu:
      return Op::kLhuAligned;
    case Op::kSh:
      return Op::kShAligned;
    case Op::kSw:
      return Op::kSwAligned;
    case Op::kFlw:
      return Op::kFlwAligned;
    case Op::kFsw:
      return Op::kFswAligned;
    default:
      return op;
  }
}

bool is_pure_alu(Op op) {
  return op <= Op::kAuipc || (op >= Op::kAddi && op <= Op::kAnd) ||
         (op >= Op::kMul && op <= Op::kRemu) || (op >= Op::kSh1add && op <= Op::kBseti);
}

}  // namespace

/// Collects the entries of one block; a friend of Core because it turns core state into entries.
class BlockBuilder {
 public:
  BlockBuilder(const Core& core, std::uint32_t pc) : core_(core), pc_(pc), next_(pc) {}

  bool full() const { return count_ >= kMaxBlockEntries - 1; }
  unsigned count() const { return count_; }
  std::uint32_t next() const { return next_; }

  /// Adds one instruction. @return true if it ends the block.
  bool add(std::uint32_t raw, unsigned length);
  /// Makes the block; closes it with kEnd unless the last instruction did.
  Block* finish(bool closed, bool cacheable);

 private:
  void emit(Op op, const BlockEntry& entry, std::uint32_t raw, unsigned cycles, bool retires);
  const void* run_at(unsigned at) const;
  void pair_up();
  Op fold(Op op, std::uint32_t word, BlockEntry* e) const;
  Op plain_csr(BlockEntry* e) const;
  Op jump(Op op, std::uint32_t word, unsigned length, BlockEntry* e);
  bool add_float(const Instruction& row, std::uint32_t raw, std::uint32_t word, BlockEntry e,
                 unsigned cycles, unsigned length);

  const Core& core_;
  std::uint32_t pc_, next_;
  std::uint32_t taken_pc_ = 1;
  bool indirect_ = false;
  unsigned count_ = 0, cycles_ = 0, retired_ = 0;
  BlockEntry entries_[kMaxBlockEntries];
  EntryInfo info_[kMaxBlockEntries];
  Op ops_[kMaxBlockEntries];
};

void BlockBuilder::emit(Op op, const BlockEntry& entry, std::uint32_t raw, unsigned cycles,
                        bool retires) {
  entries_[count_] = entry;
  ops_[count_] = op;
  entries_[count_].handler = core_.handlers_[static_cast<unsigned>(op)];
  info_[count_] = {raw, static_cast<std::uint16_t>(cycles_),
                   static_cast<std::uint8_t>((next_ - pc_) >> 1), op};
  ++count_;
  cycles_ += cycles;
  retired_ += retires ? 1 : 0;
}

/// Replaces instructions by cheaper ones with the same effect.
Op BlockBuilder::fold(Op op, std::uint32_t word, BlockEntry* e) const {
  if (e->rd == 0 && is_pure_alu(op)) return Op::kNop;
  switch (op) {
    case Op::kLui:
      e->imm = imm_u(word);
      return Op::kLi;
    case Op::kAuipc:
      e->imm = static_cast<std::int32_t>(static_cast<std::uint32_t>(imm_u(word)) + next_);
      return Op::kLi;
    case Op::kAddi:
    case Op::kXori:
    case Op::kOri:
      if (e->rs1 == 0) return Op::kLi;
      return e->imm == 0 ? Op::kMv : op;
    case Op::kAdd:
    case Op::kOr:
      if (e->rs2 == 0) return Op::kMv;
      if (e->rs1 != 0) return op;
      e->rs1 = e->rs2;
      return Op::kMv;
    case Op::kBclri:
    case Op::kBinvi:
    case Op::kBseti: {
      const std::uint32_t bit = 1u << (e->imm & 31);
      e->imm = static_cast<std::int32_t>(op == Op::kBclri ? ~bit : bit);
      return op == Op::kBclri ? Op::kAndi : op == Op::kBinvi ? Op::kXori : Op::kOri;
    }
    case Op::kFence:
      return Op::kNop;  // one hart at a time, accesses complete in order
    default:
      return core_.config_.misaligned == Misaligned::kTrap ? aligned_variant(op) : op;
  }
}

/// The registers that are nothing but storage need not end a block.
Op BlockBuilder::plain_csr(BlockEntry* e) const {
  const auto address = static_cast<std::uint32_t>(e->imm);
  const bool reads = (e->rs3 & 3u) != 1 && e->rs1 == 0;
  const bool machine = core_.privilege_ == Privilege::kMachine;
  if (!machine || address < kCsrMscratch || address > kCsrMtval || (!reads && e->rs3 != 1))
    return Op::kCsr;
  e->imm = static_cast<std::int32_t>(address - kCsrMscratch);
  return reads ? Op::kCsrRead : Op::kCsrWrite;
}

bool BlockBuilder::add_float(const Instruction& row, std::uint32_t raw, std::uint32_t word,
                             BlockEntry e, unsigned cycles, unsigned length) {
  const unsigned mode = core_.mode_ % kFpModes;
  const std::uint32_t rm = word >> 12 & 7u;
  const bool rounds = has_rounding_mode(row.format);
  if (mode == kFpOff || (rounds && (rm == 5 || rm == 6))) {
    emit(Op::kIllegal, e, raw, cycles, true);
    next_ += length;
    return true;
  }
  const bool clean = mode == kFpClean || mode == kFpClean + kFpSoftOffset;
  // Comparisons and conversions may raise a flag, which is floating-point state, too.
  const bool flags = row.format == Format::kFCompare || row.format == Format::kFToIntRm;
  if (clean && (flags || writes_f(row.format))) {
    emit(Op::kFpDirty, e, raw, 0, false);  // comes back to this instruction in the other mode
    return true;
  }
  Op op = row.op;
  const bool compares = row.format == Format::kFCompare;
  const bool soft_mode = mode > kFpDirty;
  if (kHostFpu && rounds && rm == kRoundToZero && op == Op::kFcvtWS) {
    op = Op::kFcvtWSRtz;
  } else if (kHostFpu && rounds && rm == kRoundToZero && op == Op::kFcvtWuS) {
    op = Op::kFcvtWuSRtz;
  } else if ((rounds && (soft_mode || rm != kRoundDynamic)) || (compares && !kHostFpu)) {
    const std::uint32_t mode_bits = rounds ? rm : 0u;
    e.imm = static_cast<std::int32_t>(static_cast<std::uint32_t>(op) | mode_bits << 8);
    op = Op::kFpSoft;
  } else if (core_.config_.misaligned == Misaligned::kTrap) {
    op = aligned_variant(op);
  }
  if (writes_x(row.format) && e.rd == 0) e.rd = 32;
  emit(op, e, raw, cycles, true);
  next_ += length;
  return false;
}

/// Registers and immediate as the format has them.
BlockEntry operands(std::uint32_t word, Format format) {
  BlockEntry e{};
  e.rd = static_cast<std::uint8_t>(word >> 7 & 31u);
  e.rs1 = static_cast<std::uint8_t>(word >> 15 & 31u);
  e.rs2 = static_cast<std::uint8_t>(word >> 20 & 31u);
  e.rs3 = static_cast<std::uint8_t>(word >> 27);
  const bool stores = format == Format::kStore || format == Format::kFStore;
  e.imm = stores                     ? imm_s(word)
          : format == Format::kShift ? static_cast<std::int32_t>(e.rs2)
                                     : imm_i(word);
  return e;
}

/// Where a jump or branch goes, which ends the block.
Op BlockBuilder::jump(Op op, std::uint32_t word, unsigned length, BlockEntry* e) {
  const CycleTable& table = core_.config_.cycles;
  if (op == Op::kJalr) {
    indirect_ = true;
    return op;
  }
  if (op == Op::kJal) {
    taken_pc_ = next_ + static_cast<std::uint32_t>(imm_j(word));
    e->imm = static_cast<std::int32_t>(next_ + length);
    return taken_pc_ & core_.fetch_mask_ ? Op::kJumpMisaligned : op;
  }
  taken_pc_ = next_ + static_cast<std::uint32_t>(imm_b(word));
  if (!(taken_pc_ & core_.fetch_mask_) && table.branch_taken == table.branch) return op;
  e->imm = table.branch_taken - table.branch;
  return shifted(op, Op::kBeq, Op::kBeqCost);
}

bool BlockBuilder::add(std::uint32_t raw, unsigned length) {
  const std::uint32_t word =
      length == 4 ? raw : expand_compressed(static_cast<std::uint16_t>(raw), core_.config_.isa);
  const Instruction* row = find_instruction(word, core_.config_.isa);
  const CycleTable& table = core_.config_.cycles;
  BlockEntry e = operands(word, row == nullptr ? Format::kNone : row->format);
  if (row == nullptr) {
    emit(Op::kIllegal, e, raw, table.alu, true);
    next_ += length;
    return true;
  }
  const unsigned cycles = cycles_of(table, row->cost);
  if (row->group == kExtF) return add_float(*row, raw, word, e, cycles, length);
  Op op = row->op;
  bool ends = false;
  switch (row->format) {
    case Format::kJal:
    case Format::kJalr:
    case Format::kBranch:
      op = jump(op, word, length, &e);
      ends = true;
      break;
    case Format::kCsrReg:
    case Format::kCsrImm:
      e.imm = static_cast<std::int32_t>(word >> 20);
      e.rs3 = static_cast<std::uint8_t>(word >> 12 & 7u);
      op = plain_csr(&e);
      ends = op == Op::kCsr;
      break;
    case Format::kLr:
    case Format::kAmo:
      e.imm = static_cast<std::int32_t>(op);  // all share one handler
      break;
    case Format::kNone:  // ecall and what else changes more than registers
      ends = true;
      break;
    default:
      op = fold(op, word, &e);
      break;
  }
  if (writes_x(row->format) && e.rd == 0) e.rd = 32;
  emit(op, e, raw, cycles, true);
  next_ += length;
  return ends;
}

/// The handler of a run that begins at an entry, null if none does.
const void* BlockBuilder::run_at(unsigned at) const {
  if (at + kRunLength > count_) return nullptr;
  unsigned kind = 0;
  for (unsigned n = 0; n < kRunLength; ++n) {
    const Op op = ops_[at + n];
    if (op != Op::kLw && op != Op::kSw) return nullptr;
    kind = kind << 1 | (op == Op::kSw ? 1u : 0u);
  }
  return core_.runs_[kind];
}

/// Lets neighbours run under one dispatch, see pairs.h.
void BlockBuilder::pair_up() {
  if (core_.pairs_ == nullptr) return;
  for (unsigned at = 0; at + 1 < count_; ++at) {
    if (const void* run = run_at(at); run != nullptr) {
      entries_[at].handler = run;
      at += kRunLength - 1;
      continue;
    }
    const unsigned first = pair_first(ops_[at]), second = pair_second(ops_[at + 1]);
    if (first == kPairFirsts || second == kPairSeconds) continue;
    entries_[at].handler = core_.pairs_[first * kPairSeconds + second];
    ++at;
  }
}

Block* BlockBuilder::finish(bool closed, bool cacheable) {
  if (!closed) emit(Op::kEnd, BlockEntry{}, 0, 0, false);
  pair_up();
  Block* block = BlockCache::allocate(count_);
  block->charge = make_charge(retired_, cycles_);
  block->cycles = static_cast<std::uint16_t>(cycles_);
  block->retired = static_cast<std::uint8_t>(retired_);
  block->taken_pc = taken_pc_;
  block->next_pc = next_;
  block->pc = pc_;
  block->mode = core_.mode_;
  block->cacheable = cacheable;
  block->indirect = indirect_;
  std::memcpy(block->entries, entries_, count_ * sizeof(BlockEntry));
  std::memcpy(block->info, info_, count_ * sizeof(EntryInfo));
  return block;
}

/// Finds or makes the block at `pc`; null with fault_ set if its first instruction cannot be
/// fetched.
Block* Core::translate(std::uint32_t pc) {
  BlockCache& cache = *blocks_[active_];
  if (Block* known = cache.find(pc, mode_)) {
    jump_cache_[BlockCache::slot(pc)] = known;
    return known;
  }
  if (pc & fetch_mask_) {
    fault_ = {kCauseMisalignedFetch, pc};
    return nullptr;
  }
  BlockBuilder builder(*this, pc);
  bool cacheable = true, closed = false;
  do {
    const bool first = builder.count() == 0;
    const std::uint32_t at = builder.next();
    bool direct = true;
    std::uint16_t low = 0, high = 0;
    if (!first && (at ^ pc) >> kPageBits) break;
    if (!read_code(at, first, &low, &direct)) break;
    const unsigned length = instruction_length(low);
    if (length == 4 && !read_code(at + 2, first, &high, &direct)) break;
    if (!direct) cacheable = false;
    closed = builder.add(low | static_cast<std::uint32_t>(high) << 16, length);
  } while (!closed && cacheable && !builder.full());
  if (builder.count() == 0) return nullptr;
  Block* block = builder.finish(closed, cacheable);
  if (cacheable) {
    cache.insert(block);
    jump_cache_[BlockCache::slot(pc)] = block;
  } else {
    cache.adopt_transient(block);
  }
  yield_to_collect();
  return block;
}

/// fence.i: what was decoded may have changed.
void Core::flush_blocks() {
  for (auto& cache : blocks_) cache->flush();
  yield_to_collect();
}

/// Dropped blocks are freed between slices only: ends this one before they are too many.
void Core::yield_to_collect() {
  if (blocks_[0]->wants_collect() || blocks_[1]->wants_collect()) request_yield();
}

/// Reads a halfword of code: from direct memory, or over the bus if `may_use_bus`.
bool Core::read_code(std::uint32_t pc, bool may_use_bus, std::uint16_t* half, bool* direct) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::uint8_t* host = nullptr;
    if (pc - fetch_.base < fetch_.span) {
      host = reinterpret_cast<std::uint8_t*>(fetch_.host + pc);
    } else if (find_direct(AccessKind::kFetch, pc, 2, &host) == Reach::kDenied) {
      return may_use_bus && fail(kCauseFetchAccess, pc);
    }
    if (host != nullptr) {
      std::memcpy(half, host, 2);
      return true;
    }
    if (!may_use_bus) return false;
    if (attempt == 1) break;
    const HostFpu host_fpu(*this);
    const BusResult result = bus_.fetch(pc, half);
    see_reservations();
    if (!result.ok) return fail(kCauseFetchAccess, pc);
    if (!result.direct_hint || !add_direct(AccessKind::kFetch, pc)) break;
  }
  *direct = false;
  return true;
}

}  // namespace aimc::riscv
