// SPDX-License-Identifier: Apache-2.0
// What is seen of a running core: commit log, profile, crash report.
#include <gtest/gtest.h>

#include <sstream>

#include "aimc/common/error.h"
#include "aimc/instrumentation/commit_log.h"
#include "aimc/instrumentation/crash_report.h"
#include "aimc/instrumentation/profiler.h"
#include "machine.h"

namespace aimc::instrumentation {
namespace {

using namespace riscv::assembler;  // NOLINT: encoders
using riscv::TestMachine;
constexpr std::uint32_t kRam = TestMachine::kRam;

/// The test machine's RAM as a debugger sees it.
class Ram : public GuestMemory {
 public:
  explicit Ram(TestMachine& machine) : machine_(machine) {}
  bool read(std::uint32_t address, void* data, std::size_t length) override {
    if (address - kRam >= TestMachine::kRamSize ||
        length > TestMachine::kRamSize - (address - kRam))
      return false;
    std::memcpy(data, &machine_.ram[address - kRam], length);
    return true;
  }
  bool write(std::uint32_t, const void*, std::size_t) override { return false; }

 private:
  TestMachine& machine_;
};

/// Runs a core up to an instruction, not over it.
class StopAt : public riscv::InstructionObserver {
 public:
  StopAt(riscv::Core& core, std::uint32_t pc) : core_(core), pc_(pc) {
    core_.add_instruction_observer(this);
    for (int i = 0; i < 1000 && core_.pc() != pc_; ++i) core_.run(1000);
    EXPECT_EQ(core_.pc(), pc_);
  }
  ~StopAt() override { core_.remove_instruction_observer(this); }
  StopAt(const StopAt&) = delete;
  StopAt& operator=(const StopAt&) = delete;
  bool may_execute(std::uint32_t pc) override { return pc != pc_; }
  void on_instruction(std::uint32_t, std::uint32_t) override {}

 private:
  riscv::Core& core_;
  std::uint32_t pc_;
};

class TraceTest : public ::testing::Test {
 protected:
  void symbol(const std::string& name, std::uint32_t address, std::uint32_t size) {
    image.symbols.push_back({name, address, size, true, true});
  }
  void run_to(std::uint32_t pc) { StopAt(machine.core, pc); }
  /// Runs up to an instruction.
  std::string log(std::uint32_t until, const TracePoint& from = {}, const TracePoint& to = {}) {
    std::string text;
    CommitLog log([&text](std::string_view part) { text += part; }, from, to);
    log.attach(machine.core, memory, [this] { return machine.core.cycles() * 1000; });
    run_to(until);
    log.finish();
    return text;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }

  TestMachine machine;
  Ram memory{machine};
  soc::ElfImage image{
      .file = "x.elf", .entry = kRam, .segments = {{kRam, 0x1000, {}}}, .symbols = {}};
};

TEST_F(TraceTest, WritesTheLinesOfSpikesCommitLog) {
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

TEST_F(TraceTest, LeavesOutInstructionsThatTrap) {
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.put(kRam, {nop(), ecall(), nop()});
  machine.put(kRam + 0x100, {csrr(t0, 0x341), addi(t0, t0, 4), csrw(0x341, t0), mret()});
  const auto all = lines(log(kRam + 12));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0], "core   0: 3 0x80000000 (0x00000013)");
  EXPECT_EQ(all[1], "core   0: 3 0x80000100 (0x341022f3) x5  0x80000004");
  EXPECT_TRUE(all[4].starts_with("core   0: 3 0x8000010c (0x30200073) c768_mstatus 0x")) << all[4];
  EXPECT_EQ(all[5], "core   0: 3 0x80000008 (0x00000013)");
}

TEST_F(TraceTest, WritesCompressedInstructionsWithFourDigits) {
  machine.put16(kRam, {0x4505, 0xc10c});  // c.li a0,1; c.sw a1,0(a0)
  machine.core.set_x(10, 1);
  EXPECT_EQ(log(kRam + 2), "core   0: 3 0x80000000 (0x4505) x10 0x00000001\n");
}

TEST_F(TraceTest, BeginsAndEndsAtAnAddressOrATime) {
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

TEST_F(TraceTest, ReadsTracePoints) {
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

TEST_F(TraceTest, ProfilesFunctionsAndCallPaths) {
  symbol("main", kRam, 16);
  symbol("work", kRam + 0x40, 12);
  symbol("leaf", kRam + 0x80, 8);
  symbol("next", kRam + 0xa0, 8);
  machine.put(kRam, {jal(ra, 0x40), jal(ra, 0x3c), nop(), nop()});
  machine.put(kRam + 0x40, {mv(s1, ra), jal(ra, 0x3c), jalr(zero, s1, 0)});
  machine.put(kRam + 0x80, {nop(), jal(zero, 0x1c)});  // a tail call
  machine.put(kRam + 0xa0, {nop(), jalr(zero, ra, 0)});
  Profiler profiler{SymbolTable(image)};
  profiler.attach(machine.core, "hart0");
  run_to(kRam + 12);
  profiler.finish();
  // `work` returns through s1: a return is told by where it goes.
  EXPECT_EQ(profiler.collapsed(),
            "hart0;main 3\nhart0;main;work 6\n"
            "hart0;main;work;leaf 4\nhart0;main;work;next 4\n");
}

TEST_F(TraceTest, ProfilesTrapsUnderTheCodeTheyInterrupt) {
  symbol("main", kRam, 12);
  symbol("handler", kRam + 0x100, 16);
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.put(kRam, {nop(), ecall(), nop()});
  machine.put(kRam + 0x100, {csrr(t0, 0x341), addi(t0, t0, 4), csrw(0x341, t0), mret()});
  Profiler profiler{SymbolTable(image)};
  profiler.attach(machine.core, "hart0");
  run_to(kRam + 12);
  profiler.finish();
  const std::string paths = profiler.collapsed();
  EXPECT_NE(paths.find("hart0;main 3\n"), std::string::npos) << paths;
  EXPECT_NE(paths.find(";handler 4\n"), std::string::npos) << paths;
  EXPECT_NE(profiler.table().find("handler"), std::string::npos);
}

TEST_F(TraceTest, SeparatesStallsFromWork) {
  symbol("main", kRam, 8);
  machine.core.set_x(10, TestMachine::kDevice);
  machine.put(kRam, {lw(a1, 0, a0), nop()});
  machine.on_access = [this](std::uint32_t) { machine.core.add_stall_cycles(100); };
  Profiler profiler{SymbolTable(image)};
  profiler.attach(machine.core, "hart0");
  run_to(kRam + 8);
  profiler.finish();
  EXPECT_EQ(profiler.collapsed(), "hart0;main 102\n");
  const auto table = lines(profiler.table());
  ASSERT_GE(table.size(), 2u);
  std::istringstream row(table[1]);
  std::uint64_t calls = 0, instructions = 0, cycles = 0, stalls = 0;
  std::string share;
  row >> calls >> instructions >> cycles >> share >> stalls;
  EXPECT_EQ(instructions, 2u);
  EXPECT_EQ(cycles, 102u);
  EXPECT_EQ(stalls, 100u);
}

TEST_F(TraceTest, CountsWhatTheCoreCounts) {
  // Profile and log leave instruction and cycle counts as they are.
  machine.put(kRam, {addi(t0, zero, 50), addi(t0, t0, -1), bne(t0, zero, -4), nop()});
  run_to(kRam + 16);
  const std::uint64_t cycles = machine.core.cycles(), instructions = machine.core.instructions();
  TestMachine second;
  second.put(kRam, {addi(t0, zero, 50), addi(t0, t0, -1), bne(t0, zero, -4), nop()});
  Profiler profiler{SymbolTable(image)};
  profiler.attach(second.core, "hart0");
  StopAt(second.core, kRam + 16);
  profiler.finish();
  EXPECT_EQ(second.core.cycles(), cycles);
  EXPECT_EQ(second.core.instructions(), instructions);
}

TEST_F(TraceTest, ReportsACrashWithCodeRegistersAndCallers) {
  symbol("main", kRam, 0x20);
  symbol("outer", kRam + 0x40, 0x20);
  symbol("broken", kRam + 0x80, 0x20);
  machine.core.set_x(sp, kRam + 0x8000);
  machine.put(kRam, {nop(), jal(ra, 0x3c)});
  machine.put(kRam + 0x40, {addi(sp, sp, -16), sw(ra, 12, sp), jal(ra, 0x38), lw(ra, 12, sp)});
  machine.put(kRam + 0x80, {addi(a0, zero, 7), 0xffffffff, nop()});
  CrashRecorder recorder(machine.core);
  machine.core.run(100);  // mtvec is 0: the handler traps for ever
  ASSERT_TRUE(recorder.in_exception());
  const std::string report = recorder.report("hart0", SymbolTable(image), memory);
  EXPECT_NE(report.find("hart0: illegal instruction at 0x80000084 (broken+0x4)"), std::string::npos)
      << report;
  EXPECT_NE(report.find("=> 0x80000084"), std::string::npos) << report;
  EXPECT_NE(report.find("addi a0,zero,7"), std::string::npos) << report;
  EXPECT_NE(report.find("   a0 00000007"), std::string::npos) << report;
  EXPECT_NE(report.find("mtvec 00000000"), std::string::npos) << report;
  EXPECT_NE(report.find("#1  0x8000004c  outer+0xa"), std::string::npos) << report;
  EXPECT_NE(report.find("#2  0x80000008  main+0x6"), std::string::npos) << report;
  EXPECT_NE(report.find("return addresses on the stack"), std::string::npos) << report;
}

TEST_F(TraceTest, FollowsFramePointersWhereThereAreSome) {
  machine.put(kRam, {jal(ra, 0x40), jal(ra, 0x3c)});
  symbol("code", kRam, 0x100);
  std::array<std::uint32_t, 32> registers{};
  registers[2] = kRam + 0x8000;
  registers[8] = kRam + 0x8020;
  machine.write(kRam + 0x801c, kRam + 4);
  machine.write(kRam + 0x8018, kRam + 0x8040);
  machine.write(kRam + 0x803c, kRam + 8);
  machine.write(kRam + 0x8008, kRam + 8);  // what a scan would find first
  bool by_frame_pointers = false;
  const auto callers =
      back_trace(registers, kRam + 0x40, SymbolTable(image), memory, &by_frame_pointers);
  EXPECT_TRUE(by_frame_pointers);
  ASSERT_EQ(callers.size(), 2u);
  EXPECT_EQ(callers[0].address, kRam + 4);
  EXPECT_EQ(callers[1].address, kRam + 8);
}

TEST_F(TraceTest, ForgetsAnExceptionWhenItsHandlerReturns) {
  machine.core.write_csr(riscv::kCsrMtvec, kRam + 0x100);
  machine.put(kRam, {0xffffffff, nop()});
  machine.put(kRam + 0x100, {csrr(t0, 0x341), addi(t0, t0, 4), csrw(0x341, t0), mret()});
  CrashRecorder recorder(machine.core);
  run_to(kRam + 0x104);
  EXPECT_TRUE(recorder.in_exception());
  run_to(kRam + 8);
  EXPECT_FALSE(recorder.in_exception());
}

}  // namespace
}  // namespace aimc::instrumentation
