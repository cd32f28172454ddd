// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aimc/common/error.h"

namespace aimc::noc::flit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config mesh(unsigned columns, unsigned rows, unsigned channels = 2) {
  Config config;
  config.columns = columns;
  config.rows = rows;
  config.virtual_channels = channels;
  return config;
}

struct Refused {
  const char* reason;
  void (*change)(Config&);
};
class RefusalTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusalTest, SaysWhy) {
  Config config = mesh(8, 8);
  GetParam().change(config);
  try {
    check(config);
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().reason));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Configs, RefusalTest,
    ::testing::Values(
        Refused{"a mesh of 0 x 8", [](Config& c) { c.columns = 0; }},
        Refused{"a mesh of 8 x 65", [](Config& c) { c.rows = 65; }},
        Refused{"buffers of 0 flits", [](Config& c) { c.buffer_flits = 0; }},
        Refused{"0 virtual channels", [](Config& c) { c.virtual_channels = 0; }},
        Refused{"17 virtual channels", [](Config& c) { c.virtual_channels = 17; }},
        Refused{"cannot be split evenly",
                [](Config& c) { c.message_classes = 2, c.virtual_channels = 3; }},
        Refused{"at least one cycle", [](Config& c) { c.pipeline.link_delay = 0; }},
        Refused{"could deadlock: links (", [](Config& c) { c.routing = Routing::minimal; }},
        Refused{"could deadlock: links (",
                [](Config& c) { c.routing = Routing::o1turn, c.virtual_channels = 1; }},
        Refused{"could deadlock: links (",
                [](Config& c) { c.torus = true, c.virtual_channels = 1; }},
        Refused{
            "could deadlock: links (",
            [](Config& c) { c.torus = true, c.routing = Routing::o1turn, c.virtual_channels = 2; }},
        Refused{"could deadlock", [](Config& c) { c.torus = true, c.routing = Routing::odd_even; }},
        Refused{"no router 64", [](Config& c) { c.dead_routers = {64}; }},
        Refused{"injection queue", [](Config& c) { c.injection_queue_packets = 0; }}));

TEST(DependencyTest, FindsNoCycleWhereThereIsNone) {
  for (const Routing routing :
       {Routing::xy, Routing::yx, Routing::o1turn, Routing::west_first, Routing::odd_even}) {
    Config config = mesh(8, 7);
    config.routing = routing;
    EXPECT_THAT(dependency_cycle(config), IsEmpty()) << to_string(routing);
  }
  Config torus = mesh(8, 5, 4);
  torus.torus = true;
  for (const Routing routing : {Routing::xy, Routing::yx, Routing::o1turn}) {
    torus.routing = routing;
    EXPECT_THAT(dependency_cycle(torus), IsEmpty()) << to_string(routing);
  }
}

}  // namespace
}  // namespace aimc::noc::flit
