"""The heads in ONNX: what the cells of regions (model/instances/regions.py) say of them.

    cells (N, 7, 7, 256)             ─ box head ▶ scores (N, C + 1), deltas (N, 4 C)
    cells (N, 14, 14, 256), kinds (N,) ─ mask head ▶ masks (N, 28, 28)

Without a pyramid both take 14 by 14 cells through the ResNet's last stage. Scores and masks are
logits; a mask is that of the region's kind alone.
"""

import onnx
from onnx import TensorProto, helper

from model.instances.body import Drawing
from model.instances.layers import Layer, Layers
from model.instances.network import Network
from model.onnx_writer import OnnxWriter


def box_model(network: Network, layers: Layers, writer: OnnxWriter) -> onnx.ModelProto:
    """The graph of scores and deltas; the writer is new and takes the weights."""
    if "box.conv" not in layers and network.pyramid:
        first = layers["box.hidden.0"]
        layers = {**layers, "box.hidden.0": _for_cells(first, network.box_cells)}
    draw = Drawing(writer, layers)
    tensor = _box_features(draw, network)
    for name in ("scores", "deltas"):
        writer.op("Identity", draw.dense(tensor, f"box.{name}"), output=name)
    outputs = [
        helper.make_tensor_value_info(
            name, TensorProto.FLOAT, ["N", len(layers[f"box.{name}"].bias)]
        )
        for name in ("scores", "deltas")
    ]
    return writer.model([_cells(network, layers, network.box_cells)], outputs)


def mask_model(network: Network, layers: Layers, writer: OnnxWriter) -> onnx.ModelProto:
    """The graph of masks; the writer is new and takes the weights."""
    draw = Drawing(writer, layers)
    tensor = _planes(draw, network)
    for index in range(network.mask_convolutions):
        tensor = draw.relu(draw.convolution(tensor, f"mask.hidden.{index}"))
    tensor = draw.relu(draw.upscale(tensor, "mask.upscale"))
    planes = draw.convolution(tensor, "mask.masks")
    kinds = writer.op("Unsqueeze", "kinds", writer.ints(1))
    writer.op("GatherND", planes, kinds, output="masks", batch_dims=1)
    side = network.mask_side
    inputs = [
        _cells(network, layers, network.mask_pooled),
        helper.make_tensor_value_info("kinds", TensorProto.INT64, ["N"]),
    ]
    masks = helper.make_tensor_value_info("masks", TensorProto.FLOAT, ["N", side, side])
    return writer.model(inputs, [masks])


def _cells(network: Network, layers: Layers, side: int) -> onnx.ValueInfoProto:
    channels = int(layers["rpn.hidden"].weight.shape[1])
    return helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["N", side, side, channels])


def _planes(draw: Drawing, network: Network) -> str:
    """Cells, channels first; without a pyramid, through the ResNet's last stage."""
    planes = draw.writer.op("Transpose", "cells", perm=(0, 3, 1, 2))
    return planes if network.pyramid else draw.stage(planes, 4, network)


def _for_cells(layer: Layer, side: int) -> Layer:
    """A dense layer after cells, channels first, as one after cells, channels last."""
    outputs, inputs = layer.weight.shape
    planes = layer.weight.reshape(outputs, inputs // side**2, side, side)
    return Layer(planes.transpose(0, 2, 3, 1).reshape(outputs, inputs), layer.bias)


def _box_features(draw: Drawing, network: Network) -> str:
    writer = draw.writer
    if not network.pyramid:
        return writer.op("Flatten", writer.op("GlobalAveragePool", _planes(draw, network)))
    tensor = "cells"
    if draw.has("box.conv"):
        tensor = draw.relu(draw.convolution(_planes(draw, network), "box.conv"))
    tensor = writer.op("Flatten", tensor)
    for name in ("box.hidden.0", "box.hidden.1"):
        if draw.has(name):
            tensor = draw.relu(draw.dense(tensor, name))
    return tensor
