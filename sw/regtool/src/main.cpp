// SPDX-License-Identifier: Apache-2.0
// aimc-regtool: one register description in, C header, C++ table and page out.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "block.h"

namespace {

/// Writes `text` to `path`, or with `check` compares. @returns false if the file is stale.
bool put(const std::string& path, const std::string& text, bool check) {
  if (path.empty()) return true;
  if (std::filesystem::exists(path) && aimc::read_file(path, "file") == text) return true;
  if (check) {
    fmt::print(stderr, "{}: stale; build the target 'regenerate' and commit the result\n", path);
    return false;
  }
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  aimc::write_file(path, text);
  fmt::print("wrote {}\n", path);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Generates C header, C++ register table and documentation from a .regs.yaml file."};
  std::string input;
  std::string header;
  std::string map;
  std::string page;
  bool check = false;
  app.add_option("input", input, "Register description")->required();
  app.add_option("--header", header, "C header to write");
  app.add_option("--map", map, "C++ table to write");
  app.add_option("--doc", page, "Markdown page to write");
  app.add_flag("--check", check, "Write nothing; fail if an output is stale");
  try {
    app.parse(argc, argv);
    const aimc::regtool::Block block = aimc::regtool::read_block(input);
    bool fresh = put(header, aimc::regtool::emit_c_header(block), check);
    fresh = put(map, aimc::regtool::emit_cpp_map(block), check) && fresh;
    fresh = put(page, aimc::regtool::emit_markdown(block), check) && fresh;
    return fresh ? 0 : 1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : aimc::kUserErrorExit;
  } catch (const aimc::UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return aimc::kUserErrorExit;
  }
}
