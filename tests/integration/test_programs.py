# SPDX-License-Identifier: Apache-2.0
"""Programs written elsewhere run as they are: how they print, end, keep files and talk."""

import json
import os
import re
import select
import socket
import subprocess
import time
import unittest

import programs
import support


def popen(elf, *options):
    return subprocess.Popen([str(part) for part in
                             (support.VP, "run", "--platform", "tiny", "--firmware", elf, "--until",
                              "60 s", *options)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@programs.needs_compiler
class Htif(unittest.TestCase):
    """The conventions of riscv-tests and riscv-arch-test."""

    def check(self, name, *flags, code, options=()):
        elf = programs.build(name, programs.BARE, *flags, "htif.S")
        signature = programs.WORK / f"{name}.signature"
        done = programs.run(elf, "--signature", signature, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "htif console\n")
        return signature.read_text(encoding="ascii")

    def test_pass_with_both_words_written(self):
        self.assertEqual(self.check("htif_pass", "-DVALUE=1", code=0),
                         "deadbeef\n01234567\n89abcdef\n")

    def test_failure_with_the_low_word_only(self):
        self.check("htif_fail", "-DVALUE=15", "-DLOW_ONLY", code=7)

    def test_console_with_the_high_word_first(self):
        self.check("htif_high", "-DVALUE=1", "-DHIGH_FIRST", code=0)

    def test_signature_in_lines_of_sixteen_bytes(self):
        text = self.check("htif_wide", "-DVALUE=1", code=0,
                          options=("--signature-granularity", 16))
        self.assertEqual(text, "0000000089abcdef01234567deadbeef\n")

    def test_the_end_does_not_depend_on_the_quantum(self):
        elf = programs.build("htif_quantum", programs.BARE, "-DVALUE=1", "htif.S")
        counts = set()
        for quantum in ("100 ns", "1 us", "50 us"):
            stats = programs.WORK / "htif_quantum.json"
            programs.run(elf, "--quantum", quantum, "--stats", stats)
            counts.add(re.search(r'"instructions": (\d+)', stats.read_text()).group(1))
        self.assertEqual(len(counts), 1, counts)

    def test_a_program_without_signature_is_refused(self):
        elf = programs.build("echo", programs.BARE, "start.S", "uart_echo.c")
        out = programs.WORK / "none.signature"
        done = programs.run(elf, "--signature", out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("begin_signature", done.stderr)
        self.assertFalse(out.exists())

    def test_no_signature_is_left_by_a_program_that_did_not_end(self):
        elf = programs.build("htif_until", programs.BARE, "-DVALUE=1", "htif.S")
        out = programs.WORK / "until.signature"
        done = programs.run(elf, "--signature", out, until="1 us")
        self.assertEqual(done.returncode, 124)
        self.assertIn("no signature", done.stderr)
        self.assertFalse(out.exists())


@programs.needs_picolibc
class Picolibc(unittest.TestCase):
    """Start-up code, C library and semihosting as Debian packages them."""

    OUTPUT = ("hello from picolibc, 3.142\nsum 2475.0\nread: first line\nread: second 2\n"
              "input: typed\n")

    def hosted(self):
        return programs.build("picolibc_semihost", programs.HOSTED,
                              "-DPICOLIBC_DOUBLE_PRINTF_SCANF", "--oslib=semihost",
                              "--crt0=semihost", "picolibc_semihost.c")

    def test_console_files_and_exit_code_by_semihosting(self):
        elf = self.hosted()
        files = programs.WORK / "semihost_files"
        files.mkdir(exist_ok=True)
        typed = programs.WORK / "typed.txt"
        typed.write_text("typed\n", encoding="ascii")
        with open(typed, "rb") as stdin:
            done = programs.run(elf, "--semihost-dir", files, stdin=stdin)
        self.assertEqual(done.stdout, self.OUTPUT)
        self.assertEqual(done.returncode, 42, done.stderr)
        self.assertEqual((files / "out.txt").read_text(), "first line\nsecond 2\n")
        self.assertEqual([path.name for path in files.iterdir()], ["out.txt"])
        self.assertFalse((files.parent / "escape.txt").exists())

    def test_without_a_directory_there_are_no_files(self):
        done = programs.run(self.hosted())
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertTrue(done.stdout.endswith("no files\n"), done.stdout)

    def test_the_sequence_traps_when_semihosting_is_off(self):
        done = programs.run(self.hosted(), "--no-semihosting", until="1 ms")
        self.assertEqual(done.stdout, "")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("breakpoint", done.stderr)

    def test_a_directory_that_does_not_exist(self):
        done = programs.run(self.hosted(), "--semihost-dir", "/no/such/place")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/no/such/place", done.stderr)

    def test_printf_and_scanf_over_the_serial_port(self):
        elf = programs.build("picolibc_uart", programs.HOSTED, "-DPICOLIBC_DOUBLE_PRINTF_SCANF",
                             "--crt0=hosted", "picolibc_uart.c")
        typed = programs.WORK / "uart_input.txt"
        typed.write_text("Ada 107\n", encoding="ascii")
        done = programs.run(elf, "--uart-input", typed)
        self.assertEqual(done.stdout, "name and number?\n2: Ada times two is 214, half 53.50\n")
        self.assertEqual(done.returncode, 7, done.stderr)


@programs.needs_compiler
@unittest.skipUnless(programs.QEMU, "skipped: no qemu-system-riscv32")
class Kernels(unittest.TestCase):
    """What real-time kernels for QEMU's virt machine rely on does the same there and here."""

    def check(self, name, *sources, start="start.S"):
        elf = programs.build(name, programs.BARE, start, *sources)
        here, there = programs.run(elf), programs.run_qemu(elf)
        self.assertEqual(here.stdout, there.stdout.replace("\r\n", "\n"))
        self.assertEqual((here.returncode, there.returncode), (0, 0), here.stderr)
        return here.stdout

    def test_what_start_up_code_finds(self):
        self.assertIn("mcr 00000008\ntrap 00000008\n", self.check("reset_state", "reset_state.c"))

    def test_tick_preemption_and_yield(self):
        self.assertIn("third 00000018", self.check("rtos_tick", "kernel_trap.S", "rtos_tick.c"))

    def test_queues_time_slices_and_nested_vectored_interrupts(self):
        output = self.check("rtos_queue", "rtos_vectors.S", "rtos_queue.c")
        self.assertTrue(output.endswith("every handler interrupted 00000001\ndrift 00000000\n"
                                        "float threads saved 00000001\n"
                                        "other threads saved 00000000\n"), output)

    def test_a_user_thread_behind_memory_protection(self):
        self.assertIn("interrupted in user mode",
                      self.check("user_thread", "kernel_trap.S", "user_thread.c"))

    def test_the_drivers_of_zephyr(self):
        self.assertIn("vectors 00000888", self.check("zephyr_drivers", "zephyr_drivers.c"))

    def test_the_kernel_of_zephyr(self):
        output = self.check("zephyr_kernel", "zephyr_kernel.c", start="zephyr_trap.S")
        self.assertTrue(output.endswith("thread ended\npower off\n"), output)

    def test_corners_of_the_devices(self):
        output = self.check("virt_devices", "virt_devices.c")
        self.assertIn("again after a disabled completion 0000000a\n", output)

    def test_the_device_tree_in_a1(self):
        elf = programs.build("device_tree", programs.BARE, "start.S", "device_tree.c")
        here = programs.run(elf)
        there = programs.run_qemu(elf, "-m", "256")
        # Nodes may come in any order.
        self.assertEqual(sorted(here.stdout.splitlines()), sorted(there.stdout.splitlines()))
        self.assertIn("virtio 00000008\n", here.stdout)
        self.assertEqual((here.returncode, there.returncode), (0, 0), here.stderr)

    def test_two_harts_share_the_interrupt_controller(self):
        elf = programs.build("plic_harts", programs.BARE, "harts_start.S", "plic_harts.c")
        here = programs.run(elf, platform=support.PLATFORMS / "two_harts.yaml")
        there = programs.run_qemu(elf, "-smp", "2")
        self.assertEqual(here.stdout, there.stdout.replace("\r\n", "\n"))
        self.assertEqual((here.returncode, there.returncode), (0, 0), here.stderr)

    def test_random_accesses_to_the_other_devices(self):
        self.assertEqual(self.check("device_random", "device_random.c").count("sum "), 20)

    def test_random_accesses_to_the_serial_port(self):
        self.assertEqual(self.check("uart_random", "uart_random.c").count("sum "), 20)

    def test_the_rate_of_the_serial_port(self):
        output = self.check("uart_rate", "uart_rate.c")
        self.assertIn("divisor 012c0bb8\nchanged 000003c0\n", output)  # 300 * 10 bits, 96 * 10
        elf = programs.WORK / "uart_rate.elf"
        timed = programs.run(elf, "--set", "uart0.timed_transmit=true")
        self.assertEqual((timed.stdout, timed.stderr, timed.returncode), (output, "", 0))

    def test_every_interrupt_of_the_serial_port(self):
        self.assertIn("threshold lowered", self.check("uart_irq", "uart_irq.c"))


@programs.needs_compiler
class SerialPort(unittest.TestCase):
    """The far ends of the serial port."""

    EXPECTED = "ready\nHELLO q\nbye\n".replace("q", "Q")

    def echo(self):
        return programs.build("echo", programs.BARE, "start.S", "uart_echo.c")

    def read_until(self, read, end, text=""):
        deadline = time.monotonic() + 60
        while end not in text and time.monotonic() < deadline:
            text += read()
        self.assertIn(end, text)
        return text

    def announced(self, process, pattern):
        line = process.stderr.readline().decode()
        self.assertRegex(line, pattern)
        return re.search(pattern, line).group(1)

    def test_standard_input(self):
        process = popen(self.echo(), "--uart", "stdio")
        out, err = process.communicate(b"hello q", timeout=60)
        self.assertEqual(out.decode(), self.EXPECTED, err)
        self.assertEqual(process.returncode, 0)

    def test_a_run_whose_input_ends_too_early_says_so(self):
        done = subprocess.run([support.VP, "run", "tiny", "--firmware", self.echo(), "--uart",
                               "stdio"], input=b"hello", capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"every hart sleeps", done.stderr)

    def test_input_from_a_file_is_reproducible(self):
        typed = programs.WORK / "echo_input.txt"
        typed.parent.mkdir(parents=True, exist_ok=True)
        typed.write_text("hello q", encoding="ascii")
        counts = set()
        for quantum in ("1 us", "10 us"):
            stats = programs.WORK / "echo.json"
            done = programs.run(self.echo(), "--uart-input", typed, "--stats", stats, "--quantum",
                                quantum)
            self.assertEqual(done.stdout, self.EXPECTED, done.stderr)
            counts.add(re.search(r'"instructions": (\d+)', stats.read_text()).group(1))
        self.assertEqual(len(counts), 1, counts)

    def time_of(self, text, *options):
        """Seconds of simulated time that the program takes to echo the text."""
        typed, stats = programs.WORK / "paced_input.txt", programs.WORK / "paced.json"
        typed.write_text(text, encoding="ascii")
        done = programs.run(self.echo(), "--uart-input", typed, "--stats", stats, *options)
        self.assertEqual(done.stdout, f"ready\n{text.upper()}\nbye\n", done.stderr)
        return json.loads(stats.read_text())["simulated_s"]

    def test_input_comes_at_the_rate_of_the_port(self):
        # The program leaves the port as it is after reset: divisor 12, seven bits a character.
        for clock in (3686400, 1000000):
            options = ("--set", f"uart0.clock={clock} Hz")
            paced = self.time_of("x" * 109 + "q", *options) - self.time_of("x" * 9 + "q", *options)
            self.assertAlmostEqual(paced, 100 * 7 * 16 * 12 / clock, delta=1e-5)

    def test_the_device_tree_has_the_clock_of_the_port(self):
        for options, hertz in (((), 3686400), (("--set", "uart0.clock=24 MHz"), 24000000)):
            tree = support.run(support.VP, "describe", "tiny", "--dts", *options).stdout
            self.assertRegex(tree, rf"serial@10000000 {{[^}}]*clock-frequency = <{hertz}>;")

    def test_sent_characters_may_take_their_time(self):
        typed = programs.WORK / "timed_input.txt"
        typed.write_text("hello q", encoding="ascii")
        done = programs.run(self.echo(), "--uart-input", typed, "--set",
                            "uart0.timed_transmit=true")
        # The program does not wait for the transmitter before it powers off.
        self.assertEqual(done.stdout, self.EXPECTED[:-2])
        self.assertIn("'soc.uart0' still had 2 characters to send", done.stderr)
        self.assertEqual(done.returncode, 0)

    def test_a_file_takes_the_output(self):
        typed, out = programs.WORK / "file_input.txt", programs.WORK / "uart_out.txt"
        typed.parent.mkdir(parents=True, exist_ok=True)
        typed.write_text("hello q", encoding="ascii")
        done = programs.run(self.echo(), "--uart", f"file:{out}", "--uart-input", typed)
        self.assertEqual(done.stdout, "")
        self.assertEqual(out.read_text(), self.EXPECTED)

    def test_a_client_on_a_port(self):
        process = popen(self.echo(), "--uart", "tcp:0")
        try:
            port = int(self.announced(process, r"listening on 127\.0\.0\.1:(\d+)"))
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                text = self.read_until(lambda: client.recv(100).decode(), "ready\n")
                client.sendall(b"hello ")
                text = self.read_until(lambda: client.recv(100).decode(), "HELLO ", text)
                client.sendall(b"q")
                text = self.read_until(lambda: client.recv(100).decode(), "bye\n", text)
            self.assertEqual(text, self.EXPECTED)
            self.assertEqual(process.wait(timeout=60), 0)
        finally:
            process.kill()
            process.communicate()

    def test_a_pseudo_terminal(self):
        process = popen(self.echo(), "--uart", "pty")
        try:
            name = self.announced(process, r"(/dev/pts/\d+)")
            terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)

            def read():
                return os.read(terminal, 100).decode() if select.select([terminal], [], [], 60)[
                    0] else ""

            text = self.read_until(read, "ready\n")
            os.write(terminal, b"hello q")
            self.assertEqual(self.read_until(read, "bye\n", text), self.EXPECTED)
            self.assertEqual(process.wait(timeout=60), 0)
            os.close(terminal)
        finally:
            process.kill()
            process.communicate()

    def test_wrong_far_ends_are_refused(self):
        for wrong in ("tty", "tcp", "tcp:70000", "tcp:x", "file:", "stdio:1"):
            done = programs.run(self.echo(), "--uart", wrong)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertIn("--uart", done.stderr)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = programs.run(self.echo(), "--uart", f"tcp:{taken.getsockname()[1]}")
            self.assertEqual(done.returncode, 2)
            self.assertIn("cannot listen", done.stderr)


if __name__ == "__main__":
    unittest.main()
