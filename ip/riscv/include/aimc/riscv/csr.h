// SPDX-License-Identifier: Apache-2.0
/// Numbers of the privileged architecture: CSR addresses, mstatus fields, trap causes.
#pragma once

#include <cstdint>
#include <string>

namespace aimc::riscv {

enum CsrAddress : std::uint32_t {
  kCsrFflags = 0x001,
  kCsrFrm = 0x002,
  kCsrFcsr = 0x003,
  kCsrMstatus = 0x300,
  kCsrMisa = 0x301,
  kCsrMie = 0x304,
  kCsrMtvec = 0x305,
  kCsrMcounteren = 0x306,
  kCsrMenvcfg = 0x30a,
  kCsrMstatush = 0x310,
  kCsrMenvcfgh = 0x31a,
  kCsrMcountinhibit = 0x320,
  kCsrMhpmevent3 = 0x323,
  kCsrMhpmevent31 = 0x33f,
  kCsrMscratch = 0x340,
  kCsrMepc = 0x341,
  kCsrMcause = 0x342,
  kCsrMtval = 0x343,
  kCsrMip = 0x344,
  kCsrPmpcfg0 = 0x3a0,
  kCsrPmpcfg3 = 0x3a3,
  kCsrPmpaddr0 = 0x3b0,
  kCsrPmpaddr15 = 0x3bf,
  kCsrTselect = 0x7a0,
  kCsrTdata1 = 0x7a1,
  kCsrTdata2 = 0x7a2,
  kCsrTdata3 = 0x7a3,
  kCsrTinfo = 0x7a4,
  kCsrTcontrol = 0x7a5,
  kCsrMcycle = 0xb00,
  kCsrMinstret = 0xb02,
  kCsrMhpmcounter3 = 0xb03,
  kCsrMhpmcounter31 = 0xb1f,
  kCsrMcycleh = 0xb80,
  kCsrMinstreth = 0xb82,
  kCsrMhpmcounter3h = 0xb83,
  kCsrMhpmcounter31h = 0xb9f,
  kCsrCycle = 0xc00,
  kCsrTime = 0xc01,
  kCsrInstret = 0xc02,
  kCsrHpmcounter31 = 0xc1f,
  kCsrCycleh = 0xc80,
  kCsrTimeh = 0xc81,
  kCsrInstreth = 0xc82,
  kCsrHpmcounter31h = 0xc9f,
  kCsrMvendorid = 0xf11,
  kCsrMarchid = 0xf12,
  kCsrMimpid = 0xf13,
  kCsrMhartid = 0xf14,
  kCsrMconfigptr = 0xf15,
};

constexpr std::uint32_t kMstatusMie = 1u << 3;
constexpr std::uint32_t kMstatusMpie = 1u << 7;
constexpr std::uint32_t kMstatusMpp = 3u << 11;
constexpr std::uint32_t kMstatusFs = 3u << 13;
constexpr std::uint32_t kMstatusMprv = 1u << 17;
constexpr std::uint32_t kMstatusTw = 1u << 21;
constexpr std::uint32_t kMstatusSd = 1u << 31;

/// Values of mcause for synchronous exceptions.
enum Cause : std::uint32_t {
  kCauseMisalignedFetch = 0,
  kCauseFetchAccess = 1,
  kCauseIllegalInstruction = 2,
  kCauseBreakpoint = 3,
  kCauseMisalignedLoad = 4,
  kCauseLoadAccess = 5,
  kCauseMisalignedStore = 6,
  kCauseStoreAccess = 7,
  kCauseEcallU = 8,
  kCauseEcallM = 11,
};

/// Top bit of mcause: the trap is an interrupt.
constexpr std::uint32_t kCauseInterrupt = 1u << 31;

/// Interrupt numbers: bit in mie and mip, low part of mcause.
enum Interrupt : std::uint32_t {
  kInterruptSoftware = 3,
  kInterruptTimer = 7,
  kInterruptExternal = 11,
};

/// Bits of fflags.
enum FpFlag : std::uint32_t {
  kFlagInexact = 1,
  kFlagUnderflow = 2,
  kFlagOverflow = 4,
  kFlagDivideByZero = 8,
  kFlagInvalid = 16,
};

/// Values of frm and of the rm field of an instruction.
enum RoundingMode : std::uint32_t {
  kRoundNearestEven = 0,
  kRoundToZero = 1,
  kRoundDown = 2,
  kRoundUp = 3,
  kRoundNearestMaxMagnitude = 4,
  kRoundDynamic = 7,
};

/// Words for a value of mcause, e.g. "illegal instruction" or "machine timer interrupt".
std::string cause_name(std::uint32_t mcause);

}  // namespace aimc::riscv
