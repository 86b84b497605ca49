"""The body in ONNX: a photo's maps, and what each anchor says, for any height and width.

    image (1, H, W, 3) uint8 ─ ResNet ─ pyramid ▶ map2 .. map5 (1, h, w, 256)
                                          └ region proposals ▶ scores (A,), deltas (A, 4)

Without a pyramid the ResNet's third stage is the one map, map4. Anchors are in the order of levels,
rows, columns, kinds; scores are logits, for what turns them into probabilities keeps float32.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

from model.instances.layers import Layers
from model.instances.network import Network
from model.onnx_writer import OnnxWriter


class Drawing:
    """Writes graphs, a network's layers at hand; methods take and return tensors' names."""

    def __init__(self, writer: OnnxWriter, layers: Layers) -> None:
        self.writer = writer
        self._layers = layers

    def convolution(self, tensor: str, name: str, *, stride: int = 1) -> str:
        """Padded so that a stride of 1 keeps the size."""
        layer = self._layers[name]
        weight, bias = (self.writer.constant(array) for array in (layer.weight, layer.bias))
        kernel = layer.weight.shape[2]
        return self.writer.op(
            "Conv",
            tensor,
            weight,
            bias,
            kernel_shape=(kernel, kernel),
            strides=(stride, stride),
            pads=(kernel // 2,) * 4,
        )

    def upscale(self, tensor: str, name: str) -> str:
        """Transposed convolution, 2x2 at stride 2."""
        layer = self._layers[name]
        weight, bias = (self.writer.constant(array) for array in (layer.weight, layer.bias))
        return self.writer.op(
            "ConvTranspose", tensor, weight, bias, kernel_shape=(2, 2), strides=(2, 2)
        )

    def dense(self, tensor: str, name: str) -> str:
        """(N, in) → (N, out)."""
        layer = self._layers[name]
        weight, bias = (self.writer.constant(array) for array in (layer.weight, layer.bias))
        return self.writer.op("Gemm", tensor, weight, bias, transB=1)

    def relu(self, tensor: str) -> str:
        """Nothing below zero."""
        return self.writer.op("Relu", tensor)

    def has(self, name: str) -> bool:
        """Whether the network has such a layer."""
        return name in self._layers

    def stage(self, tensor: str, number: int, network: Network) -> str:
        """One of a ResNet's four stages."""
        for block in range(network.backbone.blocks[number - 1]):
            stride = 2 if number > 1 and block == 0 else 1
            tensor = self._block(tensor, f"stage{number}.{block}", stride, network)
        return tensor

    def _block(self, tensor: str, name: str, stride: int, network: Network) -> str:
        if network.backbone.bottleneck:
            inner = self.relu(self.convolution(tensor, f"{name}.0"))
            inner = self.relu(self.convolution(inner, f"{name}.1", stride=stride))
            inner = self.convolution(inner, f"{name}.2")
        else:
            inner = self.relu(self.convolution(tensor, f"{name}.0", stride=stride))
            inner = self.convolution(inner, f"{name}.1")
        shortcut = self._shortcut(tensor, name, stride, network)
        return self.relu(self.writer.op("Add", inner, shortcut))

    def _shortcut(self, tensor: str, name: str, stride: int, network: Network) -> str:
        if not self.has(f"{name}.shortcut"):
            return tensor
        if network.backbone.deep and stride > 1:
            window = (stride, stride)
            tensor = self.writer.op(
                "AveragePool", tensor, kernel_shape=window, strides=window, ceil_mode=1
            )
            stride = 1
        return self.convolution(tensor, f"{name}.shortcut", stride=stride)


def body_model(network: Network, layers: Layers, writer: OnnxWriter) -> onnx.ModelProto:
    """The graph; the writer is new and takes the weights."""
    draw = Drawing(writer, layers)
    stages = _stages(draw, network)
    maps = _pyramid(draw, stages) if network.pyramid else stages[-1:]
    for tensor, name in zip(maps, network.map_names, strict=False):  # not the coarsest
        writer.op("Transpose", tensor, output=name, perm=(0, 2, 3, 1))
    _proposals(draw, maps)
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, [1, "H", "W", 3])
    channels = int(layers["rpn.hidden"].weight.shape[1])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None, channels])
        for name in network.map_names
    ]
    outputs.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["A"]))
    outputs.append(helper.make_tensor_value_info("deltas", TensorProto.FLOAT, ["A", 4]))
    return writer.model([image], outputs)


def _normalized(writer: OnnxWriter, network: Network) -> str:
    """uint8 (1, H, W, 3) → float32 (1, 3, H, W)."""
    planes = writer.op("Transpose", "image", perm=(0, 3, 1, 2))
    floats = writer.op("Cast", planes, to=TensorProto.FLOAT)
    mean, std = (
        np.array(values, np.float32).reshape(1, 3, 1, 1)
        for values in (network.rules.mean, network.rules.std)
    )
    centred = writer.op("Sub", floats, writer.constant(mean))
    return _filled_up(writer, writer.op("Mul", centred, writer.constant(1 / std)), network)


def _filled_up(writer: OnnxWriter, tensor: str, network: Network) -> str:
    """With zeros, the mean, right and below."""
    if network.rules.multiple == 1:
        return tensor
    beyond = writer.op("Neg", writer.size_of(tensor))
    more = writer.op(
        "Mod", beyond, writer.ints(network.rules.multiple)
    )  # of a negative: what lacks
    pads = writer.op("Concat", writer.ints(0, 0, 0, 0, 0, 0), more, axis=0)
    return writer.op("Pad", tensor, pads)


def _stages(draw: Drawing, network: Network) -> list[str]:
    """What leaves each stage of the ResNet; the fourth is the heads' where there is no pyramid."""
    tensor = _normalized(draw.writer, network)
    for index in range(3 if network.backbone.deep else 1):
        tensor = draw.relu(draw.convolution(tensor, f"stem.{index}", stride=2 if index == 0 else 1))
    tensor = draw.writer.op(
        "MaxPool", tensor, kernel_shape=(3, 3), strides=(2, 2), pads=(1, 1, 1, 1)
    )
    stages = []
    for number in range(1, 5 if network.pyramid else 4):
        tensor = draw.stage(tensor, number, network)
        stages.append(tensor)
    return stages


def _pyramid(draw: Drawing, stages: Sequence[str]) -> list[str]:
    """Maps of levels 2 to 6."""
    writer, maps = draw.writer, []
    above = ""
    for level, stage in zip((5, 4, 3, 2), reversed(stages), strict=True):
        lateral = draw.convolution(stage, f"lateral{level}")
        if above:
            lateral = writer.op("Add", lateral, _doubled(writer, above, lateral))
        maps.append(draw.convolution(lateral, f"smooth{level}"))
        if not above:
            coarsest = _sixth(draw, lateral, maps[0])
        above = lateral
    return [*reversed(maps), coarsest]


def _sixth(draw: Drawing, lateral: str, fifth: str) -> str:
    if draw.has("extra6"):
        return draw.convolution(lateral, "extra6", stride=2)
    return draw.writer.op("MaxPool", fifth, kernel_shape=(1, 1), strides=(2, 2))


def _doubled(writer: OnnxWriter, tensor: str, like: str) -> str:
    """Each cell twice, down and across, without the last row or column where there is none below.

    Cell i of 2n or 2n - 1 is cell floor(i / 2) of n; resizing to 2n - 1 finds the same, for
    i n / (2n - 1) stays below the next whole number.
    """
    sizes = writer.op(
        "Concat", writer.op("Shape", tensor, start=0, end=2), writer.size_of(like), axis=0
    )
    return writer.op(
        "Resize",
        tensor,
        "",
        "",
        sizes,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _proposals(draw: Drawing, maps: Sequence[str]) -> None:
    """One head over all maps."""
    writer = draw.writer
    scores: list[str] = []
    deltas: list[str] = []
    for tensor in maps:
        hidden = draw.relu(draw.convolution(tensor, "rpn.hidden"))
        for name, shape, found in (("scores", (-1,), scores), ("deltas", (-1, 4), deltas)):
            planes = draw.convolution(hidden, f"rpn.{name}")
            cells = writer.op("Transpose", planes, perm=(0, 2, 3, 1))
            found.append(writer.op("Reshape", cells, writer.ints(*shape)))
    writer.op("Concat", *scores, output="scores", axis=0)
    writer.op("Concat", *deltas, output="deltas", axis=0)
