// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aimc/debugger/hart_control.h"
#include "aimc/gdb/server.h"
#include "aimc/gdb/session.h"
#include "aimc/gdb/stop_points.h"
#include "aimc/soc/soc.h"

namespace aimc::debugger {

/// Exit code of the program when the debugger ends the simulation.
inline constexpr int kKilledExit = 137;

struct Options {
  gdb::Endpoint endpoint;
  bool wait = false;     ///< Hold the harts before their first instruction until a client comes.
  bool tracing = false;  ///< Is there a trace file that `monitor trace` can switch?
};

/// GDB's view of a platform: all harts are threads of one process.
///
/// Everything happens in the simulation's own thread: a hart asks between its slices whether the
/// client wants something, and a stopped platform waits for packets inside that call, so that
/// simulated time stands still. A client that only attaches and lets go changes nothing.
class Debugger : private gdb::Target, private StopListener {
 public:
  /// Listens at once. Must live at least as long as the simulation runs.
  /// @param symbols      Of the firmware, for `monitor where`.
  /// @param interrupted  Has the user asked the program to end? Asked while waiting.
  /// @throws UserError if the place cannot be listened at or the platform has no hart.
  Debugger(soc::Soc& soc, std::vector<soc::ElfImage::Symbol> symbols, const Options& options,
           std::function<bool()> interrupted);
  ~Debugger() override;

  std::string address() const { return server_.address(); }
  /// Calls `prepare` whenever harts have stopped and the client may change them.
  void before_stops(std::function<void()> prepare) { prepare_ = std::move(prepare); }
  /// Call it between parts of the simulation, for the times when no hart runs.
  void poll();
  /// Tells the client how the run ended.
  void ended(const soc::Outcome& outcome);

 private:
  friend class Monitor;

  // gdb::Target
  unsigned threads() const override { return static_cast<unsigned>(harts_.size()); }
  std::string thread_name(unsigned thread) const override;
  std::string thread_state(unsigned thread) const override;
  const std::string& description_xml() const override { return target_xml_; }
  const std::string& memory_map_xml() const override { return memory_map_; }
  std::optional<std::uint32_t> read_register(unsigned thread, unsigned number) override;
  std::string write_register(unsigned thread, unsigned number, std::uint32_t value) override;
  std::size_t read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) override;
  std::size_t write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override;
  void insert(const gdb::StopPoint& point) override { points_.insert(point); }
  void remove(const gdb::StopPoint& point) override { points_.remove(point); }
  void resume(const std::vector<gdb::Action>& actions) override;
  void interrupt() override { interrupt_ = true; }
  void detach() override;
  void kill() override;
  void restart() override;
  void monitor(std::string_view command, const Print& print) override;

  // StopListener
  void look(unsigned thread) override;
  void stop(const gdb::Stop& stop) override;
  bool stop_fatal(unsigned thread) override;

  using Clock = std::chrono::steady_clock;
  /// What somebody else than a hart's instruction did to watched memory.
  struct MasterHit {
    gdb::StopPoints::Hit hit;
    std::optional<unsigned> thread;  ///< Whose hart asked for it.
    std::string what;                ///< For the console.
  };
  bool watching() const { return !ending_ && (points_.watching() || lifted_.watching()); }
  void on_host(const soc::Soc::HostAccess& access);
  void on_access(const std::string& master, std::optional<unsigned> thread, std::uint64_t first,
                 std::uint64_t length, bool write);
  void on_bus(const std::string& port, const tlm::tlm_generic_payload& txn, std::uint64_t length);
  void stop_for(const MasterHit& hit);
  std::optional<MasterHit> take_missed();
  void wait_for_client();
  unsigned running_thread() const;
  HartControl& hart(unsigned thread) { return *harts_[thread - 1]; }
  const HartControl& hart(unsigned thread) const { return *harts_[thread - 1]; }
  bool idle();
  void serve(unsigned thread);
  bool open_session(int timeout_ms);
  void exchange(int timeout_ms);
  void close_session();
  void run_all();
  void hold_all();
  void make_documents();

  soc::Soc& soc_;
  const std::vector<soc::ElfImage::Symbol> symbols_;
  const Options options_;
  const std::function<bool()> interrupted_;
  std::function<void()> prepare_;
  gdb::Server server_;
  std::unique_ptr<gdb::Session> session_;
  gdb::StopPoints points_;
  std::vector<std::unique_ptr<HartControl>> harts_;
  std::string target_xml_, memory_map_;
  std::vector<std::string> trace_patterns_;

  /// Watchpoints at the last stop for one. GDB removes them for the instruction that it then lets
  /// execute; what masters do meanwhile is told when they are back.
  gdb::StopPoints lifted_;
  std::optional<MasterHit> missed_;
  gdb::Stop last_stop_;
  bool stopped_ = false;    ///< Harts stand still, the client has the word.
  bool waiting_ = false;    ///< For the first client.
  bool interrupt_ = false;  ///< The client pressed Ctrl-C.
  bool ending_ = false;     ///< The run is about to end: let nobody wait.
  bool killed_ = false, idle_told_ = false;
  Clock::time_point next_look_{};
};

}  // namespace aimc::debugger
