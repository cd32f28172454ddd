// SPDX-License-Identifier: Apache-2.0
#include "aimc/virtio/virtio.h"

#include <gtest/gtest.h>

#include <cstring>

#include "aimc/common/registry.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"
#include "aimc/virtio/virtio_map.h"
#include "aimc/virtio/virtio_regs.h"

namespace aimc::virtio {
namespace {

class VirtioTest : public ::testing::Test {
 protected:
  VirtioTest() : virtio("virtio", {}, services.services), bus("bus") {
    bus.out.bind(virtio.regs_in);
  }
  testing::TestServices services;
  Virtio virtio;
  testing::BusMaster bus;
};

TEST_F(VirtioTest, HasTheRegistersOfItsDescription) {
  testing::RegisterWalk walk;
  walk.acting = {"MAGIC", "VERSION", "DEVICE", "VENDOR"};  // writes are taken, see below
  walk.run(bus, regs::kVirtio);
}

TEST_F(VirtioTest, SaysInEachSlotThatThereIsNoDevice) {
  for (std::uint64_t slot = 0; slot < 8; ++slot) {
    const std::uint64_t base = slot * VIRTIO_STRIDE;
    EXPECT_EQ(bus.read(base), 0x74726976u);
    EXPECT_EQ(bus.read(base + 4), 1u);
    EXPECT_EQ(bus.read(base + 8), 0u);
    EXPECT_EQ(bus.read(base + 0xc), 0x554d4551u);
  }
}

TEST_F(VirtioTest, ReadsTheRestAs0AndIgnoresWrites) {
  for (const std::uint64_t offset : {0x8ull, 0x10ull, 0x70ull, 0x100ull, 0x1fcull, 0x7070ull}) {
    EXPECT_EQ(bus.write(offset, 0xffffffff), tlm::TLM_OK_RESPONSE) << std::hex << offset;
    EXPECT_EQ(bus.read(offset), 0u) << std::hex << offset;
  }
  EXPECT_EQ(bus.write(0, 0), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bus.read(0), 0x74726976u);
}

TEST_F(VirtioTest, RefusesUnalignedAccesses) {
  for (const std::uint64_t offset : {0x1ull, 0x2ull, 0x3ull, 0x1feull}) {
    EXPECT_NE(bus.write(offset, 0), tlm::TLM_OK_RESPONSE) << std::hex << offset;
    std::uint32_t word = 0;
    EXPECT_NE(bus.transfer(tlm::TLM_READ_COMMAND, offset, &word, 4), tlm::TLM_OK_RESPONSE);
  }
  std::uint16_t half = 0;
  EXPECT_NE(bus.transfer(tlm::TLM_READ_COMMAND, 1, &half, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 2, &half, 2), tlm::TLM_OK_RESPONSE);
}

TEST_F(VirtioTest, TakesBytesAndHalfwordsAndNothingBehindATransport) {
  std::uint8_t byte = 0;
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 0, &byte, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(byte, 'v');
  std::uint16_t half = 0;
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 0xc, &half, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(half, 0x4551);
  std::uint64_t wide = 0;
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 0, &wide, 8), tlm::TLM_BURST_ERROR_RESPONSE);
  bus.read(0x200);
  EXPECT_EQ(bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bus.read(0x1ffc);
  EXPECT_EQ(bus.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(VirtioTest, ShowsADebuggerTheSame) {
  char text[16] = {};
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(0x1000);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(text));
  txn.set_data_length(16);
  EXPECT_EQ(bus.out->transport_dbg(txn), 16u);
  EXPECT_EQ(std::memcmp(text, "virt\1\0\0\0\0\0\0\0QEMU", 16), 0);
}

TEST_F(VirtioTest, TakesTheSpaceOfItsSlots) {
  PortDirectory ports;
  virtio.connect(ports);
  EXPECT_EQ(ports.targets.at(0).size, 0x8000u);
}

TEST(VirtioKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Virtio>("virtio", "", {&regs::kVirtio});
  const IpKind& kind = registry.find("virtio", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{slots: 8}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::virtio
