// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>

#include "aimc/common/error.h"
#include "version.h"

namespace aimc::vp {
namespace {

/// A whole number of 64 bits. The parser itself would wrap or saturate.
std::string whole_number(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  std::strtoull(text.c_str(), &end, 0);
  const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
  return digits && *end == '\0' && errno == 0
             ? ""
             : "'" + text + "' is no whole number from 0 to 18446744073709551615";
}

/// An empty value is a shell variable that was not set; taking it for no option would lose a file.
void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* const option : app.get_options())
    if (option->get_items_expected_max() > 0 && option->get_name() != "--args")
      option->check([](const std::string& text) {
        return text.empty() ? std::string("the value is empty") : std::string();
      });
}

/// What is wrong with the command line, in one sentence.
std::string reason(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> extras = app.remaining(true);
  const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (required || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    // A misspelt option is the cause of a missing one.
    const auto option = std::find_if(extras.begin(), extras.end(),
                                     [](const std::string& text) { return text.starts_with("-"); });
    if (option != extras.end()) return "there is no option '" + *option + "'";
    if (required && app.get_subcommands().empty())
      return extras.empty()
                 ? "a command is required: run, platforms or describe"
                 : "'" + extras.front() + "' is no command; known: run, platforms, describe";
    if (!required && !extras.empty()) return "'" + extras.back() + "' was not expected";
  }
  std::string text = error.what();
  const std::string twice = "At Most 1 required but received ";
  if (const std::size_t at = text.find(twice); at != std::string::npos)
    text =
        text.substr(0, at) + "may be given once, not " + text.substr(at + twice.size()) + " times";
  return text;
}

/// Prints help, the version, or one line that says what is wrong. @returns the exit code.
int tell(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::string command = "aimc-vp";
  for (const CLI::App* const one : app.get_subcommands()) command += " " + one->get_name();
  std::fprintf(stderr, "%s: error: %s; see '%s --help'\n", command.c_str(),
               reason(app, error).c_str(), command.c_str());
  return kUserErrorExit;
}

void add_platform(CLI::App& app, Options& options) {
  app.add_option("--platform,platform", options.platform,
                 "Shipped name or file, e.g. hermes64 or my/chip.yaml; given with or without the "
                 "word --platform")
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
  CLI::Option* const arguments =
      run.add_option("--args", options.arguments, "Command line of the program, for semihosting");
  CLI::Option* const directory = run.add_option(
      "--semihost-dir", options.semihost_dir,
      "Directory whose files semihosting may read and change; without it there are none");
  run.add_flag("!--no-semihosting", options.semihosting,
               "Let the semihosting sequence trap like any EBREAK")
      ->excludes(arguments)
      ->excludes(directory);
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
  CLI::Option* const input =
      run.add_option("--input", options.inputs, "Input records: raw bytes or IDX, also gzipped")
          ->take_all();
  run.add_option("--input-format", options.input_format, "Format of the input files")
      ->check(CLI::IsMember({"automatic", "raw", "idx", "cifar"}))
      ->capture_default_str()
      ->needs(input);
  run.add_option("--labels", options.labels, "Expected classes: one byte each, or IDX");
  run.add_option("--count", options.count, "Use the first N records; 0 = all")
      ->check(whole_number)
      ->capture_default_str()
      ->needs(input);
  run.add_option("--seed", options.seed, "Seed of every random draw")
      ->check(whole_number)
      ->capture_default_str();
  run.add_option("--threads", options.threads, "Host threads; results do not depend on it")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  run.add_option("--until", options.until,
                 "Stop after this simulated time, e.g. \"5 ms\" (default: run to the end)");
  run.add_option("--quantum", options.quantum,
                 "Temporal decoupling, e.g. \"1 us\" (default: the platform's)");
  CLI::Option* const stats = run.add_option("--stats", options.stats, "Write statistics as JSON");
  run.add_flag("--logits", options.logits, "Put the logits of each image into the statistics")
      ->needs(stats);
  CLI::Option* const trace =
      run.add_option("--trace", options.trace, "Write a timeline for ui.perfetto.dev");
  run.add_option("--trace-filter", options.trace_filter,
                 "Trace +PATTERN or not -PATTERN, last match wins (repeatable; default: +*)")
      ->take_all()
      ->needs(trace);
  run.add_flag("--quiet", options.quiet, "No progress and no summary");
  CLI::Option* const gdb =
      run.add_option("--gdb", options.gdb,
                     "Let gdb attach at [HOST:]PORT; this machine only unless HOST says more, port "
                     "0 = any that is free");
  run.add_flag("--gdb-wait", options.gdb_wait, "Wait for gdb before the first instruction")
      ->needs(gdb);
  add_program(run, options);
}

void add_describe(CLI::App& describe, Options& options) {
  using Form = Options::Description;
  add_platform(describe, options);
  static const std::map<std::string, Form> kForms{
      {"text", Form::text}, {"header", Form::header}, {"markdown", Form::markdown},
      {"svd", Form::svd},   {"dts", Form::dts},       {"dtb", Form::dtb}};
  CLI::Option* const format =
      describe
          .add_option_function<std::string>(
              "--format",
              [&options](const std::string& name) { options.description = kForms.at(name); },
              "text, header (C map for firmware), markdown (memory-map page), svd (CMSIS-SVD), "
              "dts (device tree) or dtb (the same flattened)")
          ->check(CLI::IsMember({"text", "header", "markdown", "svd", "dts", "dtb"}));
  std::vector<CLI::Option*> forms{format};
  const auto add = [&](const char* name, Form form, const char* brief) {
    CLI::Option* const flag = describe.add_flag_callback(
        name, [&options, form] { options.description = form; }, brief);
    for (CLI::Option* const other : forms) flag->excludes(other);
    forms.push_back(flag);
  };
  add("--svd", Form::svd, "Registers of the whole platform as CMSIS-SVD");
  add("--dts", Form::dts, "Device tree of the host side");
  add("--dtb", Form::dtb, "The device tree in the form that programs find by a1");
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
  add_describe(*describe, options);
  for (CLI::App* const command : {run, describe}) refuse_empty_values(*command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *exit_code = tell(app, error);
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
