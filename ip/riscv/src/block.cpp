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
  ++page->count;
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

void BlockCache::invalidate(std::uint32_t start, std::uint32_t end) {
  // The last instruction of a block may reach two bytes into the next page.
  const std::uint32_t first = (start >= 2 ? start - 2 : 0) >> kPageBits;
  const std::uint32_t last = end >> kPageBits;
  bool found = false;
  for (auto& [page_key, page] : pages_) {
    const std::uint64_t number = page_key / 8;
    if (page->count == 0 || number < first || number > last) continue;
    for (Block*& block : page->at) {
      // + 3: a closing kFpDirty stands for an instruction behind next_pc.
      if (!block || block->pc > end || block->next_pc + 3 < start) continue;
      dropped_.push_back(block);
      block = nullptr;
      --page->count;
      found = true;
    }
  }
  if (!found) return;
  for (Block* block : dropped_) {
    block->taken = block->fall = nullptr;
    if (block->indirect) block->taken_pc = 1;
  }
  unlink_all();
}

void BlockCache::flush() {
  for (auto& [page_key, page] : pages_) {
    for (Block* block : page->at) {
      if (!block) continue;
      block->taken = block->fall = nullptr;
      if (block->indirect) block->taken_pc = 1;
      dropped_.push_back(block);
    }
  }
  pages_.clear();
  for (auto& cache : jump_caches_) {
    if (cache) cache->fill(nullptr);
  }
}

void BlockCache::collect() {
  for (Block* block : dropped_) ::operator delete(block);
  dropped_.clear();
}

}  // namespace aimc::riscv
