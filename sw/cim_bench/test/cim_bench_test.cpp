// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <map>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "study.h"
#include "subject.h"

namespace aimc::cim_bench {
namespace {

using ::testing::HasSubstr;

/// Figures of one study by "setting|quantity".
std::map<std::string, double> run_study(const std::string& name, SubjectOptions options) {
  Figures figures;
  for (const Study& study : studies())
    if (study.name == name)
      for (const Subject& subject : read_subjects(options)) {
        figures.begin(study.name, subject.label);
        study.run(subject, figures);
      }
  std::map<std::string, double> found;
  for (const Figure& figure : figures.all())
    found[figure.setting + "|" + figure.quantity] = figure.value;
  return found;
}

SubjectOptions small(const std::string& kind) {
  SubjectOptions options;
  options.kinds = {kind};
  options.overrides = {"rows=64", "columns=64"};
  options.vectors = 32;
  return options;
}

TEST(CimBench, IdealArraysHaveNoErrorInAnyStudy) {
  EXPECT_EQ(run_study("mvm", small("ideal"))["|relative L2 error"], 0.0);
  EXPECT_EQ(run_study("adc", small("ideal"))["inputs up to 100 %|relative L2 error"], 0.0);
  auto levels = run_study("programming", small("ideal"));
  EXPECT_DOUBLE_EQ(levels["weight = +1.00|mean"], 100.0);
  EXPECT_DOUBLE_EQ(levels["weight = -0.50|spread"], 0.0);
}

TEST(CimBench, PcmSpreadsWeightsAsItsFitSays) {
  // Two devices at full conductance: sigma 1.093 uS of 20.7 uS, 5.28 %; the other polarity at zero
  // adds a half-normal of 0.80 %. 64 rows x 7 columns a level: the sigma of a sigma is 3.3 %.
  auto levels = run_study("programming", small("pcm"));
  EXPECT_NEAR(levels["weight = +1.00|spread"], 5.3, 0.9);
  EXPECT_NEAR(levels["weight = +1.00|mean"], 100.0, 1.5);
}

TEST(CimBench, PcmErrorGrowsWithAge) {
  auto drift = run_study("drift", small("pcm"));
  EXPECT_GT(drift["age = 1 y|relative L2 error"], drift["age = 1 h|relative L2 error"]);
  EXPECT_GT(drift["age = 1 h|relative L2 error"], drift["age = 0|relative L2 error"]);
}

TEST(CimBench, SmallerInputsClipLess) {
  auto options = small("pcm");
  options.overrides.emplace_back("adc.full_scale=2");
  auto adc = run_study("adc", options);
  EXPECT_GT(adc["inputs up to 100 %|conversions clipped"],
            adc["inputs up to 25 %|conversions clipped"]);
}

TEST(CimBench, CostsAreThoseOfTheTile) {
  SubjectOptions options;
  options.platform = "hermes64";
  auto cost = run_study("cost", options);
  EXPECT_GT(cost["|peak throughput"], 0.0);
  EXPECT_GT(cost["|energy of a product: array"], 0.0);
  EXPECT_GT(cost["|loading all weights: time"], 0.0);
}

TEST(CimBench, OneSeedOneResult) {
  auto options = small("pcm");
  EXPECT_EQ(run_study("mvm", options), run_study("mvm", options));
  auto other = options;
  other.seed = 2;
  EXPECT_NE(run_study("mvm", options), run_study("mvm", other));
}

struct Outcome {
  int code;
  std::string out;
};

Outcome run(const std::string& arguments) {
  const std::string file = ::testing::TempDir() + "out.txt";
  const int status = std::system((CIM_BENCH " " + arguments + " > " + file + " 2>&1").c_str());
  return {WEXITSTATUS(status), read_file(file, "output")};
}

TEST(CimBench, WrongUseIsOneMessageAndCode2) {
  const struct {
    const char* arguments;
    const char* message;
  } kCases[] = {
      {"mvm --kind unobtainium", "pcm"},
      {"mvm --platform no_such_chip", "no_such_chip"},
      {"mvm --platform hermes64 --tile tile99", "there is no tile 'tile99'"},
      {"mvm --tile tile0", "needs --platform"},
      {"mvm --set adc.nonsense=3", "nonsense"},
      {"mvm --set adc.levels", "parameter=value"},
      {"nonsense", "nonsense"},
      {"mvm --vectors 0", "vectors"},
      {"mvm --kind ideal --set rows=16 --set columns=16 --vectors 2 --csv /no/such/folder/x.csv",
       "/no/such/folder"},
  };
  for (const auto& c : kCases) {
    const Outcome outcome = run(c.arguments);
    EXPECT_EQ(outcome.code, kUserErrorExit) << c.arguments << "\n" << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr(c.message)) << c.arguments;
  }
}

TEST(CimBench, WritesTheFiguresAsCsv) {
  const std::string csv = ::testing::TempDir() + "figures.csv";
  const Outcome outcome =
      run("mvm cost --kind ideal,pcm --set rows=32 --set columns=32 --vectors 4 --csv " + csv);
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  const std::string text = read_file(csv, "figures");
  EXPECT_THAT(text, ::testing::StartsWith("study,array,setting,quantity,value,unit\n"));
  EXPECT_THAT(text, HasSubstr("\nmvm,pcm,,relative L2 error,"));
  EXPECT_THAT(text, HasSubstr("\ncost,ideal,,"));
}

}  // namespace
}  // namespace aimc::cim_bench
