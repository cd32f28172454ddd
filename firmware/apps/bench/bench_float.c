/* SPDX-License-Identifier: Apache-2.0 */
/* Single-precision workload for scripts/bench.sh: FIR filter, polynomial, matrices, square roots.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 2000, TAPS = 32, SAMPLES = 256, SIDE = 8 };

static float taps[TAPS], samples[SAMPLES + TAPS], a[SIDE][SIDE], b[SIDE][SIDE];

static float fir(int at) {
    float sum = 0.0f;
    for (int i = 0; i < TAPS; ++i) sum += taps[i] * samples[at + i];
    return sum;
}

static float polynomial(float x) {
    return ((((0.03f * x - 0.1f) * x + 0.25f) * x - 0.5f) * x + 0.7f) * x + 0.11f;
}

static float product(void) {
    float trace = 0.0f;
    for (int i = 0; i < SIDE; ++i)
        for (int j = 0; j < SIDE; ++j) {
            float sum = 0.0f;
            for (int k = 0; k < SIDE; ++k) sum += a[i][k] * b[k][j];
            if (i == j) trace += sqrtf(fabsf(sum));
        }
    return trace;
}

int main(void) {
    for (int i = 0; i < TAPS; ++i) taps[i] = 1.0f / (float)(i + 3);
    for (int i = 0; i < SAMPLES + TAPS; ++i) samples[i] = (float)((i * 37) % 101) * 0.01f - 0.5f;
    for (int i = 0; i < SIDE * SIDE; ++i) {
        a[i / SIDE][i % SIDE] = (float)((i * 13) % 29) * 0.1f;
        b[i / SIDE][i % SIDE] = (float)((i * 7) % 31) * 0.05f - 0.6f;
    }
    float sum = 0.0f;
    for (int round = 0; round < ROUNDS; ++round) {
        const int at = round % SAMPLES;
        for (int i = 0; i < 16; ++i) sum = 0.5f * sum + polynomial(fir((at + i) % SAMPLES));
        sum += product();
        a[round % SIDE][(round / SIDE) % SIDE] += 0.001f * sum / (1.0f + fabsf(sum));
    }
    uint32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    printf("float %08lx\n", (unsigned long)bits);
    return 0;
}
