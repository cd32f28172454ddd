// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace aimc::testing {

/// Runs all tests with a scratch directory of this process's own behind `::testing::TempDir()`:
/// tests run side by side.
inline int run_tests(int argc, char** argv) {
  std::string scratch = (std::filesystem::temp_directory_path() / "aimc-test-XXXXXX").string();
  if (mkdtemp(scratch.data()) != nullptr) setenv("TEST_TMPDIR", scratch.c_str(), 1);
  ::testing::InitGoogleMock(&argc, argv);
  const int result = RUN_ALL_TESTS();
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);
  return result;
}

}  // namespace aimc::testing
