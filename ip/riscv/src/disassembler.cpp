// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/disassembler.h"

#include <cstdarg>
#include <cstdio>

#include "aimc/riscv/csr.h"
#include "aimc/riscv/instruction.h"

namespace aimc::riscv {
namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[96];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

struct CsrName {
  std::uint32_t address;
  const char* name;
};

constexpr CsrName kCsrNames[] = {
    {kCsrFflags, "fflags"},
    {kCsrFrm, "frm"},
    {kCsrFcsr, "fcsr"},
    {kCsrMstatus, "mstatus"},
    {kCsrMisa, "misa"},
    {kCsrMie, "mie"},
    {kCsrMtvec, "mtvec"},
    {kCsrMstatush, "mstatush"},
    {kCsrMcountinhibit, "mcountinhibit"},
    {kCsrMcounteren, "mcounteren"},
    {kCsrMenvcfg, "menvcfg"},
    {kCsrMenvcfgh, "menvcfgh"},
    {kCsrTselect, "tselect"},
    {kCsrTdata1, "tdata1"},
    {kCsrTdata2, "tdata2"},
    {kCsrTdata3, "tdata3"},
    {kCsrTinfo, "tinfo"},
    {kCsrTcontrol, "tcontrol"},
    {kCsrMscratch, "mscratch"},
    {kCsrMepc, "mepc"},
    {kCsrMcause, "mcause"},
    {kCsrMtval, "mtval"},
    {kCsrMip, "mip"},
    {kCsrMcycle, "mcycle"},
    {kCsrMinstret, "minstret"},
    {kCsrMcycleh, "mcycleh"},
    {kCsrMinstreth, "minstreth"},
    {kCsrCycle, "cycle"},
    {kCsrTime, "time"},
    {kCsrInstret, "instret"},
    {kCsrCycleh, "cycleh"},
    {kCsrTimeh, "timeh"},
    {kCsrInstreth, "instreth"},
    {kCsrMvendorid, "mvendorid"},
    {kCsrMarchid, "marchid"},
    {kCsrMimpid, "mimpid"},
    {kCsrMhartid, "mhartid"},
    {kCsrMconfigptr, "mconfigptr"},
};

std::string rounding_suffix(std::uint32_t word) {
  static const char* const kNames[8] = {",rne", ",rtz", ",rdn", ",rup", ",rmm", ",?", ",?", ""};
  return kNames[word >> 12 & 7u];
}

std::string fence_set(std::uint32_t bits) {
  std::string text;
  for (unsigned n = 0; n < 4; ++n) {
    if (bits & 8u >> n) text += "iorw"[n];
  }
  return text.empty() ? "0" : text;
}

std::string operands(const Instruction& row, std::uint32_t w, std::uint32_t pc) {
  const unsigned d = w >> 7 & 31u, s1 = w >> 15 & 31u, s2 = w >> 20 & 31u, s3 = w >> 27;
  const char* const xd = x_name(d);
  const char* const x1 = x_name(s1);
  const char* const x2 = x_name(s2);
  const char* const fd = f_name(d);
  const char* const f1 = f_name(s1);
  const char* const f2 = f_name(s2);
  const auto target = [pc](std::int32_t offset) { return pc + static_cast<std::uint32_t>(offset); };
  switch (row.format) {
    case Format::kNone:
      return "";
    case Format::kR:
      return format(" %s,%s,%s", xd, x1, x2);
    case Format::kI:
      return format(" %s,%s,%d", xd, x1, imm_i(w));
    case Format::kShift:
      return format(" %s,%s,%u", xd, x1, s2);
    case Format::kUnary:
      return format(" %s,%s", xd, x1);
    case Format::kLoad:
    case Format::kJalr:
      return format(" %s,%d(%s)", xd, imm_i(w), x1);
    case Format::kStore:
      return format(" %s,%d(%s)", x2, imm_s(w), x1);
    case Format::kBranch:
      return format(" %s,%s,0x%x", x1, x2, target(imm_b(w)));
    case Format::kUpper:
      return format(" %s,0x%x", xd, w >> 12);
    case Format::kJal:
      return format(" %s,0x%x", xd, target(imm_j(w)));
    case Format::kFence:
      return format(" %s,%s", fence_set(w >> 24).c_str(), fence_set(w >> 20).c_str());
    case Format::kCsrReg:
      return format(" %s,%s,%s", xd, csr_name(w >> 20).c_str(), x1);
    case Format::kCsrImm:
      return format(" %s,%s,%u", xd, csr_name(w >> 20).c_str(), s1);
    case Format::kLr:
      return format(" %s,(%s)", xd, x1);
    case Format::kAmo:
      return format(" %s,%s,(%s)", xd, x2, x1);
    case Format::kFLoad:
      return format(" %s,%d(%s)", fd, imm_i(w), x1);
    case Format::kFStore:
      return format(" %s,%d(%s)", f2, imm_s(w), x1);
    case Format::kFR4:
      return format(" %s,%s,%s,%s", fd, f1, f2, f_name(s3)) + rounding_suffix(w);
    case Format::kFRm:
      return format(" %s,%s,%s", fd, f1, f2) + rounding_suffix(w);
    case Format::kF1Rm:
      return format(" %s,%s", fd, f1) + rounding_suffix(w);
    case Format::kFR:
      return format(" %s,%s,%s", fd, f1, f2);
    case Format::kFCompare:
      return format(" %s,%s,%s", xd, f1, f2);
    case Format::kFToIntRm:
      return format(" %s,%s", xd, f1) + rounding_suffix(w);
    case Format::kFToInt:
      return format(" %s,%s", xd, f1);
    case Format::kIntToFRm:
      return format(" %s,%s", fd, x1) + rounding_suffix(w);
    case Format::kIntToF:
      return format(" %s,%s", fd, x1);
  }
  return "";
}

std::string ordering_suffix(const Instruction& row, std::uint32_t w) {
  if (row.format != Format::kAmo && row.format != Format::kLr) return "";
  static const char* const kSuffix[4] = {"", ".rl", ".aq", ".aqrl"};
  return kSuffix[w >> 25 & 3u];
}

}  // namespace

const char* x_name(unsigned index) {
  static const char* const kNames[32] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                         "s0",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                         "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                         "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  return kNames[index & 31u];
}

const char* f_name(unsigned index) {
  static const char* const kNames[32] = {
      "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
      "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
      "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
  return kNames[index & 31u];
}

std::string csr_name(std::uint32_t address) {
  for (const CsrName& entry : kCsrNames) {
    if (entry.address == address) return entry.name;
  }
  if (address >= kCsrMhpmcounter3 && address <= kCsrMhpmcounter31)
    return format("mhpmcounter%u", address - kCsrMcycle);
  if (address >= kCsrMhpmcounter3h && address <= kCsrMhpmcounter31h)
    return format("mhpmcounter%uh", address - kCsrMcycleh);
  if (address >= kCsrMhpmevent3 && address <= kCsrMhpmevent31)
    return format("mhpmevent%u", address - kCsrMcountinhibit);
  if (address > kCsrInstret && address <= kCsrHpmcounter31)
    return format("hpmcounter%u", address - kCsrCycle);
  if (address > kCsrInstreth && address <= kCsrHpmcounter31h)
    return format("hpmcounter%uh", address - kCsrCycleh);
  if (address >= kCsrPmpcfg0 && address <= kCsrPmpcfg3)
    return format("pmpcfg%u", address - kCsrPmpcfg0);
  if (address >= kCsrPmpaddr0 && address <= kCsrPmpaddr15)
    return format("pmpaddr%u", address - kCsrPmpaddr0);
  return format("0x%x", address);
}

std::string disassemble(std::uint32_t word, std::uint32_t pc, ExtensionSet isa) {
  const auto half = static_cast<std::uint16_t>(word);
  const bool compressed = instruction_length(half) == 2;
  const std::uint32_t expanded = compressed ? expand_compressed(half, isa) : word;
  const Instruction* row = find_instruction(expanded, isa);
  if (row == nullptr)
    return compressed ? format(".half 0x%04x", half) : format(".word 0x%08x", word);
  return row->name + ordering_suffix(*row, expanded) + operands(*row, expanded, pc);
}

}  // namespace aimc::riscv
