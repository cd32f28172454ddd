# SPDX-License-Identifier: Apache-2.0
"""The ONNX files of `models/` as plain lists of layers, read with the onnx package (no torch)."""

import dataclasses

import numpy as np
import onnx
from onnx import numpy_helper

OPERATORS = {"Conv", "Relu", "MaxPool", "Flatten", "Gemm"}
MEAN_KEY = "aimc.input_mean"  # float input = (u8 pixel - mean) / std, one number per channel
STD_KEY = "aimc.input_std"


@dataclasses.dataclass
class Layer:
    """One node of a linear graph. weight: Conv (cout, cin, kh, kw), Gemm (out, in); bias: (cout,)."""

    operator: str
    name: str
    weight: np.ndarray = None
    bias: np.ndarray = None
    padding: int = 0  # same on all sides
    stride: int = 1
    window: int = 0  # MaxPool

    def rows(self):
        """Array rows that the weights need: the im2col height of a Conv, the inputs of a Gemm."""
        return int(np.prod(self.weight.shape[1:]))


@dataclasses.dataclass
class Model:
    """Layers in order of execution, the input shape (channels, height, width) and its scaling."""

    layers: list
    input_shape: tuple
    mean: float
    std: float

    def parameter_count(self):
        """Number of weights and biases."""
        return sum(l.weight.size + l.bias.size for l in self.layers if l.weight is not None)

    def normalise(self, images):
        """Float32 input (n, c, h, w) from uint8 images (n, h, w)."""
        x = (images.astype(np.float32) - self.mean) / self.std
        return x.reshape((len(images),) + self.input_shape)


def set_metadata(path, mean, std):
    """Add the input scaling to the file at `path` and drop the exporter's source positions."""
    proto = onnx.load(str(path))
    for node in proto.graph.node:
        node.doc_string = ""
    proto.doc_string = ""
    proto.graph.doc_string = ""
    del proto.metadata_props[:]
    for key, value in ((MEAN_KEY, mean), (STD_KEY, std)):
        proto.metadata_props.add(key=key, value=f"{value:g}")
    onnx.checker.check_model(proto)
    onnx.save(proto, str(path))


def _square(values, what, node):
    """The one value that all of `values` have; raises ValueError when they differ."""
    if len(set(values)) != 1:
        raise ValueError(f"{node.name}: {what} {list(values)} is not the same on all sides")
    return int(values[0])


def read_model(path):
    """The Model in the ONNX file at `path`.

    Raises ValueError for anything outside of a chain of OPERATORS (branches, groups, dilation).
    """
    proto = onnx.load(str(path))
    tensors = {t.name: numpy_helper.to_array(t) for t in proto.graph.initializer}
    inputs = [i for i in proto.graph.input if i.name not in tensors]
    shape = tuple(d.dim_value for d in inputs[0].type.tensor_type.shape.dim)[1:]
    metadata = {p.key: float(p.value) for p in proto.metadata_props if p.key.startswith("aimc.")}
    current = inputs[0].name
    layers = []
    for node in proto.graph.node:
        if node.op_type not in OPERATORS or node.input[0] != current:
            raise ValueError(f"{path}: node {node.name} ({node.op_type}) does not fit a plain chain")
        current = node.output[0]
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        layer = Layer(node.op_type, node.name)
        if node.op_type in ("Conv", "Gemm"):
            layer.weight, layer.bias = tensors[node.input[1]], tensors[node.input[2]]
        if node.op_type == "Gemm" and not attributes.get("transB", 0):
            layer.weight = layer.weight.T
        if node.op_type in ("Conv", "MaxPool"):
            layer.padding = _square(attributes.get("pads", [0]), "padding", node)
            layer.stride = _square(attributes.get("strides", [1]), "stride", node)
            if attributes.get("group", 1) != 1 or set(attributes.get("dilations", [1])) != {1}:
                raise ValueError(f"{path}: node {node.name} has groups or dilation")
        if node.op_type == "MaxPool":
            layer.window = _square(attributes["kernel_shape"], "window", node)
        layers.append(layer)
    return Model(layers, shape, metadata.get(MEAN_KEY, 0.0), metadata.get(STD_KEY, 1.0))
