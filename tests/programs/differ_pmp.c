/* SPDX-License-Identifier: Apache-2.0 */
/* Memory protection: what its registers hold, which accesses they let through at the edges of
 * entries, locks, and accesses with random entries. */
#include "probe.h"

enum { BY_MPRV = 2 };
enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, TOR = 0x08, NA4 = 0x10, NAPOT = 0x18, LOCK = 0x80 };
static uint32_t area[64] __attribute__((aligned(256)));

static uint32_t get_address(uint32_t entry) {
  return execute_one(csr_op(CSRRS, A0, 0x3b0 + entry, ZERO), 0, 0, MACHINE);
}
static void set_address(uint32_t entry, uint32_t value) {
  execute_one(csr_op(CSRRW, ZERO, 0x3b0 + entry, A0), value, 0, MACHINE);
}
static void set_byte(uint32_t entry, uint32_t value) {
  if (entry < 4) {
    const uint32_t shift = 8 * entry;
    csr_write(pmpcfg0, (csr_read(pmpcfg0) & ~(0xffu << shift)) | value << shift);
  } else {
    csr_write(pmpcfg3, value << 24); /* 15 */
  }
}
static void clear(void) {
  csr_write(pmpcfg0, 0);
  csr_write(pmpcfg1, 0);
  csr_write(pmpcfg3, 0);
  for (uint32_t entry = 0; entry < 15; ++entry) set_address(entry, 0);
  set_address(15, 0xffffffff);
  set_byte(15, NAPOT | PMP_R | PMP_W | PMP_X); /* what no other entry matches may be used */
}

static void registers(void) {
  for (uint32_t value = 0; value < 0x80; ++value) {
    csr_write(pmpcfg1, value);
    if (csr_read(pmpcfg1) != value) say_at("pmpcfg", value, csr_read(pmpcfg1));
  }
  csr_write(pmpcfg1, 0);
  set_address(4, 0xffffffff);
  say("pmpaddr after ones", get_address(4));
  csr_write(pmpcfg1, NA4);
  say("pmpaddr of NA4", get_address(4));
  csr_write(pmpcfg1, NAPOT);
  say("pmpaddr of NAPOT", get_address(4));
  csr_write(pmpcfg1, TOR);
  say("pmpaddr of TOR", get_address(4));
  csr_write(pmpcfg1, 0);
}

/* Each kind of access by user mode to the words around an edge; r, w and x where it was done. */
static void rights(const char* name, uint32_t address) {
  uint32_t result = 0;
  execute_one(load_op(LW), 0, address, USER);
  if (!trapped()) result |= PMP_R;
  execute_one(store_op(LW), RET, address, USER);
  if (!trapped()) result |= PMP_W;
  *(volatile uint32_t*)address = RET;
  __asm__ volatile("fence.i");
  probe_call((const void*)address, 0, 0, USER);
  if (!trapped()) result |= PMP_X;
  say_at(name, address - (uint32_t)area, result);
}
static void around(const char* name, uint32_t first, uint32_t last) {
  rights(name, (uint32_t)area + first - 4);
  rights(name, (uint32_t)area + first);
  if (last - first > 4) rights(name, (uint32_t)area + last - 4);
  rights(name, (uint32_t)area + last);
}

static void edges(void) {
  const uint32_t base = (uint32_t)area >> 2;
  clear();
  set_address(0, base + 8);
  set_byte(0, NA4 | PMP_R);
  around("na4", 32, 36);
  set_address(0, base + 16 + 0);
  set_byte(0, NAPOT | PMP_W | PMP_R);
  around("napot of 8", 64, 72);
  set_address(0, base + 16 + 3);
  set_byte(0, NAPOT | PMP_X);
  around("napot of 32", 64, 96);
  set_address(0, base + 8);
  set_address(1, base + 12);
  set_byte(0, 0);
  set_byte(1, TOR | PMP_R);
  around("tor", 32, 48);
  set_address(0, base + 12);
  set_byte(1, TOR | PMP_R); /* QEMU looks at the address below when this is written */
  around("tor without bytes", 32, 48);
  set_address(0, base + 20);
  set_byte(1, TOR | PMP_R);
  around("tor upside down", 48, 80);
  clear();
  set_address(0, base + 4);
  set_byte(0, TOR | PMP_R);
  around("tor of entry 0", 8, 16);
  clear();
  set_address(0, base + 8);
  set_address(1, base + 7);
  set_byte(1, NAPOT | PMP_R);
  set_byte(0, NA4 | PMP_W | PMP_R);
  around("the lowest entry counts", 32, 36);
  for (uint32_t bits = 0; bits < 8; ++bits) {
    set_byte(0, NA4 | bits);
    static char name[] = "rights 0";
    name[7] = (char)('0' + bits);
    rights(name, (uint32_t)area + 32);
  }
}

static void across(void) {
  clear();
  set_address(0, ((uint32_t)area >> 2) + 8);
  set_byte(0, NA4);
  for (uint32_t address = 28; address < 40; ++address) {
    const uint32_t at = (uint32_t)area + address;
    execute_one(load_op(LW), 0, at, USER);
    say_at("lw across", address, probe_trap.cause);
    if (trapped()) say_at("mtval of the load", address, probe_trap.tval - at);
    execute_one(load_op(LHU), 0, at, USER);
    say_at("lhu across", address, probe_trap.cause);
    area[7] = area[8] = area[9] = 0;
    execute_one(store_op(LW), 0xffffffff, at, USER);
    say_at("sw across", address, probe_trap.cause);
    if (trapped()) say_at("mtval of the store", address, probe_trap.tval - at);
    say_at("what it wrote", address, area[7] | area[8] | area[9]);
  }
  volatile uint32_t* code = area + 7; /* ends in the protected word, by one half */
  code[0] = 0x00130001;
  code[1] = 0x80820000;
  __asm__ volatile("fence.i");
  probe_call((const char*)code + 2, 0, 0, USER);
  say("fetch across", probe_trap.cause);
  if (trapped()) say("mtval of the fetch", probe_trap.tval - (uint32_t)code);
  if (trapped()) say("mepc of the fetch", probe_trap.epc - (uint32_t)code);
}

static void atomics(void) {
  const uint32_t at = (uint32_t)area + 32;
  static const char* const names[] = {"without rights", "with r", "with w", "with rw"};
  for (uint32_t bits = 0; bits < 4; ++bits) {
    if (bits == PMP_W) continue; /* reserved */
    set_byte(0, NA4 | bits);
    print(names[bits]);
    outcome(" lr", execute_one(amo_op(LR), 0, at, USER), at);
    print(names[bits]);
    outcome(" sc", execute_one(amo_op(SC), 0, at, USER), at);
    print(names[bits]);
    outcome(" amo", execute_one(amo_op(AMOADD), 0, at, USER), at);
    const uint32_t pair[] = {amo_op(LR), amo_op(SC)};
    print(names[bits]);
    outcome(" lr and sc", execute(pair, 2, 0, at, USER), at);
  }
}

static void changes(void) {
  const uint32_t base = (uint32_t)area >> 2;
  clear();
  set_address(0, base + 8);
  set_address(1, base + 12);
  set_byte(1, TOR);
  rights("before", (uint32_t)area + 28);
  set_address(0, base + 4);
  rights("lower end of a tor entry moved", (uint32_t)area + 28);
  set_address(1, base + 7);
  rights("upper end moved", (uint32_t)area + 28);
  csr_write(pmpcfg0, csr_read(pmpcfg0));
  rights("after pmpcfg was written again", (uint32_t)area + 28);
}

static uint32_t seed = 1;
static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}
/* Entries 0 to 3 at random over a few words, the rest allowed: one digit for each access. Every
 * byte of pmpcfg is written after its addresses. */
static void random_entries(void) {
  static const uint32_t modes[] = {0, TOR, NA4, NAPOT};
  static const uint32_t permissions[] = {0, PMP_R, PMP_R | PMP_W, PMP_X, PMP_R | PMP_X, 7};
  static const uint32_t widths[] = {LB, LHU, LW};
  const uint32_t base = (uint32_t)area >> 2;
  for (uint32_t round = 0; round < 200; ++round) {
    clear();
    uint32_t config = 0;
    for (uint32_t entry = 0; entry < 4; ++entry) set_address(entry, base + (random_bits() & 15));
    for (uint32_t i = 0; i < 4; ++i)
      config = config << 8 | modes[random_bits() & 3] | permissions[random_bits() % 6];
    csr_write(pmpcfg0, config);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 60; ++i) {
      const uint32_t at = (uint32_t)area + (random_bits() & 63);
      const uint32_t width = widths[random_bits() % 3];
      const uint32_t level = random_bits() % 3;
      const uint32_t op = (random_bits() & 1) ? load_op(width) : store_op(width & 3);
      if (level == BY_MPRV) {
        csr_clear(mstatus, 0x1800);
        const uint32_t code[] = {0x000202b7 /* lui t0, 0x20 */, csr_op(CSRRS, ZERO, 0x300, T0), op,
                                 csr_op(CSRRC, ZERO, 0x300, T0)};
        execute(code, 4, i, at, MACHINE);
      } else {
        execute_one(op, i, at, level);
      }
      sum = sum * 31 + probe_trap.cause;
    }
    say_at("random entries", round, sum);
  }
}

static void locks(void) {
  const uint32_t base = (uint32_t)area >> 2;
  clear();
  set_address(2, base + 16);
  set_address(3, base + 24);
  set_byte(3, LOCK | TOR | PMP_R);
  const uint32_t inside = (uint32_t)area + 64;
  for (uint32_t level = 0; level < 2; ++level) {
    outcome(level ? "lw of user mode" : "lw of machine mode",
            execute_one(load_op(LW), 0, inside, level), inside);
    outcome(level ? "sw of user mode" : "sw of machine mode",
            execute_one(store_op(LW), 0, inside, level), inside);
    probe_call((const void*)inside, 0, 0, level);
    outcome(level ? "fetch of user mode" : "fetch of machine mode", 0, inside);
  }
  set_address(2, 0);
  say("address below a locked tor entry", get_address(2) - base);
  set_address(3, 0);
  say("address of a locked entry", get_address(3) - base);
  csr_write(pmpcfg0, 0);
  say("configuration of a locked entry", csr_read(pmpcfg0));
  set_byte(2, NA4);
  say("configuration of its neighbour", csr_read(pmpcfg0));
  set_address(1, 5);
  say("address of another", get_address(1));
  set_byte(1, LOCK); /* off, but locked */
  set_byte(1, NA4 | PMP_R);
  say("locked entry that is off", csr_read(pmpcfg0));
  set_address(0, 9);
  say("address below it", get_address(0));
}

int main(void) {
  registers();
  edges();
  across();
  atomics();
  changes();
  random_entries();
  locks();
  return 0;
}
