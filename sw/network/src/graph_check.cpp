// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/graph_check.h"

#include <deque>
#include <limits>
#include <vector>

#include "aimc/common/error.h"

namespace aimc::network {

namespace {

constexpr unsigned kUnreachable = std::numeric_limits<unsigned>::max();

/// Fewest tokens on a path from `start` to each task (breadth first, token-free edges first).
std::vector<unsigned> tokens_from(const Image& image, std::size_t start) {
  const auto tasks = image.tasks(Graph::frame);
  std::vector<unsigned> tokens(tasks.size(), kUnreachable);
  std::deque<std::size_t> queue = {start};
  tokens[start] = 0;
  while (!queue.empty()) {
    const std::size_t from = queue.front();
    queue.pop_front();
    for (const std::uint32_t to : image.edges(tasks[from])) {
      const unsigned step = to <= from ? 1 : 0;
      if (tokens[from] + step >= tokens[to]) continue;
      tokens[to] = tokens[from] + step;
      if (step == 0)
        queue.push_front(to);
      else
        queue.push_back(to);
    }
  }
  return tokens;
}

void check_safety(const Image& image) {
  const auto tasks = image.tasks(Graph::frame);
  std::vector<std::vector<std::size_t>> sources(tasks.size());
  for (std::size_t from = 0; from < tasks.size(); ++from)
    for (const std::uint32_t to : image.edges(tasks[from])) sources[to].push_back(from);
  for (std::size_t to = 0; to < tasks.size(); ++to) {
    if (sources[to].empty())
      user_error(Location{image.file()}, "frame task {} ({}) would fire without end: no input", to,
                 image.string(tasks[to].name));
  }
  for (std::size_t to = 0; to < tasks.size(); ++to) {
    const std::vector<unsigned> tokens = tokens_from(image, to);
    for (const std::size_t from : sources[to]) {
      const unsigned own = to <= from ? 1 : 0;
      if (tokens[from] == kUnreachable || tokens[from] + own != 1)
        user_error(Location{image.file()},
                   "frame graph: the edge from task {} ({}) to task {} ({}) can hold more than one "
                   "token",
                   from, image.string(tasks[from].name), to, image.string(tasks[to].name));
    }
  }
}

}  // namespace

void check_graphs(const Image& image) {
  const Location where{image.file()};
  const auto setup = image.tasks(Graph::setup);
  for (std::size_t i = 0; i < setup.size(); ++i)
    for (const std::uint32_t to : image.edges(setup[i]))
      if (to <= i)
        user_error(where, "setup graph: task {} ({}) waits for itself", i,
                   image.string(setup[i].name));
  std::size_t count[5] = {};
  for (const aimc_network_task_t& task : image.tasks(Graph::frame)) ++count[task.type];
  if (count[AIMC_TASK_BEGIN] != 1 || count[AIMC_TASK_RELEASE] != 1 || count[AIMC_TASK_RESULT] != 1)
    user_error(where, "frame graph: {} BEGIN, {} RELEASE and {} RESULT tasks instead of one each",
               count[AIMC_TASK_BEGIN], count[AIMC_TASK_RELEASE], count[AIMC_TASK_RESULT]);
  check_safety(image);
}

}  // namespace aimc::network
