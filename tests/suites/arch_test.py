#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs riscv-arch-test (32 bit) on aimc-vp, compares signatures; see README.md here."""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

import arch_case
import harness
import signature
from harness import FAILED, PASSED, SKIPPED, Outcome, UsageError

ENV = pathlib.Path(__file__).resolve().parent / "riscof" / "env"
FLAGS = ["-mabi=ilp32", "-static", "-mcmodel=medany", "-fvisibility=hidden", "-nostdlib",
         "-nostartfiles", "-w", "-DXLEN=32", "-DFLEN=32"]
FULL_ISA = "rv32imafc_zicsr_zifencei_zba_zbb_zbs"
REFERENCES = (".reference_output", ".signature", ".elf.signature", ".sig")


class Program:
    """A test on its way: an ELF and its reference, or why there is none."""

    def __init__(self, group, name, elf=None, reference=None, state=None, text=""):
        self.group, self.name, self.elf, self.reference = group, name, elf, reference
        self.state, self.text = state, text


def check_suite(path):
    top = harness.directory(path, "a checkout of riscv-arch-test")
    suite = top / "riscv-test-suite" if (top / "riscv-test-suite").is_dir() else top
    if not (suite / "rv32i_m").is_dir():
        raise UsageError(f"{top}: no riscv-test-suite/rv32i_m; expected a checkout of "
                         "riscv-arch-test, framework 3")
    if not (suite / "env" / "arch_test.h").exists():
        raise UsageError(f"{top}: no riscv-test-suite/env/arch_test.h; expected framework 3")
    return suite


def sources(suite, wanted):
    """(group, source) of each test of the suite."""
    found = [(folder.name, source) for folder in sorted((suite / "rv32i_m").iterdir())
             if folder.is_dir() for source in sorted(folder.rglob("*.S"))]
    if not found:
        raise UsageError(f"{suite}: no test (*.S) in rv32i_m")
    harness.check_groups(wanted, {group for group, _ in found}, suite)
    return [(group, source) for group, source in found if not wanted or group in wanted]


def stored(folder, name):
    """The reference signature of a test in a folder, or None."""
    for suffix in REFERENCES:
        if (folder / f"{name}{suffix}").is_file():
            return folder / f"{name}{suffix}"
    return None


def build(suite, gcc, args, work, item):
    """Compiles a test for the hart, unless its cases exclude the hart."""
    group, source = item
    program = Program(group, source.stem)
    case = arch_case.select(source.read_text(encoding="utf-8"), arch_case.long_name(args.isa),
                            args.misaligned == "hardware")
    if case.reason:
        program.state, program.text = SKIPPED, case.reason
        return program
    program.elf = work / group / f"{source.stem}.elf"
    command = [gcc, f"-march={case.march}", *FLAGS, *[f"-D{macro}" for macro in case.macros],
               f"-I{suite}/env", f"-I{ENV}", f"-T{ENV}/link.ld", source]
    error = harness.compile_program(command, program.elf)
    if error:
        program.state, program.text = FAILED, f"not built: {error}"
        return program
    folders = [source.parent.parent / "references"]
    if args.references:
        top = harness.directory(args.references, "reference signatures")
        folders = [top / group, top]
    program.reference = next(filter(None, (stored(f, source.stem) for f in folders)), None)
    return program


def prebuilt(path, wanted):
    """Programs of a folder, whatever their names, with the signatures that lie beside them."""
    folder = harness.directory(path, "a folder of built programs")
    found = []
    for elf in sorted(file for file in folder.rglob("*") if file.is_file()):
        try:
            with elf.open("rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
        except OSError:  # not ours to read, or gone since
            continue
        group = elf.parent.relative_to(folder).as_posix()
        group = folder.name if group == "." else group
        name = elf.stem if elf.suffix == ".elf" else elf.name
        found.append(Program(group, name, elf, stored(elf.parent, name)))
    if not found:
        raise UsageError(f"{folder}: no ELF; expected built programs with NAME.reference_output or "
                         "NAME.signature beside them")
    harness.check_groups(wanted, {program.group for program in found}, folder)
    return [program for program in found if not wanted or program.group in wanted]


def refer(args, program, folder):
    """The reference signature, from its file or from another simulator; raises ValueError."""
    if args.reference_command:
        file = folder / "reference"
        command = [word.replace("{elf}", str(program.elf)).replace("{signature}", str(file))
                   for word in shlex.split(args.reference_command)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=args.timeout,
                                  check=False, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise ValueError(f"the reference simulator did not run: {problem}") from problem
        if not file.exists():
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise ValueError(f"the reference simulator wrote no signature: {lines[-1]}")
        return signature.read(file)
    return signature.read(program.reference) if program.reference else None


def run_options(args):
    """What aimc-vp is told for each program."""
    return ["--until", args.until, "--set", f"hart*.isa={args.isa}", "--set",
            f"hart*.misaligned={args.misaligned}", *args.option]


def run_one(vp, args, program):
    """Runs one program and judges its signature."""
    if program.state:
        return Outcome(program.group, program.name, program.state, program.text)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        written = folder / "signature"
        end = harness.run_program(vp, program.elf, "--signature", written, *run_options(args),
                                  platform=args.platform, timeout=args.timeout)
        try:
            text = judge(args, program, end, written, folder)
        except ValueError as problem:
            text = str(problem)
    if text is None and not (program.reference or args.reference_command):
        return Outcome(program.group, program.name, SKIPPED,
                       "ran to its end; no reference signature")
    return Outcome(program.group, program.name, FAILED if text else PASSED, text or "")


def judge(args, program, end, written, folder):
    """Why a run fails, or None."""
    if end is None:
        return "still running at the time limit"
    if end.reason != "tohost" or end.code != 0:
        return f"did not end by tohost with 0: {end.line()}"
    if not written.exists():
        return f"no signature: {end.line()}"
    words = signature.read(written)
    if args.save:
        place = pathlib.Path(args.save) / program.group
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{program.name}.signature").write_bytes(written.read_bytes())
    expected = refer(args, program, folder)
    return signature.difference(words, expected) if expected is not None else None


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--suite", metavar="DIR", help="checkout of riscv-arch-test")
    where.add_argument("--elf", metavar="DIR", help="folder of built programs with signatures "
                       "(NAME.reference_output or NAME.signature) beside them")
    parser.add_argument("--references", metavar="DIR", help="of GROUP/NAME.reference_output or "
                        ".signature (default: GROUP/references of the suite)")
    parser.add_argument("--reference-command", metavar="TEXT", help="another simulator that writes "
                        "the reference: '{elf}' and '{signature}' are replaced")
    parser.add_argument("--save", metavar="DIR", help="keep our signatures")
    parser.add_argument("--isa", default=FULL_ISA, help=f"of the harts (default: {FULL_ISA})")
    parser.add_argument("--misaligned", choices=("hardware", "trap"), default="hardware",
                        help="loads and stores to unaligned addresses (default: hardware)")
    harness.common_options(parser)
    return parser.parse_args(argv)


def run(argv):
    args = parse(argv)
    vp = harness.find_vp(args.vp)
    harness.check_options(vp, args.platform, *run_options(args))
    if args.elf:
        programs = prebuilt(args.elf, args.group)
    else:
        suite, gcc = check_suite(args.suite), harness.find_compiler(args.gcc)
        work = harness.work_folder(args, "arch-test")
        programs = harness.side_by_side(lambda item: build(suite, gcc, args, work, item),
                                        sources(suite, args.group), args.jobs)
    return harness.report(harness.side_by_side(lambda program: run_one(vp, args, program), programs,
                                               args.jobs))


if __name__ == "__main__":
    sys.exit(harness.main(run, sys.argv[1:]))
