// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <new>

namespace aimc::riscv {

Block* BlockCache::allocate(unsigned entries) {
  const std::size_t head = offsetof(Block, entries) + entries * sizeof(BlockEntry);
  void* memory = ::operator new(head + entries * sizeof(EntryInfo));
  Block* block = new (memory) Block{};
  block->info = reinterpret_cast<EntryInfo*>(static_cast<char*>(memory) + head);
  block->entry_count = static_cast<std::uint8_t>(entries);
  return block;
}

BlockCache::~BlockCache() {
  flush();
  collect();
}

Block** BlockCache::jump_cache(unsigned mode) {
  auto& cache = jump_caches_[mode];
  if (!cache) cache = std::make_unique<JumpCache>();
  return cache->data();
}

Block* BlockCache::find(std::uint32_t pc, unsigned mode) {
  const auto page = pages_.find(key(pc, mode));
  return page == pages_.end() ? nullptr : page->second->at[(pc & (kPageSize - 1)) >> 1];
}

void BlockCache::insert(Block* block) {
  auto& page = pages_[key(block->pc, block->mode)];
  if (!page) page = std::make_unique<Page>();
  page->at[(block->pc & (kPageSize - 1)) >> 1] = block;
  code_pages_[block->pc >> kPageBits] = true;
  ++page->count;
  entries_ += block->entry_count;
}

void BlockCache::unlink_all() {
  for (auto& cache : jump_caches_) {
    if (cache) cache->fill(nullptr);
  }
  for (auto& [page_key, page] : pages_) {
    if (page->count == 0) continue;
    for (Block* block : page->at) {
      if (!block) continue;
      block->taken = block->fall = nullptr;
      if (block->indirect) block->taken_pc = 1;
    }
  }
}

void BlockCache::drop(Block*& block) {
  block->taken = block->fall = nullptr;
  if (block->indirect) block->taken_pc = 1;
  dropped_.push_back(block);
  entries_ -= block->entry_count;
  block = nullptr;
}

void BlockCache::invalidate(std::uint32_t start, std::uint32_t end) {
  // The last instruction of a block may reach two bytes into the next page.
  const std::uint32_t first = (start >= 2 ? start - 2 : 0) >> kPageBits;
  const std::uint32_t last = end >> kPageBits;
  bool found = false;
  for (std::uint32_t number = first; number <= last; ++number) {
    if (!code_pages_[number]) continue;
    for (unsigned mode = 0; mode < kModes; ++mode) {
      const auto at = pages_.find(key(number << kPageBits, mode));
      if (at == pages_.end() || at->second->count == 0) continue;
      for (Block*& block : at->second->at) {
        // + 3: a closing kFpDirty stands for an instruction behind next_pc.
        if (!block || block->pc > end) continue;
        const std::uint32_t length = block->next_pc - block->pc;  // next_pc may be 0
        if (std::uint64_t{block->pc} + length + 3 < start) continue;
        drop(block);
        --at->second->count;
        found = true;
      }
    }
  }
  if (found) unlink_all();
}

void BlockCache::flush_modes(unsigned first, unsigned last) {
  std::erase_if(pages_, [&](auto& entry) {
    const unsigned mode = entry.first % kModesInKey;
    if (mode < first || mode > last) return false;
    for (Block*& block : entry.second->at) {
      if (block) drop(block);
    }
    return true;
  });
  for (unsigned mode = first; mode <= last; ++mode) {
    if (jump_caches_[mode]) jump_caches_[mode]->fill(nullptr);
  }
}

void BlockCache::flush() {
  for (const auto& [page_key, page] : pages_) code_pages_[page_key / kModesInKey] = false;
  flush_modes(0, kModes - 1);
}

void BlockCache::collect() {
  if (entries_ > kMaxEntries) flush();
  for (Block* block : dropped_) ::operator delete(block);
  dropped_.clear();
}

}  // namespace aimc::riscv
