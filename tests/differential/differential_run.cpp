// SPDX-License-Identifier: Apache-2.0
// differential_run SEED COUNT ITERATIONS [PROFILE]: compares COUNT programs from SEED on and prints
// those that differ. With COUNT 1 both print-outs are shown; the program goes to program.bin, the
// traps to trap_here.log and trap_qemu.log (grep cause: there), our memory to memory_here.bin in
// the working directory. Without QEMU: exit code 77.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "runner.h"

using namespace aimc::differential;

int main(int argc, char** argv) {
  if (argc < 4) {
    std::puts("differential_run SEED COUNT ITERATIONS [PROFILE]");
    return 2;
  }
  if (!qemu_available()) {
    std::puts("skipped: no qemu-system-riscv32");
    return 77;
  }
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 0);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 0);
  const auto iterations = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 0));
  std::uint64_t instructions = 0, traps = 0;
  unsigned differences = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Profile* profile = &profiles()[seed % profiles().size()];
    for (const Profile& other : profiles())
      if (argc > 4 && std::strcmp(other.name, argv[4]) == 0) profile = &other;
    const auto image = make_program(*profile, seed, iterations);
    const Result ours = run_here(*profile, image);
    const Result theirs = run_qemu(*profile, image, count == 1 ? "trap_qemu.log" : "");
    if (count == 1)
      std::ofstream("program.bin")
          .write(reinterpret_cast<const char*>(image.data()),
                 static_cast<std::streamsize>(image.size()));
    if (count == 1) {
      std::ofstream("trap_here.log") << ours.first_traps;
      std::ofstream("memory_here.bin")
          .write(reinterpret_cast<const char*>(ours.memory.data()),
                 static_cast<std::streamsize>(ours.memory.size()));
    }
    instructions += ours.instructions;
    traps += ours.traps;
    const bool same =
        ours.output == theirs.output && ours.problem.empty() && theirs.problem.empty();
    if (count == 1) std::printf("%s\n%s\n", ours.output.c_str(), theirs.output.c_str());
    if (same) continue;
    ++differences;
    std::printf("seed %llu (%s) differs: %s / %s\n", static_cast<unsigned long long>(seed),
                profile->name, ours.problem.c_str(), theirs.problem.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu programs, %llu instructions, %llu traps, %u differences\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(instructions),
              static_cast<unsigned long long>(traps), differences);
  return differences == 0 ? 0 : 1;
}
