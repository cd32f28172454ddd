// SPDX-License-Identifier: Apache-2.0
#include "aimc/soc/soc.h"

#include <algorithm>

#include <spdlog/spdlog.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "aimc/instrumentation/htif.h"
#include "aimc/soc/soc_memory.h"

namespace aimc::soc {
namespace {
constexpr unsigned kMaxWarnings = 20;
constexpr double kSlice = 1e-3;  // simulated time between two looks at the host
}  // namespace

Soc::Soc(const sc_core::sc_module_name& name, const platform::Description& description,
         const Registry& registry, const Options& options)
    : sc_module(name),
      description_(description),
      workers_(options.threads),
      services_{hub_, workers_, *this, options.seed},
      host_("host") {
  // Standard output belongs to the guest: the kernel's notices stay off it.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  hub_.set_clock([] { return now_ps(); });
  tlm_utils::tlm_quantumkeeper::set_global_quantum(to_time(description.quantum_s));
  create_instances(registry);
  connect_instances();
  join_builtin_blocks(*this);
  SC_HAS_PROCESS(Soc);
  SC_METHOD(do_reset);
  sensitive << reset_event_;
  dont_initialize();
  SC_METHOD(serve_tohost);
  sensitive << tohost_written_;
  dont_initialize();
  SC_METHOD(serve_settled_tohost);
  sensitive << tohost_settled_;
  dont_initialize();
}

Soc::~Soc() = default;

void Soc::create_instances(const Registry& registry) {
  for (const platform::Instance& instance : description_.instances) {
    const IpKind& kind = registry.find(instance.ip, instance.where);
    order_.push_back(instance.name);
    if (modules_.contains(instance.name))
      user_error(instance.where, "there are two instances called '{}'", instance.name);
    try {
      modules_.emplace(instance.name, kind.create(instance.name, instance.params, services_));
    } catch (const UserError& error) {
      if (error.located()) throw;
      // A reason that begins with the name of a parameter is mended where that was set.
      const std::string_view reason = error.what();
      const ConfigNode* const param = instance.params.find(reason.substr(0, reason.find(' ')));
      user_error(param != nullptr ? param->where() : instance.where, "'{}': {}", instance.name,
                 reason);
    }
  }
}

/// Is nothing but the end of the run left to happen?
bool Soc::nothing_pending(const sc_core::sc_time& end) {
  if (!sc_core::sc_pending_activity()) return true;
  if (sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity() != end) return false;
  end_of_run_.cancel();
  const bool nothing = !sc_core::sc_pending_activity();
  end_of_run_.notify(end - sc_core::sc_time_stamp());
  return nothing;
}

Outcome Soc::run(double until_s, const std::function<bool()>& keep_going) {
  const sc_core::sc_time limit =
      until_s > 0.0 ? to_time(until_s) : sc_core::sc_max_time() - sc_core::sc_time_stamp();
  const sc_core::sc_time end = sc_core::sc_time_stamp() + limit;
  if (until_s > 0.0) end_of_run_.notify(limit);
  while (!outcome_) {
    if (keep_going && !keep_going()) {
      outcome_ = Outcome{Outcome::End::stopped, 130, "stopped by the user"};
      break;
    }
    if (outcome_) break;  // a debugger has ended the run
    const sc_core::sc_time left = end - sc_core::sc_time_stamp();
    if (left == sc_core::SC_ZERO_TIME) {
      outcome_ = Outcome{Outcome::End::timed_out, 124,
                         fmt::format("the firmware did not end within {}",
                                     format_quantity(until_s, Unit::second))};
      break;
    }
    sc_core::sc_start(std::min(left, to_time(kSlice)));
    if (!outcome_ && nothing_pending(end)) {
      if (keep_going && !keep_going()) continue;
      bool news = false;
      for (const auto& handler : idle_) news |= handler();
      if (news) continue;
      // Nobody waits for a time, and nothing outside can wake the platform.
      outcome_ = Outcome{Outcome::End::stuck, 125,
                         "nothing is left to happen: every hart sleeps and no event is pending"};
    }
  }
  return *outcome_;
}

Module* Soc::find(const std::string& instance) const {
  const auto at = modules_.find(instance);
  return at == modules_.end() ? nullptr : at->second.get();
}

void Soc::finish(int exit_code, const std::string& reason) {
  if (outcome_) return;
  outcome_ = Outcome{Outcome::End::finished, exit_code, reason};
  sc_core::sc_stop();
}

void Soc::request_reset() {
  reset_requested_ = true;
  reset_event_.notify(sc_core::SC_ZERO_TIME);
}

void Soc::do_reset() {
  ++resets_;
  for (const std::string& name : order_) modules_.at(name)->reset();
  place_programs();
  for (const Blob& blob : blobs_) poke(blob.address, blob.bytes, blob.what);
}

void Soc::guest_warning(const char* instance, const std::string& message) {
  if (warnings_ > kMaxWarnings) return;
  const double now = 1e-12 * static_cast<double>(now_ps());
  spdlog::warn("{}  {}  {}", format_quantity(now, Unit::second), instance,
               ++warnings_ > kMaxWarnings ? "more warnings are not printed" : message);
}

}  // namespace aimc::soc
