"""Network → ONNX: its body, for any height and width.

    image (N, H, W, 3) uint8 ─ body ▶ logits (N, C, h, w) float32 ─ head (model/onnx_heads.py)

The body has mean and standard deviation inside and ends before the network's last resize, at the
network's own stride; batch normalisation is folded into the convolution before it. Sizes come from
the tensors that model/free_size.py names.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from model.free_size import RESIZE
from model.graph import PHOTO, Graph, Node
from model.onnx_ops import translate
from model.onnx_writer import OnnxWriter
from model.preprocess import MEAN_RGB, STD_RGB

Weights = dict[str, NDArray[np.float32]]


def body_model(graph: Graph, weights: Weights, data: Path) -> onnx.ModelProto:
    """`image`: uint8 RGB (N, H, W, 3) → `logits`: float32 (N, C, h, w).

    Args:
        graph: freed of its size; its one head is the logits.
        weights: by variable; not changed.
        data: file that takes the weights; the model names it and must lie beside it.
    """
    writer = OnnxWriter("body", data)
    writer.op("Identity", _Body(writer, graph, weights).translated(), output="logits")
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", "H", "W", 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", None, "h", "w"])
    return writer.model([image], [logits])


class _Body:
    """A network on its way into a writer, node by node; weights are written as they are needed."""

    def __init__(self, writer: OnnxWriter, graph: Graph, weights: Weights) -> None:
        self._writer = writer
        self._graph = graph
        self._weights = weights
        self._names: dict[int, str] = {}

    def translated(self) -> str:
        """Translate all that the head needs; returns the name of its output."""
        for index in self._graph.in_order():
            node = self._graph.nodes[index]
            if node.op != "null" and not self._goes_into_norm(index):
                self._names[index] = self._translated(index, node)
        return self._names[self._graph.heads[0][0]]

    def _translated(self, index: int, node: Node) -> str:
        source = node.inputs[0][0]
        if node.op == "BatchNorm" and self._goes_into_norm(source):
            return self._folded(self._graph.nodes[source], node)
        inputs = [self._name(position) for position, _ in node.inputs]
        if node.op == RESIZE:
            return self._writer.resize(inputs[0], self._writer.size_of(inputs[1]))
        return translate(self._writer, node, inputs)

    def _name(self, index: int) -> str:
        if index not in self._names:
            name = self._graph.nodes[index].name
            self._names[index] = (
                _normalized(self._writer)
                if name == PHOTO
                else self._writer.constant(self._weights[name])
            )
        return self._names[index]

    def _goes_into_norm(self, index: int) -> bool:
        """Whether this is a convolution that a batch normalisation, and nothing else, reads."""
        readers = [self._graph.nodes[reader].op for reader in self._graph.readers[index]]
        return self._graph.nodes[index].op == "Convolution" and readers == ["BatchNorm"]

    def _folded(self, convolution: Node, norm: Node) -> str:
        """Y = gamma (w x + b - mean) / sqrt(variance + eps) + beta, as w' x + b'."""
        gamma, beta, mean, variance = self._arrays(norm)
        if norm.attrs.get("fix_gamma", "True") in {"True", "1"}:
            gamma = np.ones_like(gamma)
        factor = gamma / np.sqrt(variance + np.float32(norm.attrs.get("eps", "1e-3")))
        weight, *bias = self._arrays(convolution)
        before = bias[0] if bias else np.zeros_like(mean)
        folded = (weight * factor[:, None, None, None], beta + (before - mean) * factor)
        constants = [self._writer.constant(array) for array in folded]
        image = self._name(convolution.inputs[0][0])
        return translate(self._writer, convolution, [image, *constants])

    def _arrays(self, node: Node) -> list[NDArray[np.float32]]:
        """A node's weights, all but its first input."""
        return [self._weights[self._graph.nodes[index].name] for index, _ in node.inputs[1:]]


def _normalized(writer: OnnxWriter) -> str:
    """uint8 (N, H, W, 3) → float32 (N, 3, H, W), as model/preprocess.py does it."""
    planes = writer.op("Transpose", "image", perm=(0, 3, 1, 2))
    floats = writer.op("Cast", planes, to=TensorProto.FLOAT)
    mean = 255 * np.array(MEAN_RGB, np.float32).reshape(1, 3, 1, 1)
    scale = 1 / (255 * np.array(STD_RGB, np.float32)).reshape(1, 3, 1, 1)
    return writer.op("Mul", writer.op("Sub", floats, writer.constant(mean)), writer.constant(scale))
