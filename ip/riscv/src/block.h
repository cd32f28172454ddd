// SPDX-License-Identifier: Apache-2.0
/// Decoded basic blocks: the seam between decoding and executing (and a later translator).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <unordered_map>
#include <vector>

#include "aimc/riscv/instruction.h"

namespace aimc::riscv {

/// One decoded instruction. `handler` is a label of the execution loop.
struct BlockEntry {
  const void* handler;
  std::int32_t imm;  ///< Immediate; what else it holds is said at the handler.
  std::uint8_t rd;   ///< 32 stands for "x0 as destination".
  std::uint8_t rs1, rs2, rs3;
};
static_assert(sizeof(BlockEntry) == 16);

/// What is needed about an entry only when something unusual happens there. (The instructions of
/// the block before it are as many as its index: only the last entry may be none.)
struct EntryInfo {
  std::uint32_t word;           ///< As it stands in memory.
  std::uint16_t cycles_before;  ///< Cycles of the block's entries before this one.
  std::uint8_t offset;          ///< Halfwords from the block's pc.
  Op op;                        ///< What `handler` does if it is no pair.
};

constexpr unsigned kMaxBlockEntries = 64;
constexpr std::uint32_t kPageBits = 12;
constexpr std::uint32_t kPageSize = 1u << kPageBits;

/// What a block was translated for: whether F instructions run, mark mstatus.FS dirty, and may
/// use the host FPU; and the privilege level it was fetched with. See Core::update_mode.
constexpr unsigned kFpOff = 0, kFpClean = 1, kFpDirty = 2, kFpSoftOffset = 2, kFpModes = 5;
constexpr unsigned kModes = 2 * kFpModes;  ///< Machine mode first, then user mode.

/// Entries and their infos follow the header in one allocation.
struct Block {
  std::int64_t charge;     ///< Added to the accumulator: retired count - (cycles << 32).
  Block* taken;            ///< Link to the jump or branch target; jalr: last target seen.
  Block* fall;             ///< Link to the block behind this one.
  std::uint32_t taken_pc;  ///< Target of `taken`; jalr: pc of the last target, 1 = none.
  std::uint32_t next_pc;   ///< Address behind the last instruction.
  std::uint32_t pc;
  std::uint16_t cycles;
  std::uint8_t retired;      ///< Instructions.
  std::uint8_t entry_count;  ///< Entries, a closing kEnd included.
  std::uint8_t mode;         ///< FP mode, + kFpModes in user mode.
  bool cacheable;            ///< Lies in direct memory.
  bool indirect;             ///< Ends with jalr.
  EntryInfo* info;
  BlockEntry entries[1];
};

/// Position of the charge halves, see Core::execute.
constexpr std::int64_t make_charge(unsigned retired, unsigned cycles) {
  return static_cast<std::int64_t>(retired) - (static_cast<std::int64_t>(cycles) << 32);
}

/// Owns the blocks of one loop instance.
///
/// Blocks are found by (pc, mode) through a direct-mapped cache per mode, then page tables.
/// Dropped blocks live on until `collect`, because the loop may be inside one of them.
class BlockCache {
 public:
  static constexpr std::uint32_t kJumpCacheSize = 4096;
  using JumpCache = std::array<Block*, kJumpCacheSize>;

  static std::uint32_t slot(std::uint32_t pc) { return (pc >> 1) & (kJumpCacheSize - 1); }

  ~BlockCache();
  static Block* allocate(unsigned entries);

  Block** jump_cache(unsigned mode);
  Block* find(std::uint32_t pc, unsigned mode);
  void insert(Block* block);
  /// Takes over a block that `find` must not return.
  void adopt_transient(Block* block) { dropped_.push_back(block); }
  /// Drops the blocks that hold a byte of [start, end].
  void invalidate(std::uint32_t start, std::uint32_t end);
  void flush();
  /// Drops the blocks of modes [first, last].
  void flush_modes(unsigned first, unsigned last);
  /// Frees dropped blocks, and all if they have become too many; not while the loop runs.
  void collect();
  /// Is there so much to free that the loop should come to an end for it?
  bool wants_collect() const { return dropped_.size() > kMaxDropped || entries_ > kMaxEntries; }

 private:
  // Code that runs once, or is flushed over and over, must not fill the host's memory.
  static constexpr std::size_t kMaxDropped = 4096, kMaxEntries = 1u << 22;
  static constexpr std::uint64_t kModesInKey = 16;

  struct Page {
    std::array<Block*, kPageSize / 2> at{};
    unsigned count = 0;
  };
  static std::uint64_t key(std::uint32_t pc, unsigned mode) {
    return static_cast<std::uint64_t>(pc >> kPageBits) * kModesInKey + mode;
  }
  void drop(Block*& block);
  void unlink_all();

  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  std::array<std::unique_ptr<JumpCache>, kModes> jump_caches_;
  std::vector<bool> code_pages_ = std::vector<bool>(1u << (32 - kPageBits));  ///< Hold blocks.
  std::vector<Block*> dropped_;
  std::size_t entries_ = 0;  ///< Of the blocks that `find` returns.
};

}  // namespace aimc::riscv
