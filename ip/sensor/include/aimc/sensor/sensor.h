// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/common/register_bank.h"

namespace aimc::sensor {

struct Config {
  double interval_s = 0.0;   ///< Least time from one presentation to the next.
  double latency_s = 10e-9;  ///< Added to each access.
};

void describe(ParamTable& params, Config& config);

/// Input stream: presents the run's records one after the other in a window that DMA can read.
///
/// ENABLE presents record 0; NEXT releases the present record, and the following one appears when
/// `interval` has passed since the last presentation. Clearing ENABLE holds back the records to
/// come but leaves the present one.
class Sensor : public Module {
 public:
  using Config = sensor::Config;
  static constexpr std::uint64_t kAddressSpace = 0x100000;  ///< Registers and window.

  tlm_utils::simple_target_socket<Sensor> regs_in;
  sc_core::sc_out<bool> irq;

  Sensor(const sc_core::sc_module_name& name, const Config& config, Services& services);

  /// Sets the stream: records of `record_bytes` one after the other. Call before the run.
  /// @throws UserError if a record is larger than the window or the bytes are no whole records.
  void set_records(std::vector<std::uint8_t> bytes, std::size_t record_bytes);
  /// When each frame was presented since reset [ps], by frame number.
  const std::vector<std::uint64_t>& presented_ps() const { return presented_ps_; }

  void connect(PortDirectory& ports) override;
  /// The stream starts again at record 0.
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  tlm::tlm_response_status read_window(tlm::tlm_generic_payload& txn) const;
  void control(std::uint32_t value);
  void advance();
  void present();
  void drive_irq();
  bool status(std::uint32_t mask) const;
  std::uint64_t records() const { return record_bytes_ == 0 ? 0 : bytes_.size() / record_bytes_; }

  Config config_;
  sc_core::sc_time latency_;
  RegisterBank regs_;
  std::vector<std::uint8_t> bytes_;
  std::size_t record_bytes_ = 0;
  std::uint64_t next_ = 0;  // the record to present next
  std::vector<std::uint64_t> presented_ps_;
  sc_core::sc_event present_due_;
  sc_core::sc_event irq_changed_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace aimc::sensor
