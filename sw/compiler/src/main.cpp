// SPDX-License-Identifier: Apache-2.0
// aimc-compile: from a trained network to an image that the firmware runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "aimc/sensor/files.h"
#include "compile.h"
#include "import.h"
#include "onnx_file.h"

namespace {

using namespace aimc;

struct Options {
  std::string model;
  std::string platform;
  std::vector<std::string> overrides;
  std::vector<std::string> records;
  std::string format = "automatic";
  std::string labels;
  std::size_t count = 512;
  std::string method = "mse";
  std::string layout = "hwc";
  std::vector<std::string> mean;
  std::vector<std::string> std;
  std::string name;
  std::string mapping;
  std::string masks;
  std::string output;
  bool report = false;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("model", options.model, "Trained network (ONNX)")->required();
  app.add_option("--platform", options.platform, "Shipped name or file, e.g. hermes64")->required();
  app.add_option("--set", options.overrides, "Override one parameter: tile*.rows=128 (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--calibrate", options.records, "Files with records that show the range of values")
      ->required();
  app.add_option("--format", options.format, "Of these files")
      ->check(CLI::IsMember({"automatic", "raw", "idx", "cifar"}))
      ->capture_default_str();
  app.add_option("--labels", options.labels, "Labels of the records: prints the accuracy on them");
  app.add_option("--count", options.count, "Records to use; 0 = all")->capture_default_str();
  app.add_option("--calibration", options.method,
                 "Steps by least squared error or by largest value")
      ->check(CLI::IsMember({"mse", "max"}))
      ->capture_default_str();
  app.add_option("--input-layout", options.layout,
                 "Records hold pixel after pixel (hwc) or plane after plane (chw)")
      ->check(CLI::IsMember({"hwc", "chw"}))
      ->capture_default_str();
  app.add_option(
         "--input-mean", options.mean,
         "Input value = (pixel - mean) / std, one number or one a channel; default: metadata")
      ->delimiter(',');
  app.add_option("--input-std", options.std, "See --input-mean")->delimiter(',');
  app.add_option("--name", options.name, "Name of the network; default: the file's");
  app.add_option("--mapping", options.mapping,
                 "File that says which layers go on which tiles, see sw/compiler/README.md");
  app.add_option("--rom", options.masks,
                 "File to write the masks of ROM tiles to; runs need --set 'tile*.rom.image=FILE'");
  app.add_option("-o,--output", options.output, "Network image to write")->required();
  app.add_flag("--report", options.report, "Print the mapping layer by layer");
}

std::vector<std::uint8_t> load_records(const Options& options, std::size_t record_bytes) {
  std::vector<std::uint8_t> records =
      sensor::load_records(options.records, record_bytes, 0, sensor::parse_format(options.format));
  if (options.count != 0 && records.size() > options.count * record_bytes)
    records.resize(options.count * record_bytes);
  return records;
}

int run(const Options& options) {
  const compiler::Chip chip =
      compiler::read_chip(platform::load_description(options.platform, options.overrides));
  compiler::Network network =
      compiler::import_onnx(compiler::read_onnx(options.model), options.model);
  network.name =
      options.name.empty() ? std::filesystem::path(options.model).stem().string() : options.name;
  const compiler::Shape shape = network.tensors[network.input].shape;
  if (!options.mean.empty())
    network.input_mean =
        compiler::per_channel(join(options.mean, ","), shape.channels, "--input-mean");
  if (!options.std.empty())
    network.input_std =
        compiler::per_channel(join(options.std, ","), shape.channels, "--input-std");
  const std::vector<std::uint8_t> records = load_records(options, shape.size());
  compiler::CalibrationOptions calibration;
  calibration.method =
      options.method == "max" ? compiler::Calibration::max : compiler::Calibration::mse;
  calibration.planar = options.layout == "chw";
  compiler::TileChoice choice;
  if (!options.mapping.empty()) choice = compiler::read_tile_choice(options.mapping);
  const compiler::Compilation result =
      compiler::compile(std::move(network), chip, records, calibration, choice);
  const cim::RomImage& masks = result.emission.masks;
  if (!masks.sections().empty()) {
    if (options.masks.empty())
      user_error(
          "layers are mapped to tiles that firmware cannot program ('{}'{}); their masks "
          "need a file, e.g. --rom chip.rom",
          masks.sections()[0].name, masks.sections().size() > 1 ? ", ..." : "");
    masks.write(options.masks);
  }
  const auto& image = result.emission.image;
  write_file(options.output, {reinterpret_cast<const char*>(image.data()), image.size()});
  if (options.report) fmt::print("{}", compiler::report(result, chip));
  if (!options.labels.empty()) {
    const compiler::Accuracy accuracy = compiler::measure(
        result, records,
        sensor::load_labels(options.labels, sensor::parse_format(options.format), shape.size()),
        calibration.planar);
    const auto percent = [&](std::size_t correct) {
      return 100.0 * static_cast<double>(correct) /
             static_cast<double>(std::max<std::size_t>(accuracy.records, 1));
    };
    fmt::print("accuracy on {} records: float {:.2f} %, int8 {:.2f} %\n", accuracy.records,
               percent(accuracy.correct_float), percent(accuracy.correct_int8));
  }
  if (!masks.sections().empty())
    fmt::print("{}: masks of {} tiles\n", options.masks, masks.sections().size());
  fmt::print("{}: network '{}' for '{}', {} bytes\n", options.output, result.quantised.name,
             chip.name, image.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Compiles a trained network (ONNX) into an image for an AIMC platform."};
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUserErrorExit;
  }
  try {
    return run(options);
  } catch (const UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUserErrorExit;
  } catch (const std::exception& error) {
    fmt::print(stderr, "aimc-compile: internal error: {}\n", error.what());
    return kInternalErrorExit;
  }
}
