// SPDX-License-Identifier: Apache-2.0
// Speed of the engine on a memory that answers at once: long bursts, and short strided runs.
#include <fmt/format.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <ctime>
#include <vector>

#include "aimc/dma/dma.h"
#include "aimc/dma/dma_regs.h"

namespace {

using namespace aimc;

struct Control : SimulationControl {
  void finish(int, const std::string&) override {}
  void request_reset() override {}
  void guest_warning(const char*, const std::string&) override {}
};

struct Memory : sc_core::sc_module {
  explicit Memory(const sc_core::sc_module_name& name)
      : sc_module(name), in("in"), out("out"), bytes(1 << 20) {
    in.register_b_transport(this, &Memory::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    delay += sc_core::sc_time::from_value(10000);
    unsigned char* const cells = &bytes[txn.get_address()];
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), cells, txn.get_data_length());
    if (txn.is_write()) std::memcpy(cells, txn.get_data_ptr(), txn.get_data_length());
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void poke(std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload txn;
    txn.set_write();
    txn.set_address(address);
    txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    txn.set_data_length(4);
    txn.set_streaming_width(4);
    sc_core::sc_time delay;
    out->b_transport(txn, delay);
  }
  tlm_utils::simple_target_socket<Memory> in;
  tlm_utils::simple_initiator_socket<Memory> out;
  std::vector<unsigned char> bytes;
};

void measure(Memory& memory, const char* name, std::uint32_t run, std::uint32_t stride,
             unsigned repeats) {
  dma_descriptor_t descriptor{};
  descriptor.source = 0x1000;
  descriptor.destination = 0x80000;
  descriptor.bytes = run;
  descriptor.count1 = 24;
  descriptor.count2 = 24;
  descriptor.source_stride1 = stride;
  descriptor.source_stride2 = 24 * stride;
  descriptor.destination_stride1 = run;
  descriptor.destination_stride2 = 24 * run;
  std::memcpy(&memory.bytes[0x100], &descriptor, sizeof(descriptor));
  const std::clock_t begin = std::clock();
  for (unsigned i = 0; i < repeats; ++i) {
    memory.poke(DMA_CH_DESCRIPTOR_OFFSET(0), 0x100);
    memory.poke(DMA_CH_CTRL_OFFSET(0), DMA_CH_CTRL_START_MASK);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const double runs = 576.0 * repeats;
  fmt::print("{},{},{:.3f},{:.0f},{:.0f}\n", name, run, seconds, runs / seconds,
             runs * run / seconds);
}

}  // namespace

int sc_main(int, char**) {
  trace::Hub hub;
  WorkerPool workers(1);
  Control control;
  Services services{hub, workers, control, 1};
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(10, sc_core::SC_US));
  dma::Dma engine("dma", dma::DmaConfig(), services);
  Memory memory("memory");
  sc_core::sc_signal<bool> line("line");
  engine.mem_out.bind(memory.in);
  memory.out.bind(engine.regs_in);
  engine.irq.bind(line);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  fmt::print("case,run_bytes,cpu_s,runs_per_cpu_s,bytes_per_cpu_s\n");
  measure(memory, "gather", 6, 16, 3000);
  measure(memory, "dense", 512, 512, 300);
  return 0;
}
