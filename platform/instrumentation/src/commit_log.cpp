// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/commit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iterator>

#include "aimc/common/error.h"
#include "aimc/common/quantity.h"
#include "aimc/riscv/disassembler.h"
#include "aimc/riscv/instruction.h"

namespace aimc::instrumentation {
namespace {

using riscv::Format;
using riscv::Instruction;
using riscv::Op;

constexpr std::size_t kBufferBytes = 1 << 16;

unsigned bits(std::uint32_t word, unsigned low, unsigned width) {
  return word >> low & ((1u << width) - 1);
}

/// The whole text as a number, decimal or with 0x.
std::optional<std::uint32_t> number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

unsigned access_bytes(Op op) {
  switch (op) {
    case Op::kLb:
    case Op::kLbu:
    case Op::kSb:
      return 1;
    case Op::kLh:
    case Op::kLhu:
    case Op::kSh:
      return 2;
    default:
      return 4;
  }
}

std::uint32_t amo_result(Op op, std::uint32_t old, std::uint32_t operand) {
  const auto a = static_cast<std::int32_t>(old), b = static_cast<std::int32_t>(operand);
  switch (op) {
    case Op::kAmoAdd:
      return old + operand;
    case Op::kAmoXor:
      return old ^ operand;
    case Op::kAmoAnd:
      return old & operand;
    case Op::kAmoOr:
      return old | operand;
    case Op::kAmoMin:
      return a < b ? old : operand;
    case Op::kAmoMax:
      return a > b ? old : operand;
    case Op::kAmoMinu:
      return std::min(old, operand);
    case Op::kAmoMaxu:
      return std::max(old, operand);
    default:
      return operand;
  }
}

}  // namespace

TracePoint parse_trace_point(const std::string& option, const std::string& text,
                             const SymbolTable& symbols) {
  TracePoint point;
  if (text.empty()) return point;
  if (const auto pc = number(text); pc && text.starts_with("0x")) {
    point.pc = *pc;
    return point;
  }
  if (std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    try {
      point.time_ps = static_cast<std::uint64_t>(parse_quantity(text, Unit::second) * 1e12);
    } catch (const std::exception& error) {
      user_error("{}: error: {}", option, error.what());
    }
    return point;
  }
  const std::size_t plus = text.find('+');
  const auto base = symbols.address(text.substr(0, plus));
  const auto offset = plus == std::string::npos ? 0u : number(text.substr(plus + 1));
  if (!base)
    user_error(
        "{}: error: the program has no symbol '{}'; write a symbol, an address (0x80000000) or a "
        "time (\"10 us\")",
        option, text.substr(0, plus));
  if (!offset) user_error("{}: error: '{}' is no offset", option, text.substr(plus + 1));
  point.pc = *base + *offset;
  return point;
}

/// Remembers an instruction before it executes and writes it when the next one shows that it has
/// retired; its results then stand in the registers.
class CommitLog::Hart : public riscv::InstructionObserver, public riscv::TrapObserver {
 public:
  Hart(CommitLog& log, riscv::Core& core, GuestMemory& memory,
       std::function<std::uint64_t()> now_ps)
      : log_(log), core_(core), memory_(memory), now_ps_(std::move(now_ps)) {
    on_ = !log.from_.set();
    see_mstatus();
    core.add_instruction_observer(this);
    core.add_trap_observer(this);
  }

  void on_instruction(std::uint32_t pc, std::uint32_t word) override {
    flush();
    if (!inside(pc)) return;
    pending_ = true;
    pc_ = pc;
    word_ = word;
    retired_ = core_.instructions();
    privilege_ = static_cast<unsigned>(core_.privilege());
    decode();
  }

  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t) override {
    // An exception: the instruction has not retired. An interrupt comes behind one that has.
    if ((mcause & riscv::kCauseInterrupt) == 0 && pc == pc_) {
      pending_ = false;
    } else {
      flush();
    }
    see_mstatus();
  }
  void on_mret(std::uint32_t) override {
    flush();
    see_mstatus();
  }

  void finish() {
    if (pending_ && core_.instructions() > retired_) flush();
    pending_ = false;
    core_.remove_instruction_observer(this);
    core_.remove_trap_observer(this);
  }

 private:
  struct Decoded {
    std::uint32_t word = 0;
    std::uint32_t expanded = 0;
    const Instruction* row = nullptr;
  };

  bool met(const TracePoint& point, std::uint32_t pc) const {
    if (point.pc) return *point.pc == pc;
    return point.time_ps && now_ps_() >= *point.time_ps;
  }
  bool inside(std::uint32_t pc) {
    if (over_) return false;
    if (on_ && log_.to_.set() && met(log_.to_, pc)) {
      on_ = false;
      over_ = log_.to_.time_ps.has_value();
      return false;
    }
    if (!on_ && log_.from_.set() && met(log_.from_, pc)) on_ = true;
    return on_;
  }

  void decode() {
    Decoded& slot = cache_[(word_ ^ word_ >> 12) % cache_.size()];
    if (slot.word != word_ || slot.row == nullptr) {
      slot.word = word_;
      slot.expanded =
          (word_ & 3u) == 3u
              ? word_
              : riscv::expand_compressed(static_cast<std::uint16_t>(word_), core_.config().isa);
      slot.row = riscv::find_instruction(slot.expanded, core_.config().isa);
    }
    now_ = slot;
    if (now_.row == nullptr) return;  // it will trap
    const std::uint32_t w = now_.expanded;
    const std::uint32_t base = core_.x(bits(w, 15, 5));
    operand_ = core_.x(bits(w, 20, 5));
    switch (now_.row->format) {
      case Format::kLoad:
      case Format::kFLoad:
        address_ = base + static_cast<std::uint32_t>(riscv::imm_i(w));
        break;
      case Format::kStore:
        address_ = base + static_cast<std::uint32_t>(riscv::imm_s(w));
        break;
      case Format::kFStore:
        address_ = base + static_cast<std::uint32_t>(riscv::imm_s(w));
        operand_ = core_.f(bits(w, 20, 5));
        break;
      default:
        address_ = base;
    }
    floating_ = riscv::writes_f(now_.row->format) || now_.row->cost == riscv::CostClass::kFp ||
                now_.row->cost == riscv::CostClass::kFpDiv ||
                now_.row->cost == riscv::CostClass::kFpSqrt;
    if (floating_) {
      fflags_ = core_.read_csr(riscv::kCsrFflags).value_or(0);
    }
  }

  /// Which changes of mstatus are known; an instruction that makes the registers of floating point
  /// dirty shows the others.
  void see_mstatus() { mstatus_ = core_.read_csr(riscv::kCsrMstatus).value_or(0); }

  void flush() {
    if (!pending_) return;
    pending_ = false;
    auto out = std::back_inserter(text_);
    fmt::format_to(out, "core{:4}: {} 0x{:08x} (0x{:0{}x})", core_.config().hart_id, privilege_,
                   pc_, word_, (word_ & 3u) == 3u ? 8 : 4);
    if (now_.row != nullptr) {
      registers();
      memory();
    }
    text_ += '\n';
    log_.line(text_);
    text_.clear();
  }

  void csr(std::uint32_t address) {
    fmt::format_to(std::back_inserter(text_), " c{}_{} 0x{:08x}", address, riscv::csr_name(address),
                   core_.read_csr(address).value_or(0));
  }

  void registers() {
    const Format format = now_.row->format;
    const unsigned rd = bits(now_.expanded, 7, 5);
    auto out = std::back_inserter(text_);
    if (floating_) {
      if (core_.read_csr(riscv::kCsrFflags) != fflags_) csr(riscv::kCsrFflags);
      if (core_.read_csr(riscv::kCsrMstatus) != mstatus_) csr(riscv::kCsrMstatus);
      see_mstatus();
    }
    if (riscv::writes_f(format)) {
      fmt::format_to(out, " f{:<2} 0x{:08x}", rd, core_.f(rd));
    } else if (riscv::writes_x(format) && rd != 0) {
      fmt::format_to(out, " x{:<2} 0x{:08x}", rd, core_.x(rd));
    }
    if (now_.row->op == Op::kMret) csr(riscv::kCsrMstatus);
    if (format != Format::kCsrReg && format != Format::kCsrImm) return;
    const bool swaps = (bits(now_.expanded, 12, 3) & 3u) == 1;
    if (!swaps && bits(now_.expanded, 15, 5) == 0) return;  // only reads
    const std::uint32_t address = now_.expanded >> 20;
    if (address == riscv::kCsrFcsr) {
      csr(riscv::kCsrFrm);
      csr(riscv::kCsrFflags);
    } else {
      csr(address);
    }
    see_mstatus();
  }

  void memory() {
    const Op op = now_.row->op;
    const unsigned rd = bits(now_.expanded, 7, 5);
    const auto load = [this] {
      fmt::format_to(std::back_inserter(text_), " mem 0x{:08x}", address_);
    };
    const auto store = [this](std::uint32_t value, unsigned bytes) {
      fmt::format_to(std::back_inserter(text_), " mem 0x{:08x} 0x{:0{}x}", address_,
                     bytes == 4 ? value : value & ((1u << 8 * bytes) - 1), 2 * bytes);
    };
    switch (now_.row->format) {
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
          if (rd == 0 ? memory_.word(address_) == operand_ : core_.x(rd) == 0) store(operand_, 4);
        } else {
          load();
          store(
              rd != 0 ? amo_result(op, core_.x(rd), operand_) : memory_.word(address_).value_or(0),
              4);
        }
        break;
      default:
        break;
    }
  }

  CommitLog& log_;
  riscv::Core& core_;
  GuestMemory& memory_;
  std::function<std::uint64_t()> now_ps_;
  std::array<Decoded, 1024> cache_{};
  std::string text_;
  Decoded now_;
  bool on_ = true, over_ = false, pending_ = false, floating_ = false;
  unsigned privilege_ = 3;
  std::uint32_t pc_ = 0, word_ = 0, address_ = 0, operand_ = 0, fflags_ = 0, mstatus_ = 0;
  std::uint64_t retired_ = 0;
};

CommitLog::CommitLog(Write write, const TracePoint& from, const TracePoint& to)
    : write_(std::move(write)), from_(from), to_(to) {}

CommitLog::~CommitLog() = default;

void CommitLog::attach(riscv::Core& core, GuestMemory& memory,
                       std::function<std::uint64_t()> now_ps) {
  harts_.push_back(std::make_unique<Hart>(*this, core, memory, std::move(now_ps)));
}

void CommitLog::line(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() < kBufferBytes) return;
  write_(buffer_);
  buffer_.clear();
}

void CommitLog::finish() {
  for (const auto& hart : harts_) hart->finish();
  harts_.clear();
  write_(buffer_);
  buffer_.clear();
}

}  // namespace aimc::instrumentation
