// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/crash_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "aimc/riscv/disassembler.h"
#include "aimc/riscv/instruction.h"

namespace aimc::instrumentation {
namespace {

constexpr unsigned kRa = 1, kSp = 2, kFp = 8;
constexpr std::size_t kMaxCallers = 32;
constexpr std::uint32_t kMaxScan = 16 * 1024;  // bytes of stack that are looked at
constexpr std::uint32_t kMaxFrame = 1 << 20;
constexpr unsigned kBefore = 6, kAfter = 4;  // instructions shown

/// Memory without devices, whose registers are neither code nor stack.
class PlainMemory : public GuestMemory {
 public:
  explicit PlainMemory(GuestMemory& all) : all_(all) {}
  bool read(std::uint32_t address, void* data, std::size_t length) override {
    const auto last = static_cast<std::uint32_t>(address + length - 1);
    return all_.device_at(address).empty() && all_.device_at(last).empty() &&
           all_.read(address, data, length);
  }
  bool write(std::uint32_t, const void*, std::size_t) override { return false; }
  std::string device_at(std::uint32_t address) const override { return all_.device_at(address); }

 private:
  GuestMemory& all_;
};

/// What is at an address that is no memory.
std::string no_memory(const GuestMemory& memory, std::uint32_t address) {
  const std::string device = memory.device_at(address);
  return device.empty() ? "nothing answers here" : fmt::format("device '{}'", device);
}

std::optional<std::uint16_t> half(GuestMemory& memory, std::uint32_t address) {
  std::uint16_t value = 0;
  if (!memory.read(address, &value, sizeof value)) return std::nullopt;
  return value;
}

/// Does a call instruction end at `address`?
bool follows_call(GuestMemory& memory, const SymbolTable& symbols, std::uint32_t address) {
  if ((address & 1u) != 0 || address < 4) return false;
  if (!symbols.functions().empty() && symbols.find(address - 2) == nullptr) return false;
  if (const auto word = memory.word(address - 4)) {
    const unsigned rd = *word >> 7 & 31u;
    const bool jump = (*word & 0x7fu) == 0x6f || (*word & 0x707fu) == 0x67;
    if (jump && (rd == 1 || rd == 5)) return true;
  }
  const auto low = half(memory, address - 2);
  if (!low) return false;
  return (*low & 0xe003u) == 0x2001 || ((*low & 0xf07fu) == 0x9002 && (*low >> 7 & 31u) != 0);
}

void add_code(std::string& text, std::uint32_t pc, const SymbolTable& symbols, GuestMemory& memory,
              riscv::ExtensionSet isa) {
  // Instructions have two lengths, so the way back starts at the function's beginning if it is
  // known and near.
  const SymbolTable::Function* const function = symbols.find(pc);
  std::uint32_t at = pc;
  if (function != nullptr && pc - function->start < 4096) at = function->start;
  std::vector<std::uint32_t> before;
  unsigned after = 0;
  while (at < pc || after <= kAfter) {
    const auto low = half(memory, at);
    if (!low) break;
    const bool wide = (*low & 3u) == 3u;
    const std::uint32_t word = wide ? memory.word(at).value_or(0) : *low;
    const std::string line = fmt::format("  {} {:#010x}  {:<24} {}\n", at == pc ? "=>" : "  ", at,
                                         symbols.describe(at), riscv::disassemble(word, at, isa));
    if (at < pc) {
      before.push_back(static_cast<std::uint32_t>(line.size()));
      text += line;
      if (before.size() > kBefore) {  // forget the earliest line
        std::uint32_t kept = 0;
        for (const std::uint32_t size : before) kept += size;
        text.erase(text.size() - kept, before.front());
        before.erase(before.begin());
      }
    } else {
      text += line;
      ++after;
    }
    at += wide ? 4 : 2;
  }
  if (after == 0) text += fmt::format("  => {:#010x}  {}\n", pc, no_memory(memory, pc));
}

/// Callers by frame pointers: ra lies below s0, the caller's s0 below that. A function that calls
/// nothing keeps ra in its register and saves only s0; one that has no frame yet, or is none,
/// leaves s0 to its caller.
std::vector<Caller> by_frames(const std::array<std::uint32_t, 32>& registers, bool ra_calls,
                              const std::function<bool(std::uint32_t)>& is_caller,
                              GuestMemory& memory) {
  std::vector<Caller> callers;
  std::uint32_t fp = registers[kFp], above = registers[kSp];
  while (callers.size() < kMaxCallers && fp > above && fp - above < kMaxFrame && (fp & 3u) == 0) {
    const auto first = memory.word(fp - 4), second = memory.word(fp - 8);
    if (!first) break;
    const bool innermost = callers.empty() && ra_calls;
    if (second && is_caller(*first)) {
      if (innermost && *first != registers[kRa]) callers.push_back({registers[kRa]});
      callers.push_back({*first});
    } else if (innermost) {
      callers.push_back({registers[kRa]});
    } else {
      break;
    }
    above = fp;
    fp = second && is_caller(*first) ? *second : *first;
  }
  return callers;
}

}  // namespace

CrashRecorder::CrashRecorder(riscv::Core& core) : core_(core) { core_.add_trap_observer(this); }
CrashRecorder::~CrashRecorder() { core_.remove_trap_observer(this); }

void CrashRecorder::on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) {
  constexpr std::uint32_t kEcallU = 8;
  if (core_.instructions() < instructions_) {  // reset
    open_ = false;
    depth_ = 0;
  }
  traps_[depth_++ % kTraps] = {mcause, pc};
  if ((mcause & riscv::kCauseInterrupt) != 0 || mcause == riscv::kCauseEcallM || mcause == kEcallU)
    return;
  if (open_) {
    ++nested_;
    return;
  }
  open_ = true;
  depth_at_crash_ = depth_ - 1;
  nested_ = 0;
  cause_ = mcause;
  pc_ = pc;
  tval_ = mtval;
  instructions_ = core_.instructions();
  for (unsigned i = 0; i < x_.size(); ++i) x_[i] = core_.x(i);
}

void CrashRecorder::on_mret(std::uint32_t) {
  if (depth_ > 0) --depth_;
  open_ = false;
}

std::vector<Caller> back_trace(const std::array<std::uint32_t, 32>& registers, std::uint32_t pc,
                               const SymbolTable& symbols, GuestMemory& all,
                               bool* by_frame_pointers) {
  PlainMemory memory(all);
  const SymbolTable::Function* const inside = symbols.find(pc);
  const auto is_caller = [&](std::uint32_t address) {
    return follows_call(memory, symbols, address);
  };
  // ra still holds a caller unless the function at pc has made calls itself, whose return address
  // then lies in that function.
  const std::uint32_t ra = registers[kRa], sp = registers[kSp];
  const bool ra_calls = is_caller(ra) && (inside == nullptr || symbols.find(ra) != inside);
  std::vector<Caller> callers = by_frames(registers, ra_calls, is_caller, memory);
  *by_frame_pointers = callers.size() >= 2;
  if (*by_frame_pointers) return callers;

  callers.clear();
  if (ra_calls) callers.push_back({ra});
  for (std::uint32_t at = sp & ~3u; at - sp < kMaxScan && callers.size() < kMaxCallers; at += 4) {
    const auto word = memory.word(at);
    if (!word) break;
    if (!is_caller(*word)) continue;
    if (!callers.empty() && callers.back().address == *word) continue;
    callers.push_back({*word});
  }
  return callers;
}

namespace {

const char* group_name(riscv::ExtensionSet group) {
  switch (group) {
    case riscv::kExtM:
      return "M";
    case riscv::kExtA:
      return "A";
    case riscv::kExtF:
      return "F";
    case riscv::kExtZba:
      return "Zba";
    case riscv::kExtZbb:
      return "Zbb";
    case riscv::kExtZbs:
      return "Zbs";
    default:
      return nullptr;
  }
}

/// Why an instruction that harts can have is illegal on this one: the two mistakes of all who write
/// their first start code. Empty if it is another.
std::string why_illegal(std::uint32_t word, riscv::Core& core) {
  const riscv::ExtensionSet isa = core.config().isa;
  if (riscv::instruction_length(static_cast<std::uint16_t>(word)) == 2)
    word = riscv::expand_compressed(static_cast<std::uint16_t>(word), riscv::kAllExtensions);
  const riscv::Instruction* const row = riscv::find_instruction(word, riscv::kAllExtensions);
  if (row == nullptr) return "";
  const char* const group = group_name(row->group);
  if ((isa & row->group) == 0 && group != nullptr)
    return fmt::format("{} belongs to {}, which the hart has not got (parameter 'isa')", row->name,
                       group);
  const bool is_csr =
      row->format == riscv::Format::kCsrReg || row->format == riscv::Format::kCsrImm;
  const std::uint32_t csr = word >> 20;
  const bool uses_float =
      row->group == riscv::kExtF || (is_csr && csr >= riscv::kCsrFflags && csr <= riscv::kCsrFcsr);
  if (uses_float && (core.read_csr(riscv::kCsrMstatus).value_or(0) & riscv::kMstatusFs) == 0)
    return fmt::format("{} needs the floating-point unit, which is off (mstatus.FS is 0)",
                       row->name);
  return "";
}

}  // namespace

std::string CrashRecorder::report(const std::string& hart, const SymbolTable& symbols,
                                  GuestMemory& all) const {
  PlainMemory memory(all);
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{}: {} at {:#010x} ({}), mtval {:#010x}, after {} instructions\n", hart,
                 riscv::cause_name(cause_), pc_, symbols.describe(pc_), tval_, instructions_);
  // Traps of the handler itself may have taken the places of those before.
  const std::uint32_t lost = depth_ > kTraps ? depth_ - static_cast<std::uint32_t>(kTraps) : 0;
  for (std::uint32_t n = depth_at_crash_; n > lost; --n) {
    const Trap& trap = traps_[(n - 1) % kTraps];
    fmt::format_to(out, "  in the handler of {}, which came at {:#010x} ({})\n",
                   riscv::cause_name(trap.cause), trap.pc, symbols.describe(trap.pc));
  }
  if (nested_ > 0)
    fmt::format_to(out, "  its handler trapped {} more {}; now at {:#010x} ({})\n", nested_,
                   nested_ == 1 ? "time" : "times", core_.pc(), symbols.describe(core_.pc()));
  if (cause_ == riscv::kCauseIllegalInstruction)
    if (const std::string why = why_illegal(tval_, core_); !why.empty())
      fmt::format_to(out, "  {}\n", why);
  add_code(text, pc_, symbols, memory, core_.config().isa);
  fmt::format_to(out, "  registers at the trap:\n");
  for (unsigned i = 0; i < x_.size(); ++i)
    fmt::format_to(out, "  {:>5} {:08x}{}", i == 0 ? "pc" : riscv::x_name(i), i == 0 ? pc_ : x_[i],
                   i % 6 == 5 || i + 1 == x_.size() ? "\n" : "");
  fmt::format_to(out, "  control registers now:\n");
  unsigned column = 0;
  for (const std::uint32_t csr : core_.implemented_csrs()) {
    if (csr != riscv::kCsrFcsr && (csr < riscv::kCsrMstatus || csr > riscv::kCsrMip ||
                                   (csr > riscv::kCsrMstatush && csr < riscv::kCsrMscratch)))
      continue;
    fmt::format_to(out, "  {:>9} {:08x}{}", riscv::csr_name(csr), core_.read_csr(csr).value_or(0),
                   ++column % 5 == 0 ? "\n" : "");
  }
  if (column % 5 != 0) text += '\n';
  bool by_frame_pointers = false;
  const std::vector<Caller> callers = back_trace(x_, pc_, symbols, memory, &by_frame_pointers);
  fmt::format_to(out, "  callers ({}):\n",
                 by_frame_pointers ? "by frame pointers"
                                   : "return addresses on the stack; some may be of calls that are "
                                     "over");
  fmt::format_to(out, "  #0  {:#010x}  {}\n", pc_, symbols.describe(pc_));
  const std::uint32_t sp = x_[kSp] & ~3u;
  // An empty stack may begin where memory ends.
  if (!memory.word(sp) && !memory.word(sp - 4))
    fmt::format_to(out, "  no stack at sp {:#010x}: {}\n", x_[kSp], no_memory(memory, sp));
  for (std::size_t i = 0; i < callers.size(); ++i)
    fmt::format_to(out, "  #{:<2} {:#010x}  {}\n", i + 1, callers[i].address,
                   symbols.describe(callers[i].address - 2));
  return text;
}

}  // namespace aimc::instrumentation
