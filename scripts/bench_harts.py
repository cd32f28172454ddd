# SPDX-License-Identifier: Apache-2.0
"""Speed of the harts inside SystemC: five kernels against QEMU on the same ELFs, what a short
quantum and several busy harts cost, and where the time goes."""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
KERNELS = ROOT.parent / "shared" / "design" / "iss_bench"
BARS = {"mix": 0.62, "alu": 0.20, "memcpy": 0.65, "float": 1.7, "trap": 8.0}
SHORT_QUANTUM_LIMIT, FOUR_HARTS_LIMIT = 0.25, 4.0
QEMU = ["qemu-system-riscv32", "-M", "virt", "-bios", "none", "-display", "none", "-serial", "stdio",
        "-monitor", "none", "-kernel"]


def timed(command):
    """CPU seconds (user and system) and output of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)


def medians(commands, repeats, check=lambda text: None):
    """Median CPU seconds of each command; the commands take turns, so that a slow moment of the
    machine meets all of them."""
    times = [[] for _ in commands]
    for _ in range(repeats):
        for column, command in zip(times, commands):
            seconds, text = timed(command)
            check(text)
            column.append(seconds)
    return [statistics.median(column) for column in times]


class HartBench:
    def __init__(self, build, repeats):
        self.vp = build / "bin" / "aimc-vp"
        self.build = build
        self.repeats = repeats
        self.elfs = None

    def ours(self, elf, quantum="10 us", platform="tiny"):
        return [self.vp, "run", "--quiet", "--platform", platform, "--quantum", quantum,
                "--firmware", elf]

    def kernel(self, name, reference):
        """One row: each time is that of the kernel without start-up."""
        full, start = (self.elfs / "virt" / f"{name}{end}.elf" for end in ("", ".zero"))

        def check(text):
            found = re.search(rf"\b{name} ([0-9a-f]{{8}}) ", text)
            if not found:
                raise SystemExit(f"{name}: no result line but: {text[-200:]}")

        def check_sum(text):
            check(text)
            if f"{name} {reference['checksum']} " not in text:
                raise SystemExit(f"{name}: wrong checksum: {text}")

        runs = [QEMU + [full], self.ours(full), self.ours(full, "1 us")]
        starts = [QEMU + [start], self.ours(start), self.ours(start, "1 us")]
        qemu, ours, short = (whole - begin for whole, begin in zip(
            medians(runs, self.repeats, check_sum), medians(starts, self.repeats, check)))
        bar = BARS[name]
        return (f"| {name} | {reference['instructions'] * 1e-6:.0f} M | "
                f"{reference['instructions'] * 1e-6 / ours:.0f} | {qemu:.2f} | {ours:.2f} | "
                f"{qemu / ours:.2f} | {bar} | {'yes' if qemu / ours >= bar else 'NO'} | "
                f"{(short / ours - 1) * 100:+.0f} % |")

    def kernels(self):
        if not shutil.which(QEMU[0]):
            return "skipped: no qemu-system-riscv32"
        rows = ["| kernel | instructions | MIPS | QEMU s | ours s | ratio | bar | met | 1 us quantum |",
                "|---|---|---|---|---|---|---|---|---|"]
        reference = json.loads((KERNELS / "reference_counts.json").read_text(encoding="utf-8"))
        rows += [self.kernel(name, reference[name]) for name in BARS]
        return "\n".join(rows) + (
            "\n\nCPU time of whole runs at a quantum of 10 us less that of a run with one iteration;"
            " ratio = QEMU / ours. Last column: what a quantum of 1 us costs, limit "
            f"+{SHORT_QUANTUM_LIMIT * 100:.0f} %.")

    def four_harts(self):
        """The same work on one hart and on each of four."""
        os.environ["AIMC_BUILD_DIR"] = str(self.build)
        sys.path.insert(0, str(ROOT / "tests" / "integration"))
        import programs  # pylint: disable=import-outside-toplevel
        if not programs.CC:
            return "skipped: no riscv64-unknown-elf-gcc"
        eight = ROOT / "tests" / "platforms" / "eight_harts.yaml"
        commands = []
        for harts, platform in ((1, "tiny"), (4, eight)):
            elf = programs.build(f"busy_{harts}", programs.BARE, f"-DHARTS={harts}",
                                 "harts_start.S", "busy_harts.c")
            commands += [self.ours(elf, quantum, platform) for quantum in ("10 us", "1 us")]
        one, one_short, four, four_short = medians(commands, self.repeats)
        return (f"Four busy harts against one (limit {FOUR_HARTS_LIMIT}): {four / one:.2f} times the "
                f"CPU time ({one:.2f} s, {four:.2f} s); at a quantum of 1 us "
                f"{four_short / one_short:.2f} times.")

    def shares(self, name, quantum):
        """Where the CPU time of one kernel goes, by perf."""
        data = pathlib.Path(self.elfs) / "perf.data"
        command = self.ours(self.elfs / "virt" / f"{name}.elf", quantum)
        subprocess.run(["perf", "record", "-q", "-o", data, *command], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = subprocess.run(["perf", "report", "-i", data, "--stdio", "-q", "-F",
                                 "overhead,dso,symbol"], check=True, capture_output=True,
                                text=True).stdout
        shares = {"loop": 0.0, "core": 0.0, "hart module": 0.0, "SystemC": 0.0, "rest": 0.0}
        for line in report.splitlines():
            found = re.match(r"\s*([\d.]+)%\s+(\S+)\s+(.*)", line)
            if not found:
                continue
            _, dso, symbol = found.groups()
            if "Core::execute<" in symbol:
                part = "loop"
            elif "riscv::HartModule" in symbol:
                part = "hart module"
            elif "riscv::" in symbol:
                part = "core"
            elif "systemc" in dso or "sc_core" in symbol or "tlm::" in symbol:
                part = "SystemC"
            else:
                part = "rest"
            shares[part] += float(found.group(1))
        return f"| {name} | {quantum} | " + " | ".join(f"{v:.1f} %" for v in shares.values()) + " |"

    def where(self):
        if not shutil.which("perf"):
            return "Where the time goes: skipped, no perf."
        rows = ["| kernel | quantum | loop of handlers | rest of the core | hart module | SystemC | rest |",
                "|---|---|---|---|---|---|---|"]
        try:
            rows += [self.shares(name, "10 us") for name in BARS]
            rows.append(self.shares("mix", "1 us"))
        except subprocess.CalledProcessError:
            return "Where the time goes: skipped, perf may not measure here."
        return "Where the time goes (perf):\n\n" + "\n".join(rows)

    def table(self):
        parts = ["### Hart kernels"]
        if not (KERNELS / "Makefile").exists():
            parts.append("skipped: no data (../shared/design/iss_bench)")
        elif not shutil.which("riscv64-unknown-elf-gcc"):
            parts.append("skipped: no riscv64-unknown-elf-gcc")
        else:
            with tempfile.TemporaryDirectory(prefix="aimc-harts-") as scratch:
                self.elfs = pathlib.Path(scratch)
                subprocess.run(["make", "-s", "-C", str(KERNELS), f"B={scratch}"], check=True,
                               stdout=subprocess.DEVNULL)
                parts += [self.kernels(), self.where()]
        parts.append(self.four_harts())
        return "\n\n".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(HartBench(arguments.build.resolve(), arguments.repeats).table())
