# SPDX-License-Identifier: Apache-2.0
"""Measure the ONNX files in models/ with numpy and, on request, write the tables of their README.

Needs numpy and onnx but no torch. Prints accuracy in float, in int8, and on noisy PCM arrays; the
rows whose data set is absent are left out with a message (exit code 0 if any row was measured).
"""

import os
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # before numpy is loaded; keeps a shared machine usable

import argparse
import dataclasses
import pathlib
import re
import sys

import analog
import datasets
import model_file

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CALIBRATION_COUNT = 500  # training images, from the start of the training split
DRAWS = 10


@dataclasses.dataclass(frozen=True)
class Subject:
    """A committed network: data set and how it is described."""

    dataset: str
    summary: str
    counts: tuple  # numbers of test images to report on; None = all


SUBJECTS = {
    "digits_mlp": Subject("digits", "64 - fc 128 - fc 64 - fc 10", (None,)),
    "digits_cnn": Subject(
        "digits", "conv 3x3x16 pad 1 - conv 3x3x32 pad 1 - pool 2 - fc 64 - fc 10", (None,)),
    "mnist_cnn": Subject(
        "mnist", "conv 5x5x16 - pool 2 - conv 5x5x32 - pool 2 - fc 128 - fc 10", (1000, None)),
}


@dataclasses.dataclass
class Row:
    """One line of the table; `figures` as from analog.measure."""

    name: str
    dataset: str
    count: int  # test images
    figures: dict


def show_progress(text):
    """Overwrite one status line on a terminal; silent otherwise."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="\r", file=sys.stderr, flush=True)


def measure_models(folder, names, data, draws=DRAWS, seed=1):
    """Rows for the networks `names` in `folder`; those without data are skipped with a message."""
    rows = []
    for name in names:
        subject = SUBJECTS[name]
        path = pathlib.Path(folder) / f"{name}.onnx"
        try:
            calibration = datasets.load_split(subject.dataset, "train", data)[0][:CALIBRATION_COUNT]
            images, labels = datasets.load_split(subject.dataset, "test", data)
        except datasets.DataError as error:
            print(f"{name}: skipped: {error}", file=sys.stderr)
            continue
        model = model_file.read_model(path)
        for count in subject.counts:
            count = count or len(images)
            figures = analog.measure(model, calibration, images[:count], labels[:count], draws, seed,
                                     lambda text: show_progress(f"{name} ({count}): {text}"))
            rows.append(Row(name, subject.dataset, count, figures))
    show_progress("")
    return rows


def table(rows):
    """Markdown table of accuracies in percent; PCM columns are mean +- standard deviation of the draws."""
    lines = ["| Network | Test images | Float | int8 | PCM | PCM, 8-bit converter |",
             "|---|---|---|---|---|---|"]
    for row in rows:
        f = {key: 100 * value for key, value in row.figures.items()}
        lines.append(
            f"| {row.name} | {row.dataset}, {row.count} | {f['float']:.2f} | {f['int8']:.2f} "
            f"| {f['pcm']:.2f} ± {f['pcm_std']:.2f} | {f['pcm_adc']:.2f} ± {f['pcm_adc_std']:.2f} |")
    return "\n".join(lines)


def architecture_table(folder, names):
    """Markdown table of what the files hold, read from the files themselves."""
    lines = ["| File | Architecture (ReLU after each hidden layer) | Parameters "
             "| Array rows per layer | Bytes |",
             "|---|---|---|---|---|"]
    for name in names:
        path = pathlib.Path(folder) / f"{name}.onnx"
        model = model_file.read_model(path)
        rows = ", ".join(str(l.rows()) for l in model.layers if l.weight is not None)
        lines.append(f"| {path.name} | {SUBJECTS[name].summary} | {model.parameter_count()} "
                     f"| {rows} | {path.stat().st_size} |")
    return "\n".join(lines)


def replace_between(text, marker, content):
    """`text` with `content` between the lines `<!-- marker -->` and `<!-- /marker -->`."""
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    if not pattern.search(text):
        raise datasets.DataError(f"README.md has no lines <!-- {marker} --> and <!-- /{marker} -->")
    return pattern.sub(lambda match: match.group(1) + content + "\n" + match.group(2), text)


def main():
    """Measure, print the table, and with --write put both tables into the README of the models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", metavar="DIR", type=pathlib.Path, default=REPOSITORY / "models",
                        help="folder of the ONNX files (default: models/)")
    parser.add_argument("--data", metavar="DIR",
                        help=f"folder of the MNIST idx files (default: ${datasets.MNIST_ENV})")
    parser.add_argument("--network", choices=sorted(SUBJECTS), action="append",
                        help="network to measure; may be repeated (default: all)")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N",
                        help=f"programmings of the arrays to average over (default {DRAWS})")
    parser.add_argument("--seed", type=int, default=1, help="seed of the device noise (default 1)")
    parser.add_argument("--write", action="store_true", help="write the tables into README.md of --models")
    options = parser.parse_args()
    if options.draws < 1:
        parser.error("--draws must be at least 1")
    if options.write and options.network:
        parser.error("--write needs all networks; leave out --network")
    names = options.network or list(SUBJECTS)
    rows = measure_models(options.models, names, options.data, options.draws, options.seed)
    if not rows:
        raise datasets.DataError("no data for any of the networks")
    print(table(rows))
    if options.write:
        if {row.name for row in rows} != set(names):
            raise datasets.DataError("README.md not written: a network could not be measured")
        readme = options.models / "README.md"
        text = readme.read_text(encoding="utf-8")
        text = replace_between(text, "architecture", architecture_table(options.models, names))
        text = replace_between(text, "accuracy", table(rows))
        readme.write_text(text, encoding="utf-8")
        print(f"{readme} written")
    return 0


if __name__ == "__main__":
    datasets.run_tool(main)
