// SPDX-License-Identifier: Apache-2.0
// Any bytes as a program: the loader takes them or refuses them with a message, and what it takes
// is what it promises.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "aimc/common/error.h"
#include "aimc/instrumentation/symbol_table.h"
#include "aimc/soc/elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const aimc::soc::ElfImage image =
        aimc::soc::parse_elf("fuzz", std::string(reinterpret_cast<const char*>(data), size));
    std::uint64_t end = 0;
    bool entry = false;
    for (const auto& segment : image.segments) {
      if (segment.bytes.size() > segment.memory_bytes || segment.address < end) std::abort();
      end = std::uint64_t{segment.address} + segment.memory_bytes;
      entry = entry || image.entry - segment.address < segment.memory_bytes;
    }
    if (!entry || end > 0x100000000u) std::abort();
    const aimc::instrumentation::SymbolTable symbols(image);
    for (const auto& function : symbols.functions()) symbols.describe(function.start);
    symbols.describe(image.entry);
  } catch (const aimc::UserError& error) {
    if (std::string(error.what()).empty()) std::abort();
  }
  return 0;
}
