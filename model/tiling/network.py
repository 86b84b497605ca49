"""A body's graph, read: which tensors come of the photo's pixels, on which grid, from how far.

Works on what model/onnx_graph.py writes, in floats or with quantized convolutions in it
(QuantizeLinear and DequantizeLinear in between): every other operator passes a grid on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import onnx
from onnx import helper, numpy_helper

from model.errors import ArtifactError
from model.tiling.grids import Grid, Window

PHOTO = "image"
_WINDOWS = frozenset({"Conv", "MaxPool", "AveragePool", "Pad"})
_RESIZE_SIZES, _PAD_WIDTHS = 3, 1
"""Places among the inputs."""
_PASSES = frozenset({"QuantizeLinear", "DequantizeLinear"})


@dataclass(frozen=True)
class Pooling:
    """A pool over the whole photo, as the graph has it."""

    source: str
    cells: int


class Network:
    """A body; its one output is the logits.

    Args:
        model: not changed; its weights are not looked at.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.nodes = list(model.graph.node)
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self._makers = {node.output[0]: node for node in self.nodes}
        self._grids: dict[str, Grid] = {}

    @cached_property
    def content(self) -> frozenset[str]:
        """What comes of the photo's pixels, not merely of its size or of weights."""
        found = {PHOTO}
        for node in self.nodes:
            if node.op_type != "Shape" and found.intersection(node.input):
                found.update(node.output)
        return frozenset(found)

    @cached_property
    def resizes(self) -> dict[str, str]:
        """Resized tensor → the tensor whose size it takes."""
        return {
            node.output[0]: self._partner(node) for node in self.nodes if node.op_type == "Resize"
        }

    @cached_property
    def pools(self) -> dict[str, Pooling]:
        """Pooled tensor → what it pools."""
        found = {node.output[0]: self._pooling(node) for node in self.nodes}
        return {name: pooling for name, pooling in found.items() if pooling}

    def maker(self, tensor: str) -> onnx.NodeProto:
        """The node whose output it is."""
        return self._makers[tensor]

    def grid(self, tensor: str) -> Grid:
        """Where its cells lie.

        Raises:
            ArtifactError: a window is not square.
        """
        if tensor not in self._grids:
            self._grids[tensor] = self._grid(tensor)
        return self._grids[tensor]

    def joined_channels(self, tensor: str) -> int:
        """Channels of what is concatenated to others and came from a convolution; else 0."""
        if not any(node.op_type == "Concat" and tensor in node.input for node in self.nodes):
            return 0
        node = self.maker(tensor)
        while node.op_type != "Conv" and node.input[0] in self._makers:
            node = self.maker(node.input[0])
        weight = node.input[1] if node.op_type == "Conv" else ""
        while weight in self._makers:  # dequantized
            weight = self.maker(weight).input[0]
        return int(self._constants[weight].dims[0]) if weight else 0

    def reach(self) -> int:
        """Pixels around its place that can change a cell of any tensor; pooled ones count anew."""
        reaches = {PHOTO: (0, 0)}  # upwards and downwards, where a window is not centred
        for node in self.nodes:
            sources = [reaches[name] for name in node.input if name in self.content]
            if not sources or node.op_type == "Shape":
                continue
            name = node.output[0]
            up, down = (0, 0) if name in self.pools else self._own_reach(node)
            before, after = (0, 0) if name in self.pools else map(max, zip(*sources, strict=True))
            reaches[name] = (before + up, after + down)
        return max(max(pair) for pair in reaches.values())

    def _own_reach(self, node: onnx.NodeProto) -> tuple[int, int]:
        if node.op_type in _WINDOWS:
            before, window = _window(node, self._constants)
            stride = self.grid(node.input[0]).stride
            return before * stride, (window.span - 1 - before) * stride
        if node.op_type == "Resize":
            both = resize_reach(self.grid(node.input[0]), self.grid(node.output[0]))
            return both, both
        return 0, 0

    def _grid(self, tensor: str) -> Grid:
        if tensor == PHOTO:
            return Grid()
        node = self.maker(tensor)
        if tensor in self.pools:
            return Grid(cells=self.pools[tensor].cells)
        if node.op_type in _WINDOWS:
            return self.grid(node.input[0]).then(_window(node, self._constants)[1])
        if tensor in self.resizes:
            return self.grid(self.resizes[tensor])
        if node.op_type == "Reshape" and node.input[1] in self._makers:
            return self.grid(self.maker(node.input[1]).input[0])  # takes the shape of this one
        return self.grid(next(name for name in node.input if name in self.content))

    def _partner(self, resize: onnx.NodeProto) -> str:
        sizes = self.maker(resize.input[_RESIZE_SIZES])  # (N, C) of its own, (H, W) of the other
        return str(self.maker(sizes.input[1]).input[0])

    def _pooling(self, node: onnx.NodeProto) -> Pooling | None:
        """GlobalAveragePool, or averages · (source · averages), both made of sizes alone."""
        if node.op_type == "GlobalAveragePool":
            return Pooling(node.input[0], 1)
        if node.op_type != "MatMul" or node.input[0] in self.content:
            return None
        inner = self.maker(node.input[1])
        while inner.op_type in _PASSES:
            inner = self.maker(inner.input[0])
        return Pooling(inner.input[0], self._cells(node.input[0]))

    def _cells(self, averages: str) -> int:
        """Rows of the matrix, which begins as a column of their numbers."""
        for name in self._ancestors(averages):
            if name in self._constants and len(self._constants[name].dims) > 1:
                return int(self._constants[name].dims[0])
        msg = f"the network pools by a matrix of unknown size: {averages}"
        raise ArtifactError(msg)

    def _ancestors(self, tensor: str) -> Iterator[str]:
        yield tensor
        node = self._makers.get(tensor)
        if node is not None and node.op_type != "Shape":
            for name in node.input:
                yield from self._ancestors(name)


def resize_reach(source: Grid, target: Grid) -> int:
    """Pixels between a resized cell and the farthest of the two it is made of.

    Align-corners stretches: cell i of the target lies i (source - 1) / (target - 1) cells into the
    source, which runs away from where i stands over the photo. What is farthest apart are the last
    cells; how far depends on the side modulo the strides.
    """
    if source.cells:
        return 0
    period = max(source.stride, target.stride)
    drifts = [
        (source.count(side) - 1) * source.stride - (target.count(side) - 1) * target.stride
        for side in range(64 * period, 65 * period)
    ]
    return max(map(abs, drifts)) + source.stride


def _window(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> tuple[int, Window]:
    """Cells added before, and the window."""
    if node.op_type == "Pad":
        widths = numpy_helper.to_array(constants[node.input[_PAD_WIDTHS]]).tolist()
        before, after = _square(node, widths[2:4]), _square(node, widths[6:8])
        return before, Window(1, 1, before + after)
    attributes: dict[str, Any] = {
        attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute
    }
    kernel = _square(node, attributes["kernel_shape"])
    dilation = _square(node, attributes.get("dilations", (1, 1)))
    pads = attributes.get("pads", (0, 0, 0, 0))
    before, after = _square(node, pads[:2]), _square(node, pads[2:])
    if attributes.get("ceil_mode"):
        raise _cannot(node)
    stride = _square(node, attributes.get("strides", (1, 1)))
    return before, Window(dilation * (kernel - 1) + 1, stride, before + after)


def _square(node: onnx.NodeProto, numbers: Any) -> int:
    down, across = numbers
    if down != across:
        raise _cannot(node)
    return int(down)


def _cannot(node: onnx.NodeProto) -> ArtifactError:
    return ArtifactError(f"the network cannot be cut into tiles: {node.op_type} {node.name}")
