/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes of the firmware. The simulator (and QEMU) end with the same code. */
#ifndef AIMC_BOOT_EXIT_CODES_H
#define AIMC_BOOT_EXIT_CODES_H

enum {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,       /* a check of the application failed */
    EXIT_CODE_TRAP = 3,         /* unhandled trap or stack overflow */
    EXIT_CODE_BAD_NETWORK = 4,  /* the network image is missing, damaged or for another chip */
    EXIT_CODE_ENGINE_ERROR = 5, /* a command of a tile or activation engine failed */
    EXIT_CODE_DMA_FAULT = 6,    /* a DMA chain failed */
    EXIT_CODE_STALLED = 7,      /* the task graph cannot go on */
    EXIT_CODE_BAD_INPUT = 8     /* the input stream does not fit the network */
};

#endif /* AIMC_BOOT_EXIT_CODES_H */
