/* SPDX-License-Identifier: Apache-2.0 */
/* A character by tohost, then an end with a code of more than eight bits. */
#include "probe.h"

volatile uint32_t tohost[2] __attribute__((section(".tohost"), aligned(64)));

int main(void) {
  print("character by tohost: ");
  tohost[0] = 'X';
  tohost[1] = 0x01010000;
  print("\n");
  say("tohost", tohost[0]);
  return 0x100;
}
