// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "aimc/cim/crossbar.h"

namespace aimc::cim {

/// The product of a crossbar with all that the fast form leaves out. One or more *events* (array
/// reads with a conversion of every column) make a result:
///
///   slices                 an event each, results weighted and added digitally;
///   bit-serial inputs      an event for each magnitude bit; integrate: one, or two segments;
///   4 phases               positive and negative currents apart: P = x+ g+ + x- g-,
///                          N = x+ g- + x- g+, each converted by itself, then P - N;
///   fewer phases           the net current; inputs below 0 see conductances smaller by
///                          `read_asymmetry`;
///   bound management       all of it again with half the inputs while an output clips.
///
/// Within an event, per column, in cells: IR drop of the input lines; read noise; the column's
/// compression a / (1 + zeta |a|); output noise; conversion (`AdcBank`).
class CrossbarGeneral {
 public:
  explicit CrossbarGeneral(const Crossbar& crossbar);

  /// Whether the configuration asks for anything that the fast form has not.
  bool needed() const { return needed_; }
  /// Keeps what an event needs besides net conductances; after these and their variances.
  /// @param sums  (g+ + g-) / g_max.
  void store(const Block& block, std::size_t slice, const Plane& net, const Plane& sums);
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const;

 private:
  struct Event;
  struct Work;

  std::vector<Event> events() const;
  void attempt(const Block& block, const std::int8_t* input, std::uint64_t operation,
               unsigned halvings, Work& work) const;
  void select_inputs(const Block& block, const Event& event, Work& work) const;
  void read(const Block& block, const Event& event, std::uint64_t operation, Work& work) const;
  void drop(unsigned rows, Work& work) const;
  double through_column(unsigned column, double value) const;
  void noise(std::uint32_t purpose, std::uint64_t operation, const Block& block,
             const std::vector<float>& variances, std::vector<float>& out) const;

  const Crossbar& crossbar_;
  bool needed_;
  bool split_phases_;
  bool drops_;
  std::vector<IntegerPlane> sums_;       // (g+ + g-) / g_max in steps of 2^-14, if needed
  std::vector<IntegerPlane> weighted_;   // net * (1 - (1 - j/n)^2) for the IR drop, if needed
  std::vector<IntegerPlane> variances_;  // those of the slices, if needed: squares need 16 bits
  std::vector<double> compression_;      // zeta of each column / full scale
};

}  // namespace aimc::cim
