// SPDX-License-Identifier: Apache-2.0
// What is seen of a running core: profile, crash report.
#include <gtest/gtest.h>

#include <sstream>

#include "aimc/instrumentation/crash_report.h"
#include "aimc/instrumentation/profiler.h"
#include "trace_machine.h"

namespace aimc::instrumentation {
namespace {

using namespace riscv::assembler;  // NOLINT: encoders

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

/// The test machine's RAM and a device behind it, which may be named and not read.
class RamAndDevice : public Ram {
 public:
  static constexpr std::uint32_t kDevice = 0x10000000, kEnd = kDevice + 0x100;
  using Ram::Ram;
  bool read(std::uint32_t address, void* data, std::size_t length) override {
    const auto last = static_cast<std::uint32_t>(address + length - 1);
    if (!device_at(address).empty() || !device_at(last).empty()) {
      ++device_reads;
      std::memset(data, 0x13, length);
      return true;
    }
    return Ram::read(address, data, length);
  }
  std::string device_at(std::uint32_t address) const override {
    return address >= kDevice && address < kEnd ? "uart0" : "";
  }
  int device_reads = 0;
};

TEST_F(TraceTest, ACrashReportNamesADeviceAndDoesNotReadIt) {
  constexpr std::uint32_t kDevice = RamAndDevice::kDevice;
  RamAndDevice devices(machine);
  CrashRecorder recorder(machine.core);
  machine.core.set_x(sp, kDevice + 8);
  machine.core.set_x(s0, kDevice + 0x20);  // a frame pointer just above it
  machine.core.set_x(ra, kDevice + 0x10);  // a return address
  for (const std::uint32_t pc : {kDevice, kDevice - 2, RamAndDevice::kEnd, kRam - 4})
    recorder.on_trap(riscv::kCauseFetchAccess, pc, pc);
  machine.core.set_pc(kDevice);
  const std::string report = recorder.report("hart0", SymbolTable(image), devices);
  EXPECT_NE(report.find("=> 0x10000000  device 'uart0'\n"), std::string::npos) << report;
  EXPECT_NE(report.find("no stack at sp 0x10000008: device 'uart0'\n"), std::string::npos)
      << report;
  EXPECT_EQ(report.find("#1"), std::string::npos) << report;
  EXPECT_EQ(devices.device_reads, 0);
}

TEST_F(TraceTest, ACrashReportSaysWhereNothingAnswers) {
  RamAndDevice devices(machine);
  CrashRecorder recorder(machine.core);
  machine.core.set_x(sp, RamAndDevice::kDevice - 2);  // not aligned: the word before the device
  recorder.on_trap(riscv::kCauseFetchAccess, RamAndDevice::kDevice - 2, 0);
  const std::string report = recorder.report("hart0", SymbolTable(image), devices);
  EXPECT_NE(report.find("=> 0x0ffffffe  nothing answers here\n"), std::string::npos) << report;
  EXPECT_NE(report.find("no stack at sp 0x0ffffffe: nothing answers here"), std::string::npos)
      << report;
  EXPECT_EQ(devices.device_reads, 0);
}

TEST_F(TraceTest, AnEmptyStackAtTheEndOfMemoryIsAStack) {
  CrashRecorder recorder(machine.core);
  machine.core.set_x(sp, kRam + TestMachine::kRamSize);
  recorder.on_trap(riscv::kCauseFetchAccess, kRam, 0);
  EXPECT_EQ(recorder.report("hart0", SymbolTable(image), memory).find("no stack"),
            std::string::npos);
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
