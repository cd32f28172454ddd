// SPDX-License-Identifier: Apache-2.0
// The hot half of bit-plane arrays, compiled for this machine's vector units: integers are exact
// and single-precision operations keep their order, so results do not depend on them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "aimc/cim/digital/precision.h"
#include "aimc/cim/planes/plane_array.h"
#include "aimc/cim/planes/plane_draw.h"
#include "aimc/cim/planes/quick_normals.h"
#include "plane_units.h"

namespace aimc::cim {
namespace {

constexpr std::size_t kChunk = 16;  // vectors whose bits and sums stay in the cache
constexpr double kLargest = 2147483520.0;

/// Rounds half to even for |x| < 2^22, on every machine alike; vectorises.
inline float round_even(float x) { return (x + 12582912.0f) - 12582912.0f; }

/// One row of conversions: constants of the way from the sums of a column to its code.
struct Conversion {
  float unit;       // levels of a unit of the sums, off-current removed
  float reference;  // levels subtracted by the reference column
  float cubic;      // per level squared
  float rate;       // codes of a level
  float top;        // largest code
};

/// Adds `digit` times the code of each column to its total.
/// @param bases  sums to add to `sums`. @param noise  in codes.
/// @returns conversions beyond the range.
template <bool WithBases, bool WithNoise>
std::int32_t convert_row(const Conversion& to, std::int32_t digit, unsigned columns,
                         const std::int32_t* __restrict sums, const std::int32_t* __restrict bases,
                         const float* __restrict noise, std::int32_t* __restrict totals) {
  const Conversion k = to;
  std::int32_t clipped = 0;
  for (unsigned c = 0; c < columns; ++c) {
    std::int32_t sum = sums[c];
    if constexpr (WithBases) sum += bases[c];
    const float level = static_cast<float>(sum) * k.unit - k.reference;
    const float bent = level - k.cubic * level * level * level;
    float raw = bent * k.rate;
    if constexpr (WithNoise) raw += noise[c];
    clipped += raw > k.top + 0.5f;
    const float bounded = raw > k.top ? k.top : raw < 0.0f ? 0.0f : raw;
    totals[c] += digit * static_cast<std::int32_t>(round_even(bounded));
  }
  return clipped;
}

std::int32_t convert_row(const Conversion& to, std::int32_t digit, unsigned columns,
                         const std::int32_t* sums, const std::int32_t* bases, const float* noise,
                         std::int32_t* totals) {
  const auto row = bases != nullptr
                       ? (noise != nullptr ? convert_row<true, true> : convert_row<true, false>)
                       : (noise != nullptr ? convert_row<false, true> : convert_row<false, false>);
  return row(to, digit, columns, sums, bases, noise, totals);
}

}  // namespace

/// Rows of one conversion.
struct PlaneArray::Group {
  unsigned index, begin, end;
  unsigned rows;  ///< Of the block.
};

/// Buffers of one call of `product`.
struct PlaneArray::Scratch {
  std::size_t count = 0;
  InputBatch bits;  // vector n * input_bits + q: bit q of input vector n
  InputBatch ones;  // one vector of driven rows
  std::vector<std::int32_t> sums, base_sums;
  std::vector<std::int32_t> totals;       // [vectors][columns]
  std::vector<std::int32_t> input_sums;   // of each vector
  std::vector<std::int32_t> input_ones;   // of the group: [vector][bit]
  std::vector<std::int32_t> weight_sums;  // of the block: [column]
  std::vector<float> noise;
};

std::uint64_t PlaneArray::load_inputs(const Block& block, const std::int8_t* inputs,
                                      std::size_t stride, Scratch& scratch) const {
  std::uint64_t clipped = 0;
  const unsigned bits = options_.input_bits;
  scratch.bits.shape(block, scratch.count * bits);
  for (std::size_t n = 0; n < scratch.count; ++n) {
    const std::int8_t* const x = inputs + n * stride;
    std::int32_t sum = 0;
    for (unsigned r = 0; r < block.rows; ++r) {
      const int value = to_operand(x[r], bits);
      clipped += value != x[r];
      sum += value;
    }
    scratch.input_sums[n] = sum;
    for (unsigned q = 0; q < bits; ++q) {
      std::int16_t* const to = scratch.bits.vector(n * bits + q, block);
      for (unsigned r = 0; r < block.rows; ++r) {
        const int value = to_operand(x[r], bits);
        to[r] = static_cast<std::int16_t>(bits == 1 ? value > 0 : (value >> q) & 1);
      }
    }
  }
  return clipped;
}

/// Ones of each input bit in a group: what the reference column of driven cells adds up.
void PlaneArray::count_ones(const Block& block, const Group& group, Scratch& scratch) const {
  const unsigned begin = std::max(group.begin, block.first_row) - block.first_row;
  for (std::size_t v = 0; v < scratch.input_ones.size(); ++v) {
    const std::int16_t* const x = scratch.bits.vector(v, block) + begin;
    std::int32_t ones = 0;
    for (unsigned r = 0; r < group.rows; ++r) ones += x[r];
    scratch.input_ones[v] = ones;
  }
}

/// Sums of the stored weights of each column, which the digital side counts at a weight load.
void PlaneArray::sum_weights(const Block& block, Scratch& scratch) const {
  scratch.weight_sums.assign(block.columns, 0);
  if (options_.function != CellFunction::equality && input_constant_ == 0) return;
  for (unsigned r = 0; r < block.rows; ++r) {
    const std::int8_t* const held =
        &held_[std::size_t{block.first_row + r} * columns() + block.first_column];
    for (unsigned c = 0; c < block.columns; ++c) scratch.weight_sums[c] += held[c];
  }
}

std::uint64_t PlaneArray::convert(const Block& block, const Group& group,
                                  std::uint64_t first_operation, Scratch& scratch) const {
  const PlaneOptions& o = options_;
  const bool equality = o.function == CellFunction::equality;
  const float cells = static_cast<float>((1 << o.bits_per_cell) - 1);
  const float low = static_cast<float>(o.low);
  const float gain = cells / (cells - low);
  const double full = full_levels(block.rows);
  const std::size_t stride = IntegerPlane::result_stride(block);
  const std::size_t offset = IntegerPlane::result_offset(block);
  Conversion conversion{};
  conversion.unit = static_cast<float>(level_scale(block) / kLevelUnits) * gain;
  conversion.cubic = static_cast<float>(o.cubic / (full * full));
  conversion.rate = static_cast<float>(1.0 / step(block.rows));
  conversion.top = o.converted ? static_cast<float>((1u << o.adc_bits) - 1) : 4.0e6f;
  std::uint64_t clipped = 0;
  for (unsigned p = 0; p < planes_.size(); ++p) {
    planes_[p].multiply(block, scratch.bits, group.begin, group.end, scratch.sums.data());
    if (equality)
      bases_[p].multiply(block, scratch.ones, group.begin, group.end, scratch.base_sums.data());
    const float* const offsets =
        offsets_.empty() ? nullptr : &offsets_[std::size_t{p} * columns() + block.first_column];
    for (std::size_t v = 0; v < scratch.count * o.input_bits; ++v) {
      const std::size_t n = v / o.input_bits;
      const unsigned q = static_cast<unsigned>(v % o.input_bits);
      if (undriven_is_zero_ && scratch.input_ones[v] == 0) continue;
      const std::int32_t driven =
          equality ? static_cast<std::int32_t>(group.rows) : scratch.input_ones[v];
      conversion.reference = low * static_cast<float>(driven) * gain;
      const float* noise = offsets;
      if (o.noise > 0.0) {
        const std::uint32_t element = ((group.index * weight_planes() + p) * o.input_bits + q);
        QuickNormals(random_, kDrawConversionNoise, first_operation + n)
            .fill(scratch.noise, element * columns() + block.first_column);
        for (unsigned c = 0; c < block.columns; ++c)
          scratch.noise[c] = scratch.noise[c] * static_cast<float>(o.noise) +
                             (offsets != nullptr ? offsets[c] : 0.0f);
        noise = scratch.noise.data();
      }
      clipped += static_cast<std::uint64_t>(convert_row(
          conversion, weight_digits_[p] * input_digits_[q], block.columns,
          &scratch.sums[v * stride + offset], equality ? &scratch.base_sums[offset] : nullptr,
          noise, &scratch.totals[n * block.columns]));
    }
  }
  return clipped;
}

/// Adds the digital terms and rounds to accumulator units. With D = sum d, E = sum e, X and W the
/// sums of inputs and weights over n rows, and 2 * and = equal + ones(w) + ones(x) - n.
void PlaneArray::finish(const Block& block, const Scratch& scratch, std::int32_t* out) const {
  const bool equality = options_.function == CellFunction::equality;
  const double step = this->step(block.rows);
  const std::int64_t n = block.rows;
  const std::int64_t cw = weight_constant_;
  const std::int64_t cx = input_constant_;
  const std::int64_t d = std::accumulate(weight_digits_.begin(), weight_digits_.end(), 0);
  const std::int64_t e = std::accumulate(input_digits_.begin(), input_digits_.end(), 0);
  for (std::size_t v = 0; v < scratch.count; ++v) {
    const std::int64_t x = scratch.input_sums[v];
    for (unsigned c = 0; c < block.columns; ++c) {
      const std::int64_t w = scratch.weight_sums[c];
      const double codes = step * scratch.totals[v * block.columns + c];
      const std::int64_t counted = e * (w - n * cw) + d * (x - n * cx) - n * d * e;
      const double product = equality ? 0.5 * (codes + static_cast<double>(counted)) : codes;
      const double value = product + static_cast<double>(cw * x + cx * w - n * cw * cx);
      out[v * block.columns + c] =
          static_cast<std::int32_t>(std::nearbyint(std::clamp(value, -kLargest, kLargest)));
    }
  }
}

MultiplyReport PlaneArray::product(const Block& block, const std::int8_t* inputs,
                                   std::size_t stride, std::size_t count,
                                   std::uint64_t first_operation,
                                   std::int32_t* accumulators) const {
  const std::size_t room =
      std::min(kChunk, count) * options_.input_bits * IntegerPlane::result_stride(block);
  Scratch scratch;
  scratch.sums.resize(room);
  scratch.base_sums.resize(IntegerPlane::result_stride(block));
  scratch.noise.resize(block.columns);
  scratch.ones.shape(block, 1);
  std::fill_n(scratch.ones.vector(0, block), block.rows, std::int16_t{1});
  sum_weights(block, scratch);

  const unsigned height = options_.rows_at_once == 0 ? rows() + rows() % 2 : options_.rows_at_once;
  const unsigned last = block.first_row + block.rows;
  MultiplyReport report;
  for (std::size_t done = 0; done < count; done += kChunk) {
    scratch.count = std::min(kChunk, count - done);
    scratch.totals.assign(scratch.count * block.columns, 0);
    scratch.input_sums.resize(scratch.count);
    scratch.input_ones.resize(scratch.count * options_.input_bits);
    report.clipped += load_inputs(block, inputs + done * stride, stride, scratch);
    for (unsigned g = block.first_row / height; g * height < last; ++g) {
      Group group{g, g * height, (g + 1) * height, 0};
      group.rows = std::min(group.end, last) - std::max(group.begin, block.first_row);
      count_ones(block, group, scratch);
      report.clipped += convert(block, group, first_operation + done, scratch);
    }
    finish(block, scratch, accumulators + done * block.columns);
  }
  return report;
}

}  // namespace aimc::cim
