// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/isa.h"

#include <cctype>

namespace aimc::riscv {
namespace {

constexpr const char* kHelp =
    "expected rv32i followed by any of m, a, f, c, u and _zicsr, _zifencei, _zicntr, _zicclsm, "
    "_zba, _zbb, _zbs, e.g. rv32imafc_zba_zbb_zbs";

ExtensionSet single_letter(char letter) {
  switch (letter) {
    case 'i':
    case 'u':  // always there
      return kExtI;
    case 'm':
      return kExtM;
    case 'a':
      return kExtA;
    case 'f':
      return kExtF;
    case 'c':
      return kExtC;
    default:
      return 0;
  }
}

ExtensionSet multi_letter(std::string_view name) {
  if (name == "zicsr") return kExtZicsr;
  if (name == "zifencei") return kExtZifencei;
  if (name == "zicntr") return kExtZicntr;
  if (name == "zicclsm") return kExtI;  // says what the parameter `misaligned` decides
  if (name == "zba") return kExtZba;
  if (name == "zbb") return kExtZbb;
  if (name == "zbs") return kExtZbs;
  return 0;
}

}  // namespace

bool parse_isa(std::string_view text, ExtensionSet* isa, std::string* error) {
  std::string lower;
  for (char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto fail = [&](const std::string& what) {
    *error = "isa '" + std::string(text) + "': " + what + "; " + kHelp;
    return false;
  };
  if (lower.compare(0, 5, "rv32i") != 0) return fail("does not begin with rv32i");
  ExtensionSet found = kExtI | kExtZicsr | kExtZifencei | kExtZicntr;
  std::size_t at = 5;
  while (at < lower.size() && lower[at] != '_') {
    const ExtensionSet bit = single_letter(lower[at]);
    if (bit == 0) return fail(std::string("unknown extension '") + lower[at] + "'");
    found |= bit;
    ++at;
  }
  while (at < lower.size()) {
    const std::size_t end = std::min(lower.find('_', at + 1), lower.size());
    const std::string name = lower.substr(at + 1, end - at - 1);
    const ExtensionSet bit = name.size() == 1 ? single_letter(name[0]) : multi_letter(name);
    if (bit == 0) return fail("unknown extension '" + name + "'");
    found |= bit;
    at = end;
  }
  *isa = found;
  return true;
}

std::uint32_t misa_value(ExtensionSet isa) {
  std::uint32_t value = 1u << 30;
  const auto letter = [&](Extension bit, char name) {
    if (isa & bit) value |= 1u << (name - 'a');
  };
  letter(kExtI, 'i');
  letter(kExtM, 'm');
  letter(kExtA, 'a');
  letter(kExtF, 'f');
  letter(kExtC, 'c');
  value |= 1u << ('u' - 'a');
  return value;
}

}  // namespace aimc::riscv
