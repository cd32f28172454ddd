// SPDX-License-Identifier: Apache-2.0
#include "aimc/plic/plic.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/plic/plic_regs.h"

namespace aimc::plic {

void describe(ParamTable& params, Config& config) {
  params.integer("sources", config.sources, 1u, 1023u, "Highest source number");
  params.integer("harts", config.harts, 1u, 8u, "Harts served");
}

Plic::Plic(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services),
      regs_in("regs_in"),
      irq_in("irq_in", config.sources + 1),
      irq_external("irq_external", config.harts),
      config_(config) {
  regs_in.register_b_transport(this, &Plic::b_transport);
  regs_in.register_transport_dbg(this, &Plic::transport_dbg);
  // One process for 32 lines: few processes, and a change costs 32 reads rather than a thousand.
  for (unsigned word = 0; word * 32 <= config.sources; ++word) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    for (unsigned i = word * 32; i <= std::min(config.sources, word * 32 + 31); ++i)
      options.set_sensitivity(&irq_in[i]);
    sc_core::sc_spawn([this, word] { sample(word); }, fmt::format("sample{}", word).c_str(),
                      &options);
  }
  SC_HAS_PROCESS(Plic);
  SC_METHOD(drive_irqs);
  sensitive << changed_;
}

void Plic::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, PLIC_SIZE);
  ports.irq_in("irq_in", irq_in);
  for (unsigned hart = 0; hart < config_.harts; ++hart)
    ports.irq_out(fmt::format("irq_external{}", hart), irq_external[hart]);
}

void Plic::reset() {
  priority_.fill(0);
  contexts_.fill(Context{});
  pending_.fill(0);
  in_service_.fill(0);
  for (unsigned word = 0; word < kWords; ++word) forward(word);
}

void Plic::report(nlohmann::ordered_json& stats) const {
  stats["claims"] = claims_;
  stats["spurious_claims"] = spurious_;
}

std::uint32_t Plic::implemented(unsigned word) const {
  const unsigned first = word * 32;
  if (first > config_.sources) return 0;
  const unsigned count = std::min(config_.sources - first + 1, 32u);
  const std::uint32_t mask = count == 32 ? ~0u : (1u << count) - 1;
  return word == 0 ? mask & ~1u : mask;
}

void Plic::sample(unsigned word) {
  std::uint32_t level = 0;
  for (unsigned bit = 0; bit < 32 && word * 32 + bit <= config_.sources; ++bit)
    level |= static_cast<std::uint32_t>(irq_in[word * 32 + bit].read()) << bit;
  level_[word] = level & implemented(word);
  forward(word);
}

/// The gateways: a line that is high becomes one request, and no other before its completion. A
/// request stays when the line drops.
void Plic::forward(unsigned word) {
  pending_[word] |= level_[word] & ~in_service_[word];
  changed_.notify(sc_core::SC_ZERO_TIME);
}

unsigned Plic::best(const Context& context, std::uint32_t floor) const {
  unsigned found = 0;
  for (unsigned word = 0; word * 32 <= config_.sources; ++word) {
    for (std::uint32_t rest = pending_[word] & context.enable[word]; rest != 0; rest &= rest - 1) {
      const unsigned source = word * 32 + static_cast<unsigned>(std::countr_zero(rest));
      if (priority_[source] <= floor) continue;
      floor = priority_[source];
      found = source;
    }
  }
  return found;
}

std::uint32_t Plic::claim(const Context& context) {
  const unsigned source = best(context, 0);
  if (source == 0) {
    ++spurious_;
    return 0;
  }
  ++claims_;
  const std::uint32_t bit = 1u << (source % 32);
  pending_[source / 32] &= ~bit;
  in_service_[source / 32] |= bit;
  changed_.notify(sc_core::SC_ZERO_TIME);
  return source;
}

void Plic::complete(const Context& context, std::uint32_t source) {
  if (source == 0 || source > config_.sources) return;
  const std::uint32_t bit = 1u << (source % 32);
  // The specification ignores it when the context does not enable the source, and then the source
  // never interrupts again; QEMU takes it, and so do we, or handlers that disable their own source
  // would hang here only.
  if ((in_service_[source / 32] & ~context.enable[source / 32] & bit) != 0)
    services().control.guest_warning(
        name(), fmt::format("source {} is completed by a context that does not enable it; other "
                            "controllers ignore that",
                            source));
  in_service_[source / 32] &= ~bit;
  forward(source / 32);
}

bool Plic::read(std::uint64_t offset, bool debug, std::uint32_t& value) {
  const auto at = static_cast<std::uint32_t>(offset);
  value = 0;
  if (offset % 4 != 0) return false;
  if (offset < PLIC_PENDING_OFFSET(0)) {
    value = priority_[at / 4];
    return true;
  }
  if (offset < PLIC_PENDING_OFFSET(PLIC_PENDING_COUNT)) {
    value = pending_[(at - PLIC_PENDING_OFFSET(0)) / 4];
    return true;
  }
  const unsigned contexts = 2 * config_.harts;
  if (offset >= PLIC_ENABLE_OFFSET(0) && offset < PLIC_ENABLE_OFFSET(contexts * kWords)) {
    const unsigned word = (at - PLIC_ENABLE_OFFSET(0)) / 4;
    value = contexts_[word / kWords].enable[word % kWords];
    return true;
  }
  if (offset < PLIC_THRESHOLD_OFFSET(0) || offset >= PLIC_THRESHOLD_OFFSET(contexts)) return false;
  Context& context = contexts_[(at - PLIC_THRESHOLD_OFFSET(0)) / PLIC_CONTEXT_STRIDE];
  switch (at % PLIC_CONTEXT_STRIDE) {
    case 0:
      value = context.threshold;
      return true;
    case 4:
      value = debug ? best(context, 0) : claim(context);
      return true;
    default:
      return false;
  }
}

bool Plic::write(std::uint64_t offset, std::uint32_t value) {
  const auto at = static_cast<std::uint32_t>(offset);
  const unsigned contexts = 2 * config_.harts;
  if (offset % 4 != 0) return false;
  if (offset < PLIC_PENDING_OFFSET(0)) {
    const unsigned source = at / 4;
    if (source != 0 && source <= config_.sources)
      priority_[source] = static_cast<std::uint8_t>(value & PLIC_PRIORITY_LEVEL_MASK);
  } else if (offset >= PLIC_ENABLE_OFFSET(0) && offset < PLIC_ENABLE_OFFSET(contexts * kWords)) {
    const unsigned word = (at - PLIC_ENABLE_OFFSET(0)) / 4;
    contexts_[word / kWords].enable[word % kWords] = value & implemented(word % kWords);
  } else if (offset >= PLIC_THRESHOLD_OFFSET(0) && offset < PLIC_THRESHOLD_OFFSET(contexts)) {
    Context& context = contexts_[(at - PLIC_THRESHOLD_OFFSET(0)) / PLIC_CONTEXT_STRIDE];
    switch (at % PLIC_CONTEXT_STRIDE) {
      case 0:
        context.threshold = value & PLIC_THRESHOLD_LEVEL_MASK;
        break;
      case 4:
        complete(context, value);
        break;
      default:
        return false;
    }
  } else {
    return false;
  }
  changed_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void Plic::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time&) {
  txn.set_dmi_allowed(false);
  if (txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (txn.get_data_length() != 4 || txn.get_streaming_width() < 4) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (txn.get_address() % 4 != 0 || txn.get_address() >= PLIC_SIZE) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  std::uint32_t value = 0;
  bool found = true;
  if (txn.is_read()) {
    found = read(txn.get_address(), false, value);
    std::memcpy(txn.get_data_ptr(), &value, 4);
  } else if (txn.is_write()) {
    std::memcpy(&value, txn.get_data_ptr(), 4);
    found = write(txn.get_address(), value);
  }
  // As QEMU: a program for more harts than there are may set up all that it was built for.
  if (!found)
    services().control.guest_warning(
        name(), fmt::format("no {} register at {:#x}: {}", txn.is_read() ? "readable" : "writable",
                            std::uint64_t{txn.get_address()},
                            txn.is_read() ? "reads as 0" : "the write is ignored"));
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Plic::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (!txn.is_read()) return 0;
  unsigned done = 0;
  for (std::uint32_t value = 0; done < txn.get_data_length(); ++done) {
    const std::uint64_t at = txn.get_address() + done;
    if (!read(at & ~std::uint64_t{3}, true, value)) break;
    txn.get_data_ptr()[done] = static_cast<unsigned char>(value >> (8 * (at % 4)));
  }
  return done;
}

void Plic::drive_irqs() {
  for (unsigned hart = 0; hart < config_.harts; ++hart) {
    const Context& context = contexts_[2 * hart];
    irq_external[hart].write(best(context, context.threshold) != 0);
  }
}

}  // namespace aimc::plic
