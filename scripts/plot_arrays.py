#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what cim-bench measured: programming spread, drift and product error of each technology.

  build/bin/cim-bench mvm programming drift --kind all --csv arrays.csv
  scripts/plot_arrays.py arrays.csv docs/arrays.svg

Needs matplotlib (Debian package python3-matplotlib); nothing else of the project does.
"""

import argparse
import collections
import csv
import sys

AGES = {"0": 1.0, "1 min": 60.0, "1 h": 3600.0, "1 d": 86400.0, "5 d": 432000.0,
        "30 d": 2.592e6, "1 y": 3.1536e7}  # 0 is drawn at the left edge


def read(path):
    """Values by (study, quantity), array and setting."""
    figures = collections.defaultdict(lambda: collections.defaultdict(dict))
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            figures[row["study"], row["quantity"]][row["array"]][row["setting"]] = \
                float(row["value"])
    return figures


def draw_spread(axes, figures):
    for array, points in figures["programming", "spread"].items():
        levels = [float(setting.split("=")[1]) for setting in points]
        axes.plot(levels, list(points.values()), marker="o", markersize=3, label=array)
    axes.set(title="Spread of programmed weights", xlabel="weight / full scale",
             ylabel="sigma [% of full scale]")


def draw_drift(axes, figures):
    for array, points in figures["drift", "relative L2 error"].items():
        ages = [AGES[setting.removeprefix("age = ")] for setting in points]
        axes.plot(ages, list(points.values()), marker="o", markersize=3, label=array)
    axes.set(title="Error of products over age", xlabel="seconds since programming",
             ylabel="relative L2 error [%]", xscale="log")


def draw_error(axes, figures):
    errors = {array: points[""] for array, points in figures["mvm", "relative L2 error"].items()}
    bars = axes.barh(list(errors), list(errors.values()))
    axes.bar_label(bars, fmt="%.2g", padding=2)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set(title="Error of products, fresh", xlabel="relative L2 error [%]")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("csv", help="figures written by cim-bench --csv")
    parser.add_argument("picture", help="file to write; the ending chooses svg, png or pdf")
    arguments = parser.parse_args()
    try:
        import matplotlib
    except ImportError:
        print("error: needs matplotlib: apt-get install python3-matplotlib", file=sys.stderr)
        return 2
    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "arrays"  # the same file on every run
    from matplotlib import pyplot
    figures = read(arguments.csv)
    picture, axes = pyplot.subplots(1, 3, figsize=(15, 4.5), layout="constrained")
    draw_spread(axes[0], figures)
    draw_drift(axes[1], figures)
    draw_error(axes[2], figures)
    handles, labels = axes[1].get_legend_handles_labels()
    axes[1].legend(handles, labels, fontsize="small", loc="upper left", ncols=2)
    axes[0].grid(alpha=0.3)
    axes[1].grid(alpha=0.3)
    picture.savefig(arguments.picture, metadata={"Date": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
