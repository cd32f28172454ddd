// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "aimc/activation/activation_regs.h"
#include "aimc/activation/operations.h"
#include "aimc/activation/pooling.h"

/// The fields of a command as the types that the operations take.
namespace aimc::activation::detail {

inline constexpr std::uint32_t kAffineBytes =
    12;  // BIAS, MULTIPLIER, SHIFT: the tile's affine struct
inline constexpr std::uint32_t kLutBytes = 256;
inline constexpr std::uint32_t kExponentialBytes = 512;
inline constexpr std::uint32_t kMaxShift = 62;
inline constexpr std::uint32_t kMaxWindow =
    65535;  // so that sums and `rescale_mean` keep their ranges

inline constexpr std::uint32_t kOutInt32 = ACT_COMMAND_OP_OUT_INT32_MASK;
inline constexpr std::uint32_t kPerChannel = ACT_COMMAND_OP_PER_CHANNEL_MASK;
inline constexpr std::uint32_t kCountPad = ACT_COMMAND_OP_COUNT_PAD_MASK;

inline bool has(const act_command_t& command, std::uint32_t flag) {
  return (command.op & flag) != 0;
}

inline ElementType in_type(const act_command_t& command) {
  return static_cast<ElementType>(ACT_COMMAND_OP_IN_TYPE_GET(command.op));
}

inline ElementType out_type(const act_command_t& command) {
  return has(command, kOutInt32) ? ElementType::int32 : ElementType::int8;
}

inline Bounds int8_bounds(const act_command_t& command) {
  return {static_cast<std::int8_t>(ACT_COMMAND_CLAMP_LOW_GET(command.clamp)),
          static_cast<std::int8_t>(ACT_COMMAND_CLAMP_HIGH_GET(command.clamp))};
}

inline Bounds bounds(const act_command_t& command) {
  return has(command, kOutInt32) ? Bounds{} : int8_bounds(command);
}

inline Rescale scale(std::uint32_t multiplier, std::uint32_t shift) {
  return {static_cast<std::int32_t>(multiplier), static_cast<std::int32_t>(shift)};
}

inline Pool geometry(const act_command_t& command) {
  Pool pool;
  pool.in_height = ACT_COMMAND_MAP_HEIGHT_GET(command.map);
  pool.in_width = ACT_COMMAND_MAP_WIDTH_GET(command.map);
  pool.channels = command.channels;
  pool.kernel_height = ACT_COMMAND_KERNEL_HEIGHT_GET(command.kernel);
  pool.kernel_width = ACT_COMMAND_KERNEL_WIDTH_GET(command.kernel);
  pool.stride_y = ACT_COMMAND_STEP_STRIDE_Y_GET(command.step);
  pool.stride_x = ACT_COMMAND_STEP_STRIDE_X_GET(command.step);
  pool.pad_top = ACT_COMMAND_STEP_PAD_TOP_GET(command.step);
  pool.pad_left = ACT_COMMAND_STEP_PAD_LEFT_GET(command.step);
  pool.out_height = ACT_COMMAND_OUT_MAP_HEIGHT_GET(command.out_map);
  pool.out_width = ACT_COMMAND_OUT_MAP_WIDTH_GET(command.out_map);
  return pool;
}

// Sizes are at most (2^16 - 1)^2 * (2^32 - 1), which fits 64 bits.
inline std::uint64_t in_elements(const Pool& pool) {
  return std::uint64_t{pool.in_height} * pool.in_width * pool.channels;
}
inline std::uint64_t out_elements(const Pool& pool) {
  return std::uint64_t{pool.out_height} * pool.out_width * pool.channels;
}

inline bool is_pool(std::uint32_t opcode) {
  return opcode == ACT_OPCODE_MAX_POOL || opcode == ACT_OPCODE_AVERAGE_POOL;
}

/// Channel `index` of a PER_CHANNEL table; multiplier and shift still unchecked.
struct TableEntry {
  std::uint32_t bias;
  std::uint32_t multiplier;
  std::uint32_t shift;
};
static_assert(sizeof(TableEntry) == kAffineBytes);

inline TableEntry table_entry(std::span<const std::uint8_t> table, std::size_t index) {
  TableEntry entry;
  std::memcpy(&entry, &table[index * kAffineBytes], kAffineBytes);
  return entry;
}

inline bool good_scale(std::uint32_t multiplier, std::uint32_t shift) {
  return multiplier <= 0x7fffffffu && shift <= kMaxShift;
}

}  // namespace aimc::activation::detail
