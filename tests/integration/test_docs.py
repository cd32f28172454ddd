# SPDX-License-Identifier: Apache-2.0
"""Pages tell the truth: their commands run, generated pages are fresh, links lead somewhere."""

import os
import re
import subprocess
import tempfile
import unittest

import programs
import support

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE_BLOCK = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^ +(?:-\w,)?(--[a-z][a-z-]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def commands(page):
    """Lines of the sh blocks of a page, comments taken off."""
    text = (support.ROOT / page).read_text(encoding="utf-8")
    return [line.split("  #")[0].strip() for block in SHELL_BLOCK.findall(text)
            for line in block.splitlines() if line.strip() and not line.startswith("#")]


class Pages(unittest.TestCase):
    def run_line(self, line):
        """A command as written, in the build tree under test."""
        if support.BUILD != support.ROOT / "build":
            line = re.sub(r"(?<![\w/])build/", f"{support.BUILD}/", line)
        return subprocess.run(["bash", "-c", line], cwd=support.ROOT, capture_output=True,
                              text=True, timeout=900, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "AIMC_BUILD_DIR": str(support.BUILD)})

    def test_the_demo_and_every_command_of_getting_started(self):
        for line in ["scripts/demo.sh", *commands("docs/getting-started.md")]:
            with self.subTest(line):
                done = self.run_line(line)
                self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}\n{done.stderr}")

    def test_every_command_of_running_programs(self):
        for line in commands("docs/running-programs.md"):
            with self.subTest(line):
                done = self.run_line(line)
                self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}\n{done.stderr}")

    def test_every_command_of_the_array_studies(self):
        for line in commands("sw/cim_bench/README.md"):
            with self.subTest(line):
                done = self.run_line(line)
                self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}\n{done.stderr}")

    @programs.needs_picolibc
    def test_the_programs_from_nothing(self):
        text = (support.ROOT / "docs/bare-program.md").read_text(encoding="utf-8")
        build, run, log, profile, build_hosted, run_hosted = commands("docs/bare-program.md")
        with tempfile.TemporaryDirectory() as folder:
            files = FILE_BLOCK.findall(text)
            self.assertEqual([name for name, _ in files],
                             ["link.ld", "start.S", "main.c", "hosted.c"])
            for name, content in files:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            path = f"{support.VP.parent}:{os.environ['PATH']}"

            def shell(line):
                return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True,
                                      text=True, timeout=120, check=False,
                                      stdin=subprocess.DEVNULL,
                                      env={**os.environ, "PATH": path})

            def read(name):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    return file.read()

            for line in (build, build_hosted):
                done = shell(line)
                self.assertEqual((done.returncode, done.stderr), (0, ""), line)
            for line in (run, log, profile):
                done = shell(line)
                self.assertEqual((done.returncode, done.stdout), (42, "three ticks\n"), done.stderr)
            self.assertIn("0x", read("ticks.log").splitlines()[0])
            self.assertRegex(read("ticks.profile"), r" 99\.\d\d% .*\[sleep\]")
            done = shell(run_hosted)
            self.assertEqual((done.returncode, done.stdout), (7, "hello, world\n"), done.stderr)
            self.assertEqual(read("note.txt"), "3 arguments\n")

    def test_the_platform_file_of_the_page(self):
        text = (support.ROOT / "docs/platform-files.md").read_text(encoding="utf-8")
        (example,) = YAML_BLOCK.findall(text)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "my_chip.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(example.replace("extends: ", f"extends: {support.ROOT}/"))
            done = support.run(support.VP, "describe", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"hart1 \(riscv\)\n +clock +100 MHz")
            self.assertRegex(done.stdout, r"isa +rv32imac_zba ")
            self.assertIn("0x80000000-0x87ffffff ram0", done.stdout)

    def test_every_option_of_the_program_is_on_a_page(self):
        pages = "".join(page.read_text(encoding="utf-8")
                        for page in (support.ROOT / "docs").glob("*.md"))
        for command in ("run", "describe"):
            options = set(OPTION.findall(support.run(support.VP, command, "--help").stdout))
            self.assertGreater(len(options), 5)
            for option in options - {"--help"}:
                self.assertRegex(pages, rf"(?<![\w-]){option}(?![\w-])", command)

    def test_the_fidelity_page_says_what_the_tests_measure(self):
        done = self.run_line("scripts/fidelity.py")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_readme_names_scripts_that_exist(self):
        for line in commands("README.md"):
            self.assertTrue(os.access(support.ROOT / line.split()[0], os.X_OK), line)

    def test_every_script_parses(self):
        for script in sorted((support.ROOT / "scripts").glob("*.sh")):
            done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_generated_maps_are_fresh(self):
        for page, platform, form in (("docs/memory-map.md", "hermes64", "markdown"),
                                     ("firmware/soc/soc_map.h", "tiny", "header")):
            done = support.run(support.VP, "describe", platform, "--format", form)
            self.assertEqual(done.stdout, (support.ROOT / page).read_text(encoding="utf-8"),
                             f"{page} is stale; build the target 'regenerate'")

    def test_every_link_leads_to_a_file(self):
        tracked = support.run("git", "-C", support.ROOT, "ls-files", "--cached", "--others",
                              "--exclude-standard", "*.md").stdout.split()
        self.assertTrue(tracked)
        for page in tracked:
            text = (support.ROOT / page).read_text(encoding="utf-8")
            for target in LINK.findall(text):
                if "://" in target:
                    continue
                path = (support.ROOT / page).parent / target
                self.assertTrue(path.exists(), f"{page} links to {target}")

    def test_every_source_file_names_its_licence(self):
        files = support.run("git", "-C", support.ROOT, "ls-files", "--cached", "--others",
                            "--exclude-standard", "*.cpp", "*.h", "*.c", "*.S", "*.py", "*.sh",
                            "*.yaml", "*.cmake", "*CMakeLists.txt", "*.md").stdout.split()
        self.assertTrue(files)
        for name in files:
            head = (support.ROOT / name).read_text(encoding="utf-8")[:300]
            self.assertIn("SPDX-License-Identifier: Apache-2.0", head, name)


if __name__ == "__main__":
    unittest.main()
