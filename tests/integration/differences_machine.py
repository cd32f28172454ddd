# SPDX-License-Identifier: Apache-2.0
"""As differences.py, of the memory map and the devices."""

from differences import DONE, FAULT, Row, STORE_FAULT

LOAD, STORE = FAULT["load"], FAULT["store"]


def places(here, there):
    """Where the map begins or ends on one side only."""
    return ({f"{address:08x} map": (value, None) for address, value in here.items()}
            | {f"{address:08x} map": (None, value) for address, value in there.items()})


BOOT_CODE = {0x1004: ("f1402573", "02828613"), 0x1008: ("000025b7", "f1402573"),
             0x100c: ("0182a283", "0202a583"), 0x1010: ("00028067", "0182a283"),
             0x1014: ("00000000", "00028067"), 0x1020: ("00000000", "8fe00000"),
             0x1028: ("00000000", "4942534f"), 0x102c: ("00000000", "00000002"),
             0x1030: ("00000000", "80000000"), 0x1034: ("00000000", "00000001")}

MACHINE = [
    Row("memory map", "our devices from 0x10200000, tiles from 0x40000000, RAM of 256 MiB",
        "RTC, PCIe, flash, fw_cfg (where the sensor is here), RAM as `-m` says",
        "`tests/integration/test_differences.py`",
        {"devices": places({0x101000: LOAD, 0x10180000: DONE, 0x10201000: LOAD, 0x10280000: DONE,
                            0x10290000: LOAD, 0x10300000: DONE, 0x10301000: LOAD,
                            0x10400000: DONE, 0x10401000: LOAD, 0x40000000: DONE,
                            0x40300000: LOAD, 0x80000000: DONE},
                           {0x102000: LOAD, 0x3000000: DONE, 0x3020000: LOAD, 0x20000000: DONE,
                            0x24000000: LOAD, 0x30000000: DONE}),
         "traps": {"lw across the start of memory": ("cause 00000005 mtval address",
                                                     "done 4022f3ff"),
                   "sw across the start of memory": (STORE_FAULT, "done 00000001")}}),
    Row("boot ROM", "a1: device tree, at 0x2000; a2 is 0",
        "a1: device tree, in RAM; a2: data for OpenSBI", "`tests/integration/test_programs.py`",
        {"machine": {f"{address:08x} boot ROM": words for address, words in BOOT_CODE.items()}}),
    Row("store to the boot ROM", "access fault", "ignored",
        "`MemoryTest.KeepsARomFromTheGuestButNotFromTheLoader`",
        {"machine": {"sw to the boot ROM": (STORE_FAULT, DONE)},
         "traps": {"sc to the boot ROM": (STORE_FAULT, DONE),
                   "amo of the boot ROM": (STORE_FAULT, "done 80000000"),
                   "sb to the boot ROM": (STORE_FAULT, "done 00000001"),
                   "misaligned sw to the boot ROM": (STORE_FAULT, "done 00000001")}}),
    Row("semihosting", "served unless `--no-semihosting`", "breakpoint unless `-semihosting`",
        "`tests/integration/test_programs.py`",
        {"machine": {"semihosting sequence ends with cause": ("ffffffff", "00000003")}}),
    Row("the symbol `tohost`", "console and end in the manner of HTIF", "memory like any other",
        "`tests/integration/test_programs.py`",
        {"end": {"character by tohost": ("X", ""), "tohost": ("00000000", "00000058")}}),
    Row("finisher: exit code above 255", "255", "its low eight bits",
        "`tests/integration/test_fatal.py`",
        {"end": {"exit code": ("255", "0")}}),
    Row("finisher: unknown words", "access fault", "ignored",
        "`FinisherTest.AnswersUnknownCommandsWithAnErrorAndAWarning`",
        {"devices": {f"00100000 {size} of {value}": (STORE, DONE)
                     for size in ("sh", "sw") for value in ("ones", "zeros")}}),
    Row("finisher: addresses behind the register", "access fault", "read 0, writes ignored",
        "`FinisherTest.ReadsAsZeroAndRefusesOtherAddresses`",
        {"devices": {"00100002 lhu": (LOAD, None), "00100004 lw": (LOAD, None),
                     "00100004 after ones": (LOAD, None), "00100004 after zeros": (LOAD, None)}}),
    Row("mtimecmp after a reset by the finisher", "0", "keeps its value",
        "`ClintTest.ReturnsToPowerOnByReset`",
        {"machine": {"after a reset mtimecmp": ("00000000", "00123456")}}),
    Row("PLIC: sources", "1023", "96; registers of the others read 0",
        "`PlicTest.ReadsSourcesBeyondItsOwnAsZero`",
        {"devices": {"0c000184 after ones": (None, DONE),
                     "0c000f00 after ones": ("done 00000007", DONE),
                     "0c001000 after ones": (DONE, None), "0c00200c after ones": (None, DONE),
                     "0c002100 after ones": (DONE, None)}}),
    Row("PLIC: bit 0 of the enables", "reads 0", "can be written",
        "`PlicTest.HasTheRegistersOfItsDescription`",
        {"devices": {"0c002000 after ones": ("done fffffffe", "done ffffffff"),
                     "0c002004 after ones": ("done ffffffff", None)}}),
    Row("PLIC: context 1", "has registers", "with `s=false` reads 0",
        "`PlicTest.ServesEachHartByItsMachineContext`",
        {"devices": {"0c002080 after ones": ("done fffffffe", None),
                     "0c002084 after ones": ("done ffffffff", None),
                     "0c201000 after ones": ("done 00000007", DONE),
                     "0c201004 after ones": (DONE, None)}}),
    Row("PLIC: a claim while the threshold is as high", "gives the source", "gives 0",
        "`PlicTest.InterruptsOnlyAboveTheThreshold`",
        {"machine": {"claim at the threshold": ("0000000a", "00000000")}}),
    Row("PLIC: completion while the line is high", "pending again at once",
        "when the device next moves its line",
        "`PlicTest.InterruptsAgainAfterCompletionIfTheLineIsStillHigh`",
        {"machine": {"pending when completed with the line high": ("00000400", "00000000"),
                     "mip then": ("00000880", "00000080")}}),
    Row("PLIC: enabling a pending source", "interrupts at once",
        "when the PLIC next changes",
        "`PlicTest.SourcesThatTheirHandlerDisablesInterruptAgainWhenEnabled`",
        {"machine": {"mip when a pending source is enabled": ("00000880", "00000080")}}),
]
