/* SPDX-License-Identifier: Apache-2.0 */
/* Layout that rtos_vectors.S and rtos_queue.c share. */
#ifndef TESTS_RTOS_QUEUE_H
#define TESTS_RTOS_QUEUE_H

#define FRAME 144 /* x1, x3 .. x31 by number, then mepc and mstatus */
#define FRAME_PC 128
#define FRAME_STATUS 132

#define TASK_SP 0
#define TASK_SAVES 4
#define TASK_FCSR 8
#define TASK_FLOAT 12

#endif
