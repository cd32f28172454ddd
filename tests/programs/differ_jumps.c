/* SPDX-License-Identifier: Apache-2.0 */
/* Without compressed instructions: jumps and branches to addresses that are no multiple of four. */
#include "probe.h"

/* Behind a nop, which begins the block. */
static void jump(const char* name, uint32_t word, uint32_t a1, uint32_t distance) {
  const uint32_t code[] = {0x13, word};
  execute(code, 2, 0, a1, MACHINE);
  const uint32_t pc = (uint32_t)probe_code + 4;
  const uint32_t target = distance ? pc + distance : a1 & ~1u;
  print(name);
  if (!trapped()) return print(": done\n");
  print(": cause ");
  print_hex(probe_trap.cause);
  print(probe_trap.epc == pc ? " mepc pc" : " mepc elsewhere");
  print(probe_trap.tval == target   ? " mtval target\n"
        : probe_trap.tval == pc - 4 ? " mtval pc - 4\n"
                                    : " mtval elsewhere\n");
}

int main(void) {
  jump("jal", 0x0060056f, 0, 6);
  jump("beq taken", 0x00000363, 0, 6);
  jump("bne not taken", 0x00001363, 0, 6);
  jump("jalr", 0x00058567, 0x80000002, 0);
  jump("jalr to an odd address", 0x00058567, 0x80000003, 0);
  outcome("compressed instruction", execute_one(0x00010001, 0, 0, MACHINE), 0);
  for (uint32_t low = 0; low < 4; ++low) {
    csr_write(mepc, 0x80001000 + low);
    say_at("mepc", low, csr_read(mepc));
  }
  csr_set(mepc, 3);
  say("mepc with its lowest bits set", csr_read(mepc));
  say("misa", csr_read(misa));
  const uint32_t code[] = {csr_op(CSRRW, ZERO, 0x341, A1), MRET};
  execute(code, 2, 0, (uint32_t)probe_code + 10, MACHINE);
  outcome("mret with bit 1 of mepc written", 0, (uint32_t)probe_code + 10);
  return 0;
}
