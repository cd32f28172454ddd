// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include <spdlog/spdlog.h>

#include "aimc/common/output_file.h"
#include "aimc/common/trace_perfetto.h"
#include "aimc/network/image.h"
#include "aimc/results/results.h"
#include "aimc/sensor/files.h"
#include "aimc/sensor/sensor.h"
#include "aimc/soc/soc.h"
#include "aimc/uart/uart.h"
#include "progress.h"
#include "scoring.h"
#include "statistics.h"

namespace aimc::vp {
namespace {

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

platform::Description load_platform(const Options& options) {
  platform::Description platform = platform::load_description(options.platform, options.overrides);
  if (!options.quantum.empty()) platform.quantum_s = parse_quantity(options.quantum, Unit::second);
  return platform;
}

/// Refuses an image whose engines are not where it expects them, before the firmware does.
void check_network(const network::Image& image, const platform::Description& platform) {
  const auto fail = [&](const std::string& reason) {
    user_error(
        "{}: error: {}; it was compiled for platform '{}': run aimc-compile with --platform {}",
        image.file(), reason, image.string(image.header().platform), platform.name);
  };
  if (image.header().load_address != platform.network_image_base)
    fail(fmt::format("linked for address {:#010x}, but {} loads networks at {:#010x}",
                     image.header().load_address, platform.name, platform.network_image_base));
  if (image.bytes().size() > platform.ram_base + platform.ram_bytes - platform.network_image_base)
    fail(fmt::format("its {} bytes do not fit into memory", image.bytes().size()));
  for (const aimc_network_engine_t& engine : image.engines()) {
    bool found = false;
    for (const platform::Instance& instance : platform.instances)
      found = found ||
              (instance.endpoint && instance.base == engine.base && instance.irq == engine.irq);
    if (!found)
      fail(fmt::format("its engine '{}' at {:#010x} does not exist on {}",
                       image.string(engine.name), engine.base, platform.name));
  }
}

std::uint64_t record_bytes(const network::Image* image) {
  if (image != nullptr) return image->header().input_bytes;
  user_error("--input needs --network, which says how large a record is");
}

/// @returns the number of records.
std::uint64_t feed_sensor(const Options& options, soc::Soc& soc, const network::Image* image) {
  if (options.inputs.empty()) return 0;
  auto* const sensor = soc.find_block<sensor::Sensor>();
  if (sensor == nullptr) user_error("platform '{}' has no sensor to feed", options.platform);
  const std::uint64_t bytes = record_bytes(image);
  std::vector<std::uint8_t> records = sensor::load_records(
      options.inputs, bytes, options.count, sensor::parse_format(options.input_format));
  const std::uint64_t count = records.size() / bytes;
  sensor->set_records(std::move(records), bytes);
  return count;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

/// Everything a run reads, checked before anything is simulated or written.
struct Inputs {
  explicit Inputs(const Options& options)
      : platform(load_platform(options)),
        firmware(soc::load_elf(options.firmware)),
        until_s(options.until.empty() ? 0.0 : parse_quantity(options.until, Unit::second)) {
    if (!options.network.empty()) {
      image = network::Image::load(options.network);
      check_network(*image, platform);
    }
    if (!options.labels.empty()) labels = sensor::load_labels(options.labels);
  }

  platform::Description platform;
  soc::ElfImage firmware;
  double until_s;  ///< 0 for no limit.
  std::optional<network::Image> image;
  std::vector<std::uint8_t> labels;
};

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

/// Runs to the end and measures what the host spends on it.
soc::Outcome simulate(const Options& options, const Inputs& inputs, std::uint64_t expected,
                      soc::Soc& soc, const Scoreboard& scores, HostCost& cost) {
  Progress progress(!options.quiet && isatty(STDERR_FILENO) != 0, expected);
  std::signal(SIGINT, on_interrupt);
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  const soc::Outcome outcome = soc.run(inputs.until_s, [&] {
    progress.show(scores.results().size());
    return interrupted == 0;
  });
  cost = {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          cpu_seconds() - cpu_begin, peak_rss_bytes()};
  for (uart::Uart* const uart : soc.blocks<uart::Uart>()) uart->backend().flush();
  progress.clear();
  return outcome;
}

}  // namespace

int run(const Options& options) {
  Inputs inputs(options);
  Registry registry;
  soc::register_builtin_kinds(registry);
  soc::Soc soc("soc", inputs.platform, registry, {options.seed, options.threads});
  soc.load_firmware(std::move(inputs.firmware));
  const network::Image* const image = inputs.image ? &*inputs.image : nullptr;
  if (image != nullptr)
    soc.load_data(inputs.platform.network_image_base, image->bytes(), image->file());
  const std::uint64_t expected = feed_sensor(options, soc, image);
  // Outputs are opened now: a long run must not end in a path that cannot be written.
  std::optional<OutputFile> stats;
  if (!options.stats.empty()) stats.emplace(options.stats);
  if (!options.trace.empty()) soc.trace().add_sink(trace::make_perfetto_sink(options.trace));
  soc.trace().select(options.trace_filter);

  Scoreboard scores(std::move(inputs.labels));
  listen(soc, scores);
  HostCost cost;
  const soc::Outcome outcome = simulate(options, inputs, expected, soc, scores, cost);

  bool complete = soc.trace().close();
  if (!complete) spdlog::warn("the trace '{}' could not be written and was dropped", options.trace);
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
  if (outcome.exit_code != 0)
    fmt::print(stderr, "aimc-vp: {} at {} (exit code {})\n", outcome.reason,
               format_quantity(statistics["simulated_s"].get<double>(), Unit::second),
               outcome.exit_code);
  return outcome.exit_code == 0 && !complete ? 1 : outcome.exit_code;
}

}  // namespace aimc::vp
