/* SPDX-License-Identifier: Apache-2.0 */
/* Static limits of the runtime; an image beyond them is refused with a message. */
#ifndef AIMC_RUNTIME_LIMITS_H
#define AIMC_RUNTIME_LIMITS_H

#define RUNTIME_MAX_TASKS 16384u /* in either graph */
#define RUNTIME_MAX_ENGINES 1024u
#define RUNTIME_MAX_FRAMES 64u /* in flight; more than that wait before BEGIN */

#endif /* AIMC_RUNTIME_LIMITS_H */
