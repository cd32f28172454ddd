// SPDX-License-Identifier: Apache-2.0
// The far ends of the line that need no port.
#include "aimc/uart/char_backend.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::uart {
namespace {

TEST(CharBackendTest, WritesToAFileAndFlushesAtANewline) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_backend.txt";
  const auto backend = make_file_backend(path);
  for (const char c : std::string("line\nrest")) backend->write(static_cast<std::uint8_t>(c));
  EXPECT_EQ(read_file(path, "output"), "line\n");
  backend->flush();
  EXPECT_EQ(read_file(path, "output"), "line\nrest");
  std::filesystem::remove(path);
  EXPECT_THROW(make_file_backend("/nowhere/at/all"), UserError);
}

TEST(CharBackendTest, ReplacesAFileOnlyWhenTheRunWrites) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_kept.txt";
  write_file(path, "old");
  make_file_backend(path)->flush();
  EXPECT_EQ(read_file(path, "output"), "old") << "the run did not begin";
  EXPECT_TRUE(make_file_backend(path)->complete());
  EXPECT_EQ(read_file(path, "output"), "") << "a run that printed nothing";
  std::filesystem::remove(path);
  make_file_backend(path)->flush();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(CharBackendTest, TellsThatAFileIsFull) {
  const auto backend = make_file_backend("/dev/full");
  backend->write('x');
  EXPECT_FALSE(backend->complete());
  const auto wrapped = make_input_file(make_file_backend("/dev/full"), "/dev/null");
  wrapped->write('x');
  EXPECT_FALSE(wrapped->complete());
}

TEST(CharBackendTest, PrintsOnStandardOutput) {
  ::testing::internal::CaptureStdout();
  const auto backend = make_stdout_backend();
  for (const char c : std::string("hi\n")) backend->write(static_cast<std::uint8_t>(c));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "hi\n");
}

TEST(CharBackendTest, ReplaysAFileAsInput) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_input.txt";
  write_file(path, "ab");
  const auto backend = make_input_file(make_null_backend(), path);
  std::uint8_t byte = 0;
  EXPECT_TRUE(backend->listening());
  EXPECT_TRUE(backend->read(&byte));
  EXPECT_EQ(byte, 'a');
  EXPECT_TRUE(backend->read(&byte));
  EXPECT_EQ(byte, 'b');
  EXPECT_FALSE(backend->read(&byte));
  EXPECT_FALSE(backend->listening()) << "nothing more can come";
  std::filesystem::remove(path);
  EXPECT_THROW(make_input_file(make_null_backend(), path), UserError);
}

}  // namespace
}  // namespace aimc::uart
