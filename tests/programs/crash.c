/* SPDX-License-Identifier: Apache-2.0 */
/* Three calls deep into an instruction that does not exist, without a trap handler that could serve
 * it: by itself, or as the macros say. RESETS: into a reset of the machine, again and again. */
#include "serial.h"

__attribute__((noinline)) int innermost(int n) {
#if defined(NULL_CALL) /* through a pointer that nobody has set */
  int (*volatile pointer)(int) = 0;
  return pointer(n) + 1;
#elif defined(RESETS)
  *(volatile uint32_t*)0x100000 = 0x7777;
  return n;
#else
#if defined(WILD_SP)
  __asm__ volatile("li sp, %0\n li s0, %0" ::"i"(WILD_SP));
#endif
  __asm__ volatile(".globl here\nhere: .word 0xffffffff");
  return n + 1;
#endif
}
__attribute__((noinline)) int middle(int n) { return innermost(n * 2) + 1; }
__attribute__((noinline)) int outer(int n) { return middle(n + 5) + 1; }

#if defined(IN_HANDLER)
static volatile int result;
__attribute__((interrupt, aligned(4))) void handler(void) {
  csr_write(mtvec, 0);
  result = outer(1);
}
__attribute__((noinline)) void interrupted(void) {
  for (;;) ++result;
}
int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  set_mtimecmp(mtime() + 10);
  csr_set(mie, 0x80);
  csr_set(mstatus, 8);
  interrupted();
  return 0;
}
#else
int main(void) { return outer(1) & 1; }
#endif
