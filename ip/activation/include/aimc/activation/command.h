// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aimc/activation/activation_config.h"
#include "aimc/activation/activation_regs.h"

namespace aimc::activation {

/// Commands of the engine apart from time: check, cost and arithmetic. The engine runs these
/// functions; host tools may use them to check a command or to foretell its time and result.

/// Why a command cannot run.
struct Fault {
  std::uint32_t error = 0;  ///< An `ENGINE_ERROR_*` code; 0 (NONE) if the command is good.
  /// BAD_ARGUMENT: offset in the descriptor of the word at fault [byte]. SRAM_RANGE: first address
  /// of the operand that is not in SRAM.
  std::uint32_t address = 0;
};

/// Looks for the first fault: opcode, then the fields that the opcode uses in the order of the
/// descriptor's words, then the ranges IN, IN2, TABLE, OUT, then the contents of the table.
/// Words that the opcode does not use may hold anything; flags that it does not use, and reserved
/// bits of OP and CLAMP, must be 0. Addresses need no alignment, operands may overlap.
Fault check(const act_command_t& command, std::span<const std::uint8_t> sram);

/// What a command costs and yields.
struct Work {
  std::uint64_t operations = 0;  ///< Element operations: `elements_per_pass` * `passes`.
  std::uint64_t elements = 0;    ///< Elements of the result.
  std::uint64_t cycles = 0;      ///< From operands to result in SRAM, without dispatch.
};

/// Time model: each pass takes ceil(n / lanes) cycles; the pipeline fills once. n is COUNT, or for
/// pools the window positions of all output elements, padding included. SOFTMAX makes three passes
/// (maximum, exponentials and their sum, division), all others one.
/// @pre check() found no fault.
Work work(const act_command_t& command, const Config& config);

/// Executes checked commands, keeping its buffers from one to the next.
class Datapath {
 public:
  /// Reads all operands and computes the result; `sram` does not change.
  /// @returns the bytes due at OUT; valid until the next call.
  std::span<const std::uint8_t> run(const act_command_t& command,
                                    std::span<const std::uint8_t> sram);

 private:
  void element_wise(const act_command_t& command, std::span<const std::uint8_t> sram);
  void affine(const act_command_t& command, std::span<const std::uint8_t> sram);
  void pool(const act_command_t& command, std::span<const std::uint8_t> sram);

  std::vector<std::int32_t> values_;
  std::vector<std::int32_t> second_;
  std::vector<std::uint8_t> result_;
};

}  // namespace aimc::activation
