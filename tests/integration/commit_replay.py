# SPDX-License-Identifier: Apache-2.0
"""Replays a commit log: is every line what the lines before it and the program imply?

The instructions are read by objdump, so nothing here leans on the simulator's decoder. What a line
says of addresses, stored values, loads, jumps and CSRs has to follow from registers, memory and CSRs
as earlier lines left them. Sums and floating-point results are taken from the log.
"""

import collections
import re

import support

OBJDUMP = "riscv64-unknown-elf-objdump"
LINE = re.compile(r"core {2,3}(\d+): ([03]) 0x([0-9a-f]{8}) \(0x([0-9a-f]{4}|[0-9a-f]{8})\)(.*)")
ENTRY = re.compile(r" (?:([xf])(\d+) +0x([0-9a-f]{8})(?= |$)|c\d+_(\w+) 0x([0-9a-f]{8})(?= |$)"
                   r"|(mem) 0x([0-9a-f]{8})(?: 0x([0-9a-f]+))?(?= |$))")
CODE = re.compile(r"^ *([0-9a-f]{8}):\t([0-9a-f]+) +\t(\S+)(?:\t(\S+))?", re.MULTILINE)
SIZE = {"b": 1, "bu": 1, "h": 2, "hu": 2, "w": 4}
MASK = 0xffffffff
MIE, MPIE, MPP, FS, SD = 0x8, 0x80, 0x1800, 0x6000, 0x80000000
COUNTERS = re.compile(r"m?(?:cycle|time|instret|hpmcounter\d+)h?|tdata\d|tinfo|tcontrol")  # or constant
BRANCHES = ("beq", "bne", "blt", "bge", "bltu", "bgeu", "beqz", "bnez")
TRAP_CSRS = ("mepc", "mcause", "mtval")
AMO = {"swap": lambda a, b: b, "add": lambda a, b: a + b, "xor": lambda a, b: a ^ b,
       "and": lambda a, b: a & b, "or": lambda a, b: a | b, "minu": min, "maxu": max,
       "min": lambda a, b: min(a, b, key=signed), "max": lambda a, b: max(a, b, key=signed)}


def signed(value, size=4):
    return value - (1 << 8 * size) if value >> (8 * size - 1) & 1 else value


class Mismatch(AssertionError):
    pass


class Replay:
    def __init__(self, elf):
        text = support.run(OBJDUMP, "-d", "-M", "no-aliases,numeric", elf).stdout
        self.code = {int(pc, 16): (word, name, (operands or "").split(","))
                     for pc, word, name, operands in CODE.findall(text)}
        self.x = {0: 0}
        self.f = {}
        self.csr = {}
        self.memory = {}
        self.next = None  # where the next line may be; None: anywhere
        self.level = None  # privilege of the next line, if known
        self.seen = collections.Counter()

    def expect(self, what, got, wanted):
        if wanted is not None and got != wanted:
            raise Mismatch(f"{what}: the log says {got:#x}, earlier lines {wanted:#x}")

    def load(self, address, size):
        data = [self.memory.get(address + n) for n in range(size)]
        return None if None in data else sum(byte << 8 * n for n, byte in enumerate(data))

    def store(self, address, size, value):
        for n in range(size):
            self.memory[address + n] = value >> 8 * n & 0xff

    def address(self, operand):
        offset, register = re.fullmatch(r"(-?\d*)\(x(\d+)\)", operand).groups()
        base = self.x.get(int(register))
        return None if base is None else base + int(offset or 0) & MASK

    def feed(self, line):
        match = LINE.fullmatch(line)
        if not match:
            raise Mismatch("no line of a commit log")
        pc = int(match[3], 16)
        entries = ENTRY.findall(match[5])
        if "".join(m.group(0) for m in ENTRY.finditer(match[5])) != match[5]:
            raise Mismatch(f"an entry of another form: {match[5]}")
        registers = [(e[0], int(e[1]), int(e[2], 16)) for e in entries if e[0]]
        csrs = {e[3]: int(e[4], 16) for e in entries if e[3]}
        memory = [(int(e[6], 16), e[7]) for e in entries if e[5]]
        if self.next is not None and pc not in self.next:
            self.trap(pc)
        self.seen["lines"] += 1
        self.seen["user"] += match[2] == "0"
        self.expect("level", int(match[2]), self.level)
        self.level = int(match[2])
        self.next = None
        if pc in self.code:  # not the boot code
            word, name, operands = self.code[pc]
            self.expect("instruction", int(match[4], 16), int(word, 16))
            self.next = {pc + len(word) // 2}
            self.check(pc, name, operands, registers, csrs, memory)
        for kind, number, value in registers:
            (self.x if kind == "x" else self.f)[number] = value
        self.csr.update(csrs)

    def trap(self, pc):
        """The lines do not follow each other: a trap has been entered, without a line."""
        mtvec = self.csr.get("mtvec", 0)
        vectors = {mtvec & ~3} | ({(mtvec & ~3) + 4 * n for n in (3, 7, 11)} if mtvec & 1 else set())
        if "mtvec" in self.csr and pc not in vectors:
            raise Mismatch("neither the next instruction nor a trap's handler")
        self.seen["traps"] += 1
        for name in TRAP_CSRS:
            self.csr.pop(name, None)
        old = self.csr.pop("mstatus", None)
        if old is not None and self.level is not None:
            self.csr["mstatus"] = (old & ~(MIE | MPIE | MPP) | (MPIE if old & MIE else 0) |
                                   (MPP if self.level == 3 else 0))
        self.level = 3

    def check(self, pc, name, operands, registers, csrs, memory):
        plain = re.sub(r"^c\.|\.(?:aq|rl|aqrl)$", "", name)
        amo = re.fullmatch(r"amo(\w+)\.w", plain)
        load = re.fullmatch(r"f?l(b|bu|h|hu|w)(?:sp)?", plain)
        store = re.fullmatch(r"f?s(b|h|w)(?:sp)?", plain)
        if load or plain == "lr.w":
            self.check_load(operands, SIZE[load[1]] if load else 4, "u" not in plain, registers,
                            memory)
        elif store:
            value = (self.f if plain[0] == "f" else self.x).get(int(operands[0][1:]))
            self.check_store(self.address(operands[1]), SIZE[store[1]], value, memory)
        elif amo:
            self.check_amo(AMO[amo[1]], operands, registers, memory)
        elif plain == "sc.w":
            done = dict((r[1], r[2]) for r in registers).get(int(operands[0][1:]))
            self.seen["sc"] += bool(memory)
            if (done == 0) != bool(memory):
                raise Mismatch("a store without success, or success without a store")
            if memory:
                self.check_store(self.address(operands[2]), 4, self.x.get(int(operands[1][1:])),
                                 memory)
        elif memory:
            raise Mismatch(f"{name} does not touch memory")
        self.check_jump(pc, plain, operands, registers)
        self.check_csrs(plain, operands, registers, csrs)

    def check_load(self, operands, size, sign, registers, memory):
        if len(memory) != 1 or memory[0][1]:
            raise Mismatch("a load has one address and no value")
        address = memory[0][0]
        self.expect("address", address, self.address(operands[1]))
        known = self.load(address, size)
        if known is not None and sign:
            known = signed(known, size) & MASK
        if registers:
            self.expect("loaded value", registers[0][2], known)
            self.seen["loads of known values"] += known is not None
        self.seen["unaligned"] += address % size != 0

    def check_store(self, address, size, value, memory):
        if len(memory) != 1 or len(memory[0][1]) != 2 * size:
            raise Mismatch(f"a store of {size} bytes")
        self.expect("address", memory[0][0], address)
        stored = int(memory[0][1], 16)
        self.expect("stored value", stored, None if value is None else value & (1 << 8 * size) - 1)
        if memory[0][0] >= 0x80000000:  # devices read as they like
            self.store(memory[0][0], size, stored)

    def check_amo(self, operation, operands, registers, memory):
        if len(memory) != 2 or memory[0][1] or len(memory[1][1]) != 8:
            raise Mismatch("an AMO loads and stores")
        address, old = memory[0][0], self.load(memory[0][0], 4)
        self.expect("address", address, self.address(operands[2]))
        self.expect("address of the store", memory[1][0], address)
        if registers:
            self.expect("old value", registers[0][2], old)
        operand = self.x.get(int(operands[1][1:]))
        if old is not None and operand is not None:
            self.expect("stored value", int(memory[1][1], 16), operation(old, operand) & MASK)
            self.seen["amo"] += 1
        self.store(address, 4, int(memory[1][1], 16))

    def check_jump(self, pc, name, operands, registers):
        behind = next(iter(self.next))
        if name in ("jal", "j"):
            self.next = {int(operands[-1], 16)}
        elif name in ("jalr", "jr"):
            target = self.address(operands[-1]) if "(" in operands[-1] else (
                self.x.get(int(operands[-1][1:])))
            self.next = None if target is None else {target & ~1}
        elif name in BRANCHES:
            self.next = {behind, int(operands[-1], 16)}
        elif name == "mret":
            self.next = {self.csr["mepc"]} if "mepc" in self.csr else None
        if name in ("jal", "jalr") and registers:
            self.expect("return address", registers[0][2], behind)

    def check_csrs(self, name, operands, registers, csrs):
        if name == "mret":
            if list(csrs) != ["mstatush", "mstatus"]:
                raise Mismatch("mret writes mstatus and mstatush")
            self.level = None
            if "mstatus" in self.csr:
                old = self.csr["mstatus"]
                self.level = 3 if old & MPP else 0
                self.expect("mstatus", csrs["mstatus"], old & ~(MIE | MPP) | MPIE |
                            (MIE if old & MPIE else 0))
            return
        if not name.startswith("csr"):
            self.check_float_state(csrs)
            return
        csr = operands[1]
        old = self.csr.get(csr)
        if csr == "fcsr" and "frm" in self.csr and "fflags" in self.csr:
            old = self.csr["frm"] << 5 | self.csr["fflags"]
        if COUNTERS.fullmatch(csr):
            return
        if registers and csr != "mip":
            self.expect(csr, registers[0][2], old)
            self.seen[f"known {csr}"] += old is not None
        writes = name[3:5] == "rw" or operands[2] not in ("0", "x0")
        if not writes and csrs:
            raise Mismatch("a CSR that was only read")
        wanted = {"fflags", "frm"} if csr == "fcsr" else {csr}
        if writes and not wanted <= set(csrs) <= wanted | ({"mstatus"} if csr[0] == "f" else set()):
            raise Mismatch(f"{csr} was written, not {list(csrs)}")
        if csr in ("mscratch", "fflags", "mepc") and writes and old is not None:
            self.check_written(name, csr, operands[2], old, csrs[csr])

    def check_written(self, name, csr, operand, old, written):
        value = self.x.get(int(operand[1:])) if operand[0] == "x" else int(operand)
        if value is None:
            return
        value = {"w": value, "s": old | value, "c": old & ~value}[name[4]]
        self.expect(csr, written, value & {"fflags": 31, "mepc": MASK - 1}.get(csr, MASK))

    def check_float_state(self, csrs):
        """Only an instruction of F changes CSRs besides: flags grow, FS becomes dirty once."""
        if not set(csrs) <= {"fflags", "mstatus"}:
            raise Mismatch(f"{list(csrs)} written by an instruction that cannot")
        if "fflags" in csrs:
            self.seen["flags"] += 1
            if csrs["fflags"] == 0 or self.csr.get("fflags", 0) & ~csrs["fflags"]:
                raise Mismatch("flags that are gone")
        if "mstatus" in csrs:
            self.seen["dirty"] += 1
            if csrs["mstatus"] & (FS | SD) != FS | SD or self.csr.get("mstatus", 0) & FS == FS:
                raise Mismatch("mstatus shows though FS has not become dirty")


def replay(elf, lines):
    """@return what was seen, by kind. @throws Mismatch with number and text of the line."""
    state = Replay(elf)
    for number, line in enumerate(lines, 1):
        try:
            state.feed(line)
        except Mismatch as error:
            raise Mismatch(f"line {number}: {line}\n{error}") from None
    return state.seen
