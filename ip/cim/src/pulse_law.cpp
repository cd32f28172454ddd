// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/pulse_law.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/exact_math.h"

namespace aimc::cim {
namespace {

constexpr double kSmallestDraw = 1.0 / (1 << 24);  // of uniform draws above 0

}  // namespace

PulseLaw::PulseLaw(double mean, double failed, unsigned largest)
    : mean_(mean), failed_(failed), largest_(largest) {
  // (1 - failed) / p pulses on average, if those beyond the largest count as the largest.
  const double p = std::min(1.0 - 1e-9, (1.0 - failed) / std::max(mean, 1.0));
  log_miss_ = exact_log(1.0 - p);
}

PulseLaw PulseLaw::with_failures(double mean, double failed) {
  const PulseLaw law(mean, failed, 0);
  const double last = exact_log(std::max(failed, kSmallestDraw)) / law.log_miss_;
  return PulseLaw(mean, failed, static_cast<unsigned>(std::max(1.0, std::ceil(last))));
}

PulseLaw PulseLaw::with_limit(double mean, unsigned largest) {
  double failed = 0.0;
  for (int i = 0; i < 20; ++i)  // the share of failures and the chance of a pulse fit each other
    failed = exact_exp(largest * PulseLaw(mean, failed, largest).log_miss_);
  return PulseLaw(mean, failed, largest);
}

unsigned PulseLaw::pulses(double uniform) const {
  if (fails(uniform)) return largest_;
  const double needed = std::floor(exact_log(std::max(uniform, kSmallestDraw)) / log_miss_) + 1.0;
  return static_cast<unsigned>(std::min<double>(needed, largest_));
}

double PulseLaw::slowest(std::uint64_t cells) const {
  double mean = 0.0;  // of the largest of n: the sum over k of P(some cell needs more than k)
  for (unsigned k = 0; k < largest_; ++k) {
    const double done = 1.0 - exact_exp(k * log_miss_);
    mean += done <= 0.0 ? 1.0 : 1.0 - exact_exp(static_cast<double>(cells) * exact_log(done));
  }
  return mean;
}

void PulseLaw::draw(const CellDraws& draws, Programmed& cells) const {
  const Plane uniforms = draws.uniforms(kDrawFailure);
  cells.pulses.resize(uniforms.rows(), uniforms.cols());
  for (Eigen::Index i = 0; i < uniforms.size(); ++i) {
    const double uniform = static_cast<double>(uniforms.data()[i]);
    cells.pulses.data()[i] = static_cast<float>(pulses(uniform));
    if (fails(uniform)) cells.failed.data()[i] = 1.0f;
  }
}

PulseTotals total_pulses(const Plane& positive, const Plane& negative, unsigned together) {
  PulseTotals totals;
  for (const Plane* const plane : {&positive, &negative})
    for (Eigen::Index r = 0; r < plane->rows(); ++r)
      for (Eigen::Index c = 0; c < plane->cols(); c += together) {
        const Eigen::Index count = std::min<Eigen::Index>(together, plane->cols() - c);
        const auto run = plane->row(r).segment(c, count);
        totals.pulses += static_cast<double>(run.sum());
        totals.slowest += static_cast<double>(run.maxCoeff());
      }
  return totals;
}

PulseTotals expected_pulses(const PulseLaw& law, unsigned rows, unsigned columns,
                            unsigned together) {
  const double lines = 2.0 * rows;  // a row of each polarity
  const unsigned runs = columns / together;
  const unsigned rest = columns % together;
  PulseTotals totals;
  totals.pulses = lines * columns * law.mean();
  if (runs > 0) totals.slowest += lines * runs * law.slowest(together);
  if (rest > 0) totals.slowest += lines * law.slowest(rest);
  return totals;
}

}  // namespace aimc::cim
