// SPDX-License-Identifier: Apache-2.0
/// What every program carries beside its body: start-up, trap handler, digests and the print-out.
#pragma once

#include "code.h"

namespace aimc::differential {

// Addresses. Code lies below kSystem.
constexpr U32 kBase = 0x80000000u, kHandler = 0x80000100u, kText = 0x80000400u;
constexpr U32 kSystem = 0x80080000u;  ///< Handler's frame and the words below.
constexpr U32 kData = 0x80100000u;    ///< 64 KiB that the body may write.
constexpr U32 kPool = 0x80110000u;    ///< 4 KiB of constants.
constexpr U32 kUnmapped = 0x90000000u;

// Words at kSystem, as offsets.
enum SystemWord : I32 {
  kFrame = 0,     ///< 64 bytes for the handler
  kMailbox = 64,  ///< not 0: the next ecall returns to machine mode
  kResume = 68,   ///< where to go on after a jump into nothing
  kTrapCount = 72,
  kTrapHash = 76,
  kStateHash = 80,
  kIteration = 84,
  kRegisters = 256,  ///< x0 .. x31 at the end of an iteration
  kFloats = 384,     ///< f0 .. f31
  kFloatStatus = 512,
};

// Registers that bodies do not write: sp data window for c.lwsp, tp the pool, s0 data window,
// s1 mask of offsets into the data.
constexpr U32 kDataWindow = kData + 0x800, kStackWindow = kData + 0x4000, kOffsetMask = 0x7fff;

/// Trap handler: folds mcause, mepc, mtval and the common bits of mstatus into the trap hash and
/// goes on behind the instruction.
void emit_handler(Code& code);
/// Start-up in front of the body: registers, trap vector, protection that lets user mode in.
void emit_start(Code& code, bool floating, U32 iterations, const U32 registers[32]);
/// End of an iteration: folds all registers into the state hash.
/// @param loop  Address of the body.
void emit_iteration_end(Code& code, bool floating, U32 loop);
/// Prints everything and leaves.
void emit_report(Code& code, bool floating);
/// Restores the registers that bodies rely on.
void emit_reserved_registers(Code& code);

}  // namespace aimc::differential
