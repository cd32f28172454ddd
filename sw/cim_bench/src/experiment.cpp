// SPDX-License-Identifier: Apache-2.0
#include "experiment.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/rom/rom_image.h"
#include "aimc/common/error.h"
#include "aimc/common/random.h"

namespace aimc::cim_bench {
namespace {

enum Purpose : std::uint32_t { kWeights = 1, kZeros = 1000 };

/// A mask image that lives as long as the array needs to read it.
class MaskFile {
 public:
  MaskFile(const cim::TileConfig& config, const std::vector<std::int8_t>& weights)
      : path_(std::filesystem::temp_directory_path() /
              fmt::format("cim-bench-{}.rom", ::getpid())) {
    cim::RomImage image;
    image.add("array", config.rows, config.columns, {0, config.rows, 0, config.columns}, 127,
              weights.data(), config.columns);
    image.write(path_);
  }
  ~MaskFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  MaskFile(const MaskFile&) = delete;
  MaskFile& operator=(const MaskFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

std::vector<std::int8_t> uniform_with_zeros(std::uint64_t seed, std::uint32_t purpose,
                                            std::size_t count) {
  const RandomStream random(seed, "cim-bench");
  const RandomStream values = random.at(purpose);
  const RandomStream zeros = random.at(purpose + kZeros);
  std::vector<std::int8_t> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto element = static_cast<std::uint32_t>(i);
    if (zeros.uniform(element) >= 0.3f)
      out[i] = static_cast<std::int8_t>(std::floor(values.uniform(element) * 255.0f) - 127.0f);
  }
  return out;
}

Experiment::Experiment(const Subject& subject, std::vector<std::int8_t> weights)
    : weights_(std::move(weights)) {
  cim::TileConfig config = subject.config;
  if (weights_.empty())
    weights_ =
        uniform_with_zeros(subject.seed, kWeights, std::size_t{config.rows} * config.columns);
  const RandomStream random(subject.seed, subject.label);
  if (!cim::find_array_kind(config.kind).writable) {  // the weights come with the chip
    const MaskFile mask(config, weights_);
    config.rom.image = mask.path();
    config.rom.section.clear();
    array_ = make_array(config, random);
    return;
  }
  array_ = make_array(config, random);
  programming_ = array_->program(whole(), weights_.data(), columns(), 127, 0);
}

std::vector<std::int32_t> Experiment::products(const std::vector<std::int8_t>& inputs,
                                               std::size_t count) {
  std::vector<std::int32_t> sums(count * columns());
  clipped_ +=
      array_->multiply(whole(), inputs.data(), rows(), count, operation_, sums.data()).clipped;
  operation_ += count;
  return sums;
}

std::vector<std::int64_t> Experiment::exact(const std::vector<std::int8_t>& inputs,
                                            std::size_t count) const {
  std::vector<std::int64_t> sums(count * columns());
  for (std::size_t n = 0; n < count; ++n)
    for (unsigned r = 0; r < rows(); ++r) {
      const std::int64_t x = inputs[n * rows() + r];
      if (x == 0) continue;
      const std::int8_t* const row = &weights_[std::size_t{r} * columns()];
      std::int64_t* const out = &sums[n * columns()];
      for (unsigned c = 0; c < columns(); ++c) out[c] += x * row[c];
    }
  return sums;
}

double relative_error(const std::vector<std::int32_t>& found,
                      const std::vector<std::int64_t>& exact) {
  double error = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto reference = static_cast<double>(exact[i]);
    error += (found[i] - reference) * (found[i] - reference);
    norm += reference * reference;
  }
  return norm > 0.0 ? std::sqrt(error / norm) : 0.0;
}

}  // namespace aimc::cim_bench
