// SPDX-License-Identifier: Apache-2.0
/// The pieces that the execution loop (execute.cpp, its only user) is written in.
///
/// They work on the loop's local variables: `b` block, `i` entry, `acc` accumulator, `next`, `pc`,
/// `address`, `width`. DO_x is the effect of an instruction, RUN_x its whole handler; both are used
/// alone and in pairs (pairs.h).
#pragma once

#include "arithmetic.h"

#define DISPATCH()                                                    \
  do {                                                                \
    if constexpr (kObserved) {                                        \
      if (AIMC_UNLIKELY(!observe(b, i, acc, budget))) goto stop_here; \
    }                                                                 \
    goto * i->handler;                                                \
  } while (0)
#define NEXT()  \
  do {          \
    ++i;        \
    DISPATCH(); \
  } while (0)
#define ENTER(block)                         \
  do {                                       \
    b = (block);                             \
    acc += b->charge;                        \
    i = b->entries;                          \
    if (AIMC_UNLIKELY(acc < 0)) goto budget; \
    DISPATCH();                              \
  } while (0)
#define TAKE()                                           \
  do {                                                   \
    next = b->taken;                                     \
    if (AIMC_UNLIKELY(next == nullptr)) goto link_taken; \
    ENTER(next);                                         \
  } while (0)
#define FALL()                                          \
  do {                                                  \
    next = b->fall;                                     \
    if (AIMC_UNLIKELY(next == nullptr)) goto link_fall; \
    ENTER(next);                                        \
  } while (0)
#define RS1 x_[i->rs1]
#define RS2 x_[i->rs2]
#define RD x_[i->rd]
#define IMM static_cast<U32>(i->imm)
#define S(value) static_cast<I32>(value)
#define HANDLER(label, code) \
  label : { code; }
#define ALU(expression)                \
  do {                                 \
    RD = static_cast<U32>(expression); \
  } while (0)
#define BRANCH(condition)  \
  do {                     \
    if (condition) TAKE(); \
    FALL();                \
  } while (0)
#define BRANCH_COST(label, condition) \
  label : {                           \
    if (condition) goto take_cost;    \
    FALL();                           \
  }
#define LOAD(type, code) LOAD_FROM(load_, type, code)
#define LOAD_FROM(window, type, code)                                 \
  do {                                                                \
    address = RS1 + IMM;                                              \
    if (AIMC_UNLIKELY(address - (window).base >= (window).span)) {    \
      width = code;                                                   \
      goto slow_load;                                                 \
    }                                                                 \
    type value;                                                       \
    std::memcpy(&value, host_pointer(window, address), sizeof value); \
    RD = static_cast<U32>(static_cast<I32>(value));                   \
  } while (0)
#define STORE(type, code) STORE_TO(store_, type, code)
#define STORE_TO(window, type, code)                                  \
  do {                                                                \
    address = RS1 + IMM;                                              \
    if (AIMC_UNLIKELY(address - (window).base >= (window).span)) {    \
      width = code;                                                   \
      goto slow_store;                                                \
    }                                                                 \
    const type value = static_cast<type>(RS2);                        \
    std::memcpy(host_pointer(window, address), &value, sizeof value); \
  } while (0)
// Four accesses through one copy of the windows: a store could change the members for all the
// compiler knows.
#define RUN_lw_here LOAD_FROM(loads, std::uint32_t, 2u)
#define RUN_sw_here STORE_TO(stores, std::uint32_t, 2u)
#define RUN_OF_FOUR(first, second, third, fourth)  \
  run_##first##_##second##_##third##_##fourth : {  \
    [[maybe_unused]] const Window loads = load_;   \
    [[maybe_unused]] const Window stores = store_; \
    RUN_##first##_here;                            \
    ++i;                                           \
    RUN_##second##_here;                           \
    ++i;                                           \
    RUN_##third##_here;                            \
    ++i;                                           \
    RUN_##fourth##_here;                           \
    NEXT();                                        \
  }

#define ALIGNED(label, mask, target, fault)    \
  label : {                                    \
    if (AIMC_UNLIKELY((RS1 + IMM) & (mask))) { \
      address = RS1 + IMM;                     \
      cause = fault;                           \
      goto misaligned;                         \
    }                                          \
    goto target;                               \
  }

// clang-format off
#define DO_li ALU(IMM)
#define DO_mv ALU(RS1)
#define DO_addi ALU(RS1 + IMM)
#define DO_slti ALU(S(RS1) < i->imm)
#define DO_sltiu ALU(RS1 < IMM)
#define DO_xori ALU(RS1 ^ IMM)
#define DO_ori ALU(RS1 | IMM)
#define DO_andi ALU(RS1 & IMM)
#define DO_slli ALU(RS1 << (IMM & 31u))
#define DO_srli ALU(RS1 >> (IMM & 31u))
#define DO_srai ALU(S(RS1) >> (IMM & 31u))
#define DO_add ALU(RS1 + RS2)
#define DO_sub ALU(RS1 - RS2)
#define DO_sll ALU(RS1 << (RS2 & 31u))
#define DO_slt ALU(S(RS1) < S(RS2))
#define DO_sltu ALU(RS1 < RS2)
#define DO_xor ALU(RS1 ^ RS2)
#define DO_srl ALU(RS1 >> (RS2 & 31u))
#define DO_sra ALU(S(RS1) >> (RS2 & 31u))
#define DO_or ALU(RS1 | RS2)
#define DO_and ALU(RS1 & RS2)
#define DO_mul ALU(RS1 * RS2)
#define DO_mulh ALU(I64{S(RS1)} * S(RS2) >> 32)
#define DO_mulhsu ALU(I64{S(RS1)} * I64{RS2} >> 32)
#define DO_mulhu ALU(U64{RS1} * RS2 >> 32)
#define DO_div ALU(divide(RS1, RS2))
#define DO_divu ALU(RS2 ? RS1 / RS2 : ~0u)
#define DO_rem ALU(remainder(RS1, RS2))
#define DO_remu ALU(RS2 ? RS1 % RS2 : RS1)
#define DO_lb LOAD(std::int8_t, 0u | 4u)
#define DO_lh LOAD(std::int16_t, 1u | 4u)
#define DO_lw LOAD(std::uint32_t, 2u)
#define DO_lbu LOAD(std::uint8_t, 0u)
#define DO_lhu LOAD(std::uint16_t, 1u)
#define DO_sb STORE(std::uint8_t, 0u)
#define DO_sh STORE(std::uint16_t, 1u)
#define DO_sw STORE(std::uint32_t, 2u)
#define RUN_beq BRANCH(RS1 == RS2)
#define RUN_bne BRANCH(RS1 != RS2)
#define RUN_blt BRANCH(S(RS1) < S(RS2))
#define RUN_bge BRANCH(S(RS1) >= S(RS2))
#define RUN_bltu BRANCH(RS1 < RS2)
#define RUN_bgeu BRANCH(RS1 >= RS2)
// clang-format on
#define RUN_jal \
  do {          \
    RD = IMM;   \
    TAKE();     \
  } while (0)
#define RUN_jalr                                                          \
  do {                                                                    \
    pc = (RS1 + IMM) & ~1u;                                               \
    if (AIMC_LIKELY(pc == b->taken_pc)) {                                 \
      RD = b->next_pc;                                                    \
      TAKE();                                                             \
    }                                                                     \
    next = jump_cache_[BlockCache::slot(pc)];                             \
    if (AIMC_UNLIKELY(next == nullptr || next->pc != pc)) goto jalr_miss; \
    RD = b->next_pc;                                                      \
    b->taken = next;                                                      \
    b->taken_pc = pc;                                                     \
    ENTER(next);                                                          \
  } while (0)
#define RUN_li \
  DO_li;       \
  NEXT()
#define RUN_mv \
  DO_mv;       \
  NEXT()
#define RUN_addi \
  DO_addi;       \
  NEXT()
#define RUN_slti \
  DO_slti;       \
  NEXT()
#define RUN_sltiu \
  DO_sltiu;       \
  NEXT()
#define RUN_xori \
  DO_xori;       \
  NEXT()
#define RUN_ori \
  DO_ori;       \
  NEXT()
#define RUN_andi \
  DO_andi;       \
  NEXT()
#define RUN_slli \
  DO_slli;       \
  NEXT()
#define RUN_srli \
  DO_srli;       \
  NEXT()
#define RUN_srai \
  DO_srai;       \
  NEXT()
#define RUN_add \
  DO_add;       \
  NEXT()
#define RUN_sub \
  DO_sub;       \
  NEXT()
#define RUN_sll \
  DO_sll;       \
  NEXT()
#define RUN_slt \
  DO_slt;       \
  NEXT()
#define RUN_sltu \
  DO_sltu;       \
  NEXT()
#define RUN_xor \
  DO_xor;       \
  NEXT()
#define RUN_srl \
  DO_srl;       \
  NEXT()
#define RUN_sra \
  DO_sra;       \
  NEXT()
#define RUN_or \
  DO_or;       \
  NEXT()
#define RUN_and \
  DO_and;       \
  NEXT()
#define RUN_mul \
  DO_mul;       \
  NEXT()
#define RUN_mulh \
  DO_mulh;       \
  NEXT()
#define RUN_mulhsu \
  DO_mulhsu;       \
  NEXT()
#define RUN_mulhu \
  DO_mulhu;       \
  NEXT()
#define RUN_div \
  DO_div;       \
  NEXT()
#define RUN_divu \
  DO_divu;       \
  NEXT()
#define RUN_rem \
  DO_rem;       \
  NEXT()
#define RUN_remu \
  DO_remu;       \
  NEXT()
#define RUN_lb \
  DO_lb;       \
  NEXT()
#define RUN_lh \
  DO_lh;       \
  NEXT()
#define RUN_lw \
  DO_lw;       \
  NEXT()
#define RUN_lbu \
  DO_lbu;       \
  NEXT()
#define RUN_lhu \
  DO_lhu;       \
  NEXT()
#define RUN_sb \
  DO_sb;       \
  NEXT()
#define RUN_sh \
  DO_sh;       \
  NEXT()
#define RUN_sw \
  DO_sw;       \
  NEXT()

// Zba, Zbb, Zbs; the immediate forms of bclr, binv and bset run as andi, xori and ori.
#define DO_sh1add ALU((RS1 << 1) + RS2)
#define DO_sh2add ALU((RS1 << 2) + RS2)
#define DO_sh3add ALU((RS1 << 3) + RS2)
#define DO_andn ALU(RS1 & ~RS2)
#define DO_orn ALU(RS1 | ~RS2)
#define DO_xnor ALU(~(RS1 ^ RS2))
#define DO_clz ALU(std::countl_zero(RS1))
#define DO_ctz ALU(std::countr_zero(RS1))
#define DO_cpop ALU(std::popcount(RS1))
#define DO_sext_b ALU(I32{static_cast<std::int8_t>(RS1)})
#define DO_sext_h ALU(I32{static_cast<std::int16_t>(RS1)})
#define DO_zext_h ALU(RS1 & 0xffffu)
#define DO_min ALU(S(RS1) < S(RS2) ? RS1 : RS2)
#define DO_minu ALU(RS1 < RS2 ? RS1 : RS2)
#define DO_max ALU(S(RS1) < S(RS2) ? RS2 : RS1)
#define DO_maxu ALU(RS1 < RS2 ? RS2 : RS1)
#define DO_rol ALU(std::rotl(RS1, static_cast<int>(RS2 & 31u)))
#define DO_ror ALU(std::rotr(RS1, static_cast<int>(RS2 & 31u)))
#define DO_rori ALU(std::rotr(RS1, static_cast<int>(IMM & 31u)))
#define DO_orc_b ALU(or_combine(RS1))
#define DO_rev8 ALU(__builtin_bswap32(RS1))
#define DO_bclr ALU(RS1 & ~(1u << (RS2 & 31u)))
#define DO_bext ALU(RS1 >> (RS2 & 31u) & 1u)
#define DO_bexti ALU(RS1 >> (IMM & 31u) & 1u)
#define DO_binv ALU(RS1 ^ 1u << (RS2 & 31u))
#define DO_bset ALU(RS1 | 1u << (RS2 & 31u))
#define SIMPLE(label, code) \
  label : {                 \
    code;                   \
    NEXT();                 \
  }

// Floating point
#define FA as_float(f_[i->rs1])
#define FB as_float(f_[i->rs2])
#define FC as_float(f_[i->rs3])
#define FD f_[i->rd]
#if defined(__FMA__)
#define FMA(label, a, b, c)                                       \
  label : {                                                       \
    const float result = std::fma(a, b, c);                       \
    if (AIMC_UNLIKELY(result != result)) {                        \
      FD = fma_nan(as_bits(a), as_bits(b), as_bits(c), &fflags_); \
    } else {                                                      \
      FD = as_bits(result);                                       \
    }                                                             \
    NEXT();                                                       \
  }
#else  // the C library's fma need not get the underflow flag right
#define FMA(label, a, b, c)                                                                        \
  label : {                                                                                        \
    FD = soft::fma(as_bits(a), as_bits(b), as_bits(c), static_cast<RoundingMode>(frm_), &fflags_); \
    NEXT();                                                                                        \
  }
#endif
