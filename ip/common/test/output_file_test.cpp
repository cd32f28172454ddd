// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/output_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "aimc/common/error.h"

namespace aimc {
namespace {

class OutputFileTest : public ::testing::Test {
 protected:
  OutputFileTest()
      : path(::testing::TempDir() + "/aimc_output_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~OutputFileTest() override {
    std::filesystem::remove(path);
    std::filesystem::remove(path + ".part");
  }
  const std::string path;
};

TEST_F(OutputFileTest, AppearsOnlyWhenCommitted) {
  OutputFile file(path);
  file.write("hello ");
  file.write(std::string_view("a\0b", 3));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(file.commit());
  EXPECT_EQ(read_file(path, "result"), std::string("hello a\0b", 9));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST_F(OutputFileTest, LeavesTheOldFileWithoutACommit) {
  write_file(path, "old");
  {
    OutputFile file(path);
    file.write("new");
  }
  EXPECT_EQ(read_file(path, "result"), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST_F(OutputFileTest, LeavesTheOldFileWhenTheDiskIsFull) {
  write_file(path, "old");
  // A limit on file sizes stands in for the full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{4096, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    OutputFile file(path);
    file.write(std::string(100000, 'x'));
    EXPECT_FALSE(file.commit());
  }
  EXPECT_THROW(write_file(path, std::string(100000, 'x')), UserError);
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_EQ(read_file(path, "result"), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST_F(OutputFileTest, SaysWhichFileCannotBeMade) {
  try {
    OutputFile file("/nowhere/result.json");
    FAIL() << "the folder does not exist";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "cannot write '/nowhere/result.json': No such file or directory");
  }
}

TEST_F(OutputFileTest, FollowsALinkBehindWhichThereIsNothingYet) {
  const std::string link = path + ".link";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(std::filesystem::path(path).filename(), link);
  std::filesystem::remove(path);
  write_file(link, "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(read_file(path, "result"), "new");
  std::filesystem::remove(link);
}

TEST_F(OutputFileTest, GivesUpOnADeviceThatNeverEnds) {
  EXPECT_EQ(read_file("/dev/null", "input"), "");
  try {
    read_file("/dev/zero", "input");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "/dev/zero: error: cannot read this input: the device gives bytes for ever");
  }
}

TEST_F(OutputFileTest, ReadsFilesLargerThanOnePart) {
  std::string bytes(std::size_t{5} << 19, 'x');
  bytes[(std::size_t{1} << 20) - 1] = 'a';
  bytes[std::size_t{1} << 20] = 'b';
  write_file(path, bytes);
  EXPECT_TRUE(read_file(path, "input") == bytes);
}

TEST_F(OutputFileTest, ReadsEmptyFilesAndNamesUnreadableOnes) {
  write_file(path, "");
  EXPECT_EQ(read_file(path, "input"), "");
  try {
    read_file("/nowhere/input", "network image");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(
        error.what(),
        "/nowhere/input: error: cannot read this network image: No such file or directory");
  }
  EXPECT_THROW(read_file("/tmp", "input"), UserError);
}

}  // namespace
}  // namespace aimc
