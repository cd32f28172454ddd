// SPDX-License-Identifier: Apache-2.0
// Synthetic traffic on the network alone: load-latency curves as CSV.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "aimc/common/error.h"
#include "aimc/noc/fast_measure.h"
#include "aimc/noc/flit/measure.h"

namespace {

using aimc::noc::flit::Config;
using aimc::noc::flit::Load;
using aimc::noc::flit::Measured;
using aimc::noc::flit::Pipeline;

struct Options {
  std::string mesh = "8x8";
  std::string traffic = "uniform";
  std::string pipeline = "p4";
  std::string routing = "xy";
  std::string allocator = "islip";
  std::string level = "flit";
  std::vector<double> rates;
  bool sweep = false;
  Config config;
  Load load;
};

void parse_mesh(const std::string& text, Config& config) {
  int end = 0;
  if (std::sscanf(text.c_str(), "%ux%u%n", &config.columns, &config.rows, &end) != 2 ||
      static_cast<std::size_t>(end) != text.size() || text.find('-') != std::string::npos)
    aimc::user_error("--mesh '{}' is not a size like 8x8", text);
}

Pipeline parse_pipeline(const std::string& name) {
  if (name == "p4") return Pipeline::p4();
  if (name == "p2") return Pipeline::p2();
  aimc::user_error("unknown pipeline '{}'. Known: p4, p2", name);
}

void print(const Measured& m) {
  fmt::print("{:g},{},{:.3f},{:.3f},{},{},{},{:.6f},{:.4f},{},{},{:.6f}\n", m.rate,
             m.stable ? 1 : 0, m.packet_latency, m.network_latency, m.p50, m.p99, m.max_latency,
             m.accepted, m.routers, m.cycles, m.flit_moves, m.cpu_s);
  std::fflush(stdout);
}

void run(Options& options) {
  parse_mesh(options.mesh, options.config);
  options.config.pipeline = parse_pipeline(options.pipeline);
  options.config.routing = aimc::noc::flit::routing_from(options.routing);
  options.config.allocator = aimc::noc::flit::allocator_from(options.allocator);
  options.config.seed = options.load.seed;
  check(options.config);
  const auto pattern =
      aimc::noc::flit::make_pattern(options.traffic, options.config.columns, options.config.rows);
  if (options.rates.empty() && !options.sweep && !options.load.backlog)
    aimc::user_error("nothing to measure: give --rate, --sweep or --backlog");
  for (const double rate : options.rates)
    if (!(rate > 0.0 && rate <= 1.0))
      aimc::user_error("--rate {} is not possible: must be above 0 and at most 1", rate);
  if (options.load.packet_flits < 1 || options.load.packet_flits > 0xffff)
    aimc::user_error("--packet {} is not possible: must be 1..65535 flits",
                     options.load.packet_flits);
  if (options.load.max_samples <= options.load.warmup_periods)
    aimc::user_error("--max-samples {} is too few: {} of them are warm-up",
                     options.load.max_samples, options.load.warmup_periods);
  if (options.load.latency_limit < 0.0)
    aimc::user_error("--latency-limit {} is not possible", options.load.latency_limit);
  fmt::print(
      "rate,stable,avg_packet_latency,avg_network_latency,p50,p99,max_packet_latency,accepted,"
      "mean_routers,cycles,flit_moves,cpu_s\n");
  const bool fast = options.level == "fast";
  if (!fast && options.level != "flit")
    aimc::user_error("unknown level '{}'. Known: flit, fast", options.level);
  if (fast && options.sweep) aimc::user_error("--sweep is for the level flit");
  if (options.load.backlog) options.rates = {1.0};
  for (const double rate : options.rates) {
    options.load.rate = rate;
    print(fast ? aimc::noc::measure_fast(options.config, *pattern, options.load)
               : measure(options.config, *pattern, options.load));
  }
  if (!options.sweep) return;
  const auto found = find_saturation(options.config, *pattern, options.load);
  for (const Measured& m : found.runs) print(m);
  fmt::print(stderr,
             "saturation {:.4f} flits/node/cycle ({:.1f} % of the bound {:.4f}); latency at low "
             "load {:.2f} cycles\n",
             found.rate, 100.0 * found.rate / found.bound, found.bound, found.low_latency);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures latency and throughput of the network under synthetic traffic.",
               "noc-bench");
  app.option_defaults()->always_capture_default();
  Options o;
  app.add_option("--mesh", o.mesh, "Columns x rows, up to 64x64");
  app.add_flag("--torus", o.config.torus, "Links around both dimensions");
  app.add_option("--vcs", o.config.virtual_channels, "Virtual channels of a link");
  app.add_option("--buffer", o.config.buffer_flits, "Flits of each channel's buffer");
  app.add_option("--packet", o.load.packet_flits, "Flits of each packet");
  app.add_option("--traffic", o.traffic,
                 "uniform, transpose, bitcomp, bitrev, shuffle, tornado, neighbor, hotspot, "
                 "hotspot1, hotspot4 or hotspot:node,...");
  app.add_option("--rate", o.rates, "Offered flits/node/cycle; several give several lines");
  app.add_flag("--sweep", o.sweep, "Find the saturation rate");
  app.add_flag("--backlog", o.load.backlog, "Every source always has a packet waiting");
  app.add_option("--seed", o.load.seed, "Seed of all random draws");
  app.add_option("--pipeline", o.pipeline, "p4 (four stages) or p2 (look-ahead, speculative)");
  app.add_option("--routing", o.routing, "xy, yx, o1turn, west_first or odd_even");
  app.add_option("--allocator", o.allocator, "islip or separable");
  app.add_option("--level", o.level, "flit, or fast for comparison with it");
  app.add_option("--runs", o.load.runs, "Independent runs of each rate; 0: by size");
  app.add_option("--sample-period", o.load.sample_period, "Cycles; 0: by rate and size");
  app.add_option("--max-samples", o.load.max_samples, "Periods in all, 3 of them warm-up");
  app.add_option("--latency-limit", o.load.latency_limit,
                 "Mean latency of unstable runs [cycles]; 0: by size");
  try {
    app.parse(argc, argv);
    run(o);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : aimc::kUserErrorExit;
  } catch (const aimc::UserError& error) {
    fmt::print(stderr, "noc-bench: {}\n", error.what());
    return aimc::kUserErrorExit;
  } catch (const std::exception& error) {
    fmt::print(stderr, "noc-bench: internal error: {}\n", error.what());
    return aimc::kInternalErrorExit;
  }
  return 0;
}
