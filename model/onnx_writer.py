"""Collects the nodes and constants of an ONNX graph; names are made here.

Weights go straight to a file beside the graph (ONNX's external data) and are never in memory
together; the runtimes map that file. Small constants stay in the graph.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

OPSET = 18
_IR_VERSION = 10
_SMALL_BYTES = 1024
_ALIGN_BYTES = 64  # so that a mapped weight suits every vector instruction


class OnnxWriter:
    """One graph under construction.

    Args:
        name: the graph's.
        data: file for weights, appended to; None for a graph that has none.
    """

    def __init__(self, name: str, data: Path | None = None) -> None:
        self._name = name
        self._data = data
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Append an operator with one output; returns the output's name."""
        output = output or f"{kind.lower()}_{len(self._nodes)}"
        node = helper.make_node(kind, list(inputs), [output], name=output, **attributes)
        self._nodes.append(node)
        return output

    def ops(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Append an operator with several outputs; returns their names."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        names = [f"{name}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, name=name, **attributes))
        return names

    def constant(self, array: NDArray[Any]) -> str:
        """Add a tensor the file carries; returns its name."""
        name = f"constant_{len(self._constants)}"
        self._constants[name] = tensor_of(name, array, self._data)
        return name

    def ints(self, *values: int) -> str:
        """A list of int64 as a constant."""
        return self.constant(np.array(values, np.int64))

    def size_of(self, tensor: str) -> str:
        """Height and width of a (N, C, H, W) tensor, int64 (2,)."""
        return self.op("Shape", tensor, start=2, end=4)

    def resize(self, tensor: str, size: str) -> str:
        """Bilinear, align-corners, to `size`: int64 (height, width)."""
        sizes = self.op("Concat", self.op("Shape", tensor, start=0, end=2), size, axis=0)
        return self.op(
            "Resize",
            tensor,
            "",
            "",
            sizes,
            mode="linear",
            coordinate_transformation_mode="align_corners",
        )

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """The finished graph."""
        graph = helper.make_graph(
            self._nodes, self._name, inputs, outputs, list(self._constants.values())
        )
        opset = helper.make_opsetid("", OPSET)
        model: onnx.ModelProto = helper.make_model(
            graph, opset_imports=[opset], ir_version=_IR_VERSION, producer_name=""
        )
        return model


def tensor_of(name: str, array: NDArray[Any], data: Path | None) -> onnx.TensorProto:
    """A constant; where there is a file for weights, a large one's values are appended to that."""
    array = np.ascontiguousarray(array)
    if data is None or array.nbytes < _SMALL_BYTES:
        return numpy_helper.from_array(array, name)
    return _external(name, array, data)


def _external(name: str, array: NDArray[Any], path: Path) -> onnx.TensorProto:
    with path.open("ab") as file:
        file.write(bytes(-file.tell() % _ALIGN_BYTES))
        offset = file.tell()
        file.write(array.data)
    tensor = onnx.TensorProto(
        name=name, data_type=helper.np_dtype_to_tensor_dtype(array.dtype), dims=array.shape
    )
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", path.name), ("offset", offset), ("length", array.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
