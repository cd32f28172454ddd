// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/topology.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> route(const Topology& mesh, unsigned source, unsigned destination) {
  std::vector<std::string> names;
  mesh.walk(source, destination,
            [&](unsigned link, Topology::LinkKind) { names.push_back(mesh.link_name(link)); });
  return names;
}

TEST(TopologyTest, NumbersEndpointsRowByRowThenByPort) {
  const Topology mesh(3, 5, 2);
  EXPECT_EQ(mesh.endpoints(), 30u);
  EXPECT_EQ(mesh.endpoint({2, 4, 0}), 14u);
  EXPECT_EQ(mesh.endpoint({0, 0, 1}), 15u);
  for (unsigned endpoint = 0; endpoint < mesh.endpoints(); ++endpoint)
    EXPECT_EQ(mesh.endpoint(mesh.node(endpoint)), endpoint);
}

TEST(TopologyTest, RoutesAlongXBeforeY) {
  const Topology mesh(3, 3, 1);
  EXPECT_THAT(route(mesh, 0, 5),
              ElementsAre("ni0->0,0", "0,0->1,0", "1,0->2,0", "2,0->2,1", "2,1->ni5"));
  EXPECT_THAT(route(mesh, 8, 0),
              ElementsAre("ni8->2,2", "2,2->1,2", "1,2->0,2", "0,2->0,1", "0,1->0,0", "0,0->ni0"));
}

TEST(TopologyTest, RoutesBetweenPortsOfOneRouterThroughThatRouterOnly) {
  const Topology mesh(2, 2, 4);
  EXPECT_THAT(route(mesh, 3, 15), ElementsAre("ni3->1,1", "1,1->ni15"));
  EXPECT_EQ(mesh.hops(3, 15), 0u);
}

TEST(TopologyTest, EveryRouteHasHopsPlusTwoLinks) {
  for (const auto& [columns, rows, ports] :
       {std::array{1u, 1u, 4u}, {3u, 5u, 2u}, {16u, 16u, 1u}}) {
    const Topology mesh(columns, rows, ports);
    for (unsigned source = 0; source < mesh.endpoints(); ++source) {
      for (unsigned destination = 0; destination < mesh.endpoints(); ++destination) {
        unsigned links = 0;
        mesh.walk(source, destination, [&](unsigned link, Topology::LinkKind kind) {
          ++links;
          ASSERT_LT(link, mesh.links());
          ASSERT_EQ(mesh.kind(link), kind);
        });
        ASSERT_EQ(links, mesh.hops(source, destination) + 2);
      }
    }
  }
}

// The argument that no set of packets can wait in a circle: a packet that holds one link waits for
// the next one of its route, and no chain of such waits comes back to where it began.
TEST(TopologyTest, WaitsBetweenLinksFormNoCircle) {
  const Topology mesh(5, 4, 2);
  std::vector<std::set<unsigned>> waits(mesh.links());
  for (unsigned source = 0; source < mesh.endpoints(); ++source) {
    for (unsigned destination = 0; destination < mesh.endpoints(); ++destination) {
      unsigned held = mesh.links();
      mesh.walk(source, destination, [&](unsigned link, Topology::LinkKind) {
        if (held != mesh.links()) waits[held].insert(link);
        held = link;
      });
    }
  }
  // Take away links that wait for nothing until none is left.
  std::vector<bool> gone(mesh.links(), false);
  unsigned left = mesh.links();
  for (bool progress = true; progress;) {
    progress = false;
    for (unsigned link = 0; link < mesh.links(); ++link) {
      if (gone[link]) continue;
      bool free = true;
      for (const unsigned next : waits[link]) free = free && gone[next];
      if (!free) continue;
      gone[link] = progress = true;
      --left;
    }
  }
  EXPECT_EQ(left, 0u);
}

TEST(TopologyTest, RefusesSizesThatCannotBe) {
  EXPECT_THROW(Topology(0, 4, 1), UserError);
  EXPECT_THROW(Topology(4, 65, 1), UserError);
  EXPECT_THROW(Topology(4, 4, 5), UserError);
  try {
    Topology(4, 0, 1);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("4 x 0"));
  }
}

}  // namespace
}  // namespace aimc::noc
