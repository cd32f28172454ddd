// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/semihosting.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "small_memory.h"

namespace aimc::instrumentation {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kFailed = 0xffffffff, kBlock = 0x80000100, kText = 0x80000200,
                        kBuffer = 0x80001000, kNowhere = 0x1000;

class SemihostingTest : public ::testing::Test {
 protected:
  SemihostingTest() : root(fs::path(::testing::TempDir()) / ("semihost_" + name())) {
    fs::remove_all(root);
    fs::create_directories(root / "files" / "inner");
    write_file((root / "secret").string(), "secret");
    host = std::make_unique<Semihosting>(
        Semihosting::Config{(root / "files").string(), "prog.elf one two", 0x80004000, 0x80010000},
        memory,
        Semihosting::Host{[this](int code, const std::string&) { exit_code = code; },
                          [this] { return time_ps; },
                          [this](const std::string& text) { warning = text; }});
  }
  ~SemihostingTest() override { fs::remove_all(root); }

  static std::string name() {
    return ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  std::uint32_t call(std::uint32_t operation, std::initializer_list<std::uint32_t> words) {
    std::uint32_t at = kBlock;
    for (const std::uint32_t word : words) {
      memory.put(at, word);
      at += 4;
    }
    return host->call(operation, kBlock);
  }
  std::uint32_t open(const std::string& file, std::uint32_t mode) {
    memory.put(kText, file);
    return call(0x01, {kText, mode, static_cast<std::uint32_t>(file.size())});
  }
  std::uint32_t write(std::uint32_t handle, const std::string& text) {
    memory.put(kText, text);
    return call(0x05, {handle, kText, static_cast<std::uint32_t>(text.size())});
  }
  int error() { return static_cast<int>(host->call(0x13, 0)); }
  std::uint32_t remove(const std::string& file) {
    memory.put(kText, file);
    return call(0x0e, {kText, static_cast<std::uint32_t>(file.size())});
  }

  fs::path root;
  SmallMemory memory;
  std::uint64_t time_ps = 0;
  std::optional<int> exit_code;
  std::string warning;
  std::unique_ptr<Semihosting> host;
};

TEST_F(SemihostingTest, KnowsACallByTheThreeInstructions) {
  memory.put(0x80000000, 0x01f01013);
  memory.put(0x80000004, 0x00100073);
  memory.put(0x80000008, 0x40705013);
  EXPECT_TRUE(host->is_call(0x80000004));
  memory.put(0x80000000, 0x00000013);
  EXPECT_FALSE(host->is_call(0x80000004)) << "a plain breakpoint";
  EXPECT_FALSE(host->is_call(kNowhere));
}

TEST_F(SemihostingTest, PrintsOnTheConsole) {
  ::testing::internal::CaptureStdout();
  memory.put(kText, std::string("zero-terminated "));
  EXPECT_EQ(host->call(0x04, kText), 0u);
  memory.put(kText, std::string("c"));
  EXPECT_EQ(host->call(0x03, kText), 0u);
  const std::uint32_t out = open(":tt", 4);
  EXPECT_EQ(write(out, " block\n"), 0u) << "bytes not written";
  EXPECT_EQ(call(0x09, {out}), 1u) << "a terminal";
  EXPECT_EQ(call(0x0a, {out, 0}), kFailed) << "no position";
  EXPECT_EQ(call(0x0c, {out}), kFailed) << "no length";
  EXPECT_EQ(call(0x02, {out}), 0u);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "zero-terminated c block\n");
}

TEST_F(SemihostingTest, WritesReadsSeeksAndMeasuresFiles) {
  const std::uint32_t file = open("a.txt", 6);
  ASSERT_NE(file, kFailed);
  EXPECT_EQ(write(file, "0123456789"), 0u);
  EXPECT_EQ(call(0x0c, {file}), 10u);
  EXPECT_EQ(call(0x09, {file}), 0u);
  EXPECT_EQ(call(0x0a, {file, 4}), 0u);
  EXPECT_EQ(call(0x06, {file, kBuffer, 100}), 94u) << "bytes not read";
  EXPECT_EQ(memory.text(kBuffer).substr(0, 6), "456789");
  EXPECT_EQ(call(0x06, {file, kBuffer, 100}), 100u) << "the end";
  EXPECT_EQ(call(0x02, {file}), 0u);
  EXPECT_EQ(call(0x02, {file}), kFailed) << "closed already";
  EXPECT_EQ(error(), EBADF);
  EXPECT_EQ(read_file((root / "files/a.txt").string(), ""), "0123456789");

  const std::uint32_t more = open("a.txt", 8);
  EXPECT_EQ(write(more, "AB"), 0u);
  EXPECT_EQ(call(0x02, {more}), 0u);
  EXPECT_EQ(read_file((root / "files/a.txt").string(), ""), "0123456789AB") << "append";
  const std::uint32_t large = open("inner/large", 4);
  EXPECT_EQ(call(0x05, {large, 0x80000000, 0x10000}), 0u);
  EXPECT_EQ(call(0x0c, {large}), 0x10000u);
}

TEST_F(SemihostingTest, RenamesRemovesAndNamesFiles) {
  call(0x02, {open("a", 4)});
  memory.put(kText, std::string("a"));
  memory.put(kText + 16, std::string("inner/b"));
  EXPECT_EQ(call(0x0f, {kText, 1, kText + 16, 7}), 0u);
  EXPECT_TRUE(fs::exists(root / "files/inner/b"));
  EXPECT_EQ(remove("inner/b"), 0u);
  EXPECT_FALSE(fs::exists(root / "files/inner/b"));
  EXPECT_EQ(remove("inner/b"), kFailed);
  EXPECT_EQ(error(), ENOENT);
  EXPECT_EQ(call(0x0d, {kBuffer, 7, 100}), 0u);
  EXPECT_EQ(memory.text(kBuffer), "tmp007");
  EXPECT_EQ(call(0x0d, {kBuffer, 7, 3}), kFailed) << "no room";
}

TEST_F(SemihostingTest, LetsNoNameOutOfTheDirectory) {
  fs::create_symlink(root / "secret", root / "files/link");
  fs::create_directory_symlink(root, root / "files/up");
  ASSERT_EQ(mkfifo((root / "files/pipe").c_str(), 0600), 0);
  for (const std::string file : {"../secret", "inner/../../secret", "link", "up/secret", "..",
                                 "pipe", "/etc/passwd", ".", "", "inner/..", "inner"}) {
    EXPECT_EQ(open(file, 0), kFailed) << file;
    EXPECT_EQ(open(file, 4), kFailed) << file;
  }
  EXPECT_EQ(open((root / "secret").string(), 0), kFailed) << "absolute";
  EXPECT_EQ(remove("../secret"), kFailed);
  EXPECT_EQ(remove("up/secret"), kFailed);
  memory.put(kText, std::string("link"));
  memory.put(kText + 16, std::string("../stolen"));
  EXPECT_EQ(call(0x0f, {kText, 4, kText + 16, 9}), kFailed);
  EXPECT_EQ(read_file((root / "secret").string(), ""), "secret");
  EXPECT_FALSE(fs::exists(root / "stolen"));
}

TEST_F(SemihostingTest, HasNoFilesWithoutADirectory) {
  Semihosting bare({}, memory, {});
  memory.put(kText, std::string("a"));
  memory.put(kBlock, kText);
  memory.put(kBlock + 4, 4);
  memory.put(kBlock + 8, 1);
  EXPECT_EQ(bare.call(0x01, kBlock), kFailed);
  EXPECT_EQ(static_cast<int>(bare.call(0x13, 0)), EACCES);
  EXPECT_THROW(Semihosting({.directory = "/no/such/place"}, memory, {}), UserError);
}

TEST_F(SemihostingTest, AnswersBadPointersAndHandlesWithAnError) {
  for (const std::uint32_t operation : {0x01u, 0x02u, 0x03u, 0x04u, 0x05u, 0x06u, 0x09u, 0x0au,
                                        0x0cu, 0x0du, 0x0eu, 0x0fu, 0x15u, 0x16u, 0x20u, 0x30u}) {
    EXPECT_EQ(host->call(operation, kNowhere), kFailed) << operation;
    EXPECT_EQ(error(), EFAULT) << operation;
  }
  EXPECT_FALSE(exit_code);
  const std::uint32_t file = open("x", 6);
  EXPECT_EQ(call(0x05, {file, kNowhere, 10}), 10u);
  EXPECT_EQ(write(file, "abc"), 0u);
  EXPECT_EQ(call(0x0a, {file, 0}), 0u);
  EXPECT_EQ(call(0x06, {file, kNowhere, 3}), 3u);
  EXPECT_EQ(call(0x05, {99, kText, 4}), 4u);
  EXPECT_EQ(call(0x06, {99, kText, 4}), 4u);
  EXPECT_EQ(call(0x01, {kText, 99, 1}), kFailed) << "no such mode";
  EXPECT_EQ(call(0x01, {kText, 0, 0x7fffffff}), kFailed) << "an endless name";
  EXPECT_EQ(call(0x12, {kText, 4}), kFailed) << "SYSTEM is refused";
  EXPECT_EQ(error(), EPERM);
  EXPECT_EQ(host->call(0x99, 0), kFailed);
  EXPECT_NE(warning.find("0x99"), std::string::npos);
}

TEST_F(SemihostingTest, LimitsOpenFiles) {
  unsigned opened = 0;
  while (opened < 1000 && open("f", 4) != kFailed) ++opened;
  EXPECT_EQ(opened, 64u);
  EXPECT_EQ(error(), EMFILE);
}

TEST_F(SemihostingTest, TellsTheTimeOfTheSimulation) {
  time_ps = 1230000000000;  // 1.23 s
  EXPECT_EQ(host->call(0x10, 0), 123u);
  EXPECT_EQ(host->call(0x11, 0), 1767225601u);
  EXPECT_EQ(host->call(0x31, 0), 1000000000u);
  EXPECT_EQ(host->call(0x30, kBuffer), 0u);
  EXPECT_EQ(memory.word(kBuffer), 1230000000u);
}

TEST_F(SemihostingTest, TellsCommandLineAndHeap) {
  EXPECT_EQ(call(0x15, {kBuffer, 100}), 0u);
  EXPECT_EQ(memory.text(kBuffer), "prog.elf one two");
  EXPECT_EQ(memory.word(kBlock + 4), 16u);
  EXPECT_EQ(call(0x15, {kBuffer, 16}), kFailed) << "no room for the last byte";
  EXPECT_EQ(call(0x16, {kBuffer}), 0u);
  EXPECT_EQ(memory.word(kBuffer), 0x80004000u);
  EXPECT_EQ(memory.word(kBuffer + 4), 0x80010000u);
  EXPECT_EQ(memory.word(kBuffer + 8), 0x80010000u);
  EXPECT_EQ(memory.word(kBuffer + 12), 0u);
}

TEST_F(SemihostingTest, TellsItsFeatures) {
  const std::uint32_t features = open(":semihosting-features", 0);
  ASSERT_NE(features, kFailed);
  EXPECT_EQ(call(0x0c, {features}), 5u);
  EXPECT_EQ(call(0x06, {features, kBuffer, 5}), 0u);
  EXPECT_EQ(memory.text(kBuffer).substr(0, 4), "SHFB");
  EXPECT_EQ(memory.bytes[kBuffer + 4 - SmallMemory::kBase], 3);
  EXPECT_EQ(call(0x05, {features, kText, 1}), 1u) << "cannot be written";
  EXPECT_EQ(call(0x08, {kFailed}), 1u);
  EXPECT_EQ(call(0x08, {5}), 0u);
}

TEST_F(SemihostingTest, EndsTheRun) {
  host->call(0x18, 0x20026);
  EXPECT_EQ(exit_code, 0);
  host->call(0x18, 0x20023);
  EXPECT_EQ(exit_code, 1) << "a run-time error";
  call(0x20, {0x20026, 42});
  EXPECT_EQ(exit_code, 42);
}

}  // namespace
}  // namespace aimc::instrumentation
