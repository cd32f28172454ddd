// SPDX-License-Identifier: Apache-2.0
// Runs a bare-metal RV32 ELF on the core alone and prints MIPS (CPU time).
//
//   core_bench program.elf [cycles per slice = 10000] [observed]
//
// RAM 64 MiB at 0x80000000, UART transmitter at 0x10000000, finisher at 0x00100000. The ELF parsing
// is minimal on purpose; the platform's loader is the one with checks.
#include <elf.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "aimc/riscv/core.h"

namespace {

constexpr std::uint32_t kRamBase = 0x80000000u;
constexpr std::uint32_t kUart = 0x10000000u;
constexpr std::uint32_t kFinisher = 0x00100000u;

class Machine : public aimc::riscv::Bus, public aimc::riscv::InstructionObserver {
 public:
  Machine() : ram_(64u << 20) {}

  std::uint32_t load_elf(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) {
      std::perror(path);
      std::exit(2);
    }
    std::vector<char> image(4u << 20);
    image.resize(std::fread(image.data(), 1, image.size(), file));
    std::fclose(file);
    Elf32_Ehdr header;
    std::memcpy(&header, image.data(), sizeof header);
    for (unsigned n = 0; n < header.e_phnum; ++n) {
      Elf32_Phdr segment;
      std::memcpy(&segment, image.data() + header.e_phoff + n * sizeof segment, sizeof segment);
      if (segment.p_type != PT_LOAD) continue;
      std::memcpy(ram_.data() + (segment.p_paddr - kRamBase), image.data() + segment.p_offset,
                  segment.p_filesz);
    }
    return header.e_entry;
  }

  aimc::riscv::BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    if (address - kRamBase < ram_.size()) {
      std::memcpy(data, &ram_[address - kRamBase], size);
      return {true, true};
    }
    *data = address == kUart + 5 ? 0x60 : 0;
    return {address - kUart < 8, false};
  }
  aimc::riscv::BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    if (address - kRamBase < ram_.size()) {
      std::memcpy(&ram_[address - kRamBase], &data, size);
      return {true, true};
    }
    if (address == kUart) std::putchar(static_cast<int>(data & 255u));
    if (address == kFinisher) {
      code_ = data == 0x5555 ? 0 : static_cast<int>(data >> 16);
      core->request_stop();
    }
    return {address == kFinisher || address - kUart < 8, false};
  }
  aimc::riscv::BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    if (address - kRamBase >= ram_.size()) return {};
    std::memcpy(data, &ram_[address - kRamBase], 2);
    return {true, true};
  }
  bool direct(std::uint32_t address, aimc::riscv::AccessKind,
              aimc::riscv::DirectRegion* region) override {
    if (address - kRamBase >= ram_.size()) return false;
    *region = {kRamBase, kRamBase + ram_.size() - 1, ram_.data()};
    return true;
  }
  std::uint64_t time() override { return core->cycles() / 100; }
  void on_instruction(std::uint32_t, std::uint32_t) override {}

  int code() const { return code_; }
  aimc::riscv::Core* core = nullptr;

 private:
  std::vector<std::uint8_t> ram_;
  int code_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: riscv_core_bench program.elf [cycles per slice] [observed]\n");
    return 2;
  }
  const std::int64_t slice = argc > 2 ? std::atoll(argv[2]) : 10000;
  Machine machine;
  aimc::riscv::CoreConfig config;
  config.reset_pc = machine.load_elf(argv[1]);
  aimc::riscv::Core core(config, machine);
  machine.core = &core;
  if (argc > 3 && std::string(argv[3]) == "observed") core.add_instruction_observer(&machine);
  const std::clock_t start = std::clock();
  aimc::riscv::RunResult result{};
  do {
    result = core.run(slice);
  } while (result.exit == aimc::riscv::Exit::kBudget);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (result.exit == aimc::riscv::Exit::kFatal) {
    std::fprintf(stderr, "%s\n", core.fatal_reason().c_str());
    return 1;
  }
  std::fflush(stdout);
  std::fprintf(stderr, "%llu instructions, %.3f s CPU, %.1f MIPS\n",
               static_cast<unsigned long long>(core.instructions()), seconds,
               static_cast<double>(core.instructions()) / seconds / 1e6);
  return machine.code();
}
