// SPDX-License-Identifier: Apache-2.0
// What Spike shows of an instruction, and in which order its instruction writes it.
#include "commit_line.h"

#include <fmt/format.h>

#include <iterator>

#include "aimc/riscv/atomic_operation.h"
#include "aimc/riscv/float_operation.h"

namespace aimc::instrumentation {
namespace {

using riscv::Format;
using riscv::Op;
using Kind = WrittenRegisters::Kind;

unsigned bits(std::uint32_t word, unsigned low, unsigned width) {
  return word >> low & ((1u << width) - 1);
}

constexpr bool in(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  return first <= value && value <= last;
}

bool is_csr(Format format) { return format == Format::kCsrReg || format == Format::kCsrImm; }

unsigned access_bytes(Op op) {
  switch (op) {
    case Op::kSb:
      return 1;
    case Op::kSh:
      return 2;
    default:
      return 4;
  }
}

}  // namespace

CommitLine::CommitLine(riscv::Core& core, GuestMemory& memory) : core_(core), memory_(memory) {
  see_mstatus();
}

void CommitLine::see_mstatus() { mstatus_ = core_.read_csr(riscv::kCsrMstatus).value_or(0); }

void CommitLine::begin(std::uint32_t pc, std::uint32_t word) {
  pc_ = pc;
  privilege_ = static_cast<unsigned>(core_.privilege());
  csr_write_ = false;
  raises_flags_ = false;
  decode(word);
  if (decoded_.row != nullptr) read_operands();  // otherwise it will trap
}

void CommitLine::decode(std::uint32_t word) {
  Decoded& slot = cache_[(word ^ word >> 12) % cache_.size()];
  if (slot.word != word || slot.row == nullptr) {
    const riscv::ExtensionSet isa = core_.config().isa;
    slot.word = word;
    slot.expanded =
        (word & 3u) == 3u ? word : riscv::expand_compressed(static_cast<std::uint16_t>(word), isa);
    slot.row = riscv::find_instruction(slot.expanded, isa);
  }
  decoded_ = slot;
}

void CommitLine::read_operands() {
  const std::uint32_t w = decoded_.expanded;
  const unsigned rs1 = bits(w, 15, 5), rs2 = bits(w, 20, 5);
  const Format format = decoded_.row->format;
  address_ = core_.x(rs1);
  operand_ = core_.x(rs2);
  if (format == Format::kLoad || format == Format::kFLoad)
    address_ += static_cast<std::uint32_t>(riscv::imm_i(w));
  if (format == Format::kStore || format == Format::kFStore)
    address_ += static_cast<std::uint32_t>(riscv::imm_s(w));
  if (format == Format::kFStore) operand_ = core_.f(rs2);
  if (format == Format::kAmo) reserved_ = core_.reservation() == address_;
  if (is_csr(format)) return read_csr_operands();
  if (decoded_.row->group != riscv::kExtF) return;
  const riscv::FloatOperands operands = {
      .a = core_.f(rs1), .b = core_.f(rs2), .c = core_.f(bits(w, 27, 5)), .integer = core_.x(rs1)};
  // Rounding decides which flags are raised, but not whether any is.
  const auto result = riscv::float_operation(decoded_.row->op, operands, riscv::kRoundNearestEven);
  raises_flags_ = result && result->flags != 0;
}

void CommitLine::read_csr_operands() {
  const std::uint32_t w = decoded_.expanded;
  const unsigned rs1 = bits(w, 15, 5), operation = bits(w, 12, 2);
  csr_write_ = operation == 1 || rs1 != 0;
  if (!csr_write_) return;
  const std::uint32_t operand = decoded_.row->format == Format::kCsrImm ? rs1 : core_.x(rs1);
  csr_old_ = core_.read_csr(w >> 20).value_or(0);
  csr_new_ = operation == 1 ? operand : operation == 2 ? csr_old_ | operand : csr_old_ & ~operand;
}

void CommitLine::end(bool trapped, std::string* text) {
  fmt::format_to(std::back_inserter(*text), "core{:4}: {} 0x{:08x} (0x{:0{}x})",
                 core_.config().hart_id, privilege_, pc_, decoded_.word,
                 (decoded_.word & 3u) == 3u ? 8 : 4);
  if (decoded_.row != nullptr) {
    written_.clear();
    registers(trapped);
    written_.append_to(text);
    memory(text);
  }
  *text += '\n';
}

void CommitLine::registers(bool trapped) {
  const Format format = decoded_.row->format;
  if (csr_write_) csr_registers(trapped);
  if (riscv::writes_f(format)) {
    written_.add(Kind::kF, rd(), core_.f(rd()));
  } else if (riscv::writes_x(format)) {
    written_.add(Kind::kX, rd(), core_.x(rd()));
  }
  if (decoded_.row->group == riscv::kExtF) float_registers();
  // Only a call of the host retires; it leaves its result in a0.
  if (decoded_.row->op == Op::kEbreak) written_.add(Kind::kX, 10, core_.x(10));
  if (decoded_.row->op == Op::kMret) {
    // RV32 has mstatus in two halves; the upper one has no bits on a hart without supervisor.
    add_csr(riscv::kCsrMstatus, false);
    add_csr(riscv::kCsrMstatush, false);
  }
}

void CommitLine::float_registers() {
  if (riscv::writes_f(decoded_.row->format) || raises_flags_) float_state_changed();
  if (raises_flags_) add_csr(riscv::kCsrFflags, false);
}

/// mstatus appears once: when its FS field becomes dirty.
void CommitLine::float_state_changed() {
  if ((mstatus_ & riscv::kMstatusFs) == riscv::kMstatusFs) return;
  mstatus_ |= riscv::kMstatusFs | riscv::kMstatusSd;
  written_.add(Kind::kCsr, riscv::kCsrMstatus, mstatus_);
}

void CommitLine::csr_registers(bool trapped) {
  const std::uint32_t address = decoded_.expanded >> 20;
  if (address <= riscv::kCsrFcsr) float_state_changed();
  if (address == riscv::kCsrFcsr) {  // stands for its two parts
    add_csr(riscv::kCsrFrm, false);
    add_csr(riscv::kCsrFflags, false);
  } else if (shows_write(address)) {
    add_csr(address, trapped);
  }
  if (address == riscv::kCsrMstatus) mstatus_ = written_mstatus(trapped);
}

void CommitLine::add_csr(std::uint32_t address, bool trapped) {
  written_.add(Kind::kCsr, address, written_csr(address, trapped));
}

/// What the CSR read right behind the instruction that has written it.
std::uint32_t CommitLine::written_csr(std::uint32_t address, bool trapped) {
  if (address == riscv::kCsrMstatus && csr_write_) return written_mstatus(trapped);
  switch (address) {
    case riscv::kCsrMcycle:
    case riscv::kCsrMcycleh:
    case riscv::kCsrMinstret:
    case riscv::kCsrMinstreth:  // they run on
      return csr_new_;
    case riscv::kCsrMepc:  // an interrupt that comes at once overwrites this and the next two
      if (trapped) return csr_new_ & ~((core_.config().isa & riscv::kExtC) != 0 ? 1u : 3u);
      break;
    case riscv::kCsrMcause:
    case riscv::kCsrMtval:
      if (trapped) return csr_new_;
      break;
    default:
      break;
  }
  return core_.read_csr(address).value_or(0);
}

/// mstatus as a CSR instruction left it. The loop may have made FS dirty for the next instruction
/// already, and an interrupt's entry has moved MIE to MPIE.
std::uint32_t CommitLine::written_mstatus(bool trapped) {
  using namespace riscv;  // NOLINT: names of fields
  const std::uint32_t now = core_.read_csr(kCsrMstatus).value_or(0);
  const std::uint32_t fs = (core_.config().isa & kExtF) != 0 ? csr_new_ & kMstatusFs : 0;
  std::uint32_t value =
      (now & ~(kMstatusFs | kMstatusSd)) | fs | (fs == kMstatusFs ? kMstatusSd : 0);
  if (!trapped) return value;
  value &= ~(kMstatusMie | kMstatusMpie | kMstatusMpp);
  const std::uint32_t mpp = csr_new_ & kMstatusMpp;
  const bool legal = mpp == 0 || mpp == kMstatusMpp;
  return value | ((now & kMstatusMpie) != 0 ? kMstatusMie : 0) | (csr_new_ & kMstatusMpie) |
         (legal ? mpp : csr_old_ & kMstatusMpp);
}

/// Spike shows no write of a CSR that is a constant there (of its harts with `--triggers=0`), and
/// none that PMP ignores.
bool CommitLine::shows_write(std::uint32_t address) {
  if (in(address, riscv::kCsrPmpcfg0, riscv::kCsrPmpcfg3))
    return 4 * (address - riscv::kCsrPmpcfg0) < core_.config().pmp_regions;
  if (in(address, riscv::kCsrPmpaddr0, riscv::kCsrPmpaddr15))
    return !pmp_refuses(address - riscv::kCsrPmpaddr0);
  return !in(address, riscv::kCsrMhpmcounter3, riscv::kCsrMhpmcounter31) &&
         !in(address, riscv::kCsrMhpmcounter3h, riscv::kCsrMhpmcounter31h) &&
         !in(address, riscv::kCsrTdata1, riscv::kCsrTcontrol);
}

/// Is pmpaddr of this region locked, or absent?
bool CommitLine::pmp_refuses(unsigned region) {
  const unsigned regions = core_.config().pmp_regions;
  const auto config = [&](unsigned number) {
    if (number >= regions) return 0u;
    const std::uint32_t word = core_.read_csr(riscv::kCsrPmpcfg0 + number / 4).value_or(0);
    return word >> number % 4 * 8 & 0xffu;
  };
  constexpr unsigned kLock = 0x80, kMode = 0x18, kTor = 0x08;
  const unsigned next = config(region + 1);
  return region >= regions || (config(region) & kLock) != 0 ||
         ((next & kLock) != 0 && (next & kMode) == kTor);
}

void CommitLine::memory(std::string* text) {
  const Op op = decoded_.row->op;
  const auto load = [&] { fmt::format_to(std::back_inserter(*text), " mem 0x{:08x}", address_); };
  const auto store = [&](std::uint32_t value, unsigned bytes) {
    fmt::format_to(std::back_inserter(*text), " mem 0x{:08x} 0x{:0{}x}", address_,
                   bytes == 4 ? value : value & ((1u << 8 * bytes) - 1), 2 * bytes);
  };
  switch (decoded_.row->format) {
    case Format::kLoad:
    case Format::kFLoad:
    case Format::kLr:
      load();
      break;
    case Format::kStore:
    case Format::kFStore:
      store(operand_, access_bytes(op));
      break;
    case Format::kAmo:
      if (op == Op::kSc) {
        if (rd() != 0 ? core_.x(rd()) == 0 : reserved_) store(operand_, 4);
      } else {
        load();
        store(rd() != 0 ? amo_result(op, core_.x(rd()), operand_)
                        : memory_.word(address_).value_or(0),
              4);
      }
      break;
    default:
      break;
  }
}

}  // namespace aimc::instrumentation
