/* SPDX-License-Identifier: Apache-2.0 */
/* Ends by tohost, which is found by name wherever it is. Assembled with
 *   VALUE      what is written, HIGH what its upper word is (default 0)
 *   HART       the hart that writes (default 0), ELSEWHERE: the linker places the symbol,
 *   LOCAL      the symbol is not global, NOTHING: no such symbol and no end */
#ifndef HART
#define HART 0
#endif
#ifndef HIGH
#define HIGH 0
#endif
    .globl _start
_start:
    csrr a0, mhartid
    li a1, HART
1:  bne a0, a1, 1b
#ifndef NOTHING
    li a0, VALUE
    li a1, HIGH
    la t0, tohost
    sw a0, 0(t0)
    sw a1, 4(t0)
#endif
2:  j 2b

#if !defined(ELSEWHERE) && !defined(NOTHING)
    .data
    .balign 64
#ifndef LOCAL
    .globl tohost
#endif
tohost: .dword 0                /* and there is no fromhost */
#endif
