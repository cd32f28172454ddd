# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks and prints (or writes into docs/performance.md) what they measured.

Figures are medians over several runs with their spread; CPU time where a process is measured, and
ratios against a limit or a peer in the same call, because machines differ.
"""

import argparse
import json
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile

import bench_gdb
import bench_harts

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"


def cpu_seconds(command, repeats):
    """User plus system seconds of each run of `command`."""
    times = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return times


def spread(values, form="{:.3g}"):
    """"median (min .. max)"."""
    return "{} ({} .. {})".format(*(form.format(value) for value in (
        statistics.median(values), min(values), max(values))))


def machine():
    """What the figures were taken on."""
    name = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True,
                              check=True).stdout.splitlines()[0]
    return f"{name}, {platform.system()} {platform.machine()}, {compiler}"


class Bench:
    """One measuring session."""

    def __init__(self, build, repeats):
        self.build = build
        self.repeats = repeats
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="aimc-bench-"))
        self.vp = build / "bin" / "aimc-vp"

    def run_vp(self, *options):
        """Statistics of one run."""
        stats = self.scratch / "stats.json"
        subprocess.run([str(self.vp), "run", "--quiet", "--stats", str(stats),
                        *(str(option) for option in options)], check=True,
                       stdout=subprocess.DEVNULL)
        return json.loads(stats.read_text(encoding="utf-8"))

    def hart(self):
        """MIPS of the hart inside the platform, and CPU time against QEMU on the same ELF."""
        rows = ["| program | instructions | MIPS (CPU time) | CPU time of QEMU / ours |",
                "|---|---|---|---|"]
        qemu = shutil.which("qemu-system-riscv32")
        for name in ("bench_integer", "bench_float"):
            elf = self.build / "firmware" / f"{name}.elf"
            runs = [self.run_vp("--platform", "tiny", "--firmware", elf)
                    for _ in range(self.repeats)]
            instructions = runs[0]["instructions"]
            mips = [instructions * 1e-6 / run["host"]["simulation_cpu_s"] for run in runs]
            ratio = "no QEMU here"
            if qemu:
                theirs = cpu_seconds([qemu, "-M", "virt", "-bios", "none", "-display", "none",
                                      "-serial", "null", "-monitor", "none", "-kernel", elf],
                                     self.repeats)
                ours = cpu_seconds([self.vp, "run", "--quiet", "--platform", "tiny", "--firmware",
                                    elf], self.repeats)
                ratio = f"{statistics.median(theirs) / statistics.median(ours):.2f}"
            rows.append(f"| {name} | {instructions * 1e-6:.0f} M | {spread(mips, '{:.0f}')} | {ratio} |")
        return "### Hart\n\nWhole processes, start-up included.\n\n" + "\n".join(rows)

    def program(self, title, name, *arguments):
        """Output of a benchmark program, as it prints it; not every CPU has every program."""
        path = self.build / "bench" / name
        if not path.exists():
            return f"### {title}\n\nNo {name} in this build."
        done = subprocess.run([str(path), *arguments], capture_output=True, text=True, check=True)
        return f"### {title}\n\n```\n{done.stdout.strip()}\n```"

    def inference(self):
        """Images per second through firmware, DMA, network and tiles."""
        rows = ["| network | platform | threads | images | images/s | MIPS | simulated latency | energy/image |",
                "|---|---|---|---|---|---|---|---|"]
        demo = self.build / "demo"
        image = self.scratch / "digits_cnn.aimc"
        subprocess.run([str(self.build / "bin" / "aimc-compile"),
                        str(ROOT / "models" / "digits_cnn.onnx"), "--platform", "hermes64",
                        "--calibrate", str(demo / "digits_train.u8"), "-o", str(image)], check=True,
                       stdout=subprocess.DEVNULL)
        for platform_name in ("ideal64", "hermes64"):
            for threads in (1, 2):
                runs = [self.run_vp("--platform", platform_name, "--firmware",
                                    self.build / "firmware" / "inference.elf", "--network", image,
                                    "--input", demo / "digits_test.u8", "--threads", threads)
                        for _ in range(self.repeats)]
                rate = [run["host"]["images_per_s"] for run in runs]
                mips = [run["host"]["mips"] for run in runs]
                first = runs[0]
                rows.append(
                    f"| digits_cnn | {platform_name} | {threads} | {first['result']['images']} | "
                    f"{spread(rate, '{:.0f}')} | {spread(mips, '{:.1f}')} | "
                    f"{first['result']['latency_s']['mean'] * 1e6:.1f} us | "
                    f"{first['energy']['per_image_j'] * 1e6:.2f} uJ |")
        return "### Digits per second, end to end\n\nWall time.\n\n" + "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", metavar="SECTIONS",
                        help="comma-separated: hart, kernels, tile, tile_avx2, technologies, noc, "
                             "noc_flit, inference, gdb")
    parser.add_argument("--write", action="store_true", help="update docs/performance.md")
    options = parser.parse_args()
    build = options.build.resolve()
    bench = Bench(build, options.repeats)
    sections = {
        "hart": bench.hart,
        "kernels": lambda: bench_harts.HartBench(build, options.repeats).table(),
        "tile": lambda: bench.program("Tile arithmetic against a bare matrix product", "cim_speed"),
        "tile_avx2": lambda: bench.program("Tile arithmetic without byte dot products",
                                           "cim_speed_avx2", "avx2"),
        "technologies": lambda: bench.program("Products of every memory technology",
                                              "cim_technology_speed"),
        "noc": lambda: bench.program("Network, transaction level", "noc_speed"),
        "noc_flit": lambda: bench.program("Network, flit level", "noc_flit_speed"),
        "inference": bench.inference,
        "gdb": lambda: bench_gdb.table(build, options.repeats),
    }
    only = options.only.split(",") if options.only else list(sections)
    unknown = [name for name in only if name not in sections]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(sections)}")
    if options.only and options.write:
        parser.error("--write needs all sections")
    parts = [f"Machine: {machine()}. Medians over {options.repeats} runs (min .. max).",
             *(sections[name]() for name in only)]
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN, 1)
        tail = rest.split(END, 1)[1]
        PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
        print(f"\nwrote {PAGE}")


if __name__ == "__main__":
    main()
