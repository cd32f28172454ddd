// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "aimc/instrumentation/guest_memory.h"
#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "written_registers.h"

namespace aimc::instrumentation {

/// One instruction of a hart, from the moment before it executes to its line of the commit log.
class CommitLine {
 public:
  CommitLine(riscv::Core& core, GuestMemory& memory);

  /// The instruction executes next: notes what it reads and will overwrite.
  void begin(std::uint32_t pc, std::uint32_t word);
  /// Appends the line of the instruction, which has retired; its results stand in the registers.
  /// @param trapped  A trap has been entered behind it and has changed control registers.
  void end(bool trapped, std::string* text);
  /// mstatus may have been changed by something else than the instructions seen here.
  void see_mstatus();
  std::uint32_t pc() const { return pc_; }

 private:
  struct Decoded {
    std::uint32_t word = 0;
    std::uint32_t expanded = 0;
    const riscv::Instruction* row = nullptr;
  };

  void decode(std::uint32_t word);
  void read_operands();
  void read_csr_operands();
  void registers(bool trapped);
  void float_registers();
  void csr_registers(bool trapped);
  void float_state_changed();
  void add_csr(std::uint32_t address, bool trapped);
  std::uint32_t written_csr(std::uint32_t address, bool trapped);
  std::uint32_t written_mstatus(bool trapped);
  bool shows_write(std::uint32_t address);
  bool pmp_refuses(unsigned region);
  void memory(std::string* text);
  std::uint32_t rd() const { return decoded_.expanded >> 7 & 31u; }

  riscv::Core& core_;
  GuestMemory& memory_;
  std::array<Decoded, 1024> cache_{};
  Decoded decoded_;
  WrittenRegisters written_;
  std::uint32_t pc_ = 0;
  unsigned privilege_ = 3;
  std::uint32_t mstatus_ = 0;  ///< Kept here: the loop makes FS dirty before it tells.
  std::uint32_t address_ = 0;  ///< Of a load or store.
  std::uint32_t operand_ = 0;  ///< Of a store or AMO.
  bool reserved_ = false;      ///< By LR, at address_.
  bool raises_flags_ = false;  ///< An instruction of F.
  bool csr_write_ = false;
  std::uint32_t csr_old_ = 0, csr_new_ = 0;
};

}  // namespace aimc::instrumentation
