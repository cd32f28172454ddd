// SPDX-License-Identifier: Apache-2.0
#include "statistics.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "aimc/common/output_file.h"
#include "aimc/common/quantity.h"
#include "aimc/common/random.h"
#include "version.h"

namespace aimc::vp {
namespace {

using Json = nlohmann::ordered_json;

const char* end_word(soc::Outcome::End end) {
  switch (end) {
    case soc::Outcome::End::finished:
      return "finished";
    case soc::Outcome::End::timed_out:
      return "timed_out";
    case soc::Outcome::End::stuck:
      return "stuck";
    case soc::Outcome::End::stopped:
      return "stopped";
  }
  return "";
}

/// Name and content hash of an input, so that a result says what it was made from wherever the
/// file lay.
Json file_record(const std::string& path) {
  if (path.empty()) return nullptr;
  return {{"file", std::filesystem::path(path).filename().string()},
          {"fnv1a64", fmt::format("{:016x}", hash64(read_file(path, "file")))}};
}

Json run_record(const Options& options, const platform::Description& platform) {
  Json inputs = Json::array();
  for (const std::string& path : options.inputs) inputs.push_back(file_record(path));
  return {{"version", kVersion},
          {"platform", platform.name},
          {"platform_file", file_record(platform.file)},
          {"overrides", platform.overrides},
          {"seed", options.seed},
          {"quantum_s", platform.quantum_s},
          {"until", options.until},
          {"firmware", file_record(options.firmware)},
          {"network", file_record(options.network)},
          {"inputs", inputs},
          {"labels", file_record(options.labels)},
          {"input_format", options.input_format},
          {"count", options.count}};
}

Json result_record(const Options& options, const soc::Outcome& outcome, const Scoreboard& scores) {
  Json record = {{"end", end_word(outcome.end)},
                 {"exit_code", outcome.exit_code},
                 {"reason", outcome.reason},
                 {"images", scores.results().size()}};
  if (scores.has_labels()) {
    record["correct"] = scores.correct();
    record["accuracy"] = scores.accuracy();
  }
  const Scoreboard::Latency latency = scores.latency();
  record["latency_s"] = {{"mean", latency.mean_s}, {"min", latency.min_s}, {"max", latency.max_s}};
  record["throughput_per_s"] = scores.throughput_hz();
  if (!options.logits) return record;
  Json rows = Json::array();
  for (const Result& result : scores.results()) {
    Json logits = Json::array();
    for (const std::uint8_t byte : result.bytes) logits.push_back(static_cast<std::int8_t>(byte));
    rows.push_back({{"frame", result.frame}, {"class", result.predicted}, {"logits", logits}});
  }
  record["logits"] = rows;
  return record;
}

/// Sum of `member` over all instances that have it.
std::uint64_t total(const Json& instances, const char* member) {
  std::uint64_t sum = 0;
  for (const auto& [name, stats] : instances.items())
    if (stats.contains(member)) sum += stats.at(member).get<std::uint64_t>();
  return sum;
}

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("  {:<26} {}\n", name, value);
}

std::string time_text(double seconds) { return format_quantity(seconds, Unit::second); }
std::string energy_text(double joules) { return format_quantity(joules, Unit::joule); }

/// "busiest a 61.2 %, mean b 12.0 %" over the named shares.
std::string load_text(const std::vector<std::pair<std::string, double>>& loads) {
  if (loads.empty()) return "none";
  const auto busiest = std::max_element(
      loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  double sum = 0.0;
  for (const auto& [name, load] : loads) sum += load;
  return fmt::format("{} used, mean {:.1f} %, busiest {} {:.1f} %", loads.size(),
                     100.0 * sum / static_cast<double>(loads.size()), busiest->first,
                     100.0 * busiest->second);
}

}  // namespace

Json make_statistics(const Options& options, const platform::Description& platform,
                     const Registry& registry, const soc::Soc& soc, const soc::Outcome& outcome,
                     const Scoreboard& scores, const HostCost& cost) {
  const Json report = soc.report();
  const std::uint64_t instructions = total(report["instances"], "instructions");
  Json document;
  document["schema"] = "aimc-vp.statistics/1";
  document["run"] = run_record(options, platform);
  document["result"] = result_record(options, outcome, scores);
  document["simulated_s"] = report["simulated_s"];
  document["instructions"] = instructions;
  document["cycles"] = total(report["instances"], "cycles");
  document["mvms"] = total(report["instances"], "mvms");
  document["energy"] = report["energy"];
  document["energy"]["per_image_j"] = scores.energy_per_result_j();
  document["instances"] = report["instances"];
  document["parameters"] = soc.parameters(registry);
  document["host"] = {
      {"wall_s", cost.wall_s},
      {"simulation_cpu_s", cost.simulation_cpu_s},
      {"threads", options.threads},
      {"mips", cost.wall_s > 0.0 ? static_cast<double>(instructions) * 1e-6 / cost.wall_s : 0.0},
      {"images_per_s",
       cost.wall_s > 0.0 ? static_cast<double>(scores.results().size()) / cost.wall_s : 0.0},
      {"peak_rss_bytes", cost.peak_rss_bytes}};
  return document;
}

std::string summary(const Json& statistics) {
  const Json& result = statistics["result"];
  const Json& host = statistics["host"];
  const double seconds = statistics["simulated_s"];
  const auto images = result["images"].get<std::uint64_t>();
  std::string text = fmt::format("\n{}\n", statistics["run"]["platform"].get<std::string>());
  text += row("images", std::to_string(images));
  if (result.contains("accuracy"))
    text += row("accuracy",
                fmt::format("{:.2f} % ({} correct)", 100.0 * result["accuracy"].get<double>(),
                            result["correct"].get<std::uint64_t>()));
  if (images > 0) {
    text += row(
        "latency per inference",
        fmt::format("{} (min {}, max {})", time_text(result["latency_s"]["mean"]),
                    time_text(result["latency_s"]["min"]), time_text(result["latency_s"]["max"])));
  }
  if (images > 1) {
    text += row("throughput",
                fmt::format("{:.1f} inferences/s", result["throughput_per_s"].get<double>()));
    text +=
        row("energy per inference", fmt::format("{} (steady state, all blocks)",
                                                energy_text(statistics["energy"]["per_image_j"])));
  }
  for (const auto& [cause, joules] : statistics["energy"]["by_cause_j"].items())
    if (joules.get<double>() > 0.0)
      text += row("  whole run: " + cause, energy_text(joules.get<double>()));

  std::vector<std::pair<std::string, double>> tiles;
  std::vector<std::pair<std::string, double>> links;
  for (const auto& [name, stats] : statistics["instances"].items()) {
    if (stats.contains("mvms") && stats["mvms"].get<std::uint64_t>() > 0)
      tiles.emplace_back(name, stats.at("array_busy_s").get<double>() / seconds);
    if (!stats.contains("links")) continue;
    for (const auto& [link, load] : stats["links"].items())
      links.emplace_back(link, load.at("busy_share").get<double>());
  }
  text += row("array load", load_text(tiles));
  text += row("link load", load_text(links));
  text += row("products", fmt::format("{} matrix-vector", statistics["mvms"].get<std::uint64_t>()));
  text += row("simulated time", time_text(seconds));
  text +=
      row("instructions", fmt::format("{:.3g} M", statistics["instructions"].get<double>() * 1e-6));
  text +=
      row("wall time", fmt::format("{:.2f} s ({:.1f} images/s, {:.1f} MIPS, {} thread{})",
                                   host["wall_s"].get<double>(), host["images_per_s"].get<double>(),
                                   host["mips"].get<double>(), host["threads"].get<unsigned>(),
                                   host["threads"].get<unsigned>() == 1 ? "" : "s"));
  return text;
}

}  // namespace aimc::vp
