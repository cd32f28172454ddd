/* SPDX-License-Identifier: Apache-2.0 */
/* Every number of a control and status register: whether it is there, what it reads first, after
 * ones and after zeros were written, and whether user mode may read it. */
#include "probe.h"

/* Counters move on by themselves; only their being there can be compared. */
static int counts(uint32_t csr) {
  const uint32_t low = csr & ~0x80u;
  return low == 0xb00 || low == 0xb02 || (low >= 0xc00 && low <= 0xc02);
}

/* Reads, writes a0, reads back, restores; nothing between that could trap. */
static uint32_t write_and_read(uint32_t csr, uint32_t value, uint32_t* before) {
  const uint32_t code[] = {
      csr_op(CSRRS, T0, csr, ZERO),
      csr_op(CSRRW, ZERO, csr, A0),
      csr_op(CSRRS, T1, csr, ZERO),
      csr_op(CSRRW, ZERO, csr, T0),
      0x0055a023, /* sw t0, 0(a1) */
      0x00030513, /* mv a0, t1 */
  };
  return execute(code, 6, value, (uint32_t)before, MACHINE);
}

static void machine(uint32_t csr) {
  uint32_t first = execute_one(csr_op(CSRRS, A0, csr, ZERO), 0, 0, MACHINE);
  if (trapped()) {
    if (probe_trap.cause != 2 || probe_trap.tval != probe_code[0] ||
        probe_trap.epc != (uint32_t)probe_code)
      say_at("odd trap", csr, probe_trap.cause);
    return;
  }
  if (csr == 0xf12 || csr == 0xf13) first &= ~0xffu; /* QEMU's version, but for the last part */
  say_at("first", csr, counts(csr) ? 0 : first);
  execute_one(csr_op(CSRRW, A0, csr, A0), first, 0, MACHINE);
  if (trapped()) {
    say_at("write traps", csr, probe_trap.cause);
    return;
  }
  if (counts(csr)) return;
  uint32_t before;
  const uint32_t ones = write_and_read(csr, 0xffffffff, &before);
  if (trapped()) return outcome("writing ones", 0, 0);
  say_at("ones", csr, ones);
  say_at("zeros", csr, write_and_read(csr, 0, &before));
}

int main(void) {
  for (uint32_t csr = 0; csr < 4096; ++csr) {
    if (csr >= 0x3a0 && csr < 0x3f0) continue; /* memory protection has a program of its own */
    machine(csr);
  }
  csr_write(pmpaddr0, 0xffffffffu);
  csr_write(pmpcfg0, 0x1f);
  for (uint32_t enabled = 0; enabled < 2; ++enabled) {
    csr_write(mcounteren, enabled ? 0xffffffffu : 0);
    for (uint32_t csr = 0; csr < 4096; ++csr) {
      execute_one(csr_op(CSRRS, A0, csr, ZERO), 0, 0, USER);
      if (!trapped()) say_at(enabled ? "readable by user" : "always readable by user", csr, 1);
    }
  }
  return 0;
}
