/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions of single instructions in machine and user mode: cause, mtval, and what is done
 * instead. */
#include "probe.h"

#define HOLE 0x28000000u     /* between the devices */
#define BOOT_ROM 0x00001018u /* the address of RAM in it */
#define MTIMECMP 0x02004000u
#define MEMORY_END 0x90000000u
static uint32_t word_aligned[4] __attribute__((aligned(16))) = {0x11223344, 0x55667788};

static void memory_op(const char* name, uint32_t word, uint32_t address) {
  outcome(name, execute_one(word, 1, address, MACHINE), address);
}

static void breakpoints(void) {
  outcome("ebreak", execute_one(EBREAK, 0, 0, MACHINE), 0);
  outcome("c.ebreak", execute_one(0x00019002, 0, 0, MACHINE), 0);
  outcome("ecall in machine mode", execute_one(ECALL, 0, 0, MACHINE), 0);
  outcome("ecall in user mode", execute_one(ECALL, 0x55, 0, USER), 0);
}

static void illegal(void) {
  static const struct {
    const char* name;
    uint32_t word;
  } words[] = {
      {"zeros", 0},
      {"ones", 0xffffffff},
      {"16 bits of 0", 0x00010000},
      {"c.lwsp x0", 0x00014002},
      {"sret", 0x10200073},
      {"sret with rd", 0x102000f3},
      {"uret", 0x00200073},
      {"dret", 0x7b200073},
      {"mnret", 0x70200073},
      {"sfence.vma", 0x12000073},
      {"sfence.vma a0, a1", 0x12b50073},
      {"sinval.vma", 0x16000073},
      {"sfence.w.inval", 0x18000073},
      {"sfence.inval.ir", 0x18100073},
      {"hfence.vvma", 0x22000073},
      {"hfence.gvma", 0x62000073},
      {"hlv.w", 0x6805c573},
      {"fence with rd", 0x0ff0058f},
      {"fence with fm 1", 0x1ff0000f},
      {"fence.tso", 0x8330000f},
      {"pause", 0x0100000f},
      {"fence.i with fields", 0xfff5908f},
      {"cbo.zero", 0x0045a00f},
      {"cbo.clean", 0x0015a00f},
      {"cbo.inval", 0x0005a00f},
      {"cbo.flush", 0x0025a00f},
      {"prefetch.r", 0x0015e013},
      {"fld", 0x0005b507},
      {"fadd.d", 0x02b57553},
      {"flh", 0x00059507},
      {"fadd.h", 0x04b57553},
      {"c.fld", 0x00012188},
      {"c.fldsp", 0x00012502},
      {"clmul", 0x0ab51533},
      {"clmulh", 0x0ab53533},
      {"clmulr", 0x0ab52533},
      {"pack", 0x08b54533},
      {"brev8", 0x68755513},
      {"xperm8", 0x28b54533},
      {"sha256sum0", 0x10051513},
      {"aes32esi", 0x22b50533},
      {"czero.eqz", 0x0eb55533},
      {"vsetvli", 0x0005f557},
      {"lr.d", 0x1005b52f},
      {"amoadd.d", 0x00a5b52f},
      {"lr.w with rs2", 0x10b5a52f},
      {"jalr with funct3 1", 0x00059567},
      {"ld", 0x0005b503},
      {"lwu", 0x0005e503},
      {"addiw", 0x0005851b},
      {"ecall with rd", 0x000000f3},
      {"ecall with rs1", 0x00008073},
      {"ebreak with rd", 0x001000f3},
      {"mret with rd", 0x302000f3},
      {"wfi with rd", 0x105000f3},
      {"wfi with rs1", 0x10508073},
      {"csr with funct3 4", 0x34054573},
      {"slli by 32", 0x02051513},
      {"fsqrt.s with rs2", 0x58157553},
      {"fclass with rm 2", 0xe0052553},
      {"rounding mode 5", 0x00b55553},
      {"rounding mode 6", 0x00b56553},
      {"c.lui x0", 0x00016005},
      {"c.addi16sp 0", 0x00016101},
      {"c.jr x0", 0x00018002},
      {"c.slli x0", 0x00010006},
      {"c.slli by 32", 0x00011502},
      {"c.srli by 32", 0x00019101},
      {"c.subw", 0x00019d0d},
      {"48-bit instruction", 0x0000001f},
      {"64-bit instruction", 0x3f},
  };
  for (uint32_t i = 0; i < sizeof words / sizeof words[0]; ++i)
    outcome(words[i].name, execute_one(words[i].word, 0, (uint32_t)word_aligned, MACHINE), 0);
}

static void atomics(void) {
  const uint32_t odd = (uint32_t)word_aligned + 1, good = (uint32_t)word_aligned;
  memory_op("misaligned lr", amo_op(LR), odd);
  memory_op("misaligned sc", amo_op(SC), odd);
  memory_op("misaligned amo", amo_op(AMOADD), odd);
  const uint32_t pair[] = {amo_op(LR), 0x00158593 /* addi a1, a1, 1 */, amo_op(SC)};
  outcome("misaligned sc with a reservation", execute(pair, 3, 1, good, MACHINE), odd);
  memory_op("sc without a reservation", amo_op(SC), good);
  memory_op("lr of a device", amo_op(LR), MTIMECMP);
  memory_op("sc to a device", amo_op(SC), MTIMECMP);
  memory_op("amo of a device", amo_op(AMOMAXU), MTIMECMP);
  memory_op("lr of the boot ROM", amo_op(LR), BOOT_ROM);
  memory_op("sc to the boot ROM", amo_op(SC), BOOT_ROM);
  memory_op("amo of the boot ROM", amo_op(AMOADD), BOOT_ROM);
  memory_op("sb to the boot ROM", store_op(LB), BOOT_ROM);
  memory_op("misaligned sw to the boot ROM", store_op(LW), BOOT_ROM + 1);
  memory_op("misaligned lw of the boot ROM", load_op(LW), BOOT_ROM + 1);
  memory_op("word of the boot ROM after all of it", load_op(LW), BOOT_ROM);
  memory_op("lr of a hole", amo_op(LR), HOLE);
  memory_op("sc to a hole", amo_op(SC), HOLE);
  memory_op("amo of a hole", amo_op(AMOADD), HOLE);
  memory_op("misaligned amo of a hole", amo_op(AMOADD), HOLE + 1);
  const uint32_t moved[] = {amo_op(LR), 0x00458593 /* addi a1, a1, 4 */, amo_op(SC)};
  outcome("sc to the word after the reserved one", execute(moved, 3, 1, good, MACHINE), good + 4);
  const uint32_t own[] = {amo_op(LR), 0x00a5a023 /* sw a0, 0(a1) */, amo_op(SC)};
  outcome("sc after an own store to the word", execute(own, 3, 1, good, MACHINE), good);
  const uint32_t other[] = {amo_op(LR), 0x00158613 /* addi a2, a1, 1 */,
                            0x00c5a023 /* sw a2, 0(a1) */, amo_op(SC)};
  outcome("sc after an own store of another value", execute(other, 4, 1, good, MACHINE), good);
  const uint32_t caught[] = {amo_op(LR), ECALL};
  execute(caught, 2, 1, good, MACHINE);
  memory_op("sc after lr and a trap", amo_op(SC), good);
  const uint32_t returned[] = {amo_op(LR),
                               0x00000297 /* auipc t0, 0 */,
                               0x01028293 /* + 16 */,
                               csr_op(CSRRW, ZERO, 0x341, T0),
                               MRET,
                               amo_op(SC)};
  outcome("sc after lr and mret", execute(returned, 6, 1, good, MACHINE), good);
  const uint32_t twice[] = {amo_op(LR), amo_op(SC), amo_op(SC)};
  outcome("second sc", execute(twice, 3, 1, good, MACHINE), good);
}

static void plain_accesses(void) {
  const uint32_t good = (uint32_t)word_aligned;
  memory_op("misaligned lw", load_op(LW), good + 1);
  memory_op("misaligned lh", load_op(LH), good + 3);
  memory_op("lw of a hole", load_op(LW), HOLE);
  memory_op("sw to a hole", store_op(LW), HOLE);
  memory_op("misaligned lw of a hole", load_op(LW), HOLE + 1);
  memory_op("misaligned lhu of a hole", load_op(LHU), HOLE + 3);
  memory_op("misaligned lhu within a word of a hole", load_op(LHU), HOLE + 1);
  memory_op("misaligned sw to a hole", store_op(LW), HOLE + 2);
  memory_op("lw across the end of memory", load_op(LW), MEMORY_END - 2);
  memory_op("sw across the end of memory", store_op(LW), MEMORY_END - 1);
  say("memory below after the store across", *(volatile uint8_t*)(MEMORY_END - 1));
  memory_op("lw across the start of memory", load_op(LW), 0x80000000u - 1);
  memory_op("sw across the start of memory", store_op(LW), 0x80000000u - 3);
  memory_op("lw behind memory", load_op(LW), MEMORY_END);
  memory_op("lw of address 0", load_op(LW), 0);
  memory_op("lw of the last word", load_op(LW), 0xfffffffc);
  memory_op("lw round the end of the address space", load_op(LW), 0xfffffffe);
  memory_op("misaligned lw of a device", load_op(LW), MTIMECMP + 2);
  memory_op("misaligned sw to a device", store_op(LW), MTIMECMP + 1);
  memory_op("misaligned lhu of a device", load_op(LHU), MTIMECMP + 1);
  memory_op("misaligned lw of the serial port", load_op(LW), 0x10000005);
  memory_op("misaligned lw of the PLIC", load_op(LW), 0x0c000026);
  memory_op("flw of a device", 0x0005a507, MTIMECMP);
  memory_op("flw of a hole", 0x0005a507, HOLE);
}

static void changed_code(void) {
  execute_one(0x00100513 /* li a0, 1 */, 0, 0, MACHINE);
  *(volatile uint32_t*)probe_code = 0x00200513; /* li a0, 2 */
  say("code changed without fence.i", probe_call(probe_code, 0, 0, MACHINE));
  __asm__ volatile("fence.i");
  say("and after fence.i", probe_call(probe_code, 0, 0, MACHINE));
}

static void jump(const char* name, uint32_t target, uint32_t level) {
  outcome(name, execute_one(0x00058067 /* jr a1 */, 0, target, level), target);
}
static void fetches(void) {
  jump("jump to a hole", HOLE, MACHINE);
  jump("jump to an odd address of a hole", HOLE + 1, MACHINE);
  jump("jump to address 0", 0, MACHINE);
  jump("jump to the end of the address space", 0xfffffffe, MACHINE);
  jump("jump behind memory", MEMORY_END, MACHINE);
  jump("jump to the finisher", 0x00100000, MACHINE);
  jump("jump to the CLINT", 0x02000000, MACHINE);
  jump("jump to the PLIC", 0x0c000000, MACHINE);
}

int main(void) {
  csr_write(pmpaddr0, 0xffffffffu);
  csr_write(pmpcfg0, 0x1f);
  breakpoints();
  illegal();
  atomics();
  plain_accesses();
  changed_code();
  fetches();
  return 0;
}
