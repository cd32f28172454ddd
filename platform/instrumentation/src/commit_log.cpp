// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/commit_log.h"

#include <cctype>
#include <charconv>

#include "aimc/common/error.h"
#include "aimc/common/quantity.h"
#include "commit_line.h"

namespace aimc::instrumentation {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;

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

}  // namespace

TracePoint parse_trace_point(const std::string& option, const std::string& text,
                             const SymbolTable& symbols) {
  TracePoint point;
  if (text.empty()) return point;
  if (const auto pc = number(text); pc && text.starts_with("0x")) {
    point.pc = *pc;
    return point;
  }
  if (text.starts_with("0x"))
    user_error("{}: error: '{}' is no address of 32 bits; write it like 0x80000000", option, text);
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
      : log_(log), core_(core), line_(core, memory), now_ps_(std::move(now_ps)) {
    on_ = !log.from_.set();
    core.add_instruction_observer(this);
    core.add_trap_observer(this);
  }

  void on_instruction(std::uint32_t pc, std::uint32_t word) override {
    flush(false);
    if (!inside(pc)) return;
    pending_ = true;
    retired_ = core_.instructions();
    line_.begin(pc, word);
  }

  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t) override {
    // An exception: the instruction has not retired. An interrupt comes behind one that has.
    if ((mcause & riscv::kCauseInterrupt) == 0 && pc == line_.pc() && text_.empty()) {
      pending_ = false;
    } else {
      flush(true);
    }
    line_.see_mstatus();
  }
  void on_mret(std::uint32_t) override {
    flush(false);
    line_.see_mstatus();
  }

  /// Keeps the line for the moment at which it would be written anyway: the order of several
  /// harts' lines stays.
  void settle() {
    if (pending_ && text_.empty() && core_.instructions() > retired_) line_.end(false, &text_);
  }
  void finish() {
    settle();
    if (!text_.empty()) flush(false);
    pending_ = false;
    core_.remove_instruction_observer(this);
    core_.remove_trap_observer(this);
  }

 private:
  bool met(const TracePoint& point, std::uint32_t pc) const {
    if (point.pc) return *point.pc == pc;
    return point.time_ps && now_ps_() >= *point.time_ps;
  }
  bool inside(std::uint32_t pc) {
    if (over_) return false;
    if ((on_ || log_.to_.time_ps) && met(log_.to_, pc)) {
      on_ = false;
      over_ = log_.to_.time_ps || !log_.from_.pc;  // only a place can be met again
      log_.ended_ = true;
      return false;
    }
    if (!on_ && met(log_.from_, pc)) {
      on_ = true;
      line_.see_mstatus();
    }
    return on_;
  }

  void flush(bool trapped) {
    if (!pending_) return;
    pending_ = false;
    if (text_.empty()) line_.end(trapped, &text_);
    log_.line(text_);
    text_.clear();
  }

  CommitLog& log_;
  riscv::Core& core_;
  CommitLine line_;
  std::function<std::uint64_t()> now_ps_;
  std::string text_;
  bool on_ = true, over_ = false, pending_ = false;
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

void CommitLog::settle() {
  for (const auto& hart : harts_) hart->settle();
}

void CommitLog::finish() {
  for (const auto& hart : harts_) hart->finish();
  harts_.clear();
  write_(buffer_);
  buffer_.clear();
}

}  // namespace aimc::instrumentation
