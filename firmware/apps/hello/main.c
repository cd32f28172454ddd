/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program: a banner and some formatting, so that the C library is known to work. */
#include <stdint.h>
#include <stdio.h>

#include "boot/exit_codes.h"

static float horner(float x, const float *coefficients, int count) {
    float sum = 0.0f;
    for (int i = count - 1; i >= 0; --i) sum = sum * x + coefficients[i];
    return sum;
}

int main(void) {
    printf("Hello from the host core.\n");
    printf("integers: %d %u 0x%08x %s\n", -42, 42u, 0xdeadbeefu, "text");

    uint64_t factorial = 1;
    for (uint64_t i = 2; i <= 20; ++i) factorial *= i;
    printf("20! = %llu\n", (unsigned long long)factorial);

    static const float kExponential[] = {
        1.0f, 1.0f, 0.5f, 1.0f / 6.0f, 1.0f / 24.0f, 1.0f / 120.0f, 1.0f / 720.0f, 1.0f / 5040.0f};
    printf("floats: %.4f %.3e e = %.5f\n", 3.14159265, 6.02214076e23,
           (double)horner(1.0f, kExponential, 8));
    return EXIT_CODE_OK;
}
