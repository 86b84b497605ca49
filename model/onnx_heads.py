"""Heads in ONNX: from a body's logits to what is asked for, one tile at a time, without weights.

    logits (1, C, h, w) ─ rows · logits · columns ─ softmax ▶ scores (1, C, H, W) float32
                                                     argmax ▶ mask   (1, H, W) uint8
                                            argmax and max  ▶ mask and top (1, H, W) float32
                                               one class's  ▶ plane  (1, H, W) float32
                                               the k best   ▶ ids and best (1, k, H, W)

`rows` (H, h) and `columns` (w, W) are the tile's share of the upsampling (model/upsampling.py).
The mask is the argmax of the scores, not of the logits: two logits may differ where their float32
probabilities are equal, and clients take the argmax of the probabilities.
"""

import onnx
from onnx import TensorProto, helper

from model.onnx_writer import OnnxWriter

_Tensors = dict[str, tuple[int, list[int | str]]]
"""By name: element type and shape."""

_FLOAT, _BYTE, _LONG = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64
_INPUTS: _Tensors = {
    "logits": (_FLOAT, [1, "C", "h", "w"]),
    "rows": (_FLOAT, ["H", "h"]),
    "columns": (_FLOAT, ["w", "W"]),
}
_CLASS: _Tensors = {"class": (_LONG, [1])}
_K: _Tensors = {"k": (_LONG, [1])}
_IDS: _Tensors = {"ids": (_BYTE, [1, "k", "H", "W"])}
_BEST: _Tensors = {"best": (_FLOAT, [1, "k", "H", "W"])}
_MASK: _Tensors = {"mask": (_BYTE, [1, "H", "W"])}
_TOP: _Tensors = {"top": (_FLOAT, [1, "H", "W"])}
_PLANE: _Tensors = {"plane": (_FLOAT, [1, "H", "W"])}
_SCORES: _Tensors = {"scores": (_FLOAT, [1, "C", "H", "W"])}


def head_model(need: str) -> onnx.ModelProto:
    """The head for `mask`, `top`, `top_k` (input `k`), `plane` (input `class`) or `scores`."""
    writer = OnnxWriter(need)
    scores = _scores(writer)
    match need:
        case "mask":
            _argmax(writer, scores)
            return _model(writer, {}, _MASK)
        case "top":
            _argmax(writer, scores)
            writer.op("ReduceMax", scores, writer.ints(1), output="top", keepdims=0)
            return _model(writer, {}, _MASK | _TOP)
        case "top_k":
            _top_k(writer, scores)
            return _model(writer, _K, _IDS | _BEST)
        case "plane":
            chosen = writer.op("Gather", scores, "class", axis=1)
            writer.op("Squeeze", chosen, writer.ints(1), output="plane")
            return _model(writer, _CLASS, _PLANE)
        case "scores":
            writer.op("Identity", scores, output="scores")
            return _model(writer, {}, _SCORES)
    raise KeyError(need)


def _scores(writer: OnnxWriter) -> str:
    wide = writer.op("MatMul", "logits", "columns")  # (1, C, h, W)
    return writer.op("Softmax", writer.op("MatMul", "rows", wide), axis=1)  # (1, C, H, W)


def _argmax(writer: OnnxWriter, scores: str) -> None:
    ids = writer.op("ArgMax", scores, axis=1, keepdims=0)
    writer.op("Cast", ids, output="mask", to=_BYTE)


def _top_k(writer: OnnxWriter, scores: str) -> None:
    best, places = writer.ops("TopK", scores, "k", outputs=2, axis=1)
    writer.op("Cast", places, output="ids", to=_BYTE)
    writer.op("Identity", best, output="best")


def _model(writer: OnnxWriter, more: _Tensors, outputs: _Tensors) -> onnx.ModelProto:
    return writer.model(
        *(
            [helper.make_tensor_value_info(name, *kind) for name, kind in tensors.items()]
            for tensors in (_INPUTS | more, outputs)
        )
    )
