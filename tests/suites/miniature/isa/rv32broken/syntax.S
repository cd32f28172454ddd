/* SPDX-License-Identifier: Apache-2.0 */
/* Does not assemble. */
    no_such_instruction a0, a1
