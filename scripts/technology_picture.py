# SPDX-License-Identifier: Apache-2.0
"""Draws the comparison of technologies as SVG: accuracy, latency, energy, one bar each."""

import math

BAR, GAP, LEFT, PANEL, TOP = 16, 6, 96, 210, 44
COLOURS = ("#4878a8", "#d08040", "#5a9a68")


def scale_of(values, logarithmic):
    """Maps a value to 0..1, and the ends of the axis as text."""
    low, high = min(values), max(values)
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        last = max(last, first + 1)
        return (lambda value: (math.log10(value) - first) / (last - first)), first, last
    first = math.floor(low / 10.0) * 10.0
    last = max(100.0, high)
    first = min(first, 90.0)
    return (lambda value: (value - first) / (last - first)), first, last


def panel(rows, column, title, values, texts, logarithmic):
    """One column of bars."""
    x = LEFT + column * (PANEL + 90)
    place, first, last = scale_of(values, logarithmic)
    low, high = (f"1e{first}", f"1e{last}") if logarithmic else (f"{first:.0f}", f"{last:.0f}")
    parts = [f'<text x="{x}" y="{TOP - 22}" class="title">{title}</text>',
             f'<text x="{x}" y="{TOP - 6}">{low}</text>',
             f'<text x="{x + PANEL}" y="{TOP - 6}" text-anchor="end">{high}</text>']
    for index, (value, text) in enumerate(zip(values, texts)):
        y = TOP + index * (BAR + GAP)
        width = max(1.0, place(value) * PANEL)
        parts.append(f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{BAR}" '
                     f'fill="{COLOURS[column]}"/>')
        parts.append(f'<text x="{x + width + 4:.1f}" y="{y + 12}">{text}</text>')
        if column == 0:
            parts.append(f'<text x="{x - 6}" y="{y + 12}" text-anchor="end">'
                         f'{rows[index]["technology"]}</text>')
    return parts


def draw(rows):
    """The picture of the first data set of `rows`."""
    rows = [one for one in rows if one["data"] == rows[0]["data"]]
    height = TOP + len(rows) * (BAR + GAP) + 12
    width = LEFT + 3 * (PANEL + 90)
    accuracy = [one["accuracy_percent"] for one in rows]
    latency = [one["latency_s"] * 1e6 for one in rows]
    energy = [max(one["energy_per_image_j"], 1e-15) * 1e6 for one in rows]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}">',
             '<!-- SPDX-License-Identifier: Apache-2.0 -->',
             '<style>text{font:11px sans-serif;fill:#222}.title{font-weight:bold}</style>',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    parts += panel(rows, 0, f"Accuracy, {rows[0]['data']} [%]", accuracy,
                   [f"{value:.1f}" for value in accuracy], False)
    parts += panel(rows, 1, "Latency of an image [us]", latency,
                   [f"{value:.3g}" for value in latency], True)
    parts += panel(rows, 2, "Energy of an image [uJ]", energy,
                   [f"{value:.3g}" for value in energy], True)
    return "\n".join(parts + ["</svg>"]) + "\n"
