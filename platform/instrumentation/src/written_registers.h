// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "aimc/riscv/disassembler.h"

namespace aimc::instrumentation {

/// The registers that one instruction writes, as a line of Spike's commit log shows them.
///
/// Spike keeps them in a std::unordered_map from number * 16 + kind to value and prints it from its
/// beginning. With libstdc++ that is: the newest first, but a key whose bucket (of 13) has keys
/// already stands right before those. Whoever wants lines that can be compared has to do the same.
class WrittenRegisters {
 public:
  enum class Kind : std::uint8_t { kX = 0, kF = 1, kCsr = 4 };

  void clear() { size_ = 0; }

  /// In the order in which Spike's instruction writes. A register written twice keeps its place.
  void add(Kind kind, std::uint32_t number, std::uint32_t value) {
    const std::uint32_t key = number << 4 | static_cast<std::uint32_t>(kind);
    Entry* const end = entries_.data() + size_;
    Entry* const same =
        std::find_if(entries_.data(), end, [key](const Entry& e) { return e.key == key; });
    if (same != end) {
      same->value = value;
      return;
    }
    if (size_ == entries_.size()) return;  // no instruction writes as many
    Entry* const near = std::find_if(
        entries_.data(), end, [key](const Entry& e) { return e.key % kBuckets == key % kBuckets; });
    Entry* const place = near != end ? near : entries_.data();
    std::move_backward(place, end, end + 1);
    *place = {key, value};
    ++size_;
  }

  /// x0 takes part in the order, but is not shown.
  void append_to(std::string* text) const {
    auto out = std::back_inserter(*text);
    for (unsigned i = 0; i < size_; ++i) {
      const auto& [key, value] = entries_[i];
      if (key == 0) continue;
      switch (static_cast<Kind>(key & 15u)) {
        case Kind::kX:
          fmt::format_to(out, " x{:<2} 0x{:08x}", key >> 4, value);
          break;
        case Kind::kF:
          fmt::format_to(out, " f{:<2} 0x{:08x}", key >> 4, value);
          break;
        case Kind::kCsr:
          fmt::format_to(out, " c{}_{} 0x{:08x}", key >> 4, riscv::csr_name(key >> 4), value);
          break;
      }
    }
  }

 private:
  static constexpr std::uint32_t kBuckets = 13;
  struct Entry {
    std::uint32_t key = 0, value = 0;
  };
  std::array<Entry, 8> entries_{};
  unsigned size_ = 0;
};

}  // namespace aimc::instrumentation
