// SPDX-License-Identifier: Apache-2.0
// What a profile looks like: a table of functions, and call paths for flame graphs.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "profile_node.h"

namespace aimc::instrumentation {

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
  for (const Node* const root : roots()) all += add(*root, {});
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
  for (const Node* const root : roots()) add(*root, "");
  std::string text;
  for (const auto& [path, cycles] : paths) text += fmt::format("{} {}\n", path, cycles);
  return text;
}

}  // namespace aimc::instrumentation
