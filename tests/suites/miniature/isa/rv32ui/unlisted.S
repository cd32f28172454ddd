/* SPDX-License-Identifier: Apache-2.0 */
/* The group's Makefrag does not name it, so it is not even built. */
#error "not to be built"
