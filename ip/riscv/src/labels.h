// SPDX-License-Identifier: Apache-2.0
// Which label of the execution loop runs each operation. Operations that differ only in how they
// are decoded share one.
#pragma once

// clang-format off
#define AIMC_RISCV_LABELS(L) \
  L(kLui, op_li) L(kAuipc, op_li) L(kJal, op_jal) L(kJalr, op_jalr) L(kBeq, op_beq)                \
  L(kBne, op_bne) L(kBlt, op_blt) L(kBge, op_bge) L(kBltu, op_bltu) L(kBgeu, op_bgeu)              \
  L(kLb, op_lb) L(kLh, op_lh) L(kLw, op_lw) L(kLbu, op_lbu) L(kLhu, op_lhu) L(kSb, op_sb)          \
  L(kSh, op_sh) L(kSw, op_sw) L(kAddi, op_addi) L(kSlti, op_slti) L(kSltiu, op_sltiu)              \
  L(kXori, op_xori) L(kOri, op_ori) L(kAndi, op_andi) L(kSlli, op_slli) L(kSrli, op_srli)          \
  L(kSrai, op_srai) L(kAdd, op_add) L(kSub, op_sub) L(kSll, op_sll) L(kSlt, op_slt)                \
  L(kSltu, op_sltu) L(kXor, op_xor) L(kSrl, op_srl) L(kSra, op_sra) L(kOr, op_or)                  \
  L(kAnd, op_and) L(kFence, op_nop) L(kFenceI, op_fence_i) L(kEcall, op_ecall)                     \
  L(kEbreak, op_ebreak) L(kMret, op_mret) L(kWfi, op_wfi) L(kCsr, op_csr) L(kMul, op_mul)          \
  L(kMulh, op_mulh) L(kMulhsu, op_mulhsu) L(kMulhu, op_mulhu) L(kDiv, op_div) L(kDivu, op_divu)    \
  L(kRem, op_rem) L(kRemu, op_remu) L(kLr, op_atomic) L(kSc, op_atomic) L(kAmoSwap, op_atomic)     \
  L(kAmoAdd, op_atomic) L(kAmoXor, op_atomic) L(kAmoAnd, op_atomic) L(kAmoOr, op_atomic)           \
  L(kAmoMin, op_atomic) L(kAmoMax, op_atomic) L(kAmoMinu, op_atomic) L(kAmoMaxu, op_atomic)        \
  L(kFlw, op_flw) L(kFsw, op_fsw) L(kFmadd, op_fmadd) L(kFmsub, op_fmsub) L(kFnmsub, op_fnmsub)    \
  L(kFnmadd, op_fnmadd) L(kFadd, op_fadd) L(kFsub, op_fsub) L(kFmul, op_fmul) L(kFdiv, op_fdiv)    \
  L(kFsqrt, op_fsqrt) L(kFsgnj, op_fsgnj) L(kFsgnjn, op_fsgnjn) L(kFsgnjx, op_fsgnjx)              \
  L(kFmin, op_fmin) L(kFmax, op_fmax) L(kFcvtWS, op_fcvt_w_s) L(kFcvtWuS, op_fcvt_wu_s)            \
  L(kFmvXW, op_fmv_x_w) L(kFclass, op_fclass) L(kFeq, op_feq) L(kFlt, op_flt) L(kFle, op_fle)      \
  L(kFcvtSW, op_fcvt_s_w) L(kFcvtSWu, op_fcvt_s_wu) L(kFmvWX, op_fmv_w_x) L(kSh1add, op_sh1add)    \
  L(kSh2add, op_sh2add) L(kSh3add, op_sh3add) L(kAndn, op_andn) L(kOrn, op_orn)                    \
  L(kXnor, op_xnor) L(kClz, op_clz) L(kCtz, op_ctz) L(kCpop, op_cpop) L(kSextB, op_sext_b)         \
  L(kSextH, op_sext_h) L(kZextH, op_zext_h) L(kMin, op_min) L(kMinu, op_minu) L(kMax, op_max)      \
  L(kMaxu, op_maxu) L(kRol, op_rol) L(kRor, op_ror) L(kRori, op_rori) L(kOrcB, op_orc_b)           \
  L(kRev8, op_rev8) L(kBclr, op_bclr) L(kBclri, op_andi) L(kBext, op_bext) L(kBexti, op_bexti)     \
  L(kBinv, op_binv) L(kBinvi, op_xori) L(kBset, op_bset) L(kBseti, op_ori) L(kLi, op_li)           \
  L(kMv, op_mv) L(kNop, op_nop) L(kEnd, op_end) L(kIllegal, op_illegal)                            \
  L(kJumpMisaligned, op_jump_misaligned) L(kLhAligned, op_lh_aligned)                              \
  L(kLwAligned, op_lw_aligned) L(kLhuAligned, op_lhu_aligned) L(kShAligned, op_sh_aligned)         \
  L(kSwAligned, op_sw_aligned) L(kFlwAligned, op_flw_aligned) L(kFswAligned, op_fsw_aligned)       \
  L(kBeqCost, op_beq_cost) L(kBneCost, op_bne_cost) L(kBltCost, op_blt_cost)                       \
  L(kBgeCost, op_bge_cost) L(kBltuCost, op_bltu_cost) L(kBgeuCost, op_bgeu_cost)                   \
  L(kFcvtWSRtz, op_fcvt_w_s_rtz) L(kFcvtWuSRtz, op_fcvt_wu_s_rtz) L(kFpSoft, op_fp_soft)           \
  L(kFpDirty, op_fp_dirty) L(kCsrRead, op_csr_read) L(kCsrWrite, op_csr_write) L(kCut, op_cut)
// clang-format on
