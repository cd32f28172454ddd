// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/hart_module.h"

#include <cmath>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/riscv/hart_alarm.h"

namespace aimc::riscv {
namespace {

__extension__ using U128 = unsigned __int128;
constexpr std::uint64_t kPsPerSecond = 1000000000000u;
/// Cycles between two looks of a debugger at a busy hart, however long the quantum is.
constexpr std::uint64_t kDebugBudget = 1u << 20;

sc_core::sc_time from_ps(std::uint64_t ps) { return sc_core::sc_time::from_value(ps); }

CoreConfig core_config(const HartModule::Config& config) {
  CoreConfig core;
  std::string error;
  if (!parse_isa(config.isa, &core.isa, &error)) throw UserError(error);
  core.hart_id = config.hart_id;
  if (config.reset_pc > 0xfffffffe || config.reset_pc % 2 != 0)
    user_error("reset_pc {:#x} is no address of an instruction; it must be even and below 2^32",
               config.reset_pc);
  core.reset_pc = static_cast<std::uint32_t>(config.reset_pc);
  core.misaligned = config.misaligned == "trap" ? Misaligned::kTrap : Misaligned::kHardware;
  core.pmp_regions = config.pmp_regions;
  core.trap_limit = config.trap_limit;
  core.cycles = config.cycles;
  return core;
}

}  // namespace

void describe(ParamTable& table, HartModule::Config& config) {
  table.quantity("clock", config.clock_hz, Unit::hertz, 1e3, 1e11, "Core clock");
  table.text("isa", config.isa,
             "Instruction groups: rv32i with any of m, a, f, c, u, _zicsr, _zifencei, _zicntr, "
             "_zicclsm, _zba, _zbb, _zbs");
  table.integer<std::uint32_t>("hart_id", config.hart_id, 0, 4095, "Value of mhartid");
  table.address("reset_pc", config.reset_pc, "First instruction after reset");
  table.choice("misaligned", config.misaligned, {"hardware", "trap"},
               "Loads and stores to unaligned addresses are done or trap");
  table.integer<unsigned>("pmp_regions", config.pmp_regions, 0, Pmp::kMaxRegions,
                          "Entries of physical memory protection");
  table.integer<std::uint32_t>("trap_limit", config.trap_limit, 0, 4294967295u,
                               "Exceptions in a row without mret that end the run; 0: no limit");
  table.quantity("timebase", config.timebase_hz, Unit::hertz, 1.0, 1e10, "Rate of the time CSR");
  table.begin_group("cycles");
  const auto cycles = [&table](const char* name, std::uint16_t& field, const char* brief) {
    table.integer<std::uint16_t>(name, field, 1, 1000, brief);
  };
  CycleTable& c = config.cycles;
  cycles("alu", c.alu, "Cycles of integer arithmetic, lui, auipc, fence");
  cycles("mul", c.mul, "Cycles of multiplications");
  cycles("div", c.div, "Cycles of divisions and remainders");
  cycles("load", c.load, "Cycles of loads from direct memory");
  cycles("store", c.store, "Cycles of stores to direct memory");
  cycles("atomic", c.atomic, "Cycles of LR, SC, AMO");
  cycles("branch", c.branch, "Cycles of conditional branches, not taken");
  cycles("branch_taken", c.branch_taken, "Cycles of conditional branches, taken");
  cycles("jump", c.jump, "Cycles of jal, jalr");
  cycles("csr", c.csr, "Cycles of CSR instructions");
  cycles("system", c.system, "Cycles of ecall, ebreak, mret, wfi, fence.i");
  cycles("fp", c.fp, "Cycles of floating-point instructions but the next two");
  cycles("fp_div", c.fp_div, "Cycles of fdiv.s");
  cycles("fp_sqrt", c.fp_sqrt, "Cycles of fsqrt.s");
  table.end_group();
}

HartModule::HartModule(const sc_core::sc_module_name& name, const Config& config,
                       Services& services)
    : Module(name, services),
      bus_out("bus_out"),
      irq_software("irq_software", 1),
      irq_timer("irq_timer", 1),
      irq_external("irq_external", 1),
      config_(config),
      core_(core_config(config), *this),
      clock_hz_(static_cast<std::uint64_t>(std::llround(config.clock_hz))),
      period_ps_(kPsPerSecond % clock_hz_ == 0 ? kPsPerSecond / clock_hz_ : 0),
      timebase_hz_(static_cast<std::uint64_t>(std::llround(config.timebase_hz))),
      trace_(services.trace.source(this->name())),
      sleep_name_(services.trace.intern("sleep")) {
  for (const std::uint32_t cause : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 11u, kCauseInterrupt | 3u,
                                    kCauseInterrupt | 7u, kCauseInterrupt | 11u}) {
    trap_names_[cause] = services.trace.intern(cause_name(cause));
  }
  core_.add_trap_observer(this);
  bus_out.register_invalidate_direct_mem_ptr(this, &HartModule::invalidate_direct_mem_ptr);
  SC_HAS_PROCESS(HartModule);
  SC_THREAD(execute);
  SC_METHOD(on_interrupt_lines);
  sensitive << irq_software[0] << irq_timer[0] << irq_external[0];
}

void HartModule::connect(PortDirectory& ports) {
  ports.initiator("bus_out", bus_out, Link::bus);
  ports.irq_in("irq_software", irq_software);
  ports.irq_in("irq_timer", irq_timer);
  ports.irq_in("irq_external", irq_external);
}

std::uint64_t HartModule::cycles_to_ps(std::uint64_t cycles) const {
  if (period_ps_ != 0) return cycles * period_ps_;
  return static_cast<std::uint64_t>(U128{cycles} * kPsPerSecond / clock_hz_);
}

/// Rounded up: the hart acts at edges of its clock.
std::uint64_t HartModule::ps_to_cycles(std::uint64_t ps) const {
  if (period_ps_ != 0) return (ps + period_ps_ - 1) / period_ps_;
  return static_cast<std::uint64_t>((U128{ps} * clock_hz_ + kPsPerSecond - 1) / kPsPerSecond);
}

std::uint64_t HartModule::local_time_ps() const {
  return origin_ps_ + cycles_to_ps(core_.cycles());
}

/// Turns time that passed in the kernel into stall cycles.
void HartModule::account_until(std::uint64_t time_ps) {
  const std::uint64_t target = ps_to_cycles(time_ps - origin_ps_);
  if (target > core_.cycles()) core_.add_stall_cycles(target - core_.cycles());
}

// An instruction that begins at time L comes after all that happens in the kernel before L, and
// before all that happens at L or later. So the hart runs until its time lies behind the horizon,
// the next moment at which anything can happen, and waits until a picosecond after that. Neither
// the quantum nor what else ends a slice can then change what a single hart does.
// Harts that are only ahead of the kernel rest until the same moment: were the end of another's
// rest an event to wait behind, two harts would overtake each other in steps of a picosecond. They
// go on when all else that happens at that moment is over (HartAlarm).

/// The next moment at which anything happens in the kernel.
std::uint64_t HartModule::next_event_ps() const {
  sc_core::sc_time next;
  return simcontext()->next_time(next) ? next.value() : ~std::uint64_t{0};
}

std::uint64_t HartModule::quantum_end_ps(std::uint64_t now) const {
  const std::uint64_t quantum = tlm::tlm_global_quantum::instance().get().value();
  if (quantum == 0) return std::max(now + 1, local_time_ps()) - 1;
  if (group_ && group_->size() > 1) return HartGroup::turn_end_ps(now, quantum);
  return now - now % quantum + quantum;  // as compute_local_quantum(), in integers
}

/// Where a slice that begins now ends.
std::uint64_t HartModule::next_horizon_ps(std::uint64_t now) const {
  const std::uint64_t event = next_event_ps(), quantum_end = quantum_end_ps(now);
  if (event > quantum_end) return quantum_end;
  return group_ && group_->alarm->rings_at(event) ? event - 1 : event;
}

/// Waits with nothing to do but to go on then.
void HartModule::rest_until(std::uint64_t time_ps) {
  if (group_ && group_->size() > 1) return group_->alarm->rest_until(group_index_, time_ps);
  wait(from_ps(time_ps - now_ps()));
}

void HartModule::join(std::shared_ptr<HartGroup> group) {
  group_ = std::move(group);
  if (!group_->alarm)
    group_->alarm = std::make_shared<HartAlarm>(sc_core::sc_gen_unique_name("alarm"));
  group_index_ = group_->alarm->add();
  core_.join(group_.get());
}

/// Lets the kernel catch up with the hart; a reset or an interrupt ends the wait only for WFI.
void HartModule::catch_up() {
  const std::uint64_t local = local_time_ps(), now = now_ps();
  if (local > now) wait(from_ps(local - now));
}

void HartModule::execute() {
  wait(sc_core::SC_ZERO_TIME);  // until every process has said when it will do what
  origin_ps_ = now_ps();
  for (;;) {
    if (reset_pending_) reset_core();
    if (debugger_ != nullptr && !debugger_->before_slice()) {
      wait(debug_resume_);
      account_until(now_ps());
      continue;
    }
    if (asleep_) {
      sleep();
      continue;
    }
    if (dead_) {
      wait(wake_);
      continue;
    }
    const std::uint64_t now = now_ps(), local = local_time_ps();
    horizon_ps_ = next_horizon_ps(now);
    if (local > now && local > horizon_ps_) {
      rest_until(horizon_ps_ + 1);
      continue;
    }
    const std::uint64_t end = ps_to_cycles(std::max(horizon_ps_, local) + 1 - origin_ps_);
    const std::uint64_t cycles = std::max<std::uint64_t>(end - core_.cycles(), 1);
    const std::uint64_t most = debugger_ == nullptr ? Core::kMaxBudget : kDebugBudget;
    const std::uint64_t accesses = bus_accesses_;
    in_core_ = true;
    const RunResult result = core_.run(static_cast<std::int64_t>(std::min(cycles, most)));
    in_core_ = false;
    if (settle_ && local_time_ps() > now_ps()) rest_until(now_ps() + 1);
    settle_ = false;
    if (result.exit == Exit::kWfi) asleep_ = true;
    if (debugger_ != nullptr) debugger_->after_slice(result.exit);
    if (result.exit == Exit::kFatal) stop_for_good();
    // Without an access nothing has moved the horizon.
    if (result.exit == Exit::kBudget && debugger_ == nullptr && bus_accesses_ == accesses &&
        local_time_ps() > horizon_ps_)
      rest_until(horizon_ps_ + 1);
  }
}

void HartModule::sleep() {
  catch_up();
  if (!asleep_ || core_.wake_pending()) {
    asleep_ = false;
    return;
  }
  const std::uint64_t begin = now_ps();
  trace_.begin(begin, sleep_name_);
  sleep_begin_ps_ = begin;
  while (asleep_ && !core_.wake_pending()) wait(wake_);
  sleep_begin_ps_.reset();
  asleep_ = false;
  account_until(now_ps() + 1);  // the wake-up is seen by the next clock edge
  const std::uint64_t end = std::max(local_time_ps(), now_ps());
  sleep_ps_ += end - begin;
  trace_.end(end);
  rest_until(now_ps() + 1);  // for what else happens at this moment
}

void HartModule::stop_for_good() {
  catch_up();
  if (debugger_ != nullptr && debugger_->on_fatal()) return;
  dead_ = true;
  services().control.finish(kHartFatalExit, std::string(name()) + ": " + core_.fatal_reason());
}

void HartModule::on_interrupt_lines() {
  core_.set_interrupt(kInterruptSoftware, irq_software[0].read());
  core_.set_interrupt(kInterruptTimer, irq_timer[0].read());
  core_.set_interrupt(kInterruptExternal, irq_external[0].read());
  if (core_.wake_pending()) wake_.notify();
}

void HartModule::reset() {
  if (in_core_) {  // waiting inside a bus access: the access ends first
    reset_pending_ = true;
    core_.request_stop();
  } else {
    reset_core();
    if (group_) group_->alarm->end_rest(group_index_);
  }
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void HartModule::reset_core() {
  for (; open_slices_ > 0; --open_slices_) trace_.end(std::max(local_time_ps(), now_ps()));
  earlier_instructions_ += core_.instructions();
  earlier_cycles_ += core_.cycles();
  core_.reset();
  origin_ps_ = now_ps();
  reset_pending_ = dead_ = asleep_ = false;
}

bool HartModule::debug_set_pc(std::uint32_t pc) {
  if (in_core_) return false;
  core_.set_pc(pc);
  asleep_ = dead_ = false;
  wake_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void HartModule::set_start(std::uint32_t pc) {
  core_.set_reset_pc(pc);
  if (core_.instructions() == 0) core_.set_pc(pc);
}

void HartModule::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  core_.invalidate_direct(start, end);
}

BusResult HartModule::access(tlm::tlm_command command, std::uint32_t address, unsigned size,
                             void* data, const char* what) {
  ++bus_accesses_;
  catch_up();
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(static_cast<unsigned char*>(data));
  payload_.set_data_length(size);
  payload_.set_streaming_width(size);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  bus_out->b_transport(payload_, delay);
  const bool ok = payload_.is_response_ok();
  const bool hint = payload_.is_dmi_allowed();
  // The access and what it set off (interrupt lines above all) settle before the hart goes on.
  // One that took no time lasts as long as its instruction, which is charged later.
  const std::uint64_t busy_cycles = ps_to_cycles(to_ps(delay));
  wait(from_ps(busy_cycles > 0 ? cycles_to_ps(busy_cycles) : cycles_to_ps(1) - 1));
  const bool stalled = busy_cycles > 0 || now_ps() >= local_time_ps() + cycles_to_ps(1);
  if (stalled) account_until(now_ps());
  // The slice was planned without the wait states and without what the access has set off.
  settle_ = simcontext()->pending_activity_at_current_time();
  if (settle_ || stalled || next_event_ps() < horizon_ps_) core_.request_yield();
  if (!ok) {
    ++bus_errors_;
    services().control.guest_warning(
        name(), fmt::format("{} {:#010x} ({} B), pc {:#010x}: {}, access fault raised", what,
                            address, size, core_.pc(), payload_.get_response_string()));
  }
  return {ok, hint};
}

BusResult HartModule::load(std::uint32_t address, unsigned size, std::uint32_t* data) {
  return access(tlm::TLM_READ_COMMAND, address, size, data, "load from");
}

BusResult HartModule::store(std::uint32_t address, unsigned size, std::uint32_t data) {
  return access(tlm::TLM_WRITE_COMMAND, address, size, &data, "store to");
}

/// Only memory is executable: a device is not even asked, for a read could change it.
BusResult HartModule::fetch(std::uint32_t address, std::uint16_t* data) {
  DirectRegion region;
  if (!direct(address, AccessKind::kFetch, &region)) {
    ++bus_errors_;
    services().control.guest_warning(
        name(), fmt::format("fetch from {:#010x}: not memory, access fault raised", address));
    return {false, false};
  }
  return access(tlm::TLM_READ_COMMAND, address, 2, data, "fetch from");
}

bool HartModule::direct(std::uint32_t address, AccessKind kind, DirectRegion* region) {
  payload_.set_command(kind == AccessKind::kStore ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(address);
  tlm::tlm_dmi dmi;
  if (!bus_out->get_direct_mem_ptr(payload_, dmi)) return false;
  if (kind == AccessKind::kStore ? !dmi.is_write_allowed() : !dmi.is_read_allowed()) return false;
  *region = {dmi.get_start_address(), dmi.get_end_address(), dmi.get_dmi_ptr()};
  if (kind == AccessKind::kFetch) return true;
  for (const auto& [start, end] : withheld_) {
    if (address >= start && address <= end) return false;
    if (end < address && end >= region->start) {
      region->host += end + 1 - region->start;
      region->start = end + 1;
    } else if (start > address && start <= region->end) {
      region->end = start - 1;
    }
  }
  return true;
}

void HartModule::withhold_direct(std::uint64_t start, std::uint64_t end) {
  withheld_.emplace_back(start, end);
  core_.invalidate_direct(start, end);
}

/// Withheld bytes are memory all the same.
bool HartModule::atomic_capable(std::uint32_t address) {
  for (const auto& [start, end] : withheld_)
    if (address >= start && address <= end) return true;
  return false;
}

std::uint64_t HartModule::time() {
  const std::uint64_t now = local_time_ps();
  if (time_source_) return time_source_(now);
  return static_cast<std::uint64_t>(U128{now} * timebase_hz_ / kPsPerSecond);
}

void HartModule::on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t) {
  ++traps_[(mcause & kCauseInterrupt ? 16u : 0u) + (mcause & 15u)];
  if (!trace_.on()) return;
  const auto name = trap_names_.find(mcause);
  if (name == trap_names_.end() || open_slices_ >= 16) return;
  trace_.begin(local_time_ps(), name->second, pc);
  ++open_slices_;
}

void HartModule::on_mret(std::uint32_t) {
  if (open_slices_ == 0) return;
  --open_slices_;
  trace_.end(local_time_ps());
}

void HartModule::report(nlohmann::ordered_json& stats) const {
  stats["instructions"] = earlier_instructions_ + core_.instructions();
  // A sleep that lasts until the end has not been accounted yet.
  const std::uint64_t slept = sleep_begin_ps_ ? now_ps() - *sleep_begin_ps_ : 0;
  const std::uint64_t until_now = sleep_begin_ps_ ? ps_to_cycles(now_ps() - origin_ps_) : 0;
  stats["cycles"] = earlier_cycles_ + std::max(core_.cycles(), until_now);
  stats["sleep_s"] = to_seconds(from_ps(sleep_ps_ + slept));
  stats["bus_accesses"] = bus_accesses_;
  stats["bus_errors"] = bus_errors_;
  nlohmann::ordered_json traps = nlohmann::ordered_json::object();
  for (std::uint32_t n = 0; n < traps_.size(); ++n) {
    if (traps_[n] == 0) continue;
    traps[cause_name(n < 16 ? n : kCauseInterrupt | (n - 16))] = traps_[n];
  }
  stats["traps"] = traps;
}

}  // namespace aimc::riscv
