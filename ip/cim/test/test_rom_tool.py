# SPDX-License-Identifier: Apache-2.0
"""aimc-rom as its users call it: masks from layouts, listings, and messages for wrong use."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOOL = pathlib.Path(os.environ.get("AIMC_BUILD_DIR", ROOT / "build")) / "bin" / "aimc-rom"

LAYOUT = """\
sections:
  - name: soc.tile0
    rows: 16
    columns: 8
    blocks:
      - {row: 0, column: 0, rows: 4, columns: 8, full_scale: 90, weights: a.i8}
      - {row: 4, column: 2, rows: 2, columns: 3, weights: b.i8}
  - name: soc.tile1
    rows: 256
    columns: 256
    blocks: []
"""


class RomTool(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        (self.folder / "a.i8").write_bytes(bytes(range(32)))
        (self.folder / "b.i8").write_bytes(bytes([250, 1, 2, 3, 4, 5]))

    def call(self, *arguments):
        return subprocess.run(
            [str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
        )

    def build(self, layout):
        path = self.folder / "layout.yaml"
        path.write_text(layout)
        return self.call("build", path, "-o", self.folder / "chip.rom")

    def refused(self, layout, *words):
        result = self.build(layout)
        self.assertEqual(result.returncode, 2, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertFalse((self.folder / "chip.rom").exists())

    def test_builds_and_shows(self):
        self.assertEqual(self.build(LAYOUT).stderr, "")
        shown = self.call("show", self.folder / "chip.rom")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("soc.tile0: 16 x 8", shown.stdout)
        self.assertIn("4 x 8 at row 0, column 0, full scale 90", shown.stdout)
        self.assertIn("2 x 3 at row 4, column 2, full scale 127", shown.stdout)
        self.assertIn("soc.tile1: 256 x 256", shown.stdout)

    def test_wrong_layouts_name_the_place(self):
        self.refused(LAYOUT.replace("rows: 4,", "rows: 5,"), "layout.yaml:6", "5 x 8 weights need 40")
        self.refused(LAYOUT.replace("row: 4,", "row: 3,"), "overlap")
        self.refused(LAYOUT.replace("row: 4,", "row: 15,"), "leaves the array of 16 x 8")
        self.refused(LAYOUT.replace("full_scale: 90", "full_scale: 128"), "full scale 128")
        self.refused(LAYOUT.replace("row: 4,", "raw: 4,"), "layout.yaml:7", "raw")
        self.refused(LAYOUT.replace("b.i8", "c.i8"), "c.i8")
        self.refused(LAYOUT.replace("rows: 256", "rows: 0"), "0 x 256 is no array")
        self.refused("sections: []\n", "no section")

    def test_damaged_images_are_refused(self):
        self.build(LAYOUT)
        image = self.folder / "chip.rom"
        image.write_bytes(image.read_bytes()[:-3])
        shown = self.call("show", image)
        self.assertEqual(shown.returncode, 2)
        self.assertIn("checksum", shown.stderr)
        self.assertEqual(self.call("show", self.folder / "none.rom").returncode, 2)
        self.assertEqual(self.call("melt").returncode, 2)


if __name__ == "__main__":
    unittest.main()
