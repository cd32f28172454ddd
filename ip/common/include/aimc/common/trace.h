// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aimc::trace {

enum class Kind : std::uint8_t { begin, end, instant, counter };

/// One event: 32 bytes, no pointers. Strings are interned before the run.
struct Event {
  std::uint64_t time_ps;
  std::uint32_t track;
  std::uint16_t name;
  Kind kind;
  std::uint8_t reserved;
  std::uint64_t value;  ///< Counter value, or one free argument (address, bytes, opcode).
  std::uint64_t flow;   ///< Joins the slices of one activity; 0 for none.
};
static_assert(sizeof(Event) == 32);

/// A row of the timeline. Names are SystemC hierarchical names; parents come from the dots.
struct Track {
  std::string path;
  std::uint32_t parent = 0;  ///< Index; 0 is the root.
  bool counter = false;
  std::string unit;
};

/// Tracks and interned strings, shared by hub and sinks.
struct Names {
  std::vector<Track> tracks{Track{}};
  std::vector<std::string> strings{""};
};

/// Writes events somewhere. Events arrive in time order.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void open(const Names& names) = 0;
  virtual void consume(const Event* events, std::size_t count) = 0;
  /// Completes the file. @returns false if something could not be written.
  virtual bool close() = 0;
};

class Hub;

/// What a model holds. With tracing off, each call costs one test of `on`.
class Source {
 public:
  bool on() const { return on_; }
  /// Opens a slice at `time_ps`; `argument` shows in the viewer.
  void begin(std::uint64_t time_ps, std::uint16_t name, std::uint64_t argument = 0,
             std::uint64_t flow = 0) {
    if (on_) push(time_ps, name, Kind::begin, argument, flow);
  }
  void end(std::uint64_t time_ps) {
    if (on_) push(time_ps, 0, Kind::end, 0, 0);
  }
  void instant(std::uint64_t time_ps, std::uint16_t name, std::uint64_t argument = 0) {
    if (on_) push(time_ps, name, Kind::instant, argument, 0);
  }
  void counter(std::uint64_t time_ps, std::uint64_t value) {
    if (on_) push(time_ps, 0, Kind::counter, value, 0);
  }

 private:
  friend class Hub;
  void push(std::uint64_t time_ps, std::uint16_t name, Kind kind, std::uint64_t value,
            std::uint64_t flow);

  bool on_ = false;
  std::uint32_t track_ = 0;
  Hub* hub_ = nullptr;
};

/// Collects events in batches, puts them in time order and hands them to the sinks.
///
/// Temporally decoupled initiators emit ahead of the kernel, so a batch is held back until the
/// kernel's time has passed it: that time is a lower bound for every event still to come.
class Hub {
 public:
  Hub();
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// A source for slices. The reference stays valid for the hub's life.
  Source& source(const std::string& path);
  Source& counter(const std::string& path, const std::string& unit);
  std::uint16_t intern(const std::string& text);

  void add_sink(std::unique_ptr<Sink> sink);
  /// Switches sources by an ordered list of "+glob" and "-glob", last match wins; called once
  /// after elaboration. Nothing is on without a sink.
  void select(const std::vector<std::string>& patterns);
  /// How to ask for the kernel's time [ps].
  void set_clock(std::function<std::uint64_t()> kernel_time) { clock_ = std::move(kernel_time); }
  /// Writes what is left and closes the sinks. @returns false if a sink failed.
  bool close();

 private:
  friend class Source;
  Source& add(const std::string& path, bool counter, const std::string& unit);
  std::uint32_t track(const std::string& path);
  void flush(std::uint64_t until_ps);

  Names names_;
  std::unordered_map<std::string, std::uint32_t> track_index_;
  std::unordered_map<std::string, std::uint16_t> string_index_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::vector<Event> held_;
  std::size_t flush_at_;
  std::function<std::uint64_t()> clock_;
};

/// Spreads overlapping slices over lanes, because slices of one track must nest.
class Lanes {
 public:
  /// Tracks are named "path.0", "path.1", ...
  Lanes(Hub& hub, std::string path, unsigned count);
  /// Draws one closed slice on the first free lane (on the last one if all are taken).
  void slice(std::uint64_t begin_ps, std::uint64_t end_ps, std::uint16_t name,
             std::uint64_t argument = 0, std::uint64_t flow = 0);
  bool on() const { return !lanes_.empty() && lanes_.front().source->on(); }

 private:
  struct Lane {
    Source* source;
    std::uint64_t free_at = 0;
  };
  std::vector<Lane> lanes_;
};

}  // namespace aimc::trace
