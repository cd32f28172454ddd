/* SPDX-License-Identifier: Apache-2.0 */
/* Tries single instructions and says in words what came of it, one `name: result` in a line, so
 * that runs here and on QEMU can be compared line by line. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include "serial.h"

enum { MACHINE = 0, USER = 1 };
enum { RETURNED = 0xffffffffu, ECALL_FROM_USER = 8 };

/* How the last probe ended; the cause is RETURNED without a trap. */
struct probe_trap {
  uint32_t cause, tval, epc, mstatus;
};
extern struct probe_trap probe_trap;
extern uint32_t probe_handler; /* mtvec during a probe; it ends at probe_trapped */
void probe_trapped(void);
uint32_t probe_call(const void* function, uint32_t a0, uint32_t a1, uint32_t level);

static inline int trapped(void) {
  return probe_trap.cause != RETURNED && probe_trap.cause != ECALL_FROM_USER;
}

/* Instructions, then a return. */
uint32_t execute(const uint32_t* words, uint32_t count, uint32_t a0, uint32_t a1, uint32_t level);
static inline uint32_t execute_one(uint32_t word, uint32_t a0, uint32_t a1, uint32_t level) {
  return execute(&word, 1, a0, a1, level);
}
extern uint32_t probe_code[];

/* Encoders; registers are a0 and a1 where nothing else is said. */
enum { ZERO = 0, RA = 1, T0 = 5, T1 = 6, A0 = 10, A1 = 11 };
enum { CSRRW = 1, CSRRS = 2, CSRRC = 3, CSRRWI = 5, CSRRSI = 6, CSRRCI = 7 };
#define csr_op(op, rd, csr, rs1) ((csr) << 20 | (rs1) << 15 | (op) << 12 | (rd) << 7 | 0x73u)
enum { LB = 0, LH = 1, LW = 2, LBU = 4, LHU = 5 };
static inline uint32_t load_op(uint32_t width) { return A1 << 15 | width << 12 | A0 << 7 | 0x03; }
static inline uint32_t store_op(uint32_t width) { return A0 << 20 | A1 << 15 | width << 12 | 0x23; }
/* a0 = memory at a1, with a0; funct5 as in the opcode map. */
enum { AMOADD = 0, AMOSWAP = 1, LR = 2, SC = 3, AMOMAXU = 28 };
static inline uint32_t amo_op(uint32_t funct5) {
  return funct5 << 27 | (funct5 == LR ? 0 : A0) << 20 | A1 << 15 | 2 << 12 | A0 << 7 | 0x2f;
}
enum { ECALL = 0x73, EBREAK = 0x100073, MRET = 0x30200073, WFI = 0x10500073, RET = 0x8067 };

/* Prints `name: ` and what came of the last probe: "done VALUE" or "cause C mtval M"; mtval as
 * "pc", "address" (the one given) or "instruction" where it is that. */
void outcome(const char* name, uint32_t value, uint32_t address);
void say(const char* name, uint32_t value);
void say_at(const char* name, uint32_t number, uint32_t value);

#endif
