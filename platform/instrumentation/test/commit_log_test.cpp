// SPDX-License-Identifier: Apache-2.0
// Lines of the commit log. The expected text follows from Spike's rules, which the README names.
#include <gtest/gtest.h>

#include "aimc/common/error.h"
#include "trace_machine.h"

namespace aimc::instrumentation {
namespace {

using namespace riscv::assembler;  // NOLINT: encoders

using Lines = std::vector<std::string>;
constexpr std::uint32_t kInitial = 1u << 13;  // mstatus.FS
constexpr std::uint32_t kMpp = 3u << 11;

class CommitLogTest : public TraceTest {
 protected:
  explicit CommitLogTest(const riscv::CoreConfig& config = {}) : TraceTest(config) {}

  /// Runs a program from the start of RAM; what its lines hold behind the instruction word.
  Lines shown(std::initializer_list<std::uint32_t> program) {
    const std::uint32_t end = machine.put(kRam, program);
    machine.core.invalidate(kRam, end - kRam);
    machine.core.set_pc(kRam);
    return tails(log(end));
  }
  static Lines tails(const std::string& text) {
    Lines all;
    for (const std::string& line : lines(text)) {
      const std::size_t end = line.find(") ");
      all.push_back(end == std::string::npos ? "" : line.substr(end + 2));
    }
    return all;
  }
  void set_f(unsigned index, std::uint32_t bits) { machine.core.set_f(index, bits); }
  void set_mstatus(std::uint32_t value) { machine.core.write_csr(riscv::kCsrMstatus, value); }
};

TEST_F(CommitLogTest, WritesTheLinesOfSpikesCommitLog) {
  machine.write(0x80000800, 0x40490fdb);  // 3.14159
  machine.core.set_x(10, 0x80000800);
  machine.core.write_csr(riscv::kCsrMstatus, 3u << 11 | 1u << 13);
  const std::uint32_t end =
      machine.put(kRam, {auipc(t0, 0), addi(a1, zero, -1), sb(a1, 4, a0), sh(a1, 6, a0),
                         sw(a1, 8, a0), lw(a2, 0, a0), flw(1, 0, a0), fp(0x08, 0, 2, 1, 1),
                         fsw(2, 12, a0), csrrw(a3, 0x340, a1), csrr(a4, 0x340), amo(0, a5, a1, a0),
                         lr(a6, a0), sc(a7, a1, a0), nop(), beq(zero, zero, 4), fence()});
  // 3.14159 * 3.14159 is inexact: fflags shows it.
  EXPECT_EQ(
      log(end),
      "core   0: 3 0x80000000 (0x00000297) x5  0x80000000\n"
      "core   0: 3 0x80000004 (0xfff00593) x11 0xffffffff\n"
      "core   0: 3 0x80000008 (0x00b50223) mem 0x80000804 0xff\n"
      "core   0: 3 0x8000000c (0x00b51323) mem 0x80000806 0xffff\n"
      "core   0: 3 0x80000010 (0x00b52423) mem 0x80000808 0xffffffff\n"
      "core   0: 3 0x80000014 (0x00052603) x12 0x40490fdb mem 0x80000800\n"
      "core   0: 3 0x80000018 (0x00052087) c768_mstatus 0x80007800 f1  0x40490fdb mem 0x80000800\n"
      "core   0: 3 0x8000001c (0x10108153) c1_fflags 0x00000001 f2  0x411de9e7\n"
      "core   0: 3 0x80000020 (0x00252627) mem 0x8000080c 0x411de9e7\n"
      "core   0: 3 0x80000024 (0x340596f3) x13 0x00000000 c832_mscratch 0xffffffff\n"
      "core   0: 3 0x80000028 (0x34002773) x14 0xffffffff\n"
      "core   0: 3 0x8000002c (0x00b527af) x15 0x40490fdb mem 0x80000800 mem 0x80000800 "
      "0x40490fda\n"
      "core   0: 3 0x80000030 (0x1005282f) x16 0x40490fda mem 0x80000800\n"
      "core   0: 3 0x80000034 (0x18b528af) x17 0x00000000 mem 0x80000800 0xffffffff\n"
      "core   0: 3 0x80000038 (0x00000013)\n"
      "core   0: 3 0x8000003c (0x00000263)\n"
      "core   0: 3 0x80000040 (0x0ff0000f)\n");
}

TEST_F(CommitLogTest, LeavesOutInstructionsThatTrap) {
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.put(kRam, {nop(), ecall(), nop()});
  machine.put(kRam + 0x100, {csrr(t0, 0x341), addi(t0, t0, 4), csrw(0x341, t0), mret()});
  const auto all = lines(log(kRam + 12));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0], "core   0: 3 0x80000000 (0x00000013)");
  EXPECT_EQ(all[1], "core   0: 3 0x80000100 (0x341022f3) x5  0x80000004");
  EXPECT_EQ(all[4],
            "core   0: 3 0x8000010c (0x30200073) c784_mstatush 0x00000000 c768_mstatus 0x00000080");
  EXPECT_EQ(all[5], "core   0: 3 0x80000008 (0x00000013)");
}

TEST_F(CommitLogTest, WritesCompressedInstructionsWithFourDigits) {
  machine.put16(kRam, {0x4505, 0xc10c});  // c.li a0,1; c.sw a1,0(a0)
  machine.core.set_x(10, 1);
  EXPECT_EQ(log(kRam + 2), "core   0: 3 0x80000000 (0x4505) x10 0x00000001\n");
}

TEST_F(CommitLogTest, BeginsAndEndsAtAnAddressOrATime) {
  // A loop whose body at kRam + 4 is entered three times.
  machine.put(kRam, {addi(t0, zero, 3), nop(), addi(t0, t0, -1), bne(t0, zero, -8), nop(), nop()});
  EXPECT_EQ(lines(log(kRam + 24, {.time_ps = {}, .pc = kRam + 4}, {.time_ps = {}, .pc = kRam + 8}))
                .size(),
            3u)
      << "each time round";
  machine.core.set_pc(kRam);
  EXPECT_EQ(lines(log(kRam + 24, {.time_ps = {}, .pc = kRam + 16})).size(), 2u);
  machine.core.set_pc(kRam);
  const std::uint64_t now = machine.core.cycles() * 1000;
  EXPECT_EQ(
      lines(log(kRam + 24, {.time_ps = now + 2000, .pc = {}}, {.time_ps = now + 5000, .pc = {}}))
          .size(),
      3u);
}

TEST_F(CommitLogTest, ReadsTracePoints) {
  symbol("main", 0x80000010, 8);
  const SymbolTable symbols(image);
  EXPECT_EQ(parse_trace_point("x", "main", symbols).pc, 0x80000010u);
  EXPECT_EQ(parse_trace_point("x", "main+0x10", symbols).pc, 0x80000020u);
  EXPECT_EQ(parse_trace_point("x", "main+4", symbols).pc, 0x80000014u);
  EXPECT_EQ(parse_trace_point("x", "0x80000004", symbols).pc, 0x80000004u);
  EXPECT_EQ(parse_trace_point("x", "1.5 us", symbols).time_ps, 1500000u);
  EXPECT_FALSE(parse_trace_point("x", "", symbols).set());
  for (const char* wrong : {"nothing", "main+", "main+x", "12", "5 parsecs"})
    EXPECT_THROW(parse_trace_point("x", wrong, symbols), UserError) << wrong;
}

TEST_F(CommitLogTest, RepeatsFlagsThatAnInstructionRaisesAgain) {
  set_mstatus(kInitial);
  set_f(1, 0x40490fdb);  // 3.14159, whose square is inexact
  set_f(3, 0x3f800000);  // 1.0, whose square is exact
  EXPECT_EQ(shown({fp(0x08, 0, 2, 1, 1), fp(0x08, 0, 4, 1, 1), fp(0x08, 0, 5, 3, 3)}),
            (Lines{"c1_fflags 0x00000001 c768_mstatus 0x80006000 f2  0x411de9e7",
                   "c1_fflags 0x00000001 f4  0x411de9e7", "f5  0x3f800000"}));
}

TEST_F(CommitLogTest, ShowsFlagsOfInstructionsThatWriteIntegers) {
  set_mstatus(kInitial);
  set_f(1, 0x3f000000);  // 0.5
  set_f(2, 0x7fc00000);  // quiet NaN
  set_f(3, 0x7f800001);  // signaling NaN
  EXPECT_EQ(shown({fp(0x50, 2, a0, 1, 2), fp(0x50, 2, a1, 3, 2), fp(0x50, 1, a2, 1, 2),
                   fp(0x60, 1, a3, 1, 0), fp(0x70, 0, a4, 1, 0)}),
            (Lines{"x10 0x00000000",  // feq is quiet
                   "c1_fflags 0x00000010 c768_mstatus 0x80006000 x11 0x00000000",
                   "c1_fflags 0x00000010 x12 0x00000000", "c1_fflags 0x00000011 x13 0x00000000",
                   "x14 0x3f000000"}));
}

TEST_F(CommitLogTest, RoundsAsTheInstructionDoesBeforeItTellsTheFlags) {
  set_mstatus(3u << 13);
  machine.core.write_csr(riscv::kCsrFrm, riscv::kRoundUp);
  set_f(1, 0x7f7fffff);  // the largest number: rounding up overflows, towards zero does not
  set_f(2, 0x3f800000);
  EXPECT_EQ(shown({fp(0x00, 7, 3, 1, 2), fp(0x00, 1, 4, 1, 2), fma(0x43, 7, 5, 1, 2, 2)}),
            (Lines{"c1_fflags 0x00000005 f3  0x7f800000", "c1_fflags 0x00000005 f4  0x7f7fffff",
                   "c1_fflags 0x00000005 f5  0x7f800000"}));
}

TEST_F(CommitLogTest, WritesOfFloatControlMakeTheStateDirty) {
  machine.core.set_x(t0, 0x61);
  set_mstatus(kInitial);
  // 13 buckets: mstatus, fflags and x11 share one, frm and x12 another.
  EXPECT_EQ(shown({csrrw(a0, riscv::kCsrFflags, t0)})[0],
            "x10 0x00000000 c1_fflags 0x00000001 c768_mstatus 0x80006000");
  set_mstatus(kInitial);
  EXPECT_EQ(shown({csrrw(a1, riscv::kCsrFrm, t0)})[0],
            "c2_frm 0x00000001 x11 0x00000000 c768_mstatus 0x80006000");
  set_mstatus(kInitial);
  EXPECT_EQ(shown({csrrw(a2, riscv::kCsrFrm, t0)})[0],
            "x12 0x00000001 c2_frm 0x00000001 c768_mstatus 0x80006000");
  set_mstatus(kInitial);
  EXPECT_EQ(shown({csrrw(a0, riscv::kCsrFcsr, t0), csrrw(a0, riscv::kCsrFcsr, t0),
                   csrrwi(zero, riscv::kCsrFcsr, 2), csrr(a0, riscv::kCsrFcsr)}),
            (Lines{"x10 0x00000021 c2_frm 0x00000003 c1_fflags 0x00000001 c768_mstatus 0x80006000",
                   "x10 0x00000061 c1_fflags 0x00000001 c2_frm 0x00000003",
                   "c1_fflags 0x00000002 c2_frm 0x00000000", "x10 0x00000002"}));
}

TEST_F(CommitLogTest, ShowsFloatSwitchedOnRightBeforeItsFirstUse) {
  set_mstatus(kMpp);
  machine.core.set_x(t0, kInitial);
  EXPECT_EQ(
      shown({csrrs(zero, riscv::kCsrMstatus, t0), fp(0x78, 0, 1, zero, 0),
             csrrc(a0, riscv::kCsrMstatus, t0), fp(0x78, 0, 2, zero, 0)}),
      (Lines{"c768_mstatus 0x00003800", "c768_mstatus 0x80007800 f1  0x00000000",
             "x10 0x80007800 c768_mstatus 0x00005800", "c768_mstatus 0x80007800 f2  0x00000000"}));
}

TEST_F(CommitLogTest, LeavesOutWritesOfConstants) {
  using namespace riscv;  // NOLINT: names of CSRs
  machine.core.set_x(t0, 0xffffffff);
  EXPECT_EQ(shown({csrw(kCsrMhpmcounter3, t0), csrw(kCsrMhpmcounter31h, t0), csrw(kCsrTdata1, t0),
                   csrrw(a0, kCsrTcontrol, t0), csrw(kCsrMhpmevent3, t0), csrw(kCsrMstatush, t0),
                   csrrs(a1, kCsrMscratch, zero), csrrci(a2, kCsrMscratch, 0)}),
            (Lines{"", "", "", "x10 0x00000000", "c803_mhpmevent3 0x00000000",
                   "c784_mstatush 0x00000000", "x11 0x00000000", "x12 0x00000000"}));
}

TEST_F(CommitLogTest, LeavesOutWritesThatPmpIgnores) {
  machine.core.set_x(t0, 0x20000000);
  machine.core.set_x(t1, 0x00880000);  // the third region of four: locked, top of range
  const std::uint32_t address0 = riscv::kCsrPmpaddr0, config1 = riscv::kCsrPmpcfg0 + 1;
  EXPECT_EQ(shown({csrw(address0 + 5, t0), csrw(config1, t1), csrw(address0 + 5, t1),
                   csrw(address0 + 6, t1), csrw(address0 + 7, t0), csrw(config1, t1)}),
            (Lines{"c949_pmpaddr5 0x20000000", "c929_pmpcfg1 0x00880000", "", "",
                   "c951_pmpaddr7 0x20000000", "c929_pmpcfg1 0x00880000"}));
}

TEST_F(CommitLogTest, ShowsCountersAsWritten) {
  machine.core.set_x(t0, 100);
  EXPECT_EQ(shown({csrw(riscv::kCsrMcycle, t0), csrw(riscv::kCsrMinstret, t0),
                   csrw(riscv::kCsrMinstreth, t0), csrrwi(zero, riscv::kCsrMcountinhibit, 5)}),
            (Lines{"c2816_mcycle 0x00000064", "c2818_minstret 0x00000064",
                   "c2946_minstreth 0x00000064", "c800_mcountinhibit 0x00000005"}));
}

TEST_F(CommitLogTest, ShowsWhatWasWrittenThoughAnInterruptComesAtOnce) {
  struct Case {
    std::uint32_t csr, value;
    const char* shown;
  };
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.core.write_csr(riscv::kCsrMie, 1u << riscv::kInterruptTimer);
  for (const Case& c : {Case{riscv::kCsrMepc, 0x123, "c833_mepc 0x00000122"},
                        Case{riscv::kCsrMcause, 0x123, "c834_mcause 0x00000123"},
                        Case{riscv::kCsrMtval, 0x123, "c835_mtval 0x00000123"},
                        Case{riscv::kCsrMscratch, 0x123, "c832_mscratch 0x00000123"},
                        Case{riscv::kCsrMcycle, 0x123, "c2816_mcycle 0x00000123"},
                        Case{riscv::kCsrMstatus, 0x88, "c768_mstatus 0x00000088"},
                        Case{riscv::kCsrMstatus, 0x1808, "c768_mstatus 0x00001808"},
                        Case{riscv::kCsrMstatus, 0x808, "c768_mstatus 0x00001808"}}) {
    machine.core.set_interrupt(riscv::kInterruptTimer, false);
    set_mstatus(kMpp | riscv::kMstatusMie);
    machine.core.set_x(t0, c.value);
    machine.put(kRam, {csrw(c.csr, t0), nop()});
    machine.put(kRam + 0x100, {nop(), nop()});
    machine.core.invalidate(kRam, 0x200);
    machine.core.set_pc(kRam);
    std::string text;
    CommitLog log([&text](std::string_view part) { text += part; }, {}, {});
    log.attach(machine.core, memory, [] { return std::uint64_t{0}; });
    run_to(kRam + 4);  // the CSR is written, nobody has been told yet
    machine.core.set_interrupt(riscv::kInterruptTimer, true);
    run_to(kRam + 0x104);
    log.finish();
    EXPECT_EQ(tails(text), (Lines{c.shown, ""}));
  }
}

TEST_F(CommitLogTest, ShowsAtomicsWithoutAResult) {
  machine.core.set_x(a0, 0x80000800);
  machine.core.set_x(a1, 5);
  EXPECT_EQ(
      shown({amo(0, zero, a1, a0), amo(1, zero, a1, a0), sc(zero, a1, a0), lr(zero, a0),
             sc(zero, a1, a0), lr(a2, a0), addi(a3, a0, 4), sc(a4, a1, a3)}),
      (Lines{"mem 0x80000800 mem 0x80000800 0x00000005", "mem 0x80000800 mem 0x80000800 0x00000005",
             "", "mem 0x80000800", "mem 0x80000800 0x00000005", "x12 0x00000005 mem 0x80000800",
             "x13 0x80000804", "x14 0x00000001"}));
}

TEST_F(CommitLogTest, ShowsAnUnalignedAccessOnce) {
  machine.core.set_x(a0, 0x80000800);
  machine.core.set_x(a1, 0x11223344);
  EXPECT_EQ(shown({sw(a1, 1, a0), lw(a2, 1, a0), lhu(zero, 3, a0), sh(a1, 7, a0)}),
            (Lines{"mem 0x80000801 0x11223344", "x12 0x11223344 mem 0x80000801", "mem 0x80000803",
                   "mem 0x80000807 0x3344"}));
}

TEST_F(CommitLogTest, ShowsTheLevelThatExecuted) {
  machine.core.write_csr(riscv::kCsrPmpaddr0, 0xffffffff);
  machine.core.write_csr(riscv::kCsrPmpcfg0, 0x1f);
  machine.core.write_csr(riscv::kCsrMepc, kRam + 0x40);
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.put(kRam, {mret()});
  machine.put(kRam + 0x40, {nop(), ecall()});
  machine.put(kRam + 0x100, {wfi(), nop()});
  machine.core.set_interrupt(riscv::kInterruptTimer, true);
  machine.core.write_csr(riscv::kCsrMie, 1u << riscv::kInterruptTimer);
  set_mstatus(0);
  // In user mode the interrupt is taken at once; mret shows mstatus as it leaves it.
  EXPECT_EQ(log(kRam + 0x104),
            "core   0: 3 0x80000000 (0x30200073) c784_mstatush 0x00000000 c768_mstatus "
            "0x00000080\n"
            "core   0: 3 0x80000100 (0x10500073)\n");
  machine.core.write_csr(riscv::kCsrMie, 0);
  machine.core.write_csr(riscv::kCsrMepc, kRam + 0x40);
  set_mstatus(riscv::kMstatusMprv);
  machine.core.set_pc(kRam);
  EXPECT_EQ(log(kRam + 0x100),
            "core   0: 3 0x80000000 (0x30200073) c784_mstatush 0x00000000 c768_mstatus "
            "0x00000080\n"
            "core   0: 0 0x80000040 (0x00000013)\n");
}

TEST_F(CommitLogTest, ShowsTheResultOfACallOfTheHost) {
  class Host : public riscv::EbreakHandler {
   public:
    explicit Host(riscv::Core& core) : core_(core) { core.set_ebreak_handler(this); }
    bool on_ebreak(std::uint32_t, bool) override {
      core_.set_x(a0, 42);
      return true;
    }

   private:
    riscv::Core& core_;
  } host(machine.core);
  EXPECT_EQ(shown({ebreak(), nop()}), (Lines{"x10 0x0000002a", ""}));
  machine.core.set_ebreak_handler(nullptr);
}

class TwelfthHart : public CommitLogTest {
 protected:
  TwelfthHart() : CommitLogTest(twelfth()) {}
  static riscv::CoreConfig twelfth() {
    riscv::CoreConfig config;
    config.hart_id = 12;
    return config;
  }
};

TEST_F(TwelfthHart, HasItsNumberOnEachLine) {
  EXPECT_EQ(log(machine.put(kRam, {csrr(t0, riscv::kCsrMhartid)})),
            "core  12: 3 0x80000000 (0xf14022f3) x5  0x0000000c\n");
}

TEST_F(CommitLogTest, KnowsTheStateOfFloatWhereATraceBegins) {
  set_mstatus(kInitial);
  set_f(1, 0x3f800000);
  const std::uint32_t end = machine.put(
      kRam, {fp(0x08, 0, 2, 1, 1), nop(), fp(0x08, 0, 3, 1, 1)});  // the first makes it dirty
  EXPECT_EQ(tails(log(end, {.time_ps = {}, .pc = kRam + 4})), (Lines{"", "f3  0x3f800000"}));
}

/// A window of a loop of three turns; an instruction takes 1 ns.
class WindowTest : public CommitLogTest {
 protected:
  static constexpr std::uint32_t kTop = kRam + 4, kBottom = kRam + 8, kEnd = kRam + 16;

  /// Low digits of the addresses that the trace holds.
  std::string window(const TracePoint& from, const TracePoint& to) {
    machine.put(kRam, {addi(a0, zero, 3), addi(a0, a0, -1), nop(), bne(a0, zero, -8), nop()});
    std::string text, digits;
    CommitLog log([&text](std::string_view part) { text += part; }, from, to);
    log.attach(machine.core, memory, [this] { return machine.core.instructions() * 1000; });
    run_to(kEnd);
    ended = log.ended();
    log.finish();
    for (const std::string& line : lines(text)) digits += line[21];
    return digits;
  }
  static TracePoint at(std::uint32_t pc) { return {.time_ps = {}, .pc = pc}; }
  static TracePoint after(std::uint64_t instructions) {
    return {.time_ps = instructions * 1000, .pc = {}};
  }
  bool ended = false;
};

TEST_F(WindowTest, BetweenInstructionsBeginsAgain) {
  EXPECT_EQ(window(at(kTop), at(kBottom)), "444");
  EXPECT_TRUE(ended);
}
TEST_F(WindowTest, FromAnInstructionThatIsNotReachedIsEmpty) {
  EXPECT_EQ(window(at(kRam + 0x100), {}), "");
  EXPECT_FALSE(ended);
}
TEST_F(WindowTest, ToAnInstructionThatIsNotReachedGoesToTheEnd) {
  EXPECT_EQ(window(at(kBottom), at(kRam)), "8c48c48c");
  EXPECT_FALSE(ended);
}
TEST_F(WindowTest, ToAnInstructionAloneEndsThereForGood) {
  EXPECT_EQ(window({}, at(kBottom)), "04");
  EXPECT_TRUE(ended);
}
TEST_F(WindowTest, FromATimeToAnInstructionEndsThereForGood) {
  EXPECT_EQ(window(after(3), at(kBottom)), "c4");
}
TEST_F(WindowTest, FromAnInstructionToATimeEndsThereForGood) {
  EXPECT_EQ(window(at(kTop), after(5)), "48c4");
  EXPECT_TRUE(ended);
}
TEST_F(WindowTest, BetweenTimes) { EXPECT_EQ(window(after(2), after(4)), "8c"); }
TEST_F(WindowTest, ATimeThatIsOverEndsAWindowBeforeItBegins) {
  EXPECT_EQ(window(at(kBottom), after(1)), "");
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace aimc::instrumentation
