// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/quantity.h"

#include <array>
#include <charconv>
#include <cmath>

#include "aimc/common/error.h"

namespace aimc {
namespace {

struct Prefix {
  std::string_view text;
  int exponent;
};

constexpr std::array<Prefix, 13> kPrefixes{{{"a", -18},
                                            {"f", -15},
                                            {"p", -12},
                                            {"n", -9},
                                            {"u", -6},
                                            {"µ", -6},
                                            {"m", -3},
                                            {"", 0},
                                            {"k", 3},
                                            {"M", 6},
                                            {"G", 9},
                                            {"T", 12},
                                            {"P", 15}}};

struct Named {
  std::string_view text;
  double factor;
};

constexpr std::array<Named, 5> kTimes{
    {{"min", 60.0}, {"h", 3600.0}, {"d", 86400.0}, {"day", 86400.0}, {"y", 31557600.0}}};
constexpr std::array<Named, 5> kBytes{
    {{"B", 1.0}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"", 1.0}}};

const char* example(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "0.5";
    case Unit::second:
      return "133 ns";
    case Unit::hertz:
      return "400 MHz";
    case Unit::joule:
      return "0.2 pJ";
    case Unit::watt:
      return "45 mW";
    case Unit::byte:
      return "256 KiB";
    case Unit::siemens:
      return "20.7 uS";
    case Unit::ampere:
      return "100 uA";
    case Unit::volt:
      return "0.2 V";
    case Unit::square_metre:
      return "635000 um2";
  }
  return "";
}

/// Scales by a power of ten with one rounding, so that "133 ns" is the double nearest to 133e-9.
double scale10(double mantissa, int exponent) {
  return exponent >= 0 ? mantissa * std::pow(10.0, exponent) : mantissa / std::pow(10.0, -exponent);
}

template <std::size_t N>
const Named* find(const std::array<Named, N>& table, std::string_view text) {
  for (const Named& entry : table)
    if (entry.text == text) return &entry;
  return nullptr;
}

}  // namespace

const char* symbol(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "";
    case Unit::second:
      return "s";
    case Unit::hertz:
      return "Hz";
    case Unit::joule:
      return "J";
    case Unit::watt:
      return "W";
    case Unit::byte:
      return "B";
    case Unit::siemens:
      return "S";
    case Unit::ampere:
      return "A";
    case Unit::volt:
      return "V";
    case Unit::square_metre:
      return "m2";
  }
  return "";
}

double parse_quantity(std::string_view text, Unit unit) {
  const auto fail = [&]() {
    user_error("'{}' is not {}; write it like '{}'", text,
               unit == Unit::none ? std::string("a number")
                                  : fmt::format("a quantity in {}", symbol(unit)),
               example(unit));
  };
  double mantissa = 0.0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, mantissa);
  if (status != std::errc() || !std::isfinite(mantissa)) fail();
  std::string_view tail(rest, static_cast<std::size_t>(end - rest));
  while (!tail.empty() && tail.front() == ' ') tail.remove_prefix(1);

  if (unit == Unit::none) {
    if (!tail.empty()) fail();
    return mantissa;
  }
  if (unit == Unit::byte) {
    const Named* const named = find(kBytes, tail);
    if (named == nullptr) fail();
    return mantissa * named->factor;
  }
  if (tail.empty()) {
    if (mantissa != 0.0) fail();
    return 0.0;
  }
  if (unit == Unit::second) {
    if (const Named* const named = find(kTimes, tail)) return mantissa * named->factor;
  }
  const std::string_view base = symbol(unit);
  if (!tail.ends_with(base)) fail();
  tail.remove_suffix(base.size());
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.text != tail) continue;
    const int power = unit == Unit::square_metre ? 2 : 1;
    return scale10(mantissa, prefix.exponent * power);
  }
  fail();
  return 0.0;
}

std::string format_quantity(double value, Unit unit) {
  if (unit == Unit::none) return fmt::format("{}", value);
  if (unit == Unit::byte) {
    for (const char* const name : {"GiB", "MiB", "KiB"}) {
      const double factor = find(kBytes, name)->factor;
      if (value >= factor && std::fmod(value, factor) == 0.0)
        return fmt::format("{:.0f} {}", value / factor, name);
    }
    return fmt::format("{:.0f} B", value);
  }
  if (value == 0.0) return fmt::format("0 {}", symbol(unit));
  const int power = unit == Unit::square_metre ? 2 : 1;
  const Prefix* best = &kPrefixes.front();
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.text == "µ") continue;
    if (std::abs(value) >= 0.9999999 * std::pow(10.0, prefix.exponent * power)) best = &prefix;
  }
  const double scaled = scale10(value, -best->exponent * power);
  std::string text;
  for (int digits = 6; digits <= 16; ++digits) {  // as few as read back, but for rounding
    text = fmt::format("{:.{}g} {}{}", scaled, digits, best->text, symbol(unit));
    if (std::abs(parse_quantity(text, unit) - value) <= 1e-15 * std::abs(value)) break;
  }
  return text;
}

}  // namespace aimc
