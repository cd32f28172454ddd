// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/profiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

namespace aimc::instrumentation {
namespace {

constexpr std::size_t kMaxDepth = 1024;
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

/// One call path.
struct Profiler::Node {
  Node(std::uint32_t function_number, Node* caller) : function(function_number), parent(caller) {}

  Node& child(std::uint32_t number) {
    for (const auto& one : children)
      if (one->function == number) return *one;
    return *children.emplace_back(std::make_unique<Node>(number, this));
  }

  std::uint32_t function;
  Node* parent;
  std::vector<std::unique_ptr<Node>> children;
  std::uint64_t calls = 0, instructions = 0, cycles = 0, stalls = 0;
};

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
  struct Parked {
    std::vector<Frame> stack;
    Node* node;
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
    node_ = trap.caller;
    if (trap.sp == sp && target_ - trap.return_address <= 4) return;
    // Another task goes on: keep the stack of this one until its stack pointer comes back.
    parked_[trap.sp] = {std::move(stack_), node_};
    const auto other = parked_.find(sp);
    if (other == parked_.end()) {
      stack_.clear();
      node_ = &root_;
      return;
    }
    stack_ = std::move(other->second.stack);
    node_ = other->second.node;
    parked_.erase(other);
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
    if (jump == Jump::back && unwind(pc)) {
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
    if (stack_.size() < kMaxDepth) {
      stack_.push_back(frame);
      node_ = &node_->child(function);
    }
    ++node_->calls;
  }

  /// Returns to `pc`, across frames that were left without a return (longjmp).
  bool unwind(std::uint32_t pc) {
    for (std::size_t i = stack_.size(); i > 0; --i) {
      const Frame& frame = stack_[i - 1];
      if (frame.kind == Frame::kTrap) return false;
      if (frame.return_address != pc) continue;
      node_ = frame.caller;
      stack_.resize(i - 1, frame);
      return true;
    }
    return false;
  }

  Profiler& profiler_;
  riscv::Core& core_;
  Node root_;
  Node* node_;
  std::vector<Frame> stack_;
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

std::string Profiler::table() const {
  struct Row {
    std::uint64_t calls = 0, instructions = 0, cycles = 0, stalls = 0, with_callees = 0;
  };
  std::map<std::string, Row> rows;
  std::uint64_t all = 0;
  const std::function<std::uint64_t(const Node&, std::set<std::uint32_t>)> add =
      [&](const Node& node, std::set<std::uint32_t> callers) {
        const bool outermost = callers.insert(node.function).second;
        std::uint64_t total = node.cycles;
        for (const auto& child : node.children) total += add(*child, callers);
        Row& row = rows[names_[node.function]];
        row.calls += node.calls;
        row.instructions += node.instructions;
        row.cycles += node.cycles;
        row.stalls += node.stalls;
        if (outermost) row.with_callees += total;
        return total;
      };
  for (const auto& hart : harts_) all += add(hart->root(), {});
  std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.cycles > b.second.cycles; });
  std::string text =
      fmt::format("{:>12} {:>14} {:>14} {:>7} {:>14} {:>14}  {}\n", "calls", "instructions",
                  "cycles", "share", "stall cycles", "with callees", "function");
  for (const auto& [name, row] : sorted) {
    if (row.cycles == 0 && row.calls == 0 && row.with_callees == 0) continue;
    const double share =
        all == 0 ? 0.0 : 100.0 * static_cast<double>(row.cycles) / static_cast<double>(all);
    fmt::format_to(std::back_inserter(text), "{:>12} {:>14} {:>14} {:>6.2f}% {:>14} {:>14}  {}\n",
                   row.calls, row.instructions, row.cycles, share, row.stalls, row.with_callees,
                   name);
  }
  return text;
}

std::string Profiler::collapsed() const {
  std::map<std::string, std::uint64_t> paths;
  const std::function<void(const Node&, const std::string&)> add = [&](const Node& node,
                                                                       const std::string& above) {
    std::string name = names_[node.function];
    std::replace(name.begin(), name.end(), ';', ':');
    std::replace(name.begin(), name.end(), ' ', '_');
    const std::string path = above.empty() ? name : fmt::format("{};{}", above, name);
    if (node.cycles > 0) paths[path] += node.cycles;
    for (const auto& child : node.children) add(*child, path);
  };
  for (const auto& hart : harts_) add(hart->root(), "");
  std::string text;
  for (const auto& [path, cycles] : paths) text += fmt::format("{} {}\n", path, cycles);
  return text;
}

}  // namespace aimc::instrumentation
