/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 (polynomial 0xedb88320, reflected), four bytes a step: an image of weights is long. */
#include "runtime/network.h"

#include <stdbool.h>
#include <string.h>

#define POLYNOMIAL 0xedb88320u

static uint32_t table[4][256];
static bool table_is_ready;

static void make_table(void) {
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1u) != 0 ? POLYNOMIAL : 0);
        table[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; ++i) {
        for (int n = 1; n < 4; ++n) {
            table[n][i] = table[n - 1][i] >> 8 ^ table[0][table[n - 1][i] & 0xffu];
        }
    }
    table_is_ready = true;
}

uint32_t network_crc32(uint32_t crc, const void *data, size_t bytes) {
    if (!table_is_ready) make_table();
    const uint8_t *p = (const uint8_t *)data;
    crc = ~crc;
    for (; bytes > 0 && (uintptr_t)p % 4u != 0; --bytes) {
        crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xffu];
    }
    for (; bytes >= 4; bytes -= 4, p += 4) {
        uint32_t word;
        memcpy(&word, __builtin_assume_aligned(p, 4), 4);
        crc ^= word;
        crc = table[3][crc & 0xffu] ^ table[2][crc >> 8 & 0xffu] ^ table[1][crc >> 16 & 0xffu] ^
              table[0][crc >> 24];
    }
    for (; bytes > 0; --bytes) crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xffu];
    return ~crc;
}
