// SPDX-License-Identifier: Apache-2.0
// Faults as a platform file writes them.
#include <cctype>
#include <sstream>

#include "aimc/common/error.h"
#include "aimc/noc/routes.h"

namespace aimc::noc {
namespace {

/// "x,y" to a router number.
unsigned router_at(const Topology& topology, const std::string& text, const std::string& word) {
  unsigned x = 0;
  unsigned y = 0;
  char comma = 0;
  std::istringstream stream(text);
  const bool digits = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
  if (!digits || !(stream >> x >> comma >> y) || comma != ',' ||
      stream.peek() != std::istringstream::traits_type::eof())
    user_error("'{}' in '{}' is no router: write x,y", text, word);
  if (x >= topology.columns() || y >= topology.rows())
    user_error("'{}': router {},{} is not on the mesh: x is 0..{}, y is 0..{}", word, x, y,
               topology.columns() - 1, topology.rows() - 1);
  return y * topology.columns() + x;
}

}  // namespace

Faults parse_faults(const Topology& topology, const std::string& links,
                    const std::string& routers) {
  Faults faults;
  std::string word;
  std::istringstream link_words(links);
  while (link_words >> word) {
    const std::size_t at = word.find_first_of("->");
    if (at == std::string::npos)
      user_error("dead link '{}': write x,y-x,y for both directions or x,y>x,y for one", word);
    const unsigned a = router_at(topology, word.substr(0, at), word);
    const unsigned b = router_at(topology, word.substr(at + 1), word);
    bool adjacent = false;
    for (unsigned direction = 0; direction < Topology::kNeighbours; ++direction)
      adjacent = adjacent || topology.neighbour(a, direction) == b;
    if (!adjacent) user_error("dead link '{}': the two routers are not neighbours", word);
    faults.links.emplace_back(a, b);
    if (word[at] == '-') faults.links.emplace_back(b, a);
  }
  std::istringstream router_words(routers);
  while (router_words >> word) faults.routers.push_back(router_at(topology, word, word));
  return faults;
}

}  // namespace aimc::noc
