// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "aimc/noc/flit/measure.h"

namespace aimc::noc::flit {

/// Latencies of the packets of one measurement.
class Latencies {
 public:
  void add(std::uint64_t packet, std::uint64_t network, unsigned routers) {
    ++count_;
    packet_sum_ += packet;
    network_sum_ += network;
    routers_sum_ += routers;
    max_ = std::max(max_, packet);
    const std::size_t bin = std::min<std::uint64_t>(packet, kBins - 1);
    if (bin >= bins_.size()) bins_.resize(bin + 1);
    ++bins_[bin];
  }
  void clear() { *this = {}; }
  void add(const Latencies& other) {
    count_ += other.count_;
    packet_sum_ += other.packet_sum_;
    network_sum_ += other.network_sum_;
    routers_sum_ += other.routers_sum_;
    max_ = std::max(max_, other.max_);
    if (bins_.size() < other.bins_.size()) bins_.resize(other.bins_.size());
    for (std::size_t bin = 0; bin < other.bins_.size(); ++bin) bins_[bin] += other.bins_[bin];
  }
  std::uint64_t count() const { return count_; }
  double sum() const { return static_cast<double>(packet_sum_); }
  double mean() const { return count_ == 0 ? 0.0 : sum() / static_cast<double>(count_); }
  void report(Measured& result) const {
    const auto n = static_cast<double>(std::max<std::uint64_t>(count_, 1));
    result.packets = count_;
    result.packet_latency = static_cast<double>(packet_sum_) / n;
    result.network_latency = static_cast<double>(network_sum_) / n;
    result.routers = static_cast<double>(routers_sum_) / n;
    result.p50 = quantile(0.50);
    result.p99 = quantile(0.99);
    result.max_latency = max_;
  }

 private:
  static constexpr std::size_t kBins = 1u << 20;
  /// Smallest latency that this share of the packets does not exceed.
  std::uint64_t quantile(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
      seen += bins_[bin];
      if (seen >= rank) return bin;
    }
    return max_;
  }

  std::uint64_t count_ = 0;
  std::uint64_t packet_sum_ = 0;
  std::uint64_t network_sum_ = 0;
  std::uint64_t routers_sum_ = 0;
  std::uint64_t max_ = 0;
  std::vector<std::uint32_t> bins_;
};

/// Decides from period to period whether to warm up, measure on or stop.
class Schedule {
 public:
  explicit Schedule(const Load& load) : load_(load) {}

  bool measuring() const { return periods_ >= load_.warmup_periods; }
  /// True before a period whose counters must start from zero.
  bool clears() const {
    return periods_ == load_.warmup_periods || (!measuring() && periods_ % 2 == 0);
  }
  /// Takes the means at the end of a period. @returns whether to go on with another.
  bool next(double latency, double accepted, bool judge_latency) {
    const auto changed = [this](double now, double& before) {
      const bool result = !(std::abs(now - before) <= load_.stop_threshold * std::abs(now));
      before = now;
      return result;
    };
    const bool latency_changed = changed(latency, latency_) && judge_latency;
    const bool accepted_changed = changed(accepted, accepted_);
    if (measuring()) settled_ = latency_changed || accepted_changed ? 0 : settled_ + 1;
    ++periods_;
    return periods_ < load_.max_samples && settled_ < 3;
  }

 private:
  const Load& load_;
  unsigned periods_ = 0;
  unsigned settled_ = 0;
  double latency_ = 0.0;
  double accepted_ = 0.0;
};

}  // namespace aimc::noc::flit
