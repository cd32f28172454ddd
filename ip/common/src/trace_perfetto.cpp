// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/trace_perfetto.h"

#include <cstring>

#include "aimc/common/output_file.h"

namespace aimc::trace {
namespace {

// Field numbers of the public perfetto_trace.proto, named message_field.
constexpr unsigned kTracePacket = 1;
constexpr unsigned kPacketClockSnapshot = 6;
constexpr unsigned kPacketTimestamp = 8;
constexpr unsigned kPacketSequenceId = 10;
constexpr unsigned kPacketTrackEvent = 11;
constexpr unsigned kPacketInternedData = 12;
constexpr unsigned kPacketSequenceFlags = 13;
constexpr unsigned kPacketDefaults = 59;
constexpr unsigned kPacketTrackDescriptor = 60;
constexpr unsigned kPacketFirstOnSequence = 87;
constexpr unsigned kDefaultsClockId = 58;
constexpr unsigned kSnapshotClocks = 1;
constexpr unsigned kClockId = 1, kClockTimestamp = 2, kClockIncremental = 3;
constexpr unsigned kInternedEventNames = 2, kInternedAnnotationNames = 3;
constexpr unsigned kNameIid = 1, kNameText = 2;
constexpr unsigned kDescriptorUuid = 1, kDescriptorName = 2, kDescriptorParent = 5,
                   kDescriptorCounter = 8, kDescriptorChildOrder = 11, kDescriptorRank = 12;
constexpr unsigned kCounterUnitName = 6;
constexpr unsigned kEventAnnotation = 4, kEventType = 9, kEventNameIid = 10, kEventTrack = 11,
                   kEventCounterValue = 30, kEventFlowIds = 47;
constexpr unsigned kAnnotationNameIid = 1, kAnnotationUint = 3;
constexpr std::uint64_t kSliceBegin = 1, kSliceEnd = 2, kInstant = 3, kCounter = 4;
constexpr std::uint64_t kSequence = 1, kStateCleared = 1, kNeedsState = 2;
constexpr std::uint64_t kBootTimeClock = 6, kIncrementalClock = 64;
constexpr std::uint64_t kChildOrderExplicit = 3;

/// Appends protobuf fields to a string.
class Message {
 public:
  void number(unsigned field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3);
    varint(value);
  }
  void fixed64(unsigned field, std::uint64_t value) {
    varint((std::uint64_t{field} << 3) | 1);
    char bytes[8];
    std::memcpy(bytes, &value, 8);
    bytes_.append(bytes, 8);
  }
  void bytes(unsigned field, std::string_view value) {
    varint((std::uint64_t{field} << 3) | 2);
    varint(value.size());
    bytes_.append(value);
  }
  void message(unsigned field, const Message& value) { bytes(field, value.bytes_); }
  void clear() { bytes_.clear(); }
  const std::string& text() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  std::string bytes_;
};

class PerfettoSink : public Sink {
 public:
  explicit PerfettoSink(const std::string& path) : file_(path) {}

  void open(const Names& names) override {
    names_ = &names;
    Message boot;
    boot.number(kClockId, kBootTimeClock);
    boot.number(kClockTimestamp, 0);
    Message incremental;
    incremental.number(kClockId, kIncrementalClock);
    incremental.number(kClockTimestamp, 0);
    incremental.number(kClockIncremental, 1);
    Message snapshot;
    snapshot.message(kSnapshotClocks, boot);
    snapshot.message(kSnapshotClocks, incremental);
    Message defaults;
    defaults.number(kDefaultsClockId, kIncrementalClock);
    Message argument;
    argument.number(kNameIid, 1);
    argument.bytes(kNameText, "arg");
    Message interned;
    interned.message(kInternedAnnotationNames, argument);
    Message packet;
    packet.number(kPacketSequenceId, kSequence);
    packet.number(kPacketSequenceFlags, kStateCleared);
    packet.number(kPacketFirstOnSequence, 1);
    packet.message(kPacketClockSnapshot, snapshot);
    packet.message(kPacketDefaults, defaults);
    packet.message(kPacketInternedData, interned);
    emit(packet);
  }

  void consume(const Event* events, std::size_t count) override {
    for (const Event* event = events; event != events + count; ++event) write(*event);
  }

  bool close() override { return file_.commit(); }

 private:
  static std::uint64_t uuid(std::uint32_t track) { return 1000 + track; }

  void emit(const Message& packet) {
    frame_.clear();
    frame_.message(kTracePacket, packet);
    file_.write(frame_.text());
  }

  void describe_track(std::uint32_t index) {
    if (index >= described_.size()) described_.resize(names_->tracks.size());
    if (index == 0 || described_[index]) return;
    described_[index] = true;
    const Track& track = names_->tracks[index];
    describe_track(track.parent);
    Message descriptor;
    descriptor.number(kDescriptorUuid, uuid(index));
    const std::size_t dot = track.path.rfind('.');
    descriptor.bytes(kDescriptorName,
                     dot == std::string::npos ? track.path : track.path.substr(dot + 1));
    if (track.parent != 0) descriptor.number(kDescriptorParent, uuid(track.parent));
    if (track.counter) {
      Message counter;
      if (!track.unit.empty()) counter.bytes(kCounterUnitName, track.unit);
      descriptor.message(kDescriptorCounter, counter);
    }
    descriptor.number(kDescriptorChildOrder, kChildOrderExplicit);
    descriptor.number(kDescriptorRank, index);
    Message packet;
    packet.number(kPacketSequenceId, kSequence);
    packet.message(kPacketTrackDescriptor, descriptor);
    emit(packet);
  }

  void describe_name(std::uint16_t index) {
    if (index >= named_.size()) named_.resize(names_->strings.size());
    if (named_[index]) return;
    named_[index] = true;
    Message name;
    name.number(kNameIid, index);
    name.bytes(kNameText, names_->strings[index]);
    Message interned;
    interned.message(kInternedEventNames, name);
    Message packet;
    packet.number(kPacketSequenceId, kSequence);
    packet.number(kPacketSequenceFlags, kNeedsState);
    packet.message(kPacketInternedData, interned);
    emit(packet);
  }

  void write(const Event& event) {
    describe_track(event.track);
    Message body;
    switch (event.kind) {
      case Kind::begin:
      case Kind::instant:
        describe_name(event.name);
        body.number(kEventType, event.kind == Kind::begin ? kSliceBegin : kInstant);
        body.number(kEventNameIid, event.name);
        if (event.value != 0) {
          Message argument;
          argument.number(kAnnotationNameIid, 1);
          argument.number(kAnnotationUint, event.value);
          body.message(kEventAnnotation, argument);
        }
        if (event.flow != 0) body.fixed64(kEventFlowIds, event.flow);
        break;
      case Kind::end:
        body.number(kEventType, kSliceEnd);
        break;
      case Kind::counter:
        body.number(kEventType, kCounter);
        body.number(kEventCounterValue, event.value);
        break;
    }
    body.number(kEventTrack, uuid(event.track));
    const std::uint64_t now_ns = event.time_ps / 1000;
    Message packet;
    packet.number(kPacketTimestamp, now_ns - last_ns_);
    last_ns_ = now_ns;
    packet.number(kPacketSequenceId, kSequence);
    packet.number(kPacketSequenceFlags, kNeedsState);
    packet.message(kPacketTrackEvent, body);
    emit(packet);
  }

  OutputFile file_;
  const Names* names_ = nullptr;
  Message frame_;
  std::vector<bool> described_;
  std::vector<bool> named_;
  std::uint64_t last_ns_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_perfetto_sink(const std::string& path) {
  return std::make_unique<PerfettoSink>(path);
}

}  // namespace aimc::trace
