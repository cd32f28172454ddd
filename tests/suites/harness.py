# SPDX-License-Identifier: Apache-2.0
"""What the runners of public test suites share: programs on aimc-vp, side by side, and a table."""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AIMC_BUILD_DIR", ROOT / "build")).resolve()
COMPILER = "riscv64-unknown-elf-gcc"

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class UsageError(Exception):
    """A mistake of the caller: what is wrong and what would be right."""


@dataclasses.dataclass
class Outcome:
    """How one program ended; `text` is the reason when it did not pass."""
    group: str
    name: str
    state: str
    text: str = ""


@dataclasses.dataclass
class End:
    """How aimc-vp ended: `reason` and `code` of its statistics; reason None: it wrote none."""
    status: int
    reason: str | None
    code: int
    stderr: str

    def line(self):
        """What aimc-vp says about the end, or why it did not run the program."""
        lines = self.stderr.strip().splitlines()
        if not lines:
            return f"exit code {self.status}, nothing on standard error"
        ends = [line for line in lines if line.startswith("aimc-vp:")]
        others = [line for line in lines if not line.startswith("[warning]")]
        return (ends or others or lines)[0]


def directory(path, what):
    """`path` as a directory that exists."""
    found = pathlib.Path(path).expanduser().resolve()
    if not found.exists():
        raise UsageError(f"{path}: no such directory; expected {what}")
    if not found.is_dir():
        raise UsageError(f"{path}: not a directory; expected {what}")
    return found


def find_vp(path=None):
    """The simulator: `path`, or the one of the build folder."""
    vp = pathlib.Path(path) if path else BUILD / "bin" / "aimc-vp"
    if not (vp.is_file() and os.access(vp, os.X_OK)):
        raise UsageError(f"{vp}: no such program; build it, or name it with --vp")
    return vp.resolve()


def sleeper():
    """The bytes of an ELF that sleeps at once and for ever."""
    code = struct.pack("<2I", 0x10500073, 0xffdff06f)  # wfi; j back to it
    base, start = 0x80000000, 52 + 32
    return struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 243, 1, base, 52, 0, 0, 52, 32, 1,
                       40, 0, 0) + struct.pack("<8I", 1, start, base, base, 8, 8, 5, 4) + code


def check_options(vp, platform, *options):
    """Refuses at once, in the simulator's words, what it would refuse program by program: a
    platform, an ISA that its harts cannot be, times, options."""
    with tempfile.TemporaryDirectory() as folder:
        elf = pathlib.Path(folder) / "sleeper.elf"
        elf.write_bytes(sleeper())
        end = run_program(vp, elf, *options, platform=platform)
    if end is not None and end.status == 2:
        raise UsageError(end.line())


def find_compiler(name=None):
    """The compiler of the guest's programs."""
    found = shutil.which(name or COMPILER)
    if not found:
        raise UsageError(f"{name or COMPILER}: not found; install gcc-riscv64-unknown-elf, or name "
                         "a compiler with --gcc")
    return found


def compile_program(command, elf, timeout=300):
    """Runs the compiler; the ELF appears whole or not at all. Returns what went wrong, or None."""
    elf.parent.mkdir(parents=True, exist_ok=True)
    own = elf.with_name(f".{elf.name}.{os.getpid()}")
    done = subprocess.run([*command, "-o", own], capture_output=True, text=True, timeout=timeout,
                          check=False)
    if done.returncode != 0:
        own.unlink(missing_ok=True)
        errors = [line for line in done.stderr.splitlines() if "rror" in line]
        return (errors or done.stderr.splitlines() or ["the compiler failed"])[0]
    own.replace(elf)
    return None


def run_program(vp, elf, *options, platform="tiny", timeout=60):
    """Runs one bare program; None if it was still running after `timeout` seconds."""
    with tempfile.TemporaryDirectory() as folder:
        stats = pathlib.Path(folder) / "stats.json"
        command = [vp, "run", "--platform", platform, "--firmware", elf, "--quiet", "--stats",
                   stats, *options]
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                                  errors="replace", timeout=timeout, check=False,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None
        if not stats.exists():
            return End(done.returncode, None, done.returncode, done.stderr)
        result = json.loads(stats.read_text(encoding="utf-8"))["result"]
        return End(done.returncode, result["reason"], result["exit_code"], done.stderr)


def side_by_side(function, items, jobs):
    """`function` of each item, `jobs` at a time; results in the order of the items."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        return list(pool.map(function, items))


def report(outcomes, out=sys.stdout):
    """Prints failures, skipped ones by reason and a table by group. Returns the exit code."""
    for outcome in outcomes:
        if outcome.state == FAILED:
            print(f"FAILED {outcome.name}: {outcome.text}", file=out)
    reasons = {}
    for outcome in outcomes:
        if outcome.state == SKIPPED:
            reasons.setdefault((outcome.group, outcome.text), []).append(outcome.name)
    for (group, text), names in reasons.items():
        print(f"skipped {len(names)} of {group}: {text}", file=out)
    print(f"{'group':<14}{'programs':>9}{'passed':>9}{'failed':>9}{'skipped':>9}", file=out)
    groups = list(dict.fromkeys(outcome.group for outcome in outcomes))
    for group in [*groups, "all"]:
        states = [o.state for o in outcomes if group in (o.group, "all")]
        print(f"{group:<14}{len(states):>9}{states.count(PASSED):>9}{states.count(FAILED):>9}"
              f"{states.count(SKIPPED):>9}", file=out)
    return 1 if any(outcome.state == FAILED for outcome in outcomes) else 0


def common_options(parser):
    """The options that each runner has."""
    parser.add_argument("--work", metavar="DIR", help="where programs are built (default: "
                        "tests/suites in the build folder)")
    parser.add_argument("--vp", metavar="FILE", help="the simulator (default: the build folder's)")
    parser.add_argument("--platform", default="tiny", help="default: tiny")
    parser.add_argument("--gcc", metavar="FILE", help=f"default: {COMPILER}")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time (default: 2)")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS",
                        help="of the host's time for a program (default: 60)")
    parser.add_argument("--until", metavar="TIME", default="100 ms",
                        help="limit in simulated time (default: 100 ms)")
    parser.add_argument("--group", action="append", default=[], metavar="NAME",
                        help="run only this group (repeatable)")
    parser.add_argument("--option", action="append", default=[], metavar="TEXT",
                        help="an option for aimc-vp, e.g. --option=--quantum=100ns (repeatable)")


def check_groups(wanted, present, where):
    """Refuses groups that `where` has not got, lest a misspelt one is taken for passed."""
    missing = [group for group in wanted if group not in present]
    if missing:
        raise UsageError(f"{where}: no program in the group{'s' if missing[1:] else ''} "
                         f"{', '.join(missing)}; there are {', '.join(sorted(present))}")


def work_folder(args, name):
    return pathlib.Path(args.work).resolve() if args.work else BUILD / "tests" / "suites" / name


def main(run, argv):
    """Runs a runner: its exit code, or 2 with one line for a mistake of the caller."""
    try:
        return run(argv)
    except UsageError as mistake:
        text = str(mistake)
    except OSError as problem:
        text = f"{problem.filename}: {problem.strerror}"
    print(f"{pathlib.Path(sys.argv[0]).name}: {text}", file=sys.stderr)
    return 2
