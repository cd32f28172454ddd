// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "aimc/common/trace_perfetto.h"

namespace aimc::trace {
namespace {

/// Keeps what a sink is given; outlives the hub that owns the sink.
struct Log {
  const Names* names = nullptr;
  std::vector<Event> events;
  int closed = 0;
  bool good = true;
};

class LogSink : public Sink {
 public:
  explicit LogSink(Log& log) : log_(log) {}
  void open(const Names& names) override { log_.names = &names; }
  void consume(const Event* events, std::size_t count) override {
    log_.events.insert(log_.events.end(), events, events + count);
  }
  bool close() override {
    ++log_.closed;
    return log_.good;
  }

 private:
  Log& log_;
};

class TraceTest : public ::testing::Test {
 protected:
  TraceTest() { hub.add_sink(std::make_unique<LogSink>(log)); }
  Log log;
  Hub hub;
};

TEST_F(TraceTest, IsSilentUntilSelected) {
  Source& source = hub.source("soc.hart0");
  source.begin(1, hub.intern("sleep"));
  source.end(2);
  EXPECT_FALSE(source.on());
  hub.select({});
  EXPECT_TRUE(source.on());
  source.instant(3, hub.intern("trap"), 7);
  EXPECT_TRUE(hub.close());
  ASSERT_EQ(log.events.size(), 1u);
  EXPECT_EQ(log.events[0].kind, Kind::instant);
  EXPECT_EQ(log.events[0].time_ps, 3u);
  EXPECT_EQ(log.events[0].value, 7u);
  EXPECT_EQ(log.names->strings[log.events[0].name], "trap");
}

TEST(TraceSelectTest, NothingIsOnWithoutASink) {
  Hub hub;
  Source& source = hub.source("soc.hart0");
  hub.select({});
  EXPECT_FALSE(source.on());
}

TEST_F(TraceTest, SelectsByPatternsAndTheLastMatchWins) {
  Source& hart = hub.source("soc.hart0");
  Source& router = hub.source("soc.noc.router1");
  Source& link = hub.source("soc.noc.link1");
  hub.select({"+*noc*", "-*link*"});
  EXPECT_FALSE(hart.on());
  EXPECT_TRUE(router.on());
  EXPECT_FALSE(link.on());
  hub.select({"+*", "-*noc*", "+*link1"});
  EXPECT_TRUE(hart.on());
  EXPECT_FALSE(router.on());
  EXPECT_TRUE(link.on());
  EXPECT_THROW(hub.select({"noc"}), UserError);
  EXPECT_THROW(hub.select({"+"}), UserError);
}

TEST_F(TraceTest, APatternThatMatchesNoSourceIsRefusedAndChangesNothing) {
  std::vector<Source*> sources;
  for (const char* const path : {"soc.dma0.ch0", "soc.hart0", "soc.tile0", "soc.tile12"})
    sources.push_back(&hub.source(path));
  hub.select({"+*hart*"});
  for (const char* const pattern : {"+*nox*", "-*nox*", "+hart0", "+soc.dma0"}) {
    try {
      hub.select({"+*", pattern});
      ADD_FAILURE() << pattern;
    } catch (const UserError& error) {
      EXPECT_EQ(error.what(), fmt::format("trace pattern '{}' matches nothing that is traced. "
                                          "Known: soc.dma0.ch0, soc.hart0, soc.tile*",
                                          pattern));
    }
  }
  EXPECT_FALSE(sources[0]->on());
  EXPECT_TRUE(sources[1]->on());
}

TEST(PerfettoTest, AnExceptionBeforeTheEndLeavesAGoodTraceAlone) {
  const std::string path = ::testing::TempDir() + "/aimc_trace_kept.pftrace";
  write_file(path, "good");
  {
    Hub hub;
    hub.add_sink(make_perfetto_sink(path));
    hub.source("soc.tile0");
    EXPECT_THROW(hub.select({"tile0"}), UserError);
  }
  EXPECT_EQ(read_file(path, "trace"), "good");
  std::filesystem::remove(path);
}

TEST_F(TraceTest, MakesParentsOfTheDotsInAPath) {
  hub.counter("soc.noc.load", "bytes");
  hub.source("soc.noc.router0");
  const auto find = [&](const std::string& path) {
    const auto at = std::find_if(log.names->tracks.begin(), log.names->tracks.end(),
                                 [&](const Track& track) { return track.path == path; });
    return static_cast<std::uint32_t>(at - log.names->tracks.begin());
  };
  ASSERT_LT(find("soc.noc.load"), log.names->tracks.size());
  const Track& load = log.names->tracks[find("soc.noc.load")];
  EXPECT_TRUE(load.counter);
  EXPECT_EQ(load.unit, "bytes");
  EXPECT_EQ(load.parent, find("soc.noc"));
  EXPECT_EQ(log.names->tracks[find("soc.noc.router0")].parent, find("soc.noc"));
  EXPECT_EQ(log.names->tracks[find("soc.noc")].parent, find("soc"));
  EXPECT_EQ(log.names->tracks[find("soc")].parent, 0u);
}

TEST_F(TraceTest, InternsEachStringOnce) {
  EXPECT_EQ(hub.intern("mvm"), hub.intern("mvm"));
  EXPECT_NE(hub.intern("mvm"), hub.intern("pool"));
}

TEST_F(TraceTest, DeliversInTimeOrderWhileEmittersRunAhead) {
  // Three emitters, each ahead of the kernel by up to its own quantum.
  std::uint64_t kernel = 0;
  hub.set_clock([&kernel] { return kernel; });
  std::vector<Source*> sources;
  for (const char* const name : {"a", "b", "c"}) sources.push_back(&hub.source(name));
  hub.select({});
  std::size_t emitted = 0;
  for (; kernel < 60'000; kernel += 3)
    for (std::uint64_t i = 0; i < 3; ++i) {
      sources[i]->counter(kernel + (kernel * 7919 * (i + 1)) % 997, emitted);
      ++emitted;
    }
  EXPECT_GT(log.events.size(), emitted / 2) << "events leave during the run, not only at the end";
  EXPECT_TRUE(hub.close());
  ASSERT_EQ(log.events.size(), emitted);
  EXPECT_TRUE(std::is_sorted(log.events.begin(), log.events.end(),
                             [](const Event& a, const Event& b) { return a.time_ps < b.time_ps; }));
  std::vector<bool> seen(emitted);
  for (const Event& event : log.events) seen.at(event.value) = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(emitted));
}

TEST_F(TraceTest, KeepsTheOrderOfEventsOfOneTime) {
  Source& source = hub.source("a");
  hub.select({});
  source.begin(10, hub.intern("first"));
  source.end(10);
  source.begin(10, hub.intern("second"));
  source.end(10);
  hub.close();
  ASSERT_EQ(log.events.size(), 4u);
  EXPECT_EQ(log.events[0].name, hub.intern("first"));
  EXPECT_EQ(log.events[1].kind, Kind::end);
  EXPECT_EQ(log.events[2].name, hub.intern("second"));
}

TEST_F(TraceTest, ReportsASinkThatFailed) {
  log.good = false;
  EXPECT_FALSE(hub.close());
  EXPECT_EQ(log.closed, 1);
  EXPECT_TRUE(hub.close()) << "closed once only";
  EXPECT_EQ(log.closed, 1);
}

TEST_F(TraceTest, SpreadsOverlappingSlicesOverLanes) {
  Lanes lanes(hub, "bus.ram", 2);
  EXPECT_FALSE(lanes.on());
  lanes.slice(0, 5, 1);
  hub.select({});
  EXPECT_TRUE(lanes.on());
  lanes.slice(0, 100, hub.intern("a"));
  lanes.slice(50, 150, hub.intern("b"));
  lanes.slice(100, 200, hub.intern("c"));  // the first lane is free again
  lanes.slice(120, 130, hub.intern("d"));  // none is: drawn on the last
  hub.close();
  std::map<std::uint16_t, std::string> track_of;
  for (const Event& event : log.events)
    if (event.kind == Kind::begin) track_of[event.name] = log.names->tracks[event.track].path;
  EXPECT_EQ(track_of[hub.intern("a")], "bus.ram.0");
  EXPECT_EQ(track_of[hub.intern("b")], "bus.ram.1");
  EXPECT_EQ(track_of[hub.intern("c")], "bus.ram.0");
  EXPECT_EQ(track_of[hub.intern("d")], "bus.ram.1");
  EXPECT_EQ(log.events.size(), 8u);
}

/// One field of a protobuf message.
struct Field {
  unsigned number;
  std::uint64_t value;  // varint or fixed64
  std::string bytes;
};

/// Splits a message into its fields; the test fails on anything malformed.
std::vector<Field> decode(std::string_view message) {
  std::vector<Field> fields;
  const auto varint = [&message] {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (message.empty() || shift > 63) throw std::runtime_error("bad varint");
      const auto byte = static_cast<std::uint8_t>(message.front());
      message.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  };
  while (!message.empty()) {
    const std::uint64_t tag = varint();
    Field field{static_cast<unsigned>(tag >> 3), 0, ""};
    const std::uint64_t length = (tag & 7) == 2 ? varint() : (tag & 7) == 1 ? 8 : 0;
    if (length > message.size()) throw std::runtime_error("cut off");
    if ((tag & 7) == 0) {
      field.value = varint();
    } else if ((tag & 7) == 1) {
      std::memcpy(&field.value, message.data(), 8);
    } else if ((tag & 7) == 2) {
      field.bytes = message.substr(0, length);
    } else {
      throw std::runtime_error("unknown wire type");
    }
    message.remove_prefix(length);
    fields.push_back(field);
  }
  return fields;
}

const Field* find(const std::vector<Field>& fields, unsigned number) {
  for (const Field& field : fields)
    if (field.number == number) return &field;
  return nullptr;
}

TEST(PerfettoTest, WritesPacketsAsThePublicFormatSays) {
  const std::string path = ::testing::TempDir() + "/aimc_trace_test.pftrace";
  {
    Hub hub;
    hub.add_sink(make_perfetto_sink(path));
    Source& source = hub.source("soc.tile0");
    Source& load = hub.counter("soc.noc.load", "bytes");
    hub.select({});
    source.begin(1'500'000, hub.intern("mvm"), 0x80, 42);
    load.counter(2'000'999, 17);
    source.end(3'000'000);
    EXPECT_FALSE(std::filesystem::exists(path)) << "the file takes its name when complete";
    EXPECT_TRUE(hub.close());
  }
  std::map<std::uint64_t, std::string> track_names;
  std::map<std::uint64_t, std::uint64_t> parents;
  std::map<std::uint64_t, std::string> event_names;
  std::uint64_t now_ns = 0;
  std::vector<std::string> lines;
  for (const Field& packet_field : decode(read_file(path, "trace"))) {
    ASSERT_EQ(packet_field.number, 1u) << "a trace is a list of packets";
    const std::vector<Field> packet = decode(packet_field.bytes);
    ASSERT_NE(find(packet, 10), nullptr) << "each packet names its sequence";
    if (const Field* const time = find(packet, 8)) now_ns += time->value;
    if (const Field* const field = find(packet, 60)) {
      const std::vector<Field> descriptor = decode(field->bytes);
      track_names[find(descriptor, 1)->value] = find(descriptor, 2)->bytes;
      if (const Field* const parent = find(descriptor, 5))
        parents[find(descriptor, 1)->value] = parent->value;
    }
    if (const Field* const field = find(packet, 12)) {
      const std::vector<Field> interned = decode(field->bytes);
      if (const Field* const name = find(interned, 2)) {
        const std::vector<Field> entry = decode(name->bytes);
        event_names[find(entry, 1)->value] = find(entry, 2)->bytes;
      }
    }
    if (const Field* const field = find(packet, 11)) {
      const std::vector<Field> event = decode(field->bytes);
      const std::string track = track_names[find(event, 11)->value];
      const Field* const name = find(event, 10);
      const Field* const flow = find(event, 47);
      const Field* const counter = find(event, 30);
      lines.push_back(fmt::format("{} {} {} {} {} {}", now_ns, find(event, 9)->value, track,
                                  name != nullptr ? event_names[name->value] : "-",
                                  counter != nullptr ? counter->value : 0,
                                  flow != nullptr ? flow->value : 0));
    }
  }
  // Time in ns, type (1 begin, 2 end, 4 counter), track, name, counter value, flow.
  EXPECT_EQ(lines, (std::vector<std::string>{"1500 1 tile0 mvm 0 42", "2000 4 load - 17 0",
                                             "3000 2 tile0 - 0 0"}));
  for (const auto& [uuid, name] : track_names) {
    if (name == "tile0") {
      EXPECT_EQ(track_names[parents[uuid]], "soc");
    }
    if (name == "load") {
      EXPECT_EQ(track_names[parents[uuid]], "noc");
    }
  }
  std::filesystem::remove(path);
}

TEST(PerfettoTest, SaysWhenTheFileCannotBeMade) {
  EXPECT_THROW(make_perfetto_sink("/nowhere/trace.pftrace"), UserError);
}

}  // namespace
}  // namespace aimc::trace
