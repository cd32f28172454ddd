// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "aimc/activation/command.h"
#include "aimc/common/engine_regs.h"
#include "command_fields.h"

namespace aimc::activation {
namespace {

using namespace detail;

/// Keeps the first fault of a command; the checks after it do nothing.
class Checker {
 public:
  Checker(const act_command_t& command, std::span<const std::uint8_t> sram)
      : command_(command), sram_(sram) {}

  const Fault& fault() const { return fault_; }
  bool good() const { return fault_.error == ENGINE_ERROR_NONE; }

  void require(bool holds, std::size_t word) {
    if (good() && !holds) fault_ = {ENGINE_ERROR_BAD_ARGUMENT, static_cast<std::uint32_t>(word)};
  }
  void range(std::uint32_t address, std::uint64_t bytes) {
    const std::uint64_t size = sram_.size();
    if (!good() || (address < size && bytes <= size - address)) return;
    fault_ = {ENGINE_ERROR_SRAM_RANGE, address < size ? static_cast<std::uint32_t>(size) : address};
  }
  /// Word OP: element types up to `last_type`, no flags but `flags`, no reserved bits.
  void op(ElementType last_type, std::uint32_t flags) {
    const std::uint32_t known = ACT_COMMAND_OP_OPCODE_MASK | ACT_COMMAND_OP_IN_TYPE_MASK | flags;
    require((command_.op & ~known) == 0 && in_type(command_) <= last_type,
            offsetof(act_command_t, op));
  }
  void count() { require(command_.count > 0, offsetof(act_command_t, count)); }
  void multiplier() {
    require(good_scale(command_.multiplier, 0), offsetof(act_command_t, multiplier));
  }
  void multiplier2() {
    require(good_scale(command_.multiplier2, 0), offsetof(act_command_t, multiplier2));
  }
  void shift() { require(command_.shift <= kMaxShift, offsetof(act_command_t, shift)); }
  void clamp() {
    const Bounds range = int8_bounds(command_);
    require((command_.clamp >> 16) == 0 && range.low <= range.high, offsetof(act_command_t, clamp));
  }
  void channels() { require(command_.channels > 0, offsetof(act_command_t, channels)); }
  void pool() {
    const Pool pool = geometry(command_);
    const std::uint64_t window = std::uint64_t{pool.kernel_height} * pool.kernel_width;
    channels();
    require(pool.in_height > 0 && pool.in_width > 0, offsetof(act_command_t, map));
    require(window > 0 && window <= kMaxWindow, offsetof(act_command_t, kernel));
    require(pool.stride_y > 0 && pool.stride_x > 0 && pool.pad_top < pool.kernel_height &&
                pool.pad_left < pool.kernel_width,
            offsetof(act_command_t, step));
    require(pool.out_height > 0 && pool.out_width > 0 && windows_touch_map(pool),
            offsetof(act_command_t, out_map));
  }
  /// Entries of a PER_CHANNEL table that has been found in range.
  void affine_table() {
    if (!good()) return;
    const auto table = sram_.subspan(command_.table);
    for (std::size_t i = 0; i < command_.channels; ++i) {
      const TableEntry entry = table_entry(table, i);
      require(good_scale(entry.multiplier, entry.shift), offsetof(act_command_t, table));
    }
  }
  /// The first entry of a SOFTMAX table that has been found in range: the largest element's.
  void exponential_table() {
    if (!good()) return;
    require(sram_[command_.table] != 0 || sram_[command_.table + 1] != 0,
            offsetof(act_command_t, table));
  }

 private:
  const act_command_t& command_;
  std::span<const std::uint8_t> sram_;
  Fault fault_;
};

void check_affine(Checker& checker, const act_command_t& command) {
  checker.op(ElementType::int32, kOutInt32 | kPerChannel);
  checker.count();
  if (!has(command, kPerChannel)) {
    checker.multiplier();
    checker.shift();
  }
  if (!has(command, kOutInt32)) checker.clamp();
  if (has(command, kPerChannel)) checker.channels();
}

void check_leaky(Checker& checker, const act_command_t& command) {
  checker.op(ElementType::int32, kOutInt32);
  checker.count();
  checker.multiplier();
  checker.multiplier2();
  checker.shift();
  if (!has(command, kOutInt32)) checker.clamp();
}

void check_fields(Checker& checker, const act_command_t& command) {
  switch (ACT_COMMAND_OP_OPCODE_GET(command.op)) {
    case ACT_OPCODE_AFFINE:
      return check_affine(checker, command);
    case ACT_OPCODE_LEAKY:
      return check_leaky(checker, command);
    case ACT_OPCODE_LUT:
    case ACT_OPCODE_SOFTMAX:
      checker.op(ElementType::uint8, 0);
      return checker.count();
    case ACT_OPCODE_SIGMOID:
    case ACT_OPCODE_TANH:
      checker.op(ElementType::int32, 0);
      checker.count();
      checker.multiplier();
      return checker.shift();
    case ACT_OPCODE_ADD:
      checker.op(ElementType::int8, 0);
      checker.count();
      checker.multiplier();
      checker.multiplier2();
      checker.shift();
      return checker.clamp();
    case ACT_OPCODE_MAX_POOL:
      checker.op(ElementType::int8, 0);
      return checker.pool();
    case ACT_OPCODE_AVERAGE_POOL:
      checker.op(ElementType::int8, kCountPad);
      checker.multiplier();
      checker.shift();
      checker.clamp();
      return checker.pool();
    case ACT_OPCODE_ARG_MAX:
      checker.op(ElementType::int32, 0);
      return checker.count();
    default:
      return;
  }
}

void check_ranges(Checker& checker, const act_command_t& command) {
  const std::uint32_t opcode = ACT_COMMAND_OP_OPCODE_GET(command.op);
  if (is_pool(opcode)) {
    checker.range(command.in, in_elements(geometry(command)));
    checker.range(command.out, out_elements(geometry(command)));
    return;
  }
  checker.range(command.in, std::uint64_t{command.count} * element_bytes(in_type(command)));
  if (opcode == ACT_OPCODE_ADD) checker.range(command.in2, command.count);
  if (has(command, kPerChannel))
    checker.range(command.table, std::uint64_t{command.channels} * kAffineBytes);
  if (opcode == ACT_OPCODE_LUT) checker.range(command.table, kLutBytes);
  if (opcode == ACT_OPCODE_SOFTMAX) checker.range(command.table, kExponentialBytes);
  checker.range(command.out, opcode == ACT_OPCODE_ARG_MAX
                                 ? 4
                                 : std::uint64_t{command.count} * element_bytes(out_type(command)));
}

}  // namespace

Fault check(const act_command_t& command, std::span<const std::uint8_t> sram) {
  const std::uint32_t opcode = ACT_COMMAND_OP_OPCODE_GET(command.op);
  if (opcode < ACT_OPCODE_AFFINE || opcode > ACT_OPCODE_SOFTMAX)
    return {ENGINE_ERROR_BAD_OPCODE, offsetof(act_command_t, op)};
  Checker checker(command, sram);
  check_fields(checker, command);
  if (checker.good()) check_ranges(checker, command);
  if (has(command, kPerChannel)) checker.affine_table();
  if (opcode == ACT_OPCODE_SOFTMAX) checker.exponential_table();
  return checker.fault();
}

}  // namespace aimc::activation
