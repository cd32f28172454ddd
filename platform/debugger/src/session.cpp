// SPDX-License-Identifier: Apache-2.0
// The conversation: dispatch, threads, running and stopping. Data transfer is in session_data.cpp.
#include "aimc/gdb/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aimc::gdb {

Session::Session(Target& target, Send send, const Stop& initial)
    : target_(target), send_(std::move(send)), stop_(initial), thread_(initial.thread) {}

void Session::receive(std::string_view bytes) {
  reader_.feed(bytes);
  while (!finished_) {
    const auto incoming = reader_.next();
    if (!incoming) return;
    handle(*incoming);
  }
}

void Session::handle(const Incoming& incoming) {
  switch (incoming.kind) {
    case Incoming::Kind::interrupt:
      // One that comes between two steps of a client that steps on and on holds for the next step;
      // a second one for the same stop is nothing.
      if (running_) target_.interrupt();
      interrupt_waits_ = !running_ && stop_.signal != Signal::interrupt;
      return;
    case Incoming::Kind::acknowledged:
      return;
    case Incoming::Kind::rejected:
      if (acknowledge_ && !last_reply_.empty()) send_(frame(last_reply_));
      return;
    case Incoming::Kind::bad_checksum:
      if (acknowledge_) {
        send_("-");
      } else {
        error("the packet's checksum is wrong");
      }
      return;
    case Incoming::Kind::too_long:
      if (acknowledge_) send_("+");
      error(fmt::format("the packet is longer than {} bytes", kMaxPacket));
      return;
    case Incoming::Kind::packet:
      if (acknowledge_) send_("+");
      // All-stop: a client that waits for a stop sends nothing but Ctrl-C and kill.
      if (running_ && incoming.payload != "k" && !incoming.payload.starts_with("vKill")) {
        error("the machine is running; interrupt it first");
      } else {
        packet(incoming.payload);
      }
      return;
  }
}

void Session::reply(std::string_view payload) {
  last_reply_ = payload;
  send_(frame(payload));
}

/// Texts of errors are for people; the characters that frame packets must not be in them.
void Session::error(std::string_view sentence) {
  std::string text = "E.";
  for (const char c : sentence) text += c == '#' || c == '$' || c == '}' || c == '*' ? '_' : c;
  reply(text);
}

void Session::packet(std::string_view payload) {
  if (payload.empty()) return reply("");
  const char kind = payload.front();
  const Scanner scanner(payload.substr(1));
  switch (kind) {
    case '!':
      extended_ = true;
      return reply("OK");
    case '?':
      return gone_ ? reply("W00") : stop_reply(stop_);
    case 'c':
    case 's':
    case 'C':
    case 'S': {
      const bool step = kind == 's' || kind == 'S';
      const bool with_signal = kind == 'C' || kind == 'S';
      if (!legacy_resume(scanner, step ? Action::Kind::step : Action::Kind::run, with_signal))
        error("the address or signal cannot be read");
      return;
    }
    case 'D':
      if (!scanner.done() && !scanner.rest().starts_with(';')) return reply("");
      if (!scanner.done() && !is_process(scanner.rest().substr(1))) return reply("E01");
      reply("OK");
      finished_ = true;
      return target_.detach();
    case 'g':
      return read_all_registers();
    case 'G':
      return write_all_registers(scanner.rest());
    case 'H':
      return select_thread(scanner);
    case 'k':
      if (!scanner.done()) return reply("");
      finished_ = true;
      return target_.kill();
    case 'm':
      return read_memory(scanner);
    case 'M':
      return write_memory(scanner, false);
    case 'X':
      return write_memory(scanner, true);
    case 'p':
      return read_register(scanner);
    case 'P':
      return write_register(scanner);
    case 'q':
      return query(scanner);
    case 'Q':
      return set(scanner);
    case 'R':  // has no reply
      return start_again();
    case 'T': {
      Scanner id = scanner;
      const auto thread = parse_thread(id);
      return thread && exists(*thread) ? reply("OK") : reply("E01");
    }
    case 'v':
      return verbose(scanner);
    case 'z':
    case 'Z':
      return stop_point(scanner, kind == 'Z');
    default:
      return reply("");
  }
}

void Session::start_again() {
  target_.restart();
  interrupt_waits_ = false;
  stop_ = {};
  thread_ = stop_.thread;
  gone_ = false;
}

// ---- threads

std::string Session::thread_id(unsigned thread) const {
  return fmt::format("{}{:x}", multiprocess_ ? "p1." : "", thread);
}

std::optional<int> Session::parse_thread(Scanner& scanner) const {
  const auto id = [&]() -> std::optional<int> {
    if (scanner.take("-1")) return -1;
    const auto value = scanner.number();
    if (!value || *value > 0x7fffffff) return std::nullopt;
    return static_cast<int>(*value);
  };
  if (!scanner.take("p")) return id();
  const auto process = id();
  if (!process || *process > 1) return std::nullopt;  // there is one process, number 1
  return scanner.take(".") ? id() : -1;
}

/// Does a pid of a packet mean the platform? Clients without multiprocess make one up.
bool Session::is_process(std::string_view pid) const {
  Scanner scanner(pid);
  const auto value = scanner.number();
  return value && scanner.done() && (*value == 1 || !multiprocess_);
}

bool Session::exists(int thread) const {
  return thread >= 1 && static_cast<unsigned>(thread) <= target_.threads();
}

void Session::select_thread(Scanner scanner) {
  const bool general = scanner.take("g");
  if (!general && !scanner.take("c")) return reply("");
  const auto thread = parse_thread(scanner);
  if (!thread || (*thread > 0 && !exists(*thread))) return error("there is no such thread");
  if (!general) {
    continue_thread_ = *thread == 0 ? -1 : *thread;
  } else if (*thread > 0) {
    thread_ = static_cast<unsigned>(*thread);
  }
  reply("OK");
}

// ---- running

void Session::resume_with(const std::vector<Action>& actions) {
  running_ = true;
  target_.resume(actions);
  if (std::exchange(interrupt_waits_, false)) target_.interrupt();
}

/// c, s, C, S: one thread steps or all of them run; the others run.
bool Session::legacy_resume(Scanner scanner, Action::Kind kind, bool with_signal) {
  if (with_signal && !scanner.number()) return false;
  if (with_signal) scanner.take(";");
  const unsigned thread =
      continue_thread_ > 0 ? static_cast<unsigned>(continue_thread_) : stop_.thread;
  if (!scanner.done()) {
    const auto address = scanner.number();
    if (!address || !scanner.done() || *address > 0xffffffffu) return false;
    const std::string problem =
        target_.write_register(thread, kRegisterPc, static_cast<std::uint32_t>(*address));
    if (!problem.empty()) return false;
  }
  std::vector<Action> actions(target_.threads(), Action{Action::Kind::run});
  actions[thread - 1].kind = kind;
  resume_with(actions);
  return true;
}

/// vCont;action[:thread]...: the leftmost action that names a thread is its action.
void Session::vcont(Scanner scanner) {
  std::vector<std::optional<Action>> wanted(target_.threads());
  while (!scanner.done()) {
    Scanner item(scanner.until(';'));
    Action action;
    const char letter = item.rest().empty() ? '\0' : item.rest().front();
    if (letter == '\0' || std::string_view("cCsSr").find(letter) == std::string_view::npos)
      return error("this action of vCont is not supported");
    item.take({&letter, 1});
    if (letter == 'C' || letter == 'S') item.number();  // guests take no signals
    action.kind = letter == 'c' || letter == 'C' ? Action::Kind::run : Action::Kind::step;
    if (letter == 'r') {
      const auto first = item.number();
      const auto end = item.take(",") ? item.number() : std::nullopt;
      if (!first || !end || *first > 0xffffffffu || *end > 0xffffffffu)
        return error("the range of the step cannot be read");
      action = {Action::Kind::range, static_cast<std::uint32_t>(*first),
                static_cast<std::uint32_t>(*end)};
    }
    int thread = -1;
    if (item.take(":")) {
      const auto id = parse_thread(item);
      if (!id || (*id > 0 && !exists(*id))) return error("there is no such thread");
      thread = *id == 0 ? static_cast<int>(stop_.thread) : *id;
    }
    if (!item.done()) return error("vCont has something after an action");
    for (unsigned i = 0; i < wanted.size(); ++i)
      if (!wanted[i] && (thread < 0 || thread == static_cast<int>(i + 1))) wanted[i] = action;
  }
  std::vector<Action> actions;
  actions.reserve(wanted.size());
  for (const auto& action : wanted) actions.push_back(action.value_or(Action{}));
  if (std::all_of(actions.begin(), actions.end(),
                  [](const Action& action) { return action.kind == Action::Kind::hold; }))
    return error("vCont leaves every thread stopped");
  resume_with(actions);
}

void Session::stopped(const Stop& stop) {
  stop_ = stop;
  thread_ = stop.thread;
  if (!running_) return;
  running_ = false;
  stop_reply(stop);
}

void Session::stop_reply(const Stop& stop) {
  std::string text = fmt::format("T{:02x}", static_cast<unsigned>(stop.signal));
  // The registers a client looks at first save it a question.
  for (const unsigned number : {kRegisterPc, 2u, 8u})
    if (const auto value = target_.read_register(stop.thread, number))
      text += fmt::format("{:02x}:{};", number, word_to_hex(*value));
  text += fmt::format("thread:{};", thread_id(stop.thread));
  if (stop.point) {
    switch (*stop.point) {
      case StopPoint::Kind::software:
        if (swbreak_) text += "swbreak:;";
        break;
      case StopPoint::Kind::hardware:
        if (hwbreak_) text += "hwbreak:;";
        break;
      case StopPoint::Kind::write:
        text += fmt::format("watch:{:x};", stop.address);
        break;
      case StopPoint::Kind::read:
        text += fmt::format("rwatch:{:x};", stop.address);
        break;
      case StopPoint::Kind::access:
        text += fmt::format("awatch:{:x};", stop.address);
        break;
    }
  }
  reply(text);
}

void Session::exited(int code) {
  if (running_) reply(fmt::format("W{:02x}", static_cast<unsigned>(code) & 255));
  running_ = false;
  finished_ = true;
}

void Session::killed() {
  if (running_) reply(fmt::format("X{:02x}", static_cast<unsigned>(Signal::kill)));
  running_ = false;
  finished_ = true;
}

void Session::console(std::string_view text) {
  if (running_ && !text.empty())
    send_(frame(fmt::format("O{}", to_hex(text.substr(0, kMaxPacket / 2 - 1)))));
}

// ---- stop points

void Session::stop_point(Scanner scanner, bool insert) {
  std::uint64_t kind = 0, address = 0, length = 0;
  if (!scanner.number(kind) || !scanner.take(",") || !scanner.number(address) ||
      !scanner.take(",") || !scanner.number(length))
    return error("the stop point cannot be read");
  if (kind > 4) return reply("");
  if (!scanner.done()) return error("conditions are not evaluated here");
  if (address > 0xffffffffu) return error("the address has more than 32 bits");
  const bool watch = kind >= 2;
  if (watch && (length == 0 || length > 0x100000000u - address))
    return error("a watched range has at least one byte and ends below 4 GiB");
  const StopPoint point{
      static_cast<StopPoint::Kind>(kind), static_cast<std::uint32_t>(address),
      watch ? static_cast<std::uint32_t>(std::min<std::uint64_t>(length, 0xffffffffu)) : 0};
  insert ? target_.insert(point) : target_.remove(point);
  reply("OK");
}

}  // namespace aimc::gdb
