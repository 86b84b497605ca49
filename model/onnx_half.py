"""A body in float16: what convolutions give stays so until something needs float32.

Convolutions take float16 from here on; what merely passes their numbers on (sums, pooling, resizes)
does so in float16 too. Everything else keeps float32 and gets its inputs cast back, attention
above all: it multiplies and sums over all pixels, and can leave float16's range.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model.errors import EngineError

_MAKES_HALF = frozenset({"Conv"})
_PASSES_HALF = frozenset(
    {
        "Add",
        "AveragePool",
        "Concat",
        "GlobalAveragePool",
        "Identity",
        "MaxPool",
        "Pad",
        "Relu",
        "Resize",
    }
)
_FLOAT_INPUTS = {"Resize": (0,), "Pad": (0, 2)}
_TAKES_ANY = frozenset({"Shape"})


def in_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with convolutions in float16; inputs and outputs keep their types.

    Args:
        model: float32, weights loaded; not changed.

    Raises:
        EngineError: a weight is beyond float16.
    """
    half = _Half(model.graph)
    nodes = half.nodes()
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.ClearField("node")
    copy.graph.node.extend(nodes)
    copy.graph.ClearField("initializer")
    copy.graph.initializer.extend(half.constants())
    return copy


class _Half:
    """One graph on its way to float16."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._halved: dict[str, onnx.TensorProto] = {}
        self._half: set[str] = set()  # names of what is float16
        self._nodes: list[onnx.NodeProto] = []
        self._casts: dict[tuple[str, int], str] = {}

    def nodes(self) -> list[onnx.NodeProto]:
        """The nodes, with casts where float16 begins and ends."""
        outputs = {output.name for output in self._graph.output}
        for old in self._graph.node:
            node = onnx.NodeProto()
            node.CopyFrom(old)
            stays = old.op_type in _PASSES_HALF and old.input[0] in self._half
            is_half = (stays or old.op_type in _MAKES_HALF) and not outputs.intersection(old.output)
            for place, name in enumerate(old.input):
                if is_half:
                    node.input[place] = self._as_half(name) if _is_float_input(old, place) else name
                elif name in self._half and old.op_type not in _TAKES_ANY:
                    node.input[place] = self._cast(name, TensorProto.FLOAT)
            self._half.update(old.output if is_half else ())
            self._nodes.append(node)
        return self._nodes

    def constants(self) -> list[onnx.TensorProto]:
        """The constants still read, each in the type it is read in."""
        read = {name for node in self._nodes for name in node.input}
        return [tensor for name, tensor in (self._constants | self._halved).items() if name in read]

    def _as_half(self, name: str) -> str:
        if name in self._half or not name:
            return name
        if name not in self._constants:
            return self._cast(name, TensorProto.FLOAT16)
        with np.errstate(over="ignore"):  # found below
            array = numpy_helper.to_array(self._constants[name]).astype(np.float16)
        if not np.isfinite(array).all():
            msg = "the model has weights beyond float16; it can be run in f32"
            raise EngineError(msg)
        halved = f"{name}_half"
        self._halved[halved] = numpy_helper.from_array(array, halved)
        return halved

    def _cast(self, name: str, to: int) -> str:
        if (name, to) not in self._casts:
            cast = f"{name}_as_{TensorProto.DataType.Name(to).lower()}"
            self._nodes.append(helper.make_node("Cast", [name], [cast], name=cast, to=to))
            self._casts[name, to] = cast
        return self._casts[name, to]


def _is_float_input(node: onnx.NodeProto, place: int) -> bool:
    """Resize and Pad read sizes beside the tensor, Pad a value too; the others tensors alone."""
    return place in _FLOAT_INPUTS.get(node.op_type, range(len(node.input)))
