// SPDX-License-Identifier: Apache-2.0
// Any accesses to the registers of every device: each is answered, nothing hangs, and a reset in
// the middle of it brings the platform back.
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include <spdlog/spdlog.h>

#include "aimc/soc/soc.h"

// The SystemC library wants this symbol; the kernel is started by hand.
int sc_main(int, char**) { return 0; }

// SystemC's processes change stacks without telling the sanitizer. Its leak check at the end then
// looks at the wrong one and takes what the fuzzer's own main function holds for leaks.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

namespace {

using namespace aimc;  // NOLINT: a program

/// One access or pause, eight bytes of the input.
struct Step {
  std::uint8_t kind;    ///< Bit 0 write, bits 1-2 size, bit 3 debug access, bit 4 pause instead.
  std::uint8_t device;  ///< Index into the ranges of the platform.
  std::uint16_t offset;
  std::uint32_t data;
};

struct MasterConfig {};
void describe(ParamTable&, MasterConfig&) {}

/// Makes the accesses of one input from a thread of its own, because interconnects may wait.
class Master : public Module {
 public:
  using Config = MasterConfig;
  tlm_utils::simple_initiator_socket<Master> out;

  Master(const sc_core::sc_module_name& name, const Config&, Services& services)
      : Module(name, services), out("out") {
    SC_HAS_PROCESS(Master);
    SC_THREAD(work);
  }
  void connect(PortDirectory& ports) override { ports.initiator("out", out, Link::bus); }
  void reset() override {}

  void start(std::vector<Step> steps, const std::vector<soc::Soc::Range>& ranges) {
    steps_ = std::move(steps);
    ranges_ = &ranges;
    done_ = false;
    start_.notify(sc_core::SC_ZERO_TIME);
  }
  bool done() const { return done_; }

 private:
  void work() {
    for (;;) {
      wait(start_);
      for (const Step& step : steps_) act(step);
      done_ = true;
    }
  }
  void act(const Step& step) {
    if ((step.kind & 0x10) != 0) {
      wait(sc_core::sc_time(step.data % 2000 + 1, sc_core::SC_NS));
      return;
    }
    const soc::Soc::Range& range = (*ranges_)[step.device % ranges_->size()];
    constexpr unsigned kSizes[] = {4, 1, 2, 8};
    const unsigned size = kSizes[step.kind >> 1 & 3];
    const bool write = (step.kind & 1) != 0;
    // The end of the run and a reset are the finisher's; neither can be undone in one process.
    if (write && range.instance->ip == "finisher") return;
    // Far registers too: every 16th device index reaches beyond the first 64 KiB.
    std::uint64_t offset = step.offset;
    if ((step.kind & 0x20) != 0) offset <<= 6;
    unsigned char bytes[8] = {};
    for (unsigned i = 0; i < 8; ++i)
      bytes[i] = static_cast<unsigned char>(step.data >> 8 * (i % 4));
    tlm::tlm_generic_payload txn;
    txn.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    txn.set_address(range.base + offset);
    txn.set_data_ptr(bytes);
    txn.set_data_length(size);
    txn.set_streaming_width(size);
    txn.set_byte_enable_ptr(nullptr);
    txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    if ((step.kind & 8) != 0) {
      if (out->transport_dbg(txn) > size) std::abort();
      return;
    }
    sc_core::sc_time delay;
    out->b_transport(txn, delay);
    if (txn.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) std::abort();
    wait(delay);
  }

  std::vector<Step> steps_;
  const std::vector<soc::Soc::Range>* ranges_ = nullptr;
  sc_core::sc_event start_;
  bool done_ = false;
};

struct Bench {
  Bench() {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    spdlog::set_level(spdlog::level::off);
    soc::register_builtin_kinds(registry);
    registry.add<Master>("fuzz_master", "Master of the bus");
    soc = std::make_unique<soc::Soc>(
        "soc", platform::load_description(AIMC_SOURCE_DIR "/tests/fuzz/devices.yaml"), registry,
        soc::Soc::Options{});
    master = soc->find_block<Master>();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  Registry registry;
  std::unique_ptr<soc::Soc> soc;
  Master* master = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench* const bench = new Bench;  // the kernel elaborates once in a process
  std::vector<Step> steps;
  for (; size >= 8 && steps.size() < 256; data += 8, size -= 8)
    steps.push_back({data[0], data[1], static_cast<std::uint16_t>(data[2] | data[3] << 8),
                     static_cast<std::uint32_t>(data[4]) |
                         static_cast<std::uint32_t>(data[5]) << 8 |
                         static_cast<std::uint32_t>(data[6]) << 16 |
                         static_cast<std::uint32_t>(data[7]) << 24});
  bench->master->start(std::move(steps), bench->soc->ranges());
  // 256 accesses of some microseconds at most, even behind a copy that fills the network.
  for (int i = 0; i < 1000 && !bench->master->done(); ++i) sc_core::sc_start(20, sc_core::SC_US);
  if (!bench->master->done()) std::abort();  // an access hangs
  bench->soc->reset_now();
  sc_core::sc_start(1, sc_core::SC_US);
  return 0;
}
