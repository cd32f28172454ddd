# SPDX-License-Identifier: Apache-2.0
"""Draws docs/noc-curves.svg: load-latency curves of noc-bench beside the reference simulator's.

    python3 ip/noc/tools/noc_curves.py --bench build/bin/noc-bench --reference DIR --out FILE

Without the reference tables only our curves are drawn.
"""

import argparse
import csv
import pathlib
import subprocess

PANELS = [("uniform", "8x8"), ("transpose", "8x8"), ("bitcomp", "8x8"), ("uniform", "4x4")]
SHAPES = [(1, 8, 1), (2, 4, 1), (1, 8, 4), (2, 4, 4)]
COLOURS = ["#4269d0", "#e4761b", "#3ca951", "#a463c4"]
WIDTH, HEIGHT, MARGIN, CEILING = 430, 300, 52, 150.0


def load(directory, name):
    """Rows of a table, none if it is not there."""
    path = pathlib.Path(directory) / name if directory else None
    if path is None or not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ours(bench, traffic, mesh, shape, rates):
    """(rate, latency) of stable points."""
    channels, buffer, packet = shape
    command = [bench, "--mesh", mesh, "--traffic", traffic, "--vcs", channels, "--buffer", buffer,
               "--packet", packet]
    for rate in rates:
        command += ["--rate", f"{rate:.5f}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=True)
    return [(float(row["rate"]), float(row["avg_packet_latency"]))
            for row in csv.DictReader(done.stdout.splitlines()) if row["stable"] == "1"]


def theirs(points, traffic, mesh, shape):
    """(rate, latency) of the reference's stable points."""
    key = tuple(str(part) for part in shape)
    return sorted((float(row["offered_flits_per_node_cycle"]),
                   float(row["avg_packet_latency_cycles"]))
                  for row in points
                  if row["pipeline"] == "p4" and row["mesh"] == mesh and row["traffic"] == traffic
                  and (row["num_vcs"], row["vc_buf_flits"], row["packet_flits"]) == key
                  and row["stable"] == "1" and row["avg_packet_latency_cycles"])


def saturation(bench, traffic, mesh, shape):
    """Where our curve ends."""
    channels, buffer, packet = shape
    done = subprocess.run([str(part) for part in (
        bench, "--mesh", mesh, "--traffic", traffic, "--vcs", channels, "--buffer", buffer,
        "--packet", packet, "--sweep", "--runs", 4)], capture_output=True, text=True, check=True)
    return float(done.stderr.split()[1])


def panel(index, bench, points, traffic, mesh):
    """One set of axes."""
    curves = []
    for shape in SHAPES:
        reference = theirs(points, traffic, mesh, shape)
        end = saturation(bench, traffic, mesh, shape)
        rates = [end * step / 20 for step in range(1, 21)]
        curves.append((shape, ours(bench, traffic, mesh, shape, rates), reference))
    right = max(rate for _, line, _ in curves for rate, _ in line) * 1.05
    left, top = index % 2 * WIDTH + MARGIN, index // 2 * HEIGHT + 34
    wide, high = WIDTH - MARGIN - 14, HEIGHT - 34 - 44

    def place(rate, latency):
        return left + rate / right * wide, top + high - min(latency, CEILING) / CEILING * high

    out = [f'<text x="{left + wide / 2:.0f}" y="{top - 10}" text-anchor="middle" '
           f'font-weight="bold">{traffic}, {mesh}</text>',
           f'<rect x="{left}" y="{top}" width="{wide}" height="{high}" fill="none" stroke="#888"/>']
    for latency in range(0, int(CEILING) + 1, 50):
        y = place(0, latency)[1]
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + wide}" y2="{y:.1f}" '
                   f'stroke="#ddd"/><text x="{left - 6}" y="{y + 4:.1f}" '
                   f'text-anchor="end">{latency}</text>')
    for step in range(0, 5):
        rate = right * step / 4
        x = place(rate, 0)[0]
        out.append(f'<text x="{x:.1f}" y="{top + high + 16}" text-anchor="middle">{rate:.2f}</text>')
    for (_, line, reference), colour in zip(curves, COLOURS):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line
                                                        if point[1] <= CEILING))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        for point in reference:
            if point[1] <= CEILING:
                x, y = place(*point)
                out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="none" '
                           f'stroke="{colour}"/>')
    out.append(f'<text x="{left + wide / 2:.0f}" y="{top + high + 32}" text-anchor="middle">'
               'offered flits per node and cycle</text>')
    out.append(f'<text transform="translate({left - 36},{top + high / 2:.0f}) rotate(-90)" '
               'text-anchor="middle">mean latency [cycles]</text>')
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, default=pathlib.Path("build/bin/noc-bench"))
    parser.add_argument("--reference", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    points = load(options.reference, "curves.csv")
    height = 2 * HEIGHT + 40
    out = ["<!-- SPDX-License-Identifier: Apache-2.0 -->",
           "<!-- Drawn by ip/noc/tools/noc_curves.py. -->",
           f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" '
           'font-family="sans-serif" font-size="11" fill="#222">',
           f'<rect width="{2 * WIDTH}" height="{height}" fill="white"/>']
    for index, (traffic, mesh) in enumerate(PANELS):
        out += panel(index, options.bench, points, traffic, mesh)
    x = MARGIN
    for (channels, buffer, packet), colour in zip(SHAPES, COLOURS):
        out.append(f'<line x1="{x}" y1="{height - 20}" x2="{x + 24}" y2="{height - 20}" '
                   f'stroke="{colour}" stroke-width="2"/><text x="{x + 30}" y="{height - 16}">'
                   f'{channels} x {buffer} flits, {packet}-flit packets</text>')
        x += 180
    out.append(f'<text x="{x}" y="{height - 16}">circles: reference</text>' if points else "")
    out.append("</svg>")
    options.out.write_text("\n".join(line for line in out if line) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
