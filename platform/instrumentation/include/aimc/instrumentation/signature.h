// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "aimc/instrumentation/guest_memory.h"
#include "aimc/soc/elf.h"

namespace aimc::instrumentation {

/// The memory between the symbols `begin_signature` and `end_signature`, which the RISC-V
/// architecture tests compare with a reference.
class Signature {
 public:
  /// @param granularity  Bytes in a line: 1, 2, 4, 8 or 16.
  /// @throws UserError if the program lacks the symbols or they make no range.
  Signature(const soc::ElfImage& image, unsigned granularity);

  /// One line for each `granularity` bytes: lower-case hexadecimal, most significant byte first;
  /// the last line is filled up with zeros. @throws UserError if it is not memory.
  std::string text(GuestMemory& memory) const;

 private:
  std::string file_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  unsigned granularity_;
};

}  // namespace aimc::instrumentation
