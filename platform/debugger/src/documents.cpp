// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/documents.h"

#include <fmt/format.h>

#include <array>

#include "aimc/gdb/target.h"

namespace aimc::gdb {
namespace {

// GDB knows x8 as fp.
constexpr std::array<const char*, 32> kGeneral = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "fp", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<const char*, 32> kFloat = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
constexpr unsigned kLastFpuCsr = 3;  // fflags, frm, fcsr belong to the FPU

const char* type_of(unsigned x) {
  if (x == 1) return "code_ptr";
  return x == 2 || x == 3 || x == 4 || x == 8 ? "data_ptr" : "int";
}

std::string csr_line(const Csr& csr, const char* group) {
  return fmt::format(
      "<reg name=\"{}\" bitsize=\"32\" type=\"int\" regnum=\"{}\" group=\"{}\" "
      "save-restore=\"no\"/>\n",
      escape_xml(csr.name), kRegisterCsr0 + csr.number, group);
}

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

std::string target_xml(bool has_fpu, const std::vector<Csr>& csrs) {
  std::string text =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
      "<target version=\"1.0\">\n<architecture>riscv:rv32</architecture>\n<osabi>none</osabi>\n"
      "<feature name=\"org.gnu.gdb.riscv.cpu\">\n";
  for (unsigned i = 0; i < kGeneral.size(); ++i)
    text += fmt::format("<reg name=\"{}\" bitsize=\"32\" type=\"{}\" regnum=\"{}\"/>\n",
                        kGeneral[i], type_of(i), i);
  text += fmt::format("<reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\" regnum=\"{}\"/>\n",
                      kRegisterPc);
  text += "</feature>\n";
  if (has_fpu) {
    text += "<feature name=\"org.gnu.gdb.riscv.fpu\">\n";
    for (unsigned i = 0; i < kFloat.size(); ++i)
      text += fmt::format("<reg name=\"{}\" bitsize=\"32\" type=\"ieee_single\" regnum=\"{}\"/>\n",
                          kFloat[i], kRegisterF0 + i);
    for (const Csr& csr : csrs)
      if (csr.number <= kLastFpuCsr) text += csr_line(csr, "float");
    text += "</feature>\n";
  }
  text += "<feature name=\"org.gnu.gdb.riscv.csr\">\n";
  for (const Csr& csr : csrs)
    if (csr.number > kLastFpuCsr) text += csr_line(csr, "csr");
  text += "</feature>\n<feature name=\"org.gnu.gdb.riscv.virtual\">\n";
  text += fmt::format(
      "<reg name=\"priv\" bitsize=\"32\" type=\"int\" regnum=\"{}\" save-restore=\"no\"/>\n",
      kRegisterPrivilege);
  return text + "</feature>\n</target>\n";
}

std::string memory_map_xml(const std::vector<MemoryRange>& ranges) {
  std::string text =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map "
      "V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n";
  for (const MemoryRange& range : ranges)
    text += fmt::format("<memory type=\"{}\" start=\"{:#x}\" length=\"{:#x}\"/>\n",
                        range.rom ? "rom" : "ram", range.base, range.size);
  return text + "</memory-map>\n";
}

}  // namespace aimc::gdb
