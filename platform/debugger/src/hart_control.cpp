// SPDX-License-Identifier: Apache-2.0
#include "aimc/debugger/hart_control.h"

#include "aimc/riscv/instruction.h"

namespace aimc::debugger {
namespace {

using gdb::Action;
using riscv::Exit;

using Access = MemoryAccess;

Access decode_access(std::uint32_t raw, riscv::ExtensionSet isa) {
  using riscv::Format;
  const std::uint32_t word = riscv::instruction_length(static_cast<std::uint16_t>(raw)) == 4
                                 ? raw
                                 : riscv::expand_compressed(static_cast<std::uint16_t>(raw), isa);
  const riscv::Instruction* const row = riscv::find_instruction(word, isa);
  if (row == nullptr) return {};
  const unsigned base = word >> 15 & 31u;
  const unsigned size = 1u << (word >> 12 & 3u);  // funct3 of loads, stores and atomics
  switch (row->format) {
    case Format::kLoad:
    case Format::kFLoad:
      return {base, riscv::imm_i(word), size, true, false};
    case Format::kStore:
    case Format::kFStore:
      return {base, riscv::imm_s(word), size, false, true};
    case Format::kLr:
      return {base, 0, size, true, false};
    case Format::kAmo:
      if (row->op == riscv::Op::kSc) return {base, 0, size, false, true, true};
      return {base, 0, size, true, true};
    default:
      return {};
  }
}

}  // namespace

HartControl::HartControl(riscv::HartModule& hart, unsigned thread, const gdb::StopPoints& points,
                         StopListener& listener)
    : hart_(hart), thread_(thread), points_(points), listener_(listener) {
  hart_.set_debugger(this);
}

HartControl::~HartControl() {
  observe(false);
  hart_.set_debugger(nullptr);
}

void HartControl::observe(bool on) {
  if (on == observing_) return;
  observing_ = on;
  if (on) {
    hart_.core().add_instruction_observer(this);
    hart_.core().add_trap_observer(this);
  } else {
    hart_.core().remove_instruction_observer(this);
    hart_.core().remove_trap_observer(this);
  }
}

void HartControl::set_action(const Action& action) {
  const bool was_held = action_.kind == Action::Kind::hold;
  const bool was_observing = observing_;
  action_ = action;
  began_ = false;
  breakpoint_.reset();
  hit_.reset();
  interrupted_pc_.reset();
  observe(stepping() || !points_.empty());
  // A hart inside a bus access goes on in the middle of a slice; the new order begins behind it.
  const bool changes = observing_ != was_observing || action.kind != Action::Kind::run;
  if (hart_.in_access() && changes) hart_.core().request_yield();
  if (was_held && action.kind != Action::Kind::hold) hart_.debug_resume();
}

bool HartControl::before_slice() {
  listener_.look(thread_);
  return action_.kind != Action::Kind::hold;
}

/// Is the hart, about to execute the instruction at `pc`, where its step should end?
bool HartControl::step_complete(std::uint32_t pc) const {
  if (!began_) return false;
  if (action_.kind == Action::Kind::step) return true;
  if (action_.kind != Action::Kind::range || interrupted_pc_) return false;
  return pc < action_.first || pc >= action_.end;
}

bool HartControl::may_execute(std::uint32_t pc, std::uint32_t word) {
  if (step_complete(pc)) return false;
  // A step begins with the instruction at pc whether or not there is a breakpoint on it.
  if (!stepping() || began_) breakpoint_ = points_.breakpoint(pc);
  if (!breakpoint_ && points_.watching() &&
      told_ != std::make_pair(pc, hart_.core().instructions()))
    hit_ = watched(word);
  return !breakpoint_ && !hit_;
}

void HartControl::on_instruction(std::uint32_t, std::uint32_t) {
  began_ = true;
  told_.reset();
}

/// The watchpoint that this instruction, which is about to execute, touches.
std::optional<gdb::StopPoints::Hit> HartControl::watched(std::uint32_t word) {
  const riscv::Core& core = hart_.core();
  Decoded& slot = decoded_[(word ^ word >> 12 ^ word >> 20) % decoded_.size()];
  if (slot.word != word) slot = {word, decode_access(word, core.config().isa)};
  const Access& access = slot.access;
  if (access.size == 0) return std::nullopt;
  const std::uint32_t address = core.x(access.base) + static_cast<std::uint32_t>(access.offset);
  if (access.conditional && core.reservation() != address) return std::nullopt;
  return points_.watch(address, access.size, access.reads, access.writes);
}

void HartControl::on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t) {
  const bool interrupt = (mcause & riscv::kCauseInterrupt) != 0;
  if (interrupt && action_.kind == Action::Kind::range && !interrupted_pc_) interrupted_pc_ = pc;
  began_ = true;  // a step into a handler ends at its first instruction
}

void HartControl::on_mret(std::uint32_t target) {
  if (interrupted_pc_ == target) interrupted_pc_.reset();
}

void HartControl::after_slice(Exit exit) {
  if (exit == Exit::kFatal) return;
  gdb::Stop stop{thread_};
  if (hit_) {
    stop.point = hit_->kind;
    stop.address = hit_->address;
    told_ = {hart_.core().pc(), hart_.core().instructions()};
  } else if (breakpoint_) {
    stop.point = breakpoint_;
  } else if (!step_complete(hart_.core().pc())) {
    return;
  }
  hit_.reset();
  breakpoint_.reset();
  listener_.stop(stop);
}

bool HartControl::on_fatal() {
  dead_ = true;
  revived_ = false;
  const bool seen = listener_.stop_fatal(thread_);
  if (seen && revived_) dead_ = false;
  return !dead_;
}

std::string HartControl::state() const {
  if (dead_) return "dead: " + hart_.core().fatal_reason();
  if (hart_.in_access()) return "waits for a bus access or the host";
  if (hart_.asleep()) return "asleep in wfi";
  return hart_.core().privilege() == riscv::Privilege::kMachine ? "machine mode" : "user mode";
}

std::optional<std::uint32_t> HartControl::read_register(unsigned number) {
  riscv::Core& core = hart_.core();
  if (number < gdb::kRegisterPc) return core.x(number);
  if (number == gdb::kRegisterPc) return core.pc();
  if (number == gdb::kRegisterPrivilege) return static_cast<std::uint32_t>(core.privilege());
  if (number >= gdb::kRegisterCsr0) return core.read_csr(number - gdb::kRegisterCsr0);
  if ((core.config().isa & riscv::kExtF) == 0) return std::nullopt;
  return core.f(number - gdb::kRegisterF0);
}

std::string HartControl::write_register(unsigned number, std::uint32_t value) {
  riscv::Core& core = hart_.core();
  if (number < gdb::kRegisterPc) {
    core.set_x(number, value);
  } else if (number == gdb::kRegisterPc) {
    if ((value & 1u) != 0) return "pc must be even";
    if (!hart_.debug_set_pc(value))
      return "the hart waits for a bus access or the host; step it once, then set pc";
    revived_ = true;
  } else if (number == gdb::kRegisterPrivilege) {
    if (value != 0 && value != 3) return "priv is 0 (user) or 3 (machine)";
    core.set_privilege(static_cast<riscv::Privilege>(value));
  } else if (number >= gdb::kRegisterCsr0) {
    if (!core.write_csr(number - gdb::kRegisterCsr0, value))
      return "this CSR cannot be written, or not now";
  } else {
    if ((core.config().isa & riscv::kExtF) == 0) return "the hart has no f registers";
    core.set_f(number - gdb::kRegisterF0, value);
    // As if the program had written it: a context switch must save it.
    const std::uint32_t mstatus = core.read_csr(riscv::kCsrMstatus).value_or(0);
    if ((mstatus & riscv::kMstatusFs) != 0)
      core.write_csr(riscv::kCsrMstatus, mstatus | riscv::kMstatusFs);
  }
  return {};
}

}  // namespace aimc::debugger
