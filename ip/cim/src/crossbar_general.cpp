// SPDX-License-Identifier: Apache-2.0
#include "crossbar_general.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "aimc/cim/draw.h"
#include "crossbar_state.h"
#include "kernels/noise.h"

namespace aimc::cim {

/// One read of the array with its conversions.
struct CrossbarGeneral::Event {
  std::size_t slice = 0;
  unsigned shift = 0;     ///< Lowest magnitude bit of the input that takes part.
  unsigned bits = 8;      ///< Magnitude bits that take part.
  double full = 127.0;    ///< Steps of a full input.
  double weight = 1.0;    ///< Of the result.
  std::uint32_t key = 0;  ///< Number of the event, for its draws.
};

/// Buffers of one vector.
struct CrossbarGeneral::Work {
  std::vector<std::int16_t> all_steps;           // [block rows]
  InputBatch steps, sizes, squares, deviations;  // of the event's part of the inputs
  std::vector<double> net, total, weighted, deviation, square_sums;
  std::vector<float> variances, draws, output_draws;
  std::vector<double> result;
  std::uint64_t clipped = 0;
};

namespace {

/// Sums of a plane over a block for one vector, exact however many rows.
void exact_sums(const IntegerPlane& plane, const Block& block, const InputBatch& inputs,
                std::vector<double>& sums) {
  std::vector<std::int32_t> part(IntegerPlane::result_stride(block));
  sums.assign(block.columns, 0.0);
  const unsigned last = block.first_row + block.rows;
  for (unsigned begin = block.first_row / kSumRows * kSumRows; begin < last; begin += kSumRows) {
    plane.multiply(block, inputs, begin, begin + kSumRows, part.data());
    for (unsigned c = 0; c < block.columns; ++c)
      sums[c] += part[IntegerPlane::result_offset(block) + c];
  }
}

}  // namespace

CrossbarGeneral::CrossbarGeneral(const Crossbar& crossbar) : crossbar_(crossbar) {
  const CrossbarConfig& array = crossbar.config_.crossbar;
  const TimingConfig& timing = crossbar.config_.timing;
  split_phases_ = timing.phases >= 4;
  drops_ = array.ir_drop > 0.0;
  const bool curved_inputs = timing.input == "amplitude" && crossbar.config_.dac.inl > 0.0;
  const bool one_event = timing.input != "bit_serial" && crossbar.slices_.size() == 1 &&
                         (timing.input != "integrate" || timing.segment_bits == 0);
  const bool plain = !split_phases_ && !drops_ && array.nonlinearity == 0.0 &&
                     array.read_asymmetry == 0.0 && array.bound_management == "none" &&
                     array.noise_management == "none";
  needed_ = !one_event || !plain || curved_inputs || !crossbar.adcs_.linear();
  const unsigned columns = crossbar.columns();
  for (std::size_t s = 0; s < crossbar.slices_.size(); ++s) {
    if (split_phases_ || drops_) sums_.emplace_back(crossbar.rows(), columns);
    if (drops_) weighted_.emplace_back(crossbar.rows(), columns);
    if (needed_) variances_.emplace_back(crossbar.rows(), columns);
  }
  std::vector<float> draws(columns);
  crossbar.random_.at(kDrawNonlinearity).normals(draws);
  for (const float draw : draws)
    compression_.push_back(std::abs(array.nonlinearity *
                                    (1.0 + array.nonlinearity_spread * static_cast<double>(draw))) /
                           crossbar.config_.adc.full_scale);
}

void CrossbarGeneral::store(const Block& block, std::size_t slice, const Plane& net,
                            const Plane& sums) {
  if (!needed_) return;
  const BytePlane& variances = crossbar_.slices_[slice].variances;
  for (unsigned r = 0; r < block.rows; ++r) {
    const unsigned row = block.first_row + r;
    const double from_end = 1.0 - static_cast<double>(row) / crossbar_.rows();
    const auto share = static_cast<float>(1.0 - from_end * from_end);
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned column = block.first_column + c;
      variances_[slice].set(row, column, variances.get(row, column));
      if (!sums_.empty()) sums_[slice].set(row, column, Crossbar::net_steps(sums(r, c)));
      if (drops_) weighted_[slice].set(row, column, Crossbar::net_steps(net(r, c) * share));
    }
  }
}

std::vector<CrossbarGeneral::Event> CrossbarGeneral::events() const {
  const TimingConfig& timing = crossbar_.config_.timing;
  const int levels = crossbar_.dac_.levels();
  const auto magnitude = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(levels)));
  std::vector<Event> list;
  for (std::size_t s = 0; s < crossbar_.slices_.size(); ++s) {
    const double weight = crossbar_.slices_[s].weight;
    const auto add = [&](unsigned shift, unsigned bits) {
      const double full =
          bits == magnitude ? levels : std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
      const double share = full * std::ldexp(1.0, static_cast<int>(shift)) / levels;
      list.push_back(
          {s, shift, bits, full, weight * share, static_cast<std::uint32_t>(list.size())});
    };
    if (timing.input == "bit_serial") {
      for (unsigned bit = 0; bit < magnitude; ++bit) add(bit, 1);
    } else if (timing.input == "integrate" && timing.segment_bits > 0 &&
               magnitude > timing.segment_bits) {
      const unsigned low = magnitude / 2;
      add(0, low);
      add(low, magnitude - low);
    } else {
      add(0, magnitude);
    }
  }
  return list;
}

void CrossbarGeneral::select_inputs(const Block& block, const Event& event, Work& work) const {
  const int mask = (1 << event.bits) - 1;
  const bool curved =
      crossbar_.config_.timing.input == "amplitude" && crossbar_.config_.dac.inl > 0.0;
  std::int16_t* const steps = work.steps.vector(0, block);
  std::int16_t* const sizes = work.sizes.vector(0, block);
  std::int16_t* const squares = work.squares.vector(0, block);
  for (unsigned r = 0; r < block.rows; ++r) {
    const int step = work.all_steps[r];
    const int size = (std::abs(step) >> event.shift) & mask;
    steps[r] = static_cast<std::int16_t>(step < 0 ? -size : size);
    sizes[r] = static_cast<std::int16_t>(size);
    squares[r] = static_cast<std::int16_t>(size * size);
    if (curved)
      work.deviations.vector(0, block)[r] =
          static_cast<std::int16_t>(crossbar_.dac_.deviation(step));
  }
}

/// Normals times the root of `variances`, per column of the block.
void CrossbarGeneral::noise(std::uint32_t purpose, std::uint64_t operation, const Block& block,
                            const std::vector<float>& variances, std::vector<float>& out) const {
  if (std::all_of(variances.begin(), variances.end(), [](float v) { return v == 0.0f; })) {
    out.assign(block.columns, 0.0f);
    return;
  }
  const NoiseSource source = noise_source(crossbar_.random_, purpose, true);
  float zeros[kGroupColumns] = {}, ones[kGroupColumns], values[kGroupColumns] = {};
  float draws[kGroupColumns];
  std::fill_n(ones, kGroupColumns, 1.0f);
  const ColumnTerms terms{zeros, zeros, ones, zeros, zeros, zeros};
  out.resize(block.columns);
  const unsigned last = block.first_column + block.columns;
  for (unsigned group = block.first_column / kGroupColumns; group * kGroupColumns < last; ++group) {
    const unsigned base = group * kGroupColumns;
    const unsigned first = std::max(base, block.first_column);
    const unsigned end = std::min(base + kGroupColumns, last);
    for (unsigned c = first; c < end; ++c) values[c - base] = variances[c - block.first_column];
    kernels().noisy(source, group, operation, 2, 1, zeros, values, kGroupColumns, terms, draws,
                    kGroupColumns);
    for (unsigned c = first; c < end; ++c) out[c - block.first_column] = draws[c - base];
  }
}

/// Takes the IR drop along the input lines from the net sums, see chips.md 7.4 step 4.
void CrossbarGeneral::drop(unsigned rows, Work& work) const {
  const CrossbarConfig& array = crossbar_.config_.crossbar;
  const double wire = array.wire_ohms * static_cast<double>(crossbar_.device_->g_max()) * 1e-6;
  for (std::size_t c = 0; c < work.net.size(); ++c) {
    const double a = rows * wire * work.total[c];
    const double share = a * (a * (0.05 * a - 0.2) + 0.5);
    work.net[c] -= array.ir_drop * share * work.weighted[c];
  }
}

double CrossbarGeneral::through_column(unsigned column, double value) const {
  return value / (1.0 + compression_[column] * std::abs(value));
}

void CrossbarGeneral::read(const Block& block, const Event& event, std::uint64_t operation,
                           Work& work) const {
  const CrossbarConfig& array = crossbar_.config_.crossbar;
  const Crossbar::Slice& slice = crossbar_.slices_[event.slice];
  const double unit = static_cast<double>(Crossbar::kNetUnit) / event.full;
  const auto sums = [&](const IntegerPlane& plane, const InputBatch& inputs,
                        std::vector<double>& out) {
    exact_sums(plane, block, inputs, out);
    for (double& value : out) value *= unit;
  };
  sums(slice.nets, work.steps, work.net);
  if (!sums_.empty()) sums(sums_[event.slice], work.sizes, work.total);
  if (!split_phases_ && array.read_asymmetry > 0.0) {
    sums(slice.nets, work.sizes, work.weighted);
    for (std::size_t c = 0; c < work.net.size(); ++c)
      work.net[c] += array.read_asymmetry * 0.5 * (work.weighted[c] - work.net[c]);
  }
  if (drops_) {
    sums(weighted_[event.slice], work.steps, work.weighted);
    drop(crossbar_.rows(), work);
  }
  if (!work.deviations.data.empty()) {
    exact_sums(slice.nets, block, work.deviations, work.deviation);
    const double curve =
        crossbar_.config_.dac.inl * static_cast<double>(Crossbar::kNetUnit) / 127.0;
    for (std::size_t c = 0; c < work.net.size(); ++c) work.net[c] += curve * work.deviation[c];
  }

  const double variance_unit = static_cast<double>(crossbar_.device_->variance_scale()) /
                               static_cast<double>(Crossbar::kVarianceSteps) /
                               (event.full * event.full);
  work.variances.assign(block.columns, 0.0f);
  if (variance_unit > 0.0) {
    exact_sums(variances_[event.slice], block, work.squares, work.square_sums);
    for (unsigned c = 0; c < block.columns; ++c)
      work.variances[c] = static_cast<float>(work.square_sums[c] * variance_unit);
  }

  const unsigned conversions = split_phases_ ? 2 : 1;
  std::vector<float> output(block.columns);
  for (unsigned c = 0; c < block.columns; ++c) {
    const double adc = crossbar_.adcs_.ideal()
                           ? 0.0
                           : crossbar_.adcs_.noise() /
                                 static_cast<double>(crossbar_.adcs_.rate(block.first_column + c));
    // Two conversions share the array's noise of one product; each adds its converter's.
    work.variances[c] /= static_cast<float>(conversions);
    output[c] =
        static_cast<float>(array.output_noise * array.output_noise / conversions + adc * adc);
  }
  for (unsigned part = 0; part < conversions; ++part) {
    const std::uint32_t purpose = kDrawEventNoise + 4 * event.key + 2 * part;
    noise(purpose, operation, block, work.variances, work.draws);
    noise(purpose + 1, operation, block, output, work.output_draws);
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned column = block.first_column + c;
      double value = work.net[c];
      if (split_phases_) value = 0.5 * (work.total[c] + (part == 0 ? value : -value));
      value = through_column(column, value + static_cast<double>(work.draws[c]));
      value += static_cast<double>(work.output_draws[c]);
      bool clipped = false;
      // A counter that runs over two windows counts to twice its limit.
      const double code = crossbar_.adcs_.convert(column, value, conversions, clipped);
      work.clipped += clipped ? 1u : 0u;
      work.result[c] += event.weight * (part == 0 ? code : -code);
    }
  }
}

void CrossbarGeneral::attempt(const Block& block, const std::int8_t* input, std::uint64_t operation,
                              unsigned halvings, Work& work) const {
  work.all_steps.resize(block.rows);
  int peak = 127;
  if (crossbar_.config_.crossbar.noise_management == "abs_max") {
    peak = 1;
    for (unsigned r = 0; r < block.rows; ++r) peak = std::max(peak, std::abs(int{input[r]}));
    crossbar_.dac_.convert_scaled(input, block.rows, peak, halvings, work.all_steps.data());
  } else {
    crossbar_.dac_.convert(input, block.rows, work.all_steps.data(), halvings);
  }
  work.result.assign(block.columns, 0.0);
  work.clipped = 0;
  for (Event event : events()) {
    work.steps.shape(block, 1);
    work.sizes.shape(block, 1);
    work.squares.shape(block, 1);
    if (crossbar_.config_.timing.input == "amplitude" && crossbar_.config_.dac.inl > 0.0)
      work.deviations.shape(block, 1);
    event.key += 256 * halvings;
    select_inputs(block, event, work);
    read(block, event, operation, work);
  }
  for (double& value : work.result)
    value = std::ldexp(value, static_cast<int>(halvings)) * peak / 127.0;
}

MultiplyReport CrossbarGeneral::product(const Block& block, const std::int8_t* inputs,
                                        std::size_t stride, std::size_t count,
                                        std::uint64_t first_operation,
                                        std::int32_t* accumulators) const {
  const CrossbarConfig& array = crossbar_.config_.crossbar;
  const unsigned repeats = array.bound_management == "iterative" ? array.max_repeats : 0;
  MultiplyReport report;
  Work work;
  for (std::size_t n = 0; n < count; ++n) {
    unsigned halvings = 0;
    attempt(block, inputs + n * stride, first_operation + n, halvings, work);
    while (work.clipped > 0 && halvings < repeats) {
      ++report.extra_products;
      attempt(block, inputs + n * stride, first_operation + n, ++halvings, work);
    }
    report.clipped += work.clipped;
    std::int32_t* const out = accumulators + n * block.columns;
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned column = block.first_column + c;
      const double scale = static_cast<double>(crossbar_.decode_) *
                           crossbar_.drift_factors_[column] * 127.0 *
                           crossbar_.full_scale(block.first_row, column);
      out[c] = static_cast<std::int32_t>(std::nearbyint(std::clamp(
          work.result[c] * scale, -static_cast<double>(kLargest), static_cast<double>(kLargest))));
    }
  }
  return report;
}

}  // namespace aimc::cim
