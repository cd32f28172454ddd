#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/fidelity.md: every row of the validation table and what the tests measured.

The published side stands in docs/fidelity.csv, the measured side comes from the tests of the suite
`Fidelity`, which this program runs (seeds are fixed, so the page is the same on every run).

  scripts/fidelity.py           checks that the page is fresh; exit code 1 if it is not
  scripts/fidelity.py --write   writes it
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("AIMC_BUILD_DIR", ROOT / "build")).resolve()
TABLE = ROOT / "docs" / "fidelity.csv"
PAGE = ROOT / "docs" / "fidelity.md"

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Written by scripts/fidelity.py from docs/fidelity.csv and the tests; do not edit. -->
# Fidelity

Published results that the models are held to. Each row with measurements is one or more tests of
the suite `Fidelity` (`ctest -R Fidelity`); the figures are what those tests print. *Open* rows have
no test yet.

"""


def programs():
    """Test programs that hold tests of the suite."""
    for program in sorted((BUILD / "tests").glob("*_test")):
        listed = subprocess.run([program, "--gtest_list_tests", "--gtest_filter=Fidelity.*"],
                                capture_output=True, text=True, check=False)
        if "Fidelity." in listed.stdout:
            yield program


def measure():
    """Comparisons by row, in the order of the tests' names."""
    with tempfile.TemporaryDirectory() as directory:
        environment = dict(os.environ, AIMC_FIDELITY_DIR=directory)
        for program in programs():
            subprocess.run([program, "--gtest_filter=Fidelity.*"], env=environment,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        rows = {}
        for path in sorted(pathlib.Path(directory).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                comparison = json.loads(line)
                rows.setdefault(comparison["row"], []).append(comparison)
    return rows


def state(row, comparisons):
    """Word for the state of a row."""
    if not comparisons:
        return "open"
    return "holds" if all(c["holds"] for c in comparisons) else "falls short"


def page(table, measured):
    """Text of the page."""
    states = {row["row"]: state(row, measured.get(row["row"])) for row in table}
    lines = [HEAD]
    counts = {word: list(states.values()).count(word) for word in ("holds", "falls short", "open")}
    lines.append(f"Of {len(table)} rows {counts['holds']} hold, {counts['falls short']} fall short, "
                 f"{counts['open']} are open.\n\n")
    lines.append("| row | configuration | quantity | published | tolerance | state |\n")
    lines.append("|---|---|---|---|---|---|\n")
    for row in table:
        word = states[row["row"]]
        if row["open"]:
            word += (" in part; open: " if word == "holds" else ": ") + row["open"]
        lines.append(f"| {row['row']} | {row['configuration']} | {row['quantity']} | "
                     f"{row['published']} | {row['tolerance']} | {word} |\n")
    lines.append("\n## Measured\n\n| row | quantity | expected | measured | test |\n"
                 "|---|---|---|---|---|\n")
    for row in table:
        for found in measured.get(row["row"], []):
            mark = "" if found["holds"] else " (**outside**)"
            extra = f"; {found['statistics']}" if found["statistics"] else ""
            lines.append(f"| {row['row']} | {found['quantity']} | {found['expected']} | "
                         f"{found['measured']}{mark}{extra} | `{found['test']}` |\n")
    lines.append("\n## Sources\n\n")
    previous = ""
    for row in table:
        previous = row["source"] if row["source"] != "the same" else previous
        lines.append(f"- {row['row']}: {previous}\n")
    return "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    arguments = parser.parse_args()
    with open(TABLE, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    measured = measure()
    unknown = sorted(set(measured) - {row["row"] for row in table})
    if unknown:
        print(f"error: tests name rows that docs/fidelity.csv lacks: {', '.join(unknown)}",
              file=sys.stderr)
        return 1
    text = page(table, measured)
    if arguments.write:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("error: docs/fidelity.md is stale; run scripts/fidelity.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
