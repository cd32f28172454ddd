// SPDX-License-Identifier: Apache-2.0
// The reference simulator's measured curves, link rates and saturation points, read from the shared
// tables. In CI every fourth curve with fewer runs, nightly all.
//
// Tolerances are those of the reference's own spread between seeds. Its runs are short, so what it
// injected differs by up to 5 % from what was offered: latency is compared at the rate that it
// injected, and from 80 to 90 % of saturation its seed spread, up to 3.5 %, is added. Our runs have
// fixed seeds: no false alarms.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "aimc/noc/flit/measure.h"
#include "aimc/noc/flit/network.h"

namespace aimc::noc::flit {
namespace {

constexpr bool kNightly = AIMC_NOC_NIGHTLY != 0;
using Row = std::map<std::string, std::string>;

std::vector<Row> table(const char* name) {
  std::vector<Row> rows;
  std::ifstream file(std::filesystem::path(AIMC_NOC_REFERENCE) / name);
  std::string line;
  std::vector<std::string> header;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    cells.resize(std::max(cells.size(), header.size()));
    if (header.empty()) {
      header = cells;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = cells[i];
    rows.push_back(row);
  }
  return rows;
}

double number(const Row& row, const char* key) { return std::stod(row.at(key)); }
unsigned whole(const Row& row, const char* key) {
  return static_cast<unsigned>(std::stoul(row.at(key)));
}

std::string curve_of(const Row& row) {
  return row.at("pipeline") + " " + row.at("mesh") + " " + row.at("num_vcs") + "x" +
         row.at("vc_buf_flits") + " " + row.at("packet_flits") + " " + row.at("traffic");
}

Config config_of(const Row& row) {
  Config config;
  config.columns = config.rows = static_cast<unsigned>(std::stoul(row.at("mesh")));
  config.virtual_channels = whole(row, "num_vcs");
  config.buffer_flits = whole(row, "vc_buf_flits");
  if (row.at("pipeline") == "p2") config.pipeline = Pipeline::p2();
  return config;
}

Load load_of(const Row& row) {
  Load load;
  load.packet_flits = whole(row, "packet_flits");
  load.runs = kNightly ? 0 : 6;
  return load;
}

double zero_load(const Row& row, double routers) {
  return (row.at("pipeline") == "p2" ? 3 : 5) * routers + 2 + whole(row, "packet_flits") - 1;
}

TEST(ReferenceTest, LatencyFollowsTheCurves) {
  const std::vector<Row> points = table("curves.csv");
  const std::vector<Row> ends = table("saturation.csv");
  if (points.empty() || ends.empty()) GTEST_SKIP() << "skipped: no data";
  std::map<std::string, double> saturation;
  for (const Row& row : ends) saturation[curve_of(row)] = number(row, "saturation_offered_rate");
  std::map<std::string, unsigned> curves;
  unsigned compared = 0;
  for (const Row& row : points) {
    const std::string curve = curve_of(row);
    const unsigned index = curves.emplace(curve, curves.size()).first->second;
    if (!kNightly && index % 4 != 3) continue;
    if (row.at("avg_packet_latency_cycles").empty()) continue;
    const double share = number(row, "offered_flits_per_node_cycle") / saturation.at(curve);
    if (share > 0.905) continue;
    Load load = load_of(row);
    load.rate = number(row, "injected_flits_per_node_cycle");
    const Config config = config_of(row);
    const auto pattern = make_pattern(row.at("traffic"), config.columns, config.rows);
    const Measured ours = measure(config, *pattern, load);
    SCOPED_TRACE(curve + " at " + row.at("offered_flits_per_node_cycle"));
    EXPECT_TRUE(ours.stable);
    const double theirs = number(row, "avg_packet_latency_cycles");
    if (share <= 0.605) {
      const double delay = number(row, "contention_delay_cycles");
      EXPECT_NEAR(ours.packet_latency - zero_load(row, ours.routers), delay,
                  std::max(0.5, 0.1 * delay));
    } else {
      const double tolerance = 0.04 + std::max(0.0, share - 0.8) * 0.35;
      EXPECT_NEAR(ours.packet_latency / theirs, 1.0, tolerance);
    }
    EXPECT_NEAR(ours.accepted / load.rate, 1.0, kNightly ? 0.02 : 0.04) << "all that is offered";
    ++compared;
  }
  EXPECT_GT(compared, kNightly ? 140u : 30u);
}

TEST(ReferenceTest, SaturationFollowsTheThreeTimesRule) {
  const std::vector<Row> ends = table("saturation.csv");
  if (ends.empty()) GTEST_SKIP() << "skipped: no data";
  for (std::size_t i = 0; i < ends.size(); i += kNightly ? 1 : 5) {
    const Row& row = ends[i];
    SCOPED_TRACE(curve_of(row));
    const Config config = config_of(row);
    const auto pattern = make_pattern(row.at("traffic"), config.columns, config.rows);
    Load load = load_of(row);
    const Saturation ours = find_saturation(config, *pattern, load);
    const double theirs = number(row, "saturation_offered_rate");
    EXPECT_NEAR(ours.bound, number(row, "ideal_channel_bound"), 1e-4);
    EXPECT_NEAR(ours.rate, theirs, std::max(0.05 * theirs, ours.bound / 64) + 1e-4);
    load.rate = 1.0;
    const double overload = number(row, "overload_mean_accepted");
    EXPECT_NEAR(measure(config, *pattern, load).accepted / overload, 1.0, 0.05);
  }
}

// A source that is never idle: the rate at which one flow crosses links, by buffer and packet.
double single_flow_rate(const Row& row) {
  struct Sources : Receiver {
    void delivered(const Delivery&) override {}
    void left(unsigned endpoint, unsigned) override { free.push_back(endpoint); }
    std::vector<unsigned> free;
  } sources;
  Config config;
  config.columns = config.rows = 4;
  config.virtual_channels = whole(row, "num_vcs");
  config.buffer_flits = whole(row, "vc_buf_flits");
  Network network(config, sources);
  const auto pattern = make_pattern("neighbor", 4, 4);
  for (unsigned i = 0; i < 16; ++i) sources.free.push_back(i);
  constexpr std::uint64_t kWarm = 1500;
  constexpr std::uint64_t kMeasured = 8000;
  std::uint64_t before = 0;
  while (network.cycle() < kWarm + kMeasured) {
    if (network.cycle() == kWarm) before = network.ejected_flits();
    const std::vector<unsigned> free = std::move(sources.free);
    sources.free.clear();
    for (const unsigned source : free)
      network.inject({.source = source,
                      .destination = pattern->fixed(source),
                      .flits = whole(row, "packet_flits"),
                      .created = network.cycle()});
    network.step();
  }
  return static_cast<double>(network.ejected_flits() - before) / 16.0 / kMeasured;
}

TEST(ReferenceTest, SingleFlowLinkRatesFollowTheCreditLoop) {
  const std::vector<Row> rows = table("credit_loop.csv");
  if (rows.empty()) GTEST_SKIP() << "skipped: no data";
  for (const Row& row : rows) {
    SCOPED_TRACE(row.at("packet_flits") + " flits, " + row.at("num_vcs") + " channels of " +
                 row.at("vc_buf_flits"));
    // With four channels of three 1-flit packets the flow drifts slowly from one regular pattern
    // to a better one, and the mean depends on when one looks.
    const bool drifts =
        row.at("packet_flits") == "1" && row.at("num_vcs") == "4" && row.at("vc_buf_flits") == "3";
    EXPECT_NEAR(single_flow_rate(row), number(row, "accepted_flits_per_node_cycle"),
                drifts ? 0.012 : 0.00055);
  }
}

}  // namespace
}  // namespace aimc::noc::flit
