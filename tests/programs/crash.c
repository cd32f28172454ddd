/* SPDX-License-Identifier: Apache-2.0 */
/* Three calls deep into an instruction that does not exist, without a trap handler. */
#include <stdint.h>

__attribute__((noinline)) int innermost(int n) {
  __asm__ volatile(".word 0xffffffff");
  return n + 1;
}
__attribute__((noinline)) int middle(int n) { return innermost(n * 2) + 1; }
__attribute__((noinline)) int outer(int n) { return middle(n + 5) + 1; }
int main(void) { return outer(1) & 1; }
