// SPDX-License-Identifier: Apache-2.0
/// A core and the reference side by side, one instruction at a time.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "machine.h"
#include "reference/reference.h"

namespace aimc::riscv {

/// Ways to execute that must all do the same.
struct BenchOptions {
  ExtensionSet isa = kAllExtensions;
  Misaligned misaligned = Misaligned::kHardware;
  bool direct = true;     ///< Memory is reached through a host pointer, or else over the bus.
  bool observed = false;  ///< The loop that tells observers of each instruction.
};

class ReferenceBench {
 public:
  static constexpr std::uint32_t kProgram = TestMachine::kRam + 0x200;
  static constexpr std::uint32_t kHandler = TestMachine::kRam + 0x400;

  explicit ReferenceBench(const BenchOptions& options = {});

  /// New registers, data and CSRs, many of them corner values.
  void randomise();
  /// Points the base register of a load, store or atomic at the data, or now and then at nothing.
  void aim(std::uint32_t word);
  /// Executes one instruction in both and compares everything.
  /// @param encoding  What is in memory: `length` bytes.
  /// @param word      The 32-bit instruction it stands for; 0 if it is illegal.
  ::testing::AssertionResult step(std::uint32_t encoding, unsigned length, std::uint32_t word);
  ::testing::AssertionResult step(std::uint32_t word) { return step(word, 4, word); }
  /// Executes 32-bit instructions as one block in one go. Only the last may jump.
  ::testing::AssertionResult block(const std::vector<std::uint32_t>& words);

  reference::Hart& hart() { return hart_; }
  std::uint32_t random() { return static_cast<std::uint32_t>(engine_()); }
  /// A random word, or a value where something changes.
  std::uint32_t operand();
  std::uint32_t float_operand();

 private:
  void write_core();
  void predict(std::uint32_t encoding, unsigned length, std::uint32_t word);
  /// Compares all state after `retired` instructions, the last of them a wfi if `asleep`.
  ::testing::AssertionResult compare(std::uint32_t pc, std::uint32_t retired, bool asleep);

  class Counter : public InstructionObserver {
   public:
    void on_instruction(std::uint32_t /*pc*/, std::uint32_t word) override {
      ++count;
      last = word;
    }
    unsigned count = 0;
    std::uint32_t last = 0;
  };

  BenchOptions options_;
  TestMachine m_;
  Counter observer_;
  std::mt19937 engine_{1};
  reference::Hart hart_;
  bool fresh_ = true;  ///< The state was made up, not reached by execution.
};

}  // namespace aimc::riscv
