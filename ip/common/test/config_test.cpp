// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/config.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "aimc/common/output_file.h"

namespace aimc {
namespace {

using ::testing::HasSubstr;

template <class Call>
std::string message(Call call) {
  try {
    call();
  } catch (const UserError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error was reported";
  return "";
}

TEST(ErrorTest, SaysAsMuchOfThePlaceAsIsKnown) {
  EXPECT_EQ((Location{"a.yaml", 3, 7}.text()), "a.yaml:3:7");
  EXPECT_EQ((Location{"a.yaml", 3, 0}.text()), "a.yaml:3");
  EXPECT_EQ((Location{"a.yaml", 0, 0}.text()), "a.yaml");
  EXPECT_STREQ(UserError(Location{"a.yaml", 3, 7}, "bad").what(), "a.yaml:3:7: error: bad");
  EXPECT_STREQ(UserError(Location{}, "bad").what(), "bad");
  EXPECT_EQ(join({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join({"a", "b"}, " | "), "a | b");
  EXPECT_EQ(join({}), "");
}

TEST(ConfigTest, KnowsWhereEachValueStands) {
  const ConfigNode root = load_yaml_text("name: tiny\nlist:\n  - 1\n  - {x: 2}\n", "p.yaml");
  EXPECT_EQ(root.require("name", "the file").text("name"), "tiny");
  EXPECT_EQ(root.find("name")->where().text(), "p.yaml:1:7");
  const ConfigNode& list = *root.find("list");
  ASSERT_TRUE(list.is_list());
  ASSERT_EQ(list.items().size(), 2u);
  EXPECT_EQ(list.items()[0].where().text(), "p.yaml:3:5");
  EXPECT_EQ(list.items()[1].find("x")->where().text(), "p.yaml:4:9");
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(ConfigTest, KeepsTheOrderOfKeys) {
  const ConfigNode root = load_yaml_text("{z: 1, a: 2, m: 3}", "p.yaml");
  std::string order;
  for (const ConfigNode::Entry& entry : root.entries()) order += entry.first;
  EXPECT_EQ(order, "zam");
}

TEST(ConfigTest, ReportsMistakesWithTheirPlace) {
  EXPECT_EQ(message([] { load_yaml_text("a: 1\nb: 2\na: 3\n", "p.yaml"); }),
            "p.yaml:3:1: error: 'a' stands twice in one map");
  EXPECT_THAT(message([] { load_yaml_text("a: [1, 2\n", "p.yaml"); }), HasSubstr("p.yaml:2:1"));
  const ConfigNode root = load_yaml_text("a:\n  b: [1]\n", "p.yaml");
  EXPECT_EQ(message([&] { root.find("a")->find("b")->text("b"); }),
            "p.yaml:2:6: error: 'b' must be a single value");
  EXPECT_EQ(message([&] { root.find("a")->require("c", "'a'"); }),
            "p.yaml:2:3: error: 'a' has no 'c'");
  EXPECT_EQ(message([&] {
              root.check_keys({"x", "y"}, "the file");
            }),
            "p.yaml:2:3: error: the file has no key 'a'. Known: x, y");
}

TEST(ConfigTest, PlacesAnEmptyValueAtItsKey) {
  const ConfigNode root = load_yaml_text("a: 1\nb:\n", "p.yaml");
  EXPECT_TRUE(root.find("b")->is_null());
  EXPECT_EQ(root.find("b")->where().line, 2);
}

TEST(ConfigTest, MergesMapsAndReplacesEverythingElse) {
  ConfigNode base = load_yaml_text("{a: {x: 1, y: 2}, b: [1, 2], c: 3}", "base.yaml");
  base.merge(load_yaml_text("{a: {y: 20, z: 30}, b: [9], d: 4}", "over.yaml"));
  EXPECT_EQ(base.find("a")->find("x")->text("x"), "1");
  EXPECT_EQ(base.find("a")->find("y")->text("y"), "20");
  EXPECT_EQ(base.find("a")->find("y")->where().file, "over.yaml");
  EXPECT_EQ(base.find("a")->find("z")->text("z"), "30");
  EXPECT_EQ(base.find("b")->items().size(), 1u);
  EXPECT_EQ(base.find("c")->text("c"), "3");
  EXPECT_EQ(base.find("d")->text("d"), "4");
  base.set("c", ConfigNode::scalar("5", {}));
  EXPECT_EQ(base.find("c")->text("c"), "5");
  EXPECT_EQ(base.entries().size(), 4u);
}

TEST(ConfigTest, AMergedMapStandsWhereItWasLastWritten) {
  ConfigNode base = load_yaml_text("{a: {x: 1}, b: {y: 2}}", "base.yaml");
  base.merge(load_yaml_text("\n\na: {z: 3}", "over.yaml"));
  EXPECT_EQ(base.find("a")->where().text(), "over.yaml:3:4");
  EXPECT_EQ(base.find("b")->where().file, "base.yaml");
}

TEST(ConfigTest, RefusesFilesThatAliasesMakeEndlessOrHuge) {
  EXPECT_NE(message([] { load_yaml_text("a: &a {b: *a}", "p.yaml"); }).find("more than 64 deep"),
            std::string::npos);
  std::string text = "a: &a0 [x]\n";
  for (int i = 1; i <= 40; ++i) text += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  EXPECT_NE(message([&] { load_yaml_text(text, "p.yaml"); }).find("more than 1000000 values"),
            std::string::npos);
}

TEST(ConfigTest, ReadsFilesAndSaysWhichOneItCannotRead) {
  const std::string path = ::testing::TempDir() + "/aimc_config_test.yaml";
  write_file(path, "a: 1\n");
  EXPECT_EQ(load_yaml_file(path).find("a")->where().text(), path + ":1:4");
  write_file(path, "");
  EXPECT_TRUE(load_yaml_file(path).is_null());
  std::filesystem::remove(path);
  EXPECT_EQ(message([] { load_yaml_file("/nowhere.yaml"); }),
            "/nowhere.yaml: error: cannot read this file: No such file or directory");
  EXPECT_EQ(message([] { load_yaml_file("/tmp"); }),
            "/tmp: error: cannot read this file: Is a directory");
}

TEST(ConfigTest, ReadsWholeNumbers) {
  const auto number = [](const char* text) {
    return to_unsigned(ConfigNode::scalar(text, {"p.yaml", 1, 1}), "base");
  };
  EXPECT_EQ(number("16"), 16u);
  EXPECT_EQ(number("0x10"), 16u);
  EXPECT_EQ(number("0X1f"), 31u);
  EXPECT_EQ(number("0x8000_0000"), 0x80000000u);
  EXPECT_EQ(number("18446744073709551615"), ~std::uint64_t{0});
  for (const char* const bad : {"", "0x", "-1", "1.5", "12k", " 1", "18446744073709551616", "abc"})
    EXPECT_THAT(message([&] { number(bad); }), HasSubstr("p.yaml:1:1: error: 'base' must be"))
        << bad;
}

TEST(ConfigTest, ReadsTruthValues) {
  for (const char* const yes : {"true", "yes", "on", "1"})
    EXPECT_TRUE(to_bool(ConfigNode::scalar(yes, {}), "flag"));
  for (const char* const no : {"false", "no", "off", "0"})
    EXPECT_FALSE(to_bool(ConfigNode::scalar(no, {}), "flag"));
  EXPECT_THAT(message([] { to_bool(ConfigNode::scalar("maybe", {}), "flag"); }),
              HasSubstr("'flag' must be true or false, not 'maybe'"));
}

TEST(ConfigTest, MatchesShellPatterns) {
  EXPECT_TRUE(glob_match("tile*", "tile12"));
  EXPECT_TRUE(glob_match("tile?", "tile1"));
  EXPECT_FALSE(glob_match("tile?", "tile12"));
  EXPECT_TRUE(glob_match("*noc*", "soc.noc.router3"));
  EXPECT_FALSE(glob_match("tile", "tile1"));
}

}  // namespace
}  // namespace aimc
