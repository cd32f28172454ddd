/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

struct probe_trap probe_trap;
uint32_t probe_code[16] __attribute__((aligned(64)));

uint32_t execute(const uint32_t* words, uint32_t count, uint32_t a0, uint32_t a1, uint32_t level) {
  for (uint32_t i = 0; i < count; ++i) probe_code[i] = words[i];
  probe_code[count] = RET;
  __asm__ volatile("fence.i" ::: "memory");
  return probe_call(probe_code, a0, a1, level);
}

void outcome(const char* name, uint32_t value, uint32_t address) {
  const struct probe_trap* trap = &probe_trap;
  print(name);
  if (!trapped()) {
    print(": done ");
    print_hex(value);
  } else {
    print(": cause ");
    print_hex(trap->cause);
    print(" mtval ");
    if (trap->tval == 0) {
      print("0");
    } else if (trap->tval == trap->epc) {
      print("pc");
    } else if (trap->tval == address) {
      print("address");
    } else if (trap->cause == 2 && trap->tval == *(const uint32_t*)trap->epc) {
      print("instruction");
    } else {
      print_hex(trap->tval);
    }
  }
  put('\n');
}

void say(const char* name, uint32_t value) {
  print(name);
  print(": ");
  print_hex(value);
  put('\n');
}

void say_at(const char* name, uint32_t number, uint32_t value) {
  print_hex(number);
  put(' ');
  say(name, value);
}
