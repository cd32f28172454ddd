/* SPDX-License-Identifier: Apache-2.0 */
/* Integer workload for scripts/bench.sh: CRC, sorting, matrices, calls through pointers. Prints a
 * checksum, so that a simulator that computes wrongly cannot be fast. */
#include <stdint.h>
#include <stdio.h>

enum { ROUNDS = 400, ITEMS = 256, SIDE = 16 };

static uint32_t state = 1;
static uint32_t items[ITEMS];
static int32_t a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];

static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t crc32_of(const uint8_t *bytes, uint32_t count) {
    uint32_t crc = ~0u;
    for (uint32_t i = 0; i < count; ++i) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1u));
    }
    return ~crc;
}

static void sort(uint32_t *values, int count) {
    for (int gap = count / 2; gap > 0; gap /= 2)
        for (int i = gap; i < count; ++i) {
            const uint32_t value = values[i];
            int at = i;
            for (; at >= gap && values[at - gap] > value; at -= gap) values[at] = values[at - gap];
            values[at] = value;
        }
}

static void multiply(void) {
    for (int i = 0; i < SIDE; ++i)
        for (int j = 0; j < SIDE; ++j) {
            int32_t sum = 0;
            for (int k = 0; k < SIDE; ++k) sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static uint32_t add(uint32_t x, uint32_t y) { return x + y; }
static uint32_t mix(uint32_t x, uint32_t y) { return (x ^ y) * 2654435761u; }
static uint32_t (*volatile const operations[2])(uint32_t, uint32_t) = {add, mix};

int main(void) {
    uint32_t checksum = 0;
    for (int round = 0; round < ROUNDS; ++round) {
        for (int i = 0; i < ITEMS; ++i) items[i] = next_random();
        for (int i = 0; i < SIDE * SIDE; ++i) {
            a[i / SIDE][i % SIDE] = (int32_t)(next_random() & 0xff);
            b[i / SIDE][i % SIDE] = (int32_t)(next_random() & 0xff);
        }
        sort(items, ITEMS);
        multiply();
        checksum = operations[round & 1](checksum, crc32_of((const uint8_t *)items, sizeof items));
        checksum = operations[1](checksum, (uint32_t)c[round % SIDE][3]);
    }
    printf("integer %08lx\n", (unsigned long)checksum);
    return 0;
}
