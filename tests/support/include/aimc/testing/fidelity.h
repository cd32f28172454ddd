// SPDX-License-Identifier: Apache-2.0
/// Comparisons with published figures, one line each: checked, printed and, when the variable
/// AIMC_FIDELITY_DIR is set, recorded for docs/fidelity.md (scripts/fidelity.py).
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace aimc::testing {

/// What a test says about one quantity of a row of the validation table.
struct Comparison {
  std::string row;       ///< "V1" ... "V32".
  std::string quantity;  ///< What is compared, with its unit: "MVM time, 1 phase [ns]".
  std::string expected;  ///< The published value and tolerance, as text.
  std::string measured;  ///< The value found here, as text.
  bool holds = false;
  /// Statistical comparisons: sample size and probability of a false alarm, else empty.
  std::string statistics = {};
};

/// Fails the test if the comparison does not hold; prints and records it either way.
inline void compare(const Comparison& comparison) {
  EXPECT_TRUE(comparison.holds) << comparison.row << ' ' << comparison.quantity << ": expected "
                                << comparison.expected << ", measured " << comparison.measured;
  fmt::print("[ {:<8} ] {}: expected {}, measured {}{}{}\n", comparison.row, comparison.quantity,
             comparison.expected, comparison.measured, comparison.statistics.empty() ? "" : "; ",
             comparison.statistics);
  const char* const directory = std::getenv("AIMC_FIDELITY_DIR");
  if (directory == nullptr) return;
  const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(test->test_suite_name()) + "." + test->name();
  nlohmann::ordered_json line;
  line["row"] = comparison.row;
  line["quantity"] = comparison.quantity;
  line["expected"] = comparison.expected;
  line["measured"] = comparison.measured;
  line["holds"] = comparison.holds;
  line["statistics"] = comparison.statistics;
  line["test"] = name;
  std::ofstream(std::string(directory) + "/" + name + ".jsonl", std::ios::app)
      << line.dump() << '\n';
}

/// Compares with a published number: |measured - expected| <= tolerance.
/// @param digits  Significant digits in print; keep what is the same on every machine.
inline void compare_near(const std::string& row, const std::string& quantity, double expected,
                         double measured, double tolerance, int digits = 4,
                         const std::string& statistics = {}) {
  compare({row, quantity, fmt::format("{:.{}g} ± {:.2g}", expected, digits, tolerance),
           fmt::format("{:.{}g}", measured, digits), std::abs(measured - expected) <= tolerance,
           statistics});
}

/// Compares with a published range.
inline void compare_range(const std::string& row, const std::string& quantity, double low,
                          double high, double measured, int digits = 4,
                          const std::string& statistics = {}) {
  compare({row, quantity, fmt::format("{:.{}g} .. {:.{}g}", low, digits, high, digits),
           fmt::format("{:.{}g}", measured, digits), measured >= low && measured <= high,
           statistics});
}

/// Compares what must be equal, such as the count of mismatches with 0.
inline void compare_exact(const std::string& row, const std::string& quantity, long long expected,
                          long long measured, const std::string& statistics = {}) {
  compare({row, quantity, fmt::format("{} (exact)", expected), std::to_string(measured),
           measured == expected, statistics});
}

}  // namespace aimc::testing
