# SPDX-License-Identifier: Apache-2.0
"""Train the digit networks for analog arrays and export them to ONNX.

Noise-aware training: each batch sees its own Gaussian weight noise, weights are clipped to a few
standard deviations of their layer, and the last third of the epochs also rounds weights and
activations to int8 as the hardware does. Nothing is selected on test images: the number of epochs is
fixed and the last weights are the result. Same options and same torch version: same weights.
"""

import argparse
import io
import pathlib
import time

import numpy as np
import torch
from torch import nn

import datasets
import model_file
import networks

OPSET = 13
INPUT_MEAN, INPUT_STD = 0.0, 255.0  # float input = u8 / 255: a zero pixel stays an exact zero
QUANTISED_SHARE = 1 / 3  # of the epochs, at the end
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def to_input(images):
    """uint8 (n, h, w) as float32 (n, 1, h, w) in 0..1."""
    return torch.from_numpy((images.astype(np.float32) - INPUT_MEAN) / INPUT_STD).unsqueeze(1)


def train(name, images, labels, seed, epochs, report):
    """Train network `name` on uint8 images (n, h, w) and labels (n,); returns the torch module.

    `report(epoch, epochs, loss, accuracy)` is called after each epoch; the accuracy is that on the
    augmented, noisy training batches, 0..1.
    """
    recipe = networks.RECIPES[name]
    torch.manual_seed(seed)
    network = networks.build_network(name)
    aware = networks.HardwareAware(network, recipe.weight_noise)
    inputs, targets = to_input(images), torch.from_numpy(labels.astype(np.int64))
    batches = len(inputs) // recipe.batch
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=epochs * batches, pct_start=0.2)
    for epoch in range(epochs):
        aware.quantise = epoch >= epochs - max(1, round(epochs * QUANTISED_SHARE))
        order = torch.randperm(len(inputs))[:batches * recipe.batch].view(batches, -1)
        loss_sum, correct = 0.0, 0
        for chosen in order:
            logits = aware(networks.augment(inputs[chosen], recipe, images.shape[1]))
            loss = nn.functional.cross_entropy(logits, targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            networks.clip_weights(network, recipe.clip_sigmas)
            loss_sum += float(loss.detach())
            correct += int((logits.detach().argmax(1) == targets[chosen]).sum())
        report(epoch + 1, epochs, loss_sum / batches, correct / order.numel())
    return network.eval()


def progress_printer(name):
    """A report function for `train`: one line per epoch, at most about one per second."""
    begin = time.monotonic()
    last = [0.0]

    def report(epoch, epochs, loss, accuracy):
        now = time.monotonic() - begin
        if now - last[0] >= 1 or epoch == epochs:
            last[0] = now
            print(f"{name}: epoch {epoch}/{epochs}  loss {loss:.4f}  noisy training accuracy "
                  f"{100 * accuracy:.2f} %  {now:.0f} s", flush=True)
    return report


def export(network, path, side):
    """Write `network` as ONNX: input `image` (1, 1, side, side), output `logits` (1, 10), opset 13."""
    buffer = io.BytesIO()
    torch.onnx.export(network, torch.zeros(1, 1, side, side), buffer, opset_version=OPSET,
                      input_names=["image"], output_names=["logits"], do_constant_folding=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    model_file.set_metadata(path, INPUT_MEAN, INPUT_STD)


def main():
    """Train and export the chosen networks, then measure them with evaluate.py's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=sorted(networks.RECIPES), action="append",
                        help="network to train; may be repeated (default: all)")
    parser.add_argument("--data", metavar="DIR",
                        help=f"folder of the MNIST idx files (default: ${datasets.MNIST_ENV})")
    parser.add_argument("--out", metavar="DIR", type=pathlib.Path, default=REPOSITORY / "models",
                        help="folder for NAME.onnx (default: models/)")
    parser.add_argument("--seed", type=int, default=1, help="seed of weights, noise, order (default 1)")
    parser.add_argument("--epochs", type=int, metavar="N", help="instead of the recipe's number")
    parser.add_argument("--no-eval", action="store_true", help="train and export only")
    options = parser.parse_args()
    if options.epochs is not None and options.epochs < 1:
        parser.error("--epochs must be at least 1")
    torch.set_num_threads(1)  # same sums in the same order on every run
    names = options.network or list(networks.RECIPES)
    for name in names:
        recipe = networks.RECIPES[name]
        images, labels = datasets.load_split(recipe.dataset, "train", options.data)
        network = train(name, images, labels, options.seed, options.epochs or recipe.epochs,
                        progress_printer(name))
        path = options.out / f"{name}.onnx"
        export(network, path, images.shape[1])
        print(f"{path}: {networks.count_parameters(network)} parameters, {path.stat().st_size} bytes")
    if not options.no_eval:
        import evaluate  # after training: it needs no torch, and it limits numpy's threads
        print(evaluate.table(evaluate.measure_models(options.out, names, options.data)))
    return 0


if __name__ == "__main__":
    datasets.run_tool(main)
