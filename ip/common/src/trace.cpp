// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/trace.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>

#include "aimc/common/config.h"
#include "aimc/common/error.h"

namespace aimc::trace {
namespace {
constexpr std::size_t kBatch = 8192;

/// Names for a message. Those that differ in numbers only share one, which is a pattern:
/// "soc.tile*".
std::string brief_list(const std::vector<std::string>& paths) {
  std::map<std::string, std::vector<std::string>> groups;
  for (const std::string& path : paths) {
    std::string pattern;
    for (const char c : path) {
      const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
      if (!digit || !pattern.ends_with('*')) pattern += digit ? '*' : c;
    }
    groups[pattern].push_back(path);
  }
  std::vector<std::string> names;
  for (const auto& [pattern, members] : groups)
    names.push_back(members.size() == 1 ? members.front() : pattern);
  return join(names);
}
}  // namespace

void Source::push(std::uint64_t time_ps, std::uint16_t name, Kind kind, std::uint64_t value,
                  std::uint64_t flow) {
  hub_->held_.push_back({time_ps, track_, name, kind, 0, value, flow});
  if (hub_->held_.size() >= hub_->flush_at_) hub_->flush(hub_->clock_ ? hub_->clock_() : 0);
}

Hub::Hub() : flush_at_(kBatch) {}
// Who does not close has not come to an end: the sinks go without completing their files.
Hub::~Hub() = default;

std::uint32_t Hub::track(const std::string& path) {
  const auto known = track_index_.find(path);
  if (known != track_index_.end()) return known->second;
  const std::size_t dot = path.rfind('.');
  const std::uint32_t parent = dot == std::string::npos ? 0 : track(path.substr(0, dot));
  const auto index = static_cast<std::uint32_t>(names_.tracks.size());
  names_.tracks.push_back({path, parent, false, ""});
  track_index_.emplace(path, index);
  return index;
}

Source& Hub::add(const std::string& path, bool counter, const std::string& unit) {
  auto source = std::make_unique<Source>();
  source->hub_ = this;
  source->track_ = track(path);
  names_.tracks[source->track_].counter = counter;
  names_.tracks[source->track_].unit = unit;
  sources_.push_back(std::move(source));
  return *sources_.back();
}

Source& Hub::source(const std::string& path) { return add(path, false, ""); }
Source& Hub::counter(const std::string& path, const std::string& unit) {
  return add(path, true, unit);
}

std::uint16_t Hub::intern(const std::string& text) {
  const auto known = string_index_.find(text);
  if (known != string_index_.end()) return known->second;
  if (names_.strings.size() > std::numeric_limits<std::uint16_t>::max())
    user_error("more than 65535 different names in one trace");
  const auto index = static_cast<std::uint16_t>(names_.strings.size());
  names_.strings.push_back(text);
  string_index_.emplace(text, index);
  return index;
}

void Hub::add_sink(std::unique_ptr<Sink> sink) {
  sink->open(names_);
  sinks_.push_back(std::move(sink));
}

void Hub::select(const std::vector<std::string>& patterns) {
  std::vector<std::string> paths;
  for (const auto& source : sources_) paths.push_back(names_.tracks[source->track_].path);
  for (const std::string& pattern : patterns) {
    if (pattern.size() < 2 || (pattern[0] != '+' && pattern[0] != '-'))
      user_error("trace pattern '{}' must be + or - and a name, e.g. +*noc*", pattern);
    const std::string_view glob = std::string_view(pattern).substr(1);
    if (std::none_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return glob_match(glob, path); }))
      user_error("trace pattern '{}' matches nothing that is traced. Known: {}", pattern,
                 brief_list(paths));
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    bool on = patterns.empty();
    for (const std::string& pattern : patterns)
      if (glob_match(std::string_view(pattern).substr(1), paths[i])) on = pattern[0] == '+';
    sources_[i]->on_ = on && !sinks_.empty();
  }
}

void Hub::flush(std::uint64_t until_ps) {
  const auto earlier = [](const Event& a, const Event& b) { return a.time_ps < b.time_ps; };
  // Stable: events of one time keep the order in which they were emitted.
  std::stable_sort(held_.begin(), held_.end(), earlier);
  const auto ready =
      std::upper_bound(held_.begin(), held_.end(), until_ps,
                       [](std::uint64_t time, const Event& event) { return time < event.time_ps; });
  const auto count = static_cast<std::size_t>(ready - held_.begin());
  if (count > 0)
    for (const auto& sink : sinks_) sink->consume(held_.data(), count);
  held_.erase(held_.begin(), ready);
  flush_at_ = held_.size() + kBatch;
}

bool Hub::close() {
  flush(std::numeric_limits<std::uint64_t>::max());
  bool complete = true;
  for (const auto& sink : sinks_) complete = sink->close() && complete;
  sinks_.clear();
  for (const auto& source : sources_) source->on_ = false;
  return complete;
}

Lanes::Lanes(Hub& hub, std::string path, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    lanes_.push_back({&hub.source(fmt::format("{}.{}", path, i)), 0});
}

void Lanes::slice(std::uint64_t begin_ps, std::uint64_t end_ps, std::uint16_t name,
                  std::uint64_t argument, std::uint64_t flow) {
  if (!on()) return;
  Lane* lane = &lanes_.back();
  for (Lane& candidate : lanes_) {
    if (candidate.free_at > begin_ps) continue;
    lane = &candidate;
    break;
  }
  lane->free_at = std::max(lane->free_at, end_ps);
  lane->source->begin(begin_ps, name, argument, flow);
  lane->source->end(end_ps);
}

}  // namespace aimc::trace
