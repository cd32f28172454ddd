# SPDX-License-Identifier: Apache-2.0
"""Fits the piecewise-linear tanh of the activation engine and prints its table.

tanh is concave for x >= 0. The line with the smallest maximum error over [a, b] is the chord
raised by half of its largest gap to the curve; with the same error in every bin these lines meet
at the bin borders, so the best function of nine bins is continuous. The error is found by
bisection: for a given error each bin is made as wide as it allows, and nine bins must reach 8.

Rounded to the table's formats: borders Q4.12, slopes in 2^-15, offsets in 2^-27. Neighbouring bins
meet exactly, and each slope makes up for the rounding of those before it. Usage: python3 fit_tanh.py
"""
import math

BINS = 9
LIMIT = 8.0


def chord_error(a, b):
    """Half of the largest gap between tanh and its chord over [a, b]."""
    slope = (math.tanh(b) - math.tanh(a)) / (b - a)
    if slope <= 0.0:
        return 0.0
    x = math.atanh(math.sqrt(1.0 - slope))  # where the derivative 1 - tanh^2 equals the slope
    return (math.tanh(x) - math.tanh(a) - slope * (x - a)) / 2.0


def widest_bin(a, error):
    """The largest b <= LIMIT with chord_error(a, b) <= error."""
    if a >= LIMIT or chord_error(a, LIMIT) <= error:
        return LIMIT
    low, high = a + 1e-6, LIMIT
    for _ in range(60):
        middle = (low + high) / 2.0
        if chord_error(a, middle) <= error:
            low = middle
        else:
            high = middle
    return low


def borders(error):
    result = [0.0]
    for _ in range(BINS):
        result.append(widest_bin(result[-1], error))
    return result


def main():
    low, high = 0.0, 0.1
    for _ in range(60):
        middle = (low + high) / 2.0
        if borders(middle)[-1] >= LIMIT:
            high = middle
        else:
            low = middle
    error = high
    edges = borders(error)
    print(f"// Best error of {BINS} bins over [0, {LIMIT:g}): {error:.6f}")
    starts = [round(edge * 2**12) for edge in edges]
    value = round(error * 2**27)  # at the start of the bin
    for k in range(BINS):
        width = starts[k + 1] - starts[k]
        goal = (math.tanh(starts[k + 1] / 2**12) + error) * 2**27
        slope = round((goal - value) / width)
        print(f"    {{{starts[k]}, {slope}, {value - slope * starts[k]}}},")
        value += slope * width


if __name__ == "__main__":
    main()
