// SPDX-License-Identifier: Apache-2.0
// aimc-rom: makes and shows the mask images of ROM arrays.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "aimc/cim/rom/rom_image.h"
#include "aimc/common/config.h"
#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace {

using aimc::ConfigNode;

unsigned number(const ConfigNode& map, const char* key, const std::string& what) {
  const ConfigNode& node = map.require(key, what);
  const std::uint64_t value = aimc::to_unsigned(node, key);
  if (value > 4096) aimc::user_error(node.where(), "{}: {} is above 4096", key, value);
  return static_cast<unsigned>(value);
}

void add_block(aimc::cim::RomImage& image, const ConfigNode& node, const std::string& section,
               unsigned rows, unsigned columns, const std::filesystem::path& folder) {
  const std::string what = "a block of section '" + section + "'";
  node.check_keys({"row", "column", "rows", "columns", "full_scale", "weights"}, what);
  aimc::cim::Block block;
  block.first_row = number(node, "row", what);
  block.first_column = number(node, "column", what);
  block.rows = number(node, "rows", what);
  block.columns = number(node, "columns", what);
  const unsigned full_scale =
      node.find("full_scale") != nullptr ? number(node, "full_scale", what) : 127;
  const ConfigNode& file = node.require("weights", what);
  const std::string bytes = aimc::read_file((folder / file.text("weights")).string(), "weights");
  if (bytes.size() != block.cells())
    aimc::user_error(file.where(), "{}: {} bytes, but {} x {} weights need {}",
                     file.text("weights"), bytes.size(), block.rows, block.columns, block.cells());
  image.add(section, rows, columns, block, full_scale,
            reinterpret_cast<const std::int8_t*>(bytes.data()), block.columns);
}

void build(const std::string& layout, const std::string& output) {
  const ConfigNode root = aimc::load_yaml_file(layout);
  root.check_keys({"sections"}, "a mask layout");
  const std::filesystem::path folder = std::filesystem::path(layout).parent_path();
  aimc::cim::RomImage image;
  for (const ConfigNode& node : root.require("sections", "a mask layout").items()) {
    node.check_keys({"name", "rows", "columns", "blocks"}, "a section");
    const std::string name = node.require("name", "a section").text("name");
    const unsigned rows = number(node, "rows", "a section");
    const unsigned columns = number(node, "columns", "a section");
    image.add_section(name, rows, columns);
    for (const ConfigNode& block : node.require("blocks", "a section").items())
      add_block(image, block, name, rows, columns, folder);
  }
  if (image.sections().empty()) aimc::user_error(root.where(), "the layout holds no section");
  image.write(output);
}

void show(const std::string& path) {
  const aimc::cim::RomImage image = aimc::cim::RomImage::read(path);
  for (const auto& section : image.sections()) {
    fmt::print("{}: {} x {}\n", section.name, section.rows, section.columns);
    for (const auto& entry : section.blocks)
      fmt::print("  {} x {} at row {}, column {}, full scale {}\n", entry.block.rows,
                 entry.block.columns, entry.block.first_row, entry.block.first_column,
                 entry.full_scale);
  }
}

int run(int argc, char** argv) {
  CLI::App app{"Makes and shows the mask images of ROM arrays."};
  app.require_subcommand(1);
  std::string input;
  std::string output;
  CLI::App& make = *app.add_subcommand("build", "Make a mask image from a layout file");
  make.add_option("layout", input, "YAML layout")->required();
  make.add_option("-o,--output", output, "Mask image to write")->required();
  CLI::App& list = *app.add_subcommand("show", "List the blocks of a mask image");
  list.add_option("image", input, "Mask image")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : aimc::kUserErrorExit;
  }
  if (make) build(input, output);
  if (list) show(input);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const aimc::UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return aimc::kUserErrorExit;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "aimc-rom: %s\n", error.what());
    return aimc::kInternalErrorExit;
  }
}
