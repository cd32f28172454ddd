// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cstdio>
#include <deque>
#include <sstream>

#include "aimc/common/error.h"
#include "aimc/noc/links_fabric.h"

namespace aimc::noc {
namespace {

[[noreturn]] void bad(const std::string& word, const char* why) {
  user_error("links.pairs: '{}' {}; write mesh, x,y-x,y or x0:x1,y0:y1+dx,dy", word, why);
}

/// Reads numbers that `format` separates by literal characters; true if nothing is left over.
template <std::size_t count>
bool read(const std::string& word, const char* format, int (&values)[count]) {
  std::size_t at = 0;
  std::size_t value = 0;
  for (const char* f = format; *f != '\0'; ++f) {
    if (*f != '#') {
      if (at >= word.size() || word[at++] != *f) return false;
      continue;
    }
    const bool negative = at < word.size() && word[at] == '-';
    if (negative) ++at;
    const std::size_t begin = at;
    int number = 0;
    while (at < word.size() && at - begin < 3 &&
           std::isdigit(static_cast<unsigned char>(word[at])) != 0)
      number = number * 10 + (word[at++] - '0');
    if (at == begin) return false;
    values[value++] = negative ? -number : number;
  }
  return at == word.size();
}

}  // namespace

LinkGraph::LinkGraph(const Topology& topology, const LinksConfig& config)
    : out_(topology.routers()) {
  const int columns = static_cast<int>(topology.columns());
  const int rows = static_cast<int>(topology.rows());
  const auto core = [&](int x, int y, const std::string& word) {
    if (x < 0 || x >= columns || y < 0 || y >= rows) bad(word, "leaves the array of cores");
    return static_cast<unsigned>(y * columns + x);
  };
  const auto rectangle = [&](int x0, int x1, int y0, int y1, int dx, int dy,
                             const std::string& word) {
    for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x) join(core(x, y, word), core(x + dx, y + dy, word), word);
  };
  std::istringstream words(config.pairs);
  std::string word;
  while (words >> word) {
    int pair[4];
    int area[6];
    if (word == "mesh") {
      rectangle(0, columns - 2, 0, rows - 1, 1, 0, word);
      rectangle(0, columns - 1, 0, rows - 2, 0, 1, word);
    } else if (read(word, "#,#-#,#", pair)) {
      join(core(pair[0], pair[1], word), core(pair[2], pair[3], word), word);
    } else if (read(word, "#:#,#:#+#,#", area)) {
      if (area[0] > area[1] || area[2] > area[3]) bad(word, "is an empty rectangle");
      rectangle(area[0], area[1], area[2], area[3], area[4], area[5], word);
    } else {
      bad(word, "is no link");
    }
  }
  check(topology, config);
}

// Both directions get neighbouring numbers.
void LinkGraph::join(unsigned a, unsigned b, const std::string& word) {
  if (a == b) bad(word, "joins a core to itself");
  for (const std::uint32_t number : out_[a])
    if (links_[number].to == b) bad(word, "joins two cores a second time");
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    out_[from].push_back(static_cast<std::uint32_t>(links_.size()));
    links_.push_back({from, to});
  }
}

void LinkGraph::check(const Topology& topology, const LinksConfig& config) const {
  for (unsigned core = 0; core < out_.size(); ++core)
    if (out_[core].size() > config.max_neighbours)
      user_error("links.pairs: core {},{} has {} neighbours; links.max_neighbours is {}",
                 core % topology.columns(), core / topology.columns(), out_[core].size(),
                 config.max_neighbours);
  std::vector<bool> reached(out_.size());
  std::deque<unsigned> queue{0};
  reached[0] = true;
  while (!queue.empty()) {
    const unsigned core = queue.front();
    queue.pop_front();
    for (const std::uint32_t number : out_[core]) {
      const unsigned there = links_[number].to;
      if (reached[there]) continue;
      reached[there] = true;
      queue.push_back(there);
    }
  }
  for (unsigned core = 0; core < out_.size(); ++core)
    if (!reached[core])
      user_error("links.pairs: nothing joins core {},{} to core 0,0", core % topology.columns(),
                 core / topology.columns());
}

}  // namespace aimc::noc
