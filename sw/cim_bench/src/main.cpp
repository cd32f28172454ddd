// SPDX-License-Identifier: Apache-2.0
// cim-bench: studies of a compute-in-memory array without the chip around it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <system_error>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "study.h"
#include "subject.h"

namespace {

using namespace aimc::cim_bench;

struct Options {
  std::vector<std::string> studies;
  SubjectOptions subject;
  std::string csv;
};

std::vector<const Study*> chosen_studies(const std::vector<std::string>& names) {
  std::vector<const Study*> chosen;
  for (const Study& study : studies())
    if (names.empty() || std::find(names.begin(), names.end(), study.name) != names.end())
      chosen.push_back(&study);
  return chosen;
}

int run(const Options& options) {
  const std::vector<Subject> subjects = read_subjects(options.subject);
  const auto chosen = chosen_studies(options.studies);
  const bool show = isatty(STDERR_FILENO) != 0;
  Figures figures;
  for (const Study* const study : chosen)
    for (const Subject& subject : subjects) {
      if (show) fmt::print(stderr, "\r\033[K{}: {}", study->name, subject.label);
      figures.begin(study->name, subject.label);
      study->run(subject, figures);
    }
  if (show) fmt::print(stderr, "\r\033[K");
  // The file first: a closed standard output must not cost it.
  if (!options.csv.empty()) aimc::write_file(options.csv, csv(figures.all()));
  fmt::print("{}", tables(figures.all()));
  return 0;
}

void declare(CLI::App& app, Options& options) {
  std::vector<std::string> names;
  std::string help = "What to measure, default all:";
  for (const Study& study : studies()) {
    names.emplace_back(study.name);
    help += fmt::format("\n{:>14}  {}", study.name, study.brief);
  }
  app.add_option("study", options.studies, help)->check(CLI::IsMember(names));
  app.add_option("--platform", options.subject.platform,
                 "Platform name or file; its different kinds of tiles are studied");
  app.add_option("--tile", options.subject.tile, "Only this tile of the platform");
  app.add_option("--kind", options.subject.kinds,
                 "Technologies to study, or 'all'; default that of the platform, else 'pcm'")
      ->delimiter(',');
  app.add_option("--set", options.subject.overrides,
                 "Parameter of the tile, e.g. adc.levels=255; repeatable");
  app.add_option("--seed", options.subject.seed, "Seed of all random draws")->capture_default_str();
  app.add_option("--vectors", options.subject.vectors, "Input vectors to average over")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--csv", options.csv, "Also write the figures to this file");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures compute-in-memory arrays without the chip around them."};
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
    return run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : aimc::kUserErrorExit;
  } catch (const aimc::UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return aimc::kUserErrorExit;
  } catch (const std::system_error& error) {  // fmt: standard output is closed or full
    fmt::print(stderr, "cim-bench: cannot print: {}\n", error.what());
    return 1;
  }
}
