"""MXNet's operators in ONNX's: one function each, as many as GluonCV's segmentation networks use.

Every function takes the writer, the node and the names of its inputs, and returns the name of its
output. Tensors are (N, C, H, W) float32. An operator that is not here is an ArtifactError by name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from model.errors import ArtifactError
from model.graph import Node
from model.onnx_writer import OnnxWriter

_FLOAT = 1  # onnx.TensorProto.FLOAT
_Translator = Callable[[OnnxWriter, Node, list[str]], str]


def convolution(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Weight (out, in/groups, kh, kw); the bias is the third input where there is one."""
    pad = node.ints("pad", (0, 0))
    return writer.op(
        "Conv",
        *inputs,
        kernel_shape=node.ints("kernel", ()),
        strides=node.ints("stride", (1, 1)),
        dilations=node.ints("dilate", (1, 1)),
        pads=(*pad, *pad),
        group=int(node.attrs.get("num_group", "1")),
    )


def batch_norm(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Only what no convolution took in (see model.onnx_graph.py)."""
    return writer.op("BatchNormalization", *inputs, epsilon=float(node.attrs.get("eps", "1e-3")))


def pooling(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Max, average or global average."""
    kind = {"max": "MaxPool", "avg": "AveragePool"}[node.attrs.get("pool_type", "max")]
    if _true(node, "global_pool"):
        return writer.op(f"Global{kind}", *inputs)
    pad = node.ints("pad", (0, 0))
    ceil = node.attrs.get("pooling_convention", "valid") == "full"
    counts: dict[str, Any] = {"count_include_pad": 1} if kind == "AveragePool" else {}
    return writer.op(
        kind,
        *inputs,
        kernel_shape=node.ints("kernel", ()),
        strides=node.ints("stride", (1, 1)),
        pads=(*pad, *pad),
        ceil_mode=int(ceil),
        **counts,
    )


def adaptive_pool(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """To k by k cells of any map: A_h · x · A_wᵀ, or the global average for k = 1."""
    (cells,) = node.ints("output_size", ())
    if cells == 1:
        return writer.op("GlobalAveragePool", *inputs)
    rows = _averaging(writer, inputs[0], 2, cells)
    columns = writer.op("Transpose", _averaging(writer, inputs[0], 3, cells), perm=(1, 0))
    return writer.op("MatMul", rows, writer.op("MatMul", inputs[0], columns))


def _averaging(writer: OnnxWriter, tensor: str, axis: int, cells: int) -> str:
    """(cells, length): row i averages from floor(i L / cells) up to ceil((i + 1) L / cells)."""
    length = writer.op("Shape", tensor, start=axis, end=axis + 1)
    zero, one = (writer.constant(np.array(number, np.int64)) for number in (0, 1))
    position = writer.op("Range", zero, writer.op("Squeeze", length), one)
    cell = np.arange(cells, dtype=np.int64)[:, None]
    count = writer.ints(cells)
    begin = writer.op("Div", writer.op("Mul", writer.constant(cell), length), count)
    past = writer.op("Mul", writer.constant(cell + 1), length)
    end = writer.op("Div", writer.op("Add", past, writer.ints(cells - 1)), count)
    after = writer.op("GreaterOrEqual", position, begin)
    within = writer.op("And", after, writer.op("Less", position, end))
    share = writer.op("Cast", within, to=_FLOAT)
    return writer.op("Div", share, writer.op("Cast", writer.op("Sub", end, begin), to=_FLOAT))


def pad(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """MXNet lists (before, after) axis by axis; ONNX all befores, then all afters."""
    widths = node.ints("pad_width", ())
    value = writer.constant(np.array(float(node.attrs.get("constant_value", "0")), np.float32))
    return writer.op("Pad", *inputs, writer.ints(*widths[0::2], *widths[1::2]), value)


def activation(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """GluonCV's segmentation networks know relu alone."""
    kind = node.attrs.get("act_type", "")
    if kind != "relu":
        raise _unknown(kind)
    return writer.op("Relu", *inputs)


def flatten_map(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Reshape; 0 keeps an axis and -1 takes what is left, in both."""
    return writer.op("Reshape", *inputs, writer.ints(*node.ints("shape", ())))


def batch_dot(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """(N, rows, columns) products, either side transposed on demand."""
    sides = [
        writer.op("Transpose", side, perm=(0, 2, 1)) if _true(node, f"transpose_{name}") else side
        for side, name in zip(inputs, "ab", strict=True)
    ]
    return writer.op("MatMul", *sides)


def maximum(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Over one axis, kept where the node says so."""
    axes = writer.ints(*node.ints("axis", ()))
    return writer.op("ReduceMax", *inputs, axes, keepdims=int(_true(node, "keepdims")))


def _plain(kind: str, **attributes: Any) -> _Translator:
    return lambda writer, _node, inputs: writer.op(kind, *inputs, **attributes)


def _true(node: Node, key: str) -> bool:
    return node.attrs.get(key, "False") in {"True", "1"}


def _unknown(name: str) -> ArtifactError:
    return ArtifactError(f"the network has an operator that cannot be converted: {name}")


TRANSLATORS: dict[str, _Translator] = {
    "Convolution": convolution,
    "BatchNorm": batch_norm,
    "Pooling": pooling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_pool,
    "Pad": pad,
    "Activation": activation,
    "relu": _plain("Relu"),
    "Dropout": lambda _writer, _node, inputs: inputs[0],
    "elemwise_add": _plain("Add"),
    "elemwise_sub": _plain("Sub"),
    "broadcast_mul": _plain("Mul"),
    "Concat": _plain("Concat", axis=1),
    "Reshape": flatten_map,
    "batch_dot": batch_dot,
    "softmax": _plain("Softmax", axis=-1),
    "max": maximum,
    "broadcast_like": lambda writer, _node, inputs: writer.op(
        "Expand", inputs[0], writer.op("Shape", inputs[1])
    ),
    # Only ever (N, C, H·W) back to the (N, C, H, W) it came from.
    "reshape_like": lambda writer, _node, inputs: writer.op(
        "Reshape", inputs[0], writer.op("Shape", inputs[1])
    ),
}


def translate(writer: OnnxWriter, node: Node, inputs: list[str]) -> str:
    """Append what `node` computes; returns the name of its output.

    Raises:
        ArtifactError: there is no translation.
    """
    if node.op not in TRANSLATORS:
        raise _unknown(node.op)
    return TRANSLATORS[node.op](writer, node, inputs)
