// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace aimc::vp {

/// One result that the firmware handed to the host.
struct Result {
  std::uint32_t frame = 0;
  std::uint32_t predicted = 0;
  std::vector<std::uint8_t> bytes;  ///< Logits, int8.
  std::uint64_t presented_ps = 0;   ///< When the sensor showed the record.
  std::uint64_t committed_ps = 0;
  double energy_j = 0.0;  ///< Of the whole platform up to the commit.
};

/// Listens to the results of a run and compares them with the labels.
class Scoreboard {
 public:
  explicit Scoreboard(std::vector<std::uint8_t> labels) : labels_(std::move(labels)) {}

  void add(Result result) { results_.push_back(std::move(result)); }
  const std::vector<Result>& results() const { return results_; }
  bool has_labels() const { return !labels_.empty(); }

  /// Results whose class equals the label of their frame.
  std::uint64_t correct() const;
  double accuracy() const;

  struct Latency {
    double mean_s = 0.0;
    double min_s = 0.0;
    double max_s = 0.0;
  };
  /// From the sensor showing a record to the host having its result.
  Latency latency() const;
  /// Results per second between the first and the last result; 0 with fewer than two.
  double throughput_hz() const;
  /// Energy of one inference in the steady state: all that the platform spent between the first and
  /// the last result, over the results in between. Set-up and programming are not in it. With a
  /// single result there is no steady state: 0.
  double energy_per_result_j() const;

 private:
  std::vector<std::uint8_t> labels_;
  std::vector<Result> results_;
};

}  // namespace aimc::vp
