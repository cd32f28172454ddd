# SPDX-License-Identifier: Apache-2.0
"""Plug-in of riscof (1.25): aimc-vp as the device under test. See ../README.md."""

import concurrent.futures
import logging
import pathlib
import subprocess

import riscof.utils as utils
from riscof.pluginTemplate import pluginTemplate

logger = logging.getLogger()

FLAGS = ["-mabi=ilp32", "-static", "-mcmodel=medany", "-fvisibility=hidden", "-nostdlib",
         "-nostartfiles", "-g"]
SECONDS = 300  # of the host's time for a test


class aimc_vp(pluginTemplate):  # pylint: disable=invalid-name
    """riscof looks for a class that is named as DUTPlugin in config.ini."""

    __model__ = "aimc_vp"
    __version__ = "1"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        config = kwargs.get("config")
        missing = [key for key in ("pluginpath", "ispec", "pspec") if key not in (config or {})]
        if missing:
            raise SystemExit(f"config.ini: section aimc_vp lacks {', '.join(missing)}")
        here = pathlib.Path(kwargs.get("config_dir", ""))  # paths are relative to config.ini
        folder = config.get("path", config.get("PATH", ""))
        self.vp = str((here / folder / "aimc-vp").resolve()) if folder else "aimc-vp"
        self.jobs = int(config.get("jobs", 1))
        self.platform = config.get("platform", "tiny")
        self.env = (here / config["pluginpath"] / "env").resolve()
        self.isa_spec = str((here / config["ispec"]).resolve())
        self.platform_spec = str((here / config["pspec"]).resolve())
        self.target_run = config.get("target_run", "1") != "0"
        self.compile = []
        self.options = []

    def initialise(self, suite, workdir, env):
        self.compile = ["riscv64-unknown-elf-gcc", *FLAGS, f"-T{self.env}/link.ld", f"-I{self.env}",
                        f"-I{env}"]

    def build(self, isa_yaml, platform_yaml):
        """Sets the harts as the ISA file describes them."""
        hart = utils.load_yaml(isa_yaml)["hart0"]
        misaligned = "hardware" if hart.get("hw_data_misaligned_support") else "trap"
        self.options = ["--platform", self.platform, "--set",
                        f"hart*.isa={self.groups(hart['ISA'])}", "--set",
                        f"hart*.misaligned={misaligned}"]

    @staticmethod
    def groups(name):
        """RV32IMCUZicsr_Zifencei as the compiler and the simulator write it: rv32imcu_zicsr_..."""
        letters, *rest = name.lower().replace("z", "_z", 1).replace("__", "_").split("_")
        return "_".join([letters, *rest])

    def march(self, name):
        """The compiler's groups: the test's, and what the framework uses in all tests."""
        groups = self.groups(name).replace("u_", "_").removesuffix("u")
        return groups + "".join(f"_{z}" for z in ("zicsr", "zifencei") if z not in groups)

    def run_test(self, test):
        """Compiles and runs one test; riscof reports a signature that is missing."""
        folder = pathlib.Path(test["work_dir"])
        compiler = [*self.compile, f"-march={self.march(test['isa'])}",
                    *[f"-D{macro}" for macro in test["macros"]], test["test_path"], "-o", "dut.elf"]
        commands = [compiler]
        if self.target_run:
            commands.append([self.vp, "run", *self.options, "--firmware", "dut.elf", "--quiet",
                             "--signature", f"{self.name[:-1]}.signature"])
        for command in commands:
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                                      timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
            except (OSError, subprocess.TimeoutExpired) as problem:
                logger.error("%s: %s", test["test_path"], problem)
                return
            if done.returncode != 0:
                logger.error("%s: %s: exit code %d\n%s", test["test_path"], command[0],
                             done.returncode, done.stderr)
                return

    def runTests(self, testlist):  # pylint: disable=invalid-name
        with concurrent.futures.ThreadPoolExecutor(max_workers=self.jobs) as pool:
            list(pool.map(self.run_test, testlist.values()))
        if not self.target_run:
            raise SystemExit(0)
