// SPDX-License-Identifier: Apache-2.0
/// The XML documents that describe a machine to GDB.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aimc::gdb {

/// Makes text safe as contents or attribute of an XML document.
std::string escape_xml(std::string_view text);

struct Csr {
  std::uint32_t number;
  std::string name;
};

/// target.xml of an RV32 hart.
///
/// `<osabi>none</osabi>` is part of it: without, GDB takes the program for a Linux one and steps
/// with breakpoints of its own. The FPU is described only where there is one, because GDB refuses
/// programs that do not fit the description.
std::string target_xml(bool has_fpu, const std::vector<Csr>& csrs);

/// A range of addresses. GDB refuses accesses outside of all of them without asking.
struct MemoryRange {
  std::uint64_t base = 0;
  std::uint64_t size = 0;
  bool rom = false;  ///< Gets hardware breakpoints only; GDB does not write there.
};

std::string memory_map_xml(const std::vector<MemoryRange>& ranges);

}  // namespace aimc::gdb
