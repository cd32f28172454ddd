// SPDX-License-Identifier: Apache-2.0
/// One RV32 hart without SystemC: executes slices of cycles over a `Bus`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aimc/riscv/bus.h"
#include "aimc/riscv/csr.h"
#include "aimc/riscv/isa.h"

namespace aimc::riscv {

struct Block;       // decoded basic block, src/block.h
struct BlockEntry;  // one decoded instruction
class BlockCache;

/// Cycles of each instruction class, 0 < value <= 1000. With all ones, cycles equal instructions
/// plus trap entries.
struct CycleTable {
  std::uint16_t alu = 1;  ///< also fence
  std::uint16_t mul = 1;
  std::uint16_t div = 1;
  std::uint16_t load = 1;
  std::uint16_t store = 1;
  std::uint16_t atomic = 1;
  std::uint16_t branch = 1;        ///< conditional branch, not taken
  std::uint16_t branch_taken = 1;  ///< conditional branch, taken
  std::uint16_t jump = 1;
  std::uint16_t csr = 1;
  std::uint16_t system = 1;  ///< ecall, ebreak, mret, wfi, fence.i
  std::uint16_t fp = 1;
  std::uint16_t fp_div = 1;
  std::uint16_t fp_sqrt = 1;
};

/// What a load or store to an unaligned address does. LR, SC and AMO always trap.
enum class Misaligned : std::uint8_t {
  kHardware,  ///< Done (Zicclsm); devices that refuse cause an access fault.
  kTrap,      ///< Address-misaligned exception.
};

struct CoreConfig {
  ExtensionSet isa = kAllExtensions;
  std::uint32_t hart_id = 0;
  std::uint32_t reset_pc = 0x1000;
  Misaligned misaligned = Misaligned::kHardware;
  CycleTable cycles;
};

/// Why `Core::run` came back.
enum class Exit : std::uint8_t {
  kBudget,  ///< The cycles are used up (the last block may run over).
  kWfi,     ///< WFI with no enabled interrupt pending; pc is behind it.
  kStop,    ///< request_stop() or the instruction observer.
  kFatal,   ///< The hart can make no progress, see fatal_reason().
};

struct RunResult {
  Exit exit;
  std::uint64_t cycles;        ///< Used by instructions in this call, without stall cycles.
  std::uint64_t instructions;  ///< Retired in this call.
};

/// Told about traps; called on the trap path only.
class TrapObserver {
 public:
  virtual ~TrapObserver() = default;
  virtual void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) = 0;
  virtual void on_mret(std::uint32_t target) = 0;
};

/// Told about each instruction before it executes; selects the slower instance of the loop.
class InstructionObserver {
 public:
  virtual ~InstructionObserver() = default;
  /// @param word  The instruction as it stands in memory (16 or 32 bits).
  /// @return false to stop before this instruction.
  virtual bool on_instruction(std::uint32_t pc, std::uint32_t word) = 0;
};

/// The hart. Not thread-safe; everything may be called from Bus and observer callbacks except
/// run() and reset().
class Core {
 public:
  Core(const CoreConfig& config, Bus& bus);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// Everything to reset values; decoded blocks and direct regions are forgotten.
  void reset();

  /// Runs until at least `budget` (clamped to 1 .. kMaxBudget) cycles are used or something else
  /// ends the slice. Always executes at least one block unless stopped.
  RunResult run(std::int64_t budget);
  static constexpr std::int64_t kMaxBudget = std::int64_t{1} << 30;

  /// Sets the level of an interrupt input. Taken at the end of the current block, or right after
  /// the current instruction when called from a Bus callback.
  void set_interrupt(Interrupt number, bool level);
  /// Would WFI continue (an interrupt is pending and enabled in mie, whatever mstatus.MIE)?
  bool wake_pending() const { return (mip_ & mie_) != 0; }
  /// Makes run() return kStop at the next chance.
  void request_stop();

  /// Memory changed behind the core's back (DMA, debugger): drops decoded blocks and a reservation.
  void invalidate(std::uint32_t address, std::uint64_t length);
  /// Host pointers for this range are no longer valid (bounds inclusive).
  void invalidate_direct(std::uint64_t start, std::uint64_t end);

  /// Cycles and retired instructions since reset. Exact in callbacks: they count everything
  /// before the instruction that makes the access.
  std::uint64_t cycles() const { return cycles_base_ + slice_cycles_; }
  std::uint64_t instructions() const { return instructions_base_ + slice_instructions_; }
  /// Adds cycles in which the hart did nothing (bus wait states, sleep): mcycle and cycles() see
  /// them, the budget does not.
  void add_stall_cycles(std::uint64_t count) { cycles_base_ += count; }

  std::uint32_t x(unsigned index) const { return x_[index]; }
  void set_x(unsigned index, std::uint32_t value) {
    if (index != 0) x_[index] = value;
  }
  std::uint32_t f(unsigned index) const { return f_[index]; }
  void set_f(unsigned index, std::uint32_t value) { f_[index] = value; }
  /// Next instruction; in Bus callbacks the one that makes the access.
  std::uint32_t pc() const { return pc_; }
  void set_pc(std::uint32_t value);
  /// Where reset() will start.
  void set_reset_pc(std::uint32_t value) { config_.reset_pc = value; }

  /// CSR access for debuggers and tests, without the privilege of being an instruction.
  std::optional<std::uint32_t> read_csr(std::uint32_t address);
  bool write_csr(std::uint32_t address, std::uint32_t value);

  void set_trap_observer(TrapObserver* observer) { trap_observer_ = observer; }
  void set_instruction_observer(InstructionObserver* observer) { instruction_observer_ = observer; }

  const CoreConfig& config() const { return config_; }
  /// One line: what happened, with pc, mcause, mepc and mtval. Empty unless run() was fatal.
  const std::string& fatal_reason() const { return fatal_reason_; }

 private:
  friend class BlockBuilder;

  /// One host-pointer window. `span` = usable size - 3, so that one comparison checks any access.
  struct Window {
    std::uint32_t base = 0;
    std::uint32_t span = 0;
    std::uintptr_t host = 0;  ///< Host address of guest address 0, had it one.
  };
  /// A counter that can be written and inhibited: value = running total + offset, or frozen.
  struct Counter {
    std::uint64_t offset = 0;
    std::uint64_t frozen = 0;
    bool inhibited = false;
    std::uint64_t value(std::uint64_t total) const { return inhibited ? frozen : total + offset; }
    void set(std::uint64_t total, std::uint64_t value);
    void inhibit(std::uint64_t total, bool on);
  };
  struct Fault {
    std::uint32_t cause = 0;
    std::uint32_t tval = 0;
  };
  struct TrapLoopGuard {
    std::uint64_t instructions = ~std::uint64_t{0};  ///< Retired when the last trap was entered.
    std::uint32_t pc = 0, cause = 0;
    std::uint32_t repeats = 0;
  };

  template <bool kObserved>
  Exit execute(std::int64_t budget);
  bool observe(const Block* block, const BlockEntry* entry, std::int64_t acc, std::int64_t budget);
  void locate(const Block* block, const BlockEntry* entry, std::int64_t acc, std::int64_t budget);

  // Blocks (translate.cpp)
  Block* translate(std::uint32_t pc);
  bool read_code(std::uint32_t pc, bool may_use_bus, std::uint16_t* half, bool* direct);

  // Memory (memory.cpp); true = done, false = fault_ is set
  bool load_slow(std::uint32_t address, unsigned size, std::uint32_t* value);
  bool store_slow(std::uint32_t address, unsigned size, std::uint32_t value);
  bool atomic(const BlockEntry& entry);
  bool find_direct(AccessKind kind, std::uint32_t address, unsigned size, std::uint8_t** host);
  bool add_direct(AccessKind kind, std::uint32_t address);
  bool fail(std::uint32_t cause, std::uint32_t tval) {
    fault_ = {cause, tval};
    return false;
  }

  // CSRs (csr.cpp)
  bool csr_instruction(const BlockEntry& entry);
  bool csr_get(std::uint32_t address, std::uint32_t* value);
  bool csr_set(std::uint32_t address, std::uint32_t value);
  void update_attention();
  void update_fp_mode();

  // Traps (trap.cpp)
  bool enter_trap(std::uint32_t cause, std::uint32_t tval, std::uint32_t epc);
  std::uint32_t pending_interrupt() const;
  void leave_trap();

  // Floating point (fp.cpp)
  bool fp_soft(const BlockEntry& entry);
  void fp_enter();
  void fp_leave();
  void fp_collect();
  /// Gives MXCSR back to the host for its lifetime: around every call out of the core.
  class HostFpu {
   public:
    explicit HostFpu(Core& core) : core_(core), was_live_(core.fp_live_) { core_.fp_leave(); }
    ~HostFpu() {
      if (was_live_) core_.fp_enter();
    }
    HostFpu(const HostFpu&) = delete;
    HostFpu& operator=(const HostFpu&) = delete;

   private:
    Core& core_;
    bool was_live_;
  };

  // Hot state first: reached with short offsets from the loop. x_[32] swallows writes to x0.
  std::array<std::uint32_t, 33> x_{};
  std::array<std::uint32_t, 32> f_{};
  Window load_, store_, fetch_;
  Block** jump_cache_ = nullptr;  ///< Of the current FP mode, see BlockCache.
  bool attention_ = false;        ///< An interrupt can be taken or a stop is requested.
  bool stop_ = false;
  std::uint8_t fp_mode_ = 0;
  std::uint32_t pc_ = 0;

  CoreConfig config_;
  Bus& bus_;
  std::unique_ptr<BlockCache> blocks_[2];  ///< For the fast and the observed loop.
  unsigned active_ = 0;
  std::array<std::vector<DirectRegion>, 3> direct_;  ///< By AccessKind, sorted.
  const void* const* handlers_ = nullptr;            ///< Label table of the running loop.
  const void* const* pairs_ = nullptr;               ///< Its pairs, null if it has none.

  std::uint32_t fetch_mask_ = 1;  ///< pc bits that must be zero: 1 with C, 3 without.
  std::uint32_t mstatus_ = 0, mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0;
  std::uint32_t mcause_ = 0, mtval_ = 0, mcountinhibit_ = 0;
  std::uint32_t frm_ = 0, fflags_ = 0;
  Counter mcycle_, minstret_;
  std::uint64_t cycles_base_ = 0, instructions_base_ = 0;
  std::uint64_t slice_cycles_ = 0, slice_instructions_ = 0;

  bool reserved_ = false;
  std::uint32_t reserved_address_ = 0, reserved_value_ = 0;

  bool fp_live_ = false;  ///< MXCSR holds the guest's rounding mode and flags.
  std::uint32_t host_mxcsr_ = 0;
  Fault fault_;
  TrapLoopGuard guard_;
  std::string fatal_reason_;
  TrapObserver* trap_observer_ = nullptr;
  InstructionObserver* instruction_observer_ = nullptr;
};

}  // namespace aimc::riscv
