# SPDX-License-Identifier: Apache-2.0
"""What a test of riscv-arch-test says about itself: for which harts it is, and its macros."""

import dataclasses
import re

CASE = re.compile(r'RVTEST_CASE\(\s*\d+\s*,\s*"([^"]*)"')
ISA = re.compile(r'RVTEST_ISA\(\s*"([^"]*)"')
CHECK = re.compile(r"check\s+(\S+?)\s*:=\s*(.*)$")
SUPERVISOR = re.compile(r"^\s*(#\s*define\s+rvtest_strap_routine|RVTEST_GOTO_LOWER_MODE\s+Smode)",
                        re.MULTILINE)
DEFINE = re.compile(r"def\s+(\w+)\s*=\s*(\S+)$")


@dataclasses.dataclass
class Case:
    """Macros and instruction groups to compile a test with, or the reason to leave it out."""
    macros: list = dataclasses.field(default_factory=list)
    march: str | None = ""
    reason: str = ""

    def defines(self, name):
        return any(macro.split("=")[0] == name for macro in self.macros)


def long_name(isa):
    """A hart's isa (rv32imafc_zba) as riscv-config writes it: RV32IMAFCUZicsr_Zifencei_Zba."""
    letters, *names = isa.lower().removeprefix("rv32").split("_")
    letters = letters.upper() + ("" if "u" in letters else "U")
    names = ["zicsr", "zifencei", *[name for name in names if name not in ("zicsr", "zifencei")]]
    return f"RV32{letters}" + "_".join(name.capitalize() for name in names)


def groups(name):
    """The instruction groups of a name, whatever its form: RV32IMZicsr_Zba, rv32im_zicsr_zba."""
    letters, rest = re.fullmatch(r"rv32([a-y]*)(.*)", name.strip().lower()).groups()
    return list(letters), [group for group in rest.split("_") if group]


def march(text, isa):
    """The compiler's -march for a test, or None if its RVTEST_ISA asks for more than the hart has.

    It is what the test names, and what the framework and the start-up use.
    """
    found = ISA.search(text)
    names = [name for name in (found.group(1) if found else "RV32I").split(",")
             if name.strip().upper().startswith("RV32")]
    ours = {group for part in groups(isa) for group in part}
    for letters, rest in map(groups, names):
        if ours.issuperset([*letters, *rest]):
            rest = ["zicsr", "zifencei", *[g for g in rest if g not in ("zicsr", "zifencei")]]
            return f"rv32{''.join(letters)}_" + "_".join(rest)
    return None


def holds(key, value, isa, misaligned):
    """Whether one check fits the hart; None for a key that no hart here has."""
    pattern = re.fullmatch(r"regex\((.*)\)", value)
    if key == "ISA" and pattern:
        return re.match(pattern.group(1), isa) is not None
    if key == "hw_data_misaligned_support":
        return (value.lower() == "true") == misaligned
    return None


def select(text, isa, misaligned):
    """The case of a test that fits the hart: as riscof does, all cases that fit give macros."""
    case, fits, unknown = Case(march=march(text, isa)), False, ""
    for description in CASE.findall(text):
        parts = [part.strip() for part in description.removeprefix("//").split(";")]
        checks = [match.groups() for match in map(CHECK.match, parts) if match]
        results = [(key, holds(key, value.strip(), isa, misaligned)) for key, value in checks]
        unknown = next((key for key, result in results if result is None), unknown)
        if all(result for _, result in results):
            fits = True
            found = [match.groups() for match in map(DEFINE.match, parts) if match]
            case.macros += [f"{n}={v}" for n, v in found if f"{n}={v}" not in case.macros]
    if case.march is None:
        case.reason = f"not for {isa}"
    elif not fits:
        case.reason = f"unknown check {unknown}" if unknown else f"not for {isa}"
    elif case.defines("rvtest_strap_routine") or SUPERVISOR.search(text):
        case.reason = "needs supervisor mode"
    return case
