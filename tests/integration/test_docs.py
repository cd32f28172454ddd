# SPDX-License-Identifier: Apache-2.0
"""Pages tell the truth: their commands run, generated pages are fresh, links lead somewhere."""

import os
import re
import subprocess
import unittest

import support

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
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
                            "*.yaml", "*.cmake", "*CMakeLists.txt").stdout.split()
        self.assertTrue(files)
        for name in files:
            head = (support.ROOT / name).read_text(encoding="utf-8")[:300]
            self.assertIn("SPDX-License-Identifier: Apache-2.0", head, name)


if __name__ == "__main__":
    unittest.main()
