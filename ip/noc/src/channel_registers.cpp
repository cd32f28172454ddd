// SPDX-License-Identifier: Apache-2.0
// Channels as the guest sets them up, and what the watchdog sees of them.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "aimc/noc/noc_regs.h"
#include "channels.h"

namespace aimc::noc {
namespace {

constexpr std::uint32_t kStride = NOC_CH_KIND_OFFSET(1) - NOC_CH_KIND_OFFSET(0);
constexpr const char* kKinds[] = {"stream", "multicast", "reduce", "window"};

}  // namespace

bool Noc::Channels::accepts(std::uint64_t offset, std::uint32_t value) const {
  if (offset < NOC_CH_CTRL_OFFSET(0)) return true;
  const std::uint64_t number = (offset - NOC_CH_CTRL_OFFSET(0)) / kStride;
  if (number >= channels_.size()) return false;
  const std::uint64_t first = offset - number * kStride;
  if (first == NOC_CH_CTRL_OFFSET(0)) return true;
  const Channel& channel = channels_[number];
  if (channel.open) return false;
  const auto can_join = [&](const std::vector<Member>& members) {
    const bool taken = std::any_of(members.begin(), members.end(),
                                   [&](const Member& one) { return one.endpoint == value; });
    return !taken && value < noc_.targets_.size() && noc_.targets_[value] != nullptr &&
           noc_.targets_[value].get() != noc_.gateway_;
  };
  switch (first) {
    case NOC_CH_KIND_OFFSET(0):
      return value <= NOC_KIND_WINDOW;
    case NOC_CH_BYTES_OFFSET(0):
    case NOC_CH_ADDRESS_OFFSET(0):
    case NOC_CH_PITCH_OFFSET(0):
      return value < noc_.config_.window_bytes;
    case NOC_CH_SLOTS_OFFSET(0):
      return value <= NOC_SLOTS_MAX;
    case NOC_CH_ADD_SOURCE_OFFSET(0):
      return can_join(channel.sources);
    case NOC_CH_ADD_SINK_OFFSET(0):
      return can_join(channel.sinks);
    default:
      return true;
  }
}

void Noc::Channels::bind_registers(RegisterBank& regs) {
  regs_ = &regs;
  regs.on_read(NOC_CHANNELS_OFFSET,
               [this](std::uint32_t) { return static_cast<std::uint32_t>(channels_.size()); });
  regs.on_write(NOC_CH_CTRL_OFFSET(0), [this](std::uint32_t value, std::uint32_t index) {
    if (index >= channels_.size()) return;
    const bool wanted = (value & NOC_CH_CTRL_OPEN_MASK) != 0;
    if (wanted && !channels_[index].open) open(index);
    if (!wanted) close(index);
    if (!wanted && (value & NOC_CH_CTRL_CLEAR_MASK) != 0) {
      channels_[index].sources.clear();
      channels_[index].sinks.clear();
    }
    show_state(index);
  });
  regs.on_write(NOC_CH_ADD_SOURCE_OFFSET(0), [this](std::uint32_t value, std::uint32_t index) {
    channels_[index].sources.emplace_back(value);
  });
  regs.on_write(NOC_CH_ADD_SINK_OFFSET(0), [this](std::uint32_t value, std::uint32_t index) {
    channels_[index].sinks.emplace_back(value);
  });
  const auto shows = [&](std::uint32_t offset, std::uint32_t (*value)(const Channel&)) {
    regs.on_read(offset, [this, value](std::uint32_t index) {
      return index < channels_.size() ? value(channels_[index]) : 0;
    });
  };
  shows(NOC_CH_MEMBERS_OFFSET(0), [](const Channel& channel) {
    return NOC_CH_MEMBERS_SOURCES_SET(channel.sources.size()) |
           NOC_CH_MEMBERS_SINKS_SET(channel.sinks.size());
  });
  shows(NOC_CH_ERROR_OFFSET(0), [](const Channel& channel) { return channel.error; });
  shows(NOC_CH_SENT_OFFSET(0), [](const Channel& channel) {
    std::uint64_t sent = 0;
    for (const Member& source : channel.sources) sent = std::max(sent, source.done);
    return static_cast<std::uint32_t>(sent);
  });
  shows(NOC_CH_DELIVERED_OFFSET(0),
        [](const Channel& channel) { return static_cast<std::uint32_t>(channel.delivered); });
  shows(NOC_CH_CREDITS_OFFSET(0), [](const Channel& channel) {
    std::uint64_t fewest = channel.open && !channel.sources.empty() ? channel.slots : 0;
    if (channel.open)
      for (const Member& source : channel.sources)
        fewest = std::min(fewest, credits(channel, source));
    return static_cast<std::uint32_t>(fewest);
  });
  shows(NOC_CH_OVERFLOWS_OFFSET(0),
        [](const Channel& channel) { return static_cast<std::uint32_t>(channel.overflows); });
}

void Noc::Channels::show_state(unsigned number) {
  const std::uint32_t offset = NOC_CH_CTRL_OFFSET(number);
  regs_->set(offset, channels_[number].open ? NOC_CH_CTRL_OPEN_MASK : 0);
}

std::uint32_t Noc::Channels::why_not(const Channel& channel) const {
  const std::size_t sources = channel.sources.size();
  const std::size_t sinks = channel.sinks.size();
  const bool one_source = channel.kind == NOC_KIND_STREAM || channel.kind == NOC_KIND_MULTICAST;
  const bool one_sink = channel.kind == NOC_KIND_STREAM || channel.kind == NOC_KIND_REDUCE;
  const bool window = channel.kind == NOC_KIND_WINDOW;
  if (sinks == 0 || (one_sink && sinks != 1) || (one_source && sources != 1) ||
      (!window && sources == 0))
    return NOC_ERROR_MEMBERS;
  if (!window) {
    if (channel.slots == 0) return NOC_ERROR_SLOTS;
    const std::uint64_t end =
        channel.address + std::uint64_t{channel.slots - 1} * channel.pitch + channel.bytes;
    const bool apart = channel.slots == 1 || channel.pitch >= channel.bytes;
    if (channel.bytes == 0 || channel.bytes % 4 != 0 || !apart || end > noc_.config_.window_bytes)
      return NOC_ERROR_BYTES;
  }
  for (const Member& source : channel.sources)
    for (const Member& sink : channel.sinks)
      if (!noc_.fabric_->tree_reachable(source.endpoint, sink.endpoint) ||
          !noc_.fabric_->reachable(source.endpoint, sink.endpoint))
        return NOC_ERROR_UNREACHABLE;
  return NOC_ERROR_NONE;
}

void Noc::Channels::open(unsigned number) {
  Channel& channel = channels_[number];
  const auto value = [&](std::uint32_t offset) { return regs_->get(offset + number * kStride); };
  channel.kind = value(NOC_CH_KIND_OFFSET(0));
  channel.bytes = value(NOC_CH_BYTES_OFFSET(0));
  channel.slots = value(NOC_CH_SLOTS_OFFSET(0));
  channel.address = value(NOC_CH_ADDRESS_OFFSET(0));
  channel.pitch = value(NOC_CH_PITCH_OFFSET(0));
  channel.error = why_not(channel);
  if (channel.error != NOC_ERROR_NONE) return;
  channel.source_endpoints.clear();
  channel.sink_endpoints.clear();
  const bool reduce = channel.kind == NOC_KIND_REDUCE;
  for (Member& source : channel.sources) {
    source = Member(source.endpoint);
    source.credits.assign(reduce ? 1 : channel.sinks.size(), 0);
    channel.source_endpoints.push_back(source.endpoint);
  }
  for (Member& sink : channel.sinks) {
    sink = Member(sink.endpoint);
    channel.sink_endpoints.push_back(sink.endpoint);
  }
  channel.delivered = channel.overflows = 0;
  channel.open = true;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

// Whoever waits for the channel is refused from now on.
void Noc::Channels::close(unsigned number) {
  Channel& channel = channels_[number];
  channel.open = false;
  channel.vectors.clear();
  std::erase_if(tags_, [&](const auto& entry) { return entry.second.channel == number; });
  std::erase_if(actions_, [&](const auto& entry) { return entry.second.tag.channel == number; });
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void Noc::Channels::stop(Channel& channel, std::uint32_t error, const std::string& message) {
  const auto number = static_cast<unsigned>(&channel - channels_.data());
  channel.error = error;
  close(number);
  show_state(number);
  noc_.services().control.guest_warning(noc_.name(),
                                        fmt::format("channel {}: {}", number, message));
}

nlohmann::ordered_json Noc::Channels::report() const {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (std::size_t number = 0; number < channels_.size(); ++number) {
    const Channel& channel = channels_[number];
    if (channel.total == 0 && channel.blocked == 0) continue;
    json[std::to_string(number)] = {{"kind", kKinds[channel.kind]},
                                    {"vector_bytes", channel.bytes},
                                    {"vectors", channel.total},
                                    {"sends_without_credit", channel.blocked}};
  }
  return json;
}

void Noc::Channels::blocked(unsigned endpoint, unsigned channel, bool sends) {
  const auto [at, fresh] = waits_.try_emplace(endpoint);
  if (!fresh && at->second.channel == channel && at->second.sends == sends) return;
  at->second = {channel, sends, now_ps(), false};
  watch_event_.notify(
      sc_core::sc_time::from_value(noc_.config_.fabric.watchdog_cycles * to_ps(noc_.period_)));
}

// Wakes when the latest wait has lasted the watchdog's time: then every older one has, too.
void Noc::Channels::watch() {
  for (auto& [endpoint, wait] : waits_) {
    if (wait.reported) continue;
    const std::string text = circle(endpoint);
    if (text.empty()) continue;
    for (auto& [other, one] : waits_) one.reported = true;
    noc_.alarm(text);
    return;
  }
}

// The circle of waits that `start` is part of, in words; empty if it is part of none.
std::string Noc::Channels::circle(unsigned start) const {
  std::map<unsigned, unsigned> reached_from;
  std::vector<unsigned> open{start};
  while (!open.empty()) {
    const unsigned endpoint = open.back();
    open.pop_back();
    const auto wait = waits_.find(endpoint);
    if (wait == waits_.end()) continue;
    const Channel& channel = channels_[wait->second.channel];
    if (!channel.open) continue;
    for (const Member& partner : wait->second.sends ? channel.sinks : channel.sources) {
      if (!reached_from.emplace(partner.endpoint, endpoint).second) continue;
      open.push_back(partner.endpoint);
    }
  }
  if (!reached_from.contains(start)) return "";
  std::vector<unsigned> way{start};
  for (unsigned at = reached_from.at(start); at != start; at = reached_from.at(at))
    way.push_back(at);
  std::reverse(way.begin() + 1, way.end());
  std::string text = "vectors wait for each other:";
  for (std::size_t i = 0; i < way.size(); ++i) {
    const Wait& wait = waits_.at(way[i]);
    text += fmt::format("{} endpoint {} {} channel {} for endpoint {}", i == 0 ? "" : ",", way[i],
                        wait.sends ? "waits to send through" : "waits to receive from",
                        wait.channel, way[(i + 1) % way.size()]);
  }
  return text;
}

}  // namespace aimc::noc
