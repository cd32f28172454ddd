# SPDX-License-Identifier: Apache-2.0
"""The runner of riscv-arch-test, on own programs of the same form and on the suite itself."""

import os
import pathlib
import shutil
import subprocess
import sys
import textwrap
import unittest

import arch_case
import harness
import signature
import suite_case
from suite_case import needs_compiler, row

HERE = pathlib.Path(__file__).resolve().parent
MINIATURE = HERE / "miniature_arch"
MACHINE = MINIATURE / "riscv-test-suite" / "rv32i_m"
SOUND = ["--group", "I", "--group", "C", "--group", "privilege"]
QEMU = f"{sys.executable} {HERE}/qemu_signature.py {{elf}} {{signature}}"
SUITE = pathlib.Path(os.environ.get("AIMC_ARCH_TEST", harness.ROOT.parent / "shared" /
                                    "riscv-arch-test"))
needs_qemu = unittest.skipUnless(shutil.which("qemu-system-riscv32"),
                                 "skipped: no qemu-system-riscv32")


class Case(suite_case.Case):
    RUNNER, MINIATURE = "arch_test.py", MINIATURE


@needs_compiler
class ArchTest(Case):
    """Tests that choose their harts and leave signatures as those of riscv-arch-test do."""

    def test_programs_pass_by_their_references(self):
        self.assertEqual(row(self.run_suite(*SOUND), "all"), (7, 7, 0, 0))

    def test_a_short_quantum_changes_no_signature(self):
        text = self.run_suite(*SOUND, "--option=--quantum=100ns")
        self.assertEqual(row(text, "all"), (7, 7, 0, 0))

    def test_other_harts_wait(self):
        text = self.run_suite(*SOUND, "--platform", harness.ROOT / "tests/platforms/two_harts.yaml")
        self.assertEqual(row(text, "all"), (7, 7, 0, 0))

    def test_a_hart_without_c_is_not_given_its_tests(self):
        text = self.run_suite("--group", "C", "--group", "I", "--isa", "rv32imaf")
        self.assertEqual(row(text, "C"), (1, 0, 0, 1))
        self.assertEqual(row(text, "I"), (1, 1, 0, 0))
        self.assertIn("skipped 1 of C: not for RV32IMAFUZicsr_Zifencei", text)

    def test_a_hart_that_traps_misaligned_accesses_gets_the_other_case(self):
        text = self.run_suite("--group", "privilege", "--misaligned", "trap")
        self.assertEqual(row(text, "all"), (5, 4, 0, 1))

    def test_each_way_to_fail_is_told(self):
        text = self.run_suite("--group", "broken", "--until", "1 ms", code=1)
        for part in ("differs: word 2 of the signature is 00000009, the reference has 0000000b",
                     "longer: word 3 of the signature is 0000000a, the reference has absent",
                     "endless: did not end by tohost with 0: aimc-vp: the firmware did not end",
                     "code: did not end by tohost with 0: aimc-vp: the firmware ended by tohost",
                     "(exit code 3)",
                     "syntax: not built", "no_such_instruction",
                     "skipped 1 of broken: ran to its end; no reference signature",
                     "skipped 1 of broken: needs supervisor mode",
                     "skipped 1 of broken: unknown check colour"):
            self.assertIn(part, text)
        self.assertEqual(row(text, "all"), (8, 0, 5, 3))

    def test_references_from_another_folder(self):
        (self.folder / "I").mkdir()
        words = (MACHINE / "I/references/sums.reference_output").read_text(encoding="ascii")
        (self.folder / "I/sums.signature").write_text(words.replace("000000e9", "000000e8"),
                                                      encoding="ascii")
        text = self.run_suite("--group", "I", "--references", self.folder, code=1)
        self.assertIn("word 12 of the signature is 000000e9, the reference has 000000e8", text)

    @needs_qemu
    def test_references_from_qemu(self):
        """Among them is all of memory protection: 26 settings with 144 accesses each."""
        text = self.run_suite(*SOUND, "--reference-command", QEMU)
        self.assertEqual(row(text, "all"), (7, 7, 0, 0))

    def test_a_reference_simulator_that_fails_is_told(self):
        text = self.run_suite("--group", "I", "--reference-command", "false {elf} {signature}",
                              code=1)
        self.assertIn("the reference simulator wrote no signature: exit code 1", text)


@needs_compiler
class BuiltArchTest(Case):
    """Folders of programs with signatures beside them."""

    def elf(self, group="I", name="sums"):
        self.run_suite("--group", group)
        return self.folder / "work" / group / f"{name}.elf"

    def check(self, name, text, code=0):
        shelf = self.folder / "shelf"
        shelf.mkdir(exist_ok=True)
        shutil.copy(self.elf(), shelf / "sums.elf")
        (shelf / name).write_text(text, encoding="ascii")
        done = self.runner("--elf", shelf)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_each_name_of_a_reference(self):
        words = (MACHINE / "I/references/sums.reference_output").read_text(encoding="ascii")
        for name in ("sums.signature", "sums.reference_output", "sums.elf.signature"):
            self.assertEqual(row(self.check(name, words), "all"), (1, 1, 0, 0), name)
            (self.folder / "shelf" / name).unlink()

    def test_a_reference_of_sixteen_bytes_in_a_line(self):
        words = (MACHINE / "I/references/sums.reference_output").read_text(encoding="ascii").split()
        words += ["00000000"] * 3
        lines = ["".join(reversed(words[at:at + 4])) for at in range(0, 16, 4)]
        text = self.check("sums.signature", "\n".join(lines))
        self.assertEqual(row(text, "all"), (1, 1, 0, 0))

    def test_a_file_that_is_no_signature(self):
        self.assertIn("not a signature", self.check("sums.signature", "hello world\n", code=1))
        self.assertIn("empty", self.check("sums.signature", "", code=1))

    def test_the_simulator_writes_lines_of_each_length(self):
        elf, words = self.elf(), [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233]
        for size in (1, 2, 4, 8, 16):
            file = self.folder / f"signature{size}"
            command = [harness.find_vp(), "run", "--platform", "tiny", "--firmware", elf, "--quiet",
                       "--signature", file, "--signature-granularity", str(size)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = file.read_text(encoding="ascii").splitlines()
            self.assertEqual({len(line) for line in lines}, {2 * size})
            self.assertEqual(len(lines), -(-52 // size))
            read = signature.read(file)
            self.assertEqual(read, words + [0] * (len(read) - 13))


class ArchTestMistakes(Case):
    """A caller's mistake is one line and exit code 2."""

    @needs_compiler
    def test_wrong_folders(self):
        self.refused("--suite", "/nowhere", says=["/nowhere: no such directory"])
        self.refused("--suite", HERE, says=["no riscv-test-suite/rv32i_m"])
        self.refused("--suite", MINIATURE, "--group", "Q", says=["in the group Q; there are"])

    def test_a_folder_without_programs(self):
        self.refused("--elf", MACHINE, says=["no ELF"])
        self.refused("--suite", MINIATURE, "--isa", "rv64imac", says=["does not begin with rv32i"])
        self.refused("--suite", MINIATURE, "--platform", "tinny", says=["no platform 'tinny'"])


class ArchTestSelection(unittest.TestCase):
    """What a test says about itself."""

    ISA = "RV32IMAFCUZicsr_Zifencei_Zba"

    def select(self, *cases, isa="RV32I", misaligned=True):
        lines = "".join(f'RVTEST_CASE({n},"{text}",x)\n' for n, text in enumerate(cases))
        return arch_case.select(f'RVTEST_ISA("{isa}")\n{lines}', self.ISA, misaligned)

    def test_names_of_harts(self):
        self.assertEqual(arch_case.long_name("rv32imafc_zba"), self.ISA)
        self.assertEqual(arch_case.long_name("rv32i_zicsr"), "RV32IUZicsr_Zifencei")

    def test_groups_for_the_compiler(self):
        for isa, march in (("RV32I", "rv32i_zicsr_zifencei"),
                           ("RV32IMAFCZicsr_Zba", "rv32imafc_zicsr_zifencei_zba"),
                           ("RV64I_Zba,RV32I_Zba", "rv32i_zicsr_zifencei_zba"),
                           ("RV32ID,RV32IF", "rv32if_zicsr_zifencei")):
            self.assertEqual(self.select("check ISA:=regex(.*); def A=1", isa=isa).march, march)

    def test_all_cases_that_fit_give_macros(self):
        case = self.select("//check ISA:=regex(.*32.*);check ISA:=regex(.*C.*); def A=True;def B=1;",
                           "//check ISA:=regex(^[^C]+$); def C=True;",
                           "//check ISA:=regex(.*Zba.*); def D=2",
                           "//check hw_data_misaligned_support:=False; def E=True;")
        self.assertEqual(case.macros, ["A=True", "B=1", "D=2"])
        self.assertEqual(case.reason, "")

    def test_supervisor_mode_is_found_in_cases_and_in_sources(self):
        for line in ("#define rvtest_strap_routine", "    RVTEST_GOTO_LOWER_MODE\tSmode  // there"):
            text = f'{line}\nRVTEST_CASE(1,"check ISA:=regex(.*I.*); def A=1",x)\n'
            case = arch_case.select(text, self.ISA, True)
            self.assertEqual(case.reason, "needs supervisor mode")
        case = self.select("check ISA:=regex(.*I.*); def rvtest_strap_routine=True")
        self.assertEqual(case.reason, "needs supervisor mode")

    def test_a_test_for_other_harts(self):
        case = self.select("check ISA:=regex(.*Zbc.*); def A=1")
        self.assertIn("not for RV32IMAFCU", case.reason)
        for isa in ("RV32IV", "RV64I", "RV32E", "RV32I_Zbc"):  # the V of RV32 fits regex(.*V.*)
            case = self.select("check ISA:=regex(.*V.*); def A=1", isa=isa)
            self.assertIn("not for RV32IMAFCU", case.reason, isa)
        self.assertIn("unknown check PMP>x", self.select("check PMP>x:=1; def A=1").reason)


@needs_compiler
class Riscof(Case):
    """The plug-in, driven as riscof drives it; riscof itself is stood in for by two modules."""

    def plug_in(self, target_run="1"):
        package = self.folder / "riscof"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "utils.py").write_text(textwrap.dedent("""
            def load_yaml(path):
                text = open(path).read()
                isa = next(l.split()[1] for l in text.splitlines() if l.strip().startswith("ISA:"))
                return {"hart0": {"ISA": isa, "hw_data_misaligned_support": True}}
            """), encoding="utf-8")
        (package / "pluginTemplate.py").write_text(textwrap.dedent("""
            class pluginTemplate:
                def __init__(self, *args, **kwargs):
                    self.name = "DUT-" + self.__model__ + ":"
            """), encoding="utf-8")
        script = self.folder / "drive.py"
        tests = {name: {"test_path": str(MACHINE / group / "src" / f"{name}.S"), "isa": isa,
                        "work_dir": str(self.folder / name),
                        "macros": ["TEST_CASE_1=True", "XLEN=32"]}
                 for group, name, isa in (("I", "sums", "RV32IZicsr"),
                                          ("C", "compressed", "RV32IC"))}
        for name in tests:
            (self.folder / name).mkdir()
        text = (HERE / "riscof/config.ini").read_text(encoding="utf-8")
        (self.folder / "config.ini").write_text(
            text.replace("target_run=1", f"target_run={target_run}")
            .replace("PATH=../../../build/bin", f"PATH={harness.find_vp().parent}"),
            encoding="utf-8")
        script.write_text(textwrap.dedent(f"""
            import configparser
            import sys
            sys.path[:0] = [{str(self.folder)!r}, {str(HERE / "riscof")!r}]
            import riscof_aimc_vp
            config = configparser.ConfigParser()
            config.read({str(self.folder / "config.ini")!r})
            dut = riscof_aimc_vp.aimc_vp(name="DUT", config=config["aimc_vp"],
                                         config_dir={str(HERE / "riscof")!r})
            dut.initialise("suite", {str(self.folder)!r},
                           {str(MINIATURE / "riscv-test-suite/env")!r})
            dut.build(dut.isa_spec, dut.platform_spec)
            dut.runTests({tests!r})
            """), encoding="utf-8")
        return subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120,
                              check=False)

    def test_signatures_lie_where_riscof_looks(self):
        done = self.plug_in()
        self.assertEqual(done.returncode, 0, done.stderr)
        for group, name in (("I", "sums"), ("C", "compressed")):
            written = self.folder / name / "DUT-aimc_vp.signature"
            reference = MACHINE / f"{group}/references/{name}.reference_output"
            self.assertEqual(signature.read(written), signature.read(reference))

    def test_without_target_run_it_only_compiles(self):
        self.assertEqual(self.plug_in("0").returncode, 0)
        self.assertTrue((self.folder / "sums" / "dut.elf").exists())
        self.assertFalse((self.folder / "sums" / "DUT-aimc_vp.signature").exists())

    def test_the_isa_file_describes_the_hart(self):
        text = (HERE / "riscof/aimc_vp_isa.yaml").read_text(encoding="utf-8")
        isa = next(line.split()[1] for line in text.splitlines() if line.strip().startswith("ISA:"))
        self.assertEqual(isa, arch_case.long_name("rv32imafc_zba_zbb_zbs"))
        letters = isa.removeprefix("RV32").split("Z")[0]
        misa = 1 << 30 | sum(1 << ord(letter) - ord("A") for letter in letters)
        self.assertIn(f"reset-val: {misa:#x}", text)
        reference = MACHINE / "privilege/references/identity.reference_output"
        self.assertEqual(signature.read(reference), [misa])  # which the hart was asked for


@unittest.skipUnless(SUITE.exists(), "skipped: no data (AIMC_ARCH_TEST)")
class PublicArchTest(Case):
    """riscv-arch-test itself: a checkout, or a folder of built programs with signatures."""

    GROUPS = ("I", "M", "A", "F", "C", "B", "Zifencei")

    def test_all_programs_pass_or_end(self):
        if (SUITE / "riscv-test-suite").is_dir():
            if not shutil.which(harness.COMPILER):
                self.skipTest("skipped: no riscv64-unknown-elf-gcc")
            self.run_suite(suite=SUITE)
            return
        done = self.runner("--elf", SUITE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @needs_qemu
    @needs_compiler
    def test_groups_without_traps_agree_with_qemu(self):
        if not (SUITE / "riscv-test-suite").is_dir():
            self.skipTest("skipped: no data (sources)")
        groups = [name for name in self.GROUPS
                  if any((SUITE / "riscv-test-suite" / "rv32i_m" / name).rglob("*.S"))]
        options = [part for name in groups for part in ("--group", name)]
        done = self.runner("--suite", SUITE, "--work", self.folder / "work", *options,
                      "--reference-command", QEMU)
        failed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED")}
        self.assertIn("all", done.stdout, done.stderr)
        self.assertLessEqual(failed, {"cebreak-01:"}, done.stdout)  # mtval is 0 in QEMU 7.2


if __name__ == "__main__":
    unittest.main()
