// SPDX-License-Identifier: Apache-2.0
#include "runner.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "aimc/riscv/core.h"

namespace aimc::differential {
namespace {

using namespace riscv;

constexpr std::uint32_t kRamSize = 16u << 20;
constexpr std::size_t kTrapLogBytes = 1u << 20;
constexpr std::uint32_t kUart = 0x10000000u, kFinisher = 0x00100000u;
/// A program of some 10^6 instructions that needs more than this has lost its way.
constexpr std::uint64_t kMaxInstructions = 2000000000u;

/// RAM, the data register of a UART and a finisher at their places in QEMU's `virt`.
class Board : public Bus, private TrapObserver {
 public:
  Board(const CoreConfig& config, const std::vector<std::uint8_t>& image)
      : ram_(kRamSize), core_(config, *this) {
    std::memcpy(ram_.data(), image.data(), image.size());
    core_.add_trap_observer(this);
  }
  Result run() {
    while (!finished_ && core_.instructions() < kMaxInstructions) {
      const RunResult slice = core_.run(Core::kMaxBudget);
      if (slice.exit == Exit::kFatal) {
        result_.problem = core_.fatal_reason();
        break;
      }
    }
    if (!finished_ && result_.problem.empty()) result_.problem = "did not end";
    result_.instructions = core_.instructions();
    result_.memory = ram_;
    return result_;
  }

 private:
  BusResult load(std::uint32_t address, unsigned size, std::uint32_t* data) override {
    if (!inside(address, size)) return {};
    std::memcpy(data, &ram_[address - kRamBase], size);
    return {true, true};
  }
  BusResult store(std::uint32_t address, unsigned size, std::uint32_t data) override {
    if (address == kUart) {
      result_.output += static_cast<char>(data);
      return {true, false};
    }
    if (address == kFinisher) {
      finished_ = true;
      core_.request_stop();
      return {true, false};
    }
    if (!inside(address, size)) return {};
    std::memcpy(&ram_[address - kRamBase], &data, size);
    return {true, true};
  }
  BusResult fetch(std::uint32_t address, std::uint16_t* data) override {
    std::uint32_t value = 0;
    const BusResult result = load(address, 2, &value);
    *data = static_cast<std::uint16_t>(value);
    return result;
  }
  bool direct(std::uint32_t address, AccessKind, DirectRegion* region) override {
    if (!inside(address, 1)) return false;
    *region = {kRamBase, kRamBase + kRamSize - 1, ram_.data()};
    return true;
  }
  std::uint64_t time() override { return 0; }
  void on_trap(std::uint32_t cause, std::uint32_t pc, std::uint32_t mtval) override {
    ++result_.traps;
    char line[64];
    std::snprintf(line, sizeof line, "cause:%08x, epc:0x%08x, tval:0x%08x\n",
                  static_cast<unsigned>(cause), static_cast<unsigned>(pc),
                  static_cast<unsigned>(mtval));
    if (result_.first_traps.size() < kTrapLogBytes) result_.first_traps += line;
  }
  void on_mret(std::uint32_t) override {}
  static bool inside(std::uint32_t address, unsigned size) {
    return address >= kRamBase && address - kRamBase <= kRamSize - size;
  }

  std::vector<std::uint8_t> ram_;
  Result result_;
  bool finished_ = false;
  Core core_;
};

}  // namespace

Result run_here(const Profile& profile, const std::vector<std::uint8_t>& image) {
  CoreConfig config;
  config.reset_pc = kRamBase;
  std::string error;
  if (!parse_isa(profile.isa, &config.isa, &error)) return {{}, {}, error, {}, 0, 0};
  return Board(config, image).run();
}

bool qemu_available() { return std::system("qemu-system-riscv32 --version > /dev/null 2>&1") == 0; }

Result run_qemu(const Profile& profile, const std::vector<std::uint8_t>& image,
                const std::string& trap_log) {
  Result result;
  std::string file = (std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp");
  file += "/aimc_differential_XXXXXX";
  const int descriptor = mkstemp(file.data());
  if (descriptor < 0) return {{}, {}, "cannot write " + file, {}, 0, 0};
  const auto written = write(descriptor, image.data(), image.size());
  close(descriptor);
  if (written != static_cast<ssize_t>(image.size())) result.problem = "cannot write " + file;
  const std::string command =
      std::string(
          "timeout 120 qemu-system-riscv32 -M virt -m 16M -display none -monitor none "
          "-serial stdio -cpu ") +
      profile.qemu_cpu + " -bios " + file + (trap_log.empty() ? "" : " -d int -D " + trap_log) +
      " 2>&1 < /dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {{}, {}, "cannot start QEMU", {}, 0, 0};
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    result.output.append(buffer, n);
  const int status = pclose(pipe);
  if (status != 0) result.problem = "QEMU ended with status " + std::to_string(status);
  std::remove(file.c_str());
  return result;
}

}  // namespace aimc::differential
