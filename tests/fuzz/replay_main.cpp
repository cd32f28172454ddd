// SPDX-License-Identifier: Apache-2.0
// Feeds files to a fuzzer's entry point: what libFuzzer found once must not come back. Each file is
// replayed whole and cut off at every 1/16, so that the corpus reaches more than it holds.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
      for (std::size_t part = 1; part <= 16; ++part) {
        // A copy of its own, so that reading beyond the end is seen by the sanitizers.
        const auto size = static_cast<std::ptrdiff_t>(bytes.size() * part / 16);
        const std::vector<char> cut(bytes.begin(), bytes.begin() + size);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(cut.data()), cut.size());
      }
      ++files;
    }
  }
  std::printf("%zu files replayed\n", files);
  return files > 0 ? 0 : 1;
}
