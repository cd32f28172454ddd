// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "aimc/cim/cost.h"

namespace aimc::cim {

// Costs of several tiles together where a publication gives them: what a platform of such tiles is
// checked against without running one.

/// Tiles that hold one matrix larger than an array. Row blocks form a cascade: each tile adds the
/// sums of the one before and hands them on over a link, element by element.
struct Cascade {
  unsigned tiles = 1;         ///< All that work.
  unsigned depth = 1;         ///< Row blocks, one tile behind the other.
  unsigned columns = 256;     ///< Elements that a tile converts and passes on.
  unsigned extra_cycles = 0;  ///< Of digital units behind the cascade (LSTM gates: 36).
};

struct SystemCost {
  double seconds = 0.0;
  double joules = 0.0;
};

/// One input vector through a cascade: the product, one element a clock, `digital_latency` clocks
/// in each tile. Energy: products of whole arrays (converters and drivers of unused lines run as
/// well: the chip's tiles take no less at 86 % use), one result per column and tile, static power
/// of the tiles for that time.
SystemCost cascade_cost(const TileConfig& config, const Cascade& cascade);

/// Operations a second of a tile fed by a stream of whole vectors, two per multiplication.
double streamed_ops(const TileConfig& config);

/// Digital columns with adders in each cell that take inputs bit by bit.
struct BitSerialCost {
  double step_seconds = 0.0;     ///< One input bit.
  double bit_pair_joules = 0.0;  ///< One input bit times one weight bit, its share of adders.
};

/// Colonnade, 65 nm, as a function of the bits of a weight: fitted by us to its energy and latency
/// at 1, 4, 8 and 16 bits of input and weight alike (tables of github.com/mit-emze/cimloop). A
/// column of b-bit weights takes e1 b + e2 b^2 a product of b bits, since registers and control
/// grow with b and adders with b^2; its time is a b + c b^2.
/// @param volts  0.6 to 0.8; energy in between is interpolated along a straight line, which the
///               three published voltages are on within 2 %. Times hold for 0.8 V.
BitSerialCost bit_serial_cost(unsigned weight_bits, double volts = 0.8);

/// One row of a published table of components.
struct Component {
  const char* name;
  double count;       ///< Of this component in the whole; may be a share.
  double milliwatts;  ///< Each.
};
double component_watts(std::span<const Component> components);

}  // namespace aimc::cim
