# SPDX-License-Identifier: Apache-2.0
"""Runs one network on all memory technologies and compares accuracy, latency and energy."""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

import technology_picture

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "platform" / "configs" / "README.md"
PICTURE = ROOT / "docs" / "technologies.svg"
BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"
PLATFORM = "hermes64"
WRITABLE = ("ideal", "pcm", "nor", "sram", "reram", "mram", "dram", "fefet")
CAUSES = ("array", "dac", "adc", "digital", "static", "programming", "refresh")


class Failed(Exception):
    """A program of the tool chain failed; the text is what it said."""


class Dataset:
    """A model with the records that it is calibrated with and judged by."""

    def __init__(self, name, model, train, records, labels, count):
        self.name, self.model, self.train = name, model, train
        self.records, self.labels, self.count = records, labels, count


class Comparison:
    """One session: compiled images and results in a folder."""

    def __init__(self, build, out, seed):
        self.build, self.out, self.seed = build, out, seed
        out.mkdir(parents=True, exist_ok=True)

    def program(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failed(f"{pathlib.Path(str(command[0])).name}: {done.stderr.strip()}")
        return done.stdout

    def compile(self, data, name, *options):
        image = self.out / f"{data.name}_{name}.aimc"
        self.program(self.build / "bin/aimc-compile", ROOT / "models" / f"{data.model}.onnx",
                     "--calibrate", data.train, "-o", image, *options)
        return image

    def run(self, data, name, image, platform, *overrides):
        stats = self.out / f"{data.name}_{name}.json"
        sets = [word for override in overrides for word in ("--set", override)]
        self.program(self.build / "bin/aimc-vp", "run", "--platform", platform, "--firmware",
                     self.build / "firmware/inference.elf", "--network", image, "--input",
                     data.records, "--labels", data.labels, "--count", data.count, "--seed",
                     self.seed, "--quiet", "--stats", stats, *sets)
        return row(data, name, json.loads(stats.read_text(encoding="utf-8")))

    def writable(self, data):
        """The same image on every kind that firmware can program."""
        image = self.compile(data, "any", "--platform", PLATFORM)
        for kind in WRITABLE:
            yield self.run(data, kind, image, PLATFORM, f"tile*.kind={kind}")

    def masked(self, data):
        """All layers in ROM: the weights are part of the chip."""
        mapping, masks = self.out / "rom.map", self.out / f"{data.name}.rom"
        mapping.write_text('map:\n  - {layers: "*", kind: rom}\n', encoding="utf-8")
        image = self.compile(data, "rom", "--platform", PLATFORM, "--set", "tile*.kind=rom",
                             "--mapping", mapping, "--rom", masks)
        return self.run(data, "rom", image, PLATFORM, "tile*.kind=rom", f"tile*.rom.image={masks}")

    def mixed(self, data):
        """Convolutions in ROM, the large dense layer in phase change, the last in SRAM."""
        mapping, masks = self.out / "mixed.map", self.out / f"{data.name}_mixed.rom"
        mapping.write_text('map:\n  - {layers: "*onv*", kind: rom}\n'
                           '  - {layers: "*fc1*", kind: pcm}\n'
                           '  - {layers: "*", kind: sram}\n', encoding="utf-8")
        image = self.compile(data, "mixed", "--platform", "mixed", "--mapping", mapping, "--rom",
                             masks)
        return self.run(data, "rom+pcm+sram", image, "mixed", f"trunk*.rom.image={masks}")

    def rows(self, data):
        yield from self.writable(data)
        yield self.masked(data)
        yield self.mixed(data)


def row(data, name, stats):
    """What the table shows of a run."""
    result, energy = stats["result"], stats["energy"]
    tiles = [one for one in stats["instances"].values()
             if one.get("mvms", 0) > 0 and "area_mm2" in one]
    causes = energy["by_cause_j"]
    return {"data": data.name, "technology": name,
            "variant": "/".join(sorted({one["variant"] for one in tiles if "variant" in one})),
            "images": result["images"], "accuracy_percent": 100.0 * result["accuracy"],
            "latency_s": result["latency_s"]["mean"],
            "images_per_s": result["throughput_per_s"],
            "energy_per_image_j": energy["per_image_j"],
            "programming_s": max((one["program_s"] for one in tiles), default=0.0),
            "tiles": len(tiles), "area_mm2": sum(one["area_mm2"]["total"] for one in tiles),
            **{f"{cause}_j": causes.get(cause, 0.0) for cause in CAUSES}}


def engineering(value, unit):
    """Three digits with an SI prefix."""
    if value == 0:
        return f"0 {unit}"
    for prefix, factor in (("", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("p", 1e-12)):
        if value >= factor:
            return f"{value / factor:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def table(rows):
    """Rows as a Markdown table, which reads well in a terminal, too."""
    head = ("Data", "Technology", "Accuracy", "Latency", "Images/s", "Energy/image", "Programming",
            "Tiles", "Area")
    body = [(one["data"], f"{one['technology']} {one['variant']}".strip(),
             f"{one['accuracy_percent']:.2f} %", engineering(one["latency_s"], "s"),
             f"{one['images_per_s']:.0f}", engineering(one["energy_per_image_j"], "J"),
             engineering(one["programming_s"], "s"), str(one["tiles"]),
             f"{one['area_mm2']:.2f} mm2") for one in rows]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
             for line in [head, ["-" * width for width in widths], *body]]
    return "\n".join(lines) + "\n"


def replace(path, text):
    """Writes a file as a whole or not at all."""
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)


def write_results(rows, out, docs):
    scratch = out / "technologies.csv.new"
    with open(scratch, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(scratch, out / "technologies.csv")
    picture = technology_picture.draw(rows)
    replace(out / "technologies.svg", picture)
    if not docs:
        return
    replace(PICTURE, picture)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    replace(PAGE, f"{before}{BEGIN}\n{table(rows)}{END}{after}")


def datasets(build, count):
    demo = build / "demo"
    yield Dataset("digits", "digits_cnn", demo / "digits_train.u8", demo / "digits_test.u8",
                  demo / "digits_test.labels", count)
    shared = pathlib.Path(os.environ.get("AIMC_DATA", ROOT.parent / "shared" / "data"))
    mnist = shared / "mnist"
    images = mnist / "t10k-a-images-idx3-ubyte.gz"
    if images.exists():
        yield Dataset("mnist", "mnist_cnn", mnist / "train-images-idx3-ubyte.gz", images,
                      mnist / "t10k-a-labels-idx1-ubyte.gz", count or 1000)
    else:
        print("mnist: skipped: no data", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--out", type=pathlib.Path, help="default: technologies in the build tree")
    parser.add_argument("--count", type=int, default=0,
                        help="images of each data set; default: all digits, 1000 of MNIST")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("digits", "mnist"), help="one data set")
    parser.add_argument("--docs", action="store_true",
                        help="also refresh platform/configs/README.md and docs/technologies.svg")
    options = parser.parse_args()
    if options.count < 0:
        parser.error("--count must not be negative")
    build = options.build.resolve()
    session = Comparison(build, (options.out or build / "technologies").resolve(), options.seed)
    rows = []
    try:
        for data in datasets(build, options.count):
            if options.only in (None, data.name):
                rows.extend(session.rows(data))
    except Failed as failure:
        sys.exit(f"error: {failure}")
    if not rows:
        sys.exit("error: no data set is there")
    print(table(rows), end="")
    write_results(rows, session.out, options.docs)
    print(f"\nwritten: {session.out}/technologies.csv, technologies.svg")


if __name__ == "__main__":
    main()
