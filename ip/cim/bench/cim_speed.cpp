// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products of an array model against a bare Eigen product of the same shape in the
// same run: one thread, CPU time, best of several samples.
#include <fmt/format.h>
#include <time.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aimc/cim/array_kinds.h"

namespace {

constexpr unsigned kSize = 256;
constexpr int kSamples = 15;
constexpr double kSampleSeconds = 0.02;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds of one call of `work`: best sample, so that other load on the machine hardly shows.
double time_of(const std::function<void()>& work) {
  work();
  double start = cpu_seconds();
  work();
  const double once = std::max(1e-7, cpu_seconds() - start);
  const auto repeats = static_cast<std::size_t>(std::max(1.0, kSampleSeconds / once));
  double best = 1e9;
  for (int sample = 0; sample < kSamples; ++sample) {
    start = cpu_seconds();
    for (std::size_t i = 0; i < repeats; ++i) work();
    best = std::min(best, (cpu_seconds() - start) / static_cast<double>(repeats));
  }
  return best;
}

std::unique_ptr<aimc::cim::Array> programmed_array(const std::string& kind,
                                                   const std::vector<std::int8_t>& weights) {
  aimc::cim::TileConfig config;
  config.kind = kind;
  config.rows = kSize;
  config.columns = kSize;
  config.pcm.age_s = 86400.0;
  auto array = make_array(config, aimc::RandomStream(1, "bench"));
  array->program({0, kSize, 0, kSize}, weights.data(), kSize, 127, 0);
  return array;
}

}  // namespace

int main() {
  const aimc::RandomStream random(1, "bench.data");
  std::vector<std::int8_t> weights(kSize * kSize);
  std::vector<std::int8_t> inputs(kSize * kSize);
  for (std::uint32_t i = 0; i < kSize * kSize; ++i) {
    weights[i] = static_cast<std::int8_t>(random.at(1).uniform(i) * 255.0f - 127.0f);
    inputs[i] = static_cast<std::int8_t>(random.at(2).uniform(i) * 128.0f);
  }
  const auto pcm = programmed_array("pcm", weights);
  const auto ideal = programmed_array("ideal", weights);
  const aimc::cim::Block block{0, kSize, 0, kSize};

  Eigen::setNbThreads(1);
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(kSize, kSize);
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(kSize, kSize);
  Eigen::MatrixXf y(kSize, kSize);
  std::vector<std::int32_t> accumulators(kSize * kSize);
  std::uint64_t operation = 0;

  fmt::print("{0}x{0} array, 8-bit inputs, one thread, CPU time per product.\n", kSize);
  fmt::print(
      "pcm: programming error, one day of drift, read noise, counter ADC. The yardstick is\n"
      "Eigen in fp32 (SGEMV for batch 1, SGEMM else).\n\n");
  fmt::print("{:>6} {:>10} {:>10} {:>10} {:>12} {:>10} {:>10}\n", "batch", "Eigen us", "pcm us",
             "ideal us", "pcm MVM/s", "pcm ratio", "ideal ratio");
  for (const unsigned batch : {1u, 16u, 64u, 256u}) {
    const double yardstick = time_of([&] {
      if (batch == 1)
        y.col(0).noalias() = w * x.col(0);
      else
        y.leftCols(batch).noalias() = w * x.leftCols(batch);
    });
    const auto product = [&](const aimc::cim::Array& array) {
      return time_of([&] {
        array.multiply(block, inputs.data(), kSize, batch, operation, accumulators.data());
        operation += batch;
      });
    };
    const double pcm_time = product(*pcm);
    const double ideal_time = product(*ideal);
    fmt::print("{:>6} {:>10.3f} {:>10.3f} {:>10.3f} {:>12.0f} {:>10.2f} {:>10.2f}\n", batch,
               1e6 * yardstick / batch, 1e6 * pcm_time / batch, 1e6 * ideal_time / batch,
               batch / pcm_time, pcm_time / yardstick, ideal_time / yardstick);
  }
  return 0;
}
