# SPDX-License-Identifier: Apache-2.0
"""What a program sees otherwise here than on QEMU 7.2: the rows of the tables in
ip/riscv/README.md, each with the lines of the programs differ_*.c that show it. A line that differs
and is in no row is a difference nobody knows of."""

from typing import NamedTuple


class Row(NamedTuple):
    what: str
    here: str
    qemu: str
    test: str  # of what happens here
    lines: dict  # program -> {line: (here, QEMU)}; None: no such line


def numbers(first, last, text, here, qemu):
    """The same difference at each of consecutive numbers."""
    return {f"{number:08x} {text}": (here, qemu) for number in range(first, last + 1)}


def absent_here(*addresses):
    """Registers that QEMU has and that hold what is written."""
    return {f"{address:08x} {text}": (None, value) for address in addresses
            for text, value in (("first", "00000000"), ("ones", "ffffffff"), ("zeros", "00000000"))}


def protection_bytes():
    """Bits 5 and 6, and W without R, of each byte of pmpcfg below 0x80."""
    lines = {}
    for value in range(0x80):
        legal = value & 0x1f
        if legal & 3 == 2:
            legal &= ~2
        if legal != value:
            lines[f"{value:08x} pmpcfg"] = (f"{legal:08x}", None)
    return lines


ILLEGAL = "cause 00000002 mtval instruction"
LOAD_FAULT = "cause 00000005 mtval address"
STORE_FAULT = "cause 00000007 mtval address"
MISALIGNED_STORE = "cause 00000006 mtval address"
DONE, FAILS = "done 00000000", "done 00000001"
FAULT = {"load": "cause 00000005 mtval + 00000000", "store": "cause 00000007 mtval + 00000000"}


def load_fault(tval):
    return f"cause 00000005 mtval {tval}"


def fields_of_other_modes():
    """mstatus: UIE, SIE, SPIE, SPP, VS, SUM, MXR, TVM, TSR; and what MPP takes."""
    lines = {"00000300 ones": ("80227888", "807e7faa")}
    for value in (0x22, 0x40000, 0x80000, 0x100000, 0x400000):
        for before in ("", "from 0 "):
            lines[f"{value:08x} mstatus {before}after"] = ("00000000", f"{value:08x}")
    lines |= {"00000800 mstatus after": ("00001800", "00000800"),
              "00000800 mstatus from 0 after": ("00000000", "00000800"),
              "00001000 mstatus after": ("00001800", "00001000"),
              "00001000 mstatus from 0 after": ("00000000", "00001000")}
    return lines


def returns_to_supervisor():
    lines = {}
    for status in (0x800, 0x880, 0x20800, 0x20880):
        lines[f"{status:08x} mret ends with cause"] = ("00000008", "00000009")
        lines[f"{status:08x} and mpp"] = ("00000000", "00000001")
    return lines


def returns_with_mprv():
    return {f"{status:08x} mret leaves mstatus": (f"{status & 0x80:08x}", f"{status & 0x20080:08x}")
            for mpp in (0, 0x800, 0x1000) for mpie in (0, 0x80)
            for status in (mpp | mpie | 0x20000,)}


def clean_states(*instructions):
    return {f"0000000{fs} {name}": ("00000003", f"0000000{fs}")
            for name in instructions for fs in (1, 2)}


def simultaneous_requests():
    """Pending, enabled (1: software, 2: timer, 4: external), and how."""
    return {f"{pending << 8 | enabled << 4 | how:08x} interrupt taken":
            ("8000000b", "80000003" if pending & enabled & 1 else "80000007")
            for pending in range(8) for enabled in range(8) for how in (1, 2)
            if pending & enabled > 4}


def event_counters():
    lines = numbers(0x323, 0x33f, "ones", "00000000", "ffffffff")
    for base in (0xb00, 0xb80):
        lines |= numbers(base + 3, base + 18, "ones", "00000000", "ffffffff")
        for text in ("first", "ones", "zeros"):
            lines |= numbers(base + 19, base + 31, text, "00000000", None)
    for base in (0xc00, 0xc80):
        lines |= numbers(base + 19, base + 31, "first", "00000000", None)
        lines |= numbers(base + 19, base + 31, "write traps", "00000002", None)
        lines |= numbers(base + 3, base + 18, "readable by user", None, "00000001")
    return lines


AS_IT_COMES = {name: (ILLEGAL, DONE) for name in ("hfence.vvma", "hfence.gvma", "fld", "fadd.d",
                                                  "clmul", "clmulh", "clmulr")}
AS_IT_COMES |= {"sret": (ILLEGAL, "cause 00000001 mtval 0"), "hlv.w": (ILLEGAL, "done 11223344"),
                "c.fld": ("cause 00000002 mtval 00002188", DONE),
                "c.fldsp": ("cause 00000002 mtval 00002502", DONE)}
TABLES = "`CsrTable.ResetValuesAndWhatCanBeWritten`"
NUMBERS = "`CsrTable.EveryNumberInMachineMode`"

HART = [
    Row("mtval of ebreak", "the pc", "0", "`Trap.EcallAndEbreak`",
        {"traps": {name: ("cause 00000003 mtval pc", "cause 00000003 mtval 0")
                   for name in ("ebreak", "c.ebreak")}}),
    Row("mtval of a misaligned jal or branch target (without C)", "the target",
        "where its block begins", "`Trap.WithoutCJumpsMustBeAligned`",
        {"jumps": {name: ("cause 00000000 mepc pc mtval target",
                          "cause 00000000 mepc pc mtval pc - 4")
                   for name in ("jal", "beq taken")}}),
    Row("misaligned AMO", "cause 6", "cause 4", "`Trap.MisalignedAtomicsAlwaysTrap`",
        {"traps": {name: (MISALIGNED_STORE, "cause 00000004 mtval address")
                   for name in ("misaligned amo", "misaligned amo of a hole")}}),
    Row("misaligned SC", "cause 6, with or without reservation", "fails with 1",
        "`Trap.MisalignedAtomicsAlwaysTrap`",
        {"traps": {name: (MISALIGNED_STORE, FAILS)
                   for name in ("misaligned sc", "misaligned sc with a reservation")}}),
    Row("AMO of a hole, or without the right to read (PMP)", "cause 7", "cause 5",
        "`PmpAccess.EachInstructionNeedsItsRight`",
        {"traps": {"amo of a hole": (STORE_FAULT, LOAD_FAULT)},
         "pmp": {"without rights amo": (STORE_FAULT, LOAD_FAULT)}}),
    Row("SC without reservation to a hole, or without the right to write (PMP)", "cause 7",
        "fails with 1", "`PmpAccess.ScWithoutReservationNeedsTheRightToWrite`",
        {"traps": {"sc to a hole": (STORE_FAULT, FAILS)},
         "pmp": {"without rights sc": (STORE_FAULT, FAILS), "with r sc": (STORE_FAULT, FAILS)}}),
    Row("SC after a store of the same value by another hart", "fails", "done",
        "`SharedReservation.StoresOfAnotherHartTakeItWhateverTheyWrite`",
        {"harts": {"sc after a store of the same value by another hart":
                   ("00000001", "00000000")}}),
    Row("SC more than 4096 cycles after LR, with several harts", "fails", "done",
        "`SharedReservation.LastsAtMostItsCycles`",
        {"harts": {"sc 10000 cycles after lr": ("00000001", "00000000")}}),
    Row("LR, SC, AMO of a device", "access fault", "done",
        "`Trap.DevicesRefuseAtomicsAndMisalignedAccesses`",
        {"traps": {"lr of a device": (LOAD_FAULT, DONE), "sc to a device": (STORE_FAULT, DONE),
                   "amo of a device": (STORE_FAULT, FAILS)}}),
    Row("misaligned load of a device", "one access at its address, which the UART answers and the "
        "others refuse", "the two aligned words around it",
        "`Trap.DevicesRefuseAtomicsAndMisalignedAccesses`",
        {"traps": {"misaligned lw of a device": (LOAD_FAULT, DONE),
                   "misaligned lw of the PLIC": (LOAD_FAULT, DONE),
                   "misaligned lw of the serial port": ("done 00000060", load_fault("10000008"))}}),
    Row("mtval of a misaligned load that faults", "its address",
        "the aligned word that it begins or ends in", "`Trap.AccessFaultsLeaveRegistersAlone`",
        {"traps": {"misaligned lw of a hole": (LOAD_FAULT, load_fault("28000000")),
                   "misaligned lhu of a hole": (LOAD_FAULT, load_fault("28000002")),
                   "misaligned lhu within a word of a hole": (LOAD_FAULT, load_fault("28000000")),
                   "misaligned lhu of a device": (LOAD_FAULT, load_fault("02004000")),
                   "lw round the end of the address space": (LOAD_FAULT, load_fault("fffffffc"))}}),
    Row("store across the end of memory", "writes nothing", "writes the bytes before it",
        "`tests/integration/test_differences.py`",
        {"traps": {"memory below after the store across": ("00000000", "00000001")}}),
    Row("CSRs after a reset by the finisher", "their reset values", "most keep theirs",
        "`CsrTable.ResetTakesBackWhatWasWritten`",
        {"machine": {f"after a reset {name}": ("00000000", f"{value:08x}") for name, value in (
            ("mscratch", 0x1234), ("mepc", 0x1234), ("mtval", 0x1234), ("mie", 0x888),
            ("mcounteren", 7), ("mcountinhibit", 5), ("menvcfg", 1), ("fcsr", 0xe1),
            ("pmpaddr0", 0x1234), ("pmpaddr1", 0x1234), ("pmpcfg0", 0x9f))}
         | {"after a reset mstatus": ("00002000", "80207880")}}),
    Row("`pmpaddr` written below a TOR entry", "acts at once", "acts when `pmpcfg` is written",
        "`PmpChange.OfTheAddressBelowATorEntryActsAtOnce`",
        {"pmp": {"0000001c lower end of a tor entry moved": ("00000000", "00000007")}}),
    Row("pmpcfg: bits 5 and 6, W without R", "read 0", "kept as written",
        "`PmpRegisters.EveryByteOfEveryEntryReadsBackLegal`",
        {"pmp": protection_bytes() | {"00000020 rights 2": ("00000000", "00000002"),
                                      "00000020 rights 6": ("00000004", "00000006")}}),
    Row("fetch across the edge of a PMP entry", "each instruction is checked, all of it",
        "where a block begins", "`PmpFetch.StopsAtTheBoundaryToTheHalfword`",
        {"pmp": {"fetch across": ("00000001", "00000008"),
                 "mtval of the fetch": ("00000004", None),
                 "mepc of the fetch": ("00000002", None)}}),
    Row("mret to user mode without any PMP entry", "the first fetch there faults (cause 1)",
        "mret is illegal (cause 2)", "`UserMode.NeedsAnEntryOfPmp`",
        {"user": {"mret to user mode without any entry of memory protection":
                  ("cause 00000001 mtval pc", ILLEGAL)}}),
    Row("mret to user mode with MPRV", "clears MPRV", "leaves it",
        "`UserMode.MretTakesTheLevelFromMppAndTheStackFromMpie`", {"user": returns_with_mprv()}),
    Row("csrrs, csrrc with a register that happens to hold 0",
        "a write: traps on a read-only CSR, makes FS dirty", "a read", NUMBERS,
        {"user": {"csrrs mvendorid with a register that holds 0": (ILLEGAL, DONE),
                  "csrrc cycleh with a register that holds 0": (ILLEGAL, DONE),
                  **clean_states("csrrc fcsr, a0")}}),
    Row("mstatus.MPP, fields of modes that are not there", "supervisor is ignored, fields read 0",
        "kept as written; mret enters supervisor mode even with `s=false`",
        "`CsrTable.FieldsThatTakeSomeValuesOnly`",
        {"csrs": {"00000300 ones": fields_of_other_modes().pop("00000300 ones")},
         "user": {line: values for line, values in fields_of_other_modes().items()
                  if "mstatus" in line} | returns_to_supervisor()}),
    Row("lowest bit of mepc, lowest two without C", "read 0",
        "read as written; mret to bit 1 traps (cause 0)", "`CsrTable.FieldsThatTakeSomeValuesOnly`",
        {"csrs": {"00000341 ones": ("fffffffe", "ffffffff")},
         "user": {"00000001 mepc": ("80001000", "80001001"),
                  "00000003 mepc": ("80001002", "80001003"),
                  "mepc with its lowest bit set": ("80001002", "80001003")},
         "jumps": {"00000001 mepc": ("80001000", "80001001"),
                   "00000002 mepc": ("80001000", "80001002"),
                   "00000003 mepc": ("80001000", "80001003"),
                   "mepc with its lowest bits set": ("80001000", "80001003"),
                   "mret with bit 1 of mepc written": (DONE, "cause 00000000 mtval 80000002")}}),
    Row("mstatus.FS when only fflags can change (fcvt.w.s, feq)", "dirty",
        "stays clean", "`UserFloat.FlagsOfComparisonsAndConversionsMakeItDirty`",
        {"user": clean_states("feq.s", "flt.s", "fle.s", "fcvt.w.s")
         | {"FS after a comparison without new flags": ("00000003", "00000002")}}),
    Row("interrupts at the same time", "external, software, timer",
        "by number: software, timer, external", "`Interrupt.PriorityAndVectors`",
        {"machine": simultaneous_requests()}),
    Row("mie, mip", "software, timer and external interrupt of machine mode",
        "also those of other modes", TABLES,
        {"csrs": {"00000304 ones": ("00000888", "00002eee"),
                  "00000344 first": ("00000080", "000000e0"),
                  "00000344 ones": ("00000080", "000026e6"),
                  "00000344 zeros": ("00000080", "000000c0")}}),
    Row("mcounteren, mcountinhibit, menvcfg, mstatush", "hold the bits that mean something",
        "hold more", TABLES,
        {"csrs": {"00000306 ones": ("00000007", "ffffffff"),
                  "0000030a ones": ("00000001", "000000f1"),
                  "00000310 ones": ("00000000", "000000c0"),
                  "0000031a ones": ("00000000", "c0000000"),
                  "00000320 ones": ("00000005", "ffffffff")}}),
    Row("mhpmcounter, mhpmevent", "read 0, all 29 of them; user mode may not read them",
        "16 counters that can be written", TABLES, {"csrs": event_counters()}),
    Row("triggers", "none: tinfo reads 1; tcontrol is there, as 0",
        "two, of types 2 and 6; no tcontrol", TABLES,
        {"csrs": {"000007a2 ones": ("00000000", "ffffffff")}
         | {f"000007a1 {text}": ("00000000", "20000000") for text in ("first", "ones", "zeros")}
         | {f"000007a4 {text}": ("00000001", "00000044") for text in ("first", "ones", "zeros")}
         | {f"000007a5 {text}": ("00000000", None) for text in ("first", "ones", "zeros")}}),
    Row("medeleg, mideleg, 0x14d, 0x15d, 0x24d, 0x25d", "illegal, as without supervisor mode",
        "there although `s=false`", NUMBERS,
        {"csrs": absent_here(0x14d, 0x15d, 0x24d, 0x25d, 0x302, 0x303)
         | {"00000302 ones": (None, "00f0bfff"), "00000303 ones": (None, "00002666")}}),
    Row("sfence.vma", "illegal: there is no supervisor mode", "done even with `s=false`",
        "`Trap.IllegalInstructionInTheMiddleIsPrecise`",
        {"traps": {name: (ILLEGAL, DONE) for name in ("sfence.vma", "sfence.vma a0, a1")}}),
    Row("a value written to minstret or mcycle", "is what the next instruction reads",
        "one more; host time unless `-icount`", "`Counters.NextInstructionReadsWhatWasWritten`",
        {"user": {"minstret after a write of 100": ("00000064", "00000065")}}),
    Row("carry of a written minstret into minstreth", "done", "lost",
        "`Counters.CarryFromLowToHigh`",
        {"user": {"minstreth after a carry": ("00000008", "00000007")}}),
    Row("minstret over an instruction that traps, over a wait", "stands still",
        "goes on (with `-icount`, also while it sleeps)",
        "`Counters.TrapsAreNotRetiredButTakeTheirCycles`",
        {"user": {"ecall, its handler and the way back less a nop's": ("00000003", "00000004"),
                  "minstret stands still in it": ("00000001", "00000000")}}),
    Row("marchid, mimpid", "0", "version", TABLES,
        {"csrs": {"00000f12 first": ("00000000", "00070200"),
                  "00000f13 first": ("00000000", "00070200")}}),
    Row("extensions of `-cpu rv32` as it comes: D, Zbc, S, H", "illegal", "there",
        "`Decode.TheTableIsTheOpcodeMap`", {"traps, rv32": AS_IT_COMES, "user, rv32": {
            "misa": ("40101125", "401411ad"), "misa written": ("done 40101125", "done 401411ad")}}),
    Row("wfi in user mode", "waits, illegal with mstatus.TW",
        "always illegal with S (`-cpu rv32` as it comes)",
        "`UserMode.WfiTrapsInUserModeOnlyAndOnlyWithTw`",
        {"user, rv32": {"wfi in user mode": ("cause 80000007 mtval 0", ILLEGAL)}}),
    Row("a store to code", "seen after fence.i", "seen at once",
        "`Run.SelfModifyingCodeAfterFenceI`",
        {"traps": {"code changed without fence.i": ("00000001", "00000002")}}),
    Row("execution from a device (UART, finisher)", "instruction access fault",
        "executes what it reads", "`tests/integration/test_fatal.py`",
        {"traps": {"jump to the finisher": ("cause 00000001 mtval pc", "cause 00000002 mtval 0")}}),
]
