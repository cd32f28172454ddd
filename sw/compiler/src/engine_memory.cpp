// SPDX-License-Identifier: Apache-2.0
#include "engine_memory.h"

#include "aimc/common/error.h"

namespace aimc::compiler {

std::uint32_t EngineMemory::add_table(std::span<const std::uint8_t> bytes) {
  tables_.resize((tables_.size() + 3) / 4 * 4);
  const auto address = static_cast<std::uint32_t>(tables_.size());
  tables_.insert(tables_.end(), bytes.begin(), bytes.end());
  return address;
}

std::uint32_t EngineMemory::add_buffer(std::uint64_t bytes, const std::string& what) {
  top_ = (top_ - static_cast<std::int64_t>(bytes)) & ~std::int64_t{15};
  buffers_.push_back({what, bytes});
  return static_cast<std::uint32_t>(top_ < 0 ? 0 : top_);  // `check` complains before it is used
}

std::uint32_t EngineMemory::staging(std::uint32_t later) const {
  const std::int64_t begin =
      (static_cast<std::int64_t>(tables_.size()) + later + 31) & ~std::int64_t{15};
  return begin < bytes_ ? static_cast<std::uint32_t>(bytes_ - begin) : 0;
}

void EngineMemory::check(const std::string& file, const std::string& engine) const {
  if (top_ >= static_cast<std::int64_t>(tables_.size())) return;
  std::vector<std::string> list;
  for (const Entry& entry : buffers_)
    list.push_back(fmt::format("{} {} B", entry.what, entry.bytes));
  user_error(Location{file},
             "the local SRAM of {} is too small: {} B for commands and tables and {} B for buffers "
             "({}), but it has {} B; sram_bytes of {} would fit",
             engine, tables_.size(), bytes_ - top_, join(list), bytes_,
             (static_cast<std::uint64_t>(bytes_ - top_) + tables_.size() + 4095) / 4096 * 4096);
}

}  // namespace aimc::compiler
