# SPDX-License-Identifier: Apache-2.0
"""What a run can tell of its program: instruction trace, profile, report of a crash; and what the
platform tells of itself: registers as SVD, device tree."""

import pathlib
import re
import shutil
import struct
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import programs
import support

LINE = re.compile(
    r"core {3}[0-9]: [03] 0x[0-9a-f]{8} \(0x(?:[0-9a-f]{4}|[0-9a-f]{8})\)"
    r"(?: c\d+_[a-z0-9]+ 0x[0-9a-f]{8})*(?: [xf]\d{1,2} {1,2}0x[0-9a-f]{8})?"
    r"(?: c\d+_[a-z0-9]+ 0x[0-9a-f]{8})*(?: mem 0x[0-9a-f]{8}(?: 0x[0-9a-f]{2,8})?)*")


@programs.needs_compiler
class Traces(unittest.TestCase):
    def trace(self, elf, *options):
        out = programs.WORK / f"{self.id().rsplit('.', 1)[1]}.log"
        done = programs.run(elf, "--itrace", out, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out.read_text(encoding="ascii").splitlines()

    def kernel(self):
        return programs.build("rtos_tick", programs.BARE, "start.S", "kernel_trap.S", "rtos_tick.c")

    def test_lines_have_the_form_of_spikes_commit_log(self):
        lines = self.trace(self.kernel(), "--itrace-to", "3 ms")
        self.assertGreater(len(lines), 1000)
        for line in lines:
            self.assertRegex(line, f"^{LINE.pattern}$")
        self.assertEqual(lines[0], "core   0: 3 0x00001000 (0x00000297) x5  0x00001000")

    def test_a_window_from_one_symbol_to_another(self):
        lines = self.trace(self.kernel(), "--itrace-from", "main", "--itrace-to", "resume")
        symbols = support.run("riscv64-unknown-elf-nm", self.kernel()).stdout
        main = re.search(r"^([0-9a-f]{8}) T main$", symbols, re.MULTILINE).group(1)
        resume = re.search(r"^([0-9a-f]{8}) T resume$", symbols, re.MULTILINE).group(1)
        self.assertIn(f"0x{main}", lines[0])
        self.assertFalse(any(f" 0x{resume} (" in line for line in lines))

    def test_wrong_windows_are_refused(self):
        for wrong in ("no_such_symbol", "12 parsecs", "main+x"):
            done = programs.run(self.kernel(), "--itrace", programs.WORK / "x.log", "--itrace-from",
                                wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--itrace-from", done.stderr)
        self.assertFalse((programs.WORK / "x.log").exists())

    def test_a_window_that_is_not_as_asked_for_is_told(self):
        log = programs.WORK / "window.log"
        for window, told in (
                (("--itrace-from", "main", "--itrace-to", "0x80100000"),
                 "goes to the end: --itrace-to 0x80100000 was not reached in it"),
                (("--itrace-from", "0x80100000", "--itrace-to", "main"),
                 "did not reach --itrace-from 0x80100000"),
                (("--itrace-from", "main", "--itrace-to", "0 s"),
                 "nothing was executed from --itrace-from main before --itrace-to 0 s"),
                (("--itrace-to", "1 ns"), "nothing was executed before --itrace-to 1 ns")):
            with self.subTest(window):
                done = programs.run(self.kernel(), "--itrace", log, *window)
                self.assertEqual(done.returncode, 0)
                self.assertIn(told, done.stderr)
        for window in (("--itrace-from", "1 us", "--itrace-to", "main"), ("--itrace-to", "main"),
                       ("--itrace-from", "main", "--itrace-to", "1 s")):
            with self.subTest(window):
                done = programs.run(self.kernel(), "--itrace", log, *window)
                self.assertNotIn("trace", done.stderr)
        done = programs.run(self.kernel(), "--itrace", log, "--itrace-from", "main",
                            "--itrace-to", "main")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--itrace-to: error: 'main' is the instruction of --itrace-from", done.stderr)

    def test_trace_and_profile_change_nothing(self):
        elf = self.kernel()
        counts = set()
        for options in ((), ("--itrace", programs.WORK / "same.log"),
                        ("--profile", programs.WORK / "same.txt")):
            stats = programs.WORK / "same.json"
            programs.run(elf, "--stats", stats, *options)
            counts.add(re.search(r'"instructions": (\d+),\s*"cycles": (\d+)',
                                 stats.read_text()).groups())
        self.assertEqual(len(counts), 1, counts)

    def test_the_profile_counts_every_instruction_and_cycle(self):
        out, stats = programs.WORK / "kernel.txt", programs.WORK / "kernel.json"
        programs.run(self.kernel(), "--profile", out, "--stats", stats)
        rows = [line.split(None, 6) for line in out.read_text().splitlines()[1:]]
        total = re.search(r'"instructions": (\d+),\s*"cycles": (\d+)', stats.read_text()).groups()
        self.assertEqual(sum(int(row[1]) for row in rows), int(total[0]))
        self.assertEqual(sum(int(row[2]) for row in rows), int(total[1]))
        collapsed = pathlib.Path(f"{out}.collapsed").read_text().splitlines()
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in collapsed), int(total[1]))
        paths = {line.rsplit(" ", 1)[0] for line in collapsed}
        # Tasks keep their own call paths across changes of context.
        for task in ("task_even", "task_third", "task_busy"):
            self.assertIn(f"hart0;{task}", paths)
        self.assertTrue(any("machine_timer_interrupt];trap_entry;trap_handler" in path
                            for path in paths), paths)
        self.assertTrue(any(path.endswith("task_idle;[sleep]") for path in paths), paths)

    def profile(self, elf):
        """Rows of the table by function, cycles by call path; both hold every instruction."""
        out = programs.WORK / f"{self.id().rsplit('.', 1)[1]}.txt"
        stats = out.with_suffix(".json")
        done = programs.run(elf, "--profile", out, "--stats", stats)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = {row[6].strip(): [int(row[0]), int(row[1]), int(row[2])]
                for row in (line.split(None, 6) for line in out.read_text().splitlines()[1:])}
        lines = pathlib.Path(f"{out}.collapsed").read_text(encoding="ascii").splitlines()
        for line in lines:  # flamegraph.pl and speedscope: frames without spaces, a blank, a count
            self.assertRegex(line, r"^[^ ;]+(;[^ ;]+)* [1-9][0-9]*$")
        paths = {path: int(cycles) for path, cycles in (line.rsplit(" ", 1) for line in lines)}
        self.assertEqual(len(paths), len(lines), "each path once")
        total = re.search(r'"instructions": (\d+),\s*"cycles": (\d+)', stats.read_text()).groups()
        self.assertEqual(sum(row[1] for row in rows.values()), int(total[0]))
        self.assertEqual(sum(row[2] for row in rows.values()), int(total[1]))
        self.assertEqual(sum(paths.values()), int(total[1]))
        return rows, paths

    def test_the_profile_follows_calls_of_every_kind(self):
        elf = programs.build("calls", programs.BARE, "start.S", "calls.c")
        rows, paths = self.profile(elf)
        for name, calls in (("fib", 465), ("even", 501), ("odd", 500),
                            ("try_something", 50), ("try_deeper", 50), ("fail", 50),
                            ("after_jump", 50), ("only_ping", 101), ("only_pong", 100),
                            ("deep", 5 * 2001), ("after_deep", 5), ("both", 1)):
            self.assertEqual(rows[name][0], calls, name)
        alarm = r"\[machine_timer_interrupt\];handler"
        message = r"\[machine_software_interrupt\];handler"
        handlers = rf"(;{alarm}(;alarm(;{message}(;message)?)?)?)?"
        main = "_start;main"
        code = "|".join((
            r"\[unknown\]", "_start", main, f"{main}(;fib)+", f"{main};(even|odd)",
            f"{main};save", f"{main};try_something(;try_deeper(;fail(;restore)?)?)?",
            f"{main};after_jump", f"{main};both(;swap)?", f"{main};give_way(;swap)?",
            "p[io]ng(;give_way(;swap)?)?", "ping;only_ping", "pong;only_pong",
            "dive(;deep)*", "dive;after_deep", "dive;give_way(;swap)?"))
        for path in paths:
            self.assertRegex(path, rf"^hart0(;({code}){handlers})?$")
        self.assertEqual(max(path.count(";fib") for path in paths), 12)
        self.assertGreater(max(path.count(";deep") for path in paths), 1000)

    def test_a_reset_ends_all_calls(self):
        flags = [flag for flag in programs.BARE if flag != "-O2"]
        elf = programs.build("resets", [*flags, "-O1", "-fno-optimize-sibling-calls", "-DRESETS"],
                             "start.S", "crash.c")
        out = programs.WORK / "resets.txt"
        self.assertEqual(programs.run(elf, "--profile", out, until="50 us").returncode, 124)
        paths = [line.rsplit(" ", 1)[0]
                 for line in pathlib.Path(f"{out}.collapsed").read_text().splitlines()]
        calls = ["_start", "main", "outer", "middle", "innermost"]
        self.assertEqual(sorted(paths), sorted(["hart0", "hart0;[unknown]"] + [
            ";".join(["hart0", *calls[:n]]) for n in range(1, 6)]))


@programs.needs_compiler
class Crashes(unittest.TestCase):
    def test_a_fatal_trap_shows_code_registers_and_callers(self):
        flags = [flag for flag in programs.BARE if flag != "-O2"]
        elf = programs.build("crash", [*flags, "-O1", "-fno-optimize-sibling-calls"], "start.S",
                             "crash.c")
        done = programs.run(elf)
        self.assertEqual(done.returncode, 101, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("illegal instruction", done.stderr)
        self.assertRegex(done.stderr, r"=> 0x8[0-9a-f]{7}  innermost")
        callers = re.findall(r"#(\d+) +0x[0-9a-f]+  (\w+)", done.stderr)
        self.assertEqual([name for _, name in callers][:5],
                         ["innermost", "middle", "outer", "main", "_start"], done.stderr)

    def test_frame_pointers_are_followed_where_there_are_some(self):
        flags = [flag for flag in programs.BARE if flag != "-O2"]
        elf = programs.build("crash_fp", [*flags, "-O0", "-fno-omit-frame-pointer"], "start.S",
                             "crash.c")
        done = programs.run(elf)
        self.assertRegex(done.stderr, r"#1 .*middle.*\n.*#2 .*outer.*\n.*#3 .*main")

    def callers(self, *options):
        """What the report of a crash says, and the functions of its back-trace."""
        flags = [flag for flag in programs.BARE if flag != "-O2"]
        name = "crash_" + "".join(c if c.isalnum() else "_" for c in "".join(options))
        done = programs.run(programs.build(name, [*flags, *options], "start.S", "crash.c"))
        self.assertEqual(done.returncode, 101, done.stderr)
        return done.stderr, re.findall(r"#\d+ +0x[0-9a-f]+  (\w+)", done.stderr)

    STYLES = (("-O1", "-fno-optimize-sibling-calls"), ("-Os", "-fno-optimize-sibling-calls"),
              ("-O0", "-fno-omit-frame-pointer"),
              ("-O1", "-fno-optimize-sibling-calls", "-fno-omit-frame-pointer"))

    def test_callers_with_and_without_frame_pointers(self):
        for style in self.STYLES:
            with self.subTest(style):
                text, names = self.callers(*style)
                self.assertEqual(names[:5], ["innermost", "middle", "outer", "main", "_start"],
                                 text)
                self.assertEqual("by frame pointers" in text, "-fno-omit-frame-pointer" in style)

    def test_callers_of_a_null_pointer(self):
        for style in self.STYLES:
            with self.subTest(style):
                text, names = self.callers("-DNULL_CALL", *style)
                self.assertEqual(names[:6], ["0x00000000", "innermost", "middle", "outer", "main",
                                             "_start"], text)

    def test_a_crash_in_a_handler_says_what_was_interrupted(self):
        for style in self.STYLES:
            with self.subTest(style):
                text, names = self.callers("-DIN_HANDLER", *style)
                self.assertEqual(names[:5], ["innermost", "middle", "outer", "handler", "main"],
                                 text)
                self.assertRegex(text, r"in the handler of machine timer interrupt, which came at "
                                 r"0x8[0-9a-f]{7} \(interrupted")

    def test_a_crash_with_a_wild_stack_pointer(self):
        # Odd, wrapping, in a device whose registers must not be read, at the end of memory.
        for value in ("0x13", "-16", "0x10000000", "0x0c200004", "0x8ffffffc"):
            with self.subTest(value):
                text, names = self.callers(f"-DWILD_SP={value}", *self.STYLES[0])
                self.assertEqual(names, ["innermost", "middle"], text)

    def test_overlapping_huge_and_cut_off_segments(self):
        good = bytearray(programs.build("echo", programs.BARE, "start.S",
                                        "uart_echo.c").read_bytes())
        table = struct.unpack_from("<I", good, 28)[0]
        loads = [table + 32 * i for i in range(struct.unpack_from("<H", good, 44)[0])
                 if struct.unpack_from("<I", good, table + 32 * i)[0] == 1]

        def broken(offset, value, at=loads[-1]):
            image = bytearray(good)
            struct.pack_into("<I", image, at + offset, value)
            path = programs.WORK / "broken.elf"
            path.write_bytes(image)
            done = programs.run(path)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            return done.stderr

        first = struct.unpack_from("<I", good, loads[0] + 12)[0]
        self.assertIn("overlap", broken(12, first + 4))
        self.assertIn("is not memory", broken(20, 0x40000000))
        self.assertIn("wraps", broken(20, 0xffffffff))
        self.assertIn("beyond", broken(4, len(good)))
        self.assertIn("more bytes", broken(16, 0x7fffffff))


class Descriptions(unittest.TestCase):
    ACCESS = {"read-only", "write-only", "read-write"}

    def svd(self, platform):
        done = support.run(support.VP, "describe", platform, "--svd")
        self.assertEqual(done.returncode, 0, done.stderr)
        return ElementTree.fromstring(done.stdout.encode())

    def order(self, element, names):
        """Children come in the order of the CMSIS-SVD schema, and there are no others."""
        tags = [child.tag for child in element]
        for tag in tags:
            self.assertIn(tag, names, f"{element.tag} has no child {tag}")
        self.assertEqual(tags, sorted(tags, key=names.index), f"children of {element.tag}")

    def number(self, element, name):
        return int(element.findtext(name), 0)

    def check_field(self, field, bits):
        self.order(field, ["name", "description", "bitOffset", "bitWidth", "access",
                           "modifiedWriteValues"])
        self.assertIn(field.findtext("access"), self.ACCESS)
        low, width = self.number(field, "bitOffset"), self.number(field, "bitWidth")
        self.assertGreater(width, 0)
        mine = set(range(low, low + width))
        self.assertFalse(mine & bits, f"{field.findtext('name')} overlaps another field")
        return mine

    def check_register(self, register, limit, taken):
        self.order(register, ["dim", "dimIncrement", "name", "description", "addressOffset", "size",
                              "access", "resetValue", "fields"])
        name = register.findtext("name")
        self.assertRegex(name, r"^[A-Za-z_][A-Za-z0-9_]*(\[%s\]|%s)?$")
        self.assertEqual("%s" in name, register.find("dim") is not None)
        self.assertIn(register.findtext("access"), self.ACCESS)
        size = self.number(register, "size")
        self.assertIn(size, (8, 32))
        self.assertLess(self.number(register, "resetValue"), 1 << size)
        count = self.number(register, "dim") if register.find("dim") is not None else 1
        step = self.number(register, "dimIncrement") if count > 1 else 0
        self.assertEqual("[%s]" in name, step == size // 8, "[%s] becomes an array without gaps")
        last = self.number(register, "addressOffset") + (count - 1) * step + size // 8
        self.assertLessEqual(last, limit, f"{name} lies outside its block")
        start = self.number(register, "addressOffset")
        self.assertNotIn((start, name), taken)
        taken.add((start, name))
        bits = set()
        for field in register.findall("fields/field"):
            bits |= self.check_field(field, bits)
        self.assertLessEqual(max(bits, default=0), size - 1)

    def check_device(self, platform):
        device = self.svd(platform)
        self.assertEqual(device.tag, "device")
        self.assertEqual(device.get("schemaVersion"), "1.3")
        self.order(device, ["name", "version", "description", "addressUnitBits", "width", "size",
                            "access", "resetValue", "resetMask", "peripherals"])
        seen, ranges = set(), []
        for peripheral in device.findall("peripherals/peripheral"):
            self.order(peripheral, ["name", "description", "groupName", "baseAddress",
                                    "addressBlock", "interrupt", "registers"])
            name = peripheral.findtext("name")
            self.assertNotIn(name, seen)
            origin = peripheral.get("derivedFrom")
            if origin is not None:
                self.assertIn(origin, seen, "derived from one that stands before")
            seen.add(name)
            block = peripheral.find("addressBlock")
            self.order(block, ["offset", "size", "usage"])
            base, size = self.number(peripheral, "baseAddress"), self.number(block, "size")
            for other, start, end in ranges:
                self.assertFalse(base < end and start < base + size, f"{name} overlaps {other}")
            ranges.append((name, base, base + size))
            self.assertEqual(origin is None, peripheral.find("registers") is not None)
            taken = set()
            for register in peripheral.findall("registers/register"):
                self.check_register(register, size, taken)
        return device, seen

    def test_registers_as_svd(self):
        device, seen = self.check_device("tiny")
        for name in ("uart0", "plic0", "clint0", "finisher", "dma0", "noc", "tile0", "act0"):
            self.assertIn(name, seen)
        uart = next(one for one in device.iter("peripheral") if one.findtext("name") == "uart0")
        self.assertEqual(self.number(uart, "baseAddress"), 0x10000000)
        self.assertEqual(self.number(uart.find("interrupt"), "value"), 10)

    def test_registers_of_a_large_platform_as_svd(self):
        device, seen = self.check_device("hermes64")
        tiles = [one for one in device.iter("peripheral") if one.findtext("groupName") == "cim"]
        self.assertEqual(len(tiles), 64)
        self.assertEqual(sum(one.get("derivedFrom") is None for one in tiles), 1)

    @unittest.skipUnless(shutil.which("dtc"), "skipped: no dtc (device-tree-compiler)")
    def test_the_device_tree_compiles(self):
        for platform in ("tiny", "hermes64"):
            source = support.run(support.VP, "describe", platform, "--dts").stdout
            done = subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-o", "-"],
                                  input=source.encode(), capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, b"", "dtc warns")
            back = subprocess.run(["dtc", "-I", "dtb", "-O", "dts"], input=done.stdout,
                                  capture_output=True, check=True).stdout.decode()
            self.assertIn('compatible = "ns16550a"', back)
            self.assertIn("timebase-frequency = <0x989680>", back)

    @unittest.skipUnless(shutil.which("dtc"), "skipped: no dtc (device-tree-compiler)")
    def test_the_flattened_tree_is_that_of_dtc(self):
        names = ("tiny", "hermes64", "mixed", support.ROOT / "tests/platforms/eight_harts.yaml")
        for platform in names:
            source = support.run(support.VP, "describe", platform, "--dts").stdout
            theirs = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb"], input=source.encode(),
                                    capture_output=True, check=True).stdout
            ours = subprocess.run([support.VP, "describe", platform, "--dtb"], capture_output=True,
                                  check=True).stdout
            self.assertEqual(ours, theirs, platform)

    def test_the_device_tree_has_what_drivers_look_for(self):
        text = support.run(support.VP, "describe", "tiny", "--dts").stdout
        for part in ('compatible = "ns16550a"', "interrupts = <10>", 'compatible = "sifive,clint0"',
                     "riscv,ndev = <96>", "memory@80000000", 'riscv,isa = "rv32i',
                     "stdout-path = &uart0", "timebase-frequency = <10000000>",
                     # Zephyr's bindings ask for these two.
                     "riscv,max-priority = <7>", "reg-shift = <0>"):
            self.assertIn(part, text)

    @unittest.skipUnless(shutil.which("dtc") and programs.QEMU,
                         "skipped: no dtc or no qemu-system-riscv32")
    def test_the_device_tree_has_the_devices_of_qemu(self):
        """Drivers that find their devices in QEMU's tree find them in ours at the same place. Some
        are exact: RTEMS wants "ns16550a" alone and no more interrupt sources than it has handlers
        for."""
        blob = programs.WORK / "virt.dtb"
        for harts, platform in ((1, "tiny"), (2, support.ROOT / "tests/platforms/two_harts.yaml")):
            support.run(programs.QEMU, "-M", f"virt,dumpdtb={blob}", "-bios", "none", "-display",
                        "none", "-smp", str(harts))
            source = support.run(support.VP, "describe", platform, "--dts").stdout
            ours = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb"], input=source.encode(),
                                  capture_output=True, check=True).stdout
            there, here = Tree(blob.read_bytes()), Tree(ours)
            for path in ("/soc/serial@10000000", "/soc/test@100000", "/soc/clint@2000000",
                         "/soc/plic@c000000", "/soc/virtio_mmio@10001000",
                         "/soc/virtio_mmio@10008000"):
                node = there.nodes[path]
                mine = here.with_register(node["reg"])
                for name in ("reg", "interrupts", "clock-frequency", "#interrupt-cells",
                             "interrupt-controller", "#address-cells", "riscv,ndev",
                             "compatible"):
                    self.assertEqual(mine.get(name), node.get(name), f"{path} {name}")
                self.assertEqual(self.machine_lines(here, mine), self.machine_lines(there, node))
            for path in ("/poweroff", "/reboot"):
                for name in ("compatible", "offset", "value"):
                    self.assertEqual(here.nodes[path][name], there.nodes[path][name])
            for hart in range(harts):
                self.assertEqual(here.nodes[f"/cpus/cpu@{hart}"]["reg"],
                                 there.nodes[f"/cpus/cpu@{hart}"]["reg"])
            self.assertEqual(here.nodes["/cpus"]["timebase-frequency"],
                             there.nodes["/cpus"]["timebase-frequency"])

    def machine_lines(self, tree, node):
        """Place, hart and cause of each line into a hart; supervisor lines are none of ours."""
        lines = struct.unpack(f">{len(node.get('interrupts-extended', b'')) // 4}I",
                              node.get("interrupts-extended", b""))
        return [(at, tree.hart_of(phandle), cause)
                for at, (phandle, cause) in enumerate(zip(lines[::2], lines[1::2]))
                if cause not in (9, 0xffffffff)]


class Tree:
    """Nodes of a flattened device tree by path, each with its properties as bytes."""

    def __init__(self, blob):
        header = struct.unpack(">10I", blob[:40])
        at, strings = header[2], header[3]
        self.nodes, path = {}, []
        while True:
            token, = struct.unpack_from(">I", blob, at)
            at += 4
            if token == 1:
                end = blob.index(b"\0", at)
                path.append(blob[at:end].decode())
                self.nodes["/".join(path) or "/"] = {}
                at = (end + 4) & ~3
            elif token == 2:
                path.pop()
            elif token == 3:
                length, name = struct.unpack_from(">2I", blob, at)
                name = blob[strings + name:blob.index(b"\0", strings + name)].decode()
                self.nodes["/".join(path) or "/"][name] = blob[at + 8:at + 8 + length]
                at = (at + 8 + length + 3) & ~3
            elif token == 9:
                return

    def with_register(self, reg):
        return next(node for node in self.nodes.values() if node.get("reg") == reg)

    def hart_of(self, phandle):
        for path, node in self.nodes.items():
            if node.get("phandle") == struct.pack(">I", phandle):
                hart = self.nodes[path.rsplit("/", 1)[0]]["reg"]
                return struct.unpack(">I", hart)[0]
        raise AssertionError(f"no node has the phandle {phandle}")


if __name__ == "__main__":
    unittest.main()
