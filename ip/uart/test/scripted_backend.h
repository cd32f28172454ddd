// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>
#include <vector>

#include "aimc/uart/char_backend.h"

namespace aimc::uart {

/// A host whose characters and presence the test decides, and which notes the times of characters.
class ScriptedBackend : public CharBackend {
 public:
  void write(std::uint8_t byte) override {
    output += static_cast<char>(byte);
    written.push_back(sc_core::sc_time_stamp());
  }
  bool listening() const override { return true; }
  bool read(std::uint8_t* byte) override {
    if (input.empty()) return false;
    *byte = static_cast<std::uint8_t>(input.front());
    input.erase(0, 1);
    taken.push_back(sc_core::sc_time_stamp());
    return true;
  }
  bool carrier() override { return present; }
  void wait(int) override { ++waits; }

  std::string input, output;
  bool present = true;
  int waits = 0;
  std::vector<sc_core::sc_time> taken, written;
};

}  // namespace aimc::uart
