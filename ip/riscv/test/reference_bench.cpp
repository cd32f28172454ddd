// SPDX-License-Identifier: Apache-2.0
#include "reference_bench.h"

#include <cstring>
#include <string>

#include "aimc/riscv/disassembler.h"

namespace aimc::riscv {

using reference::Hart;
using U32 = std::uint32_t;

namespace {

CoreConfig core_config(const BenchOptions& options) {
  CoreConfig config;
  config.isa = options.isa;
  config.misaligned = options.misaligned;
  return config;
}

}  // namespace

ReferenceBench::ReferenceBench(const BenchOptions& options)
    : options_(options), m_(core_config(options)) {
  m_.allow_direct = options.direct;
  if (options.observed) m_.core.add_instruction_observer(&observer_);
  m_.put(kHandler, {assembler::wfi()});
  m_.core.write_csr(kCsrMtvec, kHandler);
  randomise();
}

U32 ReferenceBench::operand() {
  static constexpr U32 kCorners[] = {0,          1,          0xffffffff, 0x80000000, 0x7fffffff,
                                     0xfffffffe, 0x80000001, 31,         32,         0xffff8000,
                                     0x00007fff, 0x000000ff, 0x80,       0x00010000, 2};
  const U32 kind = random() % 4;
  if (kind == 0) return kCorners[random() % std::size(kCorners)];
  if (kind == 1) return reference::extend(random(), 1 + random() % 31);
  return random();
}

U32 ReferenceBench::float_operand() {
  static constexpr U32 kCorners[] = {0,          0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001,
                                     0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000,
                                     0x4f800000, 0x33800000, 0x34000000, 0x3f000000, 0x3fc00000,
                                     0x7fffffff, 0x00800001, 0x40000000, 0x4effffff, 0x3f7fffff};
  const U32 sign = random() & 0x80000000u;
  switch (random() % 6) {
    case 0:
    case 1:
      return sign | kCorners[random() % std::size(kCorners)];
    case 2:  // few bits, so that sums and products are exact or tie
      return sign | ((120 + random() % 16) << 23) | ((random() & 15u) << 19);
    case 3:  // about 1, and integers
      return sign | ((110 + random() % 50) << 23) | (random() & 0x7fffffu);
    case 4:  // subnormal and the smallest normal numbers
      return sign | (random() & 0x01ffffffu);
    default:
      return random();
  }
}

void ReferenceBench::randomise() {
  for (unsigned n = 1; n < 32; ++n) hart_.x[n] = operand();
  for (U32& value : hart_.f) value = float_operand();
  for (std::uint8_t& byte : hart_.data) byte = static_cast<std::uint8_t>(random());
  hart_.pc = kProgram;
  hart_.target_mask = options_.isa & kExtC ? 1 : 3;
  hart_.strict = options_.misaligned == Misaligned::kTrap;
  hart_.mstatus = kMstatusFs | kMstatusSd | 3u << 11;
  hart_.mepc = random() & ~(hart_.target_mask | 1);
  hart_.mscratch = operand();
  hart_.fflags = random() & random() & 31u;
  hart_.frm = random() % 8;
  hart_.user = false;
  hart_.reserved.reset();
  fresh_ = true;
}

void ReferenceBench::aim(U32 word) {
  const U32 opcode = reference::bits(word, 6, 0);
  const bool stores = opcode == 0x23 || opcode == 0x27, atomic = opcode == 0x2f;
  if (!stores && !atomic && opcode != 0x03 && opcode != 0x07) return;
  const U32 offset = stores   ? reference::s_immediate(word)
                     : atomic ? 0
                              : reference::i_immediate(word);
  U32 address = Hart::kData + random() % (Hart::kDataSize - 8);
  if (random() % 4 != 0) address &= ~U32{3};
  if (random() % 16 == 0) address = 0x90000000u + random() % 64;
  hart_.set_x(reference::rs1(word), address - offset);
}

void ReferenceBench::write_core() {
  Core& core = m_.core;
  std::memcpy(&m_.ram[Hart::kData - m_.kRam], hart_.data, sizeof hart_.data);
  core.invalidate(hart_.pc, 64);
  if (fresh_) core.break_reservation(Hart::kData, Hart::kDataSize);
  fresh_ = false;
  core.set_privilege(Privilege::kMachine);
  core.set_pc(hart_.pc);
  for (unsigned n = 0; n < 32; ++n) core.set_x(n, hart_.x[n]);
  for (unsigned n = 0; n < 32; ++n) core.set_f(n, hart_.f[n]);
  core.write_csr(kCsrMstatus, hart_.mstatus);
  core.write_csr(kCsrMepc, hart_.mepc);
  core.write_csr(kCsrMscratch, hart_.mscratch);
  core.write_csr(kCsrFcsr, hart_.frm << 5 | hart_.fflags);
}

void ReferenceBench::predict(U32 encoding, unsigned length, U32 word) {
  hart_.next = hart_.pc + length;
  hart_.trap.reset();
  hart_.sleeps = false;
  const std::string_view name = word == 0 ? "" : reference::mnemonic(word, options_.isa);
  const reference::Execute execute = name.empty() ? nullptr : reference::find(name);
  const bool reserved = word != 0 && reference::reserved_rounding(word);
  if (execute == nullptr || reserved) {
    hart_.raise(kCauseIllegalInstruction, encoding);
  } else {
    execute(hart_, word);
  }
  if (!hart_.trap) return;
  if (hart_.trap->cause == kCauseIllegalInstruction) hart_.trap->tval = encoding;
  hart_.mepc = hart_.pc;
  hart_.next = kHandler;
  hart_.reserved.reset();  // the architecture allows that, and this core does it
  constexpr U32 kMie = 1u << 3, kMpie = 1u << 7;
  hart_.mstatus = (hart_.mstatus & ~(kMie | kMpie)) | (hart_.mstatus & kMie) << 4 | 3u << 11;
}

::testing::AssertionResult ReferenceBench::compare(U32 pc, U32 retired, bool asleep) {
  Core& core = m_.core;
  ::testing::AssertionResult result = ::testing::AssertionSuccess();
  const auto check = [&](const char* what, U32 got, U32 expected) {
    if (got == expected) return;
    result = ::testing::AssertionFailure()
             << what << " is 0x" << std::hex << got << ", not 0x" << expected;
  };
  for (unsigned n = 0; n < 32; ++n) {
    check(x_name(n), core.x(n), hart_.x[n]);
    check(f_name(n), core.f(n), hart_.f[n]);
  }
  check("pc", core.pc(), pc);
  check("user mode", core.privilege() == Privilege::kUser ? 1 : 0, hart_.user ? 1 : 0);
  check("fcsr", *core.read_csr(kCsrFcsr), hart_.frm << 5 | hart_.fflags);
  check("mstatus", *core.read_csr(kCsrMstatus), hart_.mstatus);
  check("mscratch", *core.read_csr(kCsrMscratch), hart_.mscratch);
  check("mepc", *core.read_csr(kCsrMepc), hart_.mepc);
  check("retired", static_cast<U32>(m_.last.instructions), retired);
  check("asleep", m_.last.exit == Exit::kWfi ? 1 : 0, asleep ? 1 : 0);
  if (hart_.trap) {
    check("mcause", *core.read_csr(kCsrMcause), hart_.trap->cause);
    check("mtval", *core.read_csr(kCsrMtval), hart_.trap->tval);
  }
  const std::uint8_t* data = &m_.ram[Hart::kData - m_.kRam];
  check("data", std::memcmp(data, hart_.data, sizeof hart_.data) == 0 ? 0 : 1, 0);
  return result;
}

::testing::AssertionResult ReferenceBench::step(U32 encoding, unsigned length, U32 word) {
  std::memcpy(&m_.ram[hart_.pc - m_.kRam], &encoding, length);
  write_core();
  const Hart before = hart_;
  predict(encoding, length, word);
  observer_ = {};
  m_.last = m_.core.run(1);
  ::testing::AssertionResult result = compare(hart_.next, hart_.trap ? 0 : 1, hart_.sleeps);
  if (options_.observed && (observer_.count != 1 || observer_.last != encoding))
    result = ::testing::AssertionFailure() << "the observer saw " << observer_.count;
  if (!result) {
    result << " after " << disassemble(encoding, before.pc, options_.isa) << " (0x" << std::hex
           << encoding << ") with rs1 = 0x" << before.x[reference::rs1(word)] << ", rs2 = 0x"
           << before.x[reference::rs2(word)] << ", fs1 = 0x" << before.f[reference::rs1(word)]
           << ", fs2 = 0x" << before.f[reference::rs2(word)] << ", fs3 = 0x"
           << before.f[reference::rs3(word)] << ", frm " << before.frm;
  }
  if (hart_.trap) m_.core.run(1);  // an instruction between traps: the hart makes progress
  return result;
}

::testing::AssertionResult ReferenceBench::block(const std::vector<U32>& words) {
  U32 address = hart_.pc;
  for (const U32 word : words) {
    m_.write(address, word);
    address += 4;
  }
  m_.write(address, assembler::wfi());
  write_core();
  std::string listing;
  U32 retired = 0;
  for (const U32 word : words) {
    listing += "; " + disassemble(word, hart_.pc, options_.isa);
    predict(word, 4, word);
    if (hart_.trap) break;
    ++retired;
    hart_.pc = hart_.next;
  }
  // A jump ends the run; otherwise there is a wfi behind the block and in the trap handler.
  const bool jumps = !hart_.trap && hart_.pc != address;
  m_.last = m_.core.run(jumps ? static_cast<std::int64_t>(words.size()) : 100);
  const U32 pc = jumps ? hart_.pc : hart_.trap ? kHandler + 4 : address + 4;
  hart_.pc = kProgram;
  return compare(pc, retired + (jumps ? 0 : 1), !jumps) << listing;
}

}  // namespace aimc::riscv
