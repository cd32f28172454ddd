// SPDX-License-Identifier: Apache-2.0
// The order of the registers of one line is that of a hash table, so it is compared with one.
#include "written_registers.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <unordered_map>

#ifdef __GLIBCXX__  // the order is that library's

namespace aimc::instrumentation {
namespace {

TEST(WrittenRegistersTest, HaveTheOrderOfAnUnorderedMap) {
  // 20,000 sets of up to six registers, among them x0 and repeated ones.
  std::mt19937 random(1);
  const auto below = [&random](std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  for (unsigned n = 0; n < 20000; ++n) {
    WrittenRegisters registers;
    std::unordered_map<std::uint64_t, std::uint32_t> map;
    for (unsigned i = below(7); i > 0; --i) {
      using Kind = WrittenRegisters::Kind;
      const Kind kind = std::array{Kind::kX, Kind::kF, Kind::kCsr}[below(3)];
      const std::uint32_t number =
          kind == Kind::kCsr ? below(4) == 0 ? below(4096) : 0x300 + below(8) : below(32);
      const auto value = static_cast<std::uint32_t>(random());
      registers.add(kind, number, value);
      map[std::uint64_t{number} << 4 | static_cast<unsigned>(kind)] = value;
    }
    if (!map.empty()) {
      ASSERT_EQ(map.bucket_count(), 13u);
    }
    std::string expected, text;
    for (const auto& [key, value] : map) {
      WrittenRegisters one;
      one.add(static_cast<WrittenRegisters::Kind>(key & 15u), static_cast<std::uint32_t>(key >> 4),
              value);
      one.append_to(&expected);
    }
    registers.append_to(&text);
    ASSERT_EQ(text, expected) << "set " << n;
  }
}

}  // namespace
}  // namespace aimc::instrumentation

#endif
