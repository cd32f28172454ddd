#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs riscv-tests (environment p, 32 bit) on aimc-vp. See README.md in this folder."""

import argparse
import re
import sys

import harness
from harness import FAILED, PASSED, SKIPPED, Outcome, UsageError

# What the suite's Makefile gives its compiler. Groups of bit manipulation name their extension.
FLAGS = ["-mabi=ilp32", "-static", "-mcmodel=medany", "-fvisibility=hidden", "-nostdlib",
         "-nostartfiles"]
ARCH = {"rv32uzba": "rv32g_zba", "rv32uzbb": "rv32g_zbb", "rv32uzbs": "rv32g_zbs"}
# A hart of the shipped platforms is rv32imafc; the groups of ARCH ask for more.
FULL_ISA = "rv32imafc_zicsr_zifencei_zba_zbb_zbs"
NEEDS = {"rv32um": "m", "rv32ua": "a", "rv32uf": "f", "rv32uc": "c", "rv32uzba": "zba",
         "rv32uzbb": "zbb", "rv32uzbs": "zbs"}
ABSENT = {
    "rv32si": "the hart has no supervisor mode",
    "rv32ssvnapot": "the hart has no supervisor mode",
    "rv32ud": "the hart has no D extension",
    "rv32uzfh": "the hart has no Zfh extension",
    "rv32uzbc": "the hart has no Zbc extension",
    "rv32uzbkb": "the hart has no Zbkb extension",
    "rv32uzbkx": "the hart has no Zbkx extension",
    "rv32uzicond": "the hart has no Zicond extension",
    "rv32uv": "the hart has no V extension",
}
UNEXPECTED_TRAP = 1337  # what the environment puts over the test number


def absent(group, isa):
    """Why the hart cannot run a group, or "" when it can; `isa` is None for the platform's own."""
    if group in ABSENT:
        return ABSENT[group]
    if isa is None or group not in NEEDS:
        return ""
    letters, *names = isa.lower().removeprefix("rv32").split("_")
    return "" if NEEDS[group] in [*letters, *names] else f"the hart is {isa}"


def listed(folder):
    """The programs that a group's Makefrag names, or None where there is none."""
    makefrag = folder / "Makefrag"
    if not makefrag.exists():
        return None
    text = makefrag.read_text(encoding="utf-8").replace("\\\n", " ")
    lists = re.findall(rf"^{folder.name}_sc_tests\s*=(.*)$", text, re.MULTILINE)
    return set(" ".join(lists).split())


def sources(suite, wanted, isa):
    """(group, name, source or None, reason for skipping or "") of each program of the suite."""
    folders = sorted(path for path in (suite / "isa").glob("rv32*") if path.is_dir())
    if not folders:
        raise UsageError(f"{suite}: isa/ holds no folder rv32*; expected a checkout of riscv-tests")
    harness.check_groups(wanted, {folder.name for folder in folders}, suite)
    for folder in folders:
        if wanted and folder.name not in wanted:
            continue
        names = listed(folder)
        for source in sorted(folder.glob("*.S")):
            reason = absent(folder.name, isa)
            if not reason and names is not None and source.stem not in names:
                reason = "not in the group's Makefrag"
            yield folder.name, source.stem, source, reason


def check_suite(path):
    suite = harness.directory(path, "a checkout of riscv-tests")
    if not (suite / "isa" / "macros" / "scalar").is_dir():
        raise UsageError(f"{suite}: no isa/macros/scalar; expected a checkout of riscv-tests")
    if not (suite / "env" / "p" / "riscv_test.h").exists():
        raise UsageError(f"{suite}: no env/p/riscv_test.h; fetch the submodule with "
                         "'git submodule update --init env'")
    return suite


def build(suite, gcc, work, item):
    """Compiles one program as the suite's Makefile does. Returns (group, name, elf, problem)."""
    group, name, source, reason = item
    elf = work / f"{group}-p-{name}"
    if reason:
        return group, elf.name, None, (SKIPPED, reason)
    command = [gcc, f"-march={ARCH.get(group, 'rv32g')}", *FLAGS, f"-I{suite}/env/p",
               f"-I{suite}/isa/macros/scalar", f"-T{suite}/env/p/link.ld", source]
    error = harness.compile_program(command, elf)
    return group, elf.name, elf, (FAILED, f"not built: {error}") if error else None


def prebuilt(path, wanted, isa):
    """Programs of a folder that is already built, named as the suite's Makefile names them."""
    folder = harness.directory(path, "a folder with programs rv32*-p-*")
    elfs = [elf for elf in sorted(folder.glob("rv32*-p-*"))
            if elf.suffix not in (".dump", ".hex", ".out")]
    if not elfs:
        raise UsageError(f"{folder}: no program rv32*-p-*; build the suite with XLEN=32, or use "
                         "--suite with its sources")
    harness.check_groups(wanted, {elf.name.split("-p-")[0] for elf in elfs}, folder)
    found = []
    for elf in elfs:
        group = elf.name.split("-p-")[0]
        if wanted and group not in wanted:
            continue
        reason = absent(group, isa)
        found.append((group, elf.name, elf, (SKIPPED, reason) if reason else None))
    return found


def judge(end):
    """What the end of a run means: None for a pass, otherwise the reason."""
    if end is None:
        return "still running at the time limit"
    if end.reason != "tohost":
        return f"did not end by tohost: {end.line()}"
    if end.code == 0:
        return None
    value = end.code << 1 | 1
    if value & UNEXPECTED_TRAP == UNEXPECTED_TRAP:
        return f"unexpected trap (tohost {value:#x})"
    return f"test number {end.code} (tohost {value:#x})"


def run_options(args, isa):
    """What aimc-vp is told for a program; `isa` is None for the platform's own."""
    chosen = [] if isa is None else ["--set", f"hart*.isa={isa}"]
    return ["--until", args.until, *args.option, *chosen]


def run_one(vp, args, program):
    group, name, elf, problem = program
    if problem:
        return Outcome(group, name, *problem)
    isa = FULL_ISA if args.isa is None and group in ARCH else args.isa
    end = harness.run_program(vp, elf, *run_options(args, isa), platform=args.platform,
                              timeout=args.timeout)
    reason = judge(end)
    return Outcome(group, name, FAILED, reason) if reason else Outcome(group, name, PASSED)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--suite", metavar="DIR", help="checkout of riscv-tests with its env")
    where.add_argument("--elf", metavar="DIR", help="folder of built programs rv32*-p-*")
    parser.add_argument("--isa", help="of the harts, e.g. rv32imac; groups that need more are "
                        "skipped (default: the platform's, with Zba, Zbb, Zbs for their groups)")
    harness.common_options(parser)
    return parser.parse_args(argv)


def run(argv):
    args = parse(argv)
    vp = harness.find_vp(args.vp)
    harness.check_options(vp, args.platform, *run_options(args, args.isa))
    if args.elf:
        programs = prebuilt(args.elf, args.group, args.isa)
    else:
        suite, gcc = check_suite(args.suite), harness.find_compiler(args.gcc)
        work = harness.work_folder(args, "riscv-tests")
        programs = harness.side_by_side(lambda item: build(suite, gcc, work, item),
                                        list(sources(suite, args.group, args.isa)), args.jobs)
    return harness.report(harness.side_by_side(lambda program: run_one(vp, args, program), programs,
                                               args.jobs))


if __name__ == "__main__":
    sys.exit(harness.main(run, sys.argv[1:]))
