// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace aimc {

/// Dimension of a parameter. Values are held in the SI unit; bytes count as bytes.
enum class Unit {
  none,  ///< Pure number; no unit may be written.
  second,
  hertz,
  joule,
  watt,
  byte,  ///< B, KiB, MiB, GiB.
  siemens,
  ampere,
  volt,
  square_metre,
};

/// Symbol of the SI unit: "s", "Hz", "J", ... ; "" for `Unit::none`.
const char* symbol(Unit unit);

/// Reads "133 ns", "0.205pJ", "400 MHz", "256 KiB", "1 d" or, for `Unit::none`, "0.5".
///
/// A number without a unit is refused where a unit is due, except for a plain 0: a missing unit
/// is the classic way to be wrong by 10^9.
///
/// @returns the value in the SI unit.
/// @throws UserError (without a location) that names what would have been right.
double parse_quantity(std::string_view text, Unit unit);

/// Shortest text with an SI prefix that reads well and reads back, e.g. 1.33e-7 s -> "133 ns".
std::string format_quantity(double value, Unit unit);

}  // namespace aimc
