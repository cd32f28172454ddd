// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "hal/engine.h"
#include "mock_bus.h"
#include "runtime/limits.h"
#include "runtime/network.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

constexpr std::uint32_t kAddress = 0x84000000;

/// A small image: one engine, one setup task, a frame graph of two tasks in a ring.
struct Image {
  static constexpr std::uint32_t kBytes = 512;
  alignas(8) std::uint8_t bytes[kBytes] = {};

  aimc_network_header_t& header() { return *reinterpret_cast<aimc_network_header_t*>(bytes); }
  template <typename T>
  T* at(std::uint32_t section) {
    return reinterpret_cast<T*>(bytes + header().section[section].offset);
  }
  aimc_network_task_t& frame(unsigned i) { return at<aimc_network_task_t>(AIMC_SECTION_FRAME)[i]; }

  Image() {
    header().magic = AIMC_NETWORK_MAGIC;
    header().version = AIMC_NETWORK_VERSION;
    header().header_bytes = sizeof(aimc_network_header_t);
    header().total_bytes = kBytes;
    header().load_address = kAddress;
    std::uint32_t offset = (sizeof(aimc_network_header_t) + 7) & ~7u;
    const std::uint32_t counts[] = {1, 1, 2, 2, 0, 0, 8, 16};
    const std::uint32_t sizes[] = {16, 32, 32, 4, 0, 0, 1, 1};
    for (unsigned i = 0; i < AIMC_SECTION_COUNT; ++i) {
      header().section[i] = {offset, counts[i]};
      offset = (offset + counts[i] * sizes[i] + 7) & ~7u;
    }
    *at<aimc_network_engine_t>(AIMC_SECTION_ENGINES) = {ENGINE_ID_CIM, 0x40200000, 66, 1};
    *at<aimc_network_task_t>(AIMC_SECTION_SETUP) = {AIMC_TASK_ENGINE, 0, 0, 0, 0, 0, 0, 1};
    frame(0) = {AIMC_TASK_BEGIN, AIMC_NETWORK_NONE, 0, 0, 1, 1, 0, 0};
    frame(1) = {AIMC_TASK_RESULT, AIMC_NETWORK_NONE, 0, 1, 1, 1, 1, 0};
    at<std::uint32_t>(AIMC_SECTION_EDGES)[0] = 1;
    at<std::uint32_t>(AIMC_SECTION_EDGES)[1] = 0;
    std::memcpy(at<char>(AIMC_SECTION_STRINGS), "\0tile0\0", 8);
  }

  void seal() {
    header().crc32 = 0;
    header().crc32 =
        network_crc32(0, bytes, header().total_bytes <= kBytes ? header().total_bytes : 0);
  }
};

struct Opened {
  network_result_t result;
  network_detail_t detail;
};

/// The image after `change`, with a good checksum.
Opened open_changed(const std::function<void(Image&)>& change) {
  Image image;
  change(image);
  image.seal();
  network_t network{};
  Opened opened{};
  opened.result = network_open(&network, image.bytes, kAddress, Image::kBytes, &opened.detail);
  return opened;
}

TEST(NetworkCrc, MatchesTheCheckValueWhateverTheAlignmentAndTheCuts) {
  const char text[] = "xxx123456789";
  EXPECT_EQ(network_crc32(0, text + 3, 9), 0xcbf43926u);
  for (unsigned cut = 0; cut <= 9; ++cut) {
    const std::uint32_t first = network_crc32(0, text + 3, cut);
    EXPECT_EQ(network_crc32(first, text + 3 + cut, 9 - cut), 0xcbf43926u) << cut;
  }
  const char copy[] = "123456789";
  EXPECT_EQ(network_crc32(0, copy, 9), 0xcbf43926u);
}

TEST(Network, AGoodImageIsDescribed) {
  Image image;
  image.seal();
  network_t network{};
  network_detail_t detail{};
  ASSERT_EQ(network_open(&network, image.bytes, kAddress, 1u << 20, &detail), NETWORK_OK);
  EXPECT_EQ(network.engine_count, 1u);
  EXPECT_EQ(network.setup.count, 1u);
  EXPECT_EQ(network.frame.count, 2u);
  EXPECT_EQ(network.frame.edges[0], 1u);
  EXPECT_EQ(std::string(network_string(&network, 1)), "tile0");
  EXPECT_EQ(std::string(network_string(&network, 1000)), "");
}

TEST(Network, EmptyMemoryHasNoImage) {
  alignas(8) const std::uint8_t zeros[256] = {};
  network_t network{};
  network_detail_t detail{};
  EXPECT_EQ(network_open(&network, zeros, kAddress, sizeof zeros, &detail), NETWORK_BAD_MAGIC);
  EXPECT_EQ(detail.expected, AIMC_NETWORK_MAGIC);
  EXPECT_EQ(network_open(&network, zeros, kAddress, 16, &detail), NETWORK_BAD_SIZE);
}

TEST(Network, AnotherVersionIsNamed) {
  const Opened opened = open_changed([](Image& i) { i.header().version = 2; });
  EXPECT_EQ(opened.result, NETWORK_BAD_VERSION);
  EXPECT_EQ(opened.detail.found, 2u);
  EXPECT_EQ(opened.detail.expected, 1u);
}

TEST(Network, AWrongHeaderSizeOrTotalSizeIsRefused) {
  EXPECT_EQ(open_changed([](Image& i) { i.header().header_bytes -= 4; }).result,
            NETWORK_BAD_HEADER);
  EXPECT_EQ(open_changed([](Image& i) { i.header().total_bytes = 513; }).result, NETWORK_BAD_SIZE);
  EXPECT_EQ(open_changed([](Image& i) { i.header().total_bytes = 40; }).result, NETWORK_BAD_SIZE);
}

TEST(Network, EveryByteCountsForTheChecksum) {
  Image image;
  image.seal();
  network_t network{};
  network_detail_t detail{};
  for (std::uint32_t i = sizeof(aimc_network_header_t); i < Image::kBytes; ++i) {
    image.bytes[i] ^= 0x10;
    EXPECT_EQ(network_open(&network, image.bytes, kAddress, Image::kBytes, &detail),
              NETWORK_BAD_CRC)
        << i;
    image.bytes[i] ^= 0x10;
  }
  image.header().crc32 ^= 1;
  EXPECT_EQ(network_open(&network, image.bytes, kAddress, Image::kBytes, &detail), NETWORK_BAD_CRC);
}

TEST(Network, AnImageForAnotherAddressIsRefused) {
  const Opened opened = open_changed([](Image& i) { i.header().load_address += 8; });
  EXPECT_EQ(opened.result, NETWORK_BAD_LOAD_ADDRESS);
  EXPECT_EQ(opened.detail.found, kAddress + 8);
}

TEST(Network, SectionsMustLieInsideAndAligned) {
  for (std::uint32_t s = 0; s < AIMC_SECTION_COUNT; ++s) {
    const Opened beyond = open_changed([s](Image& i) { i.header().section[s].offset = 512 + 8; });
    EXPECT_EQ(beyond.result, NETWORK_BAD_SECTION) << s;
    EXPECT_EQ(beyond.detail.index, s);
    EXPECT_EQ(open_changed([s](Image& i) { i.header().section[s].offset += 4; }).result,
              NETWORK_BAD_SECTION);
    EXPECT_EQ(open_changed([s](Image& i) { i.header().section[s].count = 0xffffffff; }).result,
              NETWORK_BAD_SECTION);
    EXPECT_EQ(open_changed([s](Image& i) { i.header().section[s].offset = 0; }).result,
              NETWORK_BAD_SECTION);
  }
}

TEST(Network, NamesMustBeTerminatedAndInside) {
  EXPECT_EQ(open_changed([](Image& i) { i.at<char>(AIMC_SECTION_STRINGS)[7] = 'x'; }).result,
            NETWORK_BAD_STRING);
  EXPECT_EQ(open_changed([](Image& i) { i.header().name = 8; }).result, NETWORK_BAD_STRING);
  EXPECT_EQ(open_changed([](Image& i) { i.frame(1).name = 8; }).result, NETWORK_BAD_STRING);
  EXPECT_EQ(open_changed([](Image& i) {
              i.at<aimc_network_engine_t>(AIMC_SECTION_ENGINES)->name = 9;
            }).result,
            NETWORK_BAD_STRING);
}

TEST(Network, TasksAndEdgesMustStayInRange) {
  EXPECT_EQ(open_changed([](Image& i) { i.frame(0).type = 5; }).result, NETWORK_BAD_TASK);
  EXPECT_EQ(open_changed([](Image& i) { i.frame(0).missing = 2; }).result, NETWORK_BAD_TASK);
  EXPECT_EQ(open_changed([](Image& i) {
              i.frame(0).type = AIMC_TASK_ENGINE;
              i.frame(0).engine = 1;
            }).result,
            NETWORK_BAD_TASK);
  EXPECT_EQ(open_changed([](Image& i) {
              i.at<aimc_network_task_t>(AIMC_SECTION_SETUP)->type = AIMC_TASK_BEGIN;
            }).result,
            NETWORK_BAD_TASK);
  EXPECT_EQ(open_changed([](Image& i) { i.frame(0).first_edge = 3; }).result, NETWORK_BAD_EDGE);
  EXPECT_EQ(open_changed([](Image& i) { i.frame(1).edges = 2; }).result, NETWORK_BAD_EDGE);
  const Opened opened =
      open_changed([](Image& i) { i.at<std::uint32_t>(AIMC_SECTION_EDGES)[1] = 2; });
  EXPECT_EQ(opened.result, NETWORK_BAD_EDGE);
  EXPECT_EQ(opened.detail.index, 1u);
}

TEST(Network, AnImageBeyondTheStaticLimitsIsRefusedClearly) {
  std::vector<std::uint64_t> memory((RUNTIME_MAX_TASKS + 1) * 4 + 1024);
  auto* image = reinterpret_cast<Image*>(memory.data());
  *image = Image();
  image->header().section[AIMC_SECTION_SETUP] = {512, RUNTIME_MAX_TASKS + 1};
  image->header().total_bytes = static_cast<std::uint32_t>(memory.size() * 8);
  image->header().crc32 = 0;
  image->header().crc32 = network_crc32(0, image->bytes, image->header().total_bytes);
  network_t network{};
  network_detail_t detail{};
  EXPECT_EQ(network_open(&network, image->bytes, kAddress, image->header().total_bytes, &detail),
            NETWORK_TOO_MANY_TASKS);
  EXPECT_EQ(detail.found, RUNTIME_MAX_TASKS + 1);
  EXPECT_EQ(detail.expected, RUNTIME_MAX_TASKS);
}

class NetworkEngines : public DriverTest {
 protected:
  /// Lets the check see a 2 x 2 mesh and, for a good entry, what the chip answers.
  network_result_t check(std::uint32_t base, std::uint32_t irq) {
    engine.base = base;
    engine.irq = irq;
    network_t network{};
    network.engines = &engine;
    network.engine_count = 1;
    EXPECT_CALL(bus, read(0x10400000)).WillOnce(Return(0x00020002));
    EXPECT_CALL(bus, read(0x10400004)).WillOnce(Return(4));
    if (present >= 0) {
      EXPECT_CALL(bus, write(0x10400014, 2));
      EXPECT_CALL(bus, read(0x10400018)).WillOnce(Return(static_cast<std::uint32_t>(present)));
    }
    if (present == 1) EXPECT_CALL(bus, read(0x40200000)).WillOnce(Return(id));
    return network_check_engines(&network, &noc, &detail);
  }

  int present = -1;  // -1: the check does not get so far
  std::uint32_t id = ENGINE_ID_CIM;
  aimc_network_engine_t engine{ENGINE_ID_CIM, 0, 0, 0};
  network_detail_t detail{};
  const noc_t noc{0x10400000, 0x40000000, 0x100000, 64};
};

TEST_F(NetworkEngines, AnEngineOfTheRightKindPasses) {
  present = 1;
  EXPECT_EQ(check(0x40200000, 66), NETWORK_OK);
}

TEST_F(NetworkEngines, AnotherKindIsRefused) {
  present = 1;
  id = ENGINE_ID_ACTIVATION;
  EXPECT_EQ(check(0x40200000, 66), NETWORK_ENGINE_KIND);
  EXPECT_EQ(detail.found, ENGINE_ID_ACTIVATION);
}

TEST_F(NetworkEngines, AnAbsentEndpointIsNotTouched) {
  present = 0;
  EXPECT_EQ(check(0x40200000, 66), NETWORK_ENGINE_ABSENT);
}

TEST_F(NetworkEngines, AnEndpointBeyondTheMeshIsAbsentAndNotTouched) {
  EXPECT_EQ(check(0x40400000, 68), NETWORK_ENGINE_ABSENT);
}

TEST_F(NetworkEngines, AnAddressOutsideTheWindowOrABadInterruptIsRefused) {
  EXPECT_EQ(check(0x3ff00000, 66), NETWORK_BAD_ENGINE);
  EXPECT_EQ(check(0x40200004, 66), NETWORK_BAD_ENGINE);
  EXPECT_EQ(check(0x40200000, 0), NETWORK_BAD_ENGINE);
  EXPECT_EQ(check(0x40200000, 1024), NETWORK_BAD_ENGINE);
}

TEST(NetworkText, EveryResultHasItsOwn) {
  for (int i = 0; i <= NETWORK_ENGINE_KIND; ++i) {
    const std::string text = network_result_text(static_cast<network_result_t>(i));
    EXPECT_NE(text, "unknown result") << i;
    for (int j = 0; j < i; ++j) {
      EXPECT_NE(text, network_result_text(static_cast<network_result_t>(j)));
    }
  }
}

}  // namespace
}  // namespace aimc::firmware
