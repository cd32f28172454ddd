// SPDX-License-Identifier: Apache-2.0
// aimc-network: looks into a network image and evaluates it with the reference interpreter.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <system_error>

#include "aimc/common/error.h"
#include "aimc/network/graph_check.h"
#include "aimc/network/image.h"
#include "aimc/network/interpreter.h"
#include "aimc/sensor/files.h"

namespace {

struct Options {
  std::string image;
  std::vector<std::string> inputs;
  std::string format = "automatic";
  std::uint64_t count = 0;
};

int describe(const Options& options) {
  const auto image = aimc::network::Image::load(options.image);
  aimc::network::check_graphs(image);
  fmt::print("{}", aimc::network::describe(image));
  return 0;
}

/// One line of JSON per record: frame, class and logits.
int run(const Options& options) {
  const auto image = aimc::network::Image::load(options.image);
  const std::uint32_t bytes = image.header().input_bytes;
  const std::vector<std::uint8_t> records = aimc::sensor::load_records(
      options.inputs, bytes, options.count, aimc::sensor::parse_format(options.format));
  const aimc::network::Interpreter interpreter(image);
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t frame = 0; frame * bytes < records.size(); ++frame) {
    const aimc::network::Inference result =
        interpreter.run(std::span(records).subspan(frame * bytes, bytes));
    rows.push_back({{"frame", frame}, {"class", result.predicted}, {"logits", result.logits}});
  }
  fmt::print("{}\n", rows.dump());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Looks into network images made by aimc-compile."};
  app.require_subcommand(1);
  Options options;
  CLI::App* const describe_command =
      app.add_subcommand("describe", "Prints engines, layers and task graphs");
  describe_command->add_option("image", options.image, "Network image")->required();
  CLI::App* const run_command = app.add_subcommand(
      "run", "Evaluates records with the reference interpreter and prints logits as JSON");
  run_command->add_option("image", options.image, "Network image")->required();
  run_command->add_option("--input", options.inputs, "Input records: raw bytes or IDX")
      ->required()
      ->take_all();
  run_command->add_option("--input-format", options.format, "automatic, raw, idx or cifar")
      ->check(CLI::IsMember({"automatic", "raw", "idx", "cifar"}))
      ->capture_default_str();
  run_command->add_option("--count", options.count, "Use the first N records; 0 = all")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    return describe_command->parsed() ? describe(options) : run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : aimc::kUserErrorExit;
  } catch (const aimc::UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return aimc::kUserErrorExit;
  } catch (const std::system_error& error) {  // fmt: standard output is closed or full
    fmt::print(stderr, "aimc-network: cannot print: {}\n", error.what());
    return 1;
  }
}
