# SPDX-License-Identifier: Apache-2.0
"""The three networks as plain torch modules, and the hardware-aware forward pass used in training.

The modules hold only Conv2d, Linear, ReLU, MaxPool2d and Flatten, so that what is exported is what
runs; noise and quantisation live in `HardwareAware`, which walks the same layers from outside.
Inputs are float32 (n, 1, height, width) in 0..1 (pixel / 255: a black pixel is an exact zero);
outputs are 10 logits per image.
"""

import dataclasses
from collections import OrderedDict

import torch
from torch import nn

INT8_MAX = 127  # symmetric int8, zero point 0; after a ReLU only 0..127 occurs


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one network is trained. Noise in units of the largest |weight| of an output channel."""

    dataset: str  # "digits" or "mnist"
    epochs: int  # in all
    batch: int  # images
    learning_rate: float  # peak of the one-cycle schedule
    weight_noise: float  # sigma, drawn anew for every batch
    clip_sigmas: float  # weights are clipped at this many standard deviations of their layer
    rotate_deg: float  # augmentation: largest rotation
    scale: float  # augmentation: largest relative change of size
    shift_px: float  # augmentation: largest shift


# Settings of digits_cnn were compared by leaving out quarters of the training split, never on test images.
RECIPES = {
    "digits_mlp": Recipe("digits", 150, 64, 4e-3, 0.06, 2.5, 10, 0.10, 0.7),
    "digits_cnn": Recipe("digits", 120, 64, 4e-3, 0.05, 2.5, 12, 0.12, 0.8),
    "mnist_cnn": Recipe("mnist", 14, 96, 3e-3, 0.06, 2.5, 12, 0.12, 2.0),
}


def build_network(name):
    """A fresh network; hidden layers have ReLU. `name` is a key of RECIPES."""
    if name == "digits_mlp":
        return nn.Sequential(OrderedDict([
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(64, 128)), ("relu1", nn.ReLU()),
            ("fc2", nn.Linear(128, 64)), ("relu2", nn.ReLU()),
            ("fc3", nn.Linear(64, 10))]))
    if name == "digits_cnn":  # fc1 has 512 rows: two arrays of 256
        return nn.Sequential(OrderedDict([
            ("conv1", nn.Conv2d(1, 16, 3, padding=1)), ("relu1", nn.ReLU()),
            ("conv2", nn.Conv2d(16, 32, 3, padding=1)), ("relu2", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(512, 64)), ("relu3", nn.ReLU()),
            ("fc2", nn.Linear(64, 10))]))
    if name == "mnist_cnn":  # conv2 has 5*5*16 = 400 rows and fc1 has 512: both need several arrays
        return nn.Sequential(OrderedDict([
            ("conv1", nn.Conv2d(1, 16, 5)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(16, 32, 5)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(512, 128)), ("relu3", nn.ReLU()),
            ("fc2", nn.Linear(128, 10))]))
    raise ValueError(f"unknown network {name}")


def count_parameters(network):
    """Number of trained values, weights and biases."""
    return sum(p.numel() for p in network.parameters())


def fake_quantise(value, step):
    """`value` rounded to integer multiples of `step` and clipped to +-127 steps.

    The gradient passes straight through inside the range and is zero outside of it.
    """
    clipped = torch.maximum(torch.minimum(value, INT8_MAX * step), -INT8_MAX * step)
    return clipped + (torch.round(clipped / step) * step - clipped).detach()


def channel_max(weight):
    """Largest |weight| of each output channel, detached, shaped to broadcast over `weight`."""
    dims = tuple(range(1, weight.dim()))
    return weight.detach().abs().amax(dim=dims, keepdim=True).clamp_min(1e-6)


class HardwareAware:
    """Forward pass of a network as the arrays will see it, differentiable.

    Each weight matrix gets Gaussian noise with sigma = `weight_noise` times the largest |weight| of
    the output channel (new for every call); with `quantise` set, weights are rounded to symmetric
    int8 per output channel and the input of each array to symmetric int8 with a step that follows
    the running maximum of that input.
    """

    def __init__(self, network, weight_noise):
        self.network = network
        self.weight_noise = weight_noise
        self.quantise = False
        self.input_max = {}  # layer name -> running maximum of |input|

    def __call__(self, x):
        """Logits (n, 10) of images x (n, 1, h, w)."""
        for name, layer in self.network.named_children():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                x = self._array(name, layer, x)
            else:
                x = layer(x)
        return x

    def _array(self, name, layer, x):
        peak = x.detach().abs().max().clamp_min(1e-6)
        known = self.input_max.get(name)
        self.input_max[name] = peak if known is None else torch.lerp(known, peak, 0.02)
        weight = layer.weight
        largest = channel_max(weight)
        if self.quantise:
            x = fake_quantise(x, self.input_max[name] / INT8_MAX)
            weight = fake_quantise(weight, largest / INT8_MAX)
        weight = weight + self.weight_noise * largest * torch.randn_like(weight)
        if isinstance(layer, nn.Conv2d):
            return nn.functional.conv2d(x, weight, layer.bias, layer.stride, layer.padding)
        return nn.functional.linear(x, weight, layer.bias)


def clip_weights(network, sigmas):
    """Clip every weight tensor to +-`sigmas` of its own standard deviation, in place.

    A lone large weight would set the scale of its column and push the others to the low end of the
    conductance range, where the relative programming noise is worst.
    """
    with torch.no_grad():
        for layer in network.children():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                limit = sigmas * float(layer.weight.std())
                layer.weight.clamp_(-limit, limit)


def augment(images, recipe, side):
    """Random rotation, size and shift of images (n, 1, side, side); linear interpolation, black border."""
    count = images.shape[0]

    def uniform(limit):
        return (2 * torch.rand(count) - 1) * limit

    angle = torch.deg2rad(uniform(recipe.rotate_deg))
    size = 1 + uniform(recipe.scale)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = torch.cos(angle) * size
    theta[:, 0, 1] = -torch.sin(angle) * size
    theta[:, 1, 0] = torch.sin(angle) * size
    theta[:, 1, 1] = torch.cos(angle) * size
    theta[:, 0, 2] = uniform(2 * recipe.shift_px / side)
    theta[:, 1, 2] = uniform(2 * recipe.shift_px / side)
    grid = nn.functional.affine_grid(theta, list(images.shape), align_corners=False)
    return nn.functional.grid_sample(images, grid, align_corners=False)
