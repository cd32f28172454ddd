// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/links_fabric.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

using ::testing::HasSubstr;

// The extra links of platform/configs/hermes64_links.yaml.
constexpr const char* kPrism =
    "mesh 0:7,0:6+0,2 0:5,0:0+2,0 0:5,8:8+2,0 0:1,1:1+2,0 4:5,1:1+2,0 0:1,7:7+2,0 4:5,7:7+2,0 "
    "0,2-0,5 0,3-0,6 7,2-7,5 7,3-7,6 0,0-0,4 7,8-7,4";

struct Chip {
  explicit Chip(const std::string& pairs = kPrism, const Faults& faults = {}) {
    FabricConfig config;
    config.faults = faults;
    LinksConfig links;
    links.pairs = pairs;
    fabric = std::make_unique<LinksFabric>(Topology(8, 9, 2), config, links, [] { return 0; });
  }
  std::uint64_t send(unsigned from, unsigned to, unsigned flits, std::uint64_t cycle = 0) {
    Packet packet{from, to, MessageClass::request, flits, flits, cycle * 2500, 0};
    fabric->carry({&packet, 1});
    EXPECT_FALSE(packet.lost);
    return packet.arrival_ps / 2500 - cycle;
  }
  std::unique_ptr<LinksFabric> fabric;
};

std::string message(const std::string& pairs) {
  try {
    const Chip chip(pairs);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(LinksTest, HaveThePublishedNumberAndNeighbours) {
  LinksConfig config;
  config.pairs = kPrism;
  const Topology cores(8, 9, 2);
  const LinkGraph graph(cores, config);
  EXPECT_EQ(graph.links().size(), 418u);
  std::size_t most = 0;
  for (unsigned core = 0; core < 72; ++core) most = std::max(most, graph.out(core).size());
  EXPECT_EQ(most, 6u);
}

TEST(LinksTest, CarryOneByteInACycleAndOneHopInTwo) {
  Chip chip;
  // Injection, a link per hop behind one cycle in the core, ejection; then byte after byte.
  EXPECT_EQ(chip.send(0, 1, 258), 1u + 2 + 2 + 1 + 257);
  Chip again;
  EXPECT_EQ(again.send(0, 16, 2), 1u + 2 + 2 + 1 + 1) << "0,0 and 0,2 are joined";
}

TEST(LinksTest, ATransferThatWaitsHoldsItsWay) {
  Chip chip("mesh");
  chip.send(1, 2, 100);
  const std::uint64_t behind = chip.send(0, 2, 10);
  EXPECT_GT(behind, 90u);
  EXPECT_GT(chip.send(0, 1, 10), 80u) << "the link 0,0->1,0 is held";
}

// A transfer that holds a link waits for the next one of its way; all waits of all ways together
// must come apart when links that nobody waits for are taken away one by one.
TEST(LinksTest, NeverWaitInACircle) {
  for (const char* const pairs : {"mesh", kPrism}) {
    const Chip chip(pairs);
    std::map<std::uint32_t, std::set<std::uint32_t>> waits;
    std::map<std::uint32_t, unsigned> waited_for;
    for (unsigned a = 0; a < 144; ++a)
      for (unsigned b = 0; b < 144; ++b) {
        const Routes::Way* const way = chip.fabric->routes()->way(a, b);
        ASSERT_NE(way, nullptr);
        for (std::size_t i = 1; i < way->size(); ++i)
          if (waits[(*way)[i - 1]].insert((*way)[i]).second) ++waited_for[(*way)[i]];
      }
    std::vector<std::uint32_t> free;
    for (const auto& [link, next] : waits)
      if (waited_for[link] == 0) free.push_back(link);
    while (!free.empty()) {
      const std::uint32_t link = free.back();
      free.pop_back();
      for (const std::uint32_t next : waits[link])
        if (--waited_for[next] == 0) free.push_back(next);
    }
    for (const auto& [link, count] : waited_for)
      EXPECT_EQ(count, 0u) << pairs << " " << chip.fabric->link_name(link);
  }
}

TEST(LinksTest, GoRoundDeadLinksAndRefuseDeadCores) {
  const Topology cores(8, 9, 2);
  Chip chip("mesh", parse_faults(cores, "0,0-1,0", "5,5"));
  EXPECT_TRUE(chip.fabric->reachable(0, 1));
  EXPECT_GT(chip.send(0, 1, 1), 6u);
  EXPECT_FALSE(chip.fabric->reachable(0, 5 * 8 + 5));
  EXPECT_TRUE(chip.fabric->reachable(4 * 8 + 5, 6 * 8 + 5));
}

TEST(LinksTest, SayWhatIsWrong) {
  EXPECT_THAT(message("mesh 0:5,1:1+2,0 0:7,0:6+0,2"),
              HasSubstr("neighbours; links.max_neighbours is 6"));
  EXPECT_THAT(message("0,0-1,0"), HasSubstr("nothing joins core 2,0"));
  EXPECT_THAT(message("mesh 0,0-1,0"), HasSubstr("a second time"));
  EXPECT_THAT(message("mesh 0,0-0,9"), HasSubstr("leaves the array"));
  EXPECT_THAT(message("mesh 0,0-0,0"), HasSubstr("to itself"));
  EXPECT_THAT(message("mesh 5:2,0:0+1,1"), HasSubstr("empty rectangle"));
  for (const char* const word : {"ring", "0,0", "0,0-", "0,0-1,0x", "0:1,0:1+1", "-"})
    EXPECT_THAT(message(std::string("mesh ") + word), HasSubstr("is no link")) << word;
}

}  // namespace
}  // namespace aimc::noc
