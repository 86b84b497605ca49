"""A body graph (model/onnx_graph.py) to walk along: its nodes, convolutions, and who reads what.

Knows the graph alone; nothing here runs it or changes it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


@dataclass(frozen=True)
class Convolution:
    """One Conv node; all but `groups` are names."""

    name: str
    source: str
    """The tensor it reads."""
    weight: str
    """(K, C / groups, kh, kw) float32, a constant."""
    bias: str
    """(K,) float32, a constant; empty where there is none."""
    output: str
    groups: int


@dataclass(frozen=True)
class Net:
    """A graph and its constants."""

    model: onnx.ModelProto
    """Without its constants; not to be changed."""
    constants: Mapping[str, NDArray[Any]]

    @property
    def nodes(self) -> list[onnx.NodeProto]:
        """In the order they run."""
        return list(self.model.graph.node)

    @cached_property
    def convolutions(self) -> tuple[Convolution, ...]:
        """In the order they run."""
        return tuple(_convolution(node) for node in self.nodes if node.op_type == "Conv")

    @cached_property
    def makers(self) -> Mapping[str, onnx.NodeProto]:
        """By tensor: the node whose output it is."""
        return {output: node for node in self.nodes for output in node.output}

    @cached_property
    def readers(self) -> Mapping[str, tuple[onnx.NodeProto, ...]]:
        """By tensor or constant: the nodes that read it."""
        found: dict[str, tuple[onnx.NodeProto, ...]] = defaultdict(tuple)
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                found[name] += (node,)
        return found

    @cached_property
    def order(self) -> Mapping[str, int]:
        """By node's name: its place in `nodes`."""
        return {node.name: index for index, node in enumerate(self.nodes)}

    def is_depthwise(self, convolution: Convolution) -> bool:
        """Whether each channel is filtered on its own, into one."""
        filters, depth = self.constants[convolution.weight].shape[:2]
        return bool(depth == 1 and filters == convolution.groups)


def read_net(path: Path) -> Net:
    """A graph from its file, with the weights that lie beside it."""
    model = onnx.load(path)
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    del model.graph.initializer[:]
    return Net(model, constants)


def _convolution(node: onnx.NodeProto) -> Convolution:
    source, weight, *bias = node.input
    groups = next((each.i for each in node.attribute if each.name == "group"), 1)
    return Convolution(node.name, source, weight, bias[0] if bias else "", node.output[0], groups)
