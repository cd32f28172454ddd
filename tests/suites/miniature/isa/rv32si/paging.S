/* SPDX-License-Identifier: Apache-2.0 */
/* Of a group that the hart cannot run, so it is not even built. */
#error "not to be built"
