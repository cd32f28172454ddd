// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdint>

#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::plic {

struct Config {
  unsigned sources = 127;  ///< Highest source number, 1 .. 1023.
  unsigned harts = 1;
};

void describe(ParamTable& params, Config& config);

/// Platform-level interrupt controller, RISC-V PLIC 1.0, for level-triggered sources.
///
/// Context 2h is machine mode of hart h; context 2h + 1 has registers but drives no line.
class Plic : public Module {
 public:
  using Config = plic::Config;

  tlm_utils::simple_target_socket<Plic> regs_in;
  sc_core::sc_vector<sc_core::sc_in<bool>> irq_in;  ///< By source number; number 0 is ignored.
  sc_core::sc_vector<sc_core::sc_out<bool>> irq_external;  ///< By hart.

  Plic(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

 private:
  static constexpr unsigned kWords = 32;
  static constexpr unsigned kContexts = 16;
  using Bits = std::array<std::uint32_t, kWords>;
  struct Context {
    Bits enable{};
    std::uint32_t threshold = 0;
  };

  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  /// Reads one word. @returns false if there is no register.
  bool read(std::uint64_t offset, bool debug, std::uint32_t& value);
  bool write(std::uint64_t offset, std::uint32_t value);
  /// Best pending and enabled source with a priority above `floor`, lowest number first; or 0.
  unsigned best(const Context& context, std::uint32_t floor) const;
  std::uint32_t claim(const Context& context);
  void complete(const Context& context, std::uint32_t source);
  void sample(unsigned word);
  void forward(unsigned word);
  void drive_irqs();
  std::uint32_t implemented(unsigned word) const;

  Config config_;
  std::array<std::uint8_t, kWords * 32> priority_{};
  Bits level_{};       // of the input lines
  Bits pending_{};     // requests that the gateways have let through
  Bits in_service_{};  // claimed and not completed: the gateway lets nothing through
  std::array<Context, kContexts> contexts_{};
  sc_core::sc_event changed_;
  std::uint64_t claims_ = 0;
  std::uint64_t spurious_ = 0;
};

}  // namespace aimc::plic
