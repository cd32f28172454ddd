// SPDX-License-Identifier: Apache-2.0
// Every CSR number there is, against a table written from the privileged specification, and that
// table against the one in the README.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "aimc/riscv/disassembler.h"
#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

struct Row {
  std::string name;
  std::uint32_t reset = 0;
  std::uint32_t ones = 0;   ///< What it reads after all ones were written.
  std::uint32_t zeros = 0;  ///< ... after all zeros.
  bool counts = false;      ///< Its value moves on by itself.
};
using Table = std::map<std::uint32_t, Row>;

void add_range(Table& table, std::uint32_t address, const std::string& name, unsigned first,
               unsigned last, const std::string& suffix, const Row& row) {
  for (unsigned n = first; n <= last; ++n, ++address) {
    table[address] = row;
    table[address].name = name + std::to_string(n) + suffix;
  }
}

/// RV32IMAFC with machine and user mode, 16 PMP entries, no event counters, no triggers.
Table make_table() {
  constexpr std::uint32_t kOnes = 0xffffffff;
  Table t = {
      {0x001, {"fflags", 0, 0x1f}},
      {0x002, {"frm", 0, 0x07}},
      {0x003, {"fcsr", 0, 0xff}},
      // SD, TW, MPRV, FS, MPP, MPIE, MIE; the reset is the test's: MPP = M, FS = initial
      {0x300, {"mstatus", 0x00003800, 0x80227888}},
      {0x301, {"misa", 0x40101125, 0x40101125, 0x40101125}},
      {0x304, {"mie", 0, 0x888}},
      {0x305, {"mtvec", kHandler, kHandler}},  // mode 3 is reserved: the write is ignored
      {0x306, {"mcounteren", 0, 7}},
      {0x30a, {"menvcfg", 0, 1}},
      {0x310, {"mstatush"}},
      {0x31a, {"menvcfgh"}},
      {0x320, {"mcountinhibit", 0, 5}},
      {0x340, {"mscratch", 0, kOnes}},
      {0x341, {"mepc", 0, 0xfffffffe}},
      {0x342, {"mcause", 0, kOnes}},
      {0x343, {"mtval", 0, kOnes}},
      {0x344, {"mip"}},
      {0x7a0, {"tselect"}},
      {0x7a1, {"tdata1"}},
      {0x7a2, {"tdata2"}},
      {0x7a3, {"tdata3"}},
      {0x7a4, {"tinfo", 1, 1, 1}},
      {0x7a5, {"tcontrol"}},
      {0xb00, {"mcycle", 0, kOnes, 0, true}},
      {0xb02, {"minstret", 0, kOnes, 0, true}},
      {0xb80, {"mcycleh", 0, kOnes}},
      {0xb82, {"minstreth", 0, kOnes}},
      {0xc00, {"cycle", 0, 0, 0, true}},
      {0xc01, {"time"}},
      {0xc02, {"instret", 0, 0, 0, true}},
      {0xc80, {"cycleh"}},
      {0xc81, {"timeh"}},
      {0xc82, {"instreth"}},
      {0xf11, {"mvendorid"}},
      {0xf12, {"marchid"}},
      {0xf13, {"mimpid"}},
      {0xf14, {"mhartid", 5}},
      {0xf15, {"mconfigptr"}},
  };
  add_range(t, 0x323, "mhpmevent", 3, 31, "", {});
  add_range(t, 0x3a0, "pmpcfg", 0, 3, "", {"", 0, 0x9f9f9f9f, 0x9f9f9f9f});  // ones lock
  add_range(t, 0x3b0, "pmpaddr", 0, 15, "", {"", 0, kOnes});
  add_range(t, 0xb03, "mhpmcounter", 3, 31, "", {});
  add_range(t, 0xb83, "mhpmcounter", 3, 31, "h", {});
  add_range(t, 0xc03, "hpmcounter", 3, 31, "", {});
  add_range(t, 0xc83, "hpmcounter", 3, 31, "h", {});
  return t;
}

bool read_only(std::uint32_t number) { return number >> 10 == 3; }

/// Executes one instruction after the other, each of them alone.
struct CsrMachine : TrapMachine {
  static CoreConfig config() {
    CoreConfig config;
    config.hart_id = 5;
    return config;
  }
  CsrMachine() : TrapMachine(config()) { core.write_csr(kCsrMstatus, kMstatusMpp | 1u << 13); }

  /// @return did it execute? Otherwise it was an illegal instruction.
  bool does(std::uint32_t word, Privilege level = Privilege::kMachine) {
    put(kRam, {word});
    core.invalidate(kRam, 4);
    core.set_privilege(level);
    core.set_pc(kRam);
    core.run(1);
    if (core.pc() == kRam + 4) return true;
    EXPECT_EQ(core.pc(), kHandler);
    EXPECT_EQ(core.read_csr(kCsrMcause), kCauseIllegalInstruction);
    EXPECT_EQ(core.read_csr(kCsrMtval), word);
    EXPECT_EQ(core.read_csr(kCsrMepc), kRam);
    core.set_privilege(Privilege::kMachine);
    return false;
  }
  std::uint32_t value_of(std::uint32_t number) {
    EXPECT_TRUE(does(csrr(a0, number)));
    return core.x(a0);
  }
};

TEST(CsrTable, EveryNumberInMachineMode) {
  const Table table = make_table();
  CsrMachine m;
  for (std::uint32_t number = 0; number < 4096; ++number) {
    const bool there = table.count(number) == 1;
    EXPECT_EQ(m.does(csrr(a0, number)), there) << std::hex << number;
    const bool writable = there && !read_only(number);
    m.core.set_x(a1, *m.core.read_csr(kCsrMscratch));
    if (number == kCsrMtvec || number == kCsrMstatus) continue;  // below
    for (const std::uint32_t word : {csrrw(a0, number, a0), csrrsi(zero, number, 0)}) {
      const bool writes = word != csrrsi(zero, number, 0);
      EXPECT_EQ(m.does(word), writes ? writable : there) << std::hex << number;
    }
    if (there && read_only(number)) {
      for (const std::uint32_t word :
           {csrrs(a0, number, a1), csrrc(zero, number, a1), csrrwi(zero, number, 0),
            csrrsi(a0, number, 1), csrrci(zero, number, 31), csrw(number, zero)}) {
        m.core.set_x(a1, 0);
        EXPECT_FALSE(m.does(word)) << std::hex << number << ": writes, whatever a1 holds";
      }
    }
  }
}

TEST(CsrTable, EveryNumberInUserMode) {
  const Table table = make_table();
  CsrMachine m;
  m.core.write_csr(kCsrPmpaddr0, ~0u);
  m.core.write_csr(kCsrPmpcfg0, kPmpNapot | kPmpR | kPmpW | kPmpX);
  for (const std::uint32_t enabled : {0u, 7u}) {
    m.core.write_csr(kCsrMcounteren, enabled);
    for (std::uint32_t number = 0; number < 4096; ++number) {
      const bool counter = number >= 0xc00 && number < 0xca0;
      const bool may = table.count(number) == 1 && (number >> 8 & 3u) == 0 &&
                       (!counter || (enabled >> (number & 31u) & 1u) != 0);
      EXPECT_EQ(m.does(csrr(a0, number), Privilege::kUser), may) << std::hex << number;
      EXPECT_EQ(m.does(csrrwi(zero, number, 0), Privilege::kUser), may && !counter)
          << std::hex << number;
    }
  }
}

TEST(CsrTable, ResetValuesAndWhatCanBeWritten) {
  for (const auto& [number, row] : make_table()) {
    CsrMachine m;
    const std::uint32_t shown = m.value_of(number);
    if (!row.counts) {
      EXPECT_EQ(shown, row.reset) << row.name;
    }
    if (read_only(number)) continue;
    m.core.set_x(a1, ~0u);
    EXPECT_TRUE(m.does(csrw(number, a1)));
    EXPECT_EQ(m.value_of(number), row.ones) << row.name << " after ones";
    EXPECT_TRUE(m.does(csrw(number, zero)));
    if (number == kCsrMtvec) {
      EXPECT_EQ(m.value_of(number), 0u);
    } else {
      EXPECT_EQ(m.value_of(number), row.zeros) << row.name << " after zeros";
    }
  }
}

TEST(CsrTable, FieldsThatTakeSomeValuesOnly) {
  const struct {
    std::uint32_t csr, before, written, after;
  } cases[] = {
      {kCsrMstatus, 0x1800, 0x0000, 0x0000},  // MPP: user
      {kCsrMstatus, 0x1800, 0x0800, 0x1800},  // supervisor: there is none, MPP stays
      {kCsrMstatus, 0x0000, 0x0800, 0x0000},
      {kCsrMstatus, 0x1800, 0x1000, 0x1800},
      {kCsrMstatus, 0x0000, 0x1888, 0x1888},
      {kCsrMstatus, 0x0000, 0x7fdd8777, 0},  // what belongs to other modes and extensions
      {kCsrMtvec, 0, 0x80000400, 0x80000400},
      {kCsrMtvec, 0, 0x80000401, 0x80000401},
      {kCsrMtvec, 0x80000401, 0x80000802, 0x80000401},
      {kCsrMtvec, 0x80000400, 0x80000803, 0x80000400},
      {kCsrMepc, 0, 0x80000003, 0x80000002},
      {kCsrFrm, 0, 0x2f, 7},
      {kCsrFcsr, 0, 0x1ff, 0xff},
  };
  for (const auto& c : cases) {
    TestMachine m;
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.core.write_csr(c.csr, c.before);
    m.put(kRam, {csrw(c.csr, a1), csrr(a0, c.csr), wfi()});
    m.core.set_x(a1, c.written);
    EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
    EXPECT_EQ(m.core.x(a0), c.after) << std::hex << c.csr << " <- " << c.written;
  }
  TestMachine set;  // not by the short cut of a plain write
  set.put(kRam, {csrrs(zero, kCsrMepc, a1), csrr(a0, kCsrMepc), wfi()});
  set.core.set_x(a1, 0x80000003);
  EXPECT_EQ(set.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(set.core.x(a0), 0x80000002u);
  CoreConfig config;
  config.isa &= ~static_cast<ExtensionSet>(kExtC);
  TestMachine without_c(config);
  without_c.core.write_csr(kCsrMepc, ~0u);
  EXPECT_EQ(without_c.core.read_csr(kCsrMepc), 0xfffffffcu) << "instructions are words";
}

TEST(CsrTable, ResetTakesBackWhatWasWritten) {
  const Table table = make_table();
  CsrMachine m;
  for (const auto& [number, row] : table) {
    if (read_only(number) || number == kCsrMstatus) continue;
    m.core.write_csr(number, number == kCsrMtvec ? 0x80001000u : ~0u);
  }
  m.core.write_csr(kCsrMstatus, ~0u);
  m.core.reset();
  EXPECT_EQ(m.core.read_csr(kCsrMstatus), 0u);
  EXPECT_EQ(m.core.read_csr(kCsrMtvec), 0u);
  EXPECT_EQ(m.core.read_csr(kCsrFcsr), 0u) << "a debugger reads it although FS is off";
  EXPECT_TRUE(m.core.write_csr(kCsrFcsr, 0));
  EXPECT_EQ(m.core.read_csr(kCsrMstatus), 0u) << "and that leaves FS off";
  m.core.write_csr(kCsrMstatus, 1u << 13);
  for (const auto& [number, row] : table) {
    if (number == kCsrMstatus || number == kCsrMtvec) continue;
    EXPECT_EQ(m.core.read_csr(number), row.reset) << row.name;
  }
}

TEST(CsrTable, WithoutFloatingPointThereAreNoFloatRegisters) {
  CoreConfig config;
  config.isa &= ~static_cast<ExtensionSet>(kExtF);
  TrapMachine m(config);
  const Table table = make_table();
  std::set<std::uint32_t> expected;
  for (const auto& [number, row] : table) {
    if (number > 3) expected.insert(number);
  }
  const auto found = m.core.implemented_csrs();
  EXPECT_EQ(std::set<std::uint32_t>(found.begin(), found.end()), expected);
}

TEST(CsrTable, NamesAreThoseOfTheSpecification) {
  for (const auto& [number, row] : make_table()) EXPECT_EQ(csr_name(number), row.name);
}

/// `a`, `b3..5` and "high halves" in the first column of the README's table.
std::set<std::string> names_in_readme() {
  std::ifstream file(AIMC_SOURCE_DIR "/ip/riscv/README.md");
  std::set<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("## ", 0) == 0) inside = line == "## Control and status registers";
    if (!inside || line.rfind("| `", 0) != 0) continue;
    const std::string cell = line.substr(0, line.find(" | "));
    const bool halves = cell.find("high halves") != std::string::npos;
    static const std::regex kName("`([a-z]+)([0-9]*)(\\.\\.([0-9]+))?`");
    for (std::sregex_iterator at(cell.begin(), cell.end(), kName), end; at != end; ++at) {
      const std::string stem = (*at)[1], first = (*at)[2], last = (*at)[4];
      const int from = first.empty() ? 0 : std::stoi(first);
      const int to = last.empty() ? from : std::stoi(last);
      for (int n = from; n <= to; ++n) {
        const std::string name = first.empty() ? stem : stem + std::to_string(n);
        names.insert(name);
        if (halves) names.insert(name + "h");
      }
    }
  }
  return names;
}

TEST(CsrTable, ReadmeNamesTheSameRegisters) {
  std::set<std::string> expected;
  for (const auto& [number, row] : make_table()) expected.insert(row.name);
  const std::set<std::string> named = names_in_readme();
  for (const auto& name : expected) EXPECT_TRUE(named.count(name)) << "not in the README: " << name;
  for (const auto& name : named) EXPECT_TRUE(expected.count(name)) << "does not exist: " << name;
}

}  // namespace
}  // namespace aimc::riscv
