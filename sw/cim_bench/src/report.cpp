// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "study.h"

namespace aimc::cim_bench {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace

std::string tables(std::span<const Figure> figures) {
  std::size_t array = 5, setting = 7, quantity = 8;
  for (const Figure& figure : figures) {
    array = std::max(array, figure.array.size());
    setting = std::max(setting, figure.setting.size());
    quantity = std::max(quantity, figure.quantity.size());
  }
  std::string out;
  std::string study;
  for (const Figure& figure : figures) {
    if (figure.study != study) {
      study = figure.study;
      out += fmt::format("{}{}\n  {:<{}}  {:<{}}  {:<{}}  {:>12}\n", out.empty() ? "" : "\n", study,
                         "array", array, "setting", setting, "quantity", quantity, "value");
    }
    out +=
        fmt::format("  {:<{}}  {:<{}}  {:<{}}  {:>12.5g} {}\n", figure.array, array, figure.setting,
                    setting, figure.quantity, quantity, figure.value, figure.unit);
  }
  return out;
}

std::string csv(std::span<const Figure> figures) {
  std::string out = "study,array,setting,quantity,value,unit\n";
  for (const Figure& figure : figures)
    out += fmt::format("{},{},{},{},{:.9g},{}\n", quoted(figure.study), quoted(figure.array),
                       quoted(figure.setting), quoted(figure.quantity), figure.value,
                       quoted(figure.unit));
  return out;
}

}  // namespace aimc::cim_bench
