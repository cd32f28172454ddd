// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <span>

#include "aimc/common/module.h"
#include "aimc/common/params.h"

namespace aimc::memory {

struct Config {
  std::uint64_t size_bytes = 128ull * 1024 * 1024;
  bool read_only = false;    ///< Guest writes are bus errors; the host and debuggers may write.
  double latency_s = 10e-9;  ///< Added to each access.
};

void describe(ParamTable& params, Config& config);

/// RAM or ROM with direct memory access for its initiators.
///
/// The host's memory behind it is taken page by page when first touched, so 128 MiB cost nothing
/// until used. Contents start as 0.
class Memory : public Module {
 public:
  using Config = memory::Config;

  tlm_utils::simple_target_socket<Memory> mem_in;

  /// @throws UserError if the host cannot give the address space.
  Memory(const sc_core::sc_module_name& name, const Config& config, Services& services);
  ~Memory() override;

  void connect(PortDirectory& ports) override;
  /// Contents stay, as in real RAM; the loader writes the image again where that matters.
  void reset() override {}
  void report(nlohmann::ordered_json& stats) const override;

  /// The contents as the host sees them.
  std::span<std::uint8_t> data() { return {data_, config_.size_bytes}; }

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  tlm::tlm_response_status access(tlm::tlm_generic_payload& txn);

  Config config_;
  sc_core::sc_time latency_;
  std::uint8_t* data_ = nullptr;
  std::uint64_t reads_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace aimc::memory
