// SPDX-License-Identifier: Apache-2.0
// State of a crossbar: weights to cells, cells over time, what the digital side makes of them.
#include "aimc/cim/crossbar.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "aimc/cim/draw.h"
#include "aimc/common/error.h"
#include "crossbar_general.h"
#include "crossbar_state.h"

namespace aimc::cim {

Crossbar::Crossbar(const TileConfig& config, std::unique_ptr<const DeviceModel> device,
                   const CrossbarOptions& options, const RandomStream& random)
    : Array(config.rows, config.columns, true),
      config_(config),
      device_(std::move(device)),
      options_(options),
      random_(random),
      dac_(config.dac),
      adcs_(config.adc, config.columns, random),
      decode_(device_->g_max() / (device_->g_max() - device_->g_min())),
      drift_factors_(config.columns, 1.0),
      terms_(std::make_unique<Terms>()) {
  set_retention(device_->retention_s());
  set_initial_age(config.age_s);
  make_pairs();
  general_ = std::make_unique<CrossbarGeneral>(*this);
  update_terms();
}

Crossbar::~Crossbar() = default;

void Crossbar::make_pairs() {
  const CrossbarConfig& array = config_.crossbar;
  const bool sliced = array.arrangement == "bit_slices";
  const unsigned count = array.arrangement == "pair" ? 1 : array.pairs;
  const double radix = array.pair_factor;
  // Digits are taken apart in single precision, exact up to 2^24.
  if (sliced && (radix < 2.0 || radix != std::floor(radix) || std::pow(radix, count) > 0x1p24))
    user_error(
        "crossbar.pair_factor: {} is no radix for {} bit slices. Known: whole numbers from 2 whose "
        "power {} is at most 2^24",
        radix, count, count);
  double total = 0.0;
  double factor = 1.0;
  for (unsigned p = 0; p < count; ++p, factor *= array.pair_factor) {
    if (p == 0 || sliced) slices_.emplace_back(rows(), columns());
    pairs_.emplace_back();
    pairs_.back().slice = slices_.size() - 1;
    pairs_.back().factor = static_cast<float>(factor);
    for (Cells& cells : pairs_.back().polarity) {
      cells.target = Plane::Zero(rows(), columns());
      cells.reached = cells.target;
    }
    total += factor;
  }
  for (Pair& pair : pairs_) {
    if (!sliced) {
      pair.factor = static_cast<float>(static_cast<double>(pair.factor) / total);
      continue;
    }
    slices_[pair.slice].weight = static_cast<double>(pair.factor) / total;
    pair.factor = 1.0f;
  }
}

/// Relative conductance, -1..1, that each pair shall have for weights of -1..1.
std::vector<Plane> Crossbar::split(const Plane& relative) const {
  if (pairs_.size() == 1) return {relative};
  const CrossbarConfig& array = config_.crossbar;
  std::vector<Plane> parts;
  Plane rest = relative;
  if (slices_.size() == 1) {
    // Currents add: the least significant pair takes what it can, the rest goes up.
    for (const Pair& pair : pairs_) {
      parts.emplace_back((rest / pair.factor).cwiseMin(1.0f).cwiseMax(-1.0f));
      rest -= parts.back() * pair.factor;
    }
    return parts;
  }
  const float radix = static_cast<float>(array.pair_factor);
  float largest = 1.0f;
  for (std::size_t p = 0; p < pairs_.size(); ++p) largest *= radix;
  rest = (relative.abs() * (largest - 1.0f)).round();
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    const Plane above = (rest / radix).floor();
    parts.emplace_back((rest - above * radix) / (radix - 1.0f) * relative.sign());
    rest = above;
  }
  return parts;
}

void Crossbar::apply_stuck(const CellDraws& draws, Programmed& cells) const {
  const auto low = static_cast<float>(config_.crossbar.stuck_low);
  const auto high = static_cast<float>(config_.crossbar.stuck_high);
  if (low == 0.0f && high == 0.0f) return;
  CellDraws for_life = draws;
  for_life.operation = 0;
  const Plane fate = for_life.uniforms(kDrawStuck);
  cells.reached = (fate < low).select(device_->g_min(), cells.reached);
  cells.reached = (fate >= 1.0f - high).select(device_->g_max(), cells.reached);
  const Plane stuck = (fate < low || fate >= 1.0f - high).cast<float>();
  const Plane error = (cells.reached - cells.target).abs();
  cells.failed = (stuck > 0.0f && error > 0.05f * device_->g_max()).select(1.0f, cells.failed);
}

ProgramReport Crossbar::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                              unsigned full_scale, std::uint64_t operation) {
  Plane relative(block.rows, block.columns);  // weight / full scale
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      relative(r, c) = static_cast<float>(weights[r * stride + c]) / static_cast<float>(full_scale);
  relative = relative.cwiseMin(1.0f).cwiseMax(-1.0f);

  const float g_min = device_->g_min();
  const float range = device_->g_max() - g_min;
  const std::vector<Plane> parts = split(relative);
  Plane failed = Plane::Zero(block.rows, block.columns);
  ProgramReport report;
  for (std::size_t p = 0; p < pairs_.size(); ++p) {  // pairs are programmed one after another
    Plane failed_pair = Plane::Zero(block.rows, block.columns);
    Plane pulses[2];
    for (std::uint32_t polarity = 0; polarity < 2; ++polarity) {
      const float sign = polarity == 0 ? 1.0f : -1.0f;
      const auto device = static_cast<std::uint32_t>(2 * p) + polarity;
      const CellDraws draws{random_, block, columns(), device, operation};
      Programmed cells = device_->program((parts[p] * sign).cwiseMax(0.0f) * range + g_min, draws);
      apply_stuck(draws, cells);
      failed_pair = failed_pair.cwiseMax(cells.failed);
      pulses[polarity] = std::move(cells.pulses);
      Cells& all = pairs_[p].polarity[polarity];
      all.target.block(block.first_row, block.first_column, block.rows, block.columns) =
          cells.target;
      all.reached.block(block.first_row, block.first_column, block.rows, block.columns) =
          cells.reached;
    }
    failed = failed.cwiseMax(failed_pair);
    report += pulses[0].size() > 0 ? device_->cost_of_pulses(failed_pair, pulses[0], pulses[1])
                                   : device_->cost(failed_pair);
  }
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      if (failed(r, c) > 0.0f) mark_failed(block.first_row + r, block.first_column + c);
  compute_cells(loads().back());
  update_drift_factors();
  report.cells = block.cells();
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  return report;
}

double Crossbar::age_grid_of(const WeightLoad& load) const {
  return device_->grid_age(age_of(load));
}

void Crossbar::update_age() {
  if (pairs_.empty() || loads().empty()) return;
  std::vector<double> ages;
  for (const WeightLoad& load : loads()) ages.push_back(age_grid_of(load));
  if (ages == computed_ages_) return;
  for (const WeightLoad& load : loads()) compute_cells(load);
  computed_ages_ = std::move(ages);
  if (options_.automatic_compensation) update_drift_factors();
}

Crossbar::Present Crossbar::present(const Block& block, const WeightLoad& load) const {
  const float g_max = device_->g_max();
  const double age = age_grid_of(load);
  const auto part = [&block](const Plane& plane) -> Plane {
    return plane.block(block.first_row, block.first_column, block.rows, block.columns);
  };
  Present now;
  now.nets.assign(slices_.size(), Plane::Zero(block.rows, block.columns));
  now.sums = now.nets;
  now.variances = now.nets;
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    const Pair& pair = pairs_[p];
    Plane conductance[2];
    for (std::uint32_t polarity = 0; polarity < 2; ++polarity) {
      const auto device = static_cast<std::uint32_t>(2 * p) + polarity;
      const CellDraws draws{random_, block, columns(), device, load.operation};
      const Programmed cells{part(pair.polarity[polarity].target),
                             part(pair.polarity[polarity].reached), Plane(), Plane()};
      conductance[polarity] = device_->age(cells, age, draws) / g_max;
    }
    const Plane net = conductance[0] - conductance[1];
    now.nets[pair.slice] += net * pair.factor;
    now.sums[pair.slice] += (conductance[0] + conductance[1]) * pair.factor;
    now.variances[pair.slice] += device_->read_variance(net) * (pair.factor * pair.factor);
  }
  return now;
}

void Crossbar::compute_cells(const WeightLoad& load) {
  const Present now = present(load.block, load);
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    store(load.block, s, now.nets[s], now.variances[s]);
    general_->store(load.block, s, now.nets[s], now.sums[s]);
  }
  computed_ages_.clear();
}

void Crossbar::store(const Block& block, std::size_t index, const Plane& net,
                     const Plane& variance) {
  Slice& slice = slices_[index];
  const float scale = device_->variance_scale();
  const float steps = scale > 0.0f ? kVarianceSteps / scale : 0.0f;
  for (unsigned r = 0; r < block.rows; ++r) {
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned row = block.first_row + r;
      const unsigned column = block.first_column + c;
      slice.nets.set(row, column, net_steps(net(r, c)));
      slice.variances.set(row, column,
                          static_cast<std::int8_t>(std::nearbyint(
                              std::clamp(variance(r, c) * steps, 0.0f, kVarianceSteps))));
    }
  }
}

std::int16_t Crossbar::net_steps(float net) {
  return static_cast<std::int16_t>(std::nearbyint(std::clamp(net / kNetUnit, -32767.0f, 32767.0f)));
}

void Crossbar::update_drift_factors() {
  if (options_.drift_compensation != DriftCompensation::none) {
    std::vector<double> fresh(columns(), 0.0);
    std::vector<double> now(columns(), 0.0);
    for (const WeightLoad& load : loads()) {
      const Block& b = load.block;
      for (unsigned row = b.first_row; row < b.first_row + b.rows; ++row)
        for (unsigned c = b.first_column; c < b.first_column + b.columns; ++c) {
          fresh[c] += std::abs(static_cast<double>(fresh_net(row, c)));
          now[c] += std::abs(static_cast<double>(net(row, c)));
        }
    }
    set_drift_factors(fresh, now);
  }
  update_terms();
}

void Crossbar::set_drift_factors(const std::vector<double>& fresh, const std::vector<double>& now) {
  double all_fresh = 0.0;
  double all_now = 0.0;
  for (unsigned c = 0; c < columns(); ++c) {
    drift_factors_[c] = now[c] > 1e-4 ? fresh[c] / now[c] : 1.0;
    all_fresh += fresh[c];
    all_now += now[c];
  }
  if (options_.drift_compensation == DriftCompensation::global)
    std::fill(drift_factors_.begin(), drift_factors_.end(),
              all_now > 1e-4 ? all_fresh / all_now : 1.0);
}

void Crossbar::update_terms() {
  const std::size_t width = (columns() + kGroupColumns - 1) / kGroupColumns * kGroupColumns;
  for (auto* term : {&terms_->gain, &terms_->offset, &terms_->spread, &terms_->floor,
                     &terms_->limit, &terms_->step})
    term->assign(width, 0.0f);
  const double levels = dac_.levels();
  const double variance_unit =
      static_cast<double>(device_->variance_scale()) / static_cast<double>(kVarianceSteps) *
      std::ldexp(1.0, static_cast<int>(dac_.square_shift())) / (levels * levels);
  for (unsigned c = 0; c < columns(); ++c) {
    const double rate = static_cast<double>(adcs_.rate(c));
    const double noise = config_.crossbar.output_noise * rate;
    terms_->gain[c] = static_cast<float>(static_cast<double>(kNetUnit) / levels * rate);
    terms_->offset[c] = adcs_.offset(c);
    terms_->spread[c] = static_cast<float>(variance_unit * rate * rate);
    terms_->floor[c] = static_cast<float>(noise * noise + adcs_.noise() * adcs_.noise());
    terms_->limit[c] = adcs_.limit(c);
    terms_->step[c] = static_cast<float>(static_cast<double>(adcs_.step(c)) *
                                         static_cast<double>(decode_) * drift_factors_[c] * 127.0);
  }
}

MultiplyReport Crossbar::product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                 std::size_t count, std::uint64_t first_operation,
                                 std::int32_t* accumulators) const {
  if (config_.crossbar.precision == "oracle")
    return oracle_product(block, inputs, stride, count, first_operation, accumulators);
  if (general_->needed())
    return general_->product(block, inputs, stride, count, first_operation, accumulators);
  return fast_product(block, inputs, stride, count, first_operation, accumulators);
}

float Crossbar::net(unsigned row, unsigned column) const {
  double sum = 0.0;
  for (const Slice& slice : slices_)
    sum += slice.weight * static_cast<double>(slice.nets.get(row, column));
  return static_cast<float>(sum * static_cast<double>(kNetUnit));
}

float Crossbar::fresh_net(unsigned row, unsigned column) const {
  double sum = 0.0;
  for (const Pair& pair : pairs_)
    sum += slices_[pair.slice].weight *
           static_cast<double>(pair.factor * (pair.polarity[0].reached(row, column) -
                                              pair.polarity[1].reached(row, column)));
  return static_cast<float>(sum / static_cast<double>(device_->g_max()));
}

double Crossbar::drift_factor() const {
  double sum = 0.0;
  for (const double factor : drift_factors_) sum += factor;
  return sum / static_cast<double>(drift_factors_.size());
}

}  // namespace aimc::cim
