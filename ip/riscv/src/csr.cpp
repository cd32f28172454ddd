// SPDX-License-Identifier: Apache-2.0
// Control and status registers.
#include "aimc/riscv/csr.h"

#include "aimc/riscv/core.h"
#include "block.h"
#include "fpu.h"

namespace aimc::riscv {
namespace {

constexpr std::uint32_t kInterruptBits =
    1u << kInterruptSoftware | 1u << kInterruptTimer | 1u << kInterruptExternal;
constexpr std::uint32_t kCountCycles = 1u, kCountTime = 2u, kCountInstructions = 4u;

constexpr bool in(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  return first <= value && value <= last;
}
constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
constexpr std::uint64_t with_low(std::uint64_t value, std::uint32_t part) {
  return (value & 0xffffffff00000000u) | part;
}
constexpr std::uint64_t with_high(std::uint64_t value, std::uint32_t part) {
  return (value & 0xffffffffu) | static_cast<std::uint64_t>(part) << 32;
}

}  // namespace

void Core::Counter::set(std::uint64_t total, std::uint64_t value) {
  if (inhibited) {
    frozen = value;
  } else {
    offset = value - total;
  }
}

void Core::Counter::inhibit(std::uint64_t total, bool on) {
  if (on == inhibited) return;
  const std::uint64_t now = value(total);
  inhibited = on;
  set(total, now);
}

/// Must be called after each change of mip, mie, mstatus.MIE, stop_ or yield_.
void Core::update_attention() { attention_ = stop_ || yield_ || pending_interrupt() != 0; }

/// Whether this hart has the CSR, whatever state it is in.
bool Core::csr_exists(std::uint32_t address) const {
  switch (address) {
    case kCsrFflags:
    case kCsrFrm:
    case kCsrFcsr:
      return (config_.isa & kExtF) != 0;
    case kCsrMstatus:
    case kCsrMisa:
    case kCsrMie:
    case kCsrMtvec:
    case kCsrMcounteren:
    case kCsrMenvcfg:
    case kCsrMstatush:
    case kCsrMenvcfgh:
    case kCsrTselect:
    case kCsrTdata1:
    case kCsrTdata2:
    case kCsrTdata3:
    case kCsrTinfo:
    case kCsrTcontrol:
    case kCsrMcountinhibit:
    case kCsrMscratch:
    case kCsrMepc:
    case kCsrMcause:
    case kCsrMtval:
    case kCsrMip:
    case kCsrMcycle:
    case kCsrMinstret:
    case kCsrMcycleh:
    case kCsrMinstreth:
    case kCsrCycle:
    case kCsrTime:
    case kCsrInstret:
    case kCsrCycleh:
    case kCsrTimeh:
    case kCsrInstreth:
    case kCsrMvendorid:
    case kCsrMarchid:
    case kCsrMimpid:
    case kCsrMhartid:
    case kCsrMconfigptr:
      return true;
    default:
      if (in(address, kCsrPmpcfg0, kCsrPmpcfg3) || in(address, kCsrPmpaddr0, kCsrPmpaddr15))
        return pmp_.present();
      return in(address, kCsrMhpmcounter3, kCsrMhpmcounter31) ||
             in(address, kCsrMhpmcounter3h, kCsrMhpmcounter31h) ||
             in(address, kCsrMhpmevent3, kCsrMhpmevent31) ||
             in(address, kCsrInstret, kCsrHpmcounter31) ||
             in(address, kCsrInstreth, kCsrHpmcounter31h);
  }
}

/// May an instruction touch the CSR in this state of the hart? (What it may not, traps.)
bool Core::csr_accessible(std::uint32_t address) const {
  if (in(address, kCsrFflags, kCsrFcsr) && (mstatus_ & kMstatusFs) == 0) return false;
  if (privilege_ == Privilege::kMachine) return true;
  if ((address >> 8 & 3u) != 0) return false;
  const bool counter =
      in(address, kCsrCycle, kCsrHpmcounter31) || in(address, kCsrCycleh, kCsrHpmcounter31h);
  return !counter || (mcounteren_ >> (address & 31u) & 1u) != 0;
}

/// Writes all of mstatus that can be written.
void Core::set_mstatus(std::uint32_t value) {
  std::uint32_t writable = kMstatusMie | kMstatusMpie | kMstatusMprv | kMstatusTw;
  if (config_.isa & kExtF) writable |= kMstatusFs;
  const std::uint32_t mpp = value & kMstatusMpp;
  if (mpp == 0 || mpp == kMstatusMpp) writable |= kMstatusMpp;  // no supervisor mode
  const std::uint32_t before = mstatus_;
  mstatus_ = (mstatus_ & ~writable) | (value & writable);
  if ((before | mstatus_) & kMstatusMprv) {
    change_privilege(privilege_);
  } else {
    update_attention();
    update_mode();
  }
}

/// Windows and blocks were made for what PMP said before.
void Core::pmp_write(std::uint32_t address, std::uint32_t value) {
  const auto machine = pmp_.executable(Privilege::kMachine);
  const auto user = pmp_.executable(Privilege::kUser);
  const bool changed = address <= kCsrPmpcfg3 ? pmp_.set_config(address - kCsrPmpcfg0, value)
                                              : pmp_.set_address(address - kCsrPmpaddr0, value);
  if (!changed) return;
  drop_windows();
  for (auto& cache : blocks_) {
    if (pmp_.executable(Privilege::kMachine) != machine) cache->flush_modes(0, kFpModes - 1);
    if (pmp_.executable(Privilege::kUser) != user) cache->flush_modes(kFpModes, kModes - 1);
  }
  yield_to_collect();
}

/// A register that reads as it is kept; null for the others.
const std::uint32_t* Core::kept_csr(std::uint32_t address) const {
  switch (address) {
    case kCsrMcounteren:
      return &mcounteren_;
    case kCsrMenvcfg:
      return &menvcfg_;
    case kCsrMie:
      return &mie_;
    case kCsrMip:
      return &mip_;
    case kCsrMtvec:
      return &mtvec_;
    case kCsrMscratch:
    case kCsrMepc:
    case kCsrMcause:
    case kCsrMtval:
      return &plain_csrs_[address - kCsrMscratch];
    case kCsrMcountinhibit:
      return &mcountinhibit_;
    case kCsrMhartid:
      return &config_.hart_id;
    default:
      return nullptr;
  }
}

bool Core::csr_get(std::uint32_t address, std::uint32_t* value) {
  if (const std::uint32_t* kept = kept_csr(address)) {
    *value = *kept;
    return true;
  }
  switch (address) {
    case kCsrFflags:
    case kCsrFrm:
    case kCsrFcsr:
      if (!(config_.isa & kExtF)) return false;
      fp_collect();
      *value = address == kCsrFflags ? fflags_ : address == kCsrFrm ? frm_ : frm_ << 5 | fflags_;
      return true;
    case kCsrMstatus:
      *value = mstatus_ | ((mstatus_ & kMstatusFs) == kMstatusFs ? kMstatusSd : 0);
      return true;
    case kCsrTinfo:
      *value = 1;  // no trigger here
      return true;
    case kCsrMisa:
      *value = misa_value(config_.isa);
      return true;
    case kCsrMcycle:
    case kCsrCycle:
      *value = low(mcycle_.value(cycles()));
      return true;
    case kCsrMcycleh:
    case kCsrCycleh:
      *value = high(mcycle_.value(cycles()));
      return true;
    case kCsrMinstret:
    case kCsrInstret:
      *value = low(minstret_.value(instructions()));
      return true;
    case kCsrMinstreth:
    case kCsrInstreth:
      *value = high(minstret_.value(instructions()));
      return true;
    case kCsrTime:
    case kCsrTimeh: {
      const HostFpu host_fpu(*this);
      const std::uint64_t now = bus_.time();
      *value = address == kCsrTime ? low(now) : high(now);
      return true;
    }
    default:
      *value = 0;
      if (!csr_exists(address)) return false;
      if (in(address, kCsrPmpcfg0, kCsrPmpcfg3)) *value = pmp_.config(address - kCsrPmpcfg0);
      if (in(address, kCsrPmpaddr0, kCsrPmpaddr15)) *value = pmp_.address(address - kCsrPmpaddr0);
      return true;  // the rest reads 0
  }
}

bool Core::csr_set(std::uint32_t address, std::uint32_t value, std::uint64_t cycles_then,
                   std::uint64_t instructions_then) {
  if (address >> 10 == 3) return false;  // read-only by number
  switch (address) {
    case kCsrFflags:
    case kCsrFrm:
    case kCsrFcsr:
      if (!(config_.isa & kExtF)) return false;
      if (address == kCsrFflags) fflags_ = value & 31u;
      if (address == kCsrFrm) frm_ = value & 7u;
      if (address == kCsrFcsr) {
        fflags_ = value & 31u;
        frm_ = value >> 5 & 7u;
      }
      if (mstatus_ & kMstatusFs) mstatus_ |= kMstatusFs;  // a debugger writes it when off, too
      update_mode();
      if (fp_live_) write_mxcsr(guest_mxcsr(frm_));
      return true;
    case kCsrMstatus:
      set_mstatus(value);
      return true;
    case kCsrMcounteren:
      mcounteren_ = value & (kCountCycles | kCountTime | kCountInstructions);
      return true;
    case kCsrMenvcfg:
      menvcfg_ = value & 1u;  // FIOM, of no effect: accesses complete in order
      return true;
    case kCsrMie:
      mie_ = value & kInterruptBits;
      update_attention();
      return true;
    case kCsrMtvec:
      if ((value & 3u) < 2) mtvec_ = value;  // other modes are reserved
      return true;
    case kCsrMscratch:
      mscratch_ = value;
      return true;
    case kCsrMepc:
      mepc_ = value & ~fetch_mask_;
      return true;
    case kCsrMcause:
      mcause_ = value;
      return true;
    case kCsrMtval:
      mtval_ = value;
      return true;
    case kCsrMcountinhibit:
      mcountinhibit_ = value & (kCountCycles | kCountInstructions);
      mcycle_.inhibit(cycles_then, mcountinhibit_ & kCountCycles);
      minstret_.inhibit(instructions_then, mcountinhibit_ & kCountInstructions);
      return true;
    // The write is done instead of the increment, in the half that stays as well.
    case kCsrMcycle:
      mcycle_.set(cycles_then, with_low(mcycle_.value(cycles()), value));
      return true;
    case kCsrMcycleh:
      mcycle_.set(cycles_then, with_high(mcycle_.value(cycles()), value));
      return true;
    case kCsrMinstret:
      minstret_.set(instructions_then, with_low(minstret_.value(instructions()), value));
      return true;
    case kCsrMinstreth:
      minstret_.set(instructions_then, with_high(minstret_.value(instructions()), value));
      return true;
    default:
      if (!csr_exists(address)) return false;
      if (in(address, kCsrPmpcfg0, kCsrPmpcfg3) || in(address, kCsrPmpaddr0, kCsrPmpaddr15))
        pmp_write(address, value);
      return true;  // the rest (misa, mip, mstatush, event counters, triggers) stays as it is
  }
}

/// csrrw/s/c and their immediate forms; rs3 holds funct3. @return false if illegal.
bool Core::csr_instruction(const BlockEntry& e) {
  const auto address = static_cast<std::uint32_t>(e.imm);
  const bool immediate = e.rs3 & 4u;
  const unsigned operation = e.rs3 & 3u;  // 1 write, 2 set, 3 clear
  const std::uint32_t operand = immediate ? e.rs1 : x_[e.rs1];
  const bool writes = operation == 1 || e.rs1 != 0;
  if ((writes && address >> 10 == 3) || !csr_accessible(address)) return false;
  std::uint32_t old = 0;
  if (!csr_get(address, &old)) return false;
  if (writes) {
    const std::uint32_t value = operation == 1   ? operand
                                : operation == 2 ? old | operand
                                                 : old & ~operand;
    // The next instruction reads a counter as it was written, so this one is not counted.
    if (!csr_set(address, value, cycles() + config_.cycles.csr, instructions() + 1)) return false;
    if (mode_ % kFpModes == kFpOff) {
      fp_leave();
    } else {
      fp_enter();
    }
  }
  x_[e.rd] = old;
  return true;
}

std::optional<std::uint32_t> Core::read_csr(std::uint32_t address) {
  std::uint32_t value = 0;
  if (!csr_get(address, &value)) return std::nullopt;
  return value;
}

std::vector<std::uint32_t> Core::implemented_csrs() const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t address = 0; address < 4096; ++address) {
    if (csr_exists(address)) found.push_back(address);
  }
  return found;
}

bool Core::write_csr(std::uint32_t address, std::uint32_t value) {
  return csr_set(address, value, cycles(), instructions());
}

std::string cause_name(std::uint32_t mcause) {
  if (mcause & kCauseInterrupt) {
    switch (mcause & ~kCauseInterrupt) {
      case kInterruptSoftware:
        return "machine software interrupt";
      case kInterruptTimer:
        return "machine timer interrupt";
      case kInterruptExternal:
        return "machine external interrupt";
      default:
        return "interrupt " + std::to_string(mcause & ~kCauseInterrupt);
    }
  }
  switch (mcause) {
    case kCauseMisalignedFetch:
      return "instruction address misaligned";
    case kCauseFetchAccess:
      return "instruction access fault";
    case kCauseIllegalInstruction:
      return "illegal instruction";
    case kCauseBreakpoint:
      return "breakpoint";
    case kCauseMisalignedLoad:
      return "load address misaligned";
    case kCauseLoadAccess:
      return "load access fault";
    case kCauseMisalignedStore:
      return "store address misaligned";
    case kCauseStoreAccess:
      return "store access fault";
    case kCauseEcallU:
      return "environment call from user mode";
    case kCauseEcallM:
      return "environment call from machine mode";
    default:
      return "cause " + std::to_string(mcause);
  }
}

}  // namespace aimc::riscv
