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

/// What serves and watches the program itself.
void add_program(CLI::App& run, Options& options) {
  run.add_option("--uart", options.uart,
                 "Far end of the serial port: stdout (default), stdio, null, file:PATH, pty or "
                 "tcp:PORT (this machine only; 0 = any port)");
  run.add_option("--uart-input", options.uart_input,
                 "File whose bytes the serial port receives, at the same times in each run");
  run.add_option("--args", options.arguments, "Command line of the program, for semihosting");
  run.add_flag("!--no-semihosting", options.semihosting,
               "Let the semihosting sequence trap like any EBREAK");
  run.add_option(
      "--semihost-dir", options.semihost_dir,
      "Directory whose files semihosting may read and change; without it there are none");
  CLI::Option* const signature = run.add_option(
      "--signature", options.signature,
      "Write the memory from begin_signature to end_signature when the program ends");
  run.add_option("--signature-granularity", options.signature_granularity,
                 "Bytes in a line of the signature")
      ->check(CLI::IsMember({1, 2, 4, 8, 16}))
      ->capture_default_str()
      ->needs(signature);
  CLI::Option* const itrace = run.add_option(
      "--itrace", options.itrace, "Write each instruction in the form of Spike's --log-commits");
  run.add_option("--itrace-from", options.itrace_from,
                 "Begin at a symbol, an address (0x80000000) or a time (\"10 us\")")
      ->needs(itrace);
  run.add_option("--itrace-to", options.itrace_to, "End there; as above")->needs(itrace);
  run.add_option("--profile", options.profile,
                 "Write instructions, cycles and stalls by function; call paths for flame graphs "
                 "go to FILE.collapsed");
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
  CLI::Option* const gdb =
      run.add_option("--gdb", options.gdb,
                     "Let gdb attach at [HOST:]PORT; this machine only unless HOST says more, port "
                     "0 = any that is free");
  run.add_flag("--gdb-wait", options.gdb_wait, "Wait for gdb before the first instruction")
      ->needs(gdb);
  add_program(run, options);
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
      {"markdown", Options::Description::markdown},
      {"svd", Options::Description::svd},
      {"dts", Options::Description::dts}};
  describe
      ->add_option("--format", options.description,
                   "text, header (C map for firmware), markdown (memory-map page), svd (CMSIS-SVD) "
                   "or dts (device tree)")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case));
  describe->add_flag_callback(
      "--svd", [&options] { options.description = Options::Description::svd; },
      "Registers of the whole platform as CMSIS-SVD");
  describe->add_flag_callback(
      "--dts", [&options] { options.description = Options::Description::dts; },
      "Device tree of the host side");
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
