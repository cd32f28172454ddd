// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace aimc {

/// Who may do what to a field. `wo` reads as 0; `w1c` clears the bits written as 1.
enum class Access : std::uint8_t { ro, rw, wo, w1c };

struct FieldInfo {
  const char* name;
  std::uint8_t low_bit;
  std::uint8_t width;
  Access access;
  std::uint32_t reset;  ///< Value of the field, not shifted.
  const char* brief;
};

struct RegisterInfo {
  const char* name;
  std::uint32_t offset;
  std::uint32_t count;   ///< Elements of an array; 1 for a single register.
  std::uint32_t stride;  ///< Bytes from one element to the next.
  std::uint8_t bytes;    ///< 1 or 4.
  std::uint32_t reset;
  std::span<const FieldInfo> fields;
  const char* brief;

  /// Bits of fields with this access.
  constexpr std::uint32_t mask(Access access) const {
    std::uint32_t bits = 0;
    for (const FieldInfo& field : fields)
      if (field.access == access)
        bits |=
            static_cast<std::uint32_t>(((std::uint64_t{1} << field.width) - 1) << field.low_bit);
    return bits;
  }
};

/// The registers of one block, generated from its `*.regs.yaml`.
struct RegisterMap {
  const char* name;
  const char* brief;
  std::uint32_t size;  ///< Bytes of address space.
  std::span<const RegisterInfo> registers;
};

}  // namespace aimc
