// SPDX-License-Identifier: Apache-2.0
// The life of a debugging session: attaching, stopping, going on, ending.
#include "aimc/debugger/debugger.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "aimc/bus/bus.h"
#include "aimc/gdb/documents.h"
#include "aimc/riscv/disassembler.h"
#include "monitor.h"

namespace aimc::debugger {
namespace {

/// Host time between two looks at the socket while the platform runs.
constexpr std::chrono::milliseconds kLookInterval{2};
/// How long a wait for packets lasts before the user's wish to end is asked again.
constexpr int kWaitMs = 200;
constexpr int kIdleWaitMs = 20;

bool read_only(const platform::Instance& instance) {
  if (instance.ip != "memory") return false;
  const ConfigNode* const flag = instance.params.find("read_only");
  return flag != nullptr && to_bool(*flag, "read_only");
}

}  // namespace

Debugger::Debugger(soc::Soc& soc, std::vector<soc::ElfImage::Symbol> symbols,
                   const Options& options, std::function<bool()> interrupted)
    : soc_(soc),
      symbols_(std::move(symbols)),
      options_(options),
      interrupted_(std::move(interrupted)),
      server_(options.endpoint),
      waiting_(options.wait) {
  unsigned thread = 0;
  StopListener& listener = *this;
  for (riscv::HartModule* const module : soc.blocks<riscv::HartModule>())
    harts_.push_back(std::make_unique<HartControl>(*module, ++thread, points_, listener));
  if (harts_.empty()) user_error("--gdb: error: this platform has no hart to debug");
  make_documents();
  soc.add_idle_handler([this] { return idle(); });
  if (auto* const bus = soc.find_block<bus::Bus>())
    bus->add_observer([this](const std::string& port, const tlm::tlm_generic_payload& txn,
                             std::uint64_t length) { on_bus(port, txn, length); });
  soc.add_host_observer([this](const soc::Soc::HostAccess& access) { on_host(access); });
  fmt::print(stderr, "aimc-vp: gdb can attach: target remote {}{}\n", address(),
             waiting_ ? "; waiting for it" : "");
  if (!options.endpoint.loopback())
    spdlog::warn("--gdb {}: everybody who reaches this address can read, change and end this run",
                 address());
}

Debugger::~Debugger() = default;

/// One description serves all harts: the registers that each of them has.
void Debugger::make_documents() {
  bool fpu = true;
  std::vector<gdb::Csr> csrs;
  for (const std::uint32_t number : hart(1).hart().core().implemented_csrs()) {
    bool everywhere = true;
    for (const auto& control : harts_) {
      const auto other = control->hart().core().implemented_csrs();
      everywhere &= std::find(other.begin(), other.end(), number) != other.end();
    }
    if (everywhere) csrs.push_back({number, riscv::csr_name(number)});
  }
  for (const auto& control : harts_)
    fpu &= (control->hart().core().config().isa & riscv::kExtF) != 0;
  target_xml_ = gdb::target_xml(fpu, csrs);
  std::vector<gdb::MemoryRange> ranges;
  for (const soc::Soc::Range& range : soc_.ranges())
    ranges.push_back({range.base, range.end - range.base, read_only(*range.instance)});
  memory_map_ = gdb::memory_map_xml(ranges);
}

// ---- attaching and packets

/// Waits for a client. @returns true if there is one now.
bool Debugger::open_session(int timeout_ms) {
  if (!server_.accept(timeout_ms)) return false;
  gdb::Target& target = *this;
  session_ = std::make_unique<gdb::Session>(
      target, [this](std::string_view bytes) { server_.send(bytes); }, last_stop_);
  return true;
}

/// Takes what the client sends within the time and does it.
void Debugger::exchange(int timeout_ms) {
  const std::string bytes = server_.receive(timeout_ms);
  if (!bytes.empty()) session_->receive(bytes);
  if (session_->finished() || !server_.connected()) close_session();
}

void Debugger::close_session() {
  const bool lost = !session_->finished();
  const bool over = session_->killed_by_client();
  session_.reset();
  if (!server_.disconnect())
    spdlog::warn("--gdb {}: cannot listen again; no debugger can attach any more", address());
  if (over && !ending_) kill();
  if (!lost || ending_) return;
  points_.clear();
  if (stopped_) {
    spdlog::warn("the debugger is gone; the platform stays stopped until one attaches to {}",
                 address());
  } else {
    run_all();
  }
}

void Debugger::look(unsigned thread) {
  if (ending_) return;
  if (waiting_) {
    waiting_ = false;
    stop(last_stop_);
    return;
  }
  if (!interrupt_) {
    const Clock::time_point now = Clock::now();
    if (now < next_look_) return;
    next_look_ = now + kLookInterval;
  }
  serve(thread);
}

/// Does what the client wants by now.
void Debugger::serve(unsigned thread) {
  if (ending_) return;
  if (session_ == nullptr) {
    if (open_session(0)) stop({thread});
    return;
  }
  if (!interrupt_) exchange(0);
  if (interrupt_ && session_ != nullptr) stop({thread, gdb::Signal::interrupt});
  interrupt_ = false;
}

void Debugger::poll() {
  const Clock::time_point now = Clock::now();
  if (ending_ || waiting_ || now < next_look_) return;
  next_look_ = now + kLookInterval;
  serve(running_thread());
}

bool Debugger::idle() {
  if (ending_) return true;  // the harts are held; the run is about to be ended from outside
  if (session_ != nullptr && !idle_told_)
    session_->console("every hart sleeps and nothing is left to happen; Ctrl-C stops here\n");
  idle_told_ = true;
  const bool news = interrupt_ || server_.ready(session_ == nullptr ? 0 : kIdleWaitMs);
  if (news) serve(running_thread());
  return news || session_ != nullptr;
}

// ---- stopping and going on

void Debugger::stop(const gdb::Stop& stop) {
  stopped_ = true;
  interrupt_ = false;
  last_stop_ = stop;
  lifted_.clear();
  if (stop.point && *stop.point >= gdb::StopPoint::Kind::write) lifted_ = points_;
  if (prepare_) prepare_();
  if (session_ != nullptr) session_->stopped(stop);
  wait_for_client();
  stopped_ = false;
  next_look_ = Clock::now() + kLookInterval;
  if (const auto missed = take_missed()) stop_for(*missed);
}

/// Until the client lets the platform go on.
void Debugger::wait_for_client() {
  while (stopped_ && !ending_) {
    if (interrupted_()) {
      hold_all();
    } else if (session_ != nullptr) {
      exchange(kWaitMs);
    } else if (server_.usable()) {
      open_session(kWaitMs);
    } else {
      detach();
    }
  }
}

bool Debugger::stop_fatal(unsigned thread) {
  if (session_ == nullptr || ending_) return false;
  session_->console(fmt::format("{}: {}\n", thread_name(thread), thread_state(thread)));
  stop({thread, gdb::Signal::abort});
  return true;
}

void Debugger::resume(const std::vector<gdb::Action>& actions) {
  for (unsigned i = 0; i < harts_.size(); ++i) harts_[i]->set_action(actions[i]);
  stopped_ = false;
  idle_told_ = false;
}

void Debugger::run_all() {
  resume(std::vector<gdb::Action>(harts_.size(), gdb::Action{gdb::Action::Kind::run}));
}

void Debugger::detach() {
  points_.clear();
  run_all();
}

/// Nothing is executed any more.
void Debugger::hold_all() {
  resume(std::vector<gdb::Action>(harts_.size()));
  ending_ = true;
}

void Debugger::kill() {
  killed_ = true;
  hold_all();
  soc_.finish(kKilledExit, "killed by the debugger");
}

void Debugger::restart() {
  soc_.reset_now();
  for (const auto& control : harts_) control->revive();
  missed_.reset();
  last_stop_ = {};
  interrupt_ = !stopped_;  // a platform that was set going by `monitor resume` stops there
}

void Debugger::ended(const soc::Outcome& outcome) {
  ending_ = true;
  if (session_ == nullptr) return;
  if (killed_) {
    session_->killed();
  } else {
    session_->console(outcome.reason + "\n");
    // As the status of the process: a code that eight bits cannot hold is no success.
    const int code = outcome.exit_code;
    session_->exited(code >= 0 && code <= 255 ? code : 255);
  }
  session_.reset();
}

// ---- registers and memory

std::string Debugger::thread_name(unsigned thread) const { return hart(thread).hart().name(); }

std::string Debugger::thread_state(unsigned thread) const { return hart(thread).state(); }

std::optional<std::uint32_t> Debugger::read_register(unsigned thread, unsigned number) {
  return hart(thread).read_register(number);
}

std::string Debugger::write_register(unsigned thread, unsigned number, std::uint32_t value) {
  return hart(thread).write_register(number, value);
}

std::size_t Debugger::read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) {
  return soc_.debug_read(address, bytes);
}

std::size_t Debugger::write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  return soc_.debug_write(address, bytes);
}

void Debugger::monitor(std::string_view command, const Print& print) {
  Monitor(*this, print).execute(command);
}

}  // namespace aimc::debugger
