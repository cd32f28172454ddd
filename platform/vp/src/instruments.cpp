// SPDX-License-Identifier: Apache-2.0
#include "instruments.h"

#include <elf.h>

#include <algorithm>
#include <filesystem>

#include <spdlog/spdlog.h>

#include "aimc/riscv/hart_module.h"

namespace aimc::vp {

namespace inst = instrumentation;

namespace {

/// Gives a result its name, or says that it is lost.
bool commit(OutputFile& file, const char* what, const std::string& path) {
  if (file.commit()) return true;
  spdlog::warn("the {} '{}' could not be written and was dropped", what, path);
  return false;
}

/// What the program was compiled for and the hart has not got; empty if nothing.
std::string lacking(std::uint32_t elf_flags, riscv::ExtensionSet isa) {
  std::vector<std::string> groups;
  if ((elf_flags & EF_RISCV_RVC) != 0 && (isa & riscv::kExtC) == 0)
    groups.emplace_back("compressed instructions (C)");
  const std::uint32_t floats = elf_flags & EF_RISCV_FLOAT_ABI;
  if (floats == EF_RISCV_FLOAT_ABI_SINGLE && (isa & riscv::kExtF) == 0)
    groups.emplace_back("floating point (F)");
  if (floats == EF_RISCV_FLOAT_ABI_DOUBLE || floats == EF_RISCV_FLOAT_ABI_QUAD)
    groups.emplace_back("floating point of double precision (D)");
  return join(groups, " and ");
}

/// A window of two times that can hold nothing.
void check_window(const Options& options, const inst::TracePoint& from,
                  const inst::TracePoint& to) {
  if (from.time_ps && to.time_ps && *to.time_ps <= *from.time_ps)
    user_error("--itrace-to: error: '{}' is not later than --itrace-from '{}'", options.itrace_to,
               options.itrace_from);
  if (from.pc && from.pc == to.pc)
    user_error("--itrace-to: error: '{}' is the instruction of --itrace-from", options.itrace_to);
}

}  // namespace

/// Semihosting of one hart. A call happens at its exact simulated time: the kernel catches up
/// first.
class Instruments::SemihostingPort : public riscv::EbreakHandler {
 public:
  SemihostingPort(riscv::HartModule& hart, inst::Semihosting& service, soc::ServiceMemory& memory,
                  const bool& ended)
      : hart_(hart), service_(service), memory_(memory), ended_(ended) {
    hart_.core().set_ebreak_handler(this);
  }
  ~SemihostingPort() override { hart_.core().set_ebreak_handler(nullptr); }
  SemihostingPort(const SemihostingPort&) = delete;
  SemihostingPort& operator=(const SemihostingPort&) = delete;

  bool on_ebreak(std::uint32_t pc, bool compressed) override {
    riscv::Core& core = hart_.core();
    if (compressed || core.privilege() == riscv::Privilege::kUser || !service_.is_call(pc))
      return false;
    const std::uint64_t local = hart_.local_time_ps(), now = now_ps();
    if (local > now) sc_core::wait(sc_core::sc_time::from_value(local - now));
    memory_.begin();
    core.set_x(10, service_.call(core.x(10), core.x(11)));
    if (ended_) sc_core::wait(never_);
    memory_.end(&hart_);
    return true;
  }

 private:
  riscv::HartModule& hart_;
  inst::Semihosting& service_;
  soc::ServiceMemory& memory_;
  const bool& ended_;
  sc_core::sc_event never_;
};

Instruments::Instruments(const Options& options, const soc::ElfImage& firmware,
                         const platform::Description& platform, soc::Soc& soc,
                         std::function<bool()> keep_going)
    : options_(options),
      soc_(soc),
      memory_(soc),
      semihosting_memory_(soc, "semihosting"),
      symbols_(firmware),
      elf_flags_(firmware.flags),
      keep_going_(std::move(keep_going)) {
  if (!options.signature.empty()) {
    signature_.emplace(firmware, options.signature_granularity);
    signature_file_ = std::make_unique<OutputFile>(options.signature);
  }
  if (options.semihosting) attach_semihosting(options, firmware, platform);
  attach_traces(options);
}

Instruments::~Instruments() = default;

void Instruments::attach_semihosting(const Options& options, const soc::ElfImage& firmware,
                                     const platform::Description& platform) {
  inst::Semihosting::Config config;
  config.directory = options.semihost_dir;
  config.command_line = std::filesystem::path(firmware.file).filename().string();
  if (!options.arguments.empty()) config.command_line += " " + options.arguments;
  for (const soc::ElfImage::Segment& segment : firmware.segments) {
    const std::uint64_t end = std::uint64_t{segment.address} + segment.memory_bytes;
    if (segment.address >= platform.ram_base && end <= platform.ram_base + platform.ram_bytes)
      config.heap_start =
          std::max(config.heap_start, static_cast<std::uint32_t>((end + 15) & ~15u));
  }
  config.heap_end = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(platform.ram_base + platform.ram_bytes, 0xfffffff0u));
  semihosting_ = std::make_unique<inst::Semihosting>(
      config, semihosting_memory_,
      inst::Semihosting::Host{
          [this](int code, const std::string& reason) {
            ended_ = true;
            soc_.finish(code, reason);
          },
          [] { return now_ps(); },
          [this](const std::string& message) { soc_.guest_warning("semihosting", message); },
          [this] { return wait_on(); }});
  for (riscv::HartModule* const hart : soc_.blocks<riscv::HartModule>())
    ports_.push_back(
        std::make_unique<SemihostingPort>(*hart, *semihosting_, semihosting_memory_, ended_));
}

/// The program waits for input: time to look at what the user does instead of typing.
bool Instruments::wait_on() {
  const unsigned resets = soc_.resets();
  if (!keep_going_() || soc_.ended()) ended_ = true;
  return !ended_ && soc_.resets() == resets;
}

void Instruments::attach_traces(const Options& options) {
  const inst::TracePoint from =
      inst::parse_trace_point("--itrace-from", options.itrace_from, symbols_);
  const inst::TracePoint to = inst::parse_trace_point("--itrace-to", options.itrace_to, symbols_);
  check_window(options, from, to);
  to_place_ = to.pc.has_value();
  if (!options.itrace.empty()) {
    trace_file_ = std::make_unique<OutputFile>(options.itrace);
    log_ = std::make_unique<inst::CommitLog>(
        [this](std::string_view text) {
          traced_ = traced_ || !text.empty();
          trace_file_->write(text);
        },
        from, to);
  }
  if (!options.profile.empty()) {
    profile_file_ = std::make_unique<OutputFile>(options.profile);
    // Beside a device or pipe there is no place for the second file.
    std::error_code error;
    if (!std::filesystem::exists(options.profile, error) ||
        std::filesystem::is_regular_file(options.profile, error))
      collapsed_file_ = std::make_unique<OutputFile>(options.profile + ".collapsed");
    profiler_ = std::make_unique<inst::Profiler>(symbols_);
  }
  for (riscv::HartModule* const hart : soc_.blocks<riscv::HartModule>()) {
    if (log_) log_->attach(hart->core(), memory_, [hart] { return hart->local_time_ps(); });
    if (profiler_) profiler_->attach(hart->core(), hart->basename());
    recorders_.push_back(std::make_unique<inst::CrashRecorder>(hart->core()));
  }
}

bool Instruments::write_signature(const soc::Outcome& outcome) {
  if (!signature_) return true;
  const auto harts = soc_.blocks<riscv::HartModule>();
  const bool crashed = std::any_of(harts.begin(), harts.end(), [](const riscv::HartModule* hart) {
    return !hart->core().fatal_reason().empty();
  });
  if (crashed || outcome.end != soc::Outcome::End::finished) {
    spdlog::warn("no signature was written to '{}': the program did not end by itself",
                 options_.signature);
    return false;
  }
  signature_file_->write(signature_->text(memory_));
  return commit(*signature_file_, "signature", options_.signature);
}

bool Instruments::write_profile() {
  if (profiler_ == nullptr) return true;
  profiler_->finish();
  profile_file_->write(profiler_->table());
  const bool table = commit(*profile_file_, "profile", options_.profile);
  if (collapsed_file_ == nullptr) return table;
  collapsed_file_->write(profiler_->collapsed());
  return commit(*collapsed_file_, "profile", options_.profile + ".collapsed") && table;
}

/// A hart that cannot go on, or that never came out of the handler of an exception.
void Instruments::report_crashes(const soc::Outcome& outcome) {
  const auto harts = soc_.blocks<riscv::HartModule>();
  for (std::size_t i = 0; i < harts.size(); ++i) {
    const bool fatal = !harts[i]->core().fatal_reason().empty();
    const bool stuck = outcome.end == soc::Outcome::End::stuck ||
                       outcome.end == soc::Outcome::End::timed_out ||
                       outcome.end == soc::Outcome::End::stopped;
    if (!recorders_[i]->in_exception() || !(fatal || stuck)) continue;
    fmt::print(stderr, "{}", recorders_[i]->report(harts[i]->basename(), symbols_, memory_));
    const std::string groups = lacking(elf_flags_, harts[i]->core().config().isa);
    if (!groups.empty())
      fmt::print(stderr, "  the program is built for {}, which {} has not: see its 'isa'\n", groups,
                 harts[i]->basename());
  }
}

/// A window of the instruction trace that is not what was asked for.
void Instruments::tell_of_window() const {
  const std::string &from = options_.itrace_from, &to = options_.itrace_to;
  if (!traced_ && log_->ended()) {
    spdlog::warn(
        "the instruction trace '{}' is empty: nothing was executed{} before --itrace-to {}",
        options_.itrace, from.empty() ? "" : " from --itrace-from " + from, to);
  } else if (!traced_ && !from.empty()) {
    spdlog::warn("the instruction trace '{}' is empty: the program did not reach --itrace-from {}",
                 options_.itrace, from);
  } else if (to_place_ && !log_->ended()) {
    spdlog::warn("the instruction trace '{}' goes to the end: --itrace-to {} was not reached in it",
                 options_.itrace, to);
  }
}

bool Instruments::finish(const soc::Outcome& outcome) {
  report_crashes(outcome);
  bool complete = write_signature(outcome);
  if (log_) {
    log_->finish();
    tell_of_window();
    complete = commit(*trace_file_, "instruction trace", options_.itrace) && complete;
  }
  complete = write_profile() && complete;
  recorders_.clear();
  ports_.clear();
  return complete;
}

}  // namespace aimc::vp
