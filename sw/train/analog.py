# SPDX-License-Identifier: Apache-2.0
"""Numpy forward passes of a Model: float, int8, and int8 on noisy PCM arrays.

A model of the arithmetic for judging training, not the platform's tile. Units: conductance in
microsiemens (uS); inside an array weights are scaled to -1..1 per output column and inputs to -1..1,
so that outputs are in units of one full-scale cell.

Sources of the numbers: programming noise of a two-device HERMES weight and the short-term read noise
are those of the aihwkit presets for that chip (Le Gallo et al., Nature Electronics 6, 2023; Rasch et
al., Nature Communications 14, 2023).
"""

import dataclasses

import numpy as np

INT8_MAX = 127
G_MAX_US = 20.7  # largest conductance of a two-device weight
# Programming noise sigma in uS: polynomial in g / g_max, constant term first.
PROGRAM_SIGMA_US = (0.16603222, 4.71806468, -8.48101252, 4.68961419)
READ_NOISE = 0.0175  # sigma per sqrt(sum |w| x^2)
ARRAY_ROWS = 256  # a longer column is split over arrays and summed digitally
ADC_BOUND = 10.0  # full scale, in units of one full-scale cell
ADC_NOISE = 0.04  # sigma at the converter's input, same unit
ADC_STEP = 2 * ADC_BOUND / 254  # 8 bit


@dataclasses.dataclass
class Array:
    """A layer with weights on arrays: codes int8-valued float32 (rows, cols), steps per column."""

    codes: np.ndarray
    steps: np.ndarray  # float weight = code * step, shape (cols,)
    input_step: float = 1.0  # float input = code * input_step
    noisy: np.ndarray = None  # programmed weights in -1..1; None: exact


def weight_matrix(layer):
    """Weights of a Conv or Gemm as float32 (rows, cols); rows in the order of `patches`."""
    return layer.weight.reshape(len(layer.weight), -1).T.astype(np.float32)


def patches(x, size, padding, stride):
    """im2col: (n, c, h, w) -> (n, oh, ow, c*size*size)."""
    if padding:
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    view = view[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    return view.reshape(view.shape[:3] + (-1,))


def run_layers(model, x, product):
    """Logits (n, 10) of inputs x (n, c, h, w).

    `product(index, layer, matrix)` returns the layer's output (n, cols) with its bias, for the input
    matrix (n, rows); it is where the three arithmetics differ.
    """
    for index, layer in enumerate(model.layers):
        if layer.operator == "Conv":
            columns = patches(x, layer.weight.shape[2], layer.padding, layer.stride)
            y = product(index, layer, columns.reshape(-1, columns.shape[-1]))
            x = y.reshape(columns.shape[:3] + (-1,)).transpose(0, 3, 1, 2)
        elif layer.operator == "Gemm":
            x = product(index, layer, x)
        elif layer.operator == "Relu":
            x = np.maximum(x, 0)
        elif layer.operator == "MaxPool":
            view = np.lib.stride_tricks.sliding_window_view(x, (layer.window,) * 2, axis=(2, 3))
            x = view[:, :, ::layer.stride, ::layer.stride].max(axis=(4, 5))
        elif layer.operator == "Flatten":
            x = x.reshape(len(x), -1)
    return x


def float_product(index, layer, matrix):
    """Exact product in float32."""
    return matrix @ weight_matrix(layer) + layer.bias


def quantise_model(model, calibration):
    """Arrays by layer index: symmetric int8 weights per output column, inputs from calibration.

    `calibration` holds training images uint8 (n, h, w); the step of an array's input is the largest
    |input| seen there / 127. Also returns the step of the logits, found the same way.
    """
    arrays = {}

    def observe(index, layer, matrix):
        weights = weight_matrix(layer)
        steps = np.maximum(np.abs(weights).max(axis=0), 1e-12) / INT8_MAX
        input_step = max(float(np.abs(matrix).max()), 1e-12) / INT8_MAX
        arrays[index] = Array(np.round(weights / steps), steps, input_step)
        return float_product(index, layer, matrix)

    logits = run_layers(model, model.normalise(calibration), observe)
    return arrays, float(np.abs(logits).max()) / INT8_MAX


def program(weights, rng):
    """Weights (rows, cols) in -1..1 after programming both conductances of each pair with noise.

    Positive weights go to g+, negative ones to g-; the other member of the pair is aimed at 0 and has
    the noise of an empty device. Conductances cannot be negative.
    """
    result = np.zeros_like(weights)
    for sign in (1, -1):
        target = np.maximum(sign * weights, 0)
        sigma = np.polynomial.polynomial.polyval(target, PROGRAM_SIGMA_US) / G_MAX_US
        noise = sigma * rng.standard_normal(weights.shape)
        result += sign * np.maximum(target + noise, 0)
    return result.astype(np.float32)


def analog_product(matrix, weights, rng, adc):
    """Array outputs (n, cols) for inputs (n, rows) in -1..1, with read noise, block by block of rows.

    With `adc` each block also passes an 8-bit converter of full scale +-10 with its own noise.
    """
    total = 0
    for start in range(0, len(weights), ARRAY_ROWS):
        x, w = matrix[:, start:start + ARRAY_ROWS], weights[start:start + ARRAY_ROWS]
        y = x @ w
        y += READ_NOISE * np.sqrt((x * x) @ np.abs(w)) * rng.standard_normal(y.shape, dtype=np.float32)
        if adc:
            y += ADC_NOISE * rng.standard_normal(y.shape, dtype=np.float32)
            y = np.round(np.clip(y, -ADC_BOUND, ADC_BOUND) / ADC_STEP) * ADC_STEP
        total = total + y
    return total


def int8_logits(model, arrays, logit_step, images, rng=None, adc=False):
    """int8 codes of the logits (n, 10) for uint8 images (n, h, w).

    With `rng` None the products are exact; otherwise they run on the arrays' programmed weights.
    """
    def product(index, layer, matrix):
        array = arrays[index]
        codes = np.clip(np.round(matrix / array.input_step), -INT8_MAX, INT8_MAX)
        scale = array.steps * array.input_step
        if rng is None:
            return codes @ array.codes * scale + layer.bias
        y = analog_product((codes / INT8_MAX).astype(np.float32), array.noisy, rng, adc)
        return y * (scale * INT8_MAX * INT8_MAX).astype(np.float32) + layer.bias

    logits = run_layers(model, model.normalise(images), product)
    return np.clip(np.round(logits / logit_step), -INT8_MAX, INT8_MAX)


def accuracy(logits, labels):
    """Share of images whose largest logit (the first of equals) is at the label, 0..1."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))


def in_chunks(forward, images, size=250):
    """`forward` over `images` in chunks of `size`, to bound the memory that im2col takes."""
    return np.concatenate([forward(images[i:i + size]) for i in range(0, len(images), size)])


def measure(model, calibration, images, labels, draws=10, seed=1, progress=None):
    """Accuracies (0..1) of `model` on images/labels as a dict.

    Keys: float, int8, pcm and pcm_adc (means over `draws` programmings), pcm_std, pcm_adc_std.
    """
    arrays, logit_step = quantise_model(model, calibration)
    figures = {
        "float": accuracy(in_chunks(
            lambda part: run_layers(model, model.normalise(part), float_product), images), labels),
        "int8": accuracy(in_chunks(
            lambda part: int8_logits(model, arrays, logit_step, part), images), labels)}
    for key, adc in (("pcm", False), ("pcm_adc", True)):
        values = []
        for draw in range(draws):
            rng = np.random.default_rng([seed, draw])
            for array in arrays.values():
                array.noisy = program(array.codes / INT8_MAX, rng)
            values.append(accuracy(in_chunks(
                lambda part: int8_logits(model, arrays, logit_step, part, rng, adc), images), labels))
            if progress:
                progress(f"{key} draw {draw + 1}/{draws}")
        figures[key], figures[key + "_std"] = float(np.mean(values)), float(np.std(values))
    return figures
