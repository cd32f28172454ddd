// SPDX-License-Identifier: Apache-2.0
/// One client's conversation: packets in, packets out, commands to a `Target`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aimc/gdb/packet.h"
#include "aimc/gdb/target.h"

namespace aimc::gdb {

/// Understands the remote serial protocol in all-stop mode. Any bytes may come in; what makes no
/// sense gets an error reply, what is not known an empty one, as the protocol wants.
class Session {
 public:
  using Send = std::function<void(std::string_view bytes)>;

  /// @param initial  What the machine's last stop was, for the client's first question.
  Session(Target& target, Send send, const Stop& initial);

  /// Takes bytes from the client and does what they ask for, up to a request to run: later packets
  /// wait until `stopped`.
  void receive(std::string_view bytes);

  /// The machine has stopped. Tells a client that waits for it.
  void stopped(const Stop& stop);
  /// The program has ended. The client is told if it waits; nothing may follow.
  void exited(int code);
  void killed();
  /// A line for the client's terminal, if it is in a state to show one.
  void console(std::string_view text);

  /// Has the client asked the machine to run and not yet been told that it stopped?
  bool running() const { return running_; }
  /// Has the client said good-bye (detach, kill)? The connection should be closed.
  bool finished() const { return finished_; }
  /// Has an extended-remote client killed the program and not started it again? When it leaves
  /// now, the simulation ends.
  bool killed_by_client() const { return gone_; }

 private:
  void handle(const Incoming& incoming);
  void packet(std::string_view payload);
  void reply(std::string_view payload);
  void error(std::string_view sentence);

  // session.cpp
  void resume_with(const std::vector<Action>& actions);
  bool legacy_resume(Scanner scanner, Action::Kind kind, bool with_signal);
  void stop_reply(const Stop& stop);
  void select_thread(Scanner scanner);
  void query(Scanner scanner);
  void set(Scanner scanner);
  void verbose(Scanner scanner);
  void vcont(Scanner scanner);
  void start_again();
  void stop_point(Scanner scanner, bool insert);
  std::string thread_id(unsigned thread) const;
  /// A thread-id of a packet: 0 any, -1 all, else the thread. Empty if it makes no sense.
  std::optional<int> parse_thread(Scanner& scanner) const;
  bool is_process(std::string_view pid) const;
  bool exists(int thread) const;

  // session_data.cpp
  void supported(Scanner scanner);
  void transfer(Scanner scanner);
  void remote_command(std::string_view hex);
  void checksum_of_memory(Scanner scanner);
  void read_all_registers();
  void write_all_registers(std::string_view hex);
  void read_register(Scanner scanner);
  void write_register(Scanner scanner);
  void read_memory(Scanner scanner);
  void write_memory(Scanner scanner, bool binary);
  std::string threads_xml() const;

  Target& target_;
  Send send_;
  PacketReader reader_;
  Stop stop_;
  bool acknowledge_ = true;
  bool running_ = false, finished_ = false;
  bool extended_ = false, gone_ = false;
  bool interrupt_waits_ = false;  ///< Ctrl-C while the machine stood still.
  bool multiprocess_ = false, swbreak_ = false, hwbreak_ = false;
  unsigned thread_;           ///< For register packets (Hg).
  int continue_thread_ = -1;  ///< For c and s (Hc).
  std::string last_reply_;    ///< For a client that asks again with '-'.
};

}  // namespace aimc::gdb
