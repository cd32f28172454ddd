// SPDX-License-Identifier: Apache-2.0
// Following the calls of each hart.
#include "aimc/instrumentation/profiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "profile_node.h"

namespace aimc::instrumentation {
namespace {

// Frames that are followed: of the program, of each handler above it, of all together.
constexpr std::size_t kMaxDepth = 1024, kHandlerDepth = 128, kMaxFrames = 4096;
constexpr std::size_t kMaxParked = 4096;
constexpr std::uint32_t kWfi = 0x10500073;

enum class Jump { none, call, back };

bool is_link(unsigned reg) { return reg == 1 || reg == 5; }

/// What a control transfer may be for: a jump that writes a link register calls, one through any
/// register may return (it does if it goes to where a call has left a return address).
Jump kind_of(std::uint32_t word) {
  const unsigned rd = word >> 7 & 31u;
  if ((word & 3u) == 3u) {
    if ((word & 0x7fu) == 0x6f) return is_link(rd) ? Jump::call : Jump::none;
    if ((word & 0x707fu) != 0x67) return Jump::none;
    if (is_link(rd)) return Jump::call;
    return rd == 0 ? Jump::back : Jump::none;
  }
  const std::uint32_t half = word & 0xffffu;
  if ((half & 0xe003u) == 0x2001) return Jump::call;             // c.jal
  if ((half & 0xf07fu) == 0x9002 && rd != 0) return Jump::call;  // c.jalr
  if ((half & 0xf07fu) == 0x8002 && rd != 0) return Jump::back;  // c.jr ra
  return Jump::none;
}

}  // namespace

/// Follows one hart's calls with a stack of its own.
class Profiler::Hart : public riscv::InstructionObserver, public riscv::TrapObserver {
 public:
  Hart(Profiler& profiler, riscv::Core& core, std::uint32_t name)
      : profiler_(profiler), core_(core), root_(name, nullptr), node_(&root_) {
    begin_counting();
    core.add_instruction_observer(this);
    core.add_trap_observer(this);
  }

  void on_instruction(std::uint32_t pc, std::uint32_t word) override {
    count();
    finish_mret();
    follow(pc);
    previous_ = pc;
    word_ = word;
    started_ = true;
  }

  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t) override {
    count();
    finish_mret();
    if (started_ && (mcause & riscv::kCauseInterrupt) != 0) follow(pc);
    push({Frame::kTrap, pc, core_.x(2), node_},
         profiler_.pseudo(fmt::format("[{}]", riscv::cause_name(mcause))));
    word_ = 0;
  }

  /// The mret itself still counts for the handler.
  void on_mret(std::uint32_t target) override {
    returning_ = true;
    target_ = target;
  }

  void finish() {
    count();
    core_.remove_instruction_observer(this);
    core_.remove_trap_observer(this);
  }
  const Node& root() const { return root_; }

 private:
  struct Frame {
    enum Kind { kCall, kTrap } kind;
    std::uint32_t return_address;
    std::uint32_t sp;
    Node* caller;
  };
  /// The calls of a stack that is not in use: a task, a coroutine.
  struct Parked {
    std::vector<Frame> stack;
    Node* node;
    std::uint32_t resumes_at;
  };

  void finish_mret() {
    if (!returning_) return;
    returning_ = false;
    word_ = 0;
    const std::uint32_t sp = core_.x(2);
    while (!stack_.empty() && stack_.back().kind != Frame::kTrap) stack_.pop_back();
    if (stack_.empty()) {  // mret without a trap: the way to user mode and to first tasks
      node_ = &root_;
      return;
    }
    const Frame trap = stack_.back();
    stack_.pop_back();
    set_limit();
    node_ = trap.caller;
    if (trap.sp == sp) return;  // maybe not to where it came from: past what cannot be done
    // Another task goes on: keep the stack of this one until its stack pointer comes back.
    park(trap.sp, trap.return_address);
    if (!resume(sp, target_)) node_ = &root_;
  }

  void park(std::uint32_t sp, std::uint32_t resumes_at) {
    if (parked_.size() >= kMaxParked) parked_.clear();  // stacks of tasks that are long gone
    parked_[sp] = {std::move(stack_), node_, resumes_at};
    stack_.clear();
    set_limit();
  }

  /// Goes on with the stack that was parked with this stack pointer, if it is to go on at `pc`
  /// (behind an instruction that trapped: after an ecall).
  bool resume(std::uint32_t sp, std::uint32_t pc) {
    const auto found = parked_.find(sp);
    if (found == parked_.end()) return false;
    Parked other = std::move(found->second);
    parked_.erase(found);
    if (pc - other.resumes_at > 4) return false;
    stack_ = std::move(other.stack);
    set_limit();
    node_ = other.node;
    return true;
  }

  void begin_counting() {
    cycles_ = core_.cycles();
    stalls_ = core_.stall_cycles();
    instructions_ = core_.instructions();
  }

  /// Charges what passed since the last call to the function that ran.
  void count() {
    if (core_.cycles() < cycles_ || core_.instructions() < instructions_) {  // reset
      cycles_ = instructions_ = 0;
      stack_.clear();
      parked_.clear();
      set_limit();
      node_ = &root_;
      word_ = 0;
      returning_ = started_ = false;
    }
    if (core_.stall_cycles() < stalls_) stalls_ = 0;
    const std::uint64_t stalls = core_.stall_cycles() - stalls_;
    Node* const where =
        word_ == kWfi && stalls > 0 ? &node_->child(profiler_.pseudo("[sleep]")) : node_;
    where->stalls += stalls;
    where->cycles += stalls;
    node_->cycles += core_.cycles() - cycles_ - stalls;
    node_->instructions += core_.instructions() - instructions_;
    begin_counting();
  }

  /// Moves to the function at `pc`, by the kind of the instruction before it.
  void follow(std::uint32_t pc) {
    const bool inside = pc - begin_ < size_;
    const std::uint32_t next = previous_ + ((word_ & 3u) == 3u ? 4 : 2);
    const Jump jump = word_ == 0 || pc == next ? Jump::none : kind_of(word_);
    if (jump == Jump::call) {
      push({Frame::kCall, next, core_.x(2), node_}, locate(pc));
      return;
    }
    if (jump == Jump::back && (returns(pc) || (!inside && leaves(pc)))) {
      locate(pc);
      return;
    }
    if (inside && word_ != 0) return;
    const std::uint32_t number = locate(pc);
    if (node_->function == number) return;
    // A tail call, or code that runs on into the next function; a handler under its trap.
    const bool under = node_->parent == nullptr || is_trap(*node_);
    node_ = under ? &node_->child(number) : &node_->parent->child(number);
    ++node_->calls;
  }

  bool is_trap(const Node& node) const {
    return !stack_.empty() && stack_.back().kind == Frame::kTrap &&
           stack_.back().caller == node.parent && profiler_.names_[node.function].starts_with("[");
  }

  std::uint32_t locate(std::uint32_t pc) {
    const SymbolTable::Function* const function = profiler_.symbols_.find(pc);
    begin_ = function == nullptr ? pc : function->start;
    size_ = function == nullptr ? 1 : function->end - function->start;
    return profiler_.function(pc);
  }

  void push(const Frame& frame, std::uint32_t function) {
    const bool trap = frame.kind == Frame::kTrap;
    if (stack_.size() < (trap ? kMaxFrames : limit_)) {
      stack_.push_back(frame);
      node_ = &node_->child(function);
      if (trap) set_limit();
    }
    ++node_->calls;
  }

  void set_limit() {
    const auto trap = std::find_if(stack_.rbegin(), stack_.rend(),
                                   [](const Frame& one) { return one.kind == Frame::kTrap; });
    const auto below = static_cast<std::size_t>(stack_.rend() - trap);
    limit_ = below == 0 ? kMaxDepth : std::min(below + kHandlerDepth, kMaxFrames);
  }

  /// Does a call that is under way return to `pc`?
  bool returns(std::uint32_t pc) {
    if (stack_.empty() || stack_.back().kind == Frame::kTrap) return false;
    const Frame& top = stack_.back();
    if (top.return_address != pc) return false;
    // Of two tasks in the same function one may have gone on.
    if (top.sp != core_.x(2) && (stack_.size() >= limit_ || parked_.contains(core_.x(2))))
      return false;
    unwind(stack_.size() - 1);
    return true;
  }

  /// Takes the ways out of a function that are no return from it, if the jump to `pc` is one.
  bool leaves(std::uint32_t pc) {
    const std::uint32_t sp = core_.x(2);
    // Several frames at once, each left by a tail call or without a return.
    for (std::size_t i = stack_.size(); i > 0 && stack_[i - 1].kind == Frame::kCall; --i) {
      if (stack_[i - 1].return_address != pc || stack_[i - 1].sp != sp) continue;
      unwind(i - 1);
      return true;
    }
    if (stack_.empty() || stack_.back().kind == Frame::kTrap) return long_jump(pc, sp);
    const Frame top = stack_.back();
    if (top.sp != sp && parked_.contains(sp)) {  // to another task, whose call returns
      node_ = top.caller;
      stack_.pop_back();
      park(top.sp, top.return_address);
      if (!resume(sp, pc)) node_ = &root_;
      return true;
    }
    if (long_jump(pc, sp)) return true;
    const SymbolTable::Function* const function = profiler_.symbols_.find(pc);
    if (top.sp == sp || function == nullptr || function->start != pc) return false;
    // A function begins on a stack that is not the one of its tail call: a new task.
    node_ = top.caller;
    stack_.pop_back();
    park(top.sp, top.return_address);
    node_ = &root_.child(profiler_.function(pc));
    ++node_->calls;
    return true;
  }

  /// Back into the middle of a function that has called, with the stack pointer it had (longjmp).
  bool long_jump(std::uint32_t pc, std::uint32_t sp) {
    const SymbolTable::Function* const function = profiler_.symbols_.find(pc);
    if (function == nullptr || function->start == pc) return false;
    const std::uint32_t number = profiler_.function(pc);
    for (std::size_t i = stack_.size(); i > 0; --i) {
      if (stack_[i - 1].caller->function != number || stack_[i - 1].sp != sp) continue;
      unwind(i - 1);
      return true;
    }
    return false;
  }

  void unwind(std::size_t frame) {
    node_ = stack_[frame].caller;
    stack_.resize(frame, stack_[frame]);
    if (limit_ != kMaxDepth) set_limit();
  }

  Profiler& profiler_;
  riscv::Core& core_;
  Node root_;
  Node* node_;
  std::vector<Frame> stack_;
  std::size_t limit_ = kMaxDepth;           // of calls in stack_
  std::map<std::uint32_t, Parked> parked_;  // by stack pointer
  std::uint32_t begin_ = 0, size_ = 0;      // function that is running
  std::uint32_t previous_ = 0, word_ = 0;
  std::uint32_t target_ = 0;  // of the mret that is under way
  bool started_ = false, returning_ = false;
  std::uint64_t cycles_ = 0, stalls_ = 0, instructions_ = 0;
};

Profiler::Profiler(SymbolTable symbols) : symbols_(std::move(symbols)) {
  for (const SymbolTable::Function& one : symbols_.functions()) names_.push_back(one.name);
  names_.push_back("[unknown]");
}

Profiler::~Profiler() = default;

void Profiler::attach(riscv::Core& core, const std::string& name) {
  harts_.push_back(std::make_unique<Hart>(*this, core, pseudo(name)));
}

void Profiler::finish() {
  for (const auto& hart : harts_) hart->finish();
}

std::uint32_t Profiler::function(std::uint32_t pc) {
  const SymbolTable::Function* const found = symbols_.find(pc);
  const std::size_t unknown = symbols_.functions().size();
  return static_cast<std::uint32_t>(
      found == nullptr ? unknown : static_cast<std::size_t>(found - symbols_.functions().data()));
}

std::uint32_t Profiler::pseudo(const std::string& name) {
  const auto first = names_.begin() + static_cast<std::ptrdiff_t>(symbols_.functions().size());
  auto at = std::find(first, names_.end(), name);
  if (at == names_.end()) at = names_.insert(at, name);
  return static_cast<std::uint32_t>(at - names_.begin());
}

std::vector<const Profiler::Node*> Profiler::roots() const {
  std::vector<const Node*> found;
  for (const auto& hart : harts_) found.push_back(&hart->root());
  return found;
}

}  // namespace aimc::instrumentation
