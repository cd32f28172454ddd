// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include <spdlog/spdlog.h>

#include "aimc/common/output_file.h"
#include "aimc/common/trace_perfetto.h"
#include "aimc/debugger/debugger.h"
#include "aimc/platform/flat_tree.h"
#include "aimc/results/results.h"
#include "aimc/sensor/sensor.h"
#include "aimc/soc/soc.h"
#include "aimc/uart/uart.h"
#include "inputs.h"
#include "instruments.h"
#include "memory_rows.h"
#include "progress.h"
#include "scoring.h"
#include "statistics.h"

namespace aimc::vp {
namespace {

volatile std::sig_atomic_t interrupted = 0;  ///< The signal that came, 0 for none.
void on_interrupt(int signal) { interrupted = signal; }

/// Lets signals end the run in good order. `restart`: a system call that one comes into goes on, so
/// that no output is lost; otherwise it fails, so that a pipe that nobody reads can be given up.
void catch_signals(bool restart) {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = restart ? SA_RESTART : 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::sigaction(signal, &action, nullptr);
}

/// Hands the records to the sensor.
void feed_sensor(Inputs& inputs, soc::Soc& soc) {
  if (inputs.records.empty()) return;
  auto* const sensor = soc.find_block<sensor::Sensor>();
  if (sensor == nullptr)
    user_error("platform '{}' has no sensor to feed the input to", inputs.platform.name);
  if (soc.find_block<results::Results>() == nullptr)
    user_error("platform '{}' has no results port to listen to", inputs.platform.name);
  sensor->set_records(std::move(inputs.records), inputs.record_bytes);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// Puts each committed result, with the time its record was shown, on the scoreboard.
void listen(soc::Soc& soc, Scoreboard& scores) {
  auto* const results = soc.find_block<results::Results>();
  if (results == nullptr) return;
  const auto* const sensor = soc.find_block<sensor::Sensor>();
  results->on_commit([&soc, &scores, sensor](const results::Record& record) {
    const bool shown = sensor != nullptr && record.frame < sensor->presented_ps().size();
    scores.add({record.frame, record.klass, record.bytes,
                shown ? sensor->presented_ps()[record.frame] : 0, to_ps(record.time),
                soc.energy_j()});
  });
}

/// The debugger of this run, listening; null without --gdb.
std::unique_ptr<debugger::Debugger> make_debugger(const Options& options, soc::Soc& soc,
                                                  std::vector<soc::ElfImage::Symbol> symbols) {
  if (options.gdb.empty()) return nullptr;
  return std::make_unique<debugger::Debugger>(
      soc, std::move(symbols),
      debugger::Options{gdb::parse_endpoint(options.gdb), options.gdb_wait, !options.trace.empty()},
      [] { return interrupted != 0; });
}

/// Switches on what the trace is to hold. One that nothing could get into is a mistake, unless a
/// debugger is there to switch it on later.
void select_trace(const Options& options, trace::Hub& hub) {
  const std::vector<std::string>& filter = options.trace_filter;
  const auto adds = [](const std::string& pattern) { return pattern.starts_with('+'); };
  try {
    hub.select(filter);
  } catch (const UserError& error) {
    user_error("--trace-filter: error: {}", error.what());
  }
  if (!filter.empty() && options.gdb.empty() && std::none_of(filter.begin(), filter.end(), adds))
    user_error("--trace-filter: error: '{}' leaves nothing to trace; begin with +*",
               join(filter, " "));
}

/// For those who expected the program to end by itself: what it has not got.
std::string why_endless(const soc::Outcome& outcome, const soc::ElfImage& firmware) {
  if (outcome.end == soc::Outcome::End::finished || firmware.symbol("tohost")) return "";
  return "; it has no symbol 'tohost', so it can end by the finisher or semihosting only: see "
         "docs/running-programs.md";
}

/// The reason of an end as a sentence; statistics keep the bare word for programs that read it.
std::string sentence(const std::string& reason) {
  const bool word = reason == "tohost" || reason.starts_with("semihosting");
  return word ? "the firmware ended by " + reason : reason;
}

/// Has the program's output arrived? Says so if it has not.
bool output_arrived(const soc::Soc& soc) {
  bool good = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!good) spdlog::warn("what the program printed was lost: standard output is closed or full");
  for (uart::Uart* const uart : soc.blocks<uart::Uart>()) {
    if (uart->waiting() > 0)
      spdlog::warn("'{}' still had {} characters to send (a program waits for LSR.IDLE)",
                   uart->name(), uart->waiting());
    if (uart->backend().complete() || !good) continue;
    spdlog::warn("what the program sent was lost: the file of '{}' cannot take it", uart->name());
    good = false;
  }
  return good;
}

/// Runs to the end and measures what the host spends on it.
soc::Outcome simulate(const Options& options, const Inputs& inputs, std::uint64_t expected,
                      soc::Soc& soc, debugger::Debugger* debugger, const Scoreboard& scores,
                      HostCost& cost) {
  Progress progress(!options.quiet && isatty(STDERR_FILENO) != 0, expected);
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  soc::Outcome outcome = soc.run(inputs.until_s, [&] {
    progress.show(scores.results().size());
    if (debugger != nullptr) debugger->poll();
    return interrupted == 0;
  });
  if (outcome.end == soc::Outcome::End::stopped && interrupted == SIGPIPE) {
    outcome.exit_code = 128 + SIGPIPE;
    outcome.reason = "stopped: nobody reads the output any more";
  }
  cost = {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          cpu_seconds() - cpu_begin, peak_rss_bytes()};
  for (uart::Uart* const uart : soc.blocks<uart::Uart>()) uart->backend().flush();
  if (debugger != nullptr) debugger->ended(outcome);
  progress.clear();
  return outcome;
}

}  // namespace

int run(const Options& options) {
  Inputs inputs(options);
  Registry registry;
  soc::register_builtin_kinds(registry);
  soc::Soc soc("soc", inputs.platform, registry, {options.seed, options.threads});
  // From here on somebody may be told where a debugger can attach, and end what has not begun.
  catch_signals(false);
  const auto debugger = make_debugger(options, soc, inputs.firmware.symbols);
  soc.offer_device_tree(platform::compile_device_tree(make_device_tree(inputs.platform, registry)));
  soc.load_firmware(inputs.firmware);
  const network::Image* const image = inputs.image ? &*inputs.image : nullptr;
  if (image != nullptr)
    soc.load_data(inputs.platform.network_image_base, image->bytes(), image->file());
  const std::uint64_t expected = inputs.count();
  feed_sensor(inputs, soc);
  // Outputs are opened now: a long run must not end in a path that cannot be written.
  std::optional<OutputFile> stats;
  if (!options.stats.empty()) stats.emplace(options.stats);
  if (!options.trace.empty()) soc.trace().add_sink(trace::make_perfetto_sink(options.trace));
  select_trace(options, soc.trace());
  Instruments instruments(options, inputs.firmware, inputs.platform, soc, [&debugger] {
    if (debugger != nullptr) debugger->poll();
    return interrupted == 0;
  });
  if (debugger != nullptr) debugger->before_stops([&instruments] { instruments.settle(); });

  catch_signals(true);

  Scoreboard scores(std::move(inputs.labels));
  listen(soc, scores);
  HostCost cost;
  const soc::Outcome outcome =
      simulate(options, inputs, expected, soc, debugger.get(), scores, cost);

  bool complete = output_arrived(soc);
  if (!soc.trace().close()) {
    complete = false;
    spdlog::warn("the trace '{}' could not be written and was dropped", options.trace);
  }
  const nlohmann::ordered_json statistics =
      make_statistics(options, inputs.platform, registry, soc, outcome, scores, cost);
  if (stats) {
    stats->write(statistics.dump(1) + "\n");
    if (!stats->commit()) {
      complete = false;
      spdlog::warn("the statistics '{}' could not be written and were dropped", options.stats);
    }
  }
  if (!options.quiet && !scores.results().empty()) fmt::print(stderr, "{}", summary(statistics));
  const bool own_end = expected == 0 && debugger == nullptr;
  if (outcome.exit_code != 0)
    fmt::print(stderr, "aimc-vp: {} at {} (exit code {}){}\n", sentence(outcome.reason),
               format_quantity(statistics["simulated_s"].get<double>(), Unit::second),
               outcome.exit_code, own_end ? why_endless(outcome, inputs.firmware) : "");
  complete = instruments.finish(outcome) && complete;
  return outcome.exit_code == 0 && !complete ? 1 : outcome.exit_code;
}

}  // namespace aimc::vp
