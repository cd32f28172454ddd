// SPDX-License-Identifier: Apache-2.0
/// What cim-bench measures: studies of one array, without the chip around it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "aimc/cim/tile_config.h"

namespace aimc::cim_bench {

/// An array to be studied.
struct Subject {
  std::string label;  ///< Kind, or platform and tile.
  cim::TileConfig config;
  std::uint64_t seed = 1;
  std::size_t vectors = 256;  ///< Inputs of the studies that average over products.
};

/// One figure. The file of `--csv` has one line for each.
struct Figure {
  std::string study;
  std::string array;    ///< Label of the subject.
  std::string setting;  ///< Point of a curve, "age = 1 h"; empty for single figures.
  std::string quantity;
  double value = 0.0;
  std::string unit;
};

class Figures {
 public:
  void add(std::string setting, std::string quantity, double value, std::string unit) {
    figures_.push_back(
        {study_, array_, std::move(setting), std::move(quantity), value, std::move(unit)});
  }
  void begin(std::string study, std::string array) {
    study_ = std::move(study);
    array_ = std::move(array);
  }
  std::span<const Figure> all() const { return figures_; }

 private:
  std::string study_;
  std::string array_;
  std::vector<Figure> figures_;
};

struct Study {
  const char* name;
  const char* brief;
  void (*run)(const Subject& subject, Figures& figures);
};

/// All studies, in the order of the help text.
std::span<const Study> studies();

// Accuracy (accuracy.cpp)
void study_mvm(const Subject& subject, Figures& figures);
void study_programming(const Subject& subject, Figures& figures);
void study_drift(const Subject& subject, Figures& figures);
void study_adc(const Subject& subject, Figures& figures);
// Time, energy, area (cost.cpp)
void study_throughput(const Subject& subject, Figures& figures);
void study_cost(const Subject& subject, Figures& figures);

/// Tables for people: one block per study.
std::string tables(std::span<const Figure> figures);
/// Header `study,array,setting,quantity,value,unit` and one line per figure.
std::string csv(std::span<const Figure> figures);

}  // namespace aimc::cim_bench
