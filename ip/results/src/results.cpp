// SPDX-License-Identifier: Apache-2.0
#include "aimc/results/results.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/results/results_map.h"
#include "aimc/results/results_regs.h"

namespace aimc::results {
namespace {

static_assert(RESULTS_WINDOW_OFFSET + RESULTS_WINDOW_BYTES <= Results::kAddressSpace);

}  // namespace

void describe(ParamTable& params, Config& config) {
  params.quantity("latency", config.latency_s, Unit::second, 0.0, 1e-3, "Time of one access");
}

Results::Results(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      latency_(to_time(config.latency_s)),
      regs_{&regs::kResults},
      window_(RESULTS_WINDOW_BYTES) {
  regs_in.register_b_transport(this, &Results::b_transport);
  regs_in.register_transport_dbg(this, &Results::transport_dbg);
  regs_.on_write(RESULTS_COMMIT_OFFSET, [this](std::uint32_t, std::uint32_t) { commit(); });
}

void Results::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, kAddressSpace);
}

void Results::reset() {
  regs_.reset();
  std::fill(window_.begin(), window_.end(), std::uint8_t{0});
}

void Results::report(nlohmann::ordered_json& stats) const {
  stats["records"] = records_;
  stats["bytes"] = bytes_;
}

bool Results::committable(const tlm::tlm_generic_payload& txn) const {
  const std::uint64_t first = txn.get_address();
  const bool commits = txn.is_write() && first <= RESULTS_COMMIT_OFFSET &&
                       first + txn.get_data_length() > RESULTS_COMMIT_OFFSET;
  if (!commits) return true;
  std::uint32_t bytes = regs_.get(RESULTS_BYTES_OFFSET);
  // A burst may set BYTES on its way to COMMIT.
  if (first <= RESULTS_BYTES_OFFSET)
    std::memcpy(&bytes, txn.get_data_ptr() + (RESULTS_BYTES_OFFSET - first), 4);
  return bytes <= RESULTS_WINDOW_BYTES;
}

void Results::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += latency_;
  txn.set_dmi_allowed(false);
  access_time_ = sc_core::sc_time_stamp() + delay;
  if (txn.get_address() >= RESULTS_WINDOW_OFFSET) {
    txn.set_response_status(access_window(txn));
  } else if (!committable(txn)) {
    services().control.guest_warning(
        name(),
        fmt::format("COMMIT of a record larger than the window of {} bytes", RESULTS_WINDOW_BYTES));
    txn.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  } else {
    txn.set_response_status(regs_.access(txn));
  }
}

tlm::tlm_response_status Results::access_window(tlm::tlm_generic_payload& txn) {
  const std::uint64_t at = txn.get_address() - RESULTS_WINDOW_OFFSET;
  const unsigned length = txn.get_data_length();
  if (at >= window_.size() || length > window_.size() - at) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (txn.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (txn.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (txn.is_read()) std::memcpy(txn.get_data_ptr(), &window_[at], length);
  if (txn.is_write()) std::memcpy(&window_[at], txn.get_data_ptr(), length);
  return tlm::TLM_OK_RESPONSE;
}

unsigned Results::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (txn.get_address() < RESULTS_WINDOW_OFFSET) return regs_.debug(txn);
  return access_window(txn) == tlm::TLM_OK_RESPONSE ? txn.get_data_length() : 0;
}

void Results::commit() {
  Record record;
  record.frame = regs_.get(RESULTS_FRAME_OFFSET);
  record.klass = regs_.get(RESULTS_CLASS_OFFSET);
  const std::uint32_t bytes = regs_.get(RESULTS_BYTES_OFFSET);
  record.bytes.assign(window_.begin(), window_.begin() + bytes);
  record.time = access_time_;
  regs_.set(RESULTS_COMMITTED_OFFSET, regs_.get(RESULTS_COMMITTED_OFFSET) + 1);
  ++records_;
  bytes_ += bytes;
  if (listener_) listener_(record);
}

}  // namespace aimc::results
