"""Writes a graph in which chosen convolutions are quantized, as ONNX's pairs of Q and DQ.

    tensor ─ QuantizeLinear ▶ uint8 ─ DequantizeLinear ▶ Conv ▶ ...
             weight, int8 ─ DequantizeLinear (a step for each output channel) ─┘   bias, float32

A runtime that knows the pattern runs the convolution on bytes. All other nodes keep their names and
inputs: what can be done to the graph itself can be done to this one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from model.graphs import DATA
from model.int8.net import Convolution, Net
from model.int8.points import points_of
from model.int8.ranges import Range
from model.onnx_writer import tensor_of

BODY = "body.onnx"
_MOST = 127
"""-128 is left out: so a step is the same on both sides."""


def write_body(
    net: Net, ranges: Mapping[str, Range], chosen: Collection[Convolution], folder: Path
) -> Path:
    """Write body.onnx and body.bin; returns the first.

    Args:
        net: not changed.
        ranges: by tensor, of all that the chosen need (model/int8/points.py).
        chosen: the convolutions to quantize; the others stay in float.
        folder: is made if need be; files of these names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).unlink(missing_ok=True)  # a runtime may have mapped it
    (folder / DATA).touch()  # constants are appended
    model = onnx.ModelProto()
    model.CopyFrom(net.model)
    del model.graph.node[:]
    quantizer = _Quantizer(net, ranges, chosen)
    model.graph.node.extend(quantizer.nodes())
    used = {name for node in model.graph.node for name in node.input}
    model.graph.initializer.extend(
        tensor_of(name, array, folder / DATA)
        for name, array in {**net.constants, **quantizer.constants}.items()
        if name in used
    )
    (folder / BODY).write_bytes(model.SerializeToString(deterministic=True))
    return folder / BODY


def quantized_weight(weight: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(K, ...) float32 → the same shape in int8, and (K,) steps; symmetric, by output channel."""
    peaks = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    steps = np.where(peaks > 0, peaks / _MOST, 1).astype(np.float32)
    levels = np.rint(weight / steps.reshape(-1, *[1] * (weight.ndim - 1)))
    return np.clip(levels, -_MOST, _MOST).astype(np.int8), steps


@dataclass
class _Quantizer:
    """A net's nodes with those for the chosen convolutions among them."""

    net: Net
    ranges: Mapping[str, Range]
    chosen: Collection[Convolution]
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    """Those that are new, once `nodes` is through."""

    def nodes(self) -> Iterator[onnx.NodeProto]:
        wanted = {(p.reader, p.tensor) for each in self.chosen for p in points_of(self.net, each)}
        wanted |= {(each.name, each.weight) for each in self.chosen}
        for node in self.net.nodes:
            inputs = list(node.input)
            for place, name in enumerate(inputs):
                if (node.name, name) in wanted:
                    yield from self._pair(name)
                    inputs[place] = f"{name}_dq"
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.input[:] = inputs
            yield copy

    def _pair(self, name: str) -> Iterator[onnx.NodeProto]:
        """What makes `name`_dq, unless it is there already."""
        step, zero = f"{name}_step", f"{name}_zero"
        if step in self.constants:
            return
        if name in self.net.constants:
            levels, self.constants[step] = quantized_weight(self.net.constants[name])
            self.constants[f"{name}_q"] = levels
            self.constants[zero] = np.zeros(len(levels), np.int8)
            yield _node("DequantizeLinear", f"{name}_q", step, zero, output=f"{name}_dq", axis=0)
            return
        found = self.ranges[name]
        self.constants[step] = np.array(found.step, np.float32)
        self.constants[zero] = np.array(found.zero, np.uint8)
        yield _node("QuantizeLinear", name, step, zero, output=f"{name}_q")
        yield _node("DequantizeLinear", f"{name}_q", step, zero, output=f"{name}_dq")


def _node(kind: str, *inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    node: onnx.NodeProto = helper.make_node(kind, inputs, [output], name=output, **attributes)
    return node
