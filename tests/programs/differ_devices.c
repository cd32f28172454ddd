/* SPDX-License-Identifier: Apache-2.0 */
/* The memory map and the registers of the devices: every offset, read and written as byte, halfword
 * and word. A line stands where the result changes from one offset to the next. */
#include "probe.h"

void finish(int) __attribute__((noreturn));

enum { NO_VALUE = 0x5a5a5a5a };
/* Kept until the end: printing would disturb the serial port. */
static struct {
  const char* name;
  uint32_t address, cause, value;
} results[1024];
static uint32_t used;
static uint32_t last_cause, last_value;

static void note(const char* name, uint32_t address, uint32_t cause, uint32_t value) {
  results[used].name = name;
  results[used].address = address;
  results[used].cause = cause;
  results[used++].value = value;
  if (used == sizeof results / sizeof results[0]) finish(3);
}
static void begin(void) { last_cause = last_value = NO_VALUE; }
static void changed(const char* name, uint32_t address, uint32_t value) {
  if (trapped()) value = probe_trap.tval - address;
  if (probe_trap.cause == last_cause && value == last_value) return;
  last_cause = probe_trap.cause;
  last_value = value;
  note(name, address, probe_trap.cause, value);
}

static const struct {
  const char *load, *ones, *zeros;
  uint32_t load_width, store_width, bytes;
} widths[] = {{"lbu", "sb of ones", "sb of zeros", LBU, 0, 1},
              {"lhu", "sh of ones", "sh of zeros", LHU, 1, 2},
              {"lw", "sw of ones", "sw of zeros", LW, 2, 4}};

static int moves(uint32_t address) { return (address & ~7u) == 0x0200bff8; }

static void loads(uint32_t first, uint32_t last) {
  for (uint32_t w = 0; w < 3; ++w) {
    begin();
    for (uint32_t at = first; at < last; at += widths[w].bytes) {
      const uint32_t value = execute_one(load_op(widths[w].load_width), 0, at, MACHINE);
      changed(widths[w].load, at, moves(at) ? 0 : value);
    }
  }
}
static void stores(uint32_t first, uint32_t last, uint32_t value) {
  for (uint32_t w = 0; w < 3; ++w) {
    begin();
    for (uint32_t at = first; at < last; at += widths[w].bytes) {
      execute_one(store_op(widths[w].store_width), value, at, MACHINE);
      changed(value ? widths[w].ones : widths[w].zeros, at, 0);
    }
  }
}
/* Words as they read after the store: what of them can be written. */
static void words(uint32_t first, uint32_t last, uint32_t value) {
  begin();
  for (uint32_t at = first; at < last; at += 4) {
    execute_one(store_op(2), value, at, MACHINE);
    const uint32_t now = execute_one(load_op(LW), 0, at, MACHINE);
    changed(value ? "after ones" : "after zeros", at, moves(at) ? 0 : now);
  }
}
static void both(uint32_t first, uint32_t last) {
  loads(first, last);
  stores(first, last, 0xffffffff);
  words(first, last, 0xffffffff);
  stores(first, last, 0);
  words(first, last, 0);
}

static void map(uint32_t first, uint32_t last, uint32_t step) {
  for (uint32_t at = first; at != last; at += step) {
    execute_one(load_op(LW), 0, at, MACHINE);
    changed("map", at, 0);
  }
}

static void show(void) {
  for (uint32_t i = 0; i < used; ++i) {
    print_hex(results[i].address);
    put(' ');
    print(results[i].name);
    print(": ");
    if (results[i].cause == RETURNED) {
      print("done ");
      print_hex(results[i].value);
    } else {
      print("cause ");
      print_hex(results[i].cause);
      print(" mtval + ");
      print_hex(results[i].value);
    }
    put('\n');
  }
  used = 0;
}

int main(void) {
  begin();
  map(0, 0x03000000, 0x1000);
  map(0x03000000, 0x0c600000, 0x20000);
  map(0x0c600000, 0x11000000, 0x1000);
  map(0x11000000, 0x80000000, 0x100000);
  map(0x80000000, 0, 0x1000000);
  both(0x00100000, 0x00100010);
  both(0x02000000, 0x02000040);
  both(0x02000ff0, 0x02001010);
  both(0x02003ff8, 0x02004040);
  both(0x02007ff0, 0x02008000);
  both(0x0200bff0, 0x0200c010);
  both(0x0200fff8, 0x02010000);
  both(0x0c000000, 0x0c000240);
  both(0x0c000f00, 0x0c001090);
  both(0x0c002000, 0x0c002210);
  both(0x0c1ffff0, 0x0c200020);
  both(0x0c201000, 0x0c201010);
  both(0x0c202000, 0x0c202010);
  both(0x0c5ffff0, 0x0c600000);
  both(0x10001000, 0x10001210);
  both(0x10008000, 0x10008110);
  loads(0x10000000, 0x10000110);
  stores(0x10000008, 0x10000110, 0xffffffff);
  show();
  return 0;
}
