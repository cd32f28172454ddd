// SPDX-License-Identifier: Apache-2.0
// Statistics of the network as the run's report shows them.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aimc/noc/noc.h"
#include "channels.h"

namespace aimc::noc {
namespace {

nlohmann::ordered_json class_report(const FabricStatistics::Class& counters) {
  nlohmann::ordered_json json;
  json["packets"] = counters.packets;
  json["flits"] = counters.flits;
  json["bytes"] = counters.bytes;
  const double sum = 1e-12 * static_cast<double>(counters.latency_sum_ps);
  json["latency_mean_s"] =
      counters.packets == 0 ? 0.0 : sum / static_cast<double>(counters.packets);
  json["latency_max_s"] = 1e-12 * static_cast<double>(counters.latency_max_ps);
  // Packets by latency: the bin called c holds c to 2 c - 1 cycles.
  nlohmann::ordered_json bins = nlohmann::ordered_json::object();
  for (unsigned bin = 0; bin < FabricStatistics::kLatencyBins; ++bin)
    if (counters.histogram[bin] != 0)
      bins[std::to_string(std::uint64_t{1} << bin)] = counters.histogram[bin];
  json["latency_cycles"] = std::move(bins);
  return json;
}

void add_blocked(nlohmann::ordered_json& json, const FabricStatistics::Link& link) {
  const auto seconds = [](std::uint64_t ps) { return 1e-12 * static_cast<double>(ps); };
  json["blocked_s"] = seconds(link.blocked_ps);
  json["blocked_channel_s"] = seconds(link.blocked_channel_ps);
  json["blocked_switch_s"] = seconds(link.blocked_switch_ps);
  json["blocked_credit_s"] = seconds(link.blocked_credit_ps);
}

}  // namespace

void Noc::report(nlohmann::ordered_json& stats) const {
  fabric_->refresh_statistics();
  const FabricStatistics& counters = fabric_->statistics();
  stats["packets"] = counters.packets();
  stats["flits"] = counters.flits();
  stats["bytes"] = counters.bytes();
  stats["flit_hops"] = counters.flit_hops();
  stats["errors"] = errors_;
  stats["lost"] = counters.lost();
  for (unsigned i = 0; i < kMessageClasses; ++i)
    if (i < 2 || counters.classes[i].packets != 0)
      stats[kMessageClassNames[i]] = class_report(counters.classes[i]);
  stats["multicasts"] = counters.multicasts;
  stats["reductions"] = counters.reductions;
  stats["additions"] = counters.additions;
  stats["alarms"] = alarms_;
  stats["channels"] = channels_->report();
  report_links(stats);
}

void Noc::report_links(nlohmann::ordered_json& stats) const {
  const FabricStatistics& counters = fabric_->statistics();
  const double elapsed = static_cast<double>(now_ps()) / static_cast<double>(fabric_->period_ps());
  nlohmann::ordered_json links = nlohmann::ordered_json::object();
  std::vector<FabricStatistics::Link> routers(topology_.routers());
  double busiest = 0.0;
  for (unsigned i = 0; i < fabric_->links(); ++i) {
    const FabricStatistics::Link& link = counters.links[i];
    if (link.flits == 0) continue;
    nlohmann::ordered_json& json = links[fabric_->link_name(i)];
    const double busy = elapsed > 0 ? static_cast<double>(link.flits) / elapsed : 0.0;
    busiest = std::max(busiest, busy);
    json["flits"] = link.flits;
    json["busy_share"] = busy;
    json["vc_flits"] = link.vc_flits;
    add_blocked(json, link);
    // Each flit leaves each router on its way once, so outputs alone give the traffic.
    const unsigned number = fabric_->link_router(i);
    if (number == Fabric::kNoRouter) continue;
    FabricStatistics::Link& router = routers[number];
    router.flits += link.flits;
    router.blocked_ps += link.blocked_ps;
    router.blocked_channel_ps += link.blocked_channel_ps;
    router.blocked_switch_ps += link.blocked_switch_ps;
    router.blocked_credit_ps += link.blocked_credit_ps;
  }
  stats["busiest_link_share"] = busiest;
  stats["links"] = std::move(links);
  nlohmann::ordered_json flits = nlohmann::ordered_json::object();
  nlohmann::ordered_json causes = nlohmann::ordered_json::object();
  for (unsigned i = 0; i < routers.size(); ++i) {
    const FabricStatistics::Link& router = routers[i];
    if (router.flits == 0) continue;
    const std::string name = fmt::format("{},{}", i % topology_.columns(), i / topology_.columns());
    flits[name] = router.flits;
    nlohmann::ordered_json& json = causes[name];
    json["flits_per_cycle"] = elapsed > 0 ? static_cast<double>(router.flits) / elapsed : 0.0;
    json["energy_j"] = static_cast<double>(router.flits) * config_.energy_flit_hop_j;
    add_blocked(json, router);
  }
  stats["router_flits"] = std::move(flits);
  stats["routers"] = std::move(causes);
}

}  // namespace aimc::noc
