/* SPDX-License-Identifier: Apache-2.0 */
/* Two harts print their misa, one after the other. */
#include "serial.h"

void park(void) __attribute__((noreturn));
static volatile uint32_t turn;

int main(uint32_t hart) {
  while (turn != hart) {
  }
  line("misa", csr_read(misa));
  turn = hart + 1;
  if (hart == 1) return 0;
  park();
}
