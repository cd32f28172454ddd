// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_bank.h"

namespace aimc::results {

struct Config {
  double latency_s = 10e-9;  ///< Added to each access.
};

void describe(ParamTable& params, Config& config);

/// What the firmware handed over with one COMMIT.
struct Record {
  std::uint32_t frame = 0;          ///< Number of the input record.
  std::uint32_t klass = 0;          ///< Predicted class; 0xffffffff for none.
  std::vector<std::uint8_t> bytes;  ///< The first BYTES bytes of the window, e.g. logits.
  sc_core::sc_time time;            ///< Of the COMMIT write.
};

/// Output stream: firmware or DMA fills a window, a register write hands it to the host.
class Results : public Module {
 public:
  using Config = results::Config;
  static constexpr std::uint64_t kAddressSpace = 0x100000;  ///< Registers and window.

  tlm_utils::simple_target_socket<Results> regs_in;

  Results(const sc_core::sc_module_name& name, const Config& config, Services& services);

  /// Who gets the records; set before the run. Without one they are only counted.
  void on_commit(std::function<void(const Record&)> listener) { listener_ = std::move(listener); }

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  tlm::tlm_response_status access_window(tlm::tlm_generic_payload& txn);
  bool committable(const tlm::tlm_generic_payload& txn) const;
  void commit();

  sc_core::sc_time latency_;
  sc_core::sc_time access_time_;  // local time of the access being served
  RegisterBank regs_;
  std::vector<std::uint8_t> window_;
  std::function<void(const Record&)> listener_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace aimc::results
