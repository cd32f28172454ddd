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
#include "aimc/riscv/hart_group.h"
#include "aimc/riscv/isa.h"
#include "aimc/riscv/observer.h"
#include "aimc/riscv/pmp.h"

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
  unsigned pmp_regions = Pmp::kMaxRegions;
  /// So many exceptions in a row without an mret, each within 1000 instructions of the one before,
  /// are an endless loop; 0: never.
  std::uint32_t trap_limit = 1000000;
  CycleTable cycles;
};

/// Why `Core::run` came back.
enum class Exit : std::uint8_t {
  kBudget,  ///< The cycles are used up (the last instruction may run over), or request_yield().
  kWfi,     ///< WFI with no enabled interrupt pending; pc is behind it.
  kStop,    ///< request_stop() or an instruction observer.
  kFatal,   ///< The hart can make no progress, see fatal_reason().
};

struct RunResult {
  Exit exit;
  std::uint64_t cycles;        ///< Used by instructions in this call, without stall cycles.
  std::uint64_t instructions;  ///< Retired in this call.
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

  /// Runs until `budget` (clamped to 1 .. kMaxBudget) cycles are used or something else ends the
  /// slice: each instruction that begins within the budget executes, no other.
  RunResult run(std::int64_t budget);
  static constexpr std::int64_t kMaxBudget = std::int64_t{1} << 30;

  /// Sets the level of an interrupt input. Taken before the first instruction of the next slice,
  /// or right after the current instruction when called from a Bus callback.
  void set_interrupt(Interrupt number, bool level);
  /// Would WFI continue (an interrupt is pending and enabled in mie, whatever mstatus.MIE)?
  bool wake_pending() const { return (mip_ & mie_) != 0; }
  /// Makes run() return kStop at the next chance.
  void request_stop();
  /// From a Bus callback: makes run() return kBudget right after the current instruction.
  void request_yield();

  /// Memory changed behind the core's back (DMA, debugger): drops decoded blocks and a reservation.
  void invalidate(std::uint32_t address, std::uint64_t length);
  /// Host pointers for this range are no longer valid (bounds inclusive).
  void invalidate_direct(std::uint64_t start, std::uint64_t end);
  /// Makes this hart one of several that share memory; before the first run(). The group outlives
  /// the core. A reservation then lasts at most kReservationCycles.
  void join(HartGroup* group);
  static constexpr std::uint64_t kReservationCycles = 4096;
  /// Address of the word that LR has reserved.
  std::optional<std::uint32_t> reservation() const {
    return reserved_ ? std::optional(reserved_address_) : std::nullopt;
  }
  /// Another master has written memory: a reservation in there is gone.
  void break_reservation(std::uint32_t address, std::uint64_t length);

  /// Cycles and retired instructions since reset. Exact in callbacks: they count everything
  /// before the instruction that makes the access.
  std::uint64_t cycles() const { return cycles_base_ + slice_cycles_; }
  std::uint64_t instructions() const { return instructions_base_ + slice_instructions_; }
  /// Adds cycles in which the hart did nothing (bus wait states, sleep): mcycle and cycles() see
  /// them, the budget does not.
  void add_stall_cycles(std::uint64_t count) {
    cycles_base_ += count;
    stall_cycles_ += count;
  }
  /// How many of cycles() were such.
  std::uint64_t stall_cycles() const { return stall_cycles_; }

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

  Privilege privilege() const { return privilege_; }
  void set_privilege(Privilege level);

  /// CSR access for debuggers and tests, without the privilege of being an instruction: no
  /// privilege level and no mcounteren stands in the way. Empty or false if there is no such CSR
  /// or it cannot be written.
  std::optional<std::uint32_t> read_csr(std::uint32_t address);
  bool write_csr(std::uint32_t address, std::uint32_t value);
  /// Numbers of the CSRs this hart has, ascending; csr_name() in disassembler.h names them.
  std::vector<std::uint32_t> implemented_csrs() const;

  // Several of each; asked in the order in which they were added. An instruction observer added or
  // removed from a callback takes effect at the next slice.
  void add_trap_observer(TrapObserver* observer) { trap_observers_.push_back(observer); }
  void remove_trap_observer(TrapObserver* observer) { std::erase(trap_observers_, observer); }
  void add_instruction_observer(InstructionObserver* observer) {
    instruction_observers_.push_back(observer);
  }
  void remove_instruction_observer(InstructionObserver* observer) {
    std::erase(instruction_observers_, observer);
  }
  /// null: every EBREAK traps.
  void set_ebreak_handler(EbreakHandler* handler) { ebreak_handler_ = handler; }

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
  /// Handlers that cut_block has replaced: of the first entry not to execute, and of the group
  /// (pair or run) that would execute it along with those before.
  struct Cut {
    BlockEntry* entry = nullptr;
    const void* handler = nullptr;
    BlockEntry* group = nullptr;  ///< null: there is none.
    const void* group_handler = nullptr;
  };
  struct TrapLoopGuard {
    std::uint64_t instructions = ~std::uint64_t{0};  ///< Retired when the last trap was entered.
    std::uint32_t repeats = 0;                       ///< Exceptions in a row, see trap.cpp.
  };

  template <bool kObserved>
  Exit execute(std::int64_t budget);
  bool observe(const Block* block, const BlockEntry* entry, std::int64_t acc, std::int64_t budget);
  void locate(const Block* block, const BlockEntry* entry, std::int64_t acc, std::int64_t budget);

  // Blocks (translate.cpp)
  Block* translate(std::uint32_t pc);
  void flush_blocks();
  void yield_to_collect();
  bool read_code(std::uint32_t pc, bool may_use_bus, std::uint16_t* half, bool* direct);

  /// Ends `block` early: only entries that begin within `cycles` execute.
  void cut_block(Block* block, unsigned cycles);
  bool is_run(const void* handler) const;
  void uncut_block() {
    if (cut_.entry != nullptr) restore_cut();
  }
  void restore_cut();

  // Memory (memory.cpp); true = done, false = fault_ is set
  bool load_slow(std::uint32_t address, unsigned size, std::uint32_t* value);
  std::uint32_t portion_at_fault(AccessKind kind, std::uint32_t address, unsigned size);
  bool is_across(AccessKind kind, std::uint32_t address, unsigned size);
  bool load_across(std::uint32_t address, unsigned size, std::uint32_t* value);
  bool store_across(std::uint32_t address, unsigned size, std::uint32_t value);
  bool store_slow(std::uint32_t address, unsigned size, std::uint32_t value);
  bool atomic(const BlockEntry& entry);
  enum class Reach : std::uint8_t {
    kDirect,  ///< Through the host pointer.
    kShared,  ///< The same, but another hart has reserved the word: tell the group.
    kBus,
    kDenied,  ///< PMP says no.
  };
  Reach find_direct(AccessKind kind, std::uint32_t address, unsigned size, std::uint8_t** host);
  void drop_windows() { load_ = store_ = fetch_ = Window{}; }
  void drop_reservation();
  void see_reservations();
  bool add_direct(AccessKind kind, std::uint32_t address);
  bool fail(std::uint32_t cause, std::uint32_t tval) {
    fault_ = {cause, tval};
    return false;
  }

  // CSRs (csr.cpp)
  bool csr_instruction(const BlockEntry& entry);
  bool csr_exists(std::uint32_t address) const;
  bool csr_accessible(std::uint32_t address) const;
  void pmp_write(std::uint32_t address, std::uint32_t value);
  void set_mstatus(std::uint32_t value);
  const std::uint32_t* kept_csr(std::uint32_t address) const;
  bool csr_get(std::uint32_t address, std::uint32_t* value);
  /// @param cycles_then, instructions_then  Totals when the write takes effect.
  bool csr_set(std::uint32_t address, std::uint32_t value, std::uint64_t cycles_then,
               std::uint64_t instructions_then);
  void update_attention();
  void update_mode();
  void change_privilege(Privilege level);

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
  Block** jump_cache_ = nullptr;  ///< Of the current mode, see BlockCache.
  /// CSRs that are nothing but storage; the loop reads and writes them itself. @{
  std::array<std::uint32_t, 4> plain_csrs_{};
  std::uint32_t& mscratch_ = plain_csrs_[0];
  std::uint32_t& mepc_ = plain_csrs_[1];
  std::uint32_t& mcause_ = plain_csrs_[2];
  std::uint32_t& mtval_ = plain_csrs_[3];
  /// @}
  bool attention_ = false;  ///< An interrupt can be taken or a stop is requested.
  bool stop_ = false;
  bool yield_ = false;
  Privilege privilege_ = Privilege::kMachine;
  std::uint8_t mode_ = 0;  ///< What blocks are translated for now, see block.h.
  Privilege data_privilege_ = Privilege::kMachine;  ///< Of loads and stores: mstatus.MPRV.
  bool reserved_ = false;                           ///< LR holds a reservation.
  bool fp_live_ = false;  ///< MXCSR holds the guest's rounding mode and flags.
  std::uint32_t pc_ = 0;

  CoreConfig config_;
  Bus& bus_;
  std::unique_ptr<BlockCache> blocks_[2];            ///< For the fast and the observed loop.
  std::array<std::vector<DirectRegion>, 3> direct_;  ///< By AccessKind, sorted.
  const void* const* handlers_ = nullptr;            ///< Label table of the running loop.
  const void* const* pairs_ = nullptr;               ///< Its pairs, null if it has none.
  const void* const* runs_ = nullptr;                ///< Its runs, likewise.

  unsigned active_ = 0;           ///< Index into blocks_.
  std::uint32_t fetch_mask_ = 1;  ///< pc bits that must be zero: 1 with C, 3 without.
  std::uint32_t mstatus_ = 0, mie_ = 0, mip_ = 0, mtvec_ = 0;
  std::uint32_t mcountinhibit_ = 0, mcounteren_ = 0, menvcfg_ = 0;
  Pmp pmp_;
  std::uint32_t frm_ = 0, fflags_ = 0;
  Counter mcycle_, minstret_;
  std::uint64_t cycles_base_ = 0, instructions_base_ = 0, stall_cycles_ = 0;
  std::uint64_t slice_cycles_ = 0, slice_instructions_ = 0;

  std::uint32_t reserved_address_ = 0, reserved_value_ = 0;
  std::uint64_t reserved_at_ = 0;  ///< cycles() of the LR.
  HartGroup* group_ = nullptr;
  std::uint64_t group_version_ = 0;

  std::uint32_t host_mxcsr_ = 0;
  Cut cut_;
  Fault fault_;
  TrapLoopGuard guard_;
  std::string fatal_reason_;
  std::vector<TrapObserver*> trap_observers_;
  std::vector<InstructionObserver*> instruction_observers_;
  EbreakHandler* ebreak_handler_ = nullptr;
};

}  // namespace aimc::riscv
