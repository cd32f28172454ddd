// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products of an array model against a bare Eigen product of the same shape in the
// same run: one thread, CPU time, best of several samples, the two measured alternately.
//
// usage: cim_speed [kernels]   e.g. cim_speed avx2
#include <fmt/format.h>
#include <time.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/kernel_choice.h"

namespace {

using aimc::cim::Array;

constexpr unsigned kSize = 256;
constexpr unsigned kTiles = 64;
constexpr int kSamples = 15;
constexpr double kSampleSeconds = 0.02;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Calls of `work` that take about `kSampleSeconds`.
std::size_t repeats_of(const std::function<void()>& work) {
  work();
  const double start = cpu_seconds();
  work();
  const double once = std::max(1e-7, cpu_seconds() - start);
  return static_cast<std::size_t>(std::max(1.0, kSampleSeconds / once));
}

/// Seconds of one call of each: best samples, taken in turn, so that other load on the machine
/// hardly shows and meets both alike.
std::pair<double, double> times_of(const std::function<void()>& first,
                                   const std::function<void()>& second) {
  const std::function<void()>* const works[] = {&first, &second};
  const std::size_t repeats[] = {repeats_of(first), repeats_of(second)};
  double best[] = {1e9, 1e9};
  for (int sample = 0; sample < kSamples; ++sample)
    for (int which = 0; which < 2; ++which) {
      const double start = cpu_seconds();
      for (std::size_t i = 0; i < repeats[which]; ++i) (*works[which])();
      const double once = (cpu_seconds() - start) / static_cast<double>(repeats[which]);
      best[which] = std::min(best[which], once);
    }
  return {best[0], best[1]};
}

std::vector<std::int8_t> data(std::uint32_t purpose, float low, float high) {
  const aimc::RandomStream random(1, "bench.data");
  std::vector<std::int8_t> bytes(kSize * kSize);
  for (std::uint32_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::int8_t>(low + random.at(purpose).uniform(i) * (high - low));
  return bytes;
}

aimc::cim::TileConfig tile_config(const std::string& kind) {
  aimc::cim::TileConfig config;
  config.kind = kind;
  config.rows = kSize;
  config.columns = kSize;
  config.age_s = 86400.0;
  config.adc.levels = 127;
  config.crossbar.output_noise = 0.05;
  return config;
}

std::unique_ptr<Array> programmed_array(const std::string& kind, unsigned tile) {
  auto array = make_array(tile_config(kind), aimc::RandomStream(1, fmt::format("tile{}", tile)));
  array->program({0, kSize, 0, kSize}, data(1, -127.0f, 128.0f).data(), kSize, 127, 0);
  return array;
}

struct Bench {
  Eigen::MatrixXf w = Eigen::MatrixXf::Random(kSize, kSize);
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(kSize, kSize);
  Eigen::MatrixXf y{kSize, kSize};
  std::vector<std::int8_t> inputs = data(2, -127.0f, 128.0f);
  std::vector<std::int32_t> accumulators = std::vector<std::int32_t>(kSize * kSize);
  std::uint64_t operation = 0;

  void product(const Array& array, unsigned batch) {
    array.multiply({0, kSize, 0, kSize}, inputs.data(), kSize, batch, operation,
                   accumulators.data());
    operation += batch;
  }
  void eigen(const Eigen::MatrixXf& weights, unsigned batch) {
    if (batch == 1)
      y.col(0).noalias() = weights * x.col(0);
    else
      y.leftCols(batch).noalias() = weights * x.leftCols(batch);
  }
  static void print(const std::string& what, const std::string& batch, double products,
                    std::pair<double, double> times) {
    fmt::print("{:<26} {:>6} {:>10.3f} {:>10.3f} {:>12.0f} {:>8.2f}\n", what, batch,
               1e6 * times.first / products, 1e6 * times.second / products, products / times.second,
               times.second / times.first);
  }

  void batches(const std::string& kind) {
    const auto array = programmed_array(kind, 0);
    for (const unsigned batch : {1u, 16u, 64u, 256u})
      print(kind, std::to_string(batch), batch,
            times_of([&] { eigen(w, batch); }, [&] { product(*array, batch); }));
  }

  void tiles_in_turn() {
    std::vector<std::unique_ptr<Array>> arrays;
    std::vector<Eigen::MatrixXf> matrices;
    for (unsigned i = 0; i < kTiles; ++i) {
      arrays.push_back(programmed_array("pcm", i));
      matrices.push_back(Eigen::MatrixXf::Random(kSize, kSize));
    }
    const auto times = times_of(
        [&] {
          for (const auto& matrix : matrices) eigen(matrix, 1);
        },
        [&] {
          for (const auto& array : arrays) product(*array, 1);
        });
    print(fmt::format("pcm, {} tiles in turn", kTiles), "1", kTiles, times);
  }
};

void program_tiles() {
  aimc::cim::TileConfig config = tile_config("pcm");
  config.pcm.program_verify = "pulses";
  const std::vector<std::int8_t> weights = data(1, -127.0f, 128.0f);
  const double start = cpu_seconds();
  for (unsigned i = 0; i < kTiles; ++i)
    make_array(config, aimc::RandomStream(1, fmt::format("tile{}", i)))
        ->program({0, kSize, 0, kSize}, weights.data(), kSize, 127, 0);
  fmt::print("\nProgramming {} full tiles, program-verify pulse by pulse: {:.2f} s of CPU\n",
             kTiles, cpu_seconds() - start);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc > 1) aimc::cim::use_kernels(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  Eigen::setNbThreads(1);
  fmt::print("{0}x{0} array, 8-bit converters, one thread, CPU time per product, {1} kernels.\n",
             kSize, aimc::cim::kernels_in_use());
  fmt::print(
      "pcm: programming error, one day of drift, read and output noise drawn for every product.\n"
      "The yardstick is Eigen in fp32 (SGEMV for batch 1, SGEMM else) with {}.\n\n",
      Eigen::SimdInstructionSetsInUse());
  fmt::print("{:<26} {:>6} {:>10} {:>10} {:>12} {:>8}\n", "array", "batch", "Eigen us", "ours us",
             "ours MVM/s", "ratio");
  Bench bench;
  bench.batches("pcm");
  bench.tiles_in_turn();
  bench.batches("ideal");
  program_tiles();
  return 0;
}
