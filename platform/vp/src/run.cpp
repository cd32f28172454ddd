// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

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

std::uint64_t record_bytes(const Options& options, const network::Image* image) {
  if (image != nullptr) return image->header().input_bytes;
  user_error("--input needs --network, which says how large a record is");
}

/// @returns the number of records.
std::uint64_t feed_sensor(const Options& options, soc::Soc& soc, const network::Image* image) {
  if (options.inputs.empty()) return 0;
  auto* const sensor = soc.find_block<sensor::Sensor>();
  if (sensor == nullptr) user_error("platform '{}' has no sensor to feed", options.platform);
  const std::uint64_t bytes = record_bytes(options, image);
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

}  // namespace

int run(const Options& options) {
  const platform::Description platform = load_platform(options);
  const double until_s = options.until.empty() ? 0.0 : parse_quantity(options.until, Unit::second);
  // All inputs are read and checked before anything is simulated or written.
  soc::ElfImage firmware = soc::load_elf(options.firmware);
  std::optional<network::Image> image;
  if (!options.network.empty()) {
    image = network::Image::load(options.network);
    check_network(*image, platform);
  }
  Scoreboard scores(options.labels.empty() ? std::vector<std::uint8_t>{}
                                           : sensor::load_labels(options.labels));

  Registry registry;
  soc::register_builtin_kinds(registry);
  soc::Soc soc("soc", platform, registry, {options.seed, options.threads});
  soc.load_firmware(std::move(firmware));
  if (image) soc.load_data(platform.network_image_base, image->bytes(), image->file());
  const std::uint64_t expected = feed_sensor(options, soc, image ? &*image : nullptr);
  if (!options.trace.empty()) soc.trace().add_sink(trace::make_perfetto_sink(options.trace));
  soc.trace().select(options.trace_filter);

  auto* const sensor = soc.find_block<sensor::Sensor>();
  Progress progress(!options.quiet && isatty(STDERR_FILENO) != 0, expected);
  if (auto* const results = soc.find_block<results::Results>()) {
    results->on_commit([&](const results::Record& record) {
      const bool shown = sensor != nullptr && record.frame < sensor->presented_ps().size();
      scores.add({record.frame, record.klass, record.bytes,
                  shown ? sensor->presented_ps()[record.frame] : 0, to_ps(record.time),
                  soc.energy_j()});
    });
  }

  std::signal(SIGINT, on_interrupt);
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  const soc::Outcome outcome = soc.run(until_s, [&] {
    progress.show(scores.results().size());
    return interrupted == 0;
  });
  const HostCost cost = {
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
      cpu_seconds() - cpu_begin, peak_rss_bytes()};
  for (uart::Uart* const uart : soc.blocks<uart::Uart>()) uart->backend().flush();
  progress.clear();

  const bool trace_good = soc.trace().close();
  if (!trace_good)
    fmt::print(stderr, "warning: the trace '{}' is incomplete and was dropped\n", options.trace);
  const nlohmann::ordered_json statistics =
      make_statistics(options, platform, registry, soc, outcome, scores, cost);
  if (!options.stats.empty()) write_file(options.stats, statistics.dump(1) + "\n");
  if (!options.quiet && !scores.results().empty()) fmt::print(stderr, "{}", summary(statistics));
  if (outcome.exit_code != 0)
    fmt::print(stderr, "aimc-vp: {} at {} (exit code {})\n", outcome.reason,
               format_quantity(statistics["simulated_s"].get<double>(), Unit::second),
               outcome.exit_code);
  return outcome.exit_code == 0 && !trace_good ? 1 : outcome.exit_code;
}

}  // namespace aimc::vp
