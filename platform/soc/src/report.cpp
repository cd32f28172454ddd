// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "aimc/soc/soc.h"

namespace aimc::soc {
namespace {
using Json = nlohmann::ordered_json;
}

double Soc::energy_j() const {
  const double seconds = to_seconds(sc_core::sc_time_stamp());
  double total = 0.0;
  for (const auto& [name, module] : modules_)
    total += module->energy().total() + module->static_power_w() * seconds;
  return total;
}

Json Soc::report() const {
  const double seconds = to_seconds(sc_core::sc_time_stamp());
  Json instances = Json::object();
  Json by_block = Json::object();
  Json by_cause = Json::object();
  double total = 0.0;
  for (const platform::Instance& instance : description_.instances) {
    const Module& module = *modules_.at(instance.name);
    Json stats = Json::object();
    module.report(stats);
    EnergyLedger ledger = module.energy();
    if (module.static_power_w() > 0.0)
      ledger.assign(ledger.cause("static"), module.static_power_w() * seconds);
    if (!ledger.entries().empty()) {
      Json causes = Json::object();
      for (const EnergyLedger::Entry& entry : ledger.entries()) {
        causes[entry.cause] = entry.joules;
        by_cause[entry.cause] = by_cause.value(entry.cause, 0.0) + entry.joules;
      }
      stats["energy_j"] = causes;
      by_block[instance.ip] = by_block.value(instance.ip, 0.0) + ledger.total();
      total += ledger.total();
    }
    instances[instance.name] = stats;
  }
  Json report;
  report["simulated_s"] = seconds;
  report["energy"] = {{"total_j", total}, {"by_block_j", by_block}, {"by_cause_j", by_cause}};
  report["instances"] = instances;
  return report;
}

Json Soc::parameters(const Registry& registry) const {
  Json groups = Json::array();
  for (const platform::Instance& instance : description_.instances) {
    Json values = Json::object();
    for (const ParamInfo& info :
         registry.find(instance.ip, instance.where).parameters(instance.name, instance.params))
      values[info.name] = info.value;
    bool placed = false;
    for (Json& group : groups) {
      if (group["ip"] != instance.ip || group["parameters"] != values) continue;
      group["instances"].push_back(instance.name);
      placed = true;
      break;
    }
    if (!placed)
      groups.push_back(
          {{"ip", instance.ip}, {"instances", {instance.name}}, {"parameters", values}});
  }
  return groups;
}

}  // namespace aimc::soc
