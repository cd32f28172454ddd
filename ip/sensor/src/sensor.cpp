// SPDX-License-Identifier: Apache-2.0
#include "aimc/sensor/sensor.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/sensor/sensor_map.h"
#include "aimc/sensor/sensor_regs.h"

namespace aimc::sensor {
namespace {

static_assert(SENSOR_WINDOW_OFFSET + SENSOR_WINDOW_BYTES <= Sensor::kAddressSpace);

}  // namespace

void describe(ParamTable& params, Config& config) {
  params.quantity("interval", config.interval_s, Unit::second, 0.0, 1e4,
                  "Least time from one presentation to the next");
  params.quantity("latency", config.latency_s, Unit::second, 0.0, 1e-3, "Time of one access");
}

Sensor::Sensor(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      irq("irq"),
      config_(config),
      latency_(to_time(config.latency_s)),
      regs_{&regs::kSensor} {
  regs_in.register_b_transport(this, &Sensor::b_transport);
  regs_in.register_transport_dbg(this, &Sensor::transport_dbg);
  regs_.on_write(SENSOR_CTRL_OFFSET,
                 [this](std::uint32_t value, std::uint32_t) { control(value); });
  const auto lines_changed = [this](std::uint32_t, std::uint32_t) {
    irq_changed_.notify(sc_core::SC_ZERO_TIME);
  };
  regs_.on_write(SENSOR_IRQ_ENABLE_OFFSET, lines_changed);
  regs_.on_write(SENSOR_IRQ_STATUS_OFFSET, lines_changed);
  regs_.on_read(SENSOR_RECORD_BYTES_OFFSET,
                [this](std::uint32_t) { return static_cast<std::uint32_t>(record_bytes_); });
  regs_.on_read(SENSOR_RECORDS_OFFSET,
                [this](std::uint32_t) { return static_cast<std::uint32_t>(records()); });
  SC_HAS_PROCESS(Sensor);
  SC_METHOD(present);
  sensitive << present_due_;
  dont_initialize();
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
}

void Sensor::set_records(std::vector<std::uint8_t> bytes, std::size_t record_bytes) {
  if (record_bytes == 0 || record_bytes > SENSOR_WINDOW_BYTES)
    user_error("'{}': records of {} bytes do not fit its window of {} bytes", name(), record_bytes,
               SENSOR_WINDOW_BYTES);
  if (bytes.size() % record_bytes != 0)
    user_error("'{}': {} bytes are not a whole number of records of {} bytes", name(), bytes.size(),
               record_bytes);
  bytes_ = std::move(bytes);
  record_bytes_ = record_bytes;
}

void Sensor::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, kAddressSpace);
  ports.irq_out("irq", irq);
}

void Sensor::reset() {
  regs_.reset();
  next_ = 0;
  presented_ps_.clear();
  present_due_.cancel();
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Sensor::report(nlohmann::ordered_json& stats) const {
  stats["frames"] = presented_ps_.size();
  stats["bytes_read"] = bytes_read_;
}

bool Sensor::status(std::uint32_t mask) const {
  return (regs_.get(SENSOR_STATUS_OFFSET) & mask) != 0;
}

void Sensor::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += latency_;
  txn.set_dmi_allowed(false);
  if (txn.get_address() < SENSOR_WINDOW_OFFSET) {
    txn.set_response_status(regs_.access(txn));
  } else if (!txn.is_read()) {
    txn.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  } else {
    txn.set_response_status(read_window(txn));
    bytes_read_ += txn.is_response_ok() ? txn.get_data_length() : 0;
  }
}

unsigned Sensor::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (txn.get_address() < SENSOR_WINDOW_OFFSET) return regs_.debug(txn);
  if (!txn.is_read() || read_window(txn) != tlm::TLM_OK_RESPONSE) return 0;
  return txn.get_data_length();
}

/// Beyond the record, and while no record is presented, the window reads as 0.
tlm::tlm_response_status Sensor::read_window(tlm::tlm_generic_payload& txn) const {
  const std::uint64_t at = txn.get_address() - SENSOR_WINDOW_OFFSET;
  const unsigned length = txn.get_data_length();
  if (at >= SENSOR_WINDOW_BYTES || length > SENSOR_WINDOW_BYTES - at)
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (txn.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (txn.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  std::size_t count = 0;
  if (status(SENSOR_STATUS_READY_MASK) && at < record_bytes_)
    count = std::min<std::size_t>(length, record_bytes_ - at);
  if (count > 0) std::memcpy(txn.get_data_ptr(), &bytes_[(next_ - 1) * record_bytes_ + at], count);
  std::memset(txn.get_data_ptr() + count, 0, length - count);
  return tlm::TLM_OK_RESPONSE;
}

void Sensor::control(std::uint32_t value) {
  if ((value & SENSOR_CTRL_NEXT_MASK) != 0 && status(SENSOR_STATUS_READY_MASK))
    regs_.drop(SENSOR_STATUS_OFFSET, SENSOR_STATUS_READY_MASK);
  advance();
}

/// Arranges for what comes after the last released record.
void Sensor::advance() {
  present_due_.cancel();
  const bool enabled = (regs_.get(SENSOR_CTRL_OFFSET) & SENSOR_CTRL_ENABLE_MASK) != 0;
  if (!enabled || status(SENSOR_STATUS_READY_MASK | SENSOR_STATUS_END_MASK)) return;
  if (next_ == records()) {
    regs_.raise(SENSOR_STATUS_OFFSET, SENSOR_STATUS_END_MASK);
    regs_.raise(SENSOR_IRQ_STATUS_OFFSET, SENSOR_IRQ_STATUS_END_MASK);
    irq_changed_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  const std::uint64_t due =
      presented_ps_.empty() ? 0 : presented_ps_.back() + to_ps(to_time(config_.interval_s));
  const std::uint64_t now = now_ps();
  present_due_.notify(sc_core::sc_time::from_value(due > now ? due - now : 0));
}

void Sensor::present() {
  regs_.set(SENSOR_FRAME_OFFSET, static_cast<std::uint32_t>(next_));
  ++next_;
  presented_ps_.push_back(now_ps());
  regs_.raise(SENSOR_STATUS_OFFSET, SENSOR_STATUS_READY_MASK);
  regs_.raise(SENSOR_IRQ_STATUS_OFFSET, SENSOR_IRQ_STATUS_FRAME_MASK);
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Sensor::drive_irq() {
  irq.write((regs_.get(SENSOR_IRQ_STATUS_OFFSET) & regs_.get(SENSOR_IRQ_ENABLE_OFFSET)) != 0);
}

}  // namespace aimc::sensor
