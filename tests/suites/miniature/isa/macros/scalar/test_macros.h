/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that several programs share. */
    .macro expect_sum number, a, b, sum
    li a0, \a
    li a1, \b
    add a0, a0, a1
    expect \number, a0, \sum
    .endm
