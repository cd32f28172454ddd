// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aimc/common/registry.h"
#include "aimc/platform/description.h"
#include "aimc/soc/elf.h"

namespace aimc::instrumentation {
class Htif;
}  // namespace aimc::instrumentation

namespace aimc::soc {

/// Puts every block kind of this tree into the registry.
void register_builtin_kinds(Registry& registry);

class Soc;
class ServiceMemory;

/// Joins blocks that share more than sockets and lines: the harts' `time` CSR shows the machine
/// timer of the core-local interruptor, and harts learn of what others write into memory.
void join_builtin_blocks(const Soc& soc);

/// How a run ended.
struct Outcome {
  enum class End {
    finished,   ///< The firmware ended the run.
    timed_out,  ///< Simulated time reached the limit.
    stuck,      ///< Nothing is left that could ever happen.
    stopped,    ///< The host asked for the end.
  };
  End end = End::stuck;
  int exit_code = 0;
  std::string reason;
};

/// A platform made real: instances, sockets bound, lines connected, programs loaded.
///
/// Knows blocks only as `Module`, `Interconnect` and their named ports; what a block is for is the
/// platform file's business.
class Soc : public sc_core::sc_module, public SimulationControl {
 public:
  struct Options {
    std::uint64_t seed = 1;
    unsigned threads = 1;
  };

  /// @throws UserError for unknown kinds or parameters, overlapping ranges, missing connections.
  Soc(const sc_core::sc_module_name& name, const platform::Description& description,
      const Registry& registry, const Options& options);
  ~Soc() override;

  /// Writes a program into memory and points the reset vector at it. @throws UserError if a
  /// segment has no memory under it.
  void load_firmware(ElfImage image);
  /// A flattened device tree that the reset vector hands to programs in a1, if there is memory for
  /// it behind the vector. Call before `load_firmware`.
  void offer_device_tree(std::vector<std::uint8_t> blob) { device_tree_ = std::move(blob); }
  /// Writes bytes to bus addresses, now and after each reset. @throws UserError naming `what`.
  void load_data(std::uint64_t address, std::vector<std::uint8_t> bytes, const std::string& what);
  /// Reads memory without side effects. @returns false if nothing answers.
  bool peek(std::uint64_t address, void* data, unsigned length);

  /// A debugger's access: what can be reached without side effects and without simulated time; ROM
  /// may be written. @returns the bytes transferred, counted from the first.
  std::size_t debug_read(std::uint64_t address, std::span<std::uint8_t> bytes);
  std::size_t debug_write(std::uint64_t address, std::span<const std::uint8_t> bytes);
  /// Name of the instance that answers at a bus address, behind a bridge that of the endpoint;
  /// empty for memory and where nothing answers.
  std::string device_at(std::uint64_t address) const;
  /// What a service of the host (semihosting, HTIF) did to memory in a call that is complete.
  struct HostAccess {
    const char* service;
    const Module* hart;  ///< That called; null if the service looked by itself.
    std::uint64_t address, length;
    bool write;
  };
  using HostObserver = std::function<void(const HostAccess&)>;
  /// Calls `observer` for each such access. For debuggers.
  void add_host_observer(HostObserver observer) { host_observers_.push_back(std::move(observer)); }
  const std::vector<HostObserver>& host_observers() const { return host_observers_; }
  /// Resets the platform at once. For debuggers: blocks ask with `request_reset`.
  void reset_now() { do_reset(); }
  /// How many resets there have been, and whether the end of the run is decided.
  unsigned resets() const { return resets_; }
  bool ended() const { return outcome_.has_value(); }
  /// An address range of the bus and the instance that answers there.
  struct Range {
    std::uint64_t base;
    std::uint64_t end;  ///< First address behind it.
    const platform::Instance* instance;
  };
  const std::vector<Range>& ranges() const { return ranges_; }
  /// Asked when nothing is left that could ever happen by itself. A handler may wait some
  /// milliseconds for the world outside; true: there is or may be news, ask the kernel again. The
  /// run ends when no handler says so.
  void add_idle_handler(std::function<bool()> handler) { idle_.push_back(std::move(handler)); }

  /// Runs until the firmware ends, `until_s` of simulated time has passed (0: no limit), or
  /// `keep_going`, asked every millisecond of simulated time, returns false.
  Outcome run(double until_s, const std::function<bool()>& keep_going = {});

  Module* find(const std::string& instance) const;
  /// The first block of type `Block`, or null.
  template <class Block>
  Block* find_block() const {
    for (const auto& [name, module] : modules_)
      if (auto* const block = dynamic_cast<Block*>(module.get())) return block;
    return nullptr;
  }
  template <class Block>
  std::vector<Block*> blocks() const {
    std::vector<Block*> found;
    for (const std::string& name : order_)
      if (auto* const block = dynamic_cast<Block*>(find(name))) found.push_back(block);
    return found;
  }
  trace::Hub& trace() { return hub_; }

  /// Energy of all blocks up to now [J], static power included.
  double energy_j() const;
  /// Statistics and energy of every instance, in the order of the platform file.
  nlohmann::ordered_json report() const;
  /// Parameters of the instances; those with equal parameters share an entry.
  nlohmann::ordered_json parameters(const Registry& registry) const;

  // SimulationControl
  void finish(int exit_code, const std::string& reason) override;
  void request_reset() override;
  void guest_warning(const char* instance, const std::string& message) override;

 private:
  struct Wiring;
  void create_instances(const Registry& registry);
  void connect_instances();
  void check_ranges(const Wiring& wiring);
  void connect_lines(Wiring& wiring);
  void poke(std::uint64_t address, const std::vector<std::uint8_t>& bytes, const std::string& what);
  bool is_memory(std::uint64_t address, std::uint64_t bytes) const;
  bool holds_program(std::uint64_t address, std::uint64_t bytes) const;
  void join_tohost();
  bool serve_htif(bool settled);
  void serve_tohost();
  void serve_settled_tohost();
  void write_reset_vector();
  void place_programs();
  void do_reset();
  bool nothing_pending(const sc_core::sc_time& end);

  const platform::Description description_;
  trace::Hub hub_;
  WorkerPool workers_;
  Services services_;
  std::map<std::string, std::unique_ptr<Module>> modules_;
  std::vector<std::string> order_;
  std::vector<Range> ranges_;
  std::vector<std::function<bool()>> idle_;
  std::vector<std::unique_ptr<sc_core::sc_signal<bool>>> wires_;
  tlm_utils::simple_initiator_socket<Soc> host_;

  ElfImage firmware_;
  std::vector<std::uint8_t> device_tree_;
  struct Blob {
    std::uint64_t address;
    std::vector<std::uint8_t> bytes;
    std::string what;
  };
  std::vector<Blob> blobs_;
  std::vector<HostObserver> host_observers_;
  std::unique_ptr<ServiceMemory> htif_memory_;
  std::unique_ptr<instrumentation::Htif> htif_;  ///< Null if the program has no `tohost`.
  sc_core::sc_event tohost_written_;
  sc_core::sc_event tohost_settled_;

  sc_core::sc_event end_of_run_;  ///< Pending at the limit, so that nobody runs ahead of it.
  sc_core::sc_event reset_event_;
  bool reset_requested_ = false;
  unsigned resets_ = 0;
  std::optional<Outcome> outcome_;
  unsigned warnings_ = 0;
};

}  // namespace aimc::soc
