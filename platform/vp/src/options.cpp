// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "aimc/common/error.h"
#include "version.h"

namespace aimc::vp {
namespace {

void add_platform(CLI::App& app, Options& options) {
  app.add_option("--platform,platform", options.platform,
                 "Shipped name or file, e.g. hermes64 or my/chip.yaml")
      ->required();
  app.add_option("--set", options.overrides, "Override a parameter: tile*.kind=ideal (repeatable)")
      ->take_all();
}

void add_run(CLI::App& run, Options& options) {
  add_platform(run, options);
  run.add_option("--firmware", options.firmware, "Firmware image (RISC-V ELF)")->required();
  run.add_option("--network", options.network, "Network image made by aimc-compile");
  run.add_option("--input", options.inputs, "Input records: raw bytes or IDX, also gzipped")
      ->take_all();
  run.add_option("--input-format", options.input_format, "Format of the input files")
      ->check(CLI::IsMember({"automatic", "raw", "idx", "cifar"}))
      ->capture_default_str();
  run.add_option("--labels", options.labels, "Expected classes: one byte each, or IDX");
  run.add_option("--count", options.count, "Use the first N records; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  run.add_option("--seed", options.seed, "Seed of every random draw")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  run.add_option("--threads", options.threads, "Host threads; results do not depend on it")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  run.add_option("--until", options.until, "Stop after this simulated time, e.g. \"5 ms\"");
  run.add_option("--quantum", options.quantum, "Temporal decoupling, e.g. \"1 us\"");
  run.add_option("--stats", options.stats, "Write statistics as JSON");
  run.add_flag("--logits", options.logits, "Put the logits of each image into the statistics");
  run.add_option("--trace", options.trace, "Write a timeline for ui.perfetto.dev");
  run.add_option("--trace-filter", options.trace_filter,
                 "Ordered patterns, last match wins: +*noc* -*noc.r3* (default: all)")
      ->take_all();
  run.add_flag("--quiet", options.quiet, "No progress and no summary");
}

}  // namespace

bool parse_options(int argc, char** argv, Options& options, int* exit_code) {
  CLI::App app{"Virtual platform of an analog in-memory-compute system-on-chip."};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  CLI::App* const run = app.add_subcommand("run", "Boots firmware on a platform");
  add_run(*run, options);
  app.add_subcommand("platforms", "Lists the shipped platforms");
  CLI::App* const describe =
      app.add_subcommand("describe", "Prints memory map, instances and parameters of a platform");
  add_platform(*describe, options);
  const std::map<std::string, Options::Description> formats{
      {"text", Options::Description::text},
      {"header", Options::Description::header},
      {"markdown", Options::Description::markdown}};
  describe
      ->add_option("--format", options.description,
                   "text, header (C map for firmware) or markdown (memory-map page)")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *exit_code = app.exit(error) == 0 ? 0 : kUserErrorExit;
    return false;
  }
  if (run->parsed()) {
    options.command = Options::Command::run;
  } else if (describe->parsed()) {
    options.command = Options::Command::describe;
  } else {
    options.command = Options::Command::platforms;
  }
  return true;
}

}  // namespace aimc::vp
