# SPDX-License-Identifier: Apache-2.0
"""Wrong platform files: run and describe say the place and the remedy in one line."""

import unittest

import support
from test_errors import HELLO, HOST, Wrong


class Platform(Wrong):
    def platform(self, text):
        return self.scratch("chip.yaml", f"platform: chip\nextends: {HOST}\ninstances:\n{text}")

    def test_unknown_key(self):
        path = self.platform("  uart1: {ip: uart, bass: 0x10001000}\n")
        self.check(self.vp(platform=path), f"{path}:4:", "bass", "Known:")

    def test_unknown_parameter(self):
        path = self.platform("  noc: {params: {columms: 3}}\n")
        self.check(self.vp(platform=path), f"{path}:4:", "columms", "columns")

    def test_endpoints_that_no_bridge_reaches(self):
        self.check(self.vp("--set", "bridge0.size=4 KiB"), "tiny.yaml:",
                   "bridge0")

    def test_an_interrupt_that_the_controller_does_not_have(self):
        self.check(self.vp("--set", "plic0.sources=20"), "source", "plic0")

    def test_overlapping_ranges(self):
        path = self.platform("  uart1: {ip: uart, base: 0x10000080}\n")
        self.check(self.vp(platform=path), f"{path}:4:", "'uart1'", "overlaps 'uart0'")

    def test_unknown_kind(self):
        path = self.platform("  fft0: {ip: fft, base: 0x10001000}\n")
        self.check(self.vp(platform=path), f"{path}:4:", "'fft'", "Known:")

    def test_unknown_platform(self):
        self.check(self.vp(platform="hermes65"), "hermes65", "hermes64")

    def test_unknown_technology(self):
        self.check(self.vp("--set", "tile*.kind=quantum"), "quantum", "pcm")

    def test_value_out_of_range(self):
        self.check(self.vp("--set", "noc.columns=0"), "noc.columns", "1 ..")

    def test_missing_unit(self):
        self.check(self.vp("--set", "noc.clock=400"), "noc.clock", "Hz")

    def test_describe_refuses_what_run_refuses(self):
        for text, *parts in (
                ("  plic0: {params: {sources: 20}}\n", "_virt_host.yaml:", "source 40", "plic0"),
                ("lines:\n  - {from: clint0.irq_timer1, to: hart0.irq_timer}\n", ":5:",
                 "no interrupt output 'clint0.irq_timer1'"),
                ("lines:\n  - {from: clint0.irq_timer0, to: hart1.irq_timer}\n", ":5:",
                 "no interrupt input 'hart1.irq_timer'"),
                ("lines:\n  - {from: uart0.irq, to: hart0.irq_timer}\n", "hart0.irq_timer",
                 "clint0.irq_timer0", "uart0.irq"),
                ("  uart1: {ip: uart, base: 0x10000080}\n", ":4:", "overlaps 'uart0'"),
                ("  uart1: {ip: uart}\n", ":4:", "'uart1' has no base address"),
                ("  bus1: {ip: bus}\n", ":4:", "'bus1' is a second bus"),
                ("  uart1: {ip: uart, base: 0x20000000, params: {backend: file}}\n", ":4:",
                 "'uart1'", "no 'path'")):
            text = text if text.startswith("  ") else f"  noc: {{}}\n{text}"
            path = self.platform(text)
            for form in ("text", "header", "dtb"):
                with self.subTest(text=text, form=form):
                    done = support.run(support.VP, "describe", path, "--format", form)
                    self.check(done, *parts)
                    self.assertEqual(done.stdout, "")
            self.assertEqual(self.vp(platform=path).stderr, done.stderr)

    def test_describe_takes_no_file_terminal_or_port(self):
        log = support.WORK / "described.txt"
        log.unlink(missing_ok=True)
        for params in (f"backend: file, path: {log}", "backend: pty", "backend: tcp, port: 1"):
            path = self.platform(f"  uart0: {{params: {{{params}}}}}\n")
            done = support.run(support.VP, "describe", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(params.split(",")[0].split()[1], done.stdout, "as the file says")
        self.assertFalse(log.exists())

    def test_a_hart_that_no_interrupt_reaches_is_told(self):
        path = self.platform("  hart1: {ip: riscv, params: {hart_id: 1}}\n")
        says = (f"{path}:4:", "no interrupt can reach 'hart1'", "hart1.irq_software")
        self.check(support.run(support.VP, "describe", path), *says, code=0)
        self.check(self.vp(platform=path), *says, code=0)

    def bare(self, instances):
        return self.scratch("bare.yaml", "platform: bare\nnetwork_image: 0x80000000\ninstances:\n"
                            "  bus0: {ip: bus}\n  ram0: {ip: memory, base: 0x80000000, params: "
                            f"{{size: 1 MiB}}}}\n{instances}")

    def test_a_platform_without_a_hart(self):
        path = self.bare("")
        for done in (self.vp(platform=path), support.run(support.VP, "describe", path)):
            self.check(done, path, "no hart", "ip: riscv")

    def test_an_interrupt_without_a_controller(self):
        path = self.bare("  hart0: {ip: riscv}\n  dma0: {ip: dma, base: 0x10300000, irq: 3}\n")
        self.check(self.vp(platform=path), f"{path}:7:", "'dma0'", "source 3",
                   "no interrupt controller 'plic0'")

    def test_a_serial_port_that_is_not_there(self):
        path = self.bare("  hart0: {ip: riscv}\n")
        self.check(self.vp("--uart", "pty", platform=path), "--uart: error:", "'bare'", "'uart0'")
        self.check(self.vp("--uart-input", HELLO, platform=path), "--uart-input: error:", "'uart0'")

    def test_aliases_that_make_a_file_endless(self):
        path = self.scratch("self.yaml", "platform: &a [*a]\n")
        self.check(self.vp(platform=path), f"{path}:1:", "more than 64 deep")

    def test_a_wrong_file_does_not_hide_the_other_platforms(self):
        folder = support.WORK / "platform_path"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "broken.yaml").write_text("platform: [\n", encoding="utf-8")
        done = support.run("env", f"AIMC_PLATFORM_PATH={folder}", support.VP, "platforms")
        self.check(done, folder / "broken.yaml")
        for name in ("hermes64", "tiny"):
            self.assertIn(f"\n{name} ", "\n" + done.stdout)

    def test_the_memory_map_holds_what_answers(self):
        text = support.run(support.VP, "describe", "hermes64").stdout
        for row in ("0x00001000-0x0000ffff rom0", "0x10100000-0x101fffff sensor0",
                    "0x10200000-0x102fffff results0", "0x80000000-0x8fffffff ram0"):
            self.assertIn(row, text)

    def test_yaml_syntax(self):
        path = self.scratch("broken.yaml", "platform: [chip\n")
        self.check(self.vp(platform=path), f"{path}:")


if __name__ == "__main__":
    unittest.main()
